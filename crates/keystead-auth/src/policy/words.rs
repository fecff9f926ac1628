//! Patterns over actions and over ARNs: what may be written.

use crate::policy::PolicyError;
use crate::policy::pattern::Pattern;
use crate::policy::place::{Place, shown};

/// Of policies of keys and secrets. Names that no operation has are kept and match nothing.
pub(super) fn kms_action(text: &str, place: &Place<'_>) -> Result<Pattern, PolicyError> {
    action_of("kms:", text).ok_or_else(|| {
        place.wrong(format!("{} is not kms: and a name, in which * and ? may stand", shown(text)))
    })
}

/// Of trust policies.
pub(super) fn sts_action(text: &str, place: &Place<'_>) -> Result<Pattern, PolicyError> {
    action_of("sts:", text)
        .ok_or_else(|| place.wrong(format!("{} is not sts: and a name, such as sts:AssumeRole", shown(text))))
}

fn action_of(service: &str, text: &str) -> Option<Pattern> {
    let valid = |byte: u8| byte.is_ascii_alphanumeric() || b"*?".contains(&byte);
    let name = text.strip_prefix(service)?;
    (!name.is_empty() && name.bytes().all(valid)).then(|| Pattern::new(text))
}

/// Actions of services that are not here are kept and match nothing.
pub(super) fn any_action(text: &str, place: &Place<'_>) -> Result<Pattern, PolicyError> {
    let valid = |byte: u8| byte.is_ascii_alphanumeric() || b"*?-_./".contains(&byte);
    match text.split_once(':') {
        None if text == "*" => Ok(Pattern::new(text)),
        Some((service, name))
            if !service.is_empty()
                && !name.is_empty()
                && service.bytes().all(valid)
                && name.bytes().all(valid) =>
        {
            Ok(Pattern::new(text))
        }
        _ => Err(place.wrong(format!("{} is not * or a name such as kms:Encrypt", shown(text)))),
    }
}

/// A pattern that could not match any ARN is a mistake: a denial of it would deny nothing.
pub(super) fn resource(text: &str, place: &Place<'_>) -> Result<Pattern, PolicyError> {
    let literal = text.split(['*', '?']).next().unwrap_or_default();
    let begins = literal.starts_with("acs:") || (literal.len() < text.len() && "acs:".starts_with(literal));
    if !begins || text.contains(char::is_control) {
        return Err(place.wrong(format!("{} is not * or an ARN such as acs:kms:*:*:key/*", shown(text))));
    }
    Ok(Pattern::new(text))
}
