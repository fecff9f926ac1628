//! Random sequences of calls on one secret, against a small model of the rules for versions and labels.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::json;

use crate::harness::{Client, World, next_number, text};

#[derive(Clone, Debug)]
enum Step {
    Create { version: u8, value: u8, binary: bool },
    Put { version: u8, value: u8, binary: bool, labels: Option<BTreeSet<u8>> },
    Get { version: Option<u8>, label: Option<u8> },
    Describe,
}

/// Labels by number: the service's own two come up more often than the others.
fn label_name(label: u8) -> String {
    match label {
        0 | 1 => "ACSCurrent".to_owned(),
        2 | 3 => "ACSPrevious".to_owned(),
        other => format!("label{other}"),
    }
}

fn step() -> impl Strategy<Value = Step> {
    let labels = prop_oneof![
        3 => Just(None),
        2 => prop::collection::btree_set(0..14u8, 1..4).prop_map(Some),
        1 => prop::collection::btree_set(0..14u8, 4..10).prop_map(Some),
    ];
    // Two types and two values, so that a version often comes again, with the same content and with another.
    prop_oneof![
        1 => (0..20u8, 0..2u8, prop::bool::weighted(0.1))
            .prop_map(|(version, value, binary)| Step::Create { version, value, binary }),
        6 => (0..20u8, prop::bool::weighted(0.1), prop::bool::weighted(0.1), labels).prop_map(
            |(version, value, binary, labels)| Step::Put { version, value: value.into(), binary, labels }
        ),
        4 => (prop::option::of(0..20u8), prop::option::of(0..14u8))
            .prop_map(|(version, label)| Step::Get { version, label }),
        1 => Just(Step::Describe),
    ]
}

#[derive(Clone)]
struct Version {
    id: u8,
    content: (u8, bool),
    labels: BTreeSet<String>,
}

/// The secret as the reference describes it; `None` until it is created.
#[derive(Default)]
struct Model(Option<Vec<Version>>);

const NOT_FOUND: &str = "404 Forbidden.ResourceNotFound";
const EXISTS: &str = "409 Rejected.ResourceExist";
const LIMIT: &str = "400 Rejected.LimitExceeded";

impl Model {
    fn create(&mut self, id: u8, content: (u8, bool)) -> String {
        if self.0.is_some() {
            return EXISTS.to_owned();
        }
        self.0 = Some(vec![Version { id, content, labels: ["ACSCurrent".to_owned()].into() }]);
        "ok".to_owned()
    }

    fn put(&mut self, id: u8, content: (u8, bool), labels: Option<&BTreeSet<u8>>) -> String {
        let Some(versions) = &self.0 else { return NOT_FOUND.to_owned() };
        if let Some(known) = versions.iter().find(|version| version.id == id) {
            let same = known.content == content;
            return if same { shown(&known.labels) } else { EXISTS.to_owned() };
        }
        let labels: BTreeSet<String> = match labels {
            None => ["ACSCurrent".to_owned()].into(),
            Some(labels) => labels.iter().map(|label| label_name(*label)).collect(),
        };
        let mut next = versions.clone();
        if labels.contains("ACSCurrent") && !labels.contains("ACSPrevious") {
            // The old holder of ACSCurrent, if there is one, takes ACSPrevious from its holder.
            if let Some(holder) = next.iter().position(|version| version.labels.contains("ACSCurrent")) {
                for version in &mut next {
                    version.labels.remove("ACSPrevious");
                }
                next[holder].labels.insert("ACSPrevious".to_owned());
            }
        }
        for version in &mut next {
            version.labels.retain(|label| !labels.contains(label));
        }
        next.push(Version { id, content, labels: labels.clone() });
        if next.iter().map(|version| version.labels.len()).sum::<usize>() > 8 {
            return LIMIT.to_owned();
        }
        if next.len() > 10 {
            // Of ten versions with at most eight labels one has none.
            let oldest = next.iter().position(|version| version.labels.is_empty()).unwrap();
            next.remove(oldest);
        }
        self.0 = Some(next);
        shown(&labels)
    }

    fn get(&self, id: Option<u8>, label: Option<u8>) -> String {
        let label = label.map(label_name);
        let wanted = |version: &&Version| match (id, &label) {
            (Some(id), None) => version.id == id,
            (Some(id), Some(label)) => version.id == id && version.labels.contains(label),
            (None, Some(label)) => version.labels.contains(label),
            (None, None) => version.labels.contains("ACSCurrent"),
        };
        let Some(version) = self.0.iter().flatten().find(wanted) else { return NOT_FOUND.to_owned() };
        format!("v{} {:?} {}", version.id, version.content, shown(&version.labels))
    }
}

fn shown(labels: &BTreeSet<String>) -> String {
    labels.iter().cloned().collect::<Vec<_>>().join(",")
}

/// Carries a step out and writes its answer down as the model does.
async fn carry_out(client: &Client, name: &str, step: &Step) -> String {
    let secret = ("SecretName", name);
    let kind = |binary: bool| if binary { "binary" } else { "text" };
    let (operation, result) = match step {
        Step::Create { version, value, binary } => {
            let (version, value) = (format!("v{version}"), format!("value{value}"));
            let params =
                [secret, ("VersionId", &version), ("SecretData", &value), ("SecretDataType", kind(*binary))];
            ("CreateSecret", client.call("CreateSecret", &params).await)
        }
        Step::Put { version, value, binary, labels } => {
            let (version, value) = (format!("v{version}"), format!("value{value}"));
            let labels = labels.as_ref().map(|labels| {
                let labels: BTreeSet<_> = labels.iter().map(|label| label_name(*label)).collect();
                json!(labels).to_string()
            });
            let mut params = vec![
                secret,
                ("VersionId", &version),
                ("SecretData", &value),
                ("SecretDataType", kind(*binary)),
            ];
            params.extend(labels.as_deref().map(|labels| ("VersionStages", labels)));
            ("PutSecretValue", client.call("PutSecretValue", &params).await)
        }
        Step::Get { version, label } => {
            let (version, label) = (version.map(|version| format!("v{version}")), label.map(label_name));
            let mut params = vec![secret];
            params.extend(version.as_deref().map(|version| ("VersionId", version)));
            params.extend(label.as_deref().map(|label| ("VersionStage", label)));
            ("GetSecretValue", client.call("GetSecretValue", &params).await)
        }
        Step::Describe => ("DescribeSecret", client.call("DescribeSecret", &[secret]).await),
    };
    let answer = match result {
        Ok(answer) => answer,
        Err(error) => return format!("{} {}", error.status(), error.code().name()),
    };
    let labels = || {
        let labels = answer["VersionStages"]["VersionStage"].as_array().unwrap();
        let set: BTreeSet<String> = labels.iter().map(text).collect();
        assert_eq!(set.len(), labels.len(), "a label stands twice");
        shown(&set)
    };
    match operation {
        "PutSecretValue" => labels(),
        "GetSecretValue" => {
            let value: u8 = text(&answer["SecretData"]).strip_prefix("value").unwrap().parse().unwrap();
            let binary = answer["SecretDataType"] == "binary";
            format!("{} {:?} {}", text(&answer["VersionId"]), (value, binary), labels())
        }
        _ => "ok".to_owned(),
    }
}

#[test]
fn versions_and_labels_are_as_the_model_says() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (_world, clients) = runtime.block_on(async {
        let world = World::new().await;
        let clients = [world.client().await, world.forgetful_client().await];
        (world, clients)
    });
    let steps = prop::collection::vec((0..2usize, step()), 1..60);
    let mut runner = TestRunner::new(crate::harness::sequences());
    runner
        .run(&steps, |steps| {
            runtime.block_on(async {
                let name = format!("secret{}", next_number());
                let mut model = Model::default();
                // Most sequences should not have to wait for their first creation.
                let first = Step::Create { version: 0, value: 0, binary: false };
                let mut all = steps.clone();
                if all.len() > 5 {
                    all.insert(2, (0, first));
                }
                for (client, step) in &all {
                    let seen = carry_out(&clients[*client], &name, step).await;
                    let expected = match step {
                        Step::Create { version, value, binary } => model.create(*version, (*value, *binary)),
                        Step::Put { version, value, binary, labels } => {
                            model.put(*version, (*value, *binary), labels.as_ref())
                        }
                        Step::Get { version, label } => model.get(*version, *label),
                        Step::Describe if model.0.is_some() => "ok".to_owned(),
                        Step::Describe => NOT_FOUND.to_owned(),
                    };
                    prop_assert_eq!(seen, expected, "{:?}", step);
                }
                // In the end every version reads as the model has it, on both engines.
                for id in 0..20 {
                    let get = Step::Get { version: Some(id), label: None };
                    for client in &clients {
                        prop_assert_eq!(carry_out(client, &name, &get).await, model.get(Some(id), None));
                    }
                }
                Ok(())
            })
        })
        .unwrap();
}
