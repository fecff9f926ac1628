//! Whom documents name.

use crate::policy::PolicyError;
use crate::policy::fields::{Fields, list};
use crate::policy::place::{Place, shown};
use crate::policy::resource::Principal;
use crate::policy::trust::TrustedPrincipal;

/// Characters of a user's or role's name at most (RAM: 64), and of an account id.
const MAX_NAME: usize = 64;
/// Characters of an identity provider's name at most (RAM: 128).
const MAX_PROVIDER: usize = 128;
/// Characters of a service's domain at most.
const MAX_DOMAIN: usize = 256;

pub(super) fn ram_principals(fields: &mut Fields<'_>) -> Result<Vec<Principal>, PolicyError> {
    let json = fields.required("Principal")?;
    let place = fields.place.name("Principal");
    let mut kinds = Fields::of(json, place)?;
    let found = list(&mut kinds, "RAM", ram_principal)?;
    kinds.no_more()?;
    Ok(found)
}

pub(super) fn trusted_principals(fields: &mut Fields<'_>) -> Result<Vec<TrustedPrincipal>, PolicyError> {
    let json = fields.required("Principal")?;
    let place = fields.place.name("Principal");
    let mut kinds = Fields::of(json, place)?;
    let mut found = Vec::new();
    if kinds.has("RAM") {
        found.extend(list(&mut kinds, "RAM", ram_principal)?.into_iter().map(TrustedPrincipal::Ram));
    }
    if kinds.has("Service") {
        found.append(&mut list(&mut kinds, "Service", service)?);
    }
    if kinds.has("Federated") {
        found.append(&mut list(&mut kinds, "Federated", provider)?);
    }
    kinds.no_more()?;
    if found.is_empty() {
        return Err(place.wrong("must name RAM, Service or Federated"));
    }
    Ok(found)
}

fn ram_principal(text: &str, place: &Place<'_>) -> Result<Principal, PolicyError> {
    principal(text).ok_or_else(|| {
        place.wrong(format!(
            "{} is not acs:ram::<account>:* or acs:ram::<account>:root, user/<name> or role/<name>",
            shown(text)
        ))
    })
}

fn service(text: &str, place: &Place<'_>) -> Result<TrustedPrincipal, PolicyError> {
    let valid = |byte: u8| byte.is_ascii_alphanumeric() || b".-_@".contains(&byte);
    if text.is_empty() || text.len() > MAX_DOMAIN || !text.bytes().all(valid) {
        return Err(place.wrong(format!("{} is not the domain of a service", shown(text))));
    }
    Ok(TrustedPrincipal::Service(text.to_owned()))
}

fn provider(text: &str, place: &Place<'_>) -> Result<TrustedPrincipal, PolicyError> {
    let name = text.strip_prefix("acs:ram::").and_then(|rest| {
        let (account, path) = rest.split_once(':')?;
        let name = path.strip_prefix("oidc-provider/").or_else(|| path.strip_prefix("saml-provider/"))?;
        is_account(account).then_some(name)
    });
    match name {
        Some(name) if is_name(name, MAX_PROVIDER) => Ok(TrustedPrincipal::Federated(text.to_owned())),
        _ => Err(place.wrong(format!(
            "{} is not acs:ram::<account>:oidc-provider/<name> or saml-provider/<name>",
            shown(text)
        ))),
    }
}

fn is_account(text: &str) -> bool {
    (1..=MAX_NAME).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_name(text: &str, longest: usize) -> bool {
    let valid = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    (1..=longest).contains(&text.len()) && text.bytes().all(valid)
}

fn principal(text: &str) -> Option<Principal> {
    let (account, who) = text.strip_prefix("acs:ram::")?.split_once(':')?;
    if !is_account(account) {
        return None;
    }
    let account = account.to_owned();
    let named = |name: &str| is_name(name, MAX_NAME).then(|| name.to_owned());
    match who.split_once('/') {
        None if who == "*" => Some(Principal::Account(account)),
        None if who == "root" => Some(Principal::Root(account)),
        Some(("user", name)) => Some(Principal::User { account, name: named(name)? }),
        Some(("role", name)) => Some(Principal::Role { account, name: named(name)? }),
        _ => None,
    }
}
