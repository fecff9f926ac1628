//! Compares the definitions of RAM, IMS and STS with what the official SDKs send and read, and checks what all of them have
//! in common.
//!
//! The catalogue is `tests/data/identity-operations.json`; the README beside it tells where it comes from.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use keystead_api::{
    ErrorCode, Field, IDENTITY_OPERATIONS, Operation, OperationDef, OperationId, ParamShape, Params,
    Placement, Product, ResourceRule, Shape, WireParams, WireRequest, for_each_identity_operation,
    operations,
};
use serde_json::Value;

const CATALOGUE: &str = include_str!("data/identity-operations.json");

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("the catalogue has no text {key} in {value}"))
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map(Vec::as_slice).unwrap_or_default()
}

/// Names with their types, nested ones with a path.
fn published(head: &str, fields: &[Value], out: &mut BTreeMap<String, String>) {
    for field in fields {
        let path = format!("{head}{}", text(field, "name"));
        let (mut of, mut name) = (field, String::new());
        while text(of, "type") == "array" {
            name.push_str("array of ");
            of = &of["items"];
        }
        name.push_str(text(of, "type"));
        published(&format!("{path}."), list(of, "fields"), out);
        out.insert(path, name);
    }
}

fn defined(head: &str, fields: &[Field], out: &mut BTreeMap<String, String>) {
    for field in fields {
        let path = format!("{head}{}", field.name);
        let (mut shape, mut name) = (field.shape, String::new());
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
        if let Shape::Object(inner) = shape {
            defined(&format!("{path}."), inner, out);
        }
        out.insert(path, name);
    }
}

#[test]
fn the_definitions_are_those_of_the_official_sdks() {
    let catalogue: Value = serde_json::from_str(CATALOGUE).unwrap();
    let operations: BTreeMap<_, _> = list(&catalogue, "operations")
        .iter()
        .map(|operation| ((text(operation, "product"), text(operation, "name")), operation))
        .collect();
    let mut found = Vec::new();
    for def in IDENTITY_OPERATIONS {
        let product = def.product.name().to_lowercase();
        let Some(operation) = operations.get(&(product.as_str(), def.name)) else {
            found.push(format!("{} is in no SDK", def.label()));
            continue;
        };
        if (text(operation, "version"), text(operation, "http_method")) != (def.version(), def.method.name())
        {
            found.push(format!("{}: version or method differs", def.label()));
        }
        let mut theirs = BTreeMap::new();
        published("", list(operation, "parameters"), &mut theirs);
        let ours = def.parameters.iter().map(|parameter| {
            let shape = match parameter.shape {
                ParamShape::String => "string",
                ParamShape::Integer => "integer",
                ParamShape::Boolean => "boolean",
                _ => "something else",
            };
            (parameter.name.to_owned(), shape.to_owned())
        });
        let ours: BTreeMap<_, _> = ours.collect();
        if ours != theirs {
            found.push(format!("{}: parameters {ours:?}\n  in the SDK {theirs:?}", def.label()));
        }
        let (mut ours, mut theirs) = (BTreeMap::new(), BTreeMap::new());
        defined("", def.response, &mut ours);
        published("", list(operation, "response"), &mut theirs);
        if ours != theirs {
            found.push(format!("{}: answer {ours:?}\n  in the SDK {theirs:?}", def.label()));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert_eq!(operations.len(), IDENTITY_OPERATIONS.len());
}

#[test]
fn operations_are_sorted_and_found_under_their_product() {
    let order: Vec<_> = IDENTITY_OPERATIONS.iter().map(|def| (def.product.name(), def.name)).collect();
    assert!(order.is_sorted(), "the list in operations/mod.rs is not sorted");
    for def in IDENTITY_OPERATIONS {
        assert_eq!(OperationId::find(def.product, def.name), Some(def.id));
        assert_eq!(def.id.def().name, def.name);
        assert_eq!(OperationId::find(def.product, &def.name.to_lowercase()), None);
        assert_eq!(Product::of_version(def.version()), Some(def.product));
    }
    assert_eq!(OperationId::find(Product::Kms, "CreateUser"), None);
    macro_rules! check {
        ($($module:ident $method:ident $name:ident $id:ident,)*) => {
            $(
                let def = operations::$module::$name::DEF;
                assert_eq!((def.snake_name, def.id), (stringify!($method), OperationId::$id));
                assert_eq!(def.product.name().to_lowercase(), stringify!($module));
            )*
        };
    }
    for_each_identity_operation!(check);
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
    for def in IDENTITY_OPERATIONS {
        let mut names = Vec::new();
        if !is_doc(def.doc) {
            names.push("the operation itself".to_owned());
        }
        names.extend(
            def.parameters.iter().filter(|p| !is_doc(p.doc)).map(|p| format!("parameter {}", p.name)),
        );
        fields_without_doc("answer field ", def.response, &mut names);
        without.extend(names.into_iter().map(|name| format!("{}: {name}", def.label())));
    }
    assert!(without.is_empty(), "{}", without.join("\n"));
}

#[test]
fn access_rules_and_errors_are_in_order() {
    for def in IDENTITY_OPERATIONS {
        for rule in def.access {
            let (service, name) = rule.action.split_once(':').unwrap();
            assert!(matches!(
                (def.product, service),
                (Product::Sts, "sts") | (Product::Ram | Product::Ims, "ram")
            ));
            assert_eq!(name, def.name, "{}", def.label());
            let named = match rule.resource {
                ResourceRule::Any | ResourceRule::Container(_) => continue,
                ResourceRule::Named(_, name)
                | ResourceRule::NamedOrSelf(_, name)
                | ResourceRule::EachTagged(name)
                | ResourceRule::RoleOfArn(name) => name,
                other => panic!("{}: {other:?}", def.label()),
            };
            assert!(def.parameters.iter().any(|p| p.name == named), "{} has no {named}", def.label());
        }
        let mut seen = BTreeSet::new();
        for code in def.errors {
            assert!(seen.insert(code.name()), "{} lists {} twice", def.label(), code.name());
        }
        if matches!(def.product, Product::Ram | Product::Ims) {
            assert!(def.errors.contains(&ErrorCode::InvalidParameter), "{}", def.label());
        }
    }
}

type Pairs = Vec<(Cow<'static, str>, Cow<'static, str>)>;

fn sample(shape: ParamShape) -> &'static str {
    match shape {
        ParamShape::Integer => "7",
        ParamShape::Boolean => "true",
        _ => "text",
    }
}

/// With every parameter sent, each comes back in its place; without a required one, that one is named.
fn check_wire<O: Operation>() {
    let def: &OperationDef = O::DEF;
    let all: Pairs = def.parameters.iter().map(|p| (p.name.into(), sample(p.shape).into())).collect();
    let request =
        O::Request::read(Params::new(&all)).unwrap_or_else(|error| panic!("{}: {error}", def.label()));
    let mut out = WireParams::default();
    request.write(&mut out);
    assert!(out.form.is_empty() && def.parameters.iter().all(|p| p.placement == Placement::Query));
    let written: BTreeSet<_> =
        out.query.iter().map(|(name, value)| (name.to_string(), value.expose().to_owned())).collect();
    assert_eq!(written, all.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect());
    for parameter in def.parameters {
        let rest: Pairs = all.iter().filter(|(name, _)| *name != parameter.name).cloned().collect();
        match O::Request::read(Params::new(&rest)) {
            Ok(_) => assert!(!parameter.required, "{} works without {}", def.label(), parameter.name),
            Err(error) => assert_eq!(error.code(), ErrorCode::Missing(parameter.name), "{}", def.label()),
        }
    }
}

#[test]
fn every_request_is_written_in_its_place_and_names_what_is_missing() {
    macro_rules! check {
        ($($module:ident $method:ident $name:ident $id:ident,)*) => {
            $(check_wire::<operations::$module::$name>();)*
        };
    }
    for_each_identity_operation!(check);
}
