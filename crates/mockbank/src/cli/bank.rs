//! Settings of the bank behind the server: what it allows, and how its writer works.

use clap::{Args, ValueEnum};
use mockbank_bank::counter::Policy;
use mockbank_bank::{AccountKind, Money};
use mockbank_server::CardLimits;
use mockbank_store::{Durability, TellerSettings};

/// How the bank carries orders out.
#[derive(Debug, Args)]
#[command(next_help_heading = "The bank")]
pub(crate) struct BankArgs {
    /// How far below zero a customer's transfer or hold may take a checking account
    #[arg(long, value_name = "AMOUNT", env = "MOCKBANK_OVERDRAFT_CHECKING")]
    #[arg(default_value_t = teller().policy.overdraft(AccountKind::Checking))]
    #[arg(value_parser = not_negative)]
    pub(crate) overdraft_checking: Money,
    /// How far below zero a customer's transfer or hold may take a savings account
    #[arg(long, value_name = "AMOUNT", env = "MOCKBANK_OVERDRAFT_SAVINGS")]
    #[arg(default_value_t = teller().policy.overdraft(AccountKind::Savings))]
    #[arg(value_parser = not_negative)]
    pub(crate) overdraft_savings: Money,
    /// Lowest limit that customers may choose for a card
    #[arg(long, value_name = "AMOUNT", env = "MOCKBANK_CARD_LIMIT_LEAST")]
    #[arg(default_value_t = CardLimits::default().least, value_parser = movable)]
    pub(crate) card_limit_least: Money,
    /// Highest limit that customers may choose for a card
    #[arg(long, value_name = "AMOUNT", env = "MOCKBANK_CARD_LIMIT_MOST")]
    #[arg(default_value_t = CardLimits::default().most, value_parser = movable)]
    pub(crate) card_limit_most: Money,
    /// Limit of a card for which none is chosen
    #[arg(long, value_name = "AMOUNT", env = "MOCKBANK_CARD_LIMIT_DEFAULT")]
    #[arg(default_value_t = CardLimits::default().default, value_parser = movable)]
    pub(crate) card_limit_default: Money,
    /// When an order counts as carried out
    #[arg(long, value_name = "WHEN", env = "MOCKBANK_DURABILITY")]
    #[arg(value_enum, default_value_t = Durable::Full)]
    pub(crate) durability: Durable,
    /// Orders that may wait for the writer; more are refused
    #[arg(long, value_name = "N", env = "MOCKBANK_WRITER_QUEUE")]
    #[arg(default_value_t = teller().capacity)]
    pub(crate) writer_queue: usize,
    /// Reads that are answered for each order where the cores do not suffice for both; 0: as they
    /// come
    #[arg(long, value_name = "N", env = "MOCKBANK_READS_PER_ORDER")]
    #[arg(default_value_t = teller().reads_per_order)]
    pub(crate) reads_per_order: u32,
    /// Seconds for which an answer is kept for its idempotency key
    #[arg(long, value_name = "SECONDS", env = "MOCKBANK_KEY_LIFETIME")]
    #[arg(default_value_t = teller().key_lifetime)]
    #[arg(value_parser = clap::value_parser!(i64).range(1..), allow_negative_numbers = true)]
    pub(crate) key_lifetime: i64,
}

/// When an order counts as carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Durable {
    /// When it is on the disk.
    Full,
    /// When the operating system has it: faster, but the last orders go if the machine fails.
    Process,
}

impl BankArgs {
    /// How the teller works.
    pub(crate) fn teller(&self) -> TellerSettings {
        TellerSettings {
            capacity: self.writer_queue,
            durability: match self.durability {
                Durable::Full => Durability::Full,
                Durable::Process => Durability::Process,
            },
            reads_per_order: self.reads_per_order,
            key_lifetime: self.key_lifetime,
            policy: Policy::default()
                .with_overdraft(AccountKind::Checking, self.overdraft_checking)
                .with_overdraft(AccountKind::Savings, self.overdraft_savings),
            ..TellerSettings::default()
        }
    }

    /// Limits that customers may choose for their cards.
    pub(crate) fn card_limits(&self) -> CardLimits {
        CardLimits {
            least: self.card_limit_least,
            most: self.card_limit_most,
            default: self.card_limit_default,
        }
    }
}

/// The teller's own defaults: they stand there and nowhere else.
fn teller() -> TellerSettings {
    TellerSettings::default()
}

fn not_negative(text: &str) -> Result<Money, String> {
    let amount: Money = text.parse().map_err(|error| format!("{error}"))?;
    if amount.is_negative() || amount > Money::MAX_MOVEMENT {
        return Err(format!("an amount from 0 to {} is needed", Money::MAX_MOVEMENT));
    }
    Ok(amount)
}

fn movable(text: &str) -> Result<Money, String> {
    let amount = not_negative(text)?;
    if amount.is_zero() { Err("an amount above zero is needed".to_owned()) } else { Ok(amount) }
}
