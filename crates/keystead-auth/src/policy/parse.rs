//! Documents and their statements.

use crate::policy::condition::{Condition, Keys, Operator, condition};
use crate::policy::fields::{Fields, list, object, string, strings_or_plain, unexpected};
use crate::policy::identity::{IdentityPolicy, IdentityStatement};
use crate::policy::json::Json;
use crate::policy::pattern::Pattern;
use crate::policy::place::{Place, shown};
use crate::policy::principals::{ram_principals, trusted_principals};
use crate::policy::resource::{PolicyDocument, Statement};
use crate::policy::statement::{Actions, Effect};
use crate::policy::trust::{TrustPolicy, TrustStatement};
use crate::policy::words::{any_action, kms_action, resource, sts_action};
use crate::policy::{MAX_POLICY_BYTES, MAX_TRUST_POLICY_CHARS, PolicyError};

/// Characters of a statement's id at most.
const MAX_SID: usize = 128;

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

fn sid(json: &Json, place: &Place<'_>) -> Result<String, PolicyError> {
    let text = string(json, place)?;
    let valid = |c: char| c.is_ascii_alphanumeric() || "_/+=.@- ".contains(c);
    if text.chars().count() > MAX_SID || !text.chars().all(valid) {
        return Err(place.wrong("takes at most 128 letters, digits, spaces and _ / + = . @ -"));
    }
    Ok(text.to_owned())
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
