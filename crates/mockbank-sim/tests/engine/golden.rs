//! Content hashes of whole worlds. They change with the model's version and with nothing else:
//! not with the machine, the compiler, or the other crates in the build.

use std::fmt::Write;

use crate::common::{TRANSFERS_ON, hash, world};

#[test]
fn worlds_are_what_they_were() {
    let mut hashes = String::new();
    for (seed, users, days) in [(1, 5, 30), (1, 100, 90), (42, 100, 90), (u64::MAX, 10, 400)] {
        let classic = hash(&world(&[], seed, users), users, days);
        writeln!(hashes, "classic seed {seed} users {users} days {days}: {classic}").unwrap();
    }
    let transfers = hash(&world(&[TRANSFERS_ON], 1, 1_000), 1_000, 30);
    writeln!(hashes, "with transfers seed 1 users 1000 days 30: {transfers}").unwrap();
    insta::assert_snapshot!(hashes, @r#"
    classic seed 1 users 5 days 30: 904bf96e49f75b7f8f79d77cedb6db1e
    classic seed 1 users 100 days 90: 5bea70c28f814d1a90021dee52f8066c
    classic seed 42 users 100 days 90: 28454b3fb5b23b2ac7fc0364712a9f78
    classic seed 18446744073709551615 users 10 days 400: 54a2bb1e6a76e1a65f2896d75bb16932
    with transfers seed 1 users 1000 days 30: bf38cca14a41d0f8e2f96c8cfe13b676
    "#);
}

#[test]
fn newcomers_are_who_they_were() {
    let world = world(&[], 1, 3);
    let mut people = String::new();
    for number in [1, 2, 3, 1_000_000] {
        let newcomer = world.newcomer(number);
        let (user, account, card) = (newcomer.user, &newcomer.accounts[0], &newcomer.cards[0]);
        writeln!(
            people,
            "{} {} <{}> {}; {} salary {} employer {}; {} {} day {} until {}",
            user.username,
            user.last_name,
            user.email,
            user.city,
            account.balance,
            account.salary,
            account.employer.unwrap().0,
            card.masked_number(),
            card.profile,
            card.billing_day,
            card.expires,
        )
        .unwrap();
    }
    insta::assert_snapshot!(people, @r#"
    user1 Smith <alyssa.smith1@example.com> New York City, NY; 1457.13 salary 8900.00 employer 11; ****-****-****-4040 SPENDER day 1 until 2028-01-01
    user2 Washington <sandra.washington2@example.com> El Paso, TX; 4756.54 salary 5300.00 employer 131; ****-****-****-6442 AVERAGE day 1 until 2028-01-01
    user3 Bruce <julie.bruce3@example.com> New York City, NY; 3597.02 salary 8500.00 employer 157; ****-****-****-9879 FRUGAL day 1 until 2028-01-01
    user1000000 Erickson <travis.erickson1000000@example.com> San Diego, CA; 2572.16 salary 5100.00 employer 74; ****-****-****-2642 AVERAGE day 15 until 2028-01-01
    "#);
}
