//! Conditions: operators, and the values that they compare with.

use crate::date::parse_date;
use crate::policy::PolicyError;
use crate::policy::key::ConditionKey;
use crate::policy::network::Network;
use crate::policy::pattern::Pattern;
use crate::policy::place::{Place, shown};

/// What must hold for a statement to apply: of several values one must fit, of negated operators none.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// How it compares.
    pub operator: Operator,
    /// What of the call it looks at.
    pub key: ConditionKey,
    /// What it compares with, at least one.
    pub values: Operands,
}

/// Values, in the type that the operator compares.
#[derive(Clone, Debug, PartialEq)]
pub enum Operands {
    /// Of the `String…` operators without wildcards.
    Texts(Vec<String>),
    /// Of `StringLike` and `StringNotLike`.
    Patterns(Vec<Pattern>),
    /// Of the `Numeric…` operators; finite.
    Numbers(Vec<f64>),
    /// Of the `Date…` operators, in seconds since 1970.
    Dates(Vec<i64>),
    /// Of `Bool`.
    Bools(Vec<bool>),
    /// Of `IpAddress` and `NotIpAddress`.
    Networks(Vec<Network>),
}

macro_rules! operators {
    ($($(#[doc = $doc:literal])* $name:ident $kind:ident,)*) => {
        /// How a condition compares (RAM policy language).
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Operator {
            $($(#[doc = $doc])* $name,)*
        }

        impl Operator {
            /// All of them.
            pub const ALL: &'static [Operator] = &[$(Operator::$name),*];

            /// Its name in documents.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }

            /// Reads values into the type that it compares.
            fn operands(self, values: Values<'_>) -> Result<Operands, PolicyError> {
                match self { $(Self::$name => values.$kind(),)* }
            }
        }
    };
}

operators! {
    /// Equal.
    StringEquals texts,
    /// Not equal.
    StringNotEquals texts,
    /// Equal but for upper and lower case.
    StringEqualsIgnoreCase texts,
    /// Not equal, also but for upper and lower case.
    StringNotEqualsIgnoreCase texts,
    /// Matches a pattern.
    StringLike patterns,
    /// Matches no pattern.
    StringNotLike patterns,
    /// Equal numbers.
    NumericEquals numbers,
    /// Different numbers.
    NumericNotEquals numbers,
    /// Smaller.
    NumericLessThan numbers,
    /// Smaller or equal.
    NumericLessThanEquals numbers,
    /// Greater.
    NumericGreaterThan numbers,
    /// Greater or equal.
    NumericGreaterThanEquals numbers,
    /// The same time.
    DateEquals dates,
    /// Another time.
    DateNotEquals dates,
    /// Earlier.
    DateLessThan dates,
    /// Earlier or the same.
    DateLessThanEquals dates,
    /// Later.
    DateGreaterThan dates,
    /// Later or the same.
    DateGreaterThanEquals dates,
    /// The same boolean.
    Bool bools,
    /// In a network.
    IpAddress networks,
    /// In no network.
    NotIpAddress networks,
}

impl Operator {
    /// Finds it by its name, byte by byte.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|operator| operator.name() == name)
    }
}

/// Which condition keys a document takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keys {
    /// Those that a call on a key or secret has.
    OfResources,
    /// Any that has the form of one.
    WellFormed,
}

/// Reads one condition: the values of one key under one operator.
pub(super) fn condition(
    operator: Operator,
    key: &str,
    values: &[String],
    keys: Keys,
    place: &Place<'_>,
) -> Result<Condition, PolicyError> {
    let key = match ConditionKey::parse(key) {
        Some(ConditionKey::Unknown(_) | ConditionKey::OfSts(_)) | None if keys == Keys::OfResources => {
            return Err(place.wrong("this condition key is not known"));
        }
        None => return Err(place.wrong("is not a condition key such as acs:SourceIp")),
        Some(key) => key,
    };
    Ok(Condition { operator, key, values: operator.operands(Values { values, place })? })
}

#[derive(Clone, Copy)]
struct Values<'a> {
    values: &'a [String],
    place: &'a Place<'a>,
}

impl Values<'_> {
    fn texts(self) -> Result<Operands, PolicyError> {
        Ok(Operands::Texts(self.values.to_vec()))
    }

    fn patterns(self) -> Result<Operands, PolicyError> {
        Ok(Operands::Patterns(self.values.iter().map(|text| Pattern::new(text)).collect()))
    }

    fn numbers(self) -> Result<Operands, PolicyError> {
        let finite = |text: &str| text.parse().ok().filter(|number: &f64| number.is_finite());
        self.each("a number", finite).map(Operands::Numbers)
    }

    fn dates(self) -> Result<Operands, PolicyError> {
        self.each("a time such as 2026-11-24T18:29:00Z", time).map(Operands::Dates)
    }

    fn bools(self) -> Result<Operands, PolicyError> {
        let boolean = |text: &str| match text {
            _ if text.eq_ignore_ascii_case("true") => Some(true),
            _ if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        };
        self.each("true or false", boolean).map(Operands::Bools)
    }

    fn networks(self) -> Result<Operands, PolicyError> {
        self.each("an address or a network such as 192.168.0.0/16", Network::parse).map(Operands::Networks)
    }

    fn each<T>(self, what: &str, read: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, PolicyError> {
        let read = |(index, text): (usize, &String)| {
            read(text).ok_or_else(|| {
                let place = self.place.item(index);
                place.wrong(format!("{} is not {what}", shown(text)))
            })
        };
        self.values.iter().enumerate().map(read).collect()
    }
}

/// Reads `2026-11-24T18:29:00Z`, also with an offset such as `+08:00` in place of the `Z`.
pub(super) fn time(text: &str) -> Option<i64> {
    let Some((local, offset)) = text.split_at_checked(19).filter(|(_, offset)| *offset != "Z") else {
        return parse_date(text).ok();
    };
    let &[sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] = offset.as_bytes() else { return None };
    let two = |a: u8, b: u8| {
        (a.is_ascii_digit() && b.is_ascii_digit()).then(|| i64::from(a - b'0') * 10 + i64::from(b - b'0'))
    };
    let (hours, minutes) = (two(h1, h2).filter(|h| *h < 24)?, two(m1, m2).filter(|m| *m < 60)?);
    let east = (hours * 60 + minutes) * 60 * if sign == b'+' { 1 } else { -1 };
    Some(parse_date(&format!("{local}Z")).ok()? - east)
}
