//! Bodies of JSON that are checked field by field, so that a client learns of all its mistakes at
//! once.
//!
//! A body is a struct of [`Field`]s. Reading it fails only where it is no object of such fields; a
//! [`Check`] then takes the fields one by one and remembers what is wrong.

use std::borrow::{Borrow, Cow};
use std::ops::RangeInclusive;

use mockbank_bank::{AccountId, CardId, Money};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::amount::{AmountError, exact};
use crate::problem::{FieldError, Problem};

/// A field of a body.
#[derive(Debug, Default)]
pub(crate) enum Field<T> {
    /// Not there, or null.
    #[default]
    Absent,
    /// Not what it should be.
    Wrong(Wrong),
    /// There.
    Given(T),
}

/// What is wrong with a value.
#[derive(Clone, Debug)]
pub(crate) struct Wrong {
    code: &'static str,
    message: Cow<'static, str>,
}

impl Wrong {
    pub(crate) fn new(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into() }
    }

    /// A value of another type, or none of those that there are.
    fn kind(message: &'static str) -> Self {
        Self::new("wrong_type", message)
    }
}

/// A value of a field, read from its JSON text.
pub(crate) trait FromJson: Sized {
    /// Reads the value.
    fn from_json(json: &str) -> Result<Self, Wrong>;
}

impl<'de, T: FromJson> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = <&RawValue>::deserialize(deserializer)?.get();
        if json == "null" {
            return Ok(Self::Absent);
        }
        Ok(T::from_json(json).map_or_else(Self::Wrong, Self::Given))
    }
}

/// Reads a value whose type says all about it.
pub(crate) fn value<T: DeserializeOwned>(json: &str, wrong: &'static str) -> Result<T, Wrong> {
    serde_json::from_str(json).map_err(|_| Wrong::kind(wrong))
}

macro_rules! from_json {
    ($($type:ty = $wrong:literal),+ $(,)?) => {
        $(impl $crate::fields::FromJson for $type {
            fn from_json(json: &str) -> Result<Self, $crate::fields::Wrong> {
                $crate::fields::value(json, $wrong)
            }
        })+
    };
}
pub(crate) use from_json;

from_json!(
    String = "must be a text",
    bool = "must be true or false",
    i64 = "must be a whole number",
);

macro_rules! id_from_json {
    ($($type:ty = $wrong:literal),+ $(,)?) => {
        $(impl FromJson for $type {
            fn from_json(json: &str) -> Result<Self, Wrong> {
                value::<String>(json, $wrong)?.parse().map_err(|_| Wrong::kind($wrong))
            }
        })+
    };
}

id_from_json!(
    AccountId = "must be the identifier of an account, such as \"acc_1\"",
    CardId = "must be the identifier of a card, such as \"card_1\"",
);

impl FromJson for Money {
    fn from_json(json: &str) -> Result<Self, Wrong> {
        exact(json).map_err(|error| match error {
            AmountError::NotANumber => Wrong::kind("must be a number"),
            AmountError::Decimals => {
                Wrong::new("amount_decimals", "must not have more than two decimals")
            }
        })
    }
}

/// Collects what is wrong in a body.
#[derive(Debug, Default)]
pub(crate) struct Check {
    errors: Vec<FieldError>,
    /// Which item of which list is looked at.
    item: Option<(&'static str, usize)>,
}

impl Check {
    /// The fields that come now are those of an item of a list.
    pub(crate) fn enter(&mut self, list: &'static str, index: usize) {
        self.item = Some((list, index));
    }

    /// A field that must be there. `None` stands for a mistake that is remembered.
    pub(crate) fn required<T>(&mut self, name: &str, field: Field<T>) -> Option<T> {
        if matches!(field, Field::Absent) {
            self.wrong(name, Wrong::new("missing", "must be there"));
        }
        self.optional(name, field)?
    }

    /// A field that may be absent.
    #[expect(clippy::option_option, reason = "a mistake is not an absent field")]
    pub(crate) fn optional<T>(&mut self, name: &str, field: Field<T>) -> Option<Option<T>> {
        match field {
            Field::Absent => Some(None),
            Field::Given(value) => Some(Some(value)),
            Field::Wrong(wrong) => {
                self.wrong(name, wrong);
                None
            }
        }
    }

    /// A field that must be there and pass `test`.
    pub(crate) fn tested<T: Borrow<B>, B: ?Sized>(
        &mut self,
        name: &str,
        field: Field<T>,
        test: impl FnOnce(&B) -> Result<(), Wrong>,
    ) -> Option<T> {
        self.required(name, field.tested(test))
    }

    /// A field that may be absent, and must pass `test` where it is there.
    #[expect(clippy::option_option, reason = "a mistake is not an absent field")]
    pub(crate) fn optional_tested<T: Borrow<B>, B: ?Sized>(
        &mut self,
        name: &str,
        field: Field<T>,
        test: impl FnOnce(&B) -> Result<(), Wrong>,
    ) -> Option<Option<T>> {
        self.optional(name, field.tested(test))
    }

    /// Remembers a mistake.
    pub(crate) fn wrong(&mut self, name: &str, Wrong { code, message }: Wrong) {
        let field = match self.item {
            Some((list, index)) => format!("{list}[{index}].{name}"),
            None => name.to_owned(),
        };
        self.errors.push(FieldError { field, code, message });
    }

    /// Whether nothing was wrong so far.
    pub(crate) fn is_good(&self) -> bool {
        self.errors.is_empty()
    }

    /// All mistakes as a problem.
    pub(crate) fn refuse(self) -> Problem {
        Problem::invalid_fields(self.errors)
    }
}

impl<T> Field<T> {
    fn tested<B: ?Sized>(self, test: impl FnOnce(&B) -> Result<(), Wrong>) -> Self
    where
        T: Borrow<B>,
    {
        match self {
            Self::Given(value) => match test(value.borrow()) {
                Ok(()) => Self::Given(value),
                Err(wrong) => Self::Wrong(wrong),
            },
            other => other,
        }
    }
}

/// Tests that a text has so many characters, none of them a control character, and does not begin
/// or end with a space.
pub(crate) fn text(length: RangeInclusive<usize>) -> impl Fn(&str) -> Result<(), Wrong> {
    move |text| {
        if !length.contains(&text.chars().count()) {
            let message =
                format!("must have from {} to {} characters", length.start(), length.end());
            return Err(Wrong::new("length", message));
        }
        if text.chars().any(char::is_control) || text.trim() != text {
            let message = "must not have control characters, nor spaces at its ends";
            return Err(Wrong::new("characters", message));
        }
        Ok(())
    }
}

/// Tests that a number lies in a range.
pub(crate) fn within(range: RangeInclusive<i64>) -> impl Fn(&i64) -> Result<(), Wrong> {
    move |number| {
        if range.contains(number) {
            return Ok(());
        }
        let message = format!("must lie between {} and {}", range.start(), range.end());
        Err(Wrong::new("range", message))
    }
}
