//! Every official vector, stage by stage, signed and verified. See `data/README.md`.
#![allow(clippy::unwrap_used)]

mod common;

use std::borrow::Cow;

use common::{DATE, NONCE, Request, owned, pairs};
use http::{HeaderMap, HeaderName, HeaderValue};
use keystead_auth::v1::Space;
use keystead_auth::{
    Algorithm, AuthError, Credentials, HeaderPolicy, NameForm, Presented, Scheme, SecurityToken, SigningKey,
    VerifyOptions, decode_pairs, present, v1, v3, v4,
};
use serde_json::Value;

/// The one vector that breaks the rule: a space signed as `+`.
const QUIRK: &str = "v1-12-credentials-assume-role-space-quirk";

struct Vector {
    json: Value,
    request: Request,
}

impl Vector {
    fn text(&self, name: &str) -> &str {
        self.json[name].as_str().unwrap_or_else(|| panic!("{}: no {name}", self.id()))
    }

    fn id(&self) -> &str {
        self.json["id"].as_str().unwrap()
    }

    fn credentials(&self) -> Credentials {
        let field = |name: &str| self.json["credentials"][name].as_str();
        let mut credentials =
            Credentials::access_key(field("access_key_id").unwrap(), field("access_key_secret").unwrap());
        credentials.security_token =
            field("security_token").map(|token| SecurityToken::new(token.to_owned()));
        credentials
    }

    fn algorithm(&self) -> Algorithm<'static> {
        match self.text("algorithm") {
            "HMAC-SHA1" => Algorithm::HmacSha1,
            "ACS3-HMAC-SHA256" => Algorithm::AcsHmacSha256,
            "ACS3-HMAC-SM3" => Algorithm::AcsHmacSm3,
            "ACS3-RSA-SHA256" => Algorithm::AcsRsaSha256,
            "ACS4-HMAC-SHA256" => Algorithm::Acs4HmacSha256,
            other => panic!("{}: unexpected algorithm {other}", self.id()),
        }
    }

    fn key(&self) -> SigningKey {
        SigningKey::for_algorithm(&self.credentials().secret, self.algorithm()).unwrap()
    }

    fn options(&self) -> VerifyOptions {
        VerifyOptions { lenient_spaces: self.id() == QUIRK }
    }

    fn is_unsigned(&self) -> bool {
        self.json.get("signature").is_none()
    }
}

fn vectors() -> Vec<Vector> {
    let file: Value = serde_json::from_str(include_str!("data/signing-vectors.json")).unwrap();
    let list = file["vectors"].as_array().unwrap();
    assert_eq!((list.len(), file["count"].as_u64()), (39, Some(39)));
    list.iter().map(|json| Vector { json: json.clone(), request: request(json) }).collect()
}

/// The request as a server receives it.
fn request(json: &Value) -> Request {
    let sent = &json["request"];
    let map = |value: &Value| {
        let entries = value.as_object().into_iter().flatten();
        let entries: Vec<(&str, &str)> =
            entries.map(|(name, value)| (name.as_str(), value.as_str().unwrap())).collect();
        pairs(&entries)
    };
    let url = sent["url"].as_str().or(sent["path_and_query"].as_str());
    let query = match url {
        Some(url) => owned(decode_pairs(url.split_once('?').map_or("", |(_, query)| query)).unwrap()),
        None if sent["query"].is_object() => map(&sent["query"]),
        None => map(&json["input"]["flattened_query"]),
    };
    if let (Some(_), Some(expected)) = (url, sent["query"].as_object()) {
        assert_eq!(expected.len(), query.len(), "{}", json["id"]);
        for (name, value) in &query {
            assert_eq!(expected[name.as_ref()].as_str().unwrap(), value, "{}", json["id"]);
        }
    }
    let mut request = Request {
        method: sent["method"].as_str().unwrap().into(),
        path: "/".into(),
        query,
        ..Request::default()
    };
    for (name, value) in sent["headers"].as_object().unwrap() {
        request.set(name, value.as_str().unwrap());
    }
    let body = sent["body"].as_str().unwrap();
    if body.is_empty() { request } else { request.form_body(body.as_bytes()) }
}

#[test]
fn every_vector_has_its_test() {
    let all = vectors();
    let count = |scheme: &str, unsigned: bool| {
        all.iter().filter(|v| v.text("scheme") == scheme && v.is_unsigned() == unsigned).count()
    };
    assert_eq!(count("V3", false), 20, "header_stages, header_signing");
    assert_eq!(count("V4", false), 2, "header_stages, header_signing");
    assert_eq!(count("V1-RPC", false), 14, "query_stages, query_signing");
    assert_eq!(count("V3", true) + count("V1-RPC", true), 3, "classification_of_unsigned");
}

#[test]
fn header_stages() {
    for vector in vectors().iter().filter(|v| v.text("scheme") != "V1-RPC" && !v.is_unsigned()) {
        let (id, algorithm, key) = (vector.id(), vector.algorithm(), vector.key());
        let authorization = vector.request.get("authorization");
        let list = authorization.split_once("SignedHeaders=").unwrap().1.split_once(',').unwrap().0;
        let hash = v3::payload_hash(algorithm, &vector.request.body).unwrap();
        assert_eq!(hash, vector.text("hashed_payload"), "{id}");
        let names = if algorithm == Algorithm::Acs4HmacSha256 { NameForm::Encoded } else { NameForm::Plain };
        let canonical = v3::canonical_request(&vector.request.view(), list, &hash, names).unwrap();
        assert_eq!(canonical, vector.text("canonical_request"), "{id}");
        let to_sign = v3::string_to_sign(algorithm, &canonical).unwrap();
        assert_eq!(to_sign, vector.text("string_to_sign"), "{id}");
        let signature = if algorithm == Algorithm::Acs4HmacSha256 {
            let scope = v4::Scope { date: "20260102", region: vector.text("region_id"), product: "Kms" };
            let scoped = v4::signing_key(&key, algorithm, scope).unwrap();
            assert_eq!(hex::encode(*scoped), vector.text("signing_key_hex"), "{id}");
            v4::signature(&key, algorithm, scope, &to_sign).unwrap()
        } else {
            v3::signature(&key, algorithm, &to_sign).unwrap()
        };
        assert_eq!(signature, vector.text("signature"), "{id}");
    }
}

#[test]
fn header_signing() {
    for vector in vectors().iter().filter(|v| v.text("scheme") != "V1-RPC" && !v.is_unsigned()) {
        let (id, algorithm) = (vector.id(), vector.algorithm());
        let expected = &vector.request.headers;
        // Node and V4 leave user-agent and accept unsigned.
        let every = expected["authorization"].to_str().unwrap().contains("user-agent");
        let policy = if every { HeaderPolicy::Every } else { HeaderPolicy::Standard };
        let mut headers = expected.clone();
        for added in [
            "authorization",
            "x-acs-date",
            "x-acs-signature-nonce",
            "x-acs-content-sha256",
            "x-acs-accesskey-id",
            "x-acs-security-token",
        ] {
            headers.remove(added);
        }
        let to_sign = vector.request.to_sign();
        let credentials = vector.credentials();
        if algorithm == Algorithm::Acs4HmacSha256 {
            let region = vector.text("region_id");
            v4::sign(&to_sign, &mut headers, &credentials, algorithm, policy, region, "Kms").unwrap();
        } else {
            v3::sign(&to_sign, &mut headers, &credentials, algorithm, policy).unwrap();
        }
        assert_eq!(&headers, expected, "{id}");
    }
}

#[test]
fn query_stages() {
    for vector in vectors().iter().filter(|v| v.text("scheme") == "V1-RPC" && !v.is_unsigned()) {
        let (id, request) = (vector.id(), &vector.request);
        let space = if id == QUIRK { Space::Plus } else { Space::Percent };
        if let Some(expected) = vector.json.get("canonical_query") {
            let canonical = v1::canonical_query(&request.query, &request.form, space);
            assert_eq!(canonical, expected.as_str().unwrap(), "{id}");
        }
        let to_sign =
            v1::string_to_sign(&request.method, &request.path, &request.query, &request.form, space);
        assert_eq!(to_sign, vector.text("string_to_sign"), "{id}");
        assert_eq!(v1::signature(&vector.key(), &to_sign).unwrap(), vector.text("signature"), "{id}");
    }
}

#[test]
fn query_signing() {
    for vector in vectors().iter().filter(|v| v.text("scheme") == "V1-RPC" && !v.is_unsigned()) {
        let mut request = vector.request.clone();
        request.query.retain(|(name, _)| {
            let added = [
                "AccessKeyId",
                "SecurityToken",
                "SignatureMethod",
                "SignatureVersion",
                "SignatureNonce",
                "Timestamp",
            ];
            name != "Signature" && !added.contains(&name.as_ref())
        });
        let credentials = vector.credentials();
        let to_sign = request.to_sign();
        let mut signed = owned(v1::sign(&to_sign, &credentials).unwrap());
        let mut expected = vector.request.query.clone();
        signed.sort();
        expected.sort();
        if vector.id() == QUIRK {
            // We sign by the rule, so this signature alone differs.
            let differing = signed.iter().zip(&expected).filter(|(a, b)| a != b).map(|(a, _)| a.0.as_ref());
            assert_eq!(differing.collect::<Vec<_>>(), ["Signature"]);
        } else {
            assert_eq!(signed, expected, "{}", vector.id());
        }
    }
}

#[test]
fn verifying_accepts_and_reads_the_claim() {
    let mut verified = 0;
    for vector in vectors().iter().filter(|v| !v.is_unsigned()) {
        let id = vector.id();
        let view = vector.request.view();
        let claim = vector.request.claim().unwrap_or_else(|error| panic!("{id}: {error}"));
        claim
            .verify_with(&view, &vector.key(), vector.options())
            .unwrap_or_else(|error| panic!("{id}: {error}"));
        let credentials = vector.credentials();
        assert_eq!(claim.access_key_id(), credentials.access_key_id, "{id}");
        assert_eq!(
            claim.security_token(),
            credentials.security_token.as_ref().map(SecurityToken::expose),
            "{id}"
        );
        assert_eq!((claim.date(), claim.nonce(), claim.unix_seconds()), (DATE, NONCE, 1_767_323_045), "{id}");
        assert_eq!(claim.algorithm(), vector.algorithm(), "{id}");
        let scheme = match vector.text("scheme") {
            "V3" => Scheme::V3,
            "V4" => Scheme::V4,
            _ => Scheme::V1,
        };
        assert_eq!(claim.scheme(), scheme, "{id}");
        if let Some(action) = vector.request.headers.get("x-acs-action") {
            assert_eq!(claim.action(), action.to_str().unwrap(), "{id}");
        }
        let format =
            vector.request.query.iter().find(|(name, _)| name == "Format").map(|(_, value)| value.as_ref());
        assert_eq!(claim.format(), format, "{id}");
        assert_eq!(claim.scope().map(|scope| scope.product), (scheme == Scheme::V4).then_some("Kms"), "{id}");
        verified += 1;
    }
    assert_eq!(verified, 36);
}

#[test]
fn the_quirk_is_refused_unless_asked_for() {
    let all = vectors();
    let vector = all.iter().find(|v| v.id() == QUIRK).unwrap();
    assert!(matches!(vector.request.check(&vector.key()), Err(AuthError::Mismatch(_))));
    // Leniency is about spaces only: a literal plus is another value.
    let mut other = vector.request.clone();
    for (_, value) in &mut other.query {
        *value = Cow::Owned(value.replace(' ', "+"));
    }
    assert!(matches!(other.check_with(&vector.key(), vector.options()), Err(AuthError::Mismatch(_))));
}

#[test]
fn any_changed_bit_is_refused() {
    for vector in vectors().iter().filter(|v| !v.is_unsigned()) {
        let (id, key) = (vector.id(), vector.key());
        let refused = |changed: &Request, what: &str| {
            assert!(changed.check_with(&key, vector.options()).is_err(), "{id}: {what}");
        };
        if vector.algorithm() == Algorithm::HmacSha1 {
            for index in 0..vector.request.query.len() {
                for bit in 0..2 {
                    let mut changed = vector.request.clone();
                    let (name, value) = &mut changed.query[index];
                    let what = format!("query {name}");
                    *value = Cow::Owned(flip_first(value, bit));
                    refused(&changed, &what);
                }
            }
            for index in 0..vector.request.form.len() {
                let mut changed = vector.request.clone();
                let value = &mut changed.form[index].1;
                *value = Cow::Owned(flip_first(value, 0));
                refused(&changed, "form");
            }
        } else {
            let list = vector.request.get("authorization").split_once("SignedHeaders=").unwrap().1;
            for name in list.split_once(',').unwrap().0.split(';') {
                let mut changed = vector.request.clone();
                let value = flip_first(changed.get(name), 0);
                changed.set(name, &value);
                refused(&changed, name);
            }
            let authorization = vector.request.get("authorization").to_owned();
            let start = authorization.find("Signature=").unwrap() + 10;
            for at in start..authorization.len() {
                for bit in 0..8 {
                    let mut bytes = authorization.clone().into_bytes();
                    bytes[at] ^= 1 << bit;
                    let mut changed = vector.request.clone();
                    let Ok(value) = HeaderValue::from_bytes(&bytes) else { continue };
                    changed.headers.insert(HeaderName::from_static("authorization"), value);
                    refused(&changed, "signature");
                }
            }
            for index in 0..vector.request.query.len() {
                let mut changed = vector.request.clone();
                let value = &mut changed.query[index].1;
                *value = Cow::Owned(flip_first(value, 0));
                refused(&changed, "query");
            }
            let mut changed = vector.request.clone();
            match changed.body.first_mut() {
                Some(byte) => *byte ^= 1,
                None => changed.body.push(b'x'),
            }
            refused(&changed, "body");
        }
        let mut changed = vector.request.clone();
        changed.method = "PUT".into();
        refused(&changed, "method");
        let mut changed = vector.request.clone();
        changed.path = "/x".into();
        refused(&changed, "path");
        let mut changed = vector.request.clone();
        changed.query.push((Cow::Borrowed("Extra"), Cow::Borrowed("")));
        refused(&changed, "added parameter");
    }
}

/// Flips a low bit of the first character; an empty text becomes one character.
fn flip_first(text: &str, bit: u8) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => {
            let flipped = char::from_u32(u32::from(first) ^ (1 << bit)).unwrap_or('x');
            std::iter::once(flipped).chain(chars).collect()
        }
        None => "x".to_owned(),
    }
}

#[test]
fn wrong_secret_gives_the_vectors_own_string_to_sign() {
    let wrong = SigningKey::new(&keystead_auth::SecretKey::new("wrong".into()));
    for vector in vectors().iter().filter(|v| !v.is_unsigned() && v.algorithm() != Algorithm::AcsRsaSha256) {
        if vector.id() == QUIRK {
            continue;
        }
        let error = vector.request.check(&wrong).unwrap_err();
        let expected = format!(
            "Specified signature is not matched with our calculation. server string to sign is:{}",
            vector.text("string_to_sign")
        );
        assert_eq!(error.message(), expected, "{}", vector.id());
        assert_eq!(error.code(), "SignatureDoesNotMatch");
    }
}

#[test]
fn kinds_of_keys_do_not_stand_in_for_each_other() {
    let all = vectors();
    let rsa = all.iter().find(|v| v.id() == "v3-15-rsa-sha256").unwrap();
    let hmac = all.iter().find(|v| v.id() == "v3-01-describe-regions").unwrap();
    let text_key = SigningKey::new(&rsa.credentials().secret);
    assert_eq!(rsa.request.check(&text_key), Err(AuthError::Method));
    assert_eq!(hmac.request.check(&rsa.key()), Err(AuthError::Method));
}

#[test]
fn classification_of_unsigned() {
    for vector in vectors().iter().filter(|v| v.is_unsigned()) {
        let view = vector.request.view();
        match (vector.id(), present(&view).unwrap()) {
            ("v3-16-bearer", Presented::Bearer) => {}
            (
                "v1-13-credentials-assume-role-with-oidc" | "v1-16-sts-assume-role-with-oidc-anonymous",
                Presented::Anonymous { action, version, format },
            ) => {
                assert_eq!((action, version), (Some("AssumeRoleWithOIDC"), Some("2015-04-01")));
                assert!(format.unwrap().eq_ignore_ascii_case("json"));
            }
            (id, other) => panic!("{id}: {other:?}"),
        }
    }
}

#[test]
fn over_http2_the_authority_is_the_host() {
    for vector in vectors().iter().filter(|v| !v.is_unsigned() && v.algorithm() != Algorithm::HmacSha1) {
        let mut request = vector.request.clone();
        let mut headers: HeaderMap = std::mem::take(&mut request.headers);
        let host = headers.remove("host").unwrap();
        request.headers = headers;
        request.authority = Some(host.to_str().unwrap().to_owned());
        request.check(&vector.key()).unwrap_or_else(|error| panic!("{}: {error}", vector.id()));
        request.authority = Some("other.example".into());
        assert!(request.check(&vector.key()).is_err());
        request.authority = None;
        assert!(matches!(request.check(&vector.key()), Err(AuthError::Incomplete(_))));
    }
}
