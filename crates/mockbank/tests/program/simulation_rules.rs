//! The rules of the default world, seen through the API.

use serde_json::Value;

use crate::harness::{Sandbox, Server};

/// What a client sees of a customer, a whole year long.
struct Life {
    account: Value,
    card: Value,
    rows: Vec<Value>,
}

fn lives(users: u32) -> Vec<Life> {
    let sandbox = Sandbox::new();
    sandbox.done(&format!("init --users {users} --days 365"));
    let server = sandbox.serve("--no-rate-limit");
    (1..=users).map(|number| life(&server, number)).collect()
}

fn life(server: &Server, number: u32) -> Life {
    let token = server.token(&format!("user{number}"));
    let mut rows = Vec::new();
    for page in 1.. {
        let path = format!("/accounts/acc_{number}/transactions?sort=asc&limit=100&page={page}");
        let answer = server.found(&path, &token);
        rows.extend(answer["transactions"].as_array().unwrap().iter().cloned());
        if answer["meta"]["has_next"] == false {
            break;
        }
    }
    Life {
        account: server.found(&format!("/accounts/acc_{number}"), &token),
        card: server.found(&format!("/cards/card_{number}"), &token),
        rows,
    }
}

/// Minor units of an amount, which has two decimals at most.
#[expect(clippy::cast_possible_truncation, reason = "amounts of a test world are small")]
fn cents(amount: &Value) -> i64 {
    (amount.as_f64().unwrap() * 100.0).round() as i64
}

fn text<'a>(row: &'a Value, member: &str) -> &'a str {
    row[member].as_str().unwrap()
}

fn day(row: &Value) -> u32 {
    text(row, "date")[8..10].parse().unwrap()
}

#[test]
fn a_year_of_the_default_world_follows_its_rules() {
    for Life { account, card, rows } in lives(6) {
        let salary = cents(&account["salary_amount"]);
        assert!((300_000..=900_000).contains(&salary) && salary % 10_000 == 0, "{salary}");

        let income: Vec<_> = rows.iter().filter(|row| text(row, "category") == "Income").collect();
        assert_eq!(income.len(), 24);
        let employer = text(income[0], "description");
        for row in income {
            assert!(matches!(day(row), 1 | 15));
            assert_eq!(cents(&row["amount"]), salary / 2);
            assert_eq!(text(row, "description"), employer);
            assert!(employer.to_lowercase().contains("payroll"), "{employer}");
        }

        let (least, most) = match text(&card, "spending_profile") {
            "FRUGAL" => (200, 6_000),
            "AVERAGE" => (500, 20_000),
            "SPENDER" => (1_000, 80_000),
            other => panic!("unknown profile {other}"),
        };
        let mut owed = 0;
        for row in rows.iter().filter(|row| !row["card_id"].is_null()) {
            let amount = cents(&row["amount"]);
            owed -= amount;
            assert!((0..=500_000).contains(&owed), "{owed}");
            if text(row, "category") == "Bills" {
                assert_eq!(owed, 0, "the bill pays all that is owed");
                assert_eq!(u64::from(day(row)), card["billing_day"].as_u64().unwrap());
                continue;
            }
            assert!((least..=most).contains(&-amount), "{amount}");
            let categories = [
                "Food & Dining",
                "Shopping",
                "Transport",
                "Entertainment",
                "Health & Wellness",
                "Travel",
                "Utilities",
            ];
            assert!(categories.contains(&text(row, "category")), "{row}");
        }
        assert_eq!(owed, cents(&card["current_spend"]));
        assert!(matches!(card["billing_day"].as_u64(), Some(1 | 10 | 15)));

        let moved: i64 = rows
            .iter()
            .filter(|row| row["card_id"].is_null())
            .map(|row| cents(&row["amount"]))
            .sum();
        let opening = cents(&account["balance"]) - moved;
        assert!((100_000..=500_000).contains(&opening), "{opening}");
    }
}

#[test]
fn cards_expire_after_three_years() {
    let sandbox = Sandbox::new();
    sandbox.done("init --users 1 --days 1");
    let server = sandbox.serve("--no-rate-limit");
    let card = server.found("/cards/card_1", &server.token("user1"));
    assert_eq!(card["issue_date"], "2025-01-01");
    assert!(
        text(&card, "expiry_date").starts_with("2028-01-01")
            || text(&card, "expiry_date") == "2027-12-31"
    );
}
