//! The sections of the page below the table of figures.

use std::fmt::Write as _;

use mockbank_sim::measure::GAP_LIMITS;

use crate::chart::{self, Axis, Bar, Curve, Titles};
use crate::facts::Report;
use crate::reference::Reference;
use crate::text::{escaped, grouped, grouped_amount, short};

const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

fn percent(value: f64) -> String {
    format!("{:.0} %", value * 100.0)
}

/// What is drawn of a distribution.
struct Figure {
    title: &'static str,
    note: &'static str,
    svg: String,
}

/// The distributions, each drawn over its reference.
pub(crate) fn distributions(html: &mut String, report: &Report, reference: &Reference) {
    html.push_str(
        "<section><h2>Distributions over the reference</h2><p class=\"legend\">\
         <span class=\"key world\"></span>this world \
         <span class=\"key ref\"></span>reference: dots and dashes</p><div class=\"charts\">",
    );
    for Figure { title, note, svg } in figures(report, reference) {
        let _ = write!(
            html,
            "<figure><figcaption><b>{title}</b><span>{note}</span></figcaption>{svg}</figure>"
        );
    }
    html.push_str("</div></section>");
}

fn figures(report: &Report, reference: &Reference) -> [Figure; 10] {
    let (figures, shapes) = (&report.figures, &reference.shapes);
    let hours = (0..24).map(|hour| hour.to_string());
    let weekdays = || WEEKDAYS.map(str::to_owned);
    let months = report.distributions.months;
    let (of_purchases, of_receipts) = ("share of purchases", "share of receipts");
    [
        Figure {
            title: "Purchases by hour",
            note: "dots: DCPC micro-data",
            svg: bars(
                "Purchases by hour",
                ["hour of the day", of_purchases],
                hours,
                figures.hours.map(Some),
                shapes.hours,
                3,
            ),
        },
        Figure {
            title: "Purchases by weekday",
            note: "dots: DCPC micro-data",
            svg: bars(
                "Purchases by weekday",
                ["", of_purchases],
                weekdays(),
                figures.weekdays.map(Some),
                shapes.weekdays,
                1,
            ),
        },
        Figure {
            title: "Incomes by weekday",
            note: "dots: DCPC micro-data",
            svg: bars(
                "Incomes by weekday",
                ["", of_receipts],
                weekdays(),
                figures.income_weekdays.map(Some),
                shapes.income_weekdays,
                1,
            ),
        },
        Figure {
            title: "Purchases by month",
            note: "dots: Swiss card payments 2022",
            svg: bars(
                "Purchases by month",
                ["", "purchases a day, over the year's mean"],
                MONTHS.map(str::to_owned),
                months,
                shapes.months,
                2,
            ),
        },
        amounts(report, reference),
        tail(report, reference),
        spread(
            ("Monthly incomes", "dashes: US median household, before tax"),
            ["income a month", "share of customers with less"],
            &report.distributions.incomes,
            shapes.income_median,
        ),
        spread(
            ("Deposits", "dashes: median of families, SCF 2022"),
            ["balance of a customer's accounts", "share of customers with less"],
            &report.distributions.balances,
            shapes.balance_median,
        ),
        merchants(report),
        gaps(report),
    ]
}

fn bars<const N: usize>(
    title: &str,
    titles: Titles,
    labels: impl IntoIterator<Item = String>,
    measured: [Option<f64>; N],
    reference: [f64; N],
    label_every: usize,
) -> String {
    let values = measured.into_iter().zip(reference);
    let bars: Vec<Bar> = labels
        .into_iter()
        .zip(values)
        .map(|(label, (measured, reference))| Bar { label, measured, reference: Some(reference) })
        .collect();
    chart::bars(title, titles, &bars, label_every, percent)
}

/// Percentiles as points of a curve of shares below.
fn below(percentiles: &[f64]) -> Vec<(f64, f64)> {
    let shares = (0_u32..).map(|percent| f64::from(percent) / 100.0);
    percentiles.iter().copied().zip(shares).collect()
}

fn world_curve(points: Vec<(f64, f64)>) -> Curve {
    Curve { class: "curve", points, dots: false }
}

fn reference_line(points: Vec<(f64, f64)>) -> Curve {
    Curve { class: "dashes", points, dots: false }
}

fn amounts(report: &Report, reference: &Reference) -> Figure {
    let world = world_curve(below(&report.distributions.amounts));
    let points =
        reference.shapes.amounts.iter().map(|(percent, amount)| (*amount, percent / 100.0));
    let dots = Curve { class: "dot", points: points.collect(), dots: true };
    let (x, y) = (Axis::logarithmic(1.0, 5_000.0), Axis::linear(1.0, percent));
    let titles = ["amount", "share of purchases below it"];
    Figure {
        title: "Amounts of purchases",
        note: "dots: DCPC micro-data",
        svg: chart::curves("Amounts of purchases", titles, (&x, &y), &[world, dots]),
    }
}

/// The same from above, so that large amounts are seen; a straight line is a power law.
fn tail(report: &Report, reference: &Reference) -> Figure {
    let above = |(amount, share): (f64, f64)| (amount, 1.0 - share);
    let is_seen = |(amount, share): &(f64, f64)| *amount >= 1.0 && *share >= 0.005;
    let world: Vec<_> =
        below(&report.distributions.amounts).into_iter().map(above).filter(is_seen).collect();
    let points =
        reference.shapes.amounts.iter().map(|(percent, amount)| (*amount, 1.0 - percent / 100.0));
    let dots = Curve { class: "dot", points: points.collect(), dots: true };
    let (x, y) = (Axis::logarithmic(1.0, 1_000.0), Axis::logarithmic(0.01, 1.0));
    let titles = ["amount", "share of purchases above it"];
    Figure {
        title: "Large purchases",
        note: "dots: DCPC micro-data",
        svg: chart::curves("Large purchases", titles, (&x, &y), &[world_curve(world), dots]),
    }
}

fn spread(
    (title, note): (&'static str, &'static str),
    titles: Titles,
    percentiles: &[f64],
    median: f64,
) -> Figure {
    // The axis is logarithmic, so what is at or below zero lies at its begin.
    let low = percentiles.get(5).copied().unwrap_or(median).clamp(10.0, median);
    let high = percentiles.last().copied().unwrap_or(median).max(median);
    let (x, y) = (Axis::logarithmic(low, high), Axis::linear(1.0, percent));
    let lines = [
        world_curve(below(percentiles)),
        reference_line(vec![(median, 0.0), (median, 0.5), (x.from, 0.5)]),
    ];
    Figure { title, note, svg: chart::curves(title, titles, (&x, &y), &lines) }
}

fn merchants(report: &Report) -> Figure {
    let ranks = &report.distributions.merchants;
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
    let points: Vec<(f64, f64)> =
        ranks.iter().map(|(rank, count)| (f64::from(*rank), *count as f64)).collect();
    let (last, most) = (points.last().map_or(10.0, |p| p.0), points.first().map_or(10.0, |p| p.1));
    let (x, y) = (Axis::logarithmic(1.0, last.max(10.0)), Axis::logarithmic(1.0, most.max(10.0)));
    let slope = |exponent: f64| {
        let fall = |rank: f64| (rank, most * rank.powf(-exponent));
        // Down to where the line leaves the chart.
        let end = most.powf(1.0 / exponent).min(x.to);
        reference_line(vec![fall(1.0), fall(end)])
    };
    let curves = [slope(0.80), slope(1.13), world_curve(points)];
    Figure {
        title: "Merchants by rank",
        note: "dashes: slopes 0.80 and 1.13 †",
        svg: chart::curves(
            "Merchants by rank",
            ["rank by purchases", "purchases at the merchant"],
            (&x, &y),
            &curves,
        ),
    }
}

/// Gaps beside those of a Poisson process with the same mean.
fn gaps(report: &Report) -> Figure {
    let distributions = &report.distributions;
    let survival = |hours: f64| (-hours / distributions.mean_gap.max(1e-9)).exp();
    let limits: Vec<f64> =
        std::iter::once(0.0).chain(GAP_LIMITS.iter().map(|hours| f64::from(*hours))).collect();
    let label = |from: f64| match limits.iter().find(|limit| **limit > from) {
        Some(to) if *to <= 24.0 => format!("<{}h", short(*to)),
        Some(to) => format!("<{}d", short(*to / 24.0)),
        None => "more".to_owned(),
    };
    let bars: Vec<Bar> = limits
        .iter()
        .zip(distributions.gaps)
        .map(|(from, share)| {
            let to = limits.iter().find(|limit| *limit > from);
            let expected = survival(*from) - to.map_or(0.0, |to| survival(*to));
            Bar { label: label(*from), measured: Some(share), reference: Some(expected) }
        })
        .collect();
    Figure {
        title: "Gaps between purchases",
        note: "dots: at random times, with the same mean",
        svg: chart::bars(
            "Gaps between purchases",
            ["time between a customer's purchases", "share of gaps"],
            &bars,
            1,
            percent,
        ),
    }
}

/// The ledger and its invariants.
pub(crate) fn ledger(html: &mut String, report: &Report) {
    html.push_str("<section class=\"narrow\"><h2>The ledger</h2><table>");
    for (name, balance) in &report.ledger.balances {
        let (name, balance) = (escaped(name), grouped_amount(balance));
        let _ = write!(html, "<tr><td>{name}</td><td class=\"n\">{balance}</td></tr>");
    }
    let (class, word) =
        if report.ledger.balanced { ("within", "sums to zero") } else { ("outside", "broken") };
    let _ = write!(
        html,
        "<tr class=\"sum\"><th>Sum over all accounts <span class=\"chip {class}\">{word}</span></th>\
         <th class=\"n\">{}</th></tr></table></section>",
        escaped(&report.ledger.sum),
    );
}

/// The census of labels, for worlds that have crime.
pub(crate) fn crime(html: &mut String, report: &Report) {
    let Some(kinds) = &report.crime else { return };
    html.push_str(
        "<section class=\"narrow\"><h2>Labelled crime</h2><table><thead><tr><th>Typology</th>\
         <th class=\"n\">Schemes</th><th class=\"n\">Transactions</th>\
         <th class=\"n\">Debited</th></tr></thead>",
    );
    for kind in kinds {
        let _ = write!(
            html,
            "<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td>\
             <td class=\"n\">{}</td></tr>",
            escaped(&kind.typology),
            grouped(kind.schemes),
            grouped(kind.transactions),
            grouped_amount(&kind.debited),
        );
    }
    if kinds.is_empty() {
        html.push_str("<tr><td colspan=\"4\">None in these days.</td></tr>");
    }
    html.push_str("</table></section>");
}
