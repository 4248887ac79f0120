//! The home screen: charts, and the feed where there is room.

use ratatui::layout::{Alignment, Constraint, Layout, Rect};
use ratatui::symbols::Marker;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Axis, Block, Chart, Dataset, GraphType, Sparkline};

use super::text::{count, major, minor, short, short_day};
use super::{Canvas, row};
use crate::bank::Histogram;

/// Rows from which on the feed has room below the charts.
const ROOM_FOR_FEED: u16 = 28;

/// Columns within a chart from which on amounts are written with their cents.
const ROOM_FOR_CENTS: u16 = 50;

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
            let activity = &self.app.activity;
            let all = activity.sampled == activity.customers;
            self.feed(
                if all { "Latest transactions" } else { "Latest transactions, of a sample" },
                feed,
            );
        }
    }

    fn deposits(&mut self, area: Rect) {
        let block = self.block(self.in_currency("Deposits over time"));
        let days = &self.app.activity.days;
        let points: Vec<_> = days.iter().map(|day| (day.day, major(day.deposits))).collect();
        self.amounts_over_days(block, &points, area);
    }

    fn spending(&mut self, area: Rect) {
        let block = self.block(self.in_currency("Spending by category"));
        let inside = block.inner(area);
        self.frame.render_widget(block, area);
        let spending = &self.app.activity.spending;
        let total = spending.iter().map(|(_, amount)| *amount).sum::<i128>().max(1);
        let largest = spending.first().map_or(1, |(_, amount)| *amount).max(1);
        // Where there is little room, the bars need it more than the cents do.
        let narrow = inside.width < ROOM_FOR_CENTS;
        let room = i128::from(inside.width.saturating_sub(if narrow { 29 } else { 37 }));
        for (index, (category, amount)) in (0..inside.height).zip(spending) {
            let share = amount * 100 / total;
            let text = if narrow { short(major(*amount)) } else { minor(*amount) };
            let wide = if narrow { 7 } else { 15 };
            let bar = "▇".repeat(usize::try_from(room * amount / largest).unwrap_or(0));
            let line = Line::from(vec![
                Span::raw(format!("{category:<17.17}{text:>wide$}{share:>3}% ")),
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
        let block = self.block(title);
        let inside = block.inner(area);
        self.frame.render_widget(block, area);
        let columns = (width / shown.len().max(1)).max(1);
        let bars = shown.iter().flat_map(|day| std::iter::repeat_n(day.transactions, columns));
        let [chart, labels] =
            Layout::vertical([Constraint::Fill(1), Constraint::Length(1)]).areas(inside);
        self.frame.render_widget(Sparkline::default().style(self.theme.accent()).data(bars), chart);
        if let (Some(first), Some(last)) = (shown.first(), shown.last()) {
            let drawn = u16::try_from(columns * shown.len()).unwrap_or(u16::MAX);
            let labels = Rect { width: drawn.min(labels.width), ..labels };
            let quiet = self.theme.quiet();
            self.line(Line::styled(short_day(first.day), quiet), labels);
            let last = Line::styled(short_day(last.day), quiet);
            self.line(last.alignment(Alignment::Right), labels);
        }
    }

    fn amounts(&mut self, area: Rect) {
        let histograms = &self.app.activity.histograms;
        let Some(histogram) = histograms.get(self.app.profile % histograms.len().max(1)) else {
            let block = self.block("Amounts of purchases");
            self.frame.render_widget(block, area);
            return;
        };
        let block = self.amounts_block(histogram, area.width);
        // Two points for each column, so that rounding leaves none of them empty.
        let (bars, curve) = columns(histogram, area.width.saturating_mul(2));
        let highest = bars.iter().chain(&curve).map(|(_, height)| *height).fold(1.0, f64::max);
        let width = end(histogram);
        let quiet = self.theme.quiet();
        let label = |text: String| Span::styled(text, quiet);
        let mut sets = vec![
            Dataset::default()
                .marker(Marker::HalfBlock)
                .graph_type(GraphType::Bar)
                .style(self.theme.accent())
                .data(&bars),
        ];
        if !curve.is_empty() {
            sets.push(
                Dataset::default()
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
                    .labels([0.0, width / 2.0, width].map(|x| label(short(x)))),
            )
            .y_axis(
                Axis::default()
                    .style(quiet)
                    .bounds([0.0, highest])
                    .labels([0.0, highest].map(|y| label(short(y)))),
            );
        self.frame.render_widget(chart, area);
    }

    /// The frame of the histogram: whose purchases, what is what, and how many they are of.
    fn amounts_block(&self, histogram: &Histogram, width: u16) -> Block<'static> {
        let activity = &self.app.activity;
        let title = format!("Purchases, {}", histogram.profile);
        let expected = histogram.bins.iter().any(|bin| bin.expected.is_some());
        let mut legend = vec![Span::styled(" █", self.theme.accent()), Span::raw(" seen ")];
        if expected {
            legend.extend([Span::styled("⠒", self.theme.contrast()), Span::raw(" preset ")]);
        }
        let legend = Line::from(legend).alignment(Alignment::Right);
        let fits = title.len() + legend.width() + 4 <= usize::from(width);
        let mut block = self.block(title);
        if fits {
            block = block.title_top(legend);
        }
        if activity.sampled < activity.customers {
            let (sampled, all) = (count(activity.sampled), count(activity.customers));
            let text = format!(" sample: {sampled} of {all} customers ");
            block = block.title_bottom(Line::styled(text, self.theme.contrast()));
        }
        if activity.histograms.len() > 1 {
            let hint = Line::styled(" p: next ", self.theme.quiet());
            block = block.title_bottom(hint.alignment(Alignment::Right));
        }
        block
    }

    fn in_currency(&self, title: &str) -> String {
        match &self.app.status {
            Some(status) => format!("{title}, {}", status.currency),
            None => title.to_owned(),
        }
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
