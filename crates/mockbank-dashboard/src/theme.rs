//! Colours: for dark terminals, for light ones, and none.

use ratatui::style::{Color, Modifier, Style};

/// Which colours are used. The background is always the terminal's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// Bright colours.
    #[default]
    Dark,
    /// Colours that can be read on white.
    Light,
    /// No colours: bold, underlined and reversed text only.
    Plain,
}

impl Theme {
    /// The theme that suits the environment: `no_color` is the value of `NO_COLOR`, `colorfgbg`
    /// that of `COLORFGBG`, which some terminals set to the numbers of their colours.
    pub fn detect(no_color: Option<&str>, colorfgbg: Option<&str>) -> Self {
        if no_color.is_some_and(|value| !value.is_empty()) {
            return Self::Plain;
        }
        match colorfgbg.and_then(|colors| colors.rsplit(';').next()) {
            Some("7" | "15") => Self::Light,
            _ => Self::Dark,
        }
    }

    /// The next one.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self::Dark => Self::Light,
            Self::Light => Self::Plain,
            Self::Plain => Self::Dark,
        }
    }

    /// What draws the eye: titles, lines of charts.
    pub fn accent(self) -> Style {
        self.color(Color::Cyan, Color::Blue)
    }

    /// A second line beside the accent's.
    pub fn contrast(self) -> Style {
        self.color(Color::Yellow, Color::Magenta)
    }

    /// Money in, and what is well.
    pub fn good(self) -> Style {
        self.color(Color::LightGreen, Color::Green)
    }

    /// Money out, and what is wrong.
    pub fn bad(self) -> Style {
        self.color(Color::LightRed, Color::Red).add_modifier(match self {
            Self::Plain => Modifier::BOLD,
            _ => Modifier::empty(),
        })
    }

    /// What matters less.
    pub fn quiet(self) -> Style {
        self.color(Color::Gray, Color::DarkGray)
    }

    /// Headings.
    pub fn strong(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// What is selected.
    pub fn selected(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    fn color(self, dark: Color, light: Color) -> Style {
        match self {
            Self::Dark => Style::new().fg(dark),
            Self::Light => Style::new().fg(light),
            Self::Plain => Style::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_chooses_the_theme() {
        assert_eq!(Theme::detect(None, None), Theme::Dark);
        assert_eq!(Theme::detect(Some(""), Some("15;0")), Theme::Dark);
        assert_eq!(Theme::detect(None, Some("0;default;15")), Theme::Light);
        assert_eq!(Theme::detect(Some("1"), Some("0;15")), Theme::Plain);
    }

    #[test]
    fn plain_has_no_colour_at_all() {
        let theme = Theme::Plain;
        let styles = [
            theme.accent(),
            theme.contrast(),
            theme.good(),
            theme.bad(),
            theme.quiet(),
            theme.selected(),
        ];
        assert!(styles.iter().all(|style| style.fg.is_none() && style.bg.is_none()));
    }
}
