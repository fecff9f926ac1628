//! From flags to the parameters of a request.

use std::io::Read;

use clap::ArgMatches;
use keystead_api::reference::flag_name;
use keystead_api::{OperationDef, ParamShape, ParameterDef, SecretText, WireParams};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::{CliError, Io};

/// The largest value that is read from a file, in bytes. The service's own limits are far below.
const MAX_FILE: u64 = 1 << 20;

/// Whether the value is one text, which a file can hold.
pub(super) fn is_text(parameter: &ParameterDef) -> bool {
    match parameter.shape {
        ParamShape::String | ParamShape::JsonMap | ParamShape::JsonList(_) | ParamShape::FlatObject(_) => {
            true
        }
        ParamShape::Integer | ParamShape::Boolean | ParamShape::List | ParamShape::ObjectList(_) => false,
    }
}

/// The name under which clap knows the flag for the parameter's file.
pub(super) fn file_id(parameter: &ParameterDef) -> String {
    format!("{}-file", parameter.name)
}

/// Reads every parameter that was given.
///
/// # Errors
/// A file that cannot be read or is not UTF-8, or JSON of another form. No error holds a value.
pub(super) fn read(
    def: &OperationDef,
    matches: &ArgMatches,
    io: &mut Io<'_>,
) -> Result<WireParams, CliError> {
    let mut out = WireParams::default();
    let mut stdin_is_read = false;
    for parameter in def.parameters {
        if is_text(parameter) {
            if let Some(text) = text(parameter, matches, io, &mut stdin_is_read)? {
                write_text(parameter, text, &mut out)?;
            }
            continue;
        }
        match parameter.shape {
            ParamShape::Integer => {
                if let Some(number) = matches.get_one::<i64>(parameter.name) {
                    push(parameter, parameter.name.to_owned(), number.to_string(), &mut out);
                }
            }
            ParamShape::ObjectList(fields) => {
                write_objects(parameter, fields, &values(parameter, matches), &mut out)?
            }
            ParamShape::List => {
                for (index, value) in values(parameter, matches).into_iter().enumerate() {
                    push(parameter, format!("{}.{}", parameter.name, index + 1), value.as_str(), &mut out);
                }
            }
            _ => {
                for value in values(parameter, matches) {
                    push(parameter, parameter.name.to_owned(), value.as_str(), &mut out);
                }
            }
        }
    }
    Ok(out)
}

fn values<'m>(parameter: &ParameterDef, matches: &'m ArgMatches) -> Vec<&'m String> {
    matches.get_many::<String>(parameter.name).into_iter().flatten().collect()
}

fn push(parameter: &ParameterDef, name: String, value: impl Into<SecretText>, out: &mut WireParams) {
    out.push(parameter.placement, name, value);
}

/// The text of the flag, or of the file that its sibling names.
fn text(
    parameter: &ParameterDef,
    matches: &ArgMatches,
    io: &mut Io<'_>,
    stdin_is_read: &mut bool,
) -> Result<Option<SecretText>, CliError> {
    if let Some(text) = matches.get_one::<String>(parameter.name) {
        return Ok(Some(SecretText::from(text.as_str())));
    }
    let Some(path) = matches.get_one::<String>(&file_id(parameter)) else { return Ok(None) };
    let flag = flag_name(parameter);
    let fault = |text: String| CliError::Usage(format!("--{flag}-file: {text}"));
    let mut bytes = if path == "-" {
        if std::mem::replace(stdin_is_read, true) {
            return Err(fault("standard input is taken by another parameter already".to_owned()));
        }
        contents(io.stdin).map_err(fault)?
    } else {
        let mut file =
            std::fs::File::open(path).map_err(|error| fault(format!("{path} cannot be read: {error}")))?;
        contents(&mut file).map_err(fault)?
    };
    // What was typed ends in a newline that is not meant. So does what was saved from another command's answer, such as a
    // ciphertext. A secret in a file is taken byte by byte.
    let typed = path == "-" && io.stdin_is_terminal;
    if (typed || !parameter.secret) && bytes.last() == Some(&b'\n') {
        bytes.pop();
    }
    let text = std::str::from_utf8(&bytes)
        .map_err(|_| fault("the value is not UTF-8; encode it, for instance as base64".to_owned()))?;
    Ok(Some(SecretText::from(text)))
}

/// Everything up to the limit, into memory that is wiped and does not grow, so that no copy stays behind.
fn contents(source: &mut dyn Read) -> Result<Zeroizing<Vec<u8>>, String> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(MAX_FILE).unwrap_or_default() + 64));
    source
        .take(MAX_FILE + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| format!("it cannot be read: {error}"))?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(format!("it is larger than {MAX_FILE} bytes"));
    }
    Ok(bytes)
}

fn write_text(parameter: &ParameterDef, text: SecretText, out: &mut WireParams) -> Result<(), CliError> {
    let text = match parameter.shape {
        ParamShape::JsonMap => SecretText::from(Value::Object(object(parameter, text.expose())?).to_string()),
        ParamShape::JsonList(fields) => {
            let items = objects(parameter, text.expose())?;
            if items.iter().flat_map(Map::keys).any(|key| !fields.contains(&key.as_str())) {
                return Err(malformed(parameter, &format!("an array of objects with {}", fields.join(", "))));
            }
            SecretText::from(Value::from_iter(items).to_string())
        }
        ParamShape::FlatObject(fields) => return write_flat(parameter, fields, text.expose(), out),
        _ => text,
    };
    push(parameter, parameter.name.to_owned(), text, out);
    Ok(())
}

/// `Name.Field.<key>` for every entry of every field.
fn write_flat(
    parameter: &ParameterDef,
    fields: &[&str],
    text: &str,
    out: &mut WireParams,
) -> Result<(), CliError> {
    for (field, inner) in object(parameter, text)? {
        let (true, Value::Object(entries)) = (fields.contains(&field.as_str()), inner) else {
            return Err(malformed(
                parameter,
                &format!("an object with {}, an object itself", fields.join(", ")),
            ));
        };
        for (key, value) in entries {
            let value = match value {
                Value::String(text) => text,
                other => other.to_string(),
            };
            push(parameter, format!("{}.{field}.{key}", parameter.name), value, out);
        }
    }
    Ok(())
}

/// `Name.1.Field`, …; each value of the flag is an object or an array of objects.
fn write_objects(
    parameter: &ParameterDef,
    fields: &[&str],
    values: &[&String],
    out: &mut WireParams,
) -> Result<(), CliError> {
    let mut index = 0;
    for text in values {
        for item in objects(parameter, text)? {
            index += 1;
            for (field, value) in item {
                let (true, Value::String(value)) = (fields.contains(&field.as_str()), value) else {
                    let form = format!("an object of texts with {}", fields.join(", "));
                    return Err(malformed(parameter, &form));
                };
                push(parameter, format!("{}.{index}.{field}", parameter.name), value, out);
            }
        }
    }
    Ok(())
}

fn object(parameter: &ParameterDef, text: &str) -> Result<Map<String, Value>, CliError> {
    serde_json::from_str(text).map_err(|_| malformed(parameter, "a JSON object"))
}

/// The objects of an array; one object counts as an array of one.
fn objects(parameter: &ParameterDef, text: &str) -> Result<Vec<Map<String, Value>>, CliError> {
    let fault = || malformed(parameter, "a JSON array of objects");
    match serde_json::from_str(text).map_err(|_| fault())? {
        Value::Object(one) => Ok(vec![one]),
        list => serde_json::from_value(list).map_err(|_| fault()),
    }
}

fn malformed(parameter: &ParameterDef, form: &str) -> CliError {
    CliError::Usage(format!("--{} is not {form}", flag_name(parameter)))
}
