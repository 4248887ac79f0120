//! Orders as the bank's commands.

use mockbank_bank::Currency;
use mockbank_bank::command::{CardOrder, Command, NewUser, TransferOrder};

use crate::bank::Order;

/// Years until a card that was issued by hand expires.
const CARD_YEARS: u8 = 3;

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
