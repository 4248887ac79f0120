//! What the screens look like.

use insta::assert_snapshot;
use ratatui::crossterm::event::KeyCode;

use super::fake::{Driver, Fake};

fn driver() -> Driver {
    Driver::new(Fake::with_users(5))
}

fn after(keys: &str, width: u16, height: u16) -> String {
    let mut driver = driver();
    driver.keys(keys);
    driver.draw(width, height)
}

#[test]
fn home() {
    assert_snapshot!("home_80x24", after("", 80, 24));
    assert_snapshot!("home_120x40", after("", 120, 40));
    assert_snapshot!("home_tiny", after("", 40, 5));
    assert_snapshot!("home_sampled", Driver::new(Fake::with_users(100_000)).draw(80, 24));
}

#[test]
fn home_without_a_world() {
    assert_snapshot!(Driver::new(Fake::empty()).draw(80, 24));
}

#[test]
fn table() {
    assert_snapshot!("table_80x24", after("3", 80, 24));
    assert_snapshot!("table_filtered", after("3/ar", 80, 24));
    assert_snapshot!("table_120x40", after("3ss", 120, 40));
}

#[test]
fn detail() {
    let mut driver = driver();
    driver.keys("3");
    driver.press(KeyCode::Down);
    driver.press(KeyCode::Enter);
    assert_snapshot!("detail_80x24", driver.draw(80, 24));
    assert_snapshot!("detail_120x40", driver.draw(120, 40));
}

#[test]
fn questions() {
    assert_snapshot!("confirm", after("1", 80, 24));
    assert_snapshot!("manage", after("4", 80, 24));
    assert_snapshot!("evolve", after("2", 80, 24));
    assert_snapshot!("card", after("43acc_1", 80, 24));
    assert_snapshot!("transfer_refused", after("45acc_9", 80, 24));
    assert_snapshot!("help", after("?", 80, 24));
}

#[test]
fn read_only() {
    let mut driver = Driver::new(Fake::read_only());
    driver.keys("2");
    assert_snapshot!(driver.draw(80, 24));
}

#[test]
fn time_passing() {
    let mut driver = driver();
    driver.hold = true;
    driver.keys("2");
    driver.press(KeyCode::Enter);
    driver.press(KeyCode::Enter);
    driver.tick(1500);
    assert_snapshot!("run_under_way", driver.draw(80, 24));
    driver.release();
    assert_snapshot!("run_over", driver.draw(80, 24));
}
