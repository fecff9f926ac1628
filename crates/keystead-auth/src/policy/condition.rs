use std::net::IpAddr;

use crate::date::parse_date;
use crate::policy::PolicyError;
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
    /// Of the `String…` operators; with wildcards for `StringLike` and `StringNotLike`.
    Texts(Vec<String>),
    /// Of the `Numeric…` operators; finite.
    Numbers(Vec<f64>),
    /// Of the `Date…` operators, in seconds since 1970.
    Dates(Vec<i64>),
    /// Of `Bool`.
    Bools(Vec<bool>),
    /// Of `IpAddress` and `NotIpAddress`.
    Networks(Vec<Network>),
}

/// Addresses that begin with the same bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    /// One of them.
    pub address: IpAddr,
    /// How many bits they share: up to 32 for IPv4, up to 128 for IPv6.
    pub prefix: u8,
}

impl Network {
    /// Reads an address, or an address and a prefix length with `/` between.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let bits = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => bits,
            // Digits alone: `parse` would take a sign.
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse().ok()?,
            Some(_) => return None,
        };
        (prefix <= bits).then_some(Self { address, prefix })
    }
}

/// What of a call a condition looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConditionKey {
    /// `acs:SourceIp`: the address that the call came from.
    SourceIp,
    /// `acs:SourceVpc`
    SourceVpc,
    /// `acs:VpcSourceIp`
    VpcSourceIp,
    /// `acs:CurrentTime`
    CurrentTime,
    /// `acs:SecureTransport`: whether it came over TLS.
    SecureTransport,
    /// `acs:MFAPresent`
    MfaPresent,
    /// `acs:PrincipalARN`
    PrincipalArn,
    /// `acs:PrincipalRDId`
    PrincipalRdId,
    /// `acs:PrincipalRDPath`
    PrincipalRdPath,
    /// `kms:tag/<tag key>`: the value of a tag of the key that is used.
    Tag(String),
}

impl ConditionKey {
    fn find(text: &str) -> Option<Self> {
        Some(match text {
            "acs:SourceIp" => Self::SourceIp,
            "acs:SourceVpc" => Self::SourceVpc,
            "acs:VpcSourceIp" => Self::VpcSourceIp,
            "acs:CurrentTime" => Self::CurrentTime,
            "acs:SecureTransport" => Self::SecureTransport,
            "acs:MFAPresent" => Self::MfaPresent,
            "acs:PrincipalARN" => Self::PrincipalArn,
            "acs:PrincipalRDId" => Self::PrincipalRdId,
            "acs:PrincipalRDPath" => Self::PrincipalRdPath,
            _ => Self::Tag(text.strip_prefix("kms:tag/").filter(|key| !key.is_empty())?.to_owned()),
        })
    }
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
    StringLike texts,
    /// Matches no pattern.
    StringNotLike texts,
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

/// Reads one condition: the values of one key under one operator.
pub(super) fn condition(
    operator: Operator,
    key: &str,
    values: &[String],
    place: &Place<'_>,
) -> Result<Condition, PolicyError> {
    let known = ConditionKey::find(key).ok_or_else(|| place.wrong("this condition key is not known"))?;
    Ok(Condition { operator, key: known, values: operator.operands(Values { values, place })? })
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

    fn numbers(self) -> Result<Operands, PolicyError> {
        let finite = |text: &str| text.parse().ok().filter(|number: &f64| number.is_finite());
        self.each("a number", finite).map(Operands::Numbers)
    }

    fn dates(self) -> Result<Operands, PolicyError> {
        self.each("a time such as 2026-11-24T18:29:00Z", |text| parse_date(text).ok()).map(Operands::Dates)
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
