use crate::policy::condition::{Condition, Keys, Operator, condition};
use crate::policy::identity::{IdentityPolicy, IdentityStatement};
use crate::policy::json::Json;
use crate::policy::pattern::Pattern;
use crate::policy::place::{Place, shown};
use crate::policy::resource::{PolicyDocument, Principal, Statement};
use crate::policy::statement::{Actions, Effect};
use crate::policy::trust::{TrustPolicy, TrustStatement, TrustedPrincipal};
use crate::policy::{MAX_POLICY_BYTES, MAX_TRUST_POLICY_CHARS, PolicyError};

/// Characters of a statement's id at most.
const MAX_SID: usize = 128;
/// Characters of a user's or role's name at most (RAM: 64), and of an account id.
const MAX_NAME: usize = 64;
/// Characters of an identity provider's name at most (RAM: 128).
const MAX_PROVIDER: usize = 128;
/// Characters of a service's domain at most.
const MAX_DOMAIN: usize = 256;

pub(super) fn resource_policy(text: &str) -> Result<PolicyDocument, PolicyError> {
    if text.len() > MAX_POLICY_BYTES {
        return Err(Place::Whole.wrong(format!("it is longer than {MAX_POLICY_BYTES} bytes")));
    }
    Ok(PolicyDocument { statements: document(text, resource_statement)? })
}

pub(super) fn identity_policy(text: &str, max_chars: usize) -> Result<IdentityPolicy, PolicyError> {
    check_length(text, max_chars)?;
    Ok(IdentityPolicy { statements: document(text, identity_statement)? })
}

pub(super) fn trust_policy(text: &str) -> Result<TrustPolicy, PolicyError> {
    check_length(text, MAX_TRUST_POLICY_CHARS)?;
    Ok(TrustPolicy { statements: document(text, trust_statement)? })
}

fn check_length(text: &str, max_chars: usize) -> Result<(), PolicyError> {
    if text.chars().nth(max_chars).is_some() {
        return Err(Place::Whole.wrong(format!("it is longer than {max_chars} characters")));
    }
    Ok(())
}

/// What all kinds of policies have: a version and a list of statements.
fn document<T>(
    text: &str,
    statement: impl Fn(&Json, &Place<'_>) -> Result<T, PolicyError>,
) -> Result<Vec<T>, PolicyError> {
    let place = Place::Whole;
    let json = Json::parse(text)?;
    let mut fields = Fields::of(&json, place)?;
    let (version, at) = (fields.required("Version")?, place.name("Version"));
    if string(version, &at)? != "1" {
        return Err(at.wrong("must be \"1\""));
    }
    let (statements, at) = (fields.required("Statement")?, place.name("Statement"));
    fields.no_more()?;
    let Json::List(items) = statements else { return Err(unexpected(statements, "a list", &at)) };
    if items.is_empty() {
        return Err(at.wrong("must not be empty"));
    }
    items.iter().enumerate().map(|(index, item)| statement(item, &at.item(index))).collect()
}

fn resource_statement(json: &Json, place: &Place<'_>) -> Result<Statement, PolicyError> {
    let mut fields = Fields::of(json, *place)?;
    let sid = fields.optional("Sid").map(|json| sid(json, &place.name("Sid"))).transpose()?;
    let effect = effect(&mut fields)?;
    let principals = ram_principals(&mut fields)?;
    let actions = list(&mut fields, "Action", kms_action)?;
    list(&mut fields, "Resource", |text, at| match text {
        "*" => Ok(()),
        _ => Err(at.wrong("must be \"*\": a policy is about the one resource that has it")),
    })?;
    let conditions = conditions(&mut fields, Keys::OfResources)?;
    fields.no_more()?;
    Ok(Statement { sid, effect, principals, actions, conditions })
}

fn identity_statement(json: &Json, place: &Place<'_>) -> Result<IdentityStatement, PolicyError> {
    let mut fields = Fields::of(json, *place)?;
    if let Some(json) = fields.optional("Sid") {
        sid(json, &place.name("Sid"))?;
    }
    let effect = effect(&mut fields)?;
    let actions = actions(&mut fields, any_action)?;
    let resources = list(&mut fields, "Resource", resource)?;
    let conditions = conditions(&mut fields, Keys::WellFormed)?;
    fields.no_more()?;
    Ok(IdentityStatement { effect, actions, resources, conditions })
}

fn trust_statement(json: &Json, place: &Place<'_>) -> Result<TrustStatement, PolicyError> {
    let mut fields = Fields::of(json, *place)?;
    if let Some(json) = fields.optional("Sid") {
        sid(json, &place.name("Sid"))?;
    }
    let effect = effect(&mut fields)?;
    let principals = trusted_principals(&mut fields)?;
    let actions = Actions { patterns: list(&mut fields, "Action", sts_action)?, except: false };
    let conditions = conditions(&mut fields, Keys::WellFormed)?;
    fields.no_more()?;
    Ok(TrustStatement { effect, principals, actions, conditions })
}

fn effect(fields: &mut Fields<'_>) -> Result<Effect, PolicyError> {
    let json = fields.required("Effect")?;
    let at = fields.place.name("Effect");
    match string(json, &at)? {
        "Allow" => Ok(Effect::Allow),
        "Deny" => Ok(Effect::Deny),
        _ => Err(at.wrong("must be \"Allow\" or \"Deny\"")),
    }
}

/// A required field of one string or of several, each read.
fn list<T>(
    fields: &mut Fields<'_>,
    name: &'static str,
    read: impl Fn(&str, &Place<'_>) -> Result<T, PolicyError>,
) -> Result<Vec<T>, PolicyError> {
    let json = fields.required(name)?;
    let at = fields.place.name(name);
    each(&strings(json, &at)?, &at, read)
}

fn sid(json: &Json, place: &Place<'_>) -> Result<String, PolicyError> {
    let text = string(json, place)?;
    let valid = |c: char| c.is_ascii_alphanumeric() || "_/+=.@- ".contains(c);
    if text.chars().count() > MAX_SID || !text.chars().all(valid) {
        return Err(place.wrong("takes at most 128 letters, digits, spaces and _ / + = . @ -"));
    }
    Ok(text.to_owned())
}

fn ram_principals(fields: &mut Fields<'_>) -> Result<Vec<Principal>, PolicyError> {
    let json = fields.required("Principal")?;
    let place = fields.place.name("Principal");
    let mut kinds = Fields::of(json, place)?;
    let found = list(&mut kinds, "RAM", ram_principal)?;
    kinds.no_more()?;
    Ok(found)
}

fn trusted_principals(fields: &mut Fields<'_>) -> Result<Vec<TrustedPrincipal>, PolicyError> {
    let json = fields.required("Principal")?;
    let place = fields.place.name("Principal");
    let mut found = Vec::new();
    for (kind, json) in object(json, &place)? {
        let shown = shown(kind);
        let (at, read): (_, fn(&str, &Place<'_>) -> Result<TrustedPrincipal, PolicyError>) = match &**kind {
            "RAM" => (place.name("RAM"), |text, at| ram_principal(text, at).map(TrustedPrincipal::Ram)),
            "Service" => (place.name("Service"), service),
            "Federated" => (place.name("Federated"), provider),
            _ => return Err(place.wrong(format!("{shown} is not RAM, Service or Federated"))),
        };
        found.append(&mut each(&strings(json, &at)?, &at, read)?);
    }
    if found.is_empty() {
        return Err(place.wrong("must not be empty"));
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

/// `Action` or `NotAction`.
fn actions(
    fields: &mut Fields<'_>,
    read: impl Fn(&str, &Place<'_>) -> Result<Pattern, PolicyError>,
) -> Result<Actions, PolicyError> {
    let except = fields.has("NotAction");
    if except && fields.has("Action") {
        return Err(fields.place.wrong("has both Action and NotAction"));
    }
    let name = if except { "NotAction" } else { "Action" };
    Ok(Actions { patterns: list(fields, name, read)?, except })
}

/// Names that no operation has are kept and match nothing.
fn kms_action(text: &str, place: &Place<'_>) -> Result<Pattern, PolicyError> {
    let valid = |byte: u8| byte.is_ascii_alphanumeric() || b"*?".contains(&byte);
    match text.strip_prefix("kms:") {
        Some(name) if !name.is_empty() && name.bytes().all(valid) => Ok(Pattern::new(text)),
        _ => Err(place.wrong(format!("{} is not kms: and a name, in which * and ? may stand", shown(text)))),
    }
}

fn sts_action(text: &str, place: &Place<'_>) -> Result<Pattern, PolicyError> {
    let valid = |byte: u8| byte.is_ascii_alphanumeric() || b"*?".contains(&byte);
    match text.strip_prefix("sts:") {
        Some(name) if !name.is_empty() && name.bytes().all(valid) => Ok(Pattern::new(text)),
        _ => Err(place.wrong(format!("{} is not sts: and a name, such as sts:AssumeRole", shown(text)))),
    }
}

/// Actions of services that are not here are kept and match nothing.
fn any_action(text: &str, place: &Place<'_>) -> Result<Pattern, PolicyError> {
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
fn resource(text: &str, place: &Place<'_>) -> Result<Pattern, PolicyError> {
    let literal = text.split(['*', '?']).next().unwrap_or_default();
    let begins = literal.starts_with("acs:") || (literal.len() < text.len() && "acs:".starts_with(literal));
    if !begins || text.contains(char::is_control) {
        return Err(place.wrong(format!("{} is not * or an ARN such as acs:kms:*:*:key/*", shown(text))));
    }
    Ok(Pattern::new(text))
}

fn conditions(fields: &mut Fields<'_>, known: Keys) -> Result<Vec<Condition>, PolicyError> {
    let Some(json) = fields.optional("Condition") else { return Ok(Vec::new()) };
    let place = &fields.place.name("Condition");
    let mut found = Vec::new();
    for (name, keys) in object(json, place)? {
        let operator =
            Operator::find(name).ok_or_else(|| place.wrong(format!("{} is no operator", shown(name))))?;
        let at = place.name(operator.name());
        let keys = object(keys, &at)?;
        if keys.is_empty() {
            return Err(at.wrong("must not be empty"));
        }
        for (key, values) in keys {
            let shown = shown(key);
            let at = at.name(&shown);
            found.push(condition(operator, key, &strings_or_plain(values, &at)?, known, &at)?);
        }
    }
    Ok(found)
}

/// The fields of an object, taken out one by one, so that what is left over is found.
struct Fields<'a> {
    left: Vec<&'a (String, Json)>,
    place: Place<'a>,
}

impl<'a> Fields<'a> {
    fn of(json: &'a Json, place: Place<'a>) -> Result<Self, PolicyError> {
        Ok(Self { left: object(json, &place)?.iter().collect(), place })
    }

    fn optional(&mut self, name: &str) -> Option<&'a Json> {
        let index = self.left.iter().position(|(field, _)| field == name)?;
        Some(&self.left.remove(index).1)
    }

    fn has(&self, name: &str) -> bool {
        self.left.iter().any(|(field, _)| field == name)
    }

    fn required(&mut self, name: &str) -> Result<&'a Json, PolicyError> {
        self.optional(name).ok_or_else(|| self.place.wrong(format!("{name} is missing")))
    }

    fn no_more(&self) -> Result<(), PolicyError> {
        match self.left.first() {
            None => Ok(()),
            Some((name, _)) => Err(self.place.wrong(format!("{} does not belong here", shown(name)))),
        }
    }
}

fn object<'a>(json: &'a Json, place: &Place<'_>) -> Result<&'a [(String, Json)], PolicyError> {
    match json {
        Json::Object(fields) => Ok(fields),
        other => Err(unexpected(other, "an object", place)),
    }
}

fn string<'a>(json: &'a Json, place: &Place<'_>) -> Result<&'a str, PolicyError> {
    match json {
        Json::Text(text) => Ok(text),
        other => Err(unexpected(other, "a string", place)),
    }
}

/// One string, or a list of at least one.
fn strings(json: &Json, place: &Place<'_>) -> Result<Vec<String>, PolicyError> {
    one_or_more(json, place, |json, place| string(json, place).map(str::to_owned))
}

/// The same, where a number or a boolean may stand without quotes.
fn strings_or_plain(json: &Json, place: &Place<'_>) -> Result<Vec<String>, PolicyError> {
    one_or_more(json, place, |json, place| match json {
        Json::Bool(value) => Ok(value.to_string()),
        Json::Number(text) => Ok(text.clone()),
        other => string(other, place).map(str::to_owned),
    })
}

fn one_or_more(
    json: &Json,
    place: &Place<'_>,
    read: impl Fn(&Json, &Place<'_>) -> Result<String, PolicyError>,
) -> Result<Vec<String>, PolicyError> {
    match json {
        Json::List(items) if items.is_empty() => Err(place.wrong("must not be empty")),
        Json::List(items) => {
            items.iter().enumerate().map(|(index, item)| read(item, &place.item(index))).collect()
        }
        one => Ok(vec![read(one, place)?]),
    }
}

fn each<T>(
    texts: &[String],
    place: &Place<'_>,
    read: impl Fn(&str, &Place<'_>) -> Result<T, PolicyError>,
) -> Result<Vec<T>, PolicyError> {
    texts.iter().enumerate().map(|(index, text)| read(text, &place.item(index))).collect()
}

fn unexpected(json: &Json, wanted: &str, place: &Place<'_>) -> PolicyError {
    place.wrong(format!("must be {wanted}, not {}", json.kind()))
}
