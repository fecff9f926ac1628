//! What was acknowledged is there after `kill -9`, and nothing is half done.

use std::cell::Cell;
use std::io::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};

use serde_json::Value;

use crate::server::{Home, Server};
use crate::signed::Call;
use crate::wire::tcp;

/// A write that was answered with 200.
#[derive(Debug)]
enum Acknowledged {
    Key(String),
    Alias { alias: String, key: String },
    Value { secret: String, version: String, value: String },
}

const ROUNDS: usize = 3;
const WRITERS: usize = 4;
/// Acknowledged writes after which a round is ended.
const WRITES: usize = 150;

#[test]
fn every_acknowledged_write_survives_kill_9() {
    let home = Home::new();
    let mut all = Vec::new();
    let mut cut = 0;
    for round in 0..ROUNDS {
        let server = home.start();
        check(&server, &all);
        let (acknowledged, unanswered) = write_until_killed(server, round);
        cut += unanswered;
        all.extend(acknowledged);
    }
    assert!(cut > 0, "no request was under way at any kill: the test proves nothing");
    let server = home.start();
    check(&server, &all);
    let counts = (
        all.iter().filter(|write| matches!(write, Acknowledged::Key(_))).count(),
        all.iter().filter(|write| matches!(write, Acknowledged::Alias { .. })).count(),
        all.iter().filter(|write| matches!(write, Acknowledged::Value { .. })).count(),
    );
    assert!(counts.0 > 10 && counts.1 > 10 && counts.2 > 10, "{counts:?}");
    nothing_is_half_done(&server);
    server.assert_well();
}

/// Several clients write at once until the server dies under them. Gives what was acknowledged, and how many requests
/// were sent and never answered.
fn write_until_killed(server: Server, round: usize) -> (Vec<Acknowledged>, usize) {
    let address = server.http();
    let (sender, receiver) = mpsc::channel();
    let over = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (sender, over) = (sender.clone(), over.clone());
            std::thread::spawn(move || {
                let mut connection = tcp(address);
                let host = address.to_string();
                let sent = Cell::new(false);
                let mut send = |call: Call| -> Option<Value> {
                    // From the kill on sending and reading fail, which ends the loop.
                    sent.set(connection.stream.write_all(&call.bytes(&host)).is_ok());
                    let answer = connection.next().ok()??;
                    assert_eq!(answer.status, 200, "{}", answer.text());
                    Some(answer.json())
                };
                let mut number = 0;
                let mut secret = String::new();
                loop {
                    let name = format!("r{round}-w{writer}-{number}");
                    let Some(made) = send(Call::new("CreateKey")) else { break };
                    let key = made["KeyMetadata"]["KeyId"].as_str().unwrap().to_owned();
                    let _ = sender.send(Acknowledged::Key(key.clone()));
                    let alias = format!("alias/{name}");
                    let call = Call::new("CreateAlias").query("AliasName", &alias).query("KeyId", &key);
                    let Some(_) = send(call) else { break };
                    let _ = sender.send(Acknowledged::Alias { alias, key });
                    let (version, value) = (format!("v{number}"), format!("value of {name}"));
                    // A secret keeps ten versions, so a new one is made in time.
                    let call = if number % 5 == 0 {
                        secret = format!("secret/{name}");
                        Call::new("CreateSecret")
                    } else {
                        Call::new("PutSecretValue")
                    };
                    let call = call
                        .query("SecretName", &secret)
                        .query("VersionId", &version)
                        .form("SecretData", &value);
                    let Some(_) = send(call) else { break };
                    let _ = sender.send(Acknowledged::Value { secret: secret.clone(), version, value });
                    number += 1;
                }
                assert!(over.load(Ordering::SeqCst), "the server ended a connection by itself");
                sent.get()
            })
        })
        .collect();
    drop(sender);
    let mut acknowledged = Vec::new();
    while acknowledged.len() < WRITES {
        acknowledged.push(receiver.recv().unwrap());
    }
    over.store(true, Ordering::SeqCst);
    server.kill();
    let cut = writers.into_iter().map(|writer| writer.join().unwrap()).filter(|sent| *sent).count();
    acknowledged.extend(receiver.iter());
    (acknowledged, cut)
}

fn check(server: &Server, writes: &[Acknowledged]) {
    let mut connection = tcp(server.http());
    let host = server.http().to_string();
    let mut send = |call: Call| connection.send(&call.bytes(&host)).answer();
    for write in writes {
        match write {
            Acknowledged::Key(key) => {
                let answer = send(Call::new("DescribeKey").query("KeyId", key)).good();
                assert_eq!(answer.json()["KeyMetadata"]["KeyState"], "Enabled", "{write:?}");
            }
            Acknowledged::Alias { alias, key } => {
                let answer = send(Call::new("DescribeKey").query("KeyId", alias)).good();
                assert_eq!(answer.json()["KeyMetadata"]["KeyId"], key.as_str(), "{write:?}");
            }
            Acknowledged::Value { secret, version, value } => {
                let call =
                    Call::new("GetSecretValue").query("SecretName", secret).query("VersionId", version);
                assert_eq!(send(call).good().field("SecretData"), *value, "{write:?}");
            }
        }
    }
}

/// Every key that is listed works, every alias has its key, every secret has its value: also those whose
/// acknowledgement was lost.
fn nothing_is_half_done(server: &Server) {
    let mut connection = tcp(server.http());
    let host = server.http().to_string();
    let mut send = |call: Call| connection.send(&call.bytes(&host)).answer().good();
    let mut seen = 0;
    for (action, list, item, field) in
        [("ListKeys", "Keys", "Key", "KeyId"), ("ListAliases", "Aliases", "Alias", "AliasName")]
    {
        for page in 1.. {
            let call = Call::new(action).query("PageNumber", page.to_string()).query("PageSize", "100");
            let answer = send(call).json();
            let items = answer[list][item].as_array().unwrap().clone();
            if items.is_empty() {
                break;
            }
            for entry in items {
                let name = entry[field].as_str().unwrap();
                let sealed = send(Call::new("Encrypt").query("KeyId", name).query("Plaintext", "whole"));
                let opened =
                    send(Call::new("Decrypt").query("CiphertextBlob", sealed.field("CiphertextBlob")));
                assert_eq!(opened.field("Plaintext"), "whole");
                seen += 1;
            }
        }
    }
    for page in 1.. {
        let call = Call::new("ListSecrets").query("PageNumber", page.to_string()).query("PageSize", "100");
        let answer = send(call).json();
        let items = answer["SecretList"]["Secret"].as_array().unwrap().clone();
        if items.is_empty() {
            break;
        }
        for entry in items {
            let name = entry["SecretName"].as_str().unwrap();
            let value = send(Call::new("GetSecretValue").query("SecretName", name)).field("SecretData");
            assert!(value.starts_with("value of "), "{name}");
            seen += 1;
        }
    }
    assert!(seen > 100, "{seen}");
}
