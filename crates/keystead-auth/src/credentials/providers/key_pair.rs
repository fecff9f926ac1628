//! An RSA key pair, for which STS gives session keys.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::answer::{Hidden, Token, accepted, expiration, json, keys};
use super::effects::{BoxFuture, Effects};
use super::error::{Fault, ProviderError};
use super::role::read_text;
use super::source::{Fetched, Source};
use super::sts::{self, StsEndpoint, VERSION, pair};
use crate::credentials::SecretKey;
use crate::pairs::{PairList, Space};
use crate::{Algorithm, SigningKey, v1};

/// Session keys for an RSA key pair (GenerateSessionAccessKey, signed with `SHA256withRSA`).
#[derive(Clone, Debug, Default)]
pub struct RsaKeyPair {
    /// The id of the public key that was registered.
    pub public_key_id: String,
    /// The file of the private key: PKCS#8, not encrypted, PEM or its Base64.
    pub private_key_file: String,
    /// How long the keys are to live, in seconds; 3,600 if it is not set.
    pub duration_seconds: Option<u32>,
    /// Where STS is. Without region this operation is at `sts.ap-northeast-1.aliyuncs.com`, as in the official libraries.
    pub sts: StsEndpoint,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "SessionAccessKey")]
    key: Option<SessionKey>,
}

#[derive(Deserialize)]
struct SessionKey {
    #[serde(rename = "SessionAccessKeyId")]
    id: Option<String>,
    #[serde(rename = "SessionAccessKeySecret")]
    secret: Option<Hidden>,
    #[serde(rename = "Expiration")]
    expiration: Option<String>,
}

impl RsaKeyPair {
    async fn exchange(&self, effects: &Effects) -> Result<Fetched, Fault> {
        for (value, name) in
            [(&self.public_key_id, "public_key_id"), (&self.private_key_file, "private_key_file")]
        {
            if value.is_empty() {
                return Err(Fault::NotSet(name.to_owned()));
            }
        }
        let text = read_text(effects, &self.private_key_file).await?;
        let key = SigningKey::rsa_private(&SecretKey::new(text.to_string()))
            .map_err(|error| Fault::Malformed(format!("{}: {error}", self.private_key_file)))?;
        let endpoint = self.sts.resolve(effects, "sts.ap-northeast-1.aliyuncs.com")?;
        let mut query: PairList<'_> = vec![
            pair("Action", "GenerateSessionAccessKey".to_owned()),
            pair("Format", "JSON".to_owned()),
            pair("Version", VERSION.to_owned()),
            pair("Timestamp", sts::date(effects)?),
            pair("SignatureMethod", "SHA256withRSA".to_owned()),
            pair("SignatureType", "PRIVATEKEY".to_owned()),
            pair("SignatureVersion", "1.0".to_owned()),
            pair("SignatureNonce", sts::nonce(effects)?),
            ("AccessKeyId".into(), Cow::Borrowed(self.public_key_id.as_str())),
        ];
        let form = vec![pair("DurationSeconds", self.duration_seconds.unwrap_or(3_600).to_string())];
        let text = v1::string_to_sign("POST", "/", &query, &form, Space::Percent);
        let signature = key
            .sign(Algorithm::AcsRsaSha256, text.as_bytes())
            .map_err(|error| Fault::Request(error.to_string()))?;
        query.push(pair("Signature", STANDARD.encode(signature)));
        let answer = sts::in_v1_shape(effects, &endpoint, query, form).await?;

        let what = "the answer of STS";
        let Answer { key } = json(what, accepted(&answer)?)?;
        let key = key.ok_or_else(|| Fault::Malformed(format!("{what} has no SessionAccessKey")))?;
        let end = expiration(what, key.expiration.as_deref())?;
        let credentials = keys(what, key.id, key.secret, Token::Optional(None))?;
        Ok(Fetched::new(self.name(), credentials, Some(end)))
    }
}

impl Source for RsaKeyPair {
    fn name(&self) -> &str {
        "rsa_key_pair"
    }

    fn fetch<'a>(&'a self, effects: &'a Effects) -> BoxFuture<'a, Result<Fetched, ProviderError>> {
        Box::pin(async {
            self.exchange(effects).await.map_err(|fault| ProviderError::new(self.name(), fault))
        })
    }
}
