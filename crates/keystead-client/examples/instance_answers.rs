//! Makes calls of the instance API that it reads as JSON, one a line, and writes what they gave: for comparing this client with
//! those of other languages, which `conformance/instance-python` does. Arguments: HOST CA.pem PASSWORD
//!
//! A line is `{"call": "Encrypt", "body": "<request message, hex>", "headers": {…}, "client_key": "<its file>"}`, an answer
//! `{"body": "<response message, hex>", "version": "<key version>"}` or `{"status": …, "code": …, "message": …}`.

use std::collections::HashMap;
use std::io::{self, BufRead as _, Write as _};

use keystead_api::for_each_instance_operation;
use keystead_api::instance::{InstanceMessage as _, InstanceOperation, operations};
use keystead_client::Error;
use keystead_client::instance::{CallOptions, ClientKey, ClientKeyPassword, InstanceClient, InstanceRetry};
use serde_json::{Value, json};

type AnyError = Box<dyn std::error::Error>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), AnyError> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [host, ca, password] = &arguments[..] else {
        return Err("usage: instance_answers HOST CA.pem PASSWORD".into());
    };
    let mut clients = HashMap::new();
    for line in io::stdin().lock().lines() {
        let asked: Value = serde_json::from_str(&line?)?;
        let text = |name: &str| asked[name].as_str().unwrap_or_default().to_owned();
        let key = text("client_key");
        if !clients.contains_key(&key) {
            let client = InstanceClient::builder()
                .endpoint(host)
                .ca_file(ca)
                .client_key(ClientKey::from_json(&key, &ClientKeyPassword::new(password.clone()))?)
                .retry(InstanceRetry::none())
                .build()?;
            clients.insert(key.clone(), client);
        }
        let mut options = CallOptions::new();
        for (name, value) in asked["headers"].as_object().into_iter().flatten() {
            options = options.header(name, value.as_str().unwrap_or_default())?;
        }
        let client = clients[&key].with(options);
        let answer = match call(&client, &text("call"), &hex::decode(text("body"))?).await? {
            Ok((body, version)) => json!({"body": hex::encode(body), "version": version}),
            Err(Error::Service { status, code, message, .. }) => {
                json!({"status": status, "code": code, "message": message})
            }
            Err(error) => return Err(error.into()),
        };
        writeln!(io::stdout(), "{answer}")?;
    }
    Ok(())
}

type Outcome = Result<(Vec<u8>, Option<String>), Error>;

/// Calls the operation of a name with a request message as it stands on the wire.
async fn call(client: &InstanceClient, name: &str, body: &[u8]) -> Result<Outcome, AnyError> {
    macro_rules! choose {
        ($($method:ident $name:ident $id:ident,)*) => {
            match name {
                $(stringify!($name) => {
                    type Op = operations::$name;
                    let request = <Op as InstanceOperation>::Request::read(body)?;
                    let answer = client.call::<Op>((*request).clone()).await;
                    Ok(answer.map(|answer| (answer.write(), answer.key_version().map(str::to_owned))))
                })*
                _ => Err(format!("there is no operation {name}").into()),
            }
        };
    }
    for_each_instance_operation!(choose)
}
