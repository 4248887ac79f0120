//! Customers, accounts and cards in the content hash.

use super::ContentHash;
use crate::customer::{Account, Card, User};

impl ContentHash {
    /// Adds a customer.
    pub fn add_user(&mut self, user: &User) {
        let User { id, username, first_name, last_name, email, city, created_at, settings } = user;
        let mut record = Record::new("user");
        record.number(id.number());
        for text in [username, first_name, last_name, email, city, &settings.theme] {
            record.text(text);
        }
        record.number(created_at.seconds());
        record.number(settings.notifications);
        self.add_record(&record);
    }

    /// Adds a deposit account.
    pub fn add_account(&mut self, account: &Account) {
        let Account {
            id,
            user,
            kind,
            currency,
            status,
            opening_balance,
            balance,
            salary,
            employer,
            postings,
        } = account;
        let mut record = Record::new("account");
        record.number(id.number());
        record.number(user.number());
        for text in [kind.name(), currency.code(), status.name()] {
            record.text(text);
        }
        for amount in [opening_balance, balance, salary] {
            record.number(amount.minor());
        }
        record.number(employer.map_or(-1, |hub| i64::from(hub.0)));
        record.number(postings.cast_signed());
        self.add_record(&record);
    }

    /// Adds a card.
    pub fn add_card(&mut self, card: &Card) {
        let Card {
            id,
            account,
            last_four,
            status,
            limit,
            billing_day,
            profile,
            spend,
            issued,
            expires,
            last_bill,
            postings,
        } = card;
        let mut record = Record::new("card");
        record.number(id.number());
        record.number(account.number());
        record.number(*last_four);
        record.text(status.name());
        record.number(limit.minor());
        record.number(*billing_day);
        record.text(profile);
        record.number(spend.minor());
        record.number(issued.number());
        record.number(expires.number());
        record.number(last_bill.map_or(-1, |day| i64::from(day.number())));
        record.number(postings.cast_signed());
        self.add_record(&record);
    }

    fn add_record(&mut self, record: &Record) {
        let mut half = [0; 16];
        record.0.finalize_xof().fill(&mut half);
        self.0 = self.0.wrapping_add(u128::from_le_bytes(half));
    }
}

/// Fields one after the other, each so that its end is known.
struct Record(blake3::Hasher);

impl Record {
    /// A record of a table; equal fields in another table give another hash.
    fn new(table: &str) -> Self {
        let mut record = Self(blake3::Hasher::new());
        record.text(table);
        record
    }

    fn number(&mut self, number: impl Into<i64>) {
        self.0.update(&number.into().to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.0.update(&(text.len() as u64).to_le_bytes());
        self.0.update(text.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        AccountId, AccountKind, AccountStatus, CardId, CardStatus, Currency, Day, HubId, Instant,
        Money, Settings, UserId,
    };

    fn user() -> User {
        User {
            id: UserId::new(1),
            username: "ab".to_owned(),
            first_name: "c".to_owned(),
            last_name: "d".to_owned(),
            email: "e".to_owned(),
            city: "f".to_owned(),
            created_at: Instant::from_seconds(5),
            settings: Settings { theme: "light".to_owned(), notifications: true },
        }
    }

    fn account() -> Account {
        Account {
            id: AccountId::new(1),
            user: UserId::new(1),
            kind: AccountKind::Checking,
            currency: Currency::USD,
            status: AccountStatus::Active,
            opening_balance: Money::from_minor(1),
            balance: Money::from_minor(2),
            salary: Money::from_minor(3),
            employer: Some(HubId(4)),
            postings: 5,
        }
    }

    fn card() -> Card {
        Card {
            id: CardId::new(1),
            account: AccountId::new(1),
            last_four: 2,
            status: CardStatus::Active,
            limit: Money::from_minor(3),
            billing_day: 4,
            profile: "P".to_owned(),
            spend: Money::from_minor(5),
            issued: Day::default(),
            expires: Day::MAX,
            last_bill: None,
            postings: 6,
        }
    }

    fn hash_of(add: impl FnOnce(&mut ContentHash)) -> ContentHash {
        let mut hash = ContentHash::EMPTY;
        add(&mut hash);
        hash
    }

    #[test]
    fn every_field_counts() {
        let users: [fn(&mut User); 4] = [
            |u| (u.username, u.first_name) = ("a".to_owned(), "bc".to_owned()),
            |u| u.city.push('x'),
            |u| u.created_at = Instant::from_seconds(6),
            |u| u.settings.notifications = false,
        ];
        let base = hash_of(|hash| hash.add_user(&user()));
        for change in users {
            let mut changed = user();
            change(&mut changed);
            assert_ne!(hash_of(|hash| hash.add_user(&changed)), base);
        }
        let accounts: [fn(&mut Account); 4] = [
            |a| a.employer = None,
            |a| a.balance = Money::from_minor(0),
            |a| a.status = AccountStatus::Frozen,
            |a| a.postings = 0,
        ];
        let base = hash_of(|hash| hash.add_account(&account()));
        for change in accounts {
            let mut changed = account();
            change(&mut changed);
            assert_ne!(hash_of(|hash| hash.add_account(&changed)), base);
        }
        let cards: [fn(&mut Card); 4] = [
            |c| c.last_bill = Some(Day::default()),
            |c| c.spend = Money::ZERO,
            |c| c.profile.push('x'),
            |c| c.status = CardStatus::Blocked,
        ];
        let base = hash_of(|hash| hash.add_card(&card()));
        for change in cards {
            let mut changed = card();
            change(&mut changed);
            assert_ne!(hash_of(|hash| hash.add_card(&changed)), base);
        }
    }

    #[test]
    fn records_add_up_in_any_order() {
        let forth = hash_of(|hash| {
            hash.add_user(&user());
            hash.add_account(&account());
        });
        let mut back = hash_of(|hash| hash.add_account(&account()));
        back.merge(hash_of(|hash| hash.add_user(&user())));
        assert_eq!(forth, back);
    }
}
