//! The messages against the published descriptors, of which `data/instance_api.proto` is a reading (Python
//! `alibabacloud-dkms-gcs` 1.0.2).
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use keystead_api::instance::{ErrorBody, InstanceMessage, InstanceOperation, MessageField};
use keystead_api::{INSTANCE_OPERATIONS, OperationId, Product, for_each_instance_operation};

type Messages = BTreeMap<String, Vec<(String, String, u32)>>;

fn published() -> Messages {
    let mut all = Messages::new();
    let mut name = String::new();
    for line in include_str!("data/instance_api.proto").lines() {
        let line = line.split("//").next().unwrap().trim();
        if let Some(rest) = line.strip_prefix("message ") {
            name = rest.trim_end_matches('{').trim().to_owned();
            all.insert(name.clone(), Vec::new());
        } else if let Some((field, number)) = line.trim_end_matches(';').split_once('=')
            && !name.is_empty()
        {
            let (kind, field) = field.trim().rsplit_once(' ').unwrap();
            let number = number.trim().parse().unwrap();
            all.get_mut(&name).unwrap().push((field.to_owned(), kind.to_owned(), number));
        } else if line == "}" {
            name.clear();
        }
    }
    all
}

fn declared() -> Messages {
    let fields = |fields: &[MessageField]| {
        fields
            .iter()
            .map(|field| (field.name.to_owned(), field.kind.to_owned(), field.number))
            .collect::<Vec<_>>()
    };
    let mut all = Messages::new();
    all.insert("Error".to_owned(), fields(ErrorBody::FIELDS));
    macro_rules! add {
        ($($method:ident $name:ident $id:ident,)*) => {
            $({
                type Of = keystead_api::instance::operations::$name;
                let name = stringify!($name);
                all.insert(format!("{name}Request"), fields(<Of as InstanceOperation>::Request::FIELDS));
                all.insert(format!("{name}Response"), fields(<Of as InstanceOperation>::Response::FIELDS));
            })*
        };
    }
    for_each_instance_operation!(add);
    all
}

#[test]
fn messages_are_those_of_the_published_descriptors() {
    let published = published();
    assert_eq!(published.len(), 39);
    assert_eq!(declared(), published);
}

#[test]
fn the_list_and_the_definitions_agree() {
    assert_eq!(INSTANCE_OPERATIONS.len(), 19);
    assert!(INSTANCE_OPERATIONS.is_sorted_by_key(|def| def.name));
    for def in INSTANCE_OPERATIONS {
        assert_eq!(def.product, Product::Instance);
        assert_eq!(OperationId::find(Product::Instance, def.name), Some(def.id));
        assert!(std::ptr::eq(def.id.def(), *def), "{}", def.name);
        for parameter in def.parameters.iter().filter(|parameter| parameter.required) {
            assert!(!parameter.name.is_empty());
        }
    }
    // The gateway of the OpenAPI does not know it.
    assert_eq!(Product::of_version(keystead_api::instance::API_VERSION), None);
}

#[test]
fn secrets_are_not_shown_and_are_wiped() {
    use keystead_api::instance::{EncryptRequest, Guarded};
    let mut request =
        Guarded::new(EncryptRequest { plaintext: b"hunter2".to_vec(), ..EncryptRequest::default() });
    let shown = format!("{request:?}");
    assert!(
        shown.contains("7 bytes, redacted") && !shown.contains("hunter") && !shown.contains("104"),
        "{shown}"
    );
    request.wipe();
    assert!(request.plaintext.is_empty());
}
