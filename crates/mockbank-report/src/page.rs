//! The page: one self-contained file of HTML.

use std::fmt::Write as _;

use crate::facts::Report;
use crate::reference::{Reference, Unit};
use crate::text::{escaped, grouped};
use crate::verdict::{Finding, Verdict, findings};
use crate::{chart, sections};

const STYLE: &str = include_str!("style.css");

// Writing to a string cannot fail, so the results of `write!` are not looked at.

/// The report as a page that needs nothing from elsewhere.
pub fn page(report: &Report, reference: &Reference) -> String {
    let world = &report.world;
    let findings = findings(report, reference);
    let mut html = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>The world {preset}, seed {seed}</title><style>{STYLE}</style></head><body><main>\
         <header><p class=\"eyebrow\">Mock-Bank world report</p><h1>{preset}</h1>\
         <p class=\"lead\">Seed {seed} · {start} to {clock} · {days} days · {currency}</p></header>",
        preset = escaped(&world.preset),
        seed = world.seed,
        start = escaped(&world.start),
        clock = escaped(&world.clock),
        days = world.days,
        currency = escaped(&world.currency),
    );
    tiles(&mut html, report, &findings);
    metrics(&mut html, reference, &findings);
    sections::distributions(&mut html, report, reference);
    sections::ledger(&mut html, report);
    sections::crime(&mut html, report);
    html.push_str(
        "<footer>† quoted second-hand. A figure is within if it lies no farther from the published one \
         than the tolerance, the shaded band.</footer></main></body></html>\n",
    );
    html
}

fn tiles(html: &mut String, report: &Report, findings: &[Finding]) {
    let world = &report.world;
    let measured = findings.iter().filter(|finding| finding.measured.is_some()).count();
    let within = findings.iter().filter(|finding| finding.verdict == Verdict::Within).count();
    let tiles = [
        ("Customers", grouped(world.users)),
        ("Accounts", grouped(world.accounts)),
        ("Cards", grouped(world.cards)),
        ("Transactions", grouped(world.transactions)),
        ("Figures within tolerance", format!("{within} of {measured}")),
        ("Ledger sum", report.ledger.sum.clone()),
    ];
    html.push_str("<section class=\"tiles\">");
    for (name, value) in tiles {
        let _ = write!(html, "<div><b>{}</b><span>{name}</span></div>", escaped(&value));
    }
    html.push_str("</section>");
}

fn metrics(html: &mut String, reference: &Reference, findings: &[Finding]) {
    html.push_str(
        "<section><h2>Beside published figures</h2><table class=\"metrics\"><thead><tr>\
         <th>Figure</th><th class=\"n\">World</th><th class=\"n\">Published</th>\
         <th class=\"n\">Tolerance</th><th aria-label=\"Place in the tolerance\"></th>\
         <th>Verdict</th><th>Source</th></tr></thead>",
    );
    let mut group = "";
    for (published, finding) in reference.metrics.iter().zip(findings) {
        if published.group != group {
            group = &published.group;
            let _ =
                write!(html, "<tr class=\"group\"><th colspan=\"7\">{}</th></tr>", escaped(group));
        }
        row(html, published.unit, finding);
    }
    html.push_str("</table></section>");
}

fn row(html: &mut String, unit: Unit, finding: &Finding) {
    let Finding { name, measured, published, tolerance, verdict, source, confirmed, .. } = finding;
    let (class, word) = match verdict {
        Verdict::Within => ("within", "within"),
        Verdict::Outside => ("outside", "outside"),
        Verdict::NotMeasurable => ("none", "not measurable"),
    };
    let gauge = measured
        .map_or_else(String::new, |value| chart::gauge(value, *published, *tolerance, class));
    let _ = write!(
        html,
        "<tr><td>{}</td><td class=\"n\"><b>{}</b></td><td class=\"n\">{}</td>\
         <td class=\"n\">± {}</td><td>{gauge}</td><td><span class=\"chip {class}\">{word}</span></td>\
         <td class=\"source\">{}{}</td></tr>",
        escaped(name),
        measured.map_or_else(|| "–".to_owned(), |value| in_unit(value, unit)),
        in_unit(*published, unit),
        in_unit(*tolerance, unit),
        escaped(source),
        if *confirmed { "" } else { " †" },
    );
}

fn in_unit(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Number if value.abs() >= 10.0 => format!("{value:.1}"),
        Unit::Number => format!("{value:.2}"),
        Unit::Share => format!("{:.1} %", value * 100.0),
        Unit::Money => format!("{value:.0}"),
    }
}
