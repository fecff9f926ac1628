//! The instance API's operations, as an application calls them.

mod ciphertexts;
mod data_keys;
mod key_pairs;
mod refusals;

use keystead_api::ApiError;
use keystead_api::instance::{InstanceOperation, InstanceResponse as _};
use keystead_service::audit::Trail;
use keystead_service::{Gateway, Origin};

use crate::applications::{Application, KEY_USER, Policy, SECRET_USER, make_point, make_policy};
use crate::harness::{Client, text};

pub use keystead_api::instance::operations as ops;
pub use keystead_api::instance::*;

/// The root of an account, and an application that may use everything in one of its instances.
pub struct Desk {
    pub root: Client,
    pub instance: String,
    pub application: Application,
}

/// A good answer and the key version that it says was used.
pub type Answer<O> = (<O as InstanceOperation>::Response, Option<String>);

impl Desk {
    pub async fn new(root: Client) -> Self {
        let instance = root.engine.create_instance(root.account(), None).await.unwrap();
        let policy = Policy {
            name: "everything",
            scope: &instance,
            permissions: &[KEY_USER, SECRET_USER],
            resources: &["key/*", "secret/*"],
            rules: &[],
        };
        make_policy(&root, policy).await;
        make_point(&root, "app", &["everything"]).await;
        let application = Application::new(&root, "app").await;
        Self { root, instance, application }
    }

    /// Makes a key in the instance.
    pub async fn key(&self, spec: &str, usage: &str) -> String {
        let params = [("DKMSInstanceId", self.instance.as_str()), ("KeySpec", spec), ("KeyUsage", usage)];
        text(&self.root.ok("CreateKey", &params).await["KeyMetadata"]["KeyId"])
    }

    /// A symmetric one.
    pub async fn aes(&self) -> String {
        self.key("Aliyun_AES_256", "").await
    }

    /// Calls an operation as the application.
    pub async fn call<O: InstanceOperation>(&self, request: O::Request) -> Result<Answer<O>, ApiError> {
        self.call_with::<O>(request, None).await
    }

    /// The same with a key version in the header.
    pub async fn call_with<O: InstanceOperation>(
        &self,
        request: O::Request,
        version: Option<&str>,
    ) -> Result<Answer<O>, ApiError> {
        self.call_raw::<O>(&request.write(), version, &self.application).await
    }

    /// The same with any bytes, for any application.
    pub async fn call_raw<O: InstanceOperation>(
        &self,
        body: &[u8],
        version: Option<&str>,
        application: &Application,
    ) -> Result<Answer<O>, ApiError> {
        let caller = application.client(&self.root).await.unwrap().caller;
        let origin = Origin { gateway: Gateway::Dedicated(&self.instance), ..Origin::local("request-id") };
        let trail = Trail::unrecorded("request-id");
        let engine = &self.root.engine;
        let answer = engine.call_instance(&caller, O::DEF.id, body, version, &origin, &trail).await?;
        let response = O::Response::read(&answer.body).unwrap();
        assert_eq!(response.request_id(), "request-id", "{}", O::DEF.name);
        Ok((response.clone(), answer.key_version_id))
    }

    /// A call that succeeds.
    pub async fn ok<O: InstanceOperation>(&self, request: O::Request) -> Answer<O> {
        match self.call::<O>(request).await {
            Ok(answer) => answer,
            Err(error) => panic!("{}: {error}", O::DEF.name),
        }
    }

    /// Status, code and text of a call that is refused.
    pub async fn refused<O: InstanceOperation>(&self, request: O::Request) -> String {
        outcome(self.call::<O>(request).await)
    }
}

/// `ok`, or status, code and text.
pub fn outcome<T>(result: Result<T, ApiError>) -> String {
    match result {
        Ok(_) => "ok".to_owned(),
        Err(error) => format!("{} {error}", error.status()),
    }
}

/// What is said of a key that is not there.
pub fn no_key(key: &str, desk: &Desk) -> String {
    let instance = &desk.instance;
    format!("404 Forbidden.KeyNotFound: The key {key} does not exist in the key store \"{instance}\".")
}

/// What is said of a parameter.
pub fn invalid(parameter: &str) -> String {
    format!("400 InvalidParameter: The specified parameter {parameter} is not valid.")
}
