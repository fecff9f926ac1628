//! Fields of objects, and the values that they may have.

use crate::policy::PolicyError;
use crate::policy::json::Json;
use crate::policy::place::{Place, shown};

/// The fields of an object, taken out one by one, so that what is left over is found.
pub(super) struct Fields<'a> {
    left: Vec<&'a (String, Json)>,
    pub(super) place: Place<'a>,
}

impl<'a> Fields<'a> {
    pub(super) fn of(json: &'a Json, place: Place<'a>) -> Result<Self, PolicyError> {
        Ok(Self { left: object(json, &place)?.iter().collect(), place })
    }

    pub(super) fn optional(&mut self, name: &str) -> Option<&'a Json> {
        let index = self.left.iter().position(|(field, _)| field == name)?;
        Some(&self.left.remove(index).1)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.left.iter().any(|(field, _)| field == name)
    }

    pub(super) fn required(&mut self, name: &str) -> Result<&'a Json, PolicyError> {
        self.optional(name).ok_or_else(|| self.place.wrong(format!("{name} is missing")))
    }

    pub(super) fn no_more(&self) -> Result<(), PolicyError> {
        match self.left.first() {
            None => Ok(()),
            Some((name, _)) => Err(self.place.wrong(format!("{} does not belong here", shown(name)))),
        }
    }
}

pub(super) fn object<'a>(json: &'a Json, place: &Place<'_>) -> Result<&'a [(String, Json)], PolicyError> {
    match json {
        Json::Object(fields) => Ok(fields),
        other => Err(unexpected(other, "an object", place)),
    }
}

pub(super) fn string<'a>(json: &'a Json, place: &Place<'_>) -> Result<&'a str, PolicyError> {
    match json {
        Json::Text(text) => Ok(text),
        other => Err(unexpected(other, "a string", place)),
    }
}

/// One string, or a list of at least one.
pub(super) fn strings(json: &Json, place: &Place<'_>) -> Result<Vec<String>, PolicyError> {
    one_or_more(json, place, |json, place| string(json, place).map(str::to_owned))
}

/// The same, where a number or a boolean may stand without quotes.
pub(super) fn strings_or_plain(json: &Json, place: &Place<'_>) -> Result<Vec<String>, PolicyError> {
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

pub(super) fn each<T>(
    texts: &[String],
    place: &Place<'_>,
    read: impl Fn(&str, &Place<'_>) -> Result<T, PolicyError>,
) -> Result<Vec<T>, PolicyError> {
    texts.iter().enumerate().map(|(index, text)| read(text, &place.item(index))).collect()
}

pub(super) fn unexpected(json: &Json, wanted: &str, place: &Place<'_>) -> PolicyError {
    place.wrong(format!("must be {wanted}, not {}", json.kind()))
}

/// A required field of one string or of several, each read.
pub(super) fn list<T>(
    fields: &mut Fields<'_>,
    name: &'static str,
    read: impl Fn(&str, &Place<'_>) -> Result<T, PolicyError>,
) -> Result<Vec<T>, PolicyError> {
    let json = fields.required(name)?;
    let at = fields.place.name(name);
    each(&strings(json, &at)?, &at, read)
}
