//! Answers as they are typed: each is read, or says what it should look like.

use mockbank_bank::rules::Refusal;
use mockbank_bank::{AccountId, CardId, Money, UserId};

pub(super) fn whole_number(text: &str) -> Result<i64, String> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("must be a whole number, such as 30".to_owned());
    }
    // More digits than fit are as far beyond every limit as the largest number is.
    Ok(text.parse().unwrap_or(i64::MAX))
}

/// The number alone stands for the identifier that is asked for.
fn with_prefix(prefix: &str, text: &str) -> String {
    let bare = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if bare { format!("{prefix}{text}") } else { text.to_owned() }
}

pub(super) fn user(text: &str) -> Result<UserId, String> {
    with_prefix("u_", text).parse().map_err(|_| "must be a user, such as u_1".to_owned())
}

pub(super) fn account(text: &str) -> Result<AccountId, String> {
    with_prefix("acc_", text).parse().map_err(|_| "must be an account, such as acc_1".to_owned())
}

pub(super) fn card(text: &str) -> Result<CardId, String> {
    text.parse().map_err(|_| "must be an account or a card, such as acc_1 or card_1".to_owned())
}

fn amount(text: &str) -> Result<Money, String> {
    let amount: Money =
        text.parse().map_err(|error: mockbank_bank::MoneyError| error.to_string())?;
    match amount.checked_abs() {
        Some(size) if size <= Money::MAX_MOVEMENT => Ok(amount),
        _ => Err(Refusal::AmountTooLarge.to_string()),
    }
}

pub(super) fn nonzero(text: &str) -> Result<Money, String> {
    amount(text).and_then(|amount| {
        if amount.is_zero() { Err(Refusal::AmountZero.to_string()) } else { Ok(amount) }
    })
}

pub(super) fn positive(text: &str) -> Result<Money, String> {
    amount(text).and_then(|amount| {
        if amount.is_positive() { Ok(amount) } else { Err(Refusal::AmountNotPositive.to_string()) }
    })
}

pub(super) fn last_four(text: &str) -> Result<u16, String> {
    match text.parse() {
        Ok(digits) if text.len() == 4 && digits <= 9999 && !text.starts_with('+') => Ok(digits),
        _ => Err("must be four digits, such as 1234".to_owned()),
    }
}

pub(super) fn username(text: &str) -> Result<(), String> {
    let allowed = |character: char| character.is_alphanumeric() || "._-".contains(character);
    match text {
        "" => Err("must be filled in".to_owned()),
        text if text.chars().all(allowed) => Ok(()),
        _ => Err("may hold letters, digits, '.', '_' and '-'".to_owned()),
    }
}

pub(super) fn email(text: &str) -> Result<(), String> {
    match text.split_once('@') {
        Some((name, host)) if !name.is_empty() && host.contains('.') && !text.contains(' ') => {
            Ok(())
        }
        _ => Err("must be an e-mail address, such as ann@example.com".to_owned()),
    }
}
