//! From screen to screen, long work, live mode, the mouse.

use proptest::prelude::*;
use ratatui::crossterm::event::{
    KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};

use super::fake::{Driver, Fake};
use crate::app::message::{Effect, Event, Work};
use crate::app::{Screen, Target};

const CTRL_C: KeyEvent = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);

fn driver() -> Driver {
    Driver::new(Fake::with_users(5))
}

fn day(driver: &Driver) -> String {
    driver.app.status.as_ref().unwrap().clock.day().to_string()
}

#[test]
fn escape_goes_back_screen_by_screen_and_leaves_from_the_charts() {
    let mut driver = driver();
    driver.keys("3");
    driver.press(KeyCode::Enter);
    assert!(matches!(driver.app.screen(), Screen::Customer(_)));
    driver.press(KeyCode::Esc);
    assert!(matches!(driver.app.screen(), Screen::Customers(_)));
    driver.press(KeyCode::Esc);
    assert_eq!(driver.app.screen(), &Screen::Home);
    assert!(!driver.left);
    driver.press(KeyCode::Esc);
    assert!(driver.left);
}

#[test]
fn a_world_is_wiped_only_when_asked_to_twice() {
    let mut driver = driver();
    driver.keys("2");
    driver.press(KeyCode::Enter);
    driver.press(KeyCode::Enter);
    driver.press(KeyCode::Enter);
    assert_eq!(day(&driver), "2025-02-01");
    driver.keys("1n");
    assert_eq!(driver.notice(), "nothing was changed");
    driver.keys("1");
    driver.press(KeyCode::Enter);
    assert_eq!(day(&driver), "2025-02-01");
    driver.keys("1y");
    assert_eq!(day(&driver), "2025-01-31");
}

#[test]
fn without_a_world_the_first_one_can_be_made() {
    let mut driver = Driver::new(Fake::empty());
    for key in ["2", "3", "4", "l"] {
        driver.keys(key);
        assert!(driver.notice().contains("press 1"), "{key}");
        assert_eq!(driver.app.screen(), &Screen::Home);
    }
    driver.keys("1y");
    driver.press(KeyCode::Enter);
    assert_eq!(driver.app.status.as_ref().unwrap().users, 5);
}

#[test]
fn a_world_that_another_process_writes_can_be_looked_at() {
    let mut driver = Driver::new(Fake::read_only());
    for key in ["1", "2", "4", "l"] {
        driver.keys(key);
        let reason = "a server is writing to this world".to_owned();
        assert_eq!(driver.app.screen(), &Screen::ReadOnly(reason));
        driver.press(KeyCode::Enter);
        assert_eq!(driver.app.screen(), &Screen::Home);
    }
    driver.keys("3");
    assert!(matches!(driver.app.screen(), Screen::Customers(_)));
    let effects = driver.app.update(Event::Tick(std::time::Duration::from_secs(2)));
    assert!(!effects.is_empty(), "the world is read again and again");
}

#[test]
fn an_evolve_stops_at_a_whole_day() {
    let mut driver = driver();
    driver.hold = true;
    driver.keys("2");
    driver.keys("000");
    driver.press(KeyCode::Enter);
    driver.press(KeyCode::Enter);
    let record = Work::Record("advance the clock by 24000 h to 2027-10-28T00:00:00Z".to_owned());
    let evolve = Work::Evolve(1000 * 86_400);
    assert_eq!(driver.held, [Effect::Do(record), Effect::Do(evolve)]);
    driver.keys("s");
    driver.held.rotate_left(2);
    driver.release();
    assert_eq!(day(&driver), "2025-02-01");
    let Screen::Run(run) = driver.app.screen() else { panic!("{:?}", driver.app.screen()) };
    assert!(run.stopping && run.result.as_ref().unwrap().is_ok());
    assert!(!driver.left);
}

#[test]
fn leaving_waits_for_the_work_and_the_second_time_for_nothing() {
    let mut driver = driver();
    driver.hold = true;
    driver.keys("2");
    driver.press(KeyCode::Enter);
    driver.press(KeyCode::Enter);
    driver.send(Event::Key(CTRL_C));
    assert!(!driver.left && driver.app.is_leaving());
    assert!(driver.held.contains(&Effect::StopWork));
    driver.release();
    assert!(driver.left);

    let mut driver = self::driver();
    driver.hold = true;
    driver.keys("2");
    driver.press(KeyCode::Enter);
    driver.press(KeyCode::Enter);
    driver.send(Event::Terminate);
    driver.send(Event::Terminate);
    assert!(driver.left);
}

#[test]
fn time_runs_in_live_mode_and_stands_still_in_between() {
    let mut driver = driver();
    driver.keys("ll");
    driver.tick(500);
    assert_eq!(driver.app.status.as_ref().unwrap().clock.to_string(), "2025-01-31T12:00:00Z");
    driver.keys(" ");
    driver.tick(5000);
    driver.keys(" ");
    assert_eq!(driver.app.status.as_ref().unwrap().clock.to_string(), "2025-01-31T12:00:00Z");
    driver.tick(6000);
    assert_eq!(day(&driver), "2025-02-01");
    driver.keys("ll");
    driver.tick(9000);
    assert_eq!(day(&driver), "2025-02-01");
    assert!(!driver.app.feed.is_empty());
    let acts =
        ["1 hour/s", "1 day/s", "1 week/s"].map(|speed| format!("let the clock run, {speed}"));
    assert_eq!(driver.audit()[..3], acts);
    assert_eq!(driver.audit()[3..], ["stop the running clock"]);
}

#[test]
fn live_mode_says_when_the_world_is_too_big_for_its_speed() {
    let mut driver = driver();
    driver.keys("lll");
    driver.tick(1000);
    assert!(driver.draw(80, 24).contains("live, 1 week/s "));
    driver.tick(8000);
    assert!(driver.draw(80, 24).contains("live, 1 week/s: reaches 1.0 days/s"));
    driver.tick(9000);
    assert!(!driver.draw(80, 24).contains("reaches"));
}

#[test]
fn the_table_filters_as_one_types_sorts_and_scrolls() {
    let mut driver = Driver::new(Fake::with_users(1000));
    driver.draw(80, 24);
    driver.keys("3");
    driver.draw(80, 24);
    driver.press(KeyCode::End);
    driver.draw(80, 24);
    let Screen::Customers(table) = driver.app.screen() else { panic!() };
    assert_eq!(table.selected, 999);
    assert!(table.row(999).is_some() && table.row(0).is_none());
    driver.keys("/carla");
    let Screen::Customers(table) = driver.app.screen() else { panic!() };
    assert_eq!((table.rows.total, table.selected), (200, 0));
    driver.press(KeyCode::Enter);
    driver.keys("ss");
    let balances = |driver: &Driver| {
        let Screen::Customers(table) = driver.app.screen() else { panic!() };
        let balance = |row| table.row(row).unwrap().account.as_ref().unwrap().balance;
        (balance(0), balance(1))
    };
    let (first, second) = balances(&driver);
    assert!(first < second);
    driver.keys("r");
    let (first, second) = balances(&driver);
    assert!(first > second);
    driver.press(KeyCode::Esc);
    let Screen::Customers(table) = driver.app.screen() else { panic!() };
    assert_eq!(table.rows.total, 1000, "the first escape takes the filter away");
}

#[test]
fn clicks_do_what_keys_do() {
    let mut driver = driver();
    driver.draw(80, 24);
    let click = |driver: &mut Driver, wanted: Target| {
        let area = driver.app.targets.iter().find(|(_, target)| *target == wanted).unwrap().0;
        driver.send(Event::Mouse(MouseEvent {
            kind: MouseEventKind::Down(MouseButton::Left),
            column: area.x,
            row: area.y,
            modifiers: KeyModifiers::NONE,
        }));
        driver.draw(80, 24);
    };
    click(&mut driver, Target::Key(KeyCode::Char('3')));
    click(&mut driver, Target::Row(3));
    click(&mut driver, Target::Row(3));
    let Screen::Customer(detail) = driver.app.screen() else { panic!() };
    assert_eq!(detail.user.number(), 4);
    driver.keys("4");
    driver.draw(80, 24);
    click(&mut driver, Target::Manage(4));
    click(&mut driver, Target::Field(2));
    let Screen::Form(form) = driver.app.screen() else { panic!() };
    assert_eq!(form.focus, 2);
}

fn any_event() -> impl Strategy<Value = Event> {
    let key = prop_oneof![
        "[ -~é]".prop_map(|text| KeyCode::Char(text.chars().next().unwrap())),
        prop_oneof![
            Just(KeyCode::Enter),
            Just(KeyCode::Esc),
            Just(KeyCode::Tab),
            Just(KeyCode::BackTab),
            Just(KeyCode::Up),
            Just(KeyCode::Down),
            Just(KeyCode::PageDown),
            Just(KeyCode::End),
            Just(KeyCode::Left),
            Just(KeyCode::Backspace),
        ],
        "[1-5sylrmx/?]".prop_map(|text| KeyCode::Char(text.chars().next().unwrap())),
    ];
    prop_oneof![
        8 => key.prop_map(|code| Event::Key(KeyEvent::from(code))),
        1 => (0u16..130, 0u16..50).prop_map(|(column, row)| Event::Mouse(MouseEvent {
            kind: MouseEventKind::Down(MouseButton::Left),
            column,
            row,
            modifiers: KeyModifiers::NONE,
        })),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_keys_clicks_or_sizes_break_it(
        events in prop::collection::vec((any_event(), 0u16..130, 0u16..50), 1..60),
    ) {
        let mut driver = driver();
        for (time, (event, width, height)) in (0u64..).zip(events) {
            driver.send(event);
            driver.tick(time * 40);
            driver.draw(width, height);
            prop_assert_eq!(driver.app.screens.first(), Some(&Screen::Home));
            let sum = driver.app.status.as_ref().map(|status| status.ledger_sum);
            prop_assert_eq!(sum, Some(0));
        }
    }
}
