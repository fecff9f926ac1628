//! One folder: what the world is like, which source is asked, and what it gives.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use keystead_auth::credentials::providers::{
    BoxFuture, Cached, CliProfile, CredentialsProvider, CredentialsUri, DefaultChain, EcsRamRole,
    Environment, Fixed, IniProfile, OidcRoleArn, Provided, ProviderError, RamRoleArn, RamSecret,
    RoleSettings, RsaKeyPair, SecretSource, SecretSourceError, Source, StsEndpoint,
};
use keystead_auth::{Credentials, SecretKey, SecurityToken, parse_date};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::CANARY;
use crate::exchange::same;
use crate::world::{START, World};

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Variables {
    home: Option<String>,
    variables: std::collections::HashMap<String, String>,
}

/// A call at a time in seconds after the start, and its outcome.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    #[serde(default)]
    at: i64,
    credentials: Option<Expected>,
    error: Option<String>,
    /// How many requests were sent in all, once nothing is under way.
    sent: Option<usize>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Expected {
    id: String,
    secret: String,
    token: Option<String>,
    expiration: Option<String>,
    provider: String,
}

pub async fn run(folder: &Path) -> Result<(), String> {
    let Variables { home, variables } = read(folder, "env.json").unwrap_or_default();
    let world = Arc::new(World {
        variables,
        home,
        files: folder.join("files"),
        exchanges: read(folder, "http.json").unwrap_or_default(),
        commands: read(folder, "process.json").unwrap_or_default(),
        now: START.into(),
        ..World::default()
    });
    let described: Option<Value> = read(folder, "source.json");
    let source = described.map_or_else(|| Box::new(DefaultChain::new()) as Box<dyn Source>, |it| source(&it));
    let provider = Cached::new(source, world.effects());
    let steps: Vec<Step> = read(folder, "expected.json").expect("expected.json");
    for (at, step) in steps.iter().enumerate() {
        world.now.store(START + step.at, Ordering::SeqCst);
        let outcome = provider.provide().await;
        // Nothing in this world waits for the outside, so what runs beside is done soon.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        let shown = format!("{provider:?} {outcome:?} {}", shown(&outcome));
        if shown.contains(CANARY) {
            return Err(format!("step {at} shows a secret: {shown}"));
        }
        check(step, &outcome).map_err(|text| format!("step {at}: {text}"))?;
        if let Some(sent) = step.sent {
            same("the number of requests", &sent, &world.sent.load(Ordering::SeqCst))
                .map_err(|text| format!("step {at}: {text}"))?;
        }
    }
    let wrong = world.wrong.lock().unwrap();
    let left = world.exchanges.lock().unwrap().len() + world.commands.lock().unwrap().len();
    if !wrong.is_empty() {
        return Err(wrong.join("; "));
    }
    if left > 0 { Err(format!("{left} recorded exchanges were not needed")) } else { Ok(()) }
}

fn check(step: &Step, outcome: &Result<Provided, ProviderError>) -> Result<(), String> {
    match (&step.credentials, &step.error, outcome) {
        (Some(expected), None, Ok(provided)) => {
            let Credentials { access_key_id, secret, security_token } = &*provided.credentials;
            let expiration = expected.expiration.as_deref().map(|text| parse_date(text).unwrap());
            same("expiration", &expiration, &provided.expiration)?;
            same("provider", &expected.provider.as_str(), &&*provided.provider)?;
            same("id", &expected.id, access_key_id)?;
            same("secret", &expected.secret.as_str(), &secret.expose())?;
            same("token", &expected.token.as_deref(), &security_token.as_ref().map(SecurityToken::expose))
        }
        (None, Some(expected), Err(error)) => same("the error", expected, &error.to_string()),
        (_, _, outcome) => Err(format!("it gave {}", shown(outcome))),
    }
}

fn shown(outcome: &Result<Provided, ProviderError>) -> String {
    match outcome {
        Ok(provided) => format!("{provided:?}"),
        Err(error) => error.to_string(),
    }
}

fn read<T: DeserializeOwned>(folder: &Path, name: &str) -> Option<T> {
    let text = std::fs::read_to_string(folder.join(name)).ok()?;
    Some(serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}/{name}: {error}", folder.display())))
}

/// The source that `source.json` describes.
fn source(it: &Value) -> Box<dyn Source> {
    let text = |name: &str| it[name].as_str().map(str::to_owned);
    let settings = || RoleSettings {
        role_arn: text("role_arn"),
        session_name: text("session_name"),
        duration_seconds: it["duration_seconds"].as_u64().map(|seconds| u32::try_from(seconds).unwrap()),
        policy: text("policy"),
        sts: sts(it),
    };
    match it["kind"].as_str().unwrap() {
        "fixed" => Box::new(Fixed::new(Credentials {
            access_key_id: text("id").unwrap(),
            secret: SecretKey::new(text("secret").unwrap()),
            security_token: text("token").map(SecurityToken::new),
        })),
        "env" => Box::new(Environment),
        "ram_role_arn" => {
            Box::new(RamRoleArn::new(source(&it["base"]), settings()).external_id(text("external_id")))
        }
        "oidc_role_arn" => Box::new(OidcRoleArn {
            settings: settings(),
            provider_arn: text("provider_arn"),
            token_file: text("token_file"),
        }),
        "rsa_key_pair" => Box::new(RsaKeyPair {
            public_key_id: text("public_key_id").unwrap_or_default(),
            private_key_file: text("private_key_file").unwrap_or_default(),
            duration_seconds: None,
            sts: sts(it),
        }),
        "ecs_ram_role" => Box::new(EcsRamRole {
            role_name: text("role_name"),
            require_token: it["require_token"].as_bool(),
        }),
        "credentials_uri" => Box::new(text("uri").map_or_else(CredentialsUri::from_env, CredentialsUri::new)),
        "cli_profile" => Box::new(CliProfile { file: text("file"), profile: text("profile") }),
        "profile" => Box::new(IniProfile { file: text("file"), profile: text("profile") }),
        "ram_secret" => Box::new(RamSecret::new(Arc::new(Secrets(it["value"].clone())), "acs/ram/user/app")),
        other => panic!("unknown source {other}"),
    }
}

fn sts(it: &Value) -> StsEndpoint {
    StsEndpoint {
        endpoint: it["sts_endpoint"].as_str().map(str::to_owned),
        region: it["sts_region"].as_str().map(str::to_owned),
        vpc: it["vpc"].as_bool(),
    }
}

/// One secret's value; `null` for a secret that cannot be read.
struct Secrets(Value);

impl SecretSource for Secrets {
    fn secret<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Zeroizing<String>, SecretSourceError>> {
        assert_eq!(name, "acs/ram/user/app");
        Box::pin(std::future::ready(match &self.0 {
            Value::Null => Err(SecretSourceError("Forbidden.ResourceNotFound".to_owned())),
            Value::String(text) => Ok(Zeroizing::new(text.clone())),
            json => Ok(Zeroizing::new(json.to_string())),
        }))
    }
}
