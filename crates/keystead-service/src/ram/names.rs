//! What names and texts may look like (RAM API reference; error codes).

use keystead_api::{ApiError, ErrorCode, Flaw};

/// What a name is made of.
#[derive(Clone, Copy)]
struct Rule {
    /// Characters at most.
    longest: usize,
    /// What may stand in it beside ASCII letters and digits.
    marks: &'static [u8],
}

/// Users and groups.
const USER: Rule = Rule { longest: 64, marks: b".-_" };
/// Roles.
const ROLE: Rule = Rule { longest: 64, marks: b".-" };
/// Policies.
const POLICY: Rule = Rule { longest: 128, marks: b"-" };
/// OIDC providers.
const PROVIDER: Rule = Rule { longest: 128, marks: b".-_" };

/// Characters in a comment or a display name at most.
const MAX_COMMENTS: usize = 128;
/// Characters in a description at most.
const MAX_DESCRIPTION: usize = 1024;
/// Characters in a mail address at most (RFC 5321).
const MAX_EMAIL: usize = 254;

pub(super) fn invalid(param: &'static str, flaw: Flaw) -> ApiError {
    ErrorCode::Invalid(param, flaw).into()
}

/// A user's name.
pub(super) fn user(param: &'static str, name: &str) -> Result<(), ApiError> {
    check(USER, param, name)
}

/// A group's name.
pub(super) fn group(param: &'static str, name: &str) -> Result<(), ApiError> {
    check(USER, param, name)
}

/// A role's name.
pub(super) fn role(param: &'static str, name: &str) -> Result<(), ApiError> {
    check(ROLE, param, name)
}

/// A policy's name.
pub(super) fn policy(param: &'static str, name: &str) -> Result<(), ApiError> {
    check(POLICY, param, name)
}

/// An OIDC provider's name, which neither begins nor ends with a mark.
pub(super) fn oidc_provider(param: &'static str, name: &str) -> Result<(), ApiError> {
    check(PROVIDER, param, name)?;
    let bytes = name.as_bytes();
    match (bytes.first(), bytes.last()) {
        (Some(first), Some(last)) if first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric() => Ok(()),
        _ => Err(invalid(param, Flaw::Chars)),
    }
}

fn check(rule: Rule, param: &'static str, name: &str) -> Result<(), ApiError> {
    if name.is_empty() || name.chars().count() > rule.longest {
        return Err(invalid(param, Flaw::Length));
    }
    let valid = |byte: u8| byte.is_ascii_alphanumeric() || rule.marks.contains(&byte);
    if name.bytes().all(valid) { Ok(()) } else { Err(invalid(param, Flaw::Chars)) }
}

/// Comments of a user or group; may be empty.
pub(super) fn comments(param: &'static str, text: &str) -> Result<(), ApiError> {
    free_text(param, text, MAX_COMMENTS)
}

/// A user's display name; may be empty.
pub(super) fn display_name(param: &'static str, text: &str) -> Result<(), ApiError> {
    free_text(param, text, MAX_COMMENTS)
}

/// A description of a role or policy; may be empty.
pub(super) fn description(param: &'static str, text: &str) -> Result<(), ApiError> {
    free_text(param, text, MAX_DESCRIPTION)
}

/// Any text without control characters, line breaks and tabs apart.
pub(super) fn free_text(param: &'static str, text: &str, longest: usize) -> Result<(), ApiError> {
    if text.chars().count() > longest {
        return Err(invalid(param, Flaw::Length));
    }
    if text.chars().any(|c| c.is_control() && !"\n\r\t".contains(c)) {
        return Err(invalid(param, Flaw::Chars));
    }
    Ok(())
}

/// A mail address; may be empty. Only the outline is checked: nothing is ever sent there.
pub(super) fn email(param: &'static str, text: &str) -> Result<(), ApiError> {
    let outline = |(local, domain): (&str, &str)| {
        !local.is_empty() && !domain.is_empty() && !domain.contains('@') && !domain.starts_with('.')
    };
    let plain = !text.chars().any(|c| c.is_control() || c.is_whitespace());
    if text.is_empty() || (plain && text.len() <= MAX_EMAIL && text.split_once('@').is_some_and(outline)) {
        Ok(())
    } else {
        Err(invalid(param, Flaw::Format))
    }
}

/// A telephone number, `<country code>-<number>` or the number alone; may be empty.
pub(super) fn mobile_phone(param: &'static str, text: &str) -> Result<(), ApiError> {
    let digits = |text: &str, most: usize| {
        (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    let valid = match text.split_once('-') {
        Some((country, number)) => digits(country, 4) && digits(number, 20),
        None => text.is_empty() || digits(text, 20),
    };
    if valid { Ok(()) } else { Err(invalid(param, Flaw::Format)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert!(user("UserName", "Alice.B_c-1").is_ok());
        assert!(user("UserName", &"x".repeat(64)).is_ok());
        for bad in ["", "a b", "a/b", "a@b", "\u{e9}", "a\0", &"x".repeat(65)] {
            assert!(user("UserName", bad).is_err(), "{bad:?}");
        }
        assert!(role("RoleName", "a_b").is_err() && role("RoleName", "a.b-c").is_ok());
        assert!(policy("PolicyName", "a.b").is_err() && policy("PolicyName", &"p".repeat(128)).is_ok());
        assert!(oidc_provider("OIDCProviderName", "git.hub_1").is_ok());
        assert!(oidc_provider("OIDCProviderName", "github-").is_err());
        assert!(oidc_provider("OIDCProviderName", ".github").is_err());
    }

    #[test]
    fn addresses_and_numbers() {
        for good in ["", "a@b.example", "a.b+c@d"] {
            assert!(email("Email", good).is_ok(), "{good}");
        }
        for bad in ["a", "@b", "a@", "a@b@c", "a b@c", "a@.c", "a\n@b"] {
            assert!(email("Email", bad).is_err(), "{bad}");
        }
        for good in ["", "86-18600008888", "18600008888"] {
            assert!(mobile_phone("MobilePhone", good).is_ok(), "{good}");
        }
        for bad in ["-1", "1-", "+86-1", "86-1-1", "x", &"1".repeat(21)] {
            assert!(mobile_phone("MobilePhone", bad).is_err(), "{bad}");
        }
    }
}
