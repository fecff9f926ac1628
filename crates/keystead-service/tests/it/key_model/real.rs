//! The same steps on real engines, written down as the model writes them.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keystead_api::{ApiError, Timestamp};
use keystead_crypto::{EncryptionAlgorithm, KeyPairSpec, PublicKey, SystemRandom};
use serde_json::Value;

use super::model::DAY;
use super::step::{Spec, Step, Target, alias_name};
use crate::harness::{Client, World, outcome, text, texts};

const DIGEST: &str = "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=";

/// What was made with a key: its answer's text, and the key and version by number.
struct Made {
    text: String,
    key: usize,
    version: String,
}

pub struct Real {
    world: World,
    clients: [Client; 2],
    keys: Vec<String>,
    blobs: Vec<String>,
    signatures: Vec<Made>,
    codes: Vec<Made>,
    /// Parameters for imports by key, and when they were given.
    import: HashMap<String, (i64, Value)>,
}

impl Real {
    pub async fn new() -> Self {
        let world = World::new().await;
        // The second one keeps nothing in memory.
        let clients = [world.client().await, world.forgetful_client().await];
        let (keys, blobs, signatures, codes) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { world, clients, keys, blobs, signatures, codes, import: HashMap::new() }
    }

    pub fn now(&self) -> i64 {
        self.clients[0].engine.now().0
    }

    pub fn advance(&self, seconds: i64) {
        self.world.clock.advance(seconds);
    }

    pub async fn carry_out(&self, engine: usize) {
        self.clients[engine].engine.carry_out_due().await.unwrap();
    }

    pub fn keys(&self) -> usize {
        self.keys.len()
    }

    pub fn blobs(&self) -> usize {
        self.blobs.len()
    }

    /// How a step ends, with numbers for ids.
    pub async fn answer(&mut self, engine: usize, step: &Step) -> String {
        let client = self.clients[engine].clone();
        match self.try_answer(&client, step).await {
            Ok(answer) => answer,
            Err(error) => outcome(&Err(error)),
        }
    }

    fn id(&self, number: usize) -> String {
        self.keys[number % self.keys.len()].clone()
    }

    fn name(&self, target: Target) -> String {
        match target {
            Target::Key(number) => self.id(number),
            Target::Alias(alias) => alias_name(alias),
        }
    }

    fn number(&self, id: &Value) -> usize {
        self.keys
            .iter()
            .position(|key| id == key)
            .unwrap_or_else(|| panic!("{id} is no key of this sequence"))
    }

    /// Ids of a key's versions, oldest first; the clock moves between any two.
    async fn versions(&self, client: &Client, id: &str) -> Result<(Vec<String>, Vec<i64>), ApiError> {
        let list = client.call("ListKeyVersions", &[("KeyId", id), ("PageSize", "100")]).await?;
        let list = &list["KeyVersions"]["KeyVersion"];
        let created =
            texts(list, "CreationDate").iter().map(|date| Timestamp::parse(date).unwrap().0).collect();
        Ok((texts(list, "KeyVersionId"), created))
    }

    /// `key <number> version <number>` of an answer with the two ids.
    async fn numbered(&self, client: &Client, answer: &Value) -> String {
        let id = text(&answer["KeyId"]);
        let (versions, _) = self.versions(client, &id).await.unwrap();
        let version = versions.iter().position(|version| answer["KeyVersionId"] == **version).unwrap();
        format!("key {} version {version}", self.number(&answer["KeyId"]))
    }

    async fn try_answer(&mut self, client: &Client, step: &Step) -> Result<String, ApiError> {
        let done = async |operation: &str, params: &[(&str, &str)]| {
            client.call(operation, params).await.map(|_| "ok".to_owned())
        };
        match *step {
            Step::Create { spec, rotation } => {
                let mut params = match spec {
                    Spec::Aes => vec![],
                    Spec::Sm4 => vec![("KeySpec", "Aliyun_SM4")],
                    Spec::Mac => vec![("KeySpec", "HMAC_SHA_256")],
                    Spec::Pair => vec![("KeySpec", "EC_P256")],
                    Spec::External => vec![("Origin", "EXTERNAL")],
                };
                let interval = rotation.map(|days| format!("{}h", days * 24));
                if let Some(interval) = &interval {
                    params.extend([("EnableAutomaticRotation", "true"), ("RotationInterval", interval)]);
                }
                let made = client.call("CreateKey", &params).await?;
                self.keys.push(text(&made["KeyMetadata"]["KeyId"]));
                Ok(format!("key {}", self.keys.len() - 1))
            }
            Step::Enable(number) => done("EnableKey", &[("KeyId", &self.id(number))]).await,
            Step::Disable(number) => done("DisableKey", &[("KeyId", &self.id(number))]).await,
            Step::Schedule(number, days) => {
                let days = days.to_string();
                done("ScheduleKeyDeletion", &[("KeyId", &self.id(number)), ("PendingWindowInDays", &days)])
                    .await
            }
            Step::Cancel(number) => done("CancelKeyDeletion", &[("KeyId", &self.id(number))]).await,
            Step::Protect(number, on) => {
                let on = on.to_string();
                let params = [("KeyId", self.id(number)), ("EnableDeletionProtection", on)];
                done("SetDeletionProtection", &params.each_ref().map(|(name, value)| (*name, value.as_str())))
                    .await
            }
            Step::DescribeAs(number, description) => {
                let description = format!("d{description}");
                done("UpdateKeyDescription", &[("KeyId", &self.id(number)), ("Description", &description)])
                    .await
            }
            Step::NewVersion(target) => {
                let made = client.call("CreateKeyVersion", &[("KeyId", &self.name(target))]).await?;
                Ok(self.numbered(client, &made["KeyVersion"]).await)
            }
            Step::Rotation(number, days) => {
                let id = self.id(number);
                let interval = days.map(|days| format!("{days}d"));
                let params: &[(&str, &str)] = match &interval {
                    None => &[("EnableAutomaticRotation", "false")],
                    Some(interval) => &[("EnableAutomaticRotation", "true"), ("RotationInterval", interval)],
                };
                done("UpdateRotationPolicy", &[params, &[("KeyId", &id)]].concat()).await
            }
            Step::CreateAlias(alias, number) => {
                done("CreateAlias", &[("AliasName", &alias_name(alias)), ("KeyId", &self.id(number))]).await
            }
            Step::UpdateAlias(alias, number) => {
                done("UpdateAlias", &[("AliasName", &alias_name(alias)), ("KeyId", &self.id(number))]).await
            }
            Step::DeleteAlias(alias) => done("DeleteAlias", &[("AliasName", &alias_name(alias))]).await,
            Step::Encrypt(target) => {
                let plaintext = format!("text {}", self.blobs.len());
                let params = [("KeyId", self.name(target)), ("Plaintext", plaintext)];
                let params = params.each_ref().map(|(name, value)| (*name, value.as_str()));
                let sealed = client.call("Encrypt", &params).await?;
                self.blobs.push(text(&sealed["CiphertextBlob"]));
                Ok(self.numbered(client, &sealed).await)
            }
            Step::Decrypt(_) if self.blobs.is_empty() => Ok("ok".to_owned()),
            Step::Decrypt(number) => {
                let blob = &self.blobs[number % self.blobs.len()];
                let opened = client.call("Decrypt", &[("CiphertextBlob", blob)]).await?;
                Ok(format!("{}: {}", self.numbered(client, &opened).await, text(&opened["Plaintext"])))
            }
            Step::Sign(number, version) => {
                let id = self.id(number);
                let (versions, _) = self.versions(client, &id).await?;
                let version = versions[version % versions.len()].clone();
                let params = [
                    ("KeyId", id.as_str()),
                    ("KeyVersionId", &version),
                    ("Algorithm", "ECDSA_SHA_256"),
                    ("Digest", DIGEST),
                ];
                let signed = client.call("AsymmetricSign", &params).await?;
                let numbered = self.numbered(client, &signed).await;
                let key = number % self.keys.len();
                self.signatures.push(Made { text: text(&signed["Value"]), key, version });
                Ok(numbered)
            }
            Step::Verify(_) if self.signatures.is_empty() => Ok("ok".to_owned()),
            Step::Verify(number) => {
                let made = &self.signatures[number % self.signatures.len()];
                let params = [
                    ("KeyId", self.keys[made.key].as_str()),
                    ("KeyVersionId", &made.version),
                    ("Algorithm", "ECDSA_SHA_256"),
                    ("Digest", DIGEST),
                    ("Value", &made.text),
                ];
                Ok(client.call("AsymmetricVerify", &params).await?["Value"].to_string())
            }
            Step::Mac(target) => {
                let name = self.name(target);
                let params = [("KeyId", name.as_str()), ("Algorithm", "HMAC_SHA_256"), ("Message", "eA==")];
                let made = client.call("GenerateMac", &params).await?;
                let key = self.number(&made["KeyId"]);
                self.codes.push(Made { text: text(&made["Mac"]), key, version: String::new() });
                Ok(format!("key {key}"))
            }
            Step::VerifyMac(_) if self.codes.is_empty() => Ok("ok".to_owned()),
            Step::VerifyMac(number) => {
                let made = &self.codes[number % self.codes.len()];
                let params = [
                    ("KeyId", self.keys[made.key].as_str()),
                    ("Algorithm", "HMAC_SHA_256"),
                    ("Message", "eA=="),
                    ("Mac", &made.text),
                ];
                Ok(client.call("VerifyMac", &params).await?["Value"].to_string())
            }
            Step::Describe(target) => {
                let described = client.call("DescribeKey", &[("KeyId", &self.name(target))]).await?;
                Ok(self.described(client, &described["KeyMetadata"]).await)
            }
            Step::ListKeys => {
                let list = client.call("ListKeys", &[("PageSize", "100")]).await?;
                let list = list["Keys"]["Key"].as_array().unwrap();
                let mut there: Vec<usize> = list.iter().map(|key| self.number(&key["KeyId"])).collect();
                there.sort_unstable();
                Ok(format!("{there:?}"))
            }
            Step::ListAliases => {
                let list = client.call("ListAliases", &[]).await?;
                let list = list["Aliases"]["Alias"].as_array().unwrap();
                let mut there: Vec<_> = list
                    .iter()
                    .map(|alias| (text(&alias["AliasName"]), self.number(&alias["KeyId"])))
                    .collect();
                there.sort();
                Ok(format!("{there:?}"))
            }
            Step::ListAliasesOf(number) => {
                let list = client.call("ListAliasesByKeyId", &[("KeyId", &self.id(number))]).await?;
                let mut there = texts(&list["Aliases"]["Alias"], "AliasName");
                there.sort();
                Ok(format!("{there:?}"))
            }
            Step::ListVersions(target) => {
                let (_, created) = self.versions(client, &self.name(target)).await?;
                Ok(format!("{created:?}"))
            }
            Step::Tag(number, tag, value) => {
                let tags = format!(r#"[{{"TagKey":"{tag}","TagValue":"{value}"}}]"#);
                done("TagResource", &[("KeyId", &self.id(number)), ("Tags", &tags)]).await
            }
            Step::Untag(number, tag) => {
                let tags = format!(r#"["{tag}"]"#);
                done("UntagResource", &[("KeyId", &self.id(number)), ("TagKeys", &tags)]).await
            }
            Step::ListTags(number) => {
                let list = client.call("ListResourceTags", &[("KeyId", &self.id(number))]).await?;
                let list = list["Tags"]["Tag"].as_array().unwrap();
                let number = |value: &Value| text(value).parse::<u8>().unwrap();
                let mut there: Vec<_> =
                    list.iter().map(|tag| (number(&tag["TagKey"]), number(&tag["TagValue"]))).collect();
                there.sort_unstable();
                Ok(format!("{there:?}"))
            }
            Step::Import { key, material, days } => self.import(client, key, material, days).await,
            Step::DeleteMaterial(number) => done("DeleteKeyMaterial", &[("KeyId", &self.id(number))]).await,
            Step::Advance(_) | Step::ToBoundary(_) | Step::CarryOut => Ok("ok".to_owned()),
        }
    }

    async fn described(&self, client: &Client, shown: &Value) -> String {
        let seconds = |field: &str| shown[field].as_str().map(|text| Timestamp::parse(text).unwrap().0);
        let rotation = match (shown["RotationInterval"].as_str(), seconds("NextRotationDate")) {
            (None, None) => text(&shown["AutomaticRotation"]),
            (interval, next) => {
                format!("{} {} next {}", text(&shown["AutomaticRotation"]), interval.unwrap(), next.unwrap())
            }
        };
        let primary = match shown["PrimaryKeyVersion"].as_str() {
            None => None,
            Some(primary) => {
                let (versions, _) = self.versions(client, &text(&shown["KeyId"])).await.unwrap();
                Some(versions.iter().position(|version| version == primary).unwrap())
            }
        };
        let expires = shown["MaterialExpireTime"].as_str().filter(|text| !text.is_empty());
        let description = text(&shown["Description"]);
        format!(
            "key {}: {}, {}, protected {}, delete {:?}, rotation {rotation}, last {}, primary {primary:?}, expires {:?}",
            self.number(&shown["KeyId"]),
            text(&shown["KeyState"]),
            if description.is_empty() { "d0" } else { &description },
            shown["DeletionProtection"] == "Enabled",
            seconds("DeleteDate"),
            seconds("LastRotationDate").unwrap(),
            expires.map(|text| Timestamp::parse(text).unwrap().0),
        )
    }

    /// Imports 32 equal bytes.
    async fn import(
        &mut self,
        client: &Client,
        number: usize,
        material: u8,
        days: Option<i64>,
    ) -> Result<String, ApiError> {
        let id = self.id(number);
        let given = self.parameters_for_import(client, &id).await?;
        let public = STANDARD.decode(text(&given["PublicKey"])).unwrap();
        let public = PublicKey::from_spki(KeyPairSpec::Sm2, &public).unwrap();
        let wrapped = public.encrypt(&SystemRandom, EncryptionAlgorithm::Sm2Pke, &[material; 32]).unwrap();
        let expires = days.map_or(0, |days| self.now() + days * DAY).to_string();
        let params = [
            ("KeyId", id.as_str()),
            ("EncryptedKeyMaterial", &STANDARD.encode(wrapped)),
            ("ImportToken", &text(&given["ImportToken"])),
            ("KeyMaterialExpireUnix", &expires),
        ];
        let imported = client.call("ImportKeyMaterial", &params).await.map(|_| "ok".to_owned());
        if imported.is_err() {
            // Five failures end a token, which the model knows nothing of.
            self.import.remove(&id);
        }
        imported
    }

    /// What an import needs. Asked for once a day and after a failure, because the service makes a key pair each time.
    async fn parameters_for_import(&mut self, client: &Client, id: &str) -> Result<Value, ApiError> {
        if let Some((asked, given)) = self.import.get(id)
            && self.now() < asked + DAY
        {
            return Ok(given.clone());
        }
        let params = [("KeyId", id), ("WrappingAlgorithm", "SM2PKE"), ("WrappingKeySpec", "EC_SM2")];
        let given = client.call("GetParametersForImport", &params).await?;
        self.import.insert(id.to_owned(), (self.now(), given.clone()));
        Ok(given)
    }
}
