//! A world of recorded variables, files, answers and outputs, with a clock that is moved.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Response;
use keystead_auth::credentials::providers::{
    BoxFuture, Clock, Effects, Env, Files, Http, HttpFault, HttpRequest, Process, ProcessFault, Random,
    RandomFault,
};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::exchange::Exchange;

/// 2026-01-02T03:04:05Z: when every case begins.
pub const START: i64 = 1_767_323_045;

#[derive(Default)]
pub struct World {
    pub variables: HashMap<String, String>,
    pub home: Option<String>,
    /// The folder whose content stands for the root of the file system.
    pub files: PathBuf,
    pub exchanges: Mutex<VecDeque<Exchange>>,
    pub commands: Mutex<VecDeque<Value>>,
    /// What did not go as recorded.
    pub wrong: Mutex<Vec<String>>,
    pub sent: AtomicUsize,
    pub now: AtomicI64,
}

impl World {
    pub fn effects(self: &Arc<Self>) -> Effects {
        Effects {
            env: self.clone(),
            files: self.clone(),
            http: self.clone(),
            process: self.clone(),
            clock: self.clone(),
            random: self.clone(),
        }
    }

    fn note(&self, text: String) {
        self.wrong.lock().unwrap().push(text);
    }
}

impl Env for World {
    fn var(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }

    fn home(&self) -> Option<String> {
        self.home.clone()
    }
}

impl Files for World {
    fn read<'a>(&'a self, path: &'a str) -> BoxFuture<'a, io::Result<Zeroizing<Vec<u8>>>> {
        let read = || {
            let path = path.strip_prefix('/').ok_or(io::ErrorKind::NotFound)?;
            let bytes = std::fs::read(self.files.join(Path::new(path)))?;
            if bytes.trim_ascii() == b"{{RSA_PRIVATE_KEY}}" {
                return Ok(Zeroizing::new(RSA.0.clone().into_bytes()));
            }
            Ok(Zeroizing::new(bytes))
        };
        Box::pin(std::future::ready(read()))
    }
}

impl Http for World {
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<Response<Zeroizing<Vec<u8>>>, HttpFault>> {
        self.sent.fetch_add(1, Ordering::SeqCst);
        let next = self.exchanges.lock().unwrap().pop_front();
        let answer = match next {
            Some(exchange) => {
                if let Err(text) = exchange.check(&request) {
                    self.note(format!("request {}: {text}", self.sent.load(Ordering::SeqCst)));
                }
                exchange.answer()
            }
            None => {
                self.note(format!(
                    "a request too many: {} {}",
                    request.request.method(),
                    request.request.uri()
                ));
                Err(HttpFault::Connect("nothing is recorded".to_owned()))
            }
        };
        Box::pin(std::future::ready(answer))
    }
}

impl Process for World {
    fn run<'a>(
        &'a self,
        command: &'a [String],
        limit: Duration,
    ) -> BoxFuture<'a, Result<Zeroizing<Vec<u8>>, ProcessFault>> {
        let next = self.commands.lock().unwrap().pop_front();
        let output = match next {
            Some(recorded) => {
                if recorded["command"] != serde_json::json!(command) || limit != Duration::from_secs(60) {
                    self.note(format!("the command was {command:?}, with {limit:?}"));
                }
                match (&recorded["output"], recorded["status"].as_i64()) {
                    (Value::Null, Some(status)) => Err(ProcessFault::Failed(i32::try_from(status).ok())),
                    (Value::Null, None) => Err(ProcessFault::Timeout(limit)),
                    (Value::String(text), _) => Ok(Zeroizing::new(text.clone().into_bytes())),
                    (json, _) => Ok(Zeroizing::new(json.to_string().into_bytes())),
                }
            }
            None => {
                self.note("a command too many".to_owned());
                Err(ProcessFault::Start(io::ErrorKind::NotFound))
            }
        };
        Box::pin(std::future::ready(output))
    }
}

impl Clock for World {
    fn unix_seconds(&self) -> i64 {
        self.now.load(Ordering::SeqCst)
    }
}

/// Always zero: no jitter, the shortest pauses, and a nonce that can be foretold.
impl Random for World {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomFault> {
        out.fill(0);
        Ok(())
    }
}

/// A private key as Base64 of its DER, and the public one's DER, made for this run.
pub static RSA: LazyLock<(String, Vec<u8>)> = LazyLock::new(|| {
    let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let private: Pkcs8V1Der<'_> = pair.as_der().unwrap();
    let public: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
    (STANDARD.encode(private.as_ref()), public.as_ref().to_vec())
});
