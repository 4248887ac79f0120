//! The home screen: charts, and the feed where there is room.

use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::symbols::Marker;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Axis, Chart, Dataset, GraphType, Sparkline};

use super::chart::major;
use super::text::{count, money, short};
use super::{Canvas, row};
use crate::bank::Histogram;

/// Rows from which on the feed has room below the charts.
const ROOM_FOR_FEED: u16 = 28;

impl Canvas<'_, '_> {
    pub(super) fn home(&mut self, area: Rect) {
        let feed = if area.height >= ROOM_FOR_FEED { area.height / 3 } else { 0 };
        let [charts, feed] =
            Layout::vertical([Constraint::Fill(1), Constraint::Length(feed)]).areas(area);
        let [top, bottom] = Layout::vertical([Constraint::Fill(1); 2]).areas(charts);
        let [deposits, spending] = Layout::horizontal([Constraint::Fill(1); 2]).areas(top);
        let [transactions, amounts] = Layout::horizontal([Constraint::Fill(1); 2]).areas(bottom);
        self.deposits(deposits);
        self.spending(spending);
        self.transactions(transactions);
        self.amounts(amounts);
        if feed.height > 0 {
            self.feed("Latest transactions", feed);
        }
    }

    fn deposits(&mut self, area: Rect) {
        let activity = &self.app.activity;
        let mut block = self.block("Deposits over time");
        if activity.sampled < activity.accounts {
            let (sampled, all) = (count(activity.sampled), count(activity.accounts));
            let text = format!(" charts: sample of {sampled} of {all} accounts ");
            block = block.title_bottom(Line::styled(text, self.theme.contrast()));
        }
        let points: Vec<_> =
            activity.days.iter().map(|day| (day.day, major(day.deposits))).collect();
        self.amounts_over_days(block, &points, area);
    }

    fn spending(&mut self, area: Rect) {
        let block = self.block("Spending by category");
        let inside = block.inner(area);
        self.frame.render_widget(block, area);
        let spending = &self.app.activity.spending;
        let total: i128 = spending.iter().map(|(_, amount)| *amount).sum();
        let largest = spending.first().map_or(0, |(_, amount)| amount.minor()).max(1);
        let room = inside.width.saturating_sub(34);
        for (index, (category, amount)) in (0..inside.height).zip(spending) {
            let share = i128::from(amount.minor()) * 100 / total.max(1);
            let bar = i64::from(room) * amount.minor() / largest;
            let bar = "█".repeat(usize::try_from(bar).unwrap_or(0));
            let line = Line::from(vec![
                Span::raw(format!("{category:<17.17}{:>12}{share:>3}% ", money(*amount))),
                Span::styled(bar, self.theme.accent()),
            ]);
            self.line(line, row(inside, index));
        }
    }

    fn transactions(&mut self, area: Rect) {
        let days = &self.app.activity.days;
        let width = usize::from(area.width.saturating_sub(2));
        let shown = &days[days.len().saturating_sub(width)..];
        let peak = shown.iter().map(|day| day.transactions).max().unwrap_or(0);
        let total: u64 = shown.iter().map(|day| day.transactions).sum();
        let mean = total / (shown.len() as u64).max(1);
        let title = format!("Transactions a day: mean {}, peak {}", count(mean), count(peak));
        let columns = (width / shown.len().max(1)).max(1);
        let bars = shown.iter().flat_map(|day| std::iter::repeat_n(day.transactions, columns));
        let chart =
            Sparkline::default().block(self.block(title)).style(self.theme.accent()).data(bars);
        self.frame.render_widget(chart, area);
    }

    fn amounts(&mut self, area: Rect) {
        let histograms = &self.app.activity.histograms;
        let Some(histogram) = histograms.get(self.app.profile % histograms.len().max(1)) else {
            let block = self.block("Amounts of purchases");
            self.frame.render_widget(block, area);
            return;
        };
        let mut block = self.block(format!("Purchases, {}", histogram.profile));
        if histograms.len() > 1 {
            block = block.title_bottom(Line::styled(" p: next profile ", self.theme.quiet()));
        }
        // Two points for each column, so that rounding leaves none of them empty.
        let (bars, curve) = columns(histogram, area.width.saturating_mul(2));
        let highest = bars.iter().chain(&curve).map(|(_, height)| *height).fold(1.0, f64::max);
        let width = end(histogram);
        let quiet = self.theme.quiet();
        let label = |text: String| Span::styled(text, quiet);
        let mut sets = vec![
            Dataset::default()
                .name("seen")
                .marker(Marker::HalfBlock)
                .graph_type(GraphType::Bar)
                .style(self.theme.accent())
                .data(&bars),
        ];
        if !curve.is_empty() {
            sets.push(
                Dataset::default()
                    .name("preset")
                    .marker(Marker::Braille)
                    .graph_type(GraphType::Line)
                    .style(self.theme.contrast())
                    .data(&curve),
            );
        }
        let chart = Chart::new(sets)
            .block(block)
            .x_axis(
                Axis::default()
                    .style(quiet)
                    .bounds([0.0, width])
                    .labels([label("0".to_owned()), label(short(width))]),
            )
            .y_axis(
                Axis::default()
                    .style(quiet)
                    .bounds([0.0, highest])
                    .labels([label("0".to_owned()), label(short(highest))]),
            );
        self.frame.render_widget(chart, area);
    }
}

/// Points of a chart.
type Points = Vec<(f64, f64)>;

/// The bars as this many points, and the curve through the bins' middles.
fn columns(histogram: &Histogram, points: u16) -> (Points, Points) {
    let width = histogram.width;
    let count = f64::from(points.max(1));
    let bars = (0..points).filter_map(|point| {
        let x = (f64::from(point) + 0.5) / count * end(histogram);
        let height = (1..).zip(&histogram.bins).find_map(|(place, bin)| {
            (f64::from(place) * width > x).then_some(f64::from(bin.count))
        })?;
        (height > 0.0).then_some((x, height))
    });
    let curve = (0..).zip(&histogram.bins).filter_map(|(index, bin)| {
        bin.expected.map(|expected| ((f64::from(index) + 0.5) * width, expected))
    });
    (bars.collect(), curve.collect())
}

/// Where the last bin ends, in major units.
fn end(histogram: &Histogram) -> f64 {
    histogram.bins.iter().map(|_| histogram.width).sum()
}
