//! A second evaluator, written from the grammar's description over plain JSON: slow, and without anything of the first one.
//! It takes documents that were accepted.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};

use serde_json::Value;

/// Everything about a call, owned.
#[derive(Clone, Debug)]
pub struct Call {
    pub action: String,
    pub service: String,
    pub region: String,
    pub owner: String,
    pub path: String,
    pub tags: BTreeMap<String, String>,
    /// `root`, `user` or `role`.
    pub kind: String,
    pub account: String,
    pub name: String,
    pub now: String,
    pub source: Option<String>,
    pub tls: bool,
    pub mfa: bool,
    pub vpc: Option<String>,
    pub vpc_source: Option<String>,
    pub extra: Vec<(String, String)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    Allow(usize),
    Deny(usize),
    Nothing,
}

impl Call {
    pub fn arn(&self) -> String {
        format!("acs:{}:{}:{}:{}", self.service, self.region, self.owner, self.path)
    }

    pub fn principal_arns(&self) -> Vec<String> {
        match &*self.kind {
            "root" => vec![format!("acs:ram::{}:root", self.account)],
            "user" => vec![format!("acs:ram::{}:user/{}", self.account, self.name)],
            _ => vec![
                format!("acs:ram::{}:role/{}", self.account, self.name),
                format!("acs:ram::{}:assumed-role/{}/session", self.account, self.name),
            ],
        }
    }
}

/// An identity's or a session's policy.
pub fn identity(document: &Value, call: &Call) -> Says {
    says(document, call, |statement| identity_resource(statement, call))
}

/// A key's or a secret's policy.
pub fn resource(document: &Value, call: &Call) -> Says {
    says(document, call, |statement| {
        let own = call.account == call.owner && statement["Effect"] == "Allow";
        texts(&statement["Principal"]["RAM"]).iter().any(|principal| {
            let whole = [format!("acs:ram::{}:*", call.account), format!("acs:ram::{}:root", call.account)];
            if whole.contains(principal) {
                return !own;
            }
            call.kind != "root"
                && principal.to_lowercase()
                    == format!("acs:ram::{}:{}/{}", call.account, call.kind, call.name).to_lowercase()
        })
    })
}

fn says(document: &Value, call: &Call, about: impl Fn(&Value) -> bool) -> Says {
    let statements = document["Statement"].as_array().unwrap();
    let applying: Vec<usize> = (0..statements.len())
        .filter(|index| {
            let statement = &statements[*index];
            actions(statement, call) && about(statement) && conditions(statement, call)
        })
        .collect();
    let of = |effect: &str| applying.iter().find(|index| statements[**index]["Effect"] == effect);
    match (of("Deny"), of("Allow")) {
        (Some(index), _) => Says::Deny(*index),
        (None, Some(index)) => Says::Allow(*index),
        (None, None) => Says::Nothing,
    }
}

fn actions(statement: &Value, call: &Call) -> bool {
    let any = |list: &Value| {
        texts(list).iter().any(|pattern| like(&pattern.to_lowercase(), &call.action.to_lowercase()))
    };
    match statement.get("NotAction") {
        Some(list) => !any(list),
        None => any(&statement["Action"]),
    }
}

fn identity_resource(statement: &Value, call: &Call) -> bool {
    let container = call.path != "*" && !call.path.contains('/');
    texts(&statement["Resource"]).iter().any(|pattern| {
        let (mut pattern, mut arn) = (pattern.clone(), call.arn());
        if call.service != "kms" {
            (pattern, arn) = (pattern.to_lowercase(), arn.to_lowercase());
        }
        like(&pattern, &arn)
            || container && pattern.ends_with("/*") && like(&pattern[..pattern.len() - 2], &arn)
    })
}

fn conditions(statement: &Value, call: &Call) -> bool {
    let Some(operators) = statement.get("Condition") else { return true };
    operators.as_object().unwrap().iter().all(|(operator, keys)| {
        keys.as_object().unwrap().iter().all(|(key, values)| {
            let (known, facts) = facts(key, call);
            if !known && facts.is_empty() {
                return statement["Effect"] == "Deny";
            }
            let positive = operator.replace("Not", "");
            let names = key.to_lowercase() == "acs:principalarn";
            let fits = facts
                .iter()
                .any(|fact| texts(values).iter().any(|value| compare(&positive, names, fact, value)));
            fits != operator.contains("Not")
        })
    })
}

/// Whether the key is known, and its values as texts.
fn facts(key: &str, call: &Call) -> (bool, Vec<String>) {
    let list = |option: &Option<String>| option.iter().cloned().collect::<Vec<_>>();
    let address = |option: &Option<String>| list(option).iter().map(|text| canonical(text)).collect();
    let lower = key.to_lowercase();
    let extra = || -> Vec<String> {
        let wanted = call.extra.iter().filter(|(key, _)| key.to_lowercase() == lower);
        wanted.map(|(_, value)| value.clone()).collect()
    };
    match &*lower {
        "acs:sourceip" => (true, address(&call.source)),
        "acs:sourcevpc" => (true, list(&call.vpc)),
        "acs:vpcsourceip" => (true, address(&call.vpc_source)),
        "acs:currenttime" => (true, vec![call.now.clone()]),
        "acs:securetransport" => (true, vec![call.tls.to_string()]),
        "acs:mfapresent" => (true, vec![call.mfa.to_string()]),
        "acs:principalarn" => (true, call.principal_arns()),
        "acs:principalrdid" | "acs:principalrdpath" => (true, vec![]),
        "kms:tag" => (true, call.tags.values().cloned().collect()),
        "sts:externalid" | "oidc:iss" | "oidc:aud" | "oidc:sub" | "saml:recipient" => (true, extra()),
        _ if lower.starts_with("kms:tag/") || lower.starts_with("acs:resourcetag/") => {
            let tag = key.split_once('/').unwrap().1;
            (true, call.tags.get(tag).cloned().into_iter().collect())
        }
        _ => (false, extra()),
    }
}

fn compare(operator: &str, names: bool, fact: &str, value: &str) -> bool {
    let fold = |text: &str| if names { text.to_lowercase() } else { text.to_owned() };
    let instant = |text: &str| seconds(text).map(|seconds| seconds as f64);
    let number = |text: &str| text.parse::<f64>().ok().filter(|number| number.is_finite());
    let ordered = |read: &dyn Fn(&str) -> Option<f64>, kind: &str| {
        let (Some(a), Some(b)) = (read(fact), read(value)) else { return false };
        match &operator[kind.len()..] {
            "Equals" => a == b,
            "LessThan" => a < b,
            "LessThanEquals" => a <= b,
            "GreaterThan" => a > b,
            "GreaterThanEquals" => a >= b,
            other => panic!("{other}"),
        }
    };
    match operator {
        "StringEquals" => fold(fact) == fold(value),
        "StringEqualsIgnoreCase" => fact.to_lowercase() == value.to_lowercase(),
        "StringLike" => like(&fold(value), &fold(fact)),
        "Bool" => {
            let (a, b) = (fact.to_lowercase(), value.to_lowercase());
            a == b && (a == "true" || a == "false")
        }
        "IpAddress" => in_network(fact, value),
        _ if operator.starts_with("Numeric") => ordered(&number, "Numeric"),
        _ if operator.starts_with("Date") => ordered(&instant, "Date"),
        other => panic!("{other}"),
    }
}

/// `2026-11-24T18:29:00` and then `Z` or an offset, counted day by day.
fn seconds(text: &str) -> Option<i64> {
    if text.len() < 20 || !text.is_ascii() {
        return None;
    }
    let part = |range: std::ops::Range<usize>| text[range].parse::<i64>().ok();
    let (year, month, day) = (part(0..4)?, part(5..7)?, part(8..10)?);
    let (hour, minute, second) = (part(11..13)?, part(14..16)?, part(17..19)?);
    let leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let months = |year| [31, if leap(year) { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut days = day - 1 + months(year)[..usize::try_from(month - 1).ok()?].iter().sum::<i64>();
    let of_years = |years: std::ops::Range<i64>| years.map(|y| if leap(y) { 366 } else { 365 }).sum::<i64>();
    days += of_years(1970..year) - of_years(year..1970);
    let offset = match &text[19..] {
        "Z" => 0,
        offset => {
            let minutes = offset[1..3].parse::<i64>().ok()? * 60 + offset[4..6].parse::<i64>().ok()?;
            if offset.starts_with('-') { -minutes } else { minutes }
        }
    };
    Some(days * 86_400 + hour * 3_600 + (minute - offset) * 60 + second)
}

fn canonical(text: &str) -> String {
    text.strip_prefix("::ffff:").filter(|rest| rest.contains('.')).unwrap_or(text).to_owned()
}

/// An address as its family and bits, one character each.
fn bits(text: &str) -> Option<(char, String)> {
    match canonical(text).parse().ok()? {
        IpAddr::V4(address) => Some(('4', format!("{:032b}", u32::from(address)))),
        IpAddr::V6(address) => Some(('6', format!("{:0128b}", u128::from(Ipv6Addr::from(address.octets()))))),
    }
}

fn in_network(address: &str, network: &str) -> bool {
    let Some((family, address)) = bits(address) else { return false };
    let (base, length) = network.split_once('/').unwrap_or((network, "128"));
    let mut length: usize = length.parse().unwrap();
    let (of, base_bits) = bits(base).unwrap();
    if of == '4' && base.contains(':') && network.contains('/') {
        // An IPv4 network that is written as an IPv6 one; the documents here have none that is wider.
        length = length.checked_sub(96).unwrap();
    }
    let length = length.min(address.len());
    family == of && base_bits[..length] == address[..length]
}

/// `*` and `?`, by trying everything.
pub fn like(pattern: &str, text: &str) -> bool {
    let mut rest = pattern.chars();
    match rest.next() {
        None => text.is_empty(),
        Some('*') => {
            let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            ends.into_iter().any(|at| like(rest.as_str(), &text[at..]))
        }
        Some(wanted) => match text.chars().next() {
            Some(c) if wanted == '?' || wanted == c => like(rest.as_str(), &text[c.len_utf8()..]),
            _ => false,
        },
    }
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::String(text) => vec![text.clone()],
        plain => vec![plain.to_string()],
    }
}
