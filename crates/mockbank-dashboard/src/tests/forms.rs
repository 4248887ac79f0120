//! Forms: bad input is caught at the field, with the reason, and the dashboard goes on.

use ratatui::crossterm::event::KeyCode;

use super::fake::{Driver, Fake};
use crate::app::Screen;
use crate::app::form::Form;

fn driver() -> Driver {
    Driver::new(Fake::with_users(5))
}

fn form(driver: &Driver) -> &Form {
    let Screen::Form(form) = driver.app.screen() else { panic!("{:?}", driver.app.screen()) };
    form
}

/// Replaces what is in a field of the form that is open.
fn fill(driver: &mut Driver, field: usize, text: &str) {
    while form(driver).focus != field {
        driver.press(KeyCode::Tab);
    }
    for _ in 0..20 {
        driver.press(KeyCode::Backspace);
    }
    driver.keys(text);
}

fn send(driver: &mut Driver) {
    let last = form(driver).fields.len() - 1;
    while form(driver).focus != last {
        driver.press(KeyCode::Tab);
    }
    driver.press(KeyCode::Enter);
}

#[track_caller]
fn check(menu: &str, field: usize, text: &str, reason: &str) {
    let mut driver = driver();
    driver.keys(menu);
    fill(&mut driver, field, text);
    assert_eq!(form(&driver).fields[field].error.as_deref(), Some(reason), "{text:?}");
    send(&mut driver);
    let form = form(&driver);
    assert!(!form.sent, "{text:?}");
    let first_wrong = form.fields.iter().position(|field| field.error.is_some());
    assert_eq!(Some(form.focus), first_wrong, "{text:?}");
}

#[test]
fn what_is_wrong_is_said_at_the_field() {
    let number = "must be a whole number, such as 30";
    check("2", 0, "soon", number);
    check("2", 0, "-3", number);
    check("2", 0, "1.5", number);
    check("2", 0, "0", "must be above zero");
    check("2", 0, "9999999999", "too many: the bank's time ends in 45416 days");
    check("2", 0, "99999999999999999999", "too many: the bank's time ends in 45416 days");
    check("44", 0, "acc_99", "there is no account acc_99");
    check("44", 0, "card_99", "there is no card card_99");
    check("44", 0, "Ann", "must be an account, such as acc_1");
    check("44", 1, "1.005", "an amount has at most two decimals");
    check("44", 1, "ten", "an amount is a decimal number such as 12.34");
    check("44", 1, "0", "the amount must not be zero");
    check("45", 2, "-50", "the amount must be above zero");
    check("42", 0, "u_77", "there is no user u_77");
    check("43", 4, "12a4", "must be four digits, such as 1234");
    check("41", 0, "no blanks", "may hold letters, digits, '.', '_' and '-'");
    check("41", 3, "nobody", "must be an e-mail address, such as ann@example.com");
}

#[test]
fn the_unit_of_an_evolve_changes_what_is_too_many() {
    let mut driver = driver();
    driver.keys("2");
    fill(&mut driver, 0, "50000");
    assert!(form(&driver).fields[0].error.is_some());
    driver.press(KeyCode::Tab);
    driver.press(KeyCode::Right);
    assert_eq!(form(&driver).fields[0].error, None);
    assert_eq!(form(&driver).fields[0].hint.as_deref(), Some("until 2030-10-15T08:00:00Z"));
}

#[test]
fn the_defaults_are_those_that_were_promised() {
    let mut driver = driver();
    driver.keys("44");
    assert_eq!(form(&driver).fields[1].value(), "-10.00");
    driver.keys("1");
    assert_eq!(form(&driver).fields[0].hint.as_deref(), Some("account of Ann"));
    send(&mut driver);
    assert_eq!(driver.notice(), "booked -10.00 on acc_1; its balance is -210.00 now");
    assert_eq!(driver.app.screen(), &Screen::Manage(0));
    driver.keys("5");
    assert_eq!(form(&driver).fields[2].value(), "50.00");
    fill(&mut driver, 0, "acc_5");
    fill(&mut driver, 1, "2");
    send(&mut driver);
    assert_eq!(driver.notice(), "moved 50.00 from acc_5 to acc_2, which now hold 66.76 and -70.81");
}

#[test]
fn a_refusal_is_shown_and_the_form_can_be_mended() {
    let mut driver = driver();
    driver.keys("45");
    fill(&mut driver, 0, "1");
    fill(&mut driver, 1, "1");
    assert_eq!(
        form(&driver).fields[1].error.as_deref(),
        Some("a transfer needs two different accounts")
    );
    fill(&mut driver, 1, "2");
    send(&mut driver);
    let refusal = form(&driver).refusal.clone();
    assert_eq!(refusal.as_deref(), Some("insufficient funds: -200.00 available"));
    fill(&mut driver, 0, "5");
    send(&mut driver);
    assert!(driver.notice().starts_with("moved 50.00"), "{}", driver.notice());

    driver.keys("4");
    fill(&mut driver, 0, "card_1");
    fill(&mut driver, 1, "-4900");
    send(&mut driver);
    let refusal = form(&driver).refusal.clone();
    assert_eq!(refusal.as_deref(), Some("declined: 4876.55 left of the limit of 5000.00"));
    driver.press(KeyCode::Esc);
    assert_eq!(driver.app.screen(), &Screen::Manage(0));
}

#[test]
fn users_accounts_and_cards_are_made_by_hand() {
    let mut driver = driver();
    driver.keys("41");
    for (field, text) in ["user1", "Zoë", "Ng", "zoe@example.com", "Reno"].into_iter().enumerate()
    {
        fill(&mut driver, field, text);
    }
    send(&mut driver);
    assert_eq!(form(&driver).fields[0].error.as_deref(), Some("the username is taken"));
    fill(&mut driver, 0, "zoe");
    send(&mut driver);
    assert_eq!(driver.notice(), "created u_6, Zoë Ng (zoe)");
    driver.keys("2");
    fill(&mut driver, 0, "u_2");
    send(&mut driver);
    assert_eq!(driver.notice(), "opened acc_6 for u_2");
    driver.keys("3");
    fill(&mut driver, 0, "acc_2");
    send(&mut driver);
    assert_eq!(driver.notice(), "issued card_6 (****-****-****-0042) on acc_2");
}
