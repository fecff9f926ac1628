//! The instance API: AdvanceEncrypt, signed by a client key.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::Request;
use keystead_api::instance::{AdvanceEncryptRequest, AdvanceEncryptResponse, InstanceMessage as _};
use keystead_client::instance::{ClientKey, ClientKeyPassword, InstanceClient, InstanceRetry};
use keystead_client::{Transport, TransportError, TransportFuture};
use serde_json::json;
use tokio::runtime::Runtime;

use crate::AnyError;
use crate::api::Api;
use crate::prng::Prng;
use crate::server::Instance;
use crate::signer::{Query, Signer};
use crate::workload::Workload;

/// Requests that differ. There is no nonce in this protocol: the same request is answered as often as it comes, so that few
/// signatures, which take longer than what is measured, are enough.
const DIFFERENT: usize = 64;
const PASSWORD: &str = "Bench-Mark_2026";

/// AdvanceEncrypt of 32 bytes under one key of the instance. Its check decrypts through the shared gateway.
pub(crate) struct AdvanceEncrypt {
    client: InstanceClient,
    captured: Arc<Captured>,
    runtime: Runtime,
    key_id: String,
    prng: Prng,
    /// Signed requests, and what each encrypts.
    ready: Vec<(Vec<u8>, String)>,
    next: usize,
    plaintexts: HashMap<usize, String>,
}

impl AdvanceEncrypt {
    /// Makes key, policy, access point and client key.
    pub(crate) fn create(api: &mut Api, instance: &Instance) -> Result<Self, AnyError> {
        let mut call = |action, query: Query| api.call(action, &query);
        let key = call("CreateKey", vec![("DKMSInstanceId", instance.id.clone())])?;
        let key_id = key["KeyMetadata"]["KeyId"].as_str().ok_or("CreateKey gave no KeyId")?.to_owned();
        let named = |name: &'static str| (name, "bench".to_owned());
        let permissions = json!(["RbacPermission/Template/CryptoServiceKeyUser"]).to_string();
        call(
            "CreatePolicy",
            vec![
                named("Name"),
                ("KmsInstance", instance.id.clone()),
                ("Permissions", permissions),
                ("Resources", json!(["key/*"]).to_string()),
            ],
        )?;
        let policies = ("Policies", json!(["bench"]).to_string());
        let method = ("AuthenticationMethod", "ClientKey".to_owned());
        call("CreateApplicationAccessPoint", vec![named("Name"), method, policies])?;
        let made = call("CreateClientKey", vec![named("AapName"), ("Password", PASSWORD.to_owned())])?;
        let file =
            json!({"KeyId": made["ClientKeyId"], "PrivateKeyData": made["PrivateKeyData"]}).to_string();
        let captured = Arc::<Captured>::default();
        let client = InstanceClient::builder()
            .endpoint(instance.address.to_string())
            .plain_http(true)
            .client_key(ClientKey::from_json(&file, &ClientKeyPassword::new(PASSWORD))?)
            .retry(InstanceRetry::none())
            .transport(captured.clone())
            .build()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (prng, ready, plaintexts) = (Prng::from_clock(), Vec::new(), HashMap::new());
        Ok(Self { client, captured, runtime, key_id, prng, ready, next: 0, plaintexts })
    }

    /// Signs the requests anew, for their dates.
    fn sign(&mut self) -> Result<(), AnyError> {
        self.ready.clear();
        for _ in 0..DIFFERENT {
            let plaintext = format!("{:016x}{:016x}", self.prng.next(), self.prng.next());
            let message = AdvanceEncryptRequest {
                key_id: self.key_id.clone(),
                plaintext: plaintext.clone().into_bytes(),
                ..AdvanceEncryptRequest::default()
            };
            // The transport keeps it and answers nothing.
            let _ = self.runtime.block_on(self.client.advance_encrypt(message));
            let request = self.captured.take().ok_or("the client sent nothing")?;
            self.ready.push((wire(&request)?, plaintext));
        }
        Ok(())
    }
}

impl Workload for AdvanceEncrypt {
    fn action(&self) -> &'static str {
        "AdvanceEncrypt"
    }

    fn next(&mut self, _: Option<usize>) -> Query {
        Query::new()
    }

    fn append(&mut self, out: &mut Vec<u8>, _: &mut Signer, kept: Option<usize>) -> Result<(), AnyError> {
        // The first of a pool.
        if kept == Some(0) {
            self.sign()?;
        }
        let (request, plaintext) = &self.ready[self.next % DIFFERENT];
        self.next += 1;
        out.extend_from_slice(request);
        if let Some(index) = kept {
            self.plaintexts.insert(index, plaintext.clone());
        }
        Ok(())
    }

    fn check(&mut self, api: &mut Api, kept: &[(usize, Vec<u8>)]) -> Result<(), AnyError> {
        for (index, body) in kept {
            let answer = AdvanceEncryptResponse::read(body)?;
            // Without its head it is the OpenAPI's.
            let blob = answer.ciphertext_blob.get(3..).ok_or("AdvanceEncrypt gave no ciphertext")?;
            let opened = api.call("Decrypt", &vec![("CiphertextBlob", STANDARD.encode(blob))])?;
            let expected = self.plaintexts.get(index).ok_or("an answer to no request")?;
            if opened["Plaintext"].as_str() != Some(expected) {
                return Err("Decrypt did not give back what was encrypted".into());
            }
        }
        self.plaintexts.clear();
        Ok(())
    }
}

/// A request as HTTP/1.1.
fn wire(request: &Request<Bytes>) -> Result<Vec<u8>, AnyError> {
    let mut out = format!("{} / HTTP/1.1\r\n", request.method()).into_bytes();
    for (name, value) in request.headers() {
        out.extend_from_slice(format!("{name}: {}\r\n", value.to_str()?).as_bytes());
    }
    if !request.headers().contains_key("content-length") {
        out.extend_from_slice(format!("content-length: {}\r\n", request.body().len()).as_bytes());
    }
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(request.body());
    Ok(out)
}

/// Keeps the last request and sends nothing.
#[derive(Default)]
struct Captured(Mutex<Option<Request<Bytes>>>);

impl Captured {
    fn take(&self) -> Option<Request<Bytes>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Transport for Captured {
    fn send(&self, request: Request<Bytes>) -> TransportFuture<'_> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(request);
        Box::pin(async { Err(TransportError::Connect("nothing is sent".into())) })
    }
}
