//! AssumeRoleWithOIDC: tokens of identity providers, and keys that verify them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use keystead_service::identity::{Issuer, IssuerKeys, KeySet, KeysError, KeysFuture};
use keystead_service::records::{OidcProviderRecord, path};
use keystead_service::{Caller, EngineConfig};
use serde_json::{Value, json};

use crate::actors::{STRANGER, arn, put, role_of, signed_in, sts, temporary};
use crate::harness::{Client, PATIENT, START, World, outcome};

pub const ISSUER: &str = "https://oidc.example/cluster";
pub const AUDIENCE: &str = "sts.aliyuncs.com";
pub const SUBJECT: &str = "system:serviceaccount:shop:orders";
const INVALID: &str = "401 AuthenticationFail.OIDCToken.Invalid";
const SIGNATURE: &str = "401 AuthenticationFail.OIDCToken.InvalidSignature";
const AUDIENCES: &str = "401 AuthenticationFail.OIDCToken.AudienceNotMatch";
const EXPIRED: &str = "401 AuthenticationFail.OIDCToken.Expired";
const UNREACHABLE: &str = "401 AuthenticationFail.OIDCToken.HttpsUrlInvalid";
const NO_PERMISSION: &str = "401 AuthenticationFail.NoPermission";

/// Made once: a key of RSA takes its time.
static RSA: LazyLock<RsaKeyPair> = LazyLock::new(|| RsaKeyPair::generate(KeySize::Rsa2048).unwrap());
static OTHER_RSA: LazyLock<RsaKeyPair> = LazyLock::new(|| RsaKeyPair::generate(KeySize::Rsa2048).unwrap());
static EC: LazyLock<EcdsaKeyPair> =
    LazyLock::new(|| EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap());

fn b64(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn rsa_jwk(pair: &RsaKeyPair, kid: &str) -> Value {
    let public = pair.public_key();
    let (n, e) = (public.modulus(), public.exponent());
    json!({"kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid,
        "n": b64(n.big_endian_without_leading_zero()), "e": b64(e.big_endian_without_leading_zero())})
}

fn ec_jwk(kid: &str) -> Value {
    let point = EC.public_key().as_ref();
    json!({"kty": "EC", "crv": "P-256", "kid": kid, "x": b64(&point[1..33]), "y": b64(&point[33..])})
}

fn key_set(keys: &[Value]) -> KeySet {
    KeySet::parse(json!({"keys": keys}).to_string().as_bytes()).unwrap()
}

/// Which key signs, and how.
#[derive(Clone, Copy)]
enum Signer {
    Rs256,
    OtherRs256,
    Es256,
    /// An HMAC whose secret is the public key, as every verifier has it.
    HmacWithPublicKey,
    Nothing,
}

fn sign(signer: Signer, header: &Value, claims: &Value) -> String {
    sign_text(signer, &header.to_string(), &claims.to_string())
}

fn sign_text(signer: Signer, header: &str, claims: &str) -> String {
    let message = format!("{}.{}", b64(header.as_bytes()), b64(claims.as_bytes()));
    let rsa = |pair: &RsaKeyPair| {
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature).unwrap();
        signature
    };
    let signature = match signer {
        Signer::Rs256 => rsa(&RSA),
        Signer::OtherRs256 => rsa(&OTHER_RSA),
        Signer::Es256 => EC.sign(&SystemRandom::new(), message.as_bytes()).unwrap().as_ref().to_vec(),
        Signer::HmacWithPublicKey => {
            let secret = hmac::Key::new(hmac::HMAC_SHA256, RSA.public_key().as_ref());
            hmac::sign(&secret, message.as_bytes()).as_ref().to_vec()
        }
        Signer::Nothing => Vec::new(),
    };
    format!("{message}.{}", b64(&signature))
}

/// A token as Kubernetes makes them for a pod.
fn claims() -> Value {
    json!({"iss": ISSUER, "sub": SUBJECT, "aud": [AUDIENCE], "iat": START.0, "nbf": START.0,
        "exp": START.0 + 3_600, "jti": "1", "kubernetes.io": {"namespace": "shop"}})
}

fn with(changes: Value) -> Value {
    let mut claims = claims();
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => claims.as_object_mut().unwrap().remove(name),
            value => claims.as_object_mut().unwrap().insert(name.clone(), value.clone()),
        };
    }
    claims
}

/// An issuer whose keys the test sets.
#[derive(Debug)]
struct Fake {
    keys: Mutex<Result<Arc<KeySet>, KeysError>>,
    /// What comes when newer ones are asked for.
    newer: Mutex<Option<Arc<KeySet>>>,
    asked: AtomicUsize,
    asked_for_newer: AtomicUsize,
}

impl IssuerKeys for Fake {
    fn keys<'a>(&'a self, issuer: Issuer<'a>) -> KeysFuture<'a> {
        assert_eq!(issuer.url, ISSUER);
        assert_eq!(issuer.fingerprints, ["00"]);
        self.asked.fetch_add(1, Ordering::Relaxed);
        Box::pin(async { self.keys.lock().unwrap().clone() })
    }

    fn newer<'a>(&'a self, _: Issuer<'a>, known: &'a Arc<KeySet>) -> KeysFuture<'a> {
        self.asked_for_newer.fetch_add(1, Ordering::Relaxed);
        Box::pin(async { Ok(self.newer.lock().unwrap().clone().unwrap_or(known.clone())) })
    }
}

/// An account with a provider and a role for its subject, under the usual conditions.
pub struct Scene {
    world: World,
    pub client: Client,
    issuer: Arc<Fake>,
}

pub async fn scene() -> Scene {
    let keys = key_set(&[rsa_jwk(&RSA, "r1"), ec_jwk("e1")]);
    let issuer = Arc::new(Fake {
        keys: Mutex::new(Ok(Arc::new(keys))),
        newer: Mutex::default(),
        asked: AtomicUsize::default(),
        asked_for_newer: AtomicUsize::default(),
    });
    let world = World::new().await;
    let config = EngineConfig { patience: PATIENT, issuers: issuer.clone(), ..EngineConfig::default() };
    let client = world.client_with(world.store.clone(), config).await;
    let account = client.account().to_owned();
    provider(&client, &account, "Cluster").await;
    let principal = format!(r#"{{"Federated":["{}"]}}"#, arn(&account, "oidc-provider", "Cluster"));
    let condition = json!({"StringEquals": {"oidc:iss": ISSUER, "oidc:aud": AUDIENCE, "oidc:sub": SUBJECT}});
    role_of(&client, &account, "orders", &principal, &condition.to_string(), &["AliyunKMSFullAccess"]).await;
    role_of(&client, &account, "ecs", r#"{"Service":["ecs.aliyuncs.com"]}"#, "", &[]).await;
    Scene { world, client, issuer }
}

pub async fn provider(client: &Client, account: &str, name: &str) {
    let record = OidcProviderRecord {
        account: account.to_owned(),
        name: name.to_owned(),
        issuer_url: ISSUER.to_owned(),
        client_ids: vec!["other".to_owned(), AUDIENCE.to_owned()],
        fingerprints: vec!["00".to_owned()],
        issuance_limit_hours: 6,
        description: String::new(),
        created: START,
        updated: START,
    };
    put(client, path::oidc_provider(account, name), &record).await;
}

impl Scene {
    async fn ask(&self, token: &str) -> Result<Value, keystead_api::ApiError> {
        self.ask_for("orders", "cluster", token).await
    }

    async fn ask_for(
        &self,
        role: &str,
        provider: &str,
        token: &str,
    ) -> Result<Value, keystead_api::ApiError> {
        let params = self.params(role, provider, token);
        let params = params.each_ref().map(|(name, value)| (*name, value.as_str()));
        sts(&self.client, &Caller::anonymous(), "AssumeRoleWithOIDC", &params).await
    }

    fn params(&self, role: &str, provider: &str, token: &str) -> [(&'static str, String); 4] {
        let account = self.client.account();
        [
            ("OIDCProviderArn", arn(account, "oidc-provider", provider)),
            ("OIDCToken", token.to_owned()),
            ("RoleArn", arn(account, "role", role)),
            ("RoleSessionName", "pod-1".to_owned()),
        ]
    }

    /// What a pod asks with.
    pub fn good_params(&self) -> [(&'static str, String); 4] {
        self.params("orders", "cluster", &sign(Signer::Rs256, &rs256(), &claims()))
    }
}

fn rs256() -> Value {
    json!({"alg": "RS256", "kid": "r1", "typ": "JWT"})
}

#[tokio::test]
async fn a_service_account_token_is_worth_a_session() {
    let scene = scene().await;
    for (signer, header) in [(Signer::Rs256, rs256()), (Signer::Es256, json!({"alg": "ES256", "kid": "e1"}))]
    {
        let answer = scene.ask(&sign(signer, &header, &claims())).await.unwrap();
        let info = &answer["OIDCTokenInfo"];
        assert_eq!(info["Issuer"], ISSUER);
        assert_eq!(info["Subject"], SUBJECT);
        assert_eq!(info["ClientIds"], AUDIENCE);
        assert_eq!(info["IssuanceTime"], "2027-01-15T08:00:00Z");
        assert_eq!(info["ExpirationTime"], "2027-01-15T09:00:00Z");
        let expected = arn(scene.client.account(), "assumed-role", "orders/pod-1");
        assert_eq!(answer["AssumedRoleUser"]["Arn"], expected.as_str());
        assert_eq!(signed_in(&scene.client, &temporary(&answer)).await, expected);
    }
}

#[tokio::test]
async fn only_the_issuers_own_keys_count() {
    let scene = scene().await;
    let header = |alg: &str, kid: &str| json!({"alg": alg, "kid": kid});
    let mut wrong = Vec::new();
    for (what, signer, header, expected) in [
        ("no algorithm", Signer::Nothing, header("none", "r1"), INVALID),
        ("no algorithm, written otherwise", Signer::Nothing, header("nOnE", "r1"), INVALID),
        ("an HMAC with the public key", Signer::HmacWithPublicKey, header("HS256", "r1"), INVALID),
        ("the same, called RS256", Signer::HmacWithPublicKey, header("RS256", "r1"), SIGNATURE),
        ("no signature", Signer::Nothing, header("RS256", "r1"), SIGNATURE),
        ("somebody else's key", Signer::OtherRs256, header("RS256", "r1"), SIGNATURE),
        ("an unknown key", Signer::OtherRs256, header("RS256", "r9"), SIGNATURE),
        ("a key of another algorithm", Signer::Es256, header("RS256", "e1"), SIGNATURE),
        ("the other way round", Signer::Rs256, header("ES256", "r1"), SIGNATURE),
        ("RS384", Signer::Rs256, header("RS384", "r1"), INVALID),
        ("PS256", Signer::Rs256, header("PS256", "r1"), INVALID),
        (
            "critical headers",
            Signer::Rs256,
            json!({"alg": "RS256", "kid": "r1", "crit": ["b64"], "b64": false}),
            INVALID,
        ),
        (
            "a key in the header",
            Signer::OtherRs256,
            json!({"alg": "RS256", "jwk": rsa_jwk(&OTHER_RSA, "x")}),
            SIGNATURE,
        ),
        (
            "a key's address in the header",
            Signer::OtherRs256,
            json!({"alg": "RS256", "kid": "r1", "jku": "https://evil.example"}),
            SIGNATURE,
        ),
        ("a header that is a list", Signer::Rs256, json!(["RS256", "r1"]), INVALID),
        ("a kid that is a number", Signer::Rs256, json!({"alg": "RS256", "kid": 1}), INVALID),
        // Of its kind there is only one, so it needs no name.
        ("no kid", Signer::Rs256, json!({"alg": "RS256"}), "ok"),
        ("any type", Signer::Rs256, json!({"alg": "RS256", "kid": "r1", "typ": 7}), "ok"),
    ] {
        let seen = outcome(&scene.ask(&sign(signer, &header, &claims())).await);
        if seen != expected {
            wrong.push(format!("{what}: {seen}, expected {expected}"));
        }
    }
    // Two keys under one id: nobody knows which is meant.
    let twice = key_set(&[rsa_jwk(&RSA, "r1"), rsa_jwk(&OTHER_RSA, "r1")]);
    *scene.issuer.keys.lock().unwrap() = Ok(Arc::new(twice));
    for signer in [Signer::Rs256, Signer::OtherRs256] {
        let seen = outcome(&scene.ask(&sign(signer, &rs256(), &claims())).await);
        if seen != SIGNATURE {
            wrong.push(format!("two keys of one id: {seen}"));
        }
    }
    // The same id for two kinds of key is no question.
    let kinds = key_set(&[rsa_jwk(&RSA, "k"), ec_jwk("k")]);
    *scene.issuer.keys.lock().unwrap() = Ok(Arc::new(kinds));
    for (signer, alg) in [(Signer::Rs256, "RS256"), (Signer::Es256, "ES256")] {
        let seen = outcome(&scene.ask(&sign(signer, &header(alg, "k"), &claims())).await);
        if seen != "ok" {
            wrong.push(format!("{alg} under a shared id: {seen}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn the_claims_must_fit() {
    let scene = scene().await;
    let now = START.0;
    let mut wrong = Vec::new();
    for (changes, expected) in [
        (json!({}), "ok"),
        (json!({"iss": "https://oidc.example/cluster/"}), INVALID),
        (json!({"iss": "https://evil.example"}), INVALID),
        (json!({"iss": null}), INVALID),
        (json!({"aud": AUDIENCE}), "ok"),
        (json!({"aud": ["x", AUDIENCE]}), "ok"),
        (json!({"aud": ["x"]}), AUDIENCES),
        (json!({"aud": []}), AUDIENCES),
        (json!({"aud": "STS.aliyuncs.com"}), AUDIENCES),
        (json!({"aud": null}), INVALID),
        (json!({"aud": 7}), INVALID),
        // The provider accepts it, the role's trust policy does not.
        (json!({"aud": "other"}), NO_PERMISSION),
        (json!({"sub": "system:serviceaccount:shop:other"}), NO_PERMISSION),
        (json!({"sub": ""}), INVALID),
        (json!({"sub": null}), INVALID),
        (json!({"exp": now}), EXPIRED),
        (json!({"exp": now + 1}), "ok"),
        (json!({"exp": null}), INVALID),
        (json!({"exp": "2027-01-15T09:00:00Z"}), INVALID),
        (json!({"exp": -1}), INVALID),
        (json!({"exp": 1e300}), INVALID),
        (json!({"exp": now as f64 + 0.5}), EXPIRED),
        (json!({"iat": now + 60}), "ok"),
        (json!({"iat": now + 61}), INVALID),
        (json!({"iat": null}), INVALID),
        (json!({"iat": now - 6 * 3_600}), "ok"),
        // The provider's own limit, whatever the token's end.
        (json!({"iat": now - 6 * 3_600 - 1}), EXPIRED),
        (json!({"nbf": now + 60}), "ok"),
        (json!({"nbf": now + 61}), INVALID),
        (json!({"nbf": null}), "ok"),
        (json!({"nbf": "now"}), INVALID),
    ] {
        let seen = outcome(&scene.ask(&sign(Signer::Rs256, &rs256(), &with(changes.clone()))).await);
        if seen != expected {
            wrong.push(format!("{changes}: {seen}, expected {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn what_is_no_token_is_none() {
    let scene = scene().await;
    let good = sign(Signer::Rs256, &rs256(), &claims());
    let [header, payload, signature] = good.split('.').collect::<Vec<_>>().try_into().unwrap();
    let double = format!(
        r#"{{"iss":"{ISSUER}","sub":"{SUBJECT}","sub":"root","aud":"{AUDIENCE}","iat":{0},"exp":{1}}}"#,
        START.0,
        START.0 + 60
    );
    let mut wrong = Vec::new();
    for token in [
        "".to_owned(),
        "abc".to_owned(),
        "....".to_owned(),
        ".".repeat(20_000),
        "a".repeat(20_001),
        header.to_owned(),
        format!("{header}.{payload}"),
        format!("{header}.{payload}.{signature}="),
        format!("{header}=.{payload}.{signature}"),
        format!("{header}.{payload}.{signature} "),
        format!("{}.{payload}.{signature}", b64(b"{}")),
        format!("{}.{payload}.{signature}", b64(&[0xff, 0xfe])),
        format!("{}.{payload}.{signature}", b64("[".repeat(9_000).as_bytes())),
        sign_text(Signer::Rs256, r#"{"alg":"none","alg":"RS256","kid":"r1"}"#, &claims().to_string()),
        // Signed, and still ambiguous.
        sign_text(Signer::Rs256, &rs256().to_string(), &double),
        sign_text(Signer::Rs256, &rs256().to_string(), "[]"),
        sign_text(Signer::Rs256, &rs256().to_string(), "null"),
    ] {
        let seen = outcome(&scene.ask(&token).await);
        if seen != INVALID {
            wrong.push(format!("{token:.80}: {seen}"));
        }
    }
    // What stands before the last dot is what was signed, and this was not.
    let four = format!("{header}.{payload}.{signature}.{signature}");
    assert_eq!(outcome(&scene.ask(&four).await), SIGNATURE);
    // A changed payload under the old signature.
    let changed =
        format!("{header}.{}.{signature}", b64(with(json!({"sub": "root"})).to_string().as_bytes()));
    assert_eq!(outcome(&scene.ask(&changed).await), SIGNATURE);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn an_issuers_new_key_is_asked_for_once() {
    let scene = scene().await;
    let header = json!({"alg": "RS256", "kid": "r2"});
    let token = sign(Signer::OtherRs256, &header, &claims());
    assert_eq!(outcome(&scene.ask(&token).await), SIGNATURE);
    assert_eq!(scene.issuer.asked_for_newer.load(Ordering::Relaxed), 1);
    *scene.issuer.newer.lock().unwrap() = Some(Arc::new(key_set(&[rsa_jwk(&OTHER_RSA, "r2")])));
    assert_eq!(outcome(&scene.ask(&token).await), "ok");
    // A wrong signature is no reason to ask.
    let asked = scene.issuer.asked_for_newer.load(Ordering::Relaxed);
    assert_eq!(outcome(&scene.ask(&sign(Signer::OtherRs256, &rs256(), &claims())).await), SIGNATURE);
    assert_eq!(scene.issuer.asked_for_newer.load(Ordering::Relaxed), asked);
}

#[tokio::test]
async fn without_keys_nothing_is_believed() {
    let scene = scene().await;
    let token = sign(Signer::Rs256, &rs256(), &claims());
    *scene.issuer.keys.lock().unwrap() = Err(KeysError::Unavailable("it is down".to_owned()));
    assert_eq!(outcome(&scene.ask(&token).await), UNREACHABLE);
    *scene.issuer.keys.lock().unwrap() = Err(KeysError::Fingerprint);
    let fingerprint = "401 AuthenticationFail.OIDCToken.PublicKeyFingerprintMismatch";
    assert_eq!(outcome(&scene.ask(&token).await), fingerprint);
    *scene.issuer.keys.lock().unwrap() = Ok(Arc::new(key_set(&[])));
    assert_eq!(outcome(&scene.ask(&token).await), SIGNATURE);
    // An engine that nobody told of any issuer.
    let plain = scene.world.client().await;
    let other = Scene { client: plain, issuer: scene.issuer.clone(), world: scene.world };
    assert_eq!(outcome(&other.ask(&token).await), UNREACHABLE);
}

#[tokio::test]
async fn a_provider_speaks_for_roles_that_trust_it_in_its_own_account() {
    let scene = scene().await;
    let token = sign(Signer::Rs256, &rs256(), &claims());
    assert_eq!(outcome(&scene.ask_for("ecs", "cluster", &token).await), NO_PERMISSION);
    assert_eq!(outcome(&scene.ask_for("absent", "cluster", &token).await), "404 EntityNotExist.Role");
    let asked = scene.issuer.asked.load(Ordering::Relaxed);
    assert_eq!(outcome(&scene.ask_for("orders", "absent", &token).await), NO_PERMISSION);
    // Nobody is asked for the keys of a provider that is not there.
    assert_eq!(scene.issuer.asked.load(Ordering::Relaxed), asked);

    // A provider of another account, of the same name and issuer, with a role that even trusts it.
    provider(&scene.client, STRANGER, "Cluster").await;
    let foreign = arn(STRANGER, "oidc-provider", "Cluster");
    let principal = format!(r#"{{"Federated":["{foreign}"]}}"#);
    let account = scene.client.account().to_owned();
    role_of(&scene.client, &account, "foreign", &principal, "", &[]).await;
    for (role, expected) in [("orders", NO_PERMISSION), ("foreign", NO_PERMISSION), ("absent", NO_PERMISSION)]
    {
        let role = arn(&account, "role", role);
        let params = [
            ("OIDCProviderArn", foreign.as_str()),
            ("OIDCToken", &token),
            ("RoleArn", &role),
            ("RoleSessionName", "pod-1"),
        ];
        let result = sts(&scene.client, &Caller::anonymous(), "AssumeRoleWithOIDC", &params).await;
        assert_eq!(outcome(&result), expected, "{role}");
    }
}

#[test]
fn sets_of_keys() {
    let (rsa, ec) = (rsa_jwk(&RSA, "r"), ec_jwk("e"));
    let changed = |key: &Value, name: &str, value: Value| {
        let mut key = key.clone();
        key[name] = value;
        key
    };
    for (keys, usable) in [
        (vec![], 0),
        (vec![rsa.clone(), ec.clone()], 2),
        (vec![changed(&rsa, "use", json!("enc"))], 0),
        (vec![changed(&rsa, "alg", json!("RS512"))], 0),
        (vec![changed(&rsa, "alg", json!("HS256"))], 0),
        (vec![changed(&rsa, "key_ops", json!(["encrypt"]))], 0),
        (vec![changed(&rsa, "key_ops", json!(["verify"]))], 1),
        (vec![changed(&rsa, "kty", json!("oct")), ec.clone()], 1),
        // A modulus of 1,024 bits, and one of 8,192.
        (vec![changed(&rsa, "n", json!(b64(&[0xff; 128])))], 0),
        (vec![changed(&rsa, "n", json!(b64(&[0xff; 1024])))], 0),
        (vec![changed(&ec, "crv", json!("P-384"))], 0),
        (vec![changed(&ec, "x", json!(b64(&[1; 31])))], 0),
        (vec![json!({"kty": "OKP", "crv": "Ed25519", "x": "AA"})], 0),
    ] {
        assert_eq!(key_set(&keys).len(), usable, "{keys:?}");
    }
    for malformed in [
        "",
        "{}",
        "[]",
        "null",
        r#"{"keys":{}}"#,
        r#"{"keys":[1]}"#,
        r#"{"keys":[{}]}"#,
        r#"{"keys":[],"keys":[]}"#,
    ] {
        assert!(KeySet::parse(malformed.as_bytes()).is_err(), "{malformed}");
    }
    let many = json!({"keys": vec![ec; 129]}).to_string();
    assert!(KeySet::parse(many.as_bytes()).is_err());
}
