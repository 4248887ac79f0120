use mockbank_store::Writer;
use serde_json::{Value, json};

use crate::client::TestServer;

fn order(from: &str, to: &str, amount: &Value) -> Value {
    json!({"from_account_id": from, "to_account_id": to, "amount": amount})
}

/// The balance of an account as its number stands in the answer.
async fn balance(server: &TestServer, username: &str, account: &str) -> String {
    let text = server.get_as(username, &format!("/accounts/{account}")).await.text;
    let from = text.find("\"balance\":").unwrap() + "\"balance\":".len();
    text[from..].split([',', '}']).next().unwrap().to_owned()
}

#[tokio::test]
async fn a_transfer_moves_money_and_leaves_two_records() {
    let server = TestServer::new();
    let (payer, payee) = (server.token("user1").await, server.token("user2").await);
    let (before, other) =
        (balance(&server, "user1", "acc_1").await, balance(&server, "user2", "acc_3").await);
    assert_eq!((before.as_str(), other.as_str()), ("3319.50", "1000.00"));
    let mut body = order("acc_1", "acc_3", &json!(120.5));
    body["description"] = json!("Rent for \"May\"");
    let answer = server.post(&payer, "/transfers", &body).await;
    let transfer = answer.done(201);
    let [debit, credit] = [&transfer["transactions"][0], &transfer["transactions"][1]];
    assert_eq!(transfer["transfer_group_id"], debit["transfer_group_id"]);
    assert_eq!(transfer["transfer_group_id"], credit["transfer_group_id"]);
    assert!(answer.text.contains("\"amount\":-120.50"), "{}", answer.text);
    for (token, record, account) in [(&payer, debit, "acc_1"), (&payee, credit, "acc_3")] {
        let path = format!("/transactions/{}", record["transaction_id"].as_str().unwrap());
        assert_eq!(&server.get_with(token, &path).await.ok(), record);
        assert_eq!(record["account_id"], account);
        assert_eq!(record["description"], "Rent for \"May\"");
        assert_eq!(record["category"], "Transfer");
        assert_eq!(record["date"], "2025-01-31T00:00:00Z");
    }
    assert_eq!(balance(&server, "user1", "acc_1").await, "3199.00");
    assert_eq!(balance(&server, "user2", "acc_3").await, "1120.50");
}

#[tokio::test]
async fn amounts_are_read_to_the_cent() {
    let server = TestServer::new();
    let token = server.token("user1").await;
    for (amount, moved) in
        [("0.1", "-0.10"), ("1e2", "-100.00"), ("2.500", "-2.50"), ("1E-2", "-0.01")]
    {
        let body = format!(
            "{{\"from_account_id\":\"acc_1\",\"to_account_id\":\"acc_2\",\"amount\":{amount}}}"
        );
        let answer = server.send_text("POST", &token, "/transfers", &body).await;
        answer.done(201);
        assert!(answer.text.contains(&format!("\"amount\":{moved}")), "{}", answer.text);
    }
    assert_eq!(balance(&server, "user1", "acc_1").await, "3216.89");
}

#[tokio::test]
async fn refusals_have_their_codes_and_change_nothing() {
    let server = TestServer::new();
    let token = server.token("user1").await;
    for (body, status, code) in [
        (order("acc_1", "acc_2", &json!(3319.51)), 409, "insufficient_funds"),
        (order("acc_1", "acc_2", &json!(0)), 422, "invalid_fields"),
        (order("acc_1", "acc_2", &json!(-5)), 422, "invalid_fields"),
        (order("acc_1", "acc_2", &json!(10_000_000_000.01)), 422, "invalid_fields"),
        (order("acc_1", "acc_2", &json!(1e300)), 422, "invalid_fields"),
        (order("acc_1", "acc_1", &json!(1)), 409, "same_account"),
        (order("acc_1", "acc_99", &json!(1)), 404, "unknown_account"),
        (order("acc_99", "acc_1", &json!(1)), 404, "not_found"),
        (order("acc_2", "acc_1", &json!(1)), 403, "forbidden"),
        (order("acc_1", "acc_2", &json!(0.001)), 422, "invalid_fields"),
    ] {
        let answer = server.post(&token, "/transfers", &body).await;
        assert_eq!(answer.code(status), code, "{body}");
    }
    assert_eq!(balance(&server, "user1", "acc_1").await, "3319.50");
    server.post("x", "/transfers", &order("acc_1", "acc_2", &json!(1))).await.refusal(401);
}

#[tokio::test]
async fn every_wrong_field_is_named() {
    let server = TestServer::new();
    let token = server.token("user1").await;
    let body = json!({"from_account_id": 7, "amount": "5", "description": ""});
    let answer = server.post(&token, "/transfers", &body).await;
    assert_eq!(answer.code(422), "invalid_fields");
    let problem = answer.json();
    let named: Vec<_> = problem["errors"].as_array().unwrap().iter().collect();
    let fields: Vec<_> =
        named.iter().map(|error| (error["field"].as_str(), error["code"].as_str())).collect();
    assert_eq!(
        fields,
        [
            (Some("from_account_id"), Some("wrong_type")),
            (Some("to_account_id"), Some("missing")),
            (Some("amount"), Some("wrong_type")),
            (Some("description"), Some("length")),
        ]
    );
    for (text, status) in [("{", 400), ("[]", 422), ("{\"amuont\": 5}", 422), ("", 422)] {
        server.send_text("POST", &token, "/transfers", text).await.refusal(status);
    }
}

#[tokio::test]
async fn a_key_makes_a_transfer_once() {
    let server = TestServer::new();
    let (first, second) = (server.token("user1").await, server.token("user2").await);
    let body = order("acc_1", "acc_2", &json!(10));
    let made = server.post_once(&first, "/transfers", "k", &body).await;
    made.done(201);
    assert_eq!(made.header("idempotency-replayed"), None);
    let again = server.post_once(&first, "/transfers", "k", &body).await;
    assert_eq!((again.status, &again.text), (made.status, &made.text));
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    let other = order("acc_1", "acc_2", &json!(11));
    let answer = server.post_once(&first, "/transfers", "k", &other).await;
    assert_eq!(answer.code(409), "key_reused");
    let answer = server.post_once(&first, "/holds", "k", &body).await;
    assert_eq!(answer.code(409), "key_reused");
    assert_eq!(balance(&server, "user1", "acc_1").await, "3309.50");
    // Another customer's key is another key.
    let back = order("acc_2", "acc_1", &json!(10));
    server.post_once(&second, "/transfers", "k", &back).await.done(201);
    // A refusal is not kept.
    let much = order("acc_3", "acc_2", &json!(1500));
    assert_eq!(
        server.post_once(&second, "/transfers", "m", &much).await.code(409),
        "insufficient_funds"
    );
    let filled = order("acc_2", "acc_3", &json!(500));
    server.post(&second, "/transfers", &filled).await.done(201);
    server.post_once(&second, "/transfers", "m", &much).await.done(201);
    for key in ["", "two words", "\u{e4}", &"k".repeat(256)] {
        server.post_once(&first, "/transfers", key, &body).await.refusal(400);
    }
}

#[tokio::test]
async fn a_batch_stands_and_falls_together_or_not() {
    let server = TestServer::new();
    let token = server.token("user1").await;
    let transfers = [
        order("acc_1", "acc_2", &json!(1000)),
        order("acc_1", "acc_3", &json!(9000)),
        order("acc_1", "acc_3", &json!(2000)),
    ];
    let batch = |mode: &str, transfers: &[Value]| json!({"mode": mode, "transfers": transfers});
    let path = "/transfers/batch";
    let refused = server.post(&token, path, &batch("atomic", &transfers)).await;
    assert_eq!(refused.code(409), "insufficient_funds");
    assert_eq!(refused.json()["errors"][0]["field"], "transfers[1]");
    assert_eq!(balance(&server, "user1", "acc_1").await, "3319.50");
    let answer = server.post_once(&token, path, "b", &batch("independent", &transfers)).await;
    let made = answer.done(200);
    assert_eq!((&made["accepted"], &made["refused"]), (&json!(2), &json!(1)));
    let statuses: Vec<_> =
        made["results"].as_array().unwrap().iter().map(|result| &result["status"]).collect();
    assert_eq!(statuses, ["ACCEPTED", "REFUSED", "ACCEPTED"]);
    assert_eq!(made["results"][1]["code"], "insufficient_funds");
    assert_eq!(balance(&server, "user1", "acc_1").await, "319.50");
    let again = server.post_once(&token, path, "b", &batch("independent", &transfers)).await;
    assert_eq!(again.text, answer.text);
    assert_eq!(balance(&server, "user1", "acc_1").await, "319.50");
    let small = batch("atomic", &[order("acc_1", "acc_2", &json!(1))]);
    assert_eq!(server.post(&token, path, &small).await.done(200)["accepted"], 1);
    for wrong in [
        batch("atomic", &[]),
        batch("atomic", &vec![transfers[0].clone(); 1001]),
        batch("some", &transfers),
        batch("atomic", &[json!({"amount": 5})]),
    ] {
        assert_eq!(server.post(&token, path, &wrong).await.code(422), "invalid_fields");
    }
    let foreign = [order("acc_2", "acc_1", &json!(1))];
    server.post(&token, path, &batch("independent", &foreign)).await.refusal(403);
}

#[tokio::test]
async fn a_server_that_only_reads_says_so() {
    let server = TestServer::reading_only();
    let token = server.token("user1").await;
    let body = order("acc_1", "acc_2", &json!(1));
    assert_eq!(server.post(&token, "/transfers", &body).await.code(503), "read_only");
    server.get_with(&token, "/accounts/acc_1").await.ok();
}

#[tokio::test]
async fn a_full_line_is_told_to_come_back() {
    let server = TestServer::with_capacity(2);
    let token = server.token("user1").await;
    let teller = server.teller.clone().unwrap();
    let (release, released) = std::sync::mpsc::channel::<()>();
    let (begin, begun) = tokio::sync::oneshot::channel();
    let busy = tokio::spawn(async move {
        let act = move |_: &mut dyn Writer| {
            begin.send(()).unwrap();
            let _ = released.recv();
        };
        teller.with_writer(Box::new(act)).await.unwrap();
    });
    begun.await.unwrap();
    let body = json!({"from_account_id": "acc_1", "to_account_id": "acc_2", "amount": 1});
    let ask = |key: &'static str| server.post_once(&token, "/transfers", key, &body);
    let (waiting, turned_away) = tokio::join!(async { tokio::join!(ask("a"), ask("b")) }, async {
        // In turn behind the two, so that they stand in the line.
        let answer = ask("c").await;
        drop(release);
        answer
    });
    busy.await.unwrap();
    assert_eq!((waiting.0.status.as_u16(), waiting.1.status.as_u16()), (201, 201));
    turned_away.refusal(503);
    assert_eq!(turned_away.header("retry-after"), Some("1"));
    assert_eq!(ask("c").await.status, 201);
}
