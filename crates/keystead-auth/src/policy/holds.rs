//! Whether the conditions of a statement hold for a call.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::net::IpAddr;

use crate::date::format_date;
use crate::policy::Effect;
use crate::policy::call::{CallerKind, Context, Target};
use crate::policy::condition::{Condition, Operands, Operator, time};
use crate::policy::key::ConditionKey;

/// A fact of the call that a condition looks at.
enum Fact<'a> {
    Text(&'a str),
    /// A name that RAM compares without regard to case.
    Name(&'a str),
    Address(IpAddr),
    Time(i64),
    Bool(bool),
}

/// What a search among a key's facts found.
enum Found {
    /// Whether one of them fits.
    Fits(bool),
    /// The call has none.
    Missing,
    /// It cannot be said what the call has.
    Unknown,
}

impl Condition {
    /// Whether it holds. What cannot be judged holds in a denial and not in an allowance.
    pub(super) fn holds(&self, effect: Effect, target: &Target<'_>, context: &Context<'_>) -> bool {
        let (operator, negated) = self.operator.positive();
        match self.search(operator, target, context) {
            Found::Fits(fits) => fits != negated,
            Found::Missing => negated,
            Found::Unknown => effect == Effect::Deny,
        }
    }

    fn search(&self, operator: Operator, target: &Target<'_>, context: &Context<'_>) -> Found {
        let one = |fact: Fact<'_>| Found::Fits(self.values.fit(operator, &fact));
        let maybe = |fact: Option<Fact<'_>>| fact.map_or(Found::Missing, one);
        match &self.key {
            ConditionKey::SourceIp => maybe(context.source.map(Fact::Address)),
            ConditionKey::SourceVpc => maybe(context.source_vpc.map(Fact::Text)),
            ConditionKey::VpcSourceIp => maybe(context.vpc_source.map(Fact::Address)),
            ConditionKey::CurrentTime => one(Fact::Time(context.now)),
            ConditionKey::SecureTransport => one(Fact::Bool(context.secure_transport)),
            ConditionKey::MfaPresent => one(Fact::Bool(context.mfa)),
            ConditionKey::PrincipalArn => {
                let session = match context.caller.kind {
                    CallerKind::Role { session_arn, .. } => Some(session_arn),
                    _ => None,
                };
                let mut arns = [Some(context.caller.arn), session].into_iter().flatten();
                Found::Fits(arns.any(|arn| self.values.fit(operator, &Fact::Name(arn))))
            }
            // There is no resource directory here.
            ConditionKey::PrincipalRdId | ConditionKey::PrincipalRdPath => Found::Missing,
            ConditionKey::Tag(wanted) => self.tags(operator, target, |key| key == wanted),
            ConditionKey::AnyTag => self.tags(operator, target, |_| true),
            ConditionKey::OfSts(key) => self.extra(operator, context, key).unwrap_or(Found::Missing),
            ConditionKey::Unknown(key) => self.extra(operator, context, key).unwrap_or(Found::Unknown),
        }
    }

    fn tags(&self, operator: Operator, target: &Target<'_>, wanted: impl Fn(&str) -> bool) -> Found {
        let mut found = Found::Missing;
        target.tags().each(&mut |key, value| {
            if wanted(key) && !matches!(found, Found::Fits(true)) {
                found = Found::Fits(self.values.fit(operator, &Fact::Text(value)));
            }
        });
        found
    }

    fn extra(&self, operator: Operator, context: &Context<'_>, wanted: &str) -> Option<Found> {
        let mut values = context.extra.iter().filter(|(key, _)| key.eq_ignore_ascii_case(wanted)).peekable();
        values.peek()?;
        Some(Found::Fits(values.any(|(_, value)| self.values.fit(operator, &Fact::Text(value)))))
    }
}

impl Operator {
    /// The operator without its negation, and whether there was one.
    fn positive(self) -> (Self, bool) {
        match self {
            Self::StringNotEquals => (Self::StringEquals, true),
            Self::StringNotEqualsIgnoreCase => (Self::StringEqualsIgnoreCase, true),
            Self::StringNotLike => (Self::StringLike, true),
            Self::NumericNotEquals => (Self::NumericEquals, true),
            Self::DateNotEquals => (Self::DateEquals, true),
            Self::NotIpAddress => (Self::IpAddress, true),
            positive => (positive, false),
        }
    }

    /// Whether the order of a fact and an operand is the one that it wants.
    fn wants(self, order: Ordering) -> bool {
        match self {
            Self::NumericLessThan | Self::DateLessThan => order.is_lt(),
            Self::NumericLessThanEquals | Self::DateLessThanEquals => order.is_le(),
            Self::NumericGreaterThan | Self::DateGreaterThan => order.is_gt(),
            Self::NumericGreaterThanEquals | Self::DateGreaterThanEquals => order.is_ge(),
            _ => order.is_eq(),
        }
    }
}

impl Operands {
    /// Whether the fact fits one of them. A fact that is of another type, and not a text that can be read as theirs, fits
    /// none.
    fn fit(&self, operator: Operator, fact: &Fact<'_>) -> bool {
        match self {
            Self::Texts(texts) => {
                let (text, name) = (fact.text(), matches!(fact, Fact::Name(_)));
                texts.iter().any(|operand| match operator {
                    Operator::StringEqualsIgnoreCase => same_ignoring_case(operand, &text),
                    _ if name => operand.eq_ignore_ascii_case(&text),
                    _ => **operand == *text,
                })
            }
            Self::Patterns(patterns) => match fact {
                Fact::Name(name) => patterns.iter().any(|pattern| pattern.matches_ignoring_case(name)),
                _ => {
                    let text = fact.text();
                    patterns.iter().any(|pattern| pattern.matches(&text))
                }
            },
            Self::Numbers(numbers) => fact.number().is_some_and(|number| {
                let mut orders = numbers.iter().filter_map(|operand| number.partial_cmp(operand));
                orders.any(|order| operator.wants(order))
            }),
            Self::Dates(dates) => {
                fact.time().is_some_and(|time| dates.iter().any(|operand| operator.wants(time.cmp(operand))))
            }
            Self::Bools(bools) => fact.bool().is_some_and(|bool| bools.contains(&bool)),
            Self::Networks(networks) => {
                fact.address().is_some_and(|address| networks.iter().any(|n| n.contains(address)))
            }
        }
    }
}

impl<'a> Fact<'a> {
    /// As a document would write it.
    fn text(&self) -> Cow<'a, str> {
        match *self {
            Self::Text(text) | Self::Name(text) => Cow::Borrowed(text),
            Self::Address(address) => Cow::Owned(address.to_canonical().to_string()),
            Self::Time(seconds) => Cow::Owned(format_date(seconds).unwrap_or_default()),
            Self::Bool(bool) => Cow::Borrowed(if bool { "true" } else { "false" }),
        }
    }

    fn number(&self) -> Option<f64> {
        match self {
            Self::Text(text) => text.parse().ok().filter(|number: &f64| number.is_finite()),
            _ => None,
        }
    }

    fn time(&self) -> Option<i64> {
        match self {
            Self::Time(seconds) => Some(*seconds),
            Self::Text(text) => time(text),
            _ => None,
        }
    }

    fn bool(&self) -> Option<bool> {
        match self {
            Self::Bool(bool) => Some(*bool),
            Self::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Self::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }

    fn address(&self) -> Option<IpAddr> {
        match self {
            Self::Address(address) => Some(*address),
            Self::Text(text) => text.parse().ok(),
            _ => None,
        }
    }
}

fn same_ignoring_case(a: &str, b: &str) -> bool {
    let lower = |text| str::chars(text).flat_map(char::to_lowercase);
    lower(a).eq(lower(b))
}
