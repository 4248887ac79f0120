//! Charts that more than one screen draws.

use mockbank_bank::Day;
use ratatui::layout::Rect;
use ratatui::symbols::Marker;
use ratatui::text::Span;
use ratatui::widgets::{Axis, Block, Chart, Dataset, GraphType};

use super::Canvas;
use super::text::{range, short_day};

impl Canvas<'_, '_> {
    /// A line of amounts (major units) over days; the points have at least one entry.
    pub(super) fn amounts_over_days(
        &mut self,
        block: Block<'static>,
        points: &[(Day, f64)],
        area: Rect,
    ) {
        let (Some((first, _)), Some((last, _))) = (points.first(), points.last()) else {
            self.frame.render_widget(block, area);
            return;
        };
        let line: Vec<(f64, f64)> =
            points.iter().map(|(day, amount)| (f64::from(day.number()), *amount)).collect();
        let amounts = points.iter().map(|(_, amount)| *amount);
        let low = amounts.clone().fold(f64::INFINITY, f64::min);
        let high = amounts.fold(f64::NEG_INFINITY, f64::max);
        // A flat line is drawn in the middle.
        let margin = if high - low < 1.0 { 1.0 } else { (high - low) * 0.05 };
        let (low, high) = (low - margin, high + margin);
        let quiet = self.theme.quiet();
        let label = |text: String| Span::styled(text, quiet);
        let middle = Day::of(first.number().midpoint(last.number()));
        let data = Dataset::default()
            .marker(Marker::Braille)
            .graph_type(GraphType::Line)
            .style(self.theme.accent())
            .data(&line);
        let chart = Chart::new(vec![data])
            .block(block)
            .x_axis(
                Axis::default()
                    .style(quiet)
                    .bounds([f64::from(first.number()), f64::from(last.number())])
                    .labels([*first, middle, *last].map(|day| label(short_day(day)))),
            )
            .y_axis(
                Axis::default()
                    .style(quiet)
                    .bounds([low, high])
                    .labels(range(low, high).map(label)),
            );
        self.frame.render_widget(chart, area);
    }
}
