//! Compares the definitions with the published catalogue of 91 operations, and checks what all of them have in common.
//!
//! The catalogue is `tests/data/operations.json`; the README beside it tells where it comes from.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use keystead_api::{
    ErrorCode, Field, OPERATIONS, Operation, OperationDef, OperationId, ParamShape, ParameterDef, Params,
    Placement, Product, ResourceRule, Shape, WireParams, WireRequest, for_each_operation, operations,
};
use serde_json::Value;

const CATALOGUE: &str = include_str!("data/operations.json");

fn catalogue() -> Value {
    serde_json::from_str(CATALOGUE).unwrap()
}

fn file_of(def: &OperationDef) -> String {
    format!("crates/keystead-api/src/operations/{}.rs", def.snake_name)
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("the catalogue has no text {key} in {value}"))
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map(Vec::as_slice).unwrap_or_default()
}

/// Every difference between the definitions and a catalogue, each with the file to edit.
fn differences(catalogue: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let published: BTreeMap<_, _> =
        list(catalogue, "operations").iter().map(|operation| (text(operation, "name"), operation)).collect();
    for name in published.keys().filter(|name| OPERATIONS.iter().all(|def| def.name != **name)) {
        found.push(format!(
            "{name} is published and not defined: add its file and name it in crates/keystead-api/src/operations/mod.rs"
        ));
    }
    for def in OPERATIONS {
        let mut differ = |what: String| found.push(format!("{}: {what}; edit {}", def.name, file_of(def)));
        let Some(operation) = published.get(def.name) else {
            differ("is defined and not published".to_owned());
            continue;
        };
        if text(operation, "http_method") != def.method.name() {
            differ(format!("method is {}, published {}", def.method.name(), text(operation, "http_method")));
        }
        if text(operation, "version") != def.version() {
            differ(format!("version is {}, published {}", def.version(), text(operation, "version")));
        }
        let parameters = list(operation, "parameters");
        compare(
            "parameter",
            def.parameters.iter().map(|p| (p.name.to_owned(), defined_parameter(p))).collect(),
            parameters.iter().map(|p| (text(p, "name").to_owned(), published_parameter(p))).collect(),
            &mut differ,
        );
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        defined_fields("", def.response, &mut ours);
        published_fields("", list(operation, "response"), &mut theirs);
        compare("answer field", ours, theirs, &mut differ);
    }
    found
}

fn compare(
    what: &str,
    ours: Vec<(String, String)>,
    theirs: Vec<(String, String)>,
    differ: &mut impl FnMut(String),
) {
    let mut left: BTreeMap<_, _> = theirs.into_iter().collect();
    let mut seen = BTreeSet::new();
    for (name, defined) in ours {
        if !seen.insert(name.clone()) {
            differ(format!("{what} {name} is defined twice"));
            continue;
        }
        match left.remove(&name) {
            None => differ(format!("{what} {name} is not published")),
            Some(published) if published != defined => {
                differ(format!("{what} {name} is {defined}, published {published}"));
            }
            Some(_) => {}
        }
    }
    for (name, published) in left {
        differ(format!("{what} {name} is missing, published {published}"));
    }
}

fn sorted<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: BTreeSet<_> = names.into_iter().collect();
    names.into_iter().collect::<Vec<_>>().join(", ")
}

fn defined_parameter(parameter: &ParameterDef) -> String {
    let fields = |names: &[&'static str]| sorted(names.iter().copied());
    let shape = match parameter.shape {
        ParamShape::String => "a string".to_owned(),
        ParamShape::Integer => "an integer".to_owned(),
        ParamShape::Boolean => "a boolean".to_owned(),
        ParamShape::JsonMap => "a JSON map".to_owned(),
        ParamShape::JsonList(names) => format!("a JSON list of {{{}}}", fields(names)),
        ParamShape::List => "a flat list of strings".to_owned(),
        ParamShape::ObjectList(names) => format!("a flat list of {{{}}}", fields(names)),
        ParamShape::FlatObject(names) => format!("a flat object of {{{}}}", fields(names)),
    };
    let place = match parameter.placement {
        Placement::Query => "query",
        Placement::Form => "form-body",
    };
    format!("{shape}, {}, in {place}", if parameter.required { "required" } else { "optional" })
}

fn published_parameter(parameter: &Value) -> String {
    let fields = |from: &Value| sorted(list(from, "fields").iter().map(|field| text(field, "name")));
    let items = &parameter["items"];
    let shape = match (text(parameter, "serialization"), text(parameter, "type"), items["type"].as_str()) {
        ("scalar", "string", _) => "a string".to_owned(),
        ("scalar", "integer", _) => "an integer".to_owned(),
        ("scalar", "boolean", _) => "a boolean".to_owned(),
        ("json-string", "map", _) => "a JSON map".to_owned(),
        ("json-string", "array", Some("object")) => format!("a JSON list of {{{}}}", fields(items)),
        ("flat-repeat-list", "array", Some("string")) => "a flat list of strings".to_owned(),
        ("flat-repeat-list", "array", Some("object")) => format!("a flat list of {{{}}}", fields(items)),
        ("flat-object", "object", _) => format!("a flat object of {{{}}}", fields(parameter)),
        other => format!("of the unknown form {other:?}"),
    };
    let required = if parameter["required"] == true { "required" } else { "optional" };
    format!("{shape}, {required}, in {}", text(parameter, "in"))
}

fn defined_fields(head: &str, fields: &[Field], out: &mut Vec<(String, String)>) {
    for field in fields {
        let path = format!("{head}{}", field.name);
        let mut shape = field.shape;
        let mut name = String::new();
        while let Shape::Array(items) = shape {
            name.push_str("array of ");
            shape = *items;
        }
        name.push_str(match shape {
            Shape::String => "string",
            Shape::Integer => "integer",
            Shape::Boolean => "boolean",
            Shape::Object(_) | Shape::Array(_) => "object",
        });
        out.push((path.clone(), name));
        if let Shape::Object(inner) = shape {
            defined_fields(&format!("{path}."), inner, out);
        }
    }
}

fn published_fields(head: &str, fields: &[Value], out: &mut Vec<(String, String)>) {
    for field in fields {
        let path = format!("{head}{}", text(field, "name"));
        let mut value = field;
        let mut name = String::new();
        while text(value, "type") == "array" {
            name.push_str("array of ");
            value = &value["items"];
        }
        name.push_str(text(value, "type"));
        out.push((path.clone(), name));
        published_fields(&format!("{path}."), list(value, "fields"), out);
    }
}

#[test]
fn definitions_are_those_of_the_catalogue() {
    let found = differences(&catalogue());
    assert!(found.is_empty(), "{} differences:\n{}", found.len(), found.join("\n"));
    assert_eq!(OPERATIONS.len(), 91);
}

#[test]
fn a_difference_is_found_and_names_the_file() {
    type Change = fn(&mut Value);
    let cases: &[(Change, &str)] = &[
        (|op| op["http_method"] = "GET".into(), "method is POST, published GET"),
        (|op| op["version"] = "2020-01-01".into(), "version is 2016-01-20, published 2020-01-01"),
        (|op| op["parameters"][0]["required"] = false.into(), "published a string, optional, in query"),
        (|op| op["parameters"][0]["in"] = "form-body".into(), "published a string, required, in form-body"),
        (|op| op["parameters"][0]["type"] = "integer".into(), "published an integer"),
        (|op| op["parameters"][0]["name"] = "Region".into(), "parameter Region is missing"),
        (
            |op| op["parameters"][3]["items"]["fields"][0]["name"] = "K".into(),
            "published a flat list of {K, Value}",
        ),
        (|op| op["response"] = Value::Array(Vec::new()), "answer field RequestId is not published"),
    ];
    for (change, expected) in cases {
        let mut changed = catalogue();
        let operation = changed["operations"].as_array_mut().unwrap().iter_mut();
        change(operation.into_iter().find(|op| op["name"] == "TagResources").unwrap());
        let found = differences(&changed);
        let line = found.iter().find(|line| line.contains(expected));
        let line = line.unwrap_or_else(|| panic!("{expected:?} is not in {found:?}"));
        assert!(line.ends_with("edit crates/keystead-api/src/operations/tag_resources.rs"), "{line}");
    }

    let mut changed = catalogue();
    let operations = changed["operations"].as_array_mut().unwrap();
    let listing = operations.iter_mut().find(|op| op["name"] == "ListKeys").unwrap();
    let keys =
        listing["response"].as_array_mut().unwrap().iter_mut().find(|field| field["name"] == "Keys").unwrap();
    keys["fields"][0]["items"]["fields"][0]["type"] = "integer".into();
    operations.retain(|op| op["name"] != "Encrypt");
    operations[0]["name"] = "Invent".into();
    let found = differences(&changed).join("\n");
    for expected in [
        "ListKeys: answer field Keys.Key.KeyArn is string, published integer",
        "Encrypt: is defined and not published",
        "Invent is published and not defined",
    ] {
        assert!(found.contains(expected), "{expected:?} is not in:\n{found}");
    }
}

#[test]
fn operations_are_sorted_and_found_by_their_exact_names() {
    assert!(
        OPERATIONS.windows(2).all(|pair| pair[0].name < pair[1].name),
        "the list in operations/mod.rs is not sorted"
    );
    for def in OPERATIONS {
        assert_eq!(OperationId::find(Product::Kms, def.name), Some(def.id));
        assert_eq!(def.id.def().name, def.name);
        assert_eq!(OperationId::find(Product::Kms, &def.name.to_lowercase()), None);
    }
    for name in ["encrypt", "", "Encrypt ", " Encrypt", "Encryp", "Encrypt\0", "ENCRYPT", "Zzz", "A"] {
        assert_eq!(OperationId::find(Product::Kms, name), None, "{name:?}");
    }
}

#[test]
fn each_operation_has_one_file_and_each_file_one_operation() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/operations");
    let files: BTreeSet<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(Result::unwrap)
        // The folders are those of other products, with several operations in a file.
        .filter(|entry| entry.file_type().unwrap().is_file())
        .map(|entry| entry.path().file_stem().unwrap().to_str().unwrap().to_owned())
        .filter(|stem| stem != "mod")
        .collect();
    let snake: BTreeSet<_> = OPERATIONS.iter().map(|def| def.snake_name.to_owned()).collect();
    assert_eq!(files, snake);

    macro_rules! check {
        ($($module:ident $name:ident,)*) => {
            $(
                assert_eq!(operations::$name::DEF.snake_name, stringify!($module));
                assert_eq!(operations::$name::DEF.id, OperationId::$name);
            )*
        };
    }
    for_each_operation!(check);
}

/// A sentence, not a name alone.
fn is_doc(doc: &str) -> bool {
    let doc = doc.trim();
    doc.contains(' ') && doc.ends_with('.')
}

fn fields_without_doc(head: &str, fields: &[Field], out: &mut Vec<String>) {
    for field in fields {
        let path = format!("{head}{}", field.name);
        if !is_doc(field.doc) {
            out.push(path.clone());
        }
        match field.shape {
            Shape::Object(inner) => fields_without_doc(&format!("{path}."), inner, out),
            Shape::Array(Shape::Object(inner)) => fields_without_doc(&format!("{path}."), inner, out),
            _ => {}
        }
    }
}

#[test]
fn everything_has_a_doc() {
    let mut without = Vec::new();
    for def in OPERATIONS {
        let mut names = Vec::new();
        if !is_doc(def.doc) {
            names.push("the operation itself".to_owned());
        }
        names.extend(
            def.parameters.iter().filter(|p| !is_doc(p.doc)).map(|p| format!("parameter {}", p.name)),
        );
        fields_without_doc("answer field ", def.response, &mut names);
        without.extend(names.into_iter().map(|name| format!("{name} has no doc; edit {}", file_of(def))));
    }
    assert!(without.is_empty(), "{}", without.join("\n"));
}

#[test]
fn access_rules_name_kms_actions_and_own_parameters() {
    for def in OPERATIONS {
        let file = file_of(def);
        assert_eq!(
            def.access.is_empty(),
            def.name == "DescribeRegions",
            "access rules of {}; edit {file}",
            def.name
        );
        for rule in def.access {
            let action = rule.action.strip_prefix("kms:");
            assert!(action.is_some_and(|name| !name.is_empty()), "{}; edit {file}", rule.action);
            let named = match rule.resource {
                ResourceRule::Any | ResourceRule::Container(_) => continue,
                ResourceRule::Key(name)
                | ResourceRule::KeyIfGiven(name)
                | ResourceRule::KeyOfCiphertext(name)
                | ResourceRule::KeyOfAlias(name)
                | ResourceRule::Alias(name)
                | ResourceRule::Secret(name)
                | ResourceRule::SecretIfGiven(name)
                | ResourceRule::KeyOfSecret(name)
                | ResourceRule::EachSecret(name)
                | ResourceRule::EachTagged(name)
                | ResourceRule::Named(_, name)
                | ResourceRule::NamedOrSelf(_, name)
                | ResourceRule::RoleOfArn(name) => name,
            };
            assert!(
                def.parameters.iter().any(|p| p.name == named),
                "{} has no parameter {named}; edit {file}",
                def.name
            );
        }
    }
}

#[test]
fn errors_are_listed_once_and_include_a_bad_parameter() {
    for def in OPERATIONS {
        let mut seen = BTreeSet::new();
        for code in def.errors {
            assert!(
                seen.insert(code.name()),
                "{} lists {} twice; edit {}",
                def.name,
                code.name(),
                file_of(def)
            );
        }
        assert_eq!(
            def.errors.contains(&ErrorCode::InvalidParameter),
            !def.parameters.is_empty(),
            "InvalidParameter belongs to operations with parameters; edit {}",
            file_of(def)
        );
        let dry_run = def.parameters.iter().any(|parameter| parameter.name == "DryRun");
        assert_eq!(
            def.errors.contains(&ErrorCode::DryRunOperationError),
            dry_run,
            "DryRun; edit {}",
            file_of(def)
        );
    }
}

type Pairs = Vec<(Cow<'static, str>, Cow<'static, str>)>;

fn pairs(of: &[(&'static str, &'static str)]) -> Pairs {
    of.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect()
}

/// Reads a request and writes it: the query and the form that a client sends.
fn round_trip<O: Operation>(sent: &[(&'static str, &'static str)]) -> (Pairs, Pairs) {
    let sent = pairs(sent);
    written(&O::Request::read(Params::new(&sent)).unwrap_or_else(|error| panic!("{}: {error}", O::DEF.name)))
}

fn written(request: &impl WireRequest) -> (Pairs, Pairs) {
    let mut out = WireParams::default();
    request.write(&mut out);
    let open = |pairs: Vec<(Cow<'static, str>, keystead_api::SecretText)>| {
        pairs.into_iter().map(|(name, value)| (name, value.expose().to_owned().into())).collect()
    };
    (open(out.query), open(out.form))
}

#[test]
fn lists_json_and_form_survive_reading_and_writing() {
    let tags = [
        ("RegionId", "cn-hangzhou"),
        ("ResourceId.1", "key-a"),
        ("ResourceId.2", "key-b"),
        ("ResourceType", "key"),
        ("Tag.1.Key", "team"),
        ("Tag.1.Value", "pay"),
        ("Tag.2.Key", "empty"),
        ("Tag.2.Value", ""),
    ];
    assert_eq!(round_trip::<operations::TagResources>(&tags), (pairs(&tags), Vec::new()));

    let update = [("SecretName", "db"), ("Description", ""), ("ExtendedConfig.CustomData.port", "3306")];
    assert_eq!(round_trip::<operations::UpdateSecret>(&update), (pairs(&update), Vec::new()));
    // The legacy SDK sends one text; it is written in the form of the current one.
    let legacy = [("SecretName", "db"), ("ExtendedConfig.CustomData", r#"{"port":"3306","tls":true}"#)];
    let current = [
        ("SecretName", "db"),
        ("ExtendedConfig.CustomData.port", "3306"),
        ("ExtendedConfig.CustomData.tls", "true"),
    ];
    assert_eq!(round_trip::<operations::UpdateSecret>(&legacy), (pairs(&current), Vec::new()));

    let query = [
        ("SecretName", "db"),
        ("VersionId", "v1"),
        ("EnableAutomaticRotation", "true"),
        ("ExtendedConfig", r#"{"CustomData":{"a":1},"SecretSubType":"SingleUser"}"#),
    ];
    let sent: Vec<_> = query.into_iter().chain([("SecretData", "p\u{e4}ss")]).collect();
    let form = pairs(&[("SecretData", "p\u{e4}ss")]);
    assert_eq!(round_trip::<operations::CreateSecret>(&sent), (pairs(&query), form));

    let batch = [("SecretsList", r#"[{"SecretName":"a","VersionStage":"ACSPrevious"},{"SecretName":"b"}]"#)];
    assert_eq!(round_trip::<operations::BatchGetSecretValue>(&batch), (pairs(&batch), Vec::new()));

    let sent = [
        ("KeyId", "key-a"),
        ("Plaintext", "aGk="),
        ("EncryptionContext", " { \"b\" : \"2\", \"a\" : \"1\" } "),
    ];
    let canonical =
        [("KeyId", "key-a"), ("Plaintext", "aGk="), ("EncryptionContext", r#"{"a":"1","b":"2"}"#)];
    assert_eq!(round_trip::<operations::Encrypt>(&sent), (pairs(&canonical), Vec::new()));
}

/// A value for the parameter, under the name it has on the wire.
fn sample(parameter: &ParameterDef) -> (Cow<'static, str>, Cow<'static, str>) {
    let name = parameter.name;
    match parameter.shape {
        ParamShape::String => (name.into(), "text \u{4e2d}".into()),
        ParamShape::Integer => (name.into(), "7".into()),
        ParamShape::Boolean => (name.into(), "true".into()),
        ParamShape::JsonMap => (name.into(), r#"{"a":"b"}"#.into()),
        ParamShape::JsonList(fields) => (name.into(), format!(r#"[{{"{}":"text"}}]"#, fields[0]).into()),
        ParamShape::List => (format!("{name}.1").into(), "text".into()),
        ParamShape::ObjectList(fields) => (format!("{name}.1.{}", fields[0]).into(), "text".into()),
        ParamShape::FlatObject(fields) => (format!("{name}.{}.key", fields[0]).into(), "text".into()),
    }
}

/// With every parameter sent, each comes back in its place; without a required one, that one is named.
fn check_wire<O: Operation>() {
    let def = O::DEF;
    let all: Pairs = def.parameters.iter().map(sample).collect();
    let request = O::Request::read(Params::new(&all)).unwrap_or_else(|error| panic!("{}: {error}", def.name));
    let of = |place| def.parameters.iter().filter(|p| p.placement == place).map(sample).collect::<Pairs>();
    assert_eq!(written(&request), (of(Placement::Query), of(Placement::Form)), "{}", def.name);

    for parameter in def.parameters {
        let without: Pairs = def.parameters.iter().filter(|p| p.name != parameter.name).map(sample).collect();
        match O::Request::read(Params::new(&without)) {
            Ok(_) => assert!(!parameter.required, "{} works without {}", def.name, parameter.name),
            Err(error) => {
                assert!(parameter.required, "{}: {error}", def.name);
                assert_eq!(error.code(), ErrorCode::Missing(parameter.name), "{}", def.name);
                assert_eq!(error.code().name(), format!("Missing{}", parameter.name));
                assert_eq!(error.status(), 400);
                assert_eq!(error.message(), format!("{} is mandatory for this action.", parameter.name));
            }
        }
        let malformed = match parameter.shape {
            ParamShape::Integer | ParamShape::Boolean => "x",
            ParamShape::JsonMap => "[]",
            ParamShape::JsonList(_) => "{}",
            _ => continue,
        };
        let mut bad = without;
        bad.push((parameter.name.into(), malformed.into()));
        let Err(error) = O::Request::read(Params::new(&bad)) else {
            panic!("{} takes {malformed} for {}", def.name, parameter.name)
        };
        assert_eq!(error.code(), ErrorCode::InvalidParameter, "{}: {}", def.name, parameter.name);
        assert!(error.message().contains(parameter.name), "{error}");
    }
}

#[test]
fn every_request_is_written_in_its_place_and_names_what_is_missing() {
    macro_rules! check {
        ($($module:ident $name:ident,)*) => { $(check_wire::<operations::$name>();)* };
    }
    for_each_operation!(check);
}

#[test]
fn booleans_are_read_in_any_case() {
    let read = |value: &'static str| {
        operations::SetDeletionProtectionRequest::read(Params::new(&pairs(&[(
            "EnableDeletionProtection",
            value,
        )])))
    };
    for value in ["true", "True", "TRUE", "tRuE"] {
        assert!(read(value).unwrap().enable_deletion_protection, "{value}");
    }
    for value in ["false", "False", "FALSE"] {
        assert!(!read(value).unwrap().enable_deletion_protection, "{value}");
    }
    for value in ["", "1", "yes", "true ", "\u{ff54}rue"] {
        assert_eq!(read(value).unwrap_err().code(), ErrorCode::InvalidParameter, "{value:?}");
    }
}

#[test]
fn names_of_parameters_are_compared_byte_by_byte() {
    let sent = pairs(&[("keyid", "key-a"), ("Plaintext", "x")]);
    let error = operations::EncryptRequest::read(Params::new(&sent)).unwrap_err();
    assert_eq!(error.code(), ErrorCode::Missing("KeyId"));
}
