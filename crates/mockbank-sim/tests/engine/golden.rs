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
    classic seed 1 users 5 days 30: 89545dc550da0740ee0d804ec0600d1e
    classic seed 1 users 100 days 90: 82105edca12abf48f58917e23c7e888b
    classic seed 42 users 100 days 90: 44bd75e495f83dae2b30053c0c98eefd
    classic seed 18446744073709551615 users 10 days 400: 0bf95b6990d34e41b33201ccf198fec4
    with transfers seed 1 users 1000 days 30: aef9fae8ea64f0562e7c4e225cc17234
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
    user1 Mcdonald <isaiah.mcdonald1@example.com> Austin, TX; 4917.82 salary 4400.00 employer 144; ****-****-****-9298 AVERAGE day 10 until 2028-01-01
    user2 Love <sandra.love2@example.com> Lubbock, TX; 4959.21 salary 4100.00 employer 12; ****-****-****-8862 SPENDER day 1 until 2028-01-01
    user3 Nelson <julie.nelson3@example.com> Tacoma, WA; 2398.59 salary 9000.00 employer 178; ****-****-****-3681 AVERAGE day 15 until 2028-01-01
    user1000000 Nunez <justin.nunez1000000@example.com> Raleigh, NC; 1094.52 salary 3600.00 employer 55; ****-****-****-6269 FRUGAL day 1 until 2028-01-01
    "#);
}
