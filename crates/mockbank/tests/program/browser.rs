//! The report's page in a real browser, with no network.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::harness::Sandbox;

/// What a browser made of a page: the document, and what it told its console.
struct Seen {
    document: String,
    console: Vec<String>,
}

fn chromium(folder: &Path) -> Command {
    let mut browser = Command::new("chromium");
    browser
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
        // No name has an address, so nothing can come from elsewhere.
        .args(["--host-resolver-rules=MAP * ~NOTFOUND", "--enable-logging=stderr"])
        .arg(format!("--user-data-dir={}", folder.join("profile").display()))
        .stdin(Stdio::null());
    browser
}

fn run(browser: &mut Command) -> (String, String) {
    let output = browser.output().unwrap_or_else(|failure| {
        panic!("chromium cannot be started: {failure}; install it with 'apt-get install chromium'")
    });
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let (stdout, stderr) = (text(output.stdout), text(output.stderr));
    assert!(output.status.success(), "{stderr}");
    (stdout, stderr)
}

fn see(folder: &Path, page: &Path) -> Seen {
    let page = format!("file://{}", page.display());
    let (document, log) = run(chromium(folder).arg("--dump-dom").arg(page));
    let told = log.lines().filter(|line| line.contains(":CONSOLE"));
    Seen { document, console: told.map(str::to_owned).collect() }
}

#[test]
#[ignore = "needs Chromium"]
fn the_report_opens_without_a_network_and_without_a_complaint() {
    let sandbox = Sandbox::new();
    sandbox.done("init --preset realistic --users 200 --days 90");
    sandbox.done("report --out page.html");
    let (folder, page) = (sandbox.path(), sandbox.path().join("page.html"));
    let seen = see(folder, &page);
    assert!(seen.console.is_empty(), "{:?}", seen.console);
    for heading in
        ["Beside published figures", "Distributions over the reference", "The ledger", "crime"]
    {
        assert!(seen.document.contains(heading), "{heading}");
    }
    assert_eq!(seen.document.matches("<figure>").count(), 10);
    assert!(seen.document.matches("<svg").count() > 20);

    // The browser would have told.
    let broken = folder.join("broken.html");
    let text = fs::read_to_string(&page).unwrap();
    fs::write(&broken, text.replace("<main>", "<main><script>nothing.here();</script>")).unwrap();
    assert_eq!(see(folder, &broken).console.len(), 1);

    let paper = folder.join("page.pdf");
    let print = format!("--print-to-pdf={}", paper.display());
    run(chromium(folder).arg(print).arg(format!("file://{}", page.display())));
    assert!(fs::read(paper).unwrap().starts_with(b"%PDF"));
}
