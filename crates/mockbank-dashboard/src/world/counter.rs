//! Orders as the bank's commands, and what the teller made of them.

use std::sync::mpsc::channel;

use mockbank_bank::Currency;
use mockbank_bank::command::{CardOrder, Command, NewUser, Outcome, Refused, TransferOrder};
use mockbank_store::sqlite::SqliteTeller;
use mockbank_store::{Reply, Request, Result};

use crate::bank::Order;

/// Years until a card that was issued by hand expires.
const CARD_YEARS: u8 = 3;

/// Carries a command out and waits until that is durable; `None` if the teller gave no verdict.
pub(super) fn carry_out(
    teller: &SqliteTeller,
    command: Command,
) -> Result<Option<Result<Outcome, Refused>>> {
    let (tell, told) = channel();
    let request = Request {
        command,
        idempotency: None,
        audit: None,
        render: Box::new(move |verdict, _| {
            // Whoever asked waits for the answer below.
            let _ = tell.send(verdict.clone());
            Reply { status: 0, body: Vec::new() }
        }),
    };
    teller.execute_blocking(request)?;
    Ok(told.try_recv().ok())
}

/// The command of an order; a new customer gets the password with this hash.
pub(super) fn command(order: Order, currency: Currency, password_hash: String) -> Command {
    match order {
        Order::Register(new) => Command::RegisterUser(NewUser {
            username: new.username,
            password_hash,
            first_name: new.first_name,
            last_name: new.last_name,
            email: new.email,
            city: new.city,
        }),
        Order::OpenAccount { user, kind } => Command::OpenAccount { user, kind, currency },
        Order::IssueCard(new) => Command::IssueCard(CardOrder {
            account: new.account,
            limit: new.limit,
            billing_day: new.billing_day,
            profile: new.profile,
            last_four: new.last_four,
            valid_years: CARD_YEARS,
        }),
        Order::Manual { target, amount, description } => {
            Command::Manual { target, amount, description }
        }
        Order::Transfer { from, to, amount, description } => {
            Command::Transfer(TransferOrder { from, to, amount, description })
        }
    }
}
