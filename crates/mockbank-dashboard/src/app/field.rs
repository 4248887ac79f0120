//! A field of a form: what was typed, and what is wrong with it.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// Characters that a field takes at most.
const MAX_LENGTH: usize = 120;

/// A field of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// What is asked for.
    pub label: &'static str,
    /// What was answered.
    pub input: Input,
    /// Why the answer cannot be taken.
    pub error: Option<String>,
    /// What the answer stands for.
    pub hint: Option<String>,
}

/// An answer in the making.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// Typed text.
    Text(TextInput),
    /// One of several.
    Choice {
        /// What can be chosen.
        options: Vec<String>,
        /// Which one is.
        selected: usize,
    },
}

/// Text with a cursor in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextInput {
    text: String,
    /// Characters in front of the cursor.
    cursor: usize,
}

impl Field {
    /// A field for text, with a default.
    pub fn text(label: &'static str, default: &str) -> Self {
        Self { label, input: Input::Text(TextInput::new(default)), error: None, hint: None }
    }

    /// A field with a choice, the first option selected.
    pub fn choice(label: &'static str, options: &[&str]) -> Self {
        let options = options.iter().map(ToString::to_string).collect();
        Self { label, input: Input::Choice { options, selected: 0 }, error: None, hint: None }
    }

    /// The answer as text, without blanks around it.
    pub fn value(&self) -> &str {
        match &self.input {
            Input::Text(input) => input.text.trim(),
            Input::Choice { options, selected } => {
                options.get(*selected).map_or("", String::as_str)
            }
        }
    }

    /// Takes a key; whether the answer has changed.
    pub fn take(&mut self, key: KeyEvent) -> bool {
        match &mut self.input {
            Input::Text(input) => input.take(key),
            Input::Choice { options, selected } => {
                let count = options.len().max(1);
                match key.code {
                    KeyCode::Right | KeyCode::Char(' ') => *selected = (*selected + 1) % count,
                    KeyCode::Left => *selected = (*selected + count - 1) % count,
                    _ => return false,
                }
                true
            }
        }
    }
}

impl TextInput {
    /// Text with the cursor at its end.
    pub fn new(text: &str) -> Self {
        Self { text: text.to_owned(), cursor: text.chars().count() }
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Characters in front of the cursor.
    pub const fn cursor(&self) -> usize {
        self.cursor
    }

    /// Takes a key; whether the text has changed.
    pub fn take(&mut self, key: KeyEvent) -> bool {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let length = self.text.chars().count();
        match key.code {
            KeyCode::Char('u') if control => {
                *self = Self::default();
                return length > 0;
            }
            KeyCode::Char(character) if !control && length < MAX_LENGTH => {
                let at = self.byte(self.cursor);
                self.text.insert(at, character);
                self.cursor += 1;
                return true;
            }
            KeyCode::Backspace if self.cursor > 0 => {
                self.cursor -= 1;
                let at = self.byte(self.cursor);
                self.text.remove(at);
                return true;
            }
            KeyCode::Delete if self.cursor < length => {
                let at = self.byte(self.cursor);
                self.text.remove(at);
                return true;
            }
            KeyCode::Left => self.cursor = self.cursor.saturating_sub(1),
            KeyCode::Right => self.cursor = (self.cursor + 1).min(length),
            KeyCode::Home => self.cursor = 0,
            KeyCode::End => self.cursor = length,
            _ => {}
        }
        false
    }

    fn byte(&self, character: usize) -> usize {
        self.text.char_indices().nth(character).map_or(self.text.len(), |(at, _)| at)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn press(input: &mut TextInput, code: KeyCode) -> bool {
        input.take(KeyEvent::from(code))
    }

    #[test]
    fn text_is_edited_at_the_cursor() {
        let mut input = TextInput::new("-10.00");
        assert!(press(&mut input, KeyCode::Backspace));
        assert!(press(&mut input, KeyCode::Char('5')));
        press(&mut input, KeyCode::Home);
        assert!(press(&mut input, KeyCode::Delete));
        assert_eq!(input.text(), "10.05");
        assert!(!press(&mut input, KeyCode::Backspace));
        assert!(input.take(KeyEvent::new(KeyCode::Char('u'), KeyModifiers::CONTROL)));
        assert_eq!(input, TextInput::default());
    }

    #[test]
    fn a_choice_goes_round() {
        let mut field = Field::choice("unit", &["days", "hours"]);
        assert!(field.take(KeyEvent::from(KeyCode::Left)));
        assert_eq!(field.value(), "hours");
        assert!(field.take(KeyEvent::from(KeyCode::Char(' '))));
        assert_eq!(field.value(), "days");
        assert!(!field.take(KeyEvent::from(KeyCode::Char('x'))));
    }

    proptest! {
        #[test]
        fn no_keys_break_a_text(keys: Vec<(u8, char)>) {
            let mut input = TextInput::default();
            for (which, character) in keys {
                let code = match which % 8 {
                    0 => KeyCode::Backspace,
                    1 => KeyCode::Delete,
                    2 => KeyCode::Left,
                    3 => KeyCode::Right,
                    4 => KeyCode::Home,
                    5 => KeyCode::End,
                    _ => KeyCode::Char(character),
                };
                input.take(KeyEvent::from(code));
                let length = input.text().chars().count();
                prop_assert!(input.cursor() <= length && length <= MAX_LENGTH);
            }
        }
    }
}
