//! Requests to OSS, signed with the AccessKey in a secret.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::time::Duration;

use keystead_secrets::ram::RamSecretCredentials;
use keystead_secrets::{MemorySource, SecretValue};
use reqsign_aliyun_oss::RequestSigner;
use reqsign_core::time::Timestamp;
use reqsign_core::{Context, ProvideCredential as _, Signer, SigningCredential as _};

fn version(key: &str) -> SecretValue {
    let text = format!(r#"{{"AccessKeyId":"{key}","AccessKeySecret":"hush"}}"#);
    SecretValue::builder("app").version_id(key).text(text)
}

#[tokio::test]
async fn requests_are_signed_and_a_rotation_is_followed_within_a_minute() {
    let source = Arc::new(MemorySource::new());
    source.put(version("LTAIone"));
    let credentials = RamSecretCredentials::new(source.clone(), "app");
    let sign = async || {
        let signer = Signer::new(Context::new(), credentials.clone(), RequestSigner::new("bucket"));
        let request = http::Request::get("https://bucket.oss-cn-hangzhou.aliyuncs.com/object").body(());
        let mut head = request.unwrap().into_parts().0;
        signer.sign(&mut head, None).await.map(|_| head.headers["authorization"].to_str().unwrap().to_owned())
    };
    assert!(sign().await.unwrap().starts_with("OSS LTAIone:"));
    source.put(version("LTAItwo"));
    assert!(sign().await.unwrap().starts_with("OSS LTAItwo:"));

    let given = credentials.provide_credential(&Context::new()).await.unwrap().unwrap();
    let then = |seconds| Timestamp::now() + Duration::from_secs(seconds);
    assert!(given.is_valid() && !given.is_valid_at(then(181)), "a signer asks again before long");
    assert!(!format!("{given:?} {credentials:?}").contains("hush"));

    let none = RamSecretCredentials::new(source, "absent");
    let error = none.provide_credential(&Context::new()).await.unwrap_err();
    assert!(error.to_string().contains("absent"), "{error}");
}
