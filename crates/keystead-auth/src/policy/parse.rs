use crate::policy::condition::{Condition, Operator, condition};
use crate::policy::json::Json;
use crate::policy::place::{Place, shown};
use crate::policy::{Effect, MAX_POLICY_BYTES, Pattern, PolicyDocument, PolicyError, Principal, Statement};

/// Characters of a statement's id at most.
const MAX_SID: usize = 128;
/// Characters of a user's or role's name at most (RAM: 64), and of an account id.
const MAX_NAME: usize = 64;

pub(super) fn document(text: &str) -> Result<PolicyDocument, PolicyError> {
    let place = Place::Whole;
    if text.len() > MAX_POLICY_BYTES {
        return Err(place.wrong(format!("it is longer than {MAX_POLICY_BYTES} bytes")));
    }
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
    let statements = items.iter().enumerate().map(|(index, item)| statement(item, &at.item(index)));
    Ok(PolicyDocument { statements: statements.collect::<Result<_, _>>()? })
}

fn statement(json: &Json, place: &Place<'_>) -> Result<Statement, PolicyError> {
    let mut fields = Fields::of(json, *place)?;
    let sid = fields.optional("Sid").map(|json| sid(json, &place.name("Sid"))).transpose()?;
    let (json, at) = (fields.required("Effect")?, place.name("Effect"));
    let effect = match string(json, &at)? {
        "Allow" => Effect::Allow,
        "Deny" => Effect::Deny,
        _ => return Err(at.wrong("must be \"Allow\" or \"Deny\"")),
    };
    let principals = principals(fields.required("Principal")?, &place.name("Principal"))?;
    let actions = strings(fields.required("Action")?, &place.name("Action"))?;
    let actions = each(&actions, &place.name("Action"), action)?;
    let resources = strings(fields.required("Resource")?, &place.name("Resource"))?;
    each(&resources, &place.name("Resource"), |text, at| match text {
        "*" => Ok(()),
        _ => Err(at.wrong("must be \"*\": a policy is about the one resource that has it")),
    })?;
    let conditions = match fields.optional("Condition") {
        Some(json) => conditions(json, &place.name("Condition"))?,
        None => Vec::new(),
    };
    fields.no_more()?;
    Ok(Statement { sid, effect, principals, actions, conditions })
}

fn sid(json: &Json, place: &Place<'_>) -> Result<String, PolicyError> {
    let text = string(json, place)?;
    let valid = |c: char| c.is_ascii_alphanumeric() || "_/+=.@- ".contains(c);
    if text.chars().count() > MAX_SID || !text.chars().all(valid) {
        return Err(place.wrong("takes at most 128 letters, digits, spaces and _ / + = . @ -"));
    }
    Ok(text.to_owned())
}

fn principals(json: &Json, place: &Place<'_>) -> Result<Vec<Principal>, PolicyError> {
    let mut fields = Fields::of(json, *place)?;
    let (ram, at) = (fields.required("RAM")?, place.name("RAM"));
    fields.no_more()?;
    each(&strings(ram, &at)?, &at, |text, at| {
        principal(text).ok_or_else(|| {
            at.wrong(format!(
                "{} is not acs:ram::<account>:* or acs:ram::<account>:root, user/<name> or role/<name>",
                shown(text)
            ))
        })
    })
}

fn principal(text: &str) -> Option<Principal> {
    let (account, who) = text.strip_prefix("acs:ram::")?.split_once(':')?;
    let digits = (1..=MAX_NAME).contains(&account.len()) && account.bytes().all(|byte| byte.is_ascii_digit());
    if !digits {
        return None;
    }
    let account = account.to_owned();
    let named = |name: &str| {
        let valid = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        ((1..=MAX_NAME).contains(&name.len()) && name.bytes().all(valid)).then(|| name.to_owned())
    };
    match who.split_once('/') {
        None if who == "*" => Some(Principal::Account(account)),
        None if who == "root" => Some(Principal::Root(account)),
        Some(("user", name)) => Some(Principal::User { account, name: named(name)? }),
        Some(("role", name)) => Some(Principal::Role { account, name: named(name)? }),
        _ => None,
    }
}

/// Names that no operation has are kept and match nothing.
fn action(text: &str, place: &Place<'_>) -> Result<Pattern, PolicyError> {
    let valid = |byte: u8| byte.is_ascii_alphanumeric() || b"*?".contains(&byte);
    match text.strip_prefix("kms:") {
        Some(name) if !name.is_empty() && name.bytes().all(valid) => Ok(Pattern(text.to_owned())),
        _ => Err(place.wrong(format!("{} is not kms: and a name, in which * and ? may stand", shown(text)))),
    }
}

fn conditions(json: &Json, place: &Place<'_>) -> Result<Vec<Condition>, PolicyError> {
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
            found.push(condition(operator, key, &strings_or_plain(values, &at)?, &at)?);
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
