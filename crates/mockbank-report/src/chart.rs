//! Charts as SVG: the world's in colour, the reference as dots and dashes over it.

use std::fmt::Write as _;

use crate::text::{escaped, short};

const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 276.0;
const LEFT: f64 = 60.0;
const RIGHT: f64 = 22.0;
const TOP: f64 = 32.0;
const BOTTOM: f64 = 52.0;
/// Baseline of the marks below an axis.
const MARKS: f64 = HEIGHT - BOTTOM + 19.0;

/// A bar of a chart: its label, the world's value if it has one, and the reference's.
pub(crate) struct Bar {
    pub(crate) label: String,
    pub(crate) measured: Option<f64>,
    pub(crate) reference: Option<f64>,
}

/// A curve through points.
pub(crate) struct Curve {
    pub(crate) class: &'static str,
    pub(crate) points: Vec<(f64, f64)>,
    /// Whether its points are drawn as dots, else as a line.
    pub(crate) dots: bool,
}

/// What the two axes of a chart tell: the horizontal and the vertical one.
pub(crate) type Titles = [&'static str; 2];

/// An axis and what is written on it.
pub(crate) struct Axis {
    pub(crate) from: f64,
    pub(crate) to: f64,
    pub(crate) logarithmic: bool,
    /// Values that are marked, with their labels.
    pub(crate) ticks: Vec<(f64, String)>,
}

impl Axis {
    /// From `from` to `to`, marked at powers of ten.
    pub(crate) fn logarithmic(from: f64, to: f64) -> Self {
        let from = 10_f64.powf(from.max(1e-6).log10().floor());
        let to = 10_f64.powf(to.max(from * 1.01).log10().ceil());
        let mut ticks = Vec::new();
        let mut tick = from;
        while tick <= to * 1.01 {
            ticks.push((tick, short(tick)));
            tick *= 10.0;
        }
        Self { from, to, logarithmic: true, ticks }
    }

    /// From 0 to at least `to`, marked at round values.
    pub(crate) fn linear(to: f64, label: impl Fn(f64) -> String) -> Self {
        let rough = (to / 4.0).max(1e-9);
        let power = 10_f64.powf(rough.log10().floor());
        let steps = [1.0, 2.0, 5.0, 10.0].map(|step| step * power);
        let step = steps.into_iter().find(|step| *step >= rough).unwrap_or(rough);
        let mut ticks = vec![(0.0, label(0.0))];
        let mut tick = 0.0;
        while tick < to {
            tick += step;
            ticks.push((tick, label(tick)));
        }
        Self { from: 0.0, to: tick.max(step), logarithmic: false, ticks }
    }

    /// Where a value lies, 0 at the axis' begin and 1 at its end; kept within.
    fn place(&self, value: f64) -> f64 {
        let place = if self.logarithmic {
            (value.max(self.from) / self.from).ln() / (self.to / self.from).ln()
        } else {
            (value - self.from) / (self.to - self.from)
        };
        place.clamp(0.0, 1.0)
    }
}

fn x_of(place: f64) -> f64 {
    LEFT + place * (WIDTH - LEFT - RIGHT)
}

fn y_of(place: f64) -> f64 {
    HEIGHT - BOTTOM - place * (HEIGHT - TOP - BOTTOM)
}

fn open(title: &str, [below, beside]: Titles) -> String {
    format!(
        "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\">\
         <text class=\"axis\" x=\"4\" y=\"14\">{}</text>\
         <text class=\"axis end\" x=\"{}\" y=\"{}\">{}</text>",
        escaped(title),
        escaped(beside),
        WIDTH - RIGHT,
        HEIGHT - 6.0,
        escaped(below),
    )
}

// Writing to a string cannot fail, so the results of `write!` are not looked at.

fn draw_y(svg: &mut String, axis: &Axis) {
    for (value, label) in &axis.ticks {
        let y = y_of(axis.place(*value));
        let _ = write!(
            svg,
            "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\
             <text class=\"tick end\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
            WIDTH - RIGHT,
            LEFT - 6.0,
            y + 3.5,
            escaped(label),
        );
    }
}

fn draw_x(svg: &mut String, axis: &Axis) {
    for (value, label) in &axis.ticks {
        let x = x_of(axis.place(*value));
        let _ = write!(
            svg,
            "<line class=\"grid\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{TOP}\" y2=\"{:.1}\"/>\
             <text class=\"tick middle\" x=\"{x:.1}\" y=\"{:.1}\">{}</text>",
            HEIGHT - BOTTOM,
            MARKS,
            escaped(label),
        );
    }
}

/// Bars with a dot for the reference; every `label_every`th is named.
pub(crate) fn bars(
    title: &str,
    titles: Titles,
    bars: &[Bar],
    label_every: usize,
    label: impl Fn(f64) -> String,
) -> String {
    let values = bars.iter().flat_map(|bar| [bar.measured, bar.reference]).flatten();
    let axis = Axis::linear(values.fold(0.0, f64::max), label);
    let mut svg = open(title, titles);
    draw_y(&mut svg, &axis);
    let count = u32::try_from(bars.len()).unwrap_or(u32::MAX).max(1);
    let step = (WIDTH - LEFT - RIGHT) / f64::from(count);
    for (index, bar) in (0_u32..).zip(bars) {
        let middle = LEFT + (f64::from(index) + 0.5) * step;
        if let Some(value) = bar.measured {
            let y = y_of(axis.place(value));
            let _ = write!(
                svg,
                "<rect class=\"world\" x=\"{:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{:.1}\" \
                 rx=\"1.5\"/>",
                middle - step * 0.36,
                step * 0.72,
                y_of(0.0) - y,
            );
        }
        if let Some(value) = bar.reference {
            let y = y_of(axis.place(value));
            let _ =
                write!(svg, "<circle class=\"dot\" cx=\"{middle:.1}\" cy=\"{y:.1}\" r=\"3.2\"/>");
        }
        if (index as usize).is_multiple_of(label_every) {
            let (y, text) = (MARKS, escaped(&bar.label));
            let _ = write!(
                svg,
                "<text class=\"tick middle\" x=\"{middle:.1}\" y=\"{y:.1}\">{text}</text>"
            );
        }
    }
    svg + "</svg>"
}

/// Curves over two axes.
pub(crate) fn curves(
    title: &str,
    titles: Titles,
    (x, y): (&Axis, &Axis),
    curves: &[Curve],
) -> String {
    let mut svg = open(title, titles);
    draw_x(&mut svg, x);
    draw_y(&mut svg, y);
    for Curve { class, points, dots } in curves {
        let places = points.iter().map(|(a, b)| (x_of(x.place(*a)), y_of(y.place(*b))));
        if *dots {
            for (a, b) in places {
                let _ =
                    write!(svg, "<circle class=\"dot\" cx=\"{a:.1}\" cy=\"{b:.1}\" r=\"3.2\"/>");
            }
        } else {
            let path: Vec<String> = places.map(|(a, b)| format!("{a:.1},{b:.1}")).collect();
            let _ = write!(svg, "<polyline class=\"{class}\" points=\"{}\"/>", path.join(" "));
        }
    }
    svg + "</svg>"
}

/// Where a figure lies in the band of its tolerance: the band is the middle half.
pub(crate) fn gauge(measured: f64, published: f64, tolerance: f64, class: &str) -> String {
    let place = (0.5 + (measured - published) / tolerance * 0.25).clamp(0.03, 0.97) * 120.0;
    format!(
        "<svg class=\"gauge\" viewBox=\"0 0 120 14\" aria-hidden=\"true\">\
         <line class=\"rail\" x1=\"2\" x2=\"118\" y1=\"7\" y2=\"7\"/>\
         <rect class=\"band\" x=\"30\" y=\"3\" width=\"60\" height=\"8\" rx=\"4\"/>\
         <line class=\"rail\" x1=\"60\" x2=\"60\" y1=\"2\" y2=\"12\"/>\
         <circle class=\"{class}\" cx=\"{place:.1}\" cy=\"7\" r=\"4\"/></svg>"
    )
}
