//! Random sequences of calls on one secret, and of moves of the clock, against a small model of the rules for versions,
//! labels and deletion windows.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use crate::harness::{Client, World, next_number, text};

#[derive(Clone, Debug)]
enum Step {
    Create {
        version: u8,
        value: u8,
        binary: bool,
    },
    Put {
        version: u8,
        value: u8,
        binary: bool,
        labels: Option<BTreeSet<u8>>,
    },
    Get {
        version: Option<u8>,
        label: Option<u8>,
    },
    Stage {
        label: u8,
        to: Option<u8>,
        from: Option<u8>,
    },
    /// With a window of so many days, or by force.
    Delete {
        days: Option<u8>,
    },
    Restore,
    List,
    Describe,
    /// The clock moves on.
    Days(u8),
    /// The worker looks for what is due.
    Work,
}

const CURRENT: &str = "ACSCurrent";
const PREVIOUS: &str = "ACSPrevious";

/// Labels by number: the service's own two come up more often than the others.
fn label_name(label: u8) -> String {
    match label {
        0 | 1 => CURRENT.to_owned(),
        2 | 3 => PREVIOUS.to_owned(),
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
        2 => (0..20u8, 0..2u8, prop::bool::weighted(0.1))
            .prop_map(|(version, value, binary)| Step::Create { version, value, binary }),
        12 => (0..20u8, prop::bool::weighted(0.1), prop::bool::weighted(0.1), labels).prop_map(
            |(version, value, binary, labels)| Step::Put { version, value: value.into(), binary, labels }
        ),
        6 => (prop::option::of(0..20u8), prop::option::of(0..14u8))
            .prop_map(|(version, label)| Step::Get { version, label }),
        8 => (0..14u8, prop::option::weighted(0.8, 0..20u8), prop::option::weighted(0.3, 0..20u8))
            .prop_map(|(label, to, from)| Step::Stage { label, to, from }),
        1 => prop::option::weighted(0.8, 7..=30u8).prop_map(|days| Step::Delete { days }),
        2 => Just(Step::Restore),
        2 => Just(Step::List),
        1 => Just(Step::Describe),
        1 => (1..20u8).prop_map(Step::Days),
        1 => Just(Step::Work),
    ]
}

/// The secret as the reference describes it.
#[derive(Clone)]
struct Secret {
    /// Oldest first, with value and type.
    versions: Vec<(u8, (u8, bool))>,
    /// Who has which label: a label is on one version at a time.
    labels: BTreeMap<String, u8>,
    /// The day on which it will be gone.
    ends: Option<u32>,
}

/// `None` until it is created, and when it is gone.
#[derive(Default)]
struct Model {
    secret: Option<Secret>,
    today: u32,
}

const NOT_FOUND: &str = "404 Forbidden.ResourceNotFound";
const EXISTS: &str = "409 Rejected.ResourceExist";
const IN_WINDOW: &str = "409 Rejected.ResourceInDeleteWindow";
const LIMIT: &str = "400 Rejected.LimitExceeded";

impl Secret {
    fn labels_of(&self, id: u8) -> BTreeSet<String> {
        self.labels.iter().filter(|(_, holder)| **holder == id).map(|(label, _)| label.clone()).collect()
    }

    fn content(&self, id: u8) -> Option<(u8, bool)> {
        self.versions.iter().find(|(known, _)| *known == id).map(|(_, content)| *content)
    }

    /// Gives labels to a version. Who loses ACSCurrent so takes ACSPrevious, unless that one moves as well.
    fn give(&mut self, labels: &BTreeSet<String>, id: u8) {
        match self.labels.get(CURRENT) {
            Some(holder) if labels.contains(CURRENT) && !labels.contains(PREVIOUS) && *holder != id => {
                self.labels.insert(PREVIOUS.to_owned(), *holder);
            }
            _ => {}
        }
        self.labels.extend(labels.iter().map(|label| (label.clone(), id)));
    }
}

impl Model {
    fn carry_out(&mut self, step: &Step) -> String {
        self.step(step).unwrap_or_else(str::to_owned)
    }

    /// The secret that is there, while it is not in its deletion window.
    fn usable(&mut self) -> Result<&mut Secret, &'static str> {
        match &mut self.secret {
            None => Err(NOT_FOUND),
            Some(secret) if secret.ends.is_some() => Err(IN_WINDOW),
            Some(secret) => Ok(secret),
        }
    }

    fn step(&mut self, step: &Step) -> Result<String, &'static str> {
        let ok = || Ok("ok".to_owned());
        match step {
            Step::Create { version, value, binary } => {
                match self.usable() {
                    Ok(_) => return Err(EXISTS),
                    Err(IN_WINDOW) => return Err(IN_WINDOW),
                    Err(_) => {}
                }
                self.secret = Some(Secret {
                    versions: vec![(*version, (*value, *binary))],
                    labels: [(CURRENT.to_owned(), *version)].into(),
                    ends: None,
                });
                ok()
            }
            Step::Put { version, value, binary, labels } => {
                let secret = self.usable()?;
                if let Some(known) = secret.content(*version) {
                    let same = known == (*value, *binary);
                    return if same { Ok(shown(&secret.labels_of(*version))) } else { Err(EXISTS) };
                }
                let labels: BTreeSet<String> = match labels {
                    None => [CURRENT.to_owned()].into(),
                    Some(labels) => labels.iter().map(|label| label_name(*label)).collect(),
                };
                let mut next = secret.clone();
                next.give(&labels, *version);
                if next.labels.len() > 8 {
                    return Err(LIMIT);
                }
                next.versions.push((*version, (*value, *binary)));
                if next.versions.len() > 10 {
                    // Of ten versions with at most eight labels one has none.
                    let oldest = next.versions.iter().position(|(id, _)| next.labels_of(*id).is_empty());
                    next.versions.remove(oldest.unwrap());
                }
                *secret = next;
                Ok(shown(&labels))
            }
            Step::Get { version, label } => {
                let secret = self.usable()?;
                let label = label.map(label_name);
                let id = match (version, &label) {
                    (Some(id), None) => Some(*id),
                    (Some(id), Some(label)) => secret.labels.get(label).copied().filter(|held| held == id),
                    (None, label) => secret.labels.get(label.as_deref().unwrap_or(CURRENT)).copied(),
                };
                let id = id.ok_or(NOT_FOUND)?;
                let content = secret.content(id).ok_or(NOT_FOUND)?;
                Ok(format!("v{id} {content:?} {}", shown(&secret.labels_of(id))))
            }
            Step::Stage { label, to, from } => {
                let label = label_name(*label);
                if self.secret.is_some() && to.or(*from).is_none() {
                    return Err("400 MissingParameter");
                }
                let secret = self.usable()?;
                if let Some(from) = from {
                    secret.content(*from).ok_or(NOT_FOUND)?;
                    if secret.labels.get(&label) != Some(from) {
                        return Err("400 Rejected.InvalidRequest");
                    }
                }
                let mut next = secret.clone();
                match to {
                    Some(to) => {
                        secret.content(*to).ok_or(NOT_FOUND)?;
                        next.give(&[label].into(), *to);
                    }
                    None if label == CURRENT || label == PREVIOUS => {
                        return Err("400 Rejected.UnsupportedOperation");
                    }
                    None => {
                        next.labels.remove(&label);
                    }
                }
                if next.labels.len() > 8 {
                    return Err(LIMIT);
                }
                *secret = next;
                ok()
            }
            Step::Delete { days } => {
                let ends = days.map(|days| self.today + u32::from(days));
                let secret = self.usable()?;
                secret.ends = ends;
                if ends.is_none() {
                    self.secret = None;
                }
                ok()
            }
            Step::Restore => match &mut self.secret {
                None => Err(NOT_FOUND),
                Some(secret) if secret.ends.is_none() => Err("409 Rejected.ResourceInUse"),
                Some(secret) => {
                    secret.ends = None;
                    ok()
                }
            },
            Step::List => {
                let secret = self.secret.as_ref().ok_or(NOT_FOUND)?;
                let line = |(id, _): &(u8, _)| format!("v{id}:{}", shown(&secret.labels_of(*id)));
                Ok(secret.versions.iter().rev().map(line).collect::<Vec<_>>().join(" "))
            }
            Step::Describe => self.secret.as_ref().map(|_| "ok".to_owned()).ok_or(NOT_FOUND),
            Step::Days(days) => {
                self.today += u32::from(*days);
                self.secret.take_if(|secret| secret.ends.is_some_and(|ends| ends <= self.today));
                ok()
            }
            Step::Work => ok(),
        }
    }
}

fn shown(labels: &BTreeSet<String>) -> String {
    labels.iter().cloned().collect::<Vec<_>>().join(",")
}

/// Carries a step out and writes its answer down as the model does.
async fn carry_out(world: &World, client: &Client, name: &str, step: &Step) -> String {
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
        Step::Stage { label, to, from } => {
            let version = |id: &Option<u8>| id.map(|id| format!("v{id}"));
            let (label, to, from) = (label_name(*label), version(to), version(from));
            let mut params = vec![secret, ("VersionStage", &label)];
            params.extend(to.as_deref().map(|to| ("MoveToVersion", to)));
            params.extend(from.as_deref().map(|from| ("RemoveFromVersion", from)));
            ("UpdateSecretVersionStage", client.call("UpdateSecretVersionStage", &params).await)
        }
        Step::Delete { days } => {
            let days = days.map(|days| days.to_string());
            let how = match &days {
                Some(days) => ("RecoveryWindowInDays", days.as_str()),
                None => ("ForceDeleteWithoutRecovery", "true"),
            };
            ("DeleteSecret", client.call("DeleteSecret", &[secret, how]).await)
        }
        Step::Restore => ("RestoreSecret", client.call("RestoreSecret", &[secret]).await),
        Step::List => {
            let params = [secret, ("IncludeDeprecated", "true")];
            ("ListSecretVersionIds", client.call("ListSecretVersionIds", &params).await)
        }
        Step::Describe => ("DescribeSecret", client.call("DescribeSecret", &[secret]).await),
        Step::Days(days) => {
            world.clock.advance(i64::from(*days) * 86_400);
            return "ok".to_owned();
        }
        Step::Work => {
            client.engine.carry_out_due().await.unwrap();
            return "ok".to_owned();
        }
    };
    let answer = match result {
        Ok(answer) => answer,
        Err(error) => return format!("{} {}", error.status(), error.code().name()),
    };
    match operation {
        "PutSecretValue" => labels(&answer),
        "GetSecretValue" => {
            let value: u8 = text(&answer["SecretData"]).strip_prefix("value").unwrap().parse().unwrap();
            let binary = answer["SecretDataType"] == "binary";
            format!("{} {:?} {}", text(&answer["VersionId"]), (value, binary), labels(&answer))
        }
        "ListSecretVersionIds" => {
            let versions = answer["VersionIds"]["VersionId"].as_array().unwrap();
            let line = |version: &Value| format!("{}:{}", text(&version["VersionId"]), labels(version));
            versions.iter().map(line).collect::<Vec<_>>().join(" ")
        }
        _ => "ok".to_owned(),
    }
}

fn labels(answer: &Value) -> String {
    let labels = answer["VersionStages"]["VersionStage"].as_array().unwrap();
    let set: BTreeSet<String> = labels.iter().map(text).collect();
    assert_eq!(set.len(), labels.len(), "a label stands twice");
    shown(&set)
}

#[test]
fn versions_labels_and_windows_are_as_the_model_says() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (world, clients) = runtime.block_on(async {
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
                    let seen = carry_out(&world, &clients[*client], &name, step).await;
                    prop_assert_eq!(seen, model.carry_out(step), "{:?}", step);
                }
                // In the end every version reads as the model has it, on both engines.
                for id in 0..20 {
                    let get = Step::Get { version: Some(id), label: None };
                    for client in &clients {
                        prop_assert_eq!(carry_out(&world, client, &name, &get).await, model.carry_out(&get));
                    }
                }
                // And nothing is stored beside what there is.
                clients[0].engine.carry_out_due().await.unwrap();
                let uid = uid(&clients[0], &name).await;
                let values = model.secret.map_or(0, |secret| secret.versions.len() as u64);
                prop_assert_eq!(uid.is_some(), values > 0);
                if let Some(uid) = uid {
                    let stored = format!("secret-value/{}/{uid}/", clients[0].account());
                    let stored = keystead_store::Range::prefix(stored);
                    prop_assert_eq!(world.store.count(stored).await.unwrap(), values);
                }
                Ok(())
            })
        })
        .unwrap();
}

/// The id under which the values of a secret stand.
async fn uid(client: &Client, name: &str) -> Option<String> {
    let at = keystead_service::records::path::secret(client.account(), name);
    let record = client.engine.store().get(&at).await.unwrap()?;
    let record: Value = serde_json::from_slice(&record.value).unwrap();
    Some(text(&record["uid"]))
}
