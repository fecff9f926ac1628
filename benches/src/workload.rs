use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::AnyError;
use crate::api::Api;
use crate::prng::Prng;
use crate::signer::{Query, Signer};

/// What is sent, and how its answers are checked.
pub(crate) trait Workload {
    /// The operation.
    fn action(&self) -> &'static str;

    /// What the figures call it.
    fn label(&self) -> &'static str {
        self.action()
    }

    /// Parameters of the next request. With `kept`, its answer will be handed to [`Workload::check`] under that index.
    fn next(&mut self, kept: Option<usize>) -> Query;

    /// Appends the next request, dated now. With `kept`, its answer will be handed to [`Workload::check`] under that index.
    fn append(
        &mut self,
        out: &mut Vec<u8>,
        signer: &mut Signer,
        kept: Option<usize>,
    ) -> Result<(), AnyError> {
        let query = self.next(kept);
        signer.append(out, self.action(), &query)
    }

    /// Checks the kept answers of the requests made since the last call.
    fn check(&mut self, api: &mut Api, kept: &[(usize, Vec<u8>)]) -> Result<(), AnyError>;
}

/// Encrypt of 32 bytes, in base64 as callers hand them over, under keys drawn evenly. Its check decrypts.
pub(crate) struct Encrypt {
    keys: Vec<String>,
    /// Every key once, in order, before they are drawn.
    first: usize,
    prng: Prng,
    plaintexts: HashMap<usize, String>,
    label: &'static str,
}

impl Encrypt {
    pub(crate) fn new(keys: Vec<String>) -> Self {
        Self::labelled("Encrypt", keys)
    }

    pub(crate) fn labelled(label: &'static str, keys: Vec<String>) -> Self {
        Self { first: keys.len(), keys, prng: Prng::from_clock(), plaintexts: HashMap::new(), label }
    }

    /// Takes every key once at first.
    pub(crate) fn each_once(keys: Vec<String>) -> Self {
        Self { first: 0, ..Self::new(keys) }
    }
}

impl Workload for Encrypt {
    fn action(&self) -> &'static str {
        "Encrypt"
    }

    fn label(&self) -> &'static str {
        self.label
    }

    fn next(&mut self, kept: Option<usize>) -> Query {
        let plaintext = STANDARD.encode(self.prng.bytes::<32>());
        if let Some(index) = kept {
            self.plaintexts.insert(index, plaintext.clone());
        }
        let at = if self.first < self.keys.len() {
            self.first += 1;
            self.first - 1
        } else {
            self.prng.below(self.keys.len())
        };
        vec![("KeyId", self.keys[at].clone()), ("Plaintext", plaintext)]
    }

    fn check(&mut self, api: &mut Api, kept: &[(usize, Vec<u8>)]) -> Result<(), AnyError> {
        for (index, body) in kept {
            let answer: Value = serde_json::from_slice(body)?;
            let blob = answer["CiphertextBlob"].as_str().ok_or("Encrypt gave no CiphertextBlob")?;
            let opened = api.call("Decrypt", &vec![("CiphertextBlob", blob.to_owned())])?;
            let expected = self.plaintexts.get(index).ok_or("an answer to no request")?;
            if opened["Plaintext"].as_str() != Some(expected) {
                return Err("Decrypt did not give back what was encrypted".into());
            }
        }
        self.plaintexts.clear();
        Ok(())
    }
}

/// GetSecretValue of one secret. Its check compares the value.
pub(crate) struct GetSecretValue {
    name: String,
    value: String,
}

impl GetSecretValue {
    /// Makes the secret: 32 characters under the account's key.
    pub(crate) fn create(api: &mut Api) -> Result<Self, AnyError> {
        let mut prng = Prng::from_clock();
        let name = "bench/database/password".to_owned();
        let value = format!("{:016x}{:016x}", prng.next(), prng.next());
        let query =
            vec![("SecretName", name.clone()), ("VersionId", "v1".to_owned()), ("SecretData", value.clone())];
        api.call("CreateSecret", &query)?;
        Ok(Self { name, value })
    }
}

impl Workload for GetSecretValue {
    fn action(&self) -> &'static str {
        "GetSecretValue"
    }

    fn next(&mut self, _: Option<usize>) -> Query {
        vec![("SecretName", self.name.clone())]
    }

    fn check(&mut self, _: &mut Api, kept: &[(usize, Vec<u8>)]) -> Result<(), AnyError> {
        for (_, body) in kept {
            let answer: Value = serde_json::from_slice(body)?;
            if answer["SecretData"].as_str() != Some(&self.value) {
                return Err("GetSecretValue did not give the stored value".into());
            }
        }
        Ok(())
    }
}

/// The name of a loaded secret; all have the same length.
pub(crate) fn secret_name(number: usize) -> String {
    format!("bench/database/{number:07}")
}

/// Its value: 32 characters.
pub(crate) fn secret_value(number: usize) -> String {
    format!("{number:032x}")
}

/// GetSecretValue of loaded secrets, drawn evenly. Its check compares the values.
pub(crate) struct GetSecretValues {
    count: usize,
    /// Every secret once, in order, before they are drawn.
    first: usize,
    prng: Prng,
    asked: HashMap<usize, usize>,
}

impl GetSecretValues {
    /// Draws from the first `count` secrets.
    pub(crate) fn new(count: usize) -> Self {
        Self { count, first: count, prng: Prng::from_clock(), asked: HashMap::new() }
    }

    /// The same, but takes every secret once at first.
    pub(crate) fn each_once(count: usize) -> Self {
        Self { first: 0, ..Self::new(count) }
    }

    /// From the next request on, takes every secret once again.
    pub(crate) fn start_over(&mut self) {
        self.first = 0;
    }
}

impl Workload for GetSecretValues {
    fn action(&self) -> &'static str {
        "GetSecretValue"
    }

    fn next(&mut self, kept: Option<usize>) -> Query {
        let number = if self.first < self.count {
            self.first += 1;
            self.first - 1
        } else {
            self.prng.below(self.count)
        };
        if let Some(index) = kept {
            self.asked.insert(index, number);
        }
        vec![("SecretName", secret_name(number))]
    }

    fn check(&mut self, _: &mut Api, kept: &[(usize, Vec<u8>)]) -> Result<(), AnyError> {
        for (index, body) in kept {
            let answer: Value = serde_json::from_slice(body)?;
            let asked = *self.asked.get(index).ok_or("an answer to no request")?;
            if answer["SecretData"].as_str() != Some(&secret_value(asked)) {
                return Err("GetSecretValue did not give the loaded value".into());
            }
        }
        self.asked.clear();
        Ok(())
    }
}
