//! Bodies of JSON that are checked field by field, so that a client learns of all its mistakes at
//! once.
//!
//! A body is a struct of [`Field`]s. Reading it fails only where it is no object of such fields; a
//! [`Check`] then takes the fields one by one and remembers what is wrong.

use std::borrow::{Borrow, Cow};
use std::fmt::{self, Formatter};
use std::marker::PhantomData;
use std::ops::RangeInclusive;

use mockbank_bank::{AccountId, CardId, Money};
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::amount::{AmountError, exact};
use crate::answer::problem::{FieldError, Problem};

/// Characters of a description.
pub(crate) const DESCRIPTION: RangeInclusive<usize> = 1..=140;

/// A field of a body.
#[derive(Debug, Default)]
pub(crate) enum Field<T> {
    /// Not there.
    #[default]
    Absent,
    /// Null, which stands for an absent field wherever the document allows it.
    Null,
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
            return Ok(Self::Null);
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
        $(impl $crate::request::fields::FromJson for $type {
            fn from_json(json: &str) -> Result<Self, $crate::request::fields::Wrong> {
                $crate::request::fields::value(json, $wrong)
            }
        })+
    };
}
pub(crate) use from_json;

from_json!(String = "must be a text", bool = "must be true or false",);

/// As JSON Schema has it, 18.0 is a whole number.
impl FromJson for i64 {
    fn from_json(json: &str) -> Result<Self, Wrong> {
        let hundredths = exact(json).ok().map(Money::minor);
        let whole = hundredths.filter(|number| number % 100 == 0).map(|number| number / 100);
        whole.ok_or_else(|| Wrong::kind("must be a whole number"))
    }
}

/// An object, where a struct alone would be read from an array too.
#[derive(Debug, Default)]
pub(crate) struct Object<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
            type Value = T;

            fn expecting(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map))
            }
        }

        deserializer.deserialize_map(Fields(PhantomData)).map(Self)
    }
}

macro_rules! id_from_json {
    ($($type:ty = $wrong:literal),+ $(,)?) => {
        $(impl FromJson for $type {
            fn from_json(json: &str) -> Result<Self, Wrong> {
                unescaped(json, $wrong)?.parse().map_err(|_| Wrong::kind($wrong))
            }
        })+
    };
}

/// Reads a text, which is not copied where it stands in the JSON as it is.
fn unescaped<'a>(json: &'a str, wrong: &'static str) -> Result<Cow<'a, str>, Wrong> {
    let quoted = json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    match quoted {
        Some(text) if !text.contains('\\') => Ok(Cow::Borrowed(text)),
        _ => value::<String>(json, wrong).map(Cow::Owned),
    }
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
        if matches!(field, Field::Absent | Field::Null) {
            self.wrong(name, Wrong::new("missing", "must be there"));
        }
        self.optional(name, field)?
    }

    /// A field that may be absent.
    #[expect(clippy::option_option, reason = "a mistake is not an absent field")]
    pub(crate) fn optional<T>(&mut self, name: &str, field: Field<T>) -> Option<Option<T>> {
        match field {
            Field::Absent | Field::Null => Some(None),
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

    /// Two fields of which one must be there, and not the other.
    pub(crate) fn one_of<A, B>(
        &mut self,
        (name, field): (&str, Field<A>),
        (other_name, other): (&str, Field<B>),
    ) -> Option<OneOf<A, B>> {
        match (field, other) {
            (Field::Given(value), Field::Absent) => return Some(OneOf::First(value)),
            (Field::Absent, Field::Given(value)) => return Some(OneOf::Second(value)),
            (Field::Wrong(wrong), Field::Absent) => self.wrong(name, wrong),
            (Field::Absent, Field::Wrong(wrong)) => self.wrong(other_name, wrong),
            _ => {
                let message = format!("or {other_name} must be there, and not both");
                self.wrong(name, Wrong::new("one_of_two", message));
            }
        }
        None
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

/// One of two fields.
#[derive(Debug)]
pub(crate) enum OneOf<A, B> {
    /// The one named first.
    First(A),
    /// The other.
    Second(B),
}

impl<T> Field<T> {
    /// The field, wrong where it is there and does not pass `test`.
    pub(crate) fn tested<B: ?Sized>(self, test: impl FnOnce(&B) -> Result<(), Wrong>) -> Self
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
/// or end with a space. The document says so with a pattern.
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

/// Tests that an amount can be moved: above zero, and no more than one movement can carry.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "tests are given a reference")]
pub(crate) fn movable(amount: &Money) -> Result<(), Wrong> {
    if !amount.is_positive() {
        return Err(Wrong::new("amount_not_positive", "must be above zero"));
    }
    bookable(amount)
}

/// Tests that an amount can be booked: not zero, and no more than one movement can carry.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "tests are given a reference")]
pub(crate) fn bookable(amount: &Money) -> Result<(), Wrong> {
    let most = Money::MAX_MOVEMENT;
    if *amount == Money::ZERO {
        return Err(Wrong::new("amount_zero", "must not be zero"));
    }
    if amount.minor().unsigned_abs() > most.minor().unsigned_abs() {
        return Err(Wrong::new("amount_too_large", format!("must not be larger than {most}")));
    }
    Ok(())
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
