//! Requests that are wrong in one way each.
#![allow(clippy::unwrap_used)]

mod common;

use std::borrow::Cow;

use common::{Request, credentials, encrypt, encrypt_v1, key};
use http::{HeaderName, HeaderValue};
use keystead_auth::{
    Algorithm, AuthError, Credentials, HeaderPolicy, KeyError, Presented, SecurityToken, SignError,
    SigningKey, VerifyOptions, present, v1, v3, v4,
};

fn signed() -> Request {
    encrypt().signed_v3(&credentials())
}

fn temporary() -> Credentials {
    let mut credentials = credentials();
    credentials.security_token = Some(SecurityToken::new("token+/=".into()));
    credentials
}

fn with_authorization(change: impl Fn(&str) -> String) -> Request {
    let request = signed();
    let changed = change(request.get("authorization"));
    request.header("authorization", &changed)
}

fn incomplete(request: &Request, reason: &str) {
    match request.check(&key()) {
        Err(error @ AuthError::Incomplete(_)) => {
            assert!(error.to_string().contains(reason), "{error} has not: {reason}");
            assert_eq!((error.code().as_ref(), error.status()), ("IncompleteSignature", 400));
        }
        other => panic!("{other:?}, not: {reason}"),
    }
}

#[test]
fn values_may_cross_threads() {
    fn check<T: Send + Sync>() {}
    check::<SigningKey>();
    check::<Credentials>();
    check::<keystead_auth::Claim<'_>>();
}

#[test]
fn the_base_requests_are_good() {
    signed().check(&key()).unwrap();
    encrypt().signed_v3(&temporary()).check(&key()).unwrap();
    encrypt_v1().signed_v1(&credentials()).check(&key()).unwrap();
}

#[test]
fn authorization_has_three_parts() {
    let form = "has not the form";
    incomplete(&with_authorization(|_| "ACS3-HMAC-SHA256".into()), form);
    incomplete(&with_authorization(|_| "ACS3-HMAC-SHA256 ".into()), form);
    incomplete(&with_authorization(|_| "ACS3-HMAC-SHA256 Credential=x".into()), form);
    incomplete(&with_authorization(|text| format!("{text},Signature=00")), form);
    incomplete(&with_authorization(|text| format!("{text},Other=1")), form);
    incomplete(&with_authorization(|text| format!("{text},")), form);
    incomplete(&with_authorization(|text| text.split(",Signature").next().unwrap().into()), form);
    incomplete(
        &with_authorization(|text| format!("{}Signature=", text.split("Signature=").next().unwrap())),
        form,
    );
    incomplete(&with_authorization(|_| "Basic eDp5".into()), "names no scheme");
    incomplete(&with_authorization(|_| String::new()), "names no scheme");
    let missing = with_authorization(|text| text.replace("Credential=testAccessKeyId", "Credential="));
    assert_eq!(missing.check(&key()), Err(AuthError::Missing("AccessKeyId")));
    let mut repeated = signed();
    let value = repeated.headers["authorization"].clone();
    repeated.headers.append("authorization", value);
    incomplete(&repeated, "authorization is repeated");
    // Spaces after the commas do no harm.
    with_authorization(|text| text.replace(',', ", ")).check(&key()).unwrap();
}

#[test]
fn signatures_are_lower_case_hex() {
    incomplete(&with_authorization(|text| format!("{text}0")), "not lower-case hex");
    incomplete(&with_authorization(|text| format!("{}zz", &text[..text.len() - 2])), "not lower-case hex");
    let upper = with_authorization(|text| {
        let (head, tail) = text.split_once("Signature=").unwrap();
        format!("{head}Signature={}", tail.to_uppercase())
    });
    incomplete(&upper, "not lower-case hex");
    for text in ["00".to_owned(), "00".repeat(40), "00".repeat(256)] {
        let other =
            with_authorization(|old| format!("{}Signature={text}", old.split("Signature=").next().unwrap()));
        assert!(matches!(other.check(&key()), Err(AuthError::Mismatch(_))));
    }
}

#[test]
fn the_list_of_signed_headers() {
    let list = |change: &str| with_authorization(|text| text.replace(";x-acs-version,", change));
    incomplete(&list(","), "x-acs-version is not signed");
    incomplete(&list(";x-acs-version;x-acs-version,"), "listed twice");
    incomplete(&list(";x-acs-version;host,"), "listed twice");
    incomplete(&list(";x-acs-version;,"), "lower-case names");
    incomplete(&list(";X-Acs-Version,"), "lower-case names");
    incomplete(&list(";x-acs-version;x-not-there,"), "x-not-there is not in the request");
    incomplete(&list(";x-acs-version;bad name,"), "bad name is not in the request");
    incomplete(&list(";x-acs-version;authorization,"), "cannot sign itself");
    let many: String = (0..70).map(|n| format!(";x-{n}")).collect();
    let mut request = list(&format!("{many};x-acs-version,"));
    for n in 0..70 {
        request.set(&format!("x-{n}"), "");
    }
    incomplete(&request, "too many");
}

#[test]
fn required_headers_are_signed() {
    for name in [
        "host",
        "x-acs-action",
        "x-acs-version",
        "x-acs-date",
        "x-acs-signature-nonce",
        "x-acs-content-sha256",
    ] {
        let unsigned = with_authorization(|text| {
            text.replace(&format!("{name};"), "").replace(&format!(";{name},"), ",")
        });
        incomplete(&unsigned, &format!("{name} is not signed"));
        let mut absent = signed();
        absent.headers.remove(name);
        if name == "x-acs-date" {
            assert_eq!(absent.check(&key()), Err(AuthError::DateMissing));
        } else {
            incomplete(&absent, &format!("{name} is not in the request"));
        }
        let mut repeated = signed();
        repeated.headers.append(HeaderName::from_static(name), HeaderValue::from_static("x"));
        incomplete(&repeated, &format!("{name} is repeated"));
    }
    let mut neither = with_authorization(|text| text.replace("x-acs-date;", ""));
    neither.headers.remove("x-acs-date");
    assert_eq!(neither.check(&key()).unwrap_err().code(), "IllegalTimestamp");
}

#[test]
fn required_headers_have_values() {
    for (name, expected) in [
        ("x-acs-action", AuthError::Missing("Action")),
        ("x-acs-version", AuthError::Missing("Version")),
        ("x-acs-signature-nonce", AuthError::Missing("SignatureNonce")),
        ("x-acs-date", AuthError::DateMissing),
    ] {
        assert_eq!(signed().header(name, " ").check(&key()), Err(expected), "{name}");
    }
    let date = signed().header("x-acs-date", "Fri, 02 Jan 2026 03:04:05 GMT").check(&key()).unwrap_err();
    assert_eq!(date.code(), "InvalidTimeStamp.Format");
    let mut binary = signed();
    binary.headers.insert("user-agent", HeaderValue::from_bytes(b"caf\xe9").unwrap());
    incomplete(&binary, "user-agent is not UTF-8");
}

#[test]
fn identity_headers_are_signed_or_absent() {
    incomplete(&signed().header("x-acs-security-token", "t"), "x-acs-security-token is not signed");
    incomplete(&signed().header("x-acs-accesskey-id", "testAccessKeyId"), "x-acs-accesskey-id is not signed");
    let other = encrypt().header("x-acs-accesskey-id", "another").signed_v3(&credentials());
    incomplete(&other, "not the id of Credential");
    // Other unsigned headers are ignored.
    let request = signed().header("x-acs-something", "1");
    request.check(&key()).unwrap();
    assert_eq!(request.claim().unwrap().security_token(), None);
    let empty = encrypt().header("x-acs-security-token", "").signed_v3(&credentials());
    assert_eq!(empty.claim().unwrap().security_token(), None);
}

#[test]
fn the_payload_hash_is_the_bodys() {
    let mut request = encrypt().form_body(b"SecretData=x").signed_v3(&credentials());
    request.check(&key()).unwrap();
    request.body = b"SecretData=y".to_vec();
    let error = request.check(&key()).unwrap_err();
    assert!(matches!(error, AuthError::PayloadHash { .. }));
    assert_eq!(error.code(), "SignatureDoesNotMatch");
    assert_eq!(error.message().split(':').count(), 2);
    let upper = signed();
    let hash = upper.get("x-acs-content-sha256").to_uppercase();
    assert!(matches!(
        upper.header("x-acs-content-sha256", &hash).check(&key()),
        Err(AuthError::PayloadHash { .. })
    ));
}

#[test]
fn unknown_methods_are_named() {
    let request = with_authorization(|text| text.replace("ACS3-HMAC-SHA256", "ACS3-HMAC-MD5"));
    assert_eq!(request.claim().unwrap().algorithm(), Algorithm::Unsupported("ACS3-HMAC-MD5"));
    assert_eq!(request.check(&key()).unwrap_err().code(), "InvalidSignatureMethod");
    let mut request = encrypt_v1().signed_v1(&credentials());
    replace(&mut request, "SignatureMethod", "SHA256withRSA");
    assert_eq!(request.claim().unwrap().algorithm(), Algorithm::Unsupported("SHA256withRSA"));
    assert_eq!(request.check(&key()).unwrap_err().code(), "InvalidSignatureMethod");
}

#[test]
fn repeated_headers_are_sorted_and_joined() {
    let mut request = encrypt().header("x-acs-many", " b ");
    request.headers.append("x-acs-many", HeaderValue::from_static("a"));
    let request = request.signed_v3(&credentials());
    request.check(&key()).unwrap();
    let list = "x-acs-many";
    let canonical = v3::canonical_request(&request.view(), list, "", keystead_auth::NameForm::Plain).unwrap();
    assert!(canonical.contains("\nx-acs-many:a,b\n\n"), "{canonical}");
    let mut swapped = request.clone();
    swapped.headers.insert("x-acs-many", HeaderValue::from_static("a"));
    swapped.headers.append("x-acs-many", HeaderValue::from_static("b"));
    swapped.check(&key()).unwrap();
    swapped.headers.insert("x-acs-many", HeaderValue::from_static("a"));
    assert!(matches!(swapped.check(&key()), Err(AuthError::Mismatch(_))));
}

#[test]
fn names_are_signed_plain_or_encoded_but_never_ambiguously() {
    // A map key of UpdateSecret: Python and Node sign it as it is.
    let mut odd = encrypt();
    odd.query.push((Cow::Borrowed("ExtendedConfig.CustomData.a b"), Cow::Borrowed("1")));
    odd.signed_v3(&credentials()).check(&key()).unwrap();
    // Two pairs, and one whose name looks like them.
    let two =
        Request { query: common::pairs(&[("a", "1"), ("b", "2")]), ..encrypt() }.signed_v3(&credentials());
    let one = Request { query: common::pairs(&[("a=1&b", "2")]), ..two.clone() };
    assert!(matches!(one.check(&key()), Err(AuthError::Mismatch(_))));
    // A name that holds an escape, and the name it stands for.
    let plain = Request { query: common::pairs(&[("a b", "1")]), ..encrypt() };
    let names = keystead_auth::NameForm::Encoded;
    let mut encoded = plain.signed_v3(&credentials());
    let list =
        encoded.get("authorization").split("SignedHeaders=").nth(1).unwrap().split(',').next().unwrap();
    let hash = encoded.get("x-acs-content-sha256");
    let canonical = v3::canonical_request(&encoded.view(), list, hash, names).unwrap();
    let text = v3::string_to_sign(Algorithm::AcsHmacSha256, &canonical).unwrap();
    let signature = v3::signature(&key(), Algorithm::AcsHmacSha256, &text).unwrap();
    let head = encoded.get("authorization").split("Signature=").next().unwrap();
    let authorization = format!("{head}Signature={signature}");
    encoded.set("authorization", &authorization);
    encoded.check(&key()).unwrap();
    let escaped = Request { query: common::pairs(&[("a%20b", "1")]), ..encoded };
    assert!(matches!(escaped.check(&key()), Err(AuthError::Mismatch(_))));
    // A line feed in a name must not begin a header.
    let feed = Request { query: common::pairs(&[("a\nhost:x", "1")]), ..encrypt() }.signed_v3(&credentials());
    feed.check(&key()).unwrap();
    // Own ambiguous names are signed encoded, and verify.
    Request { query: common::pairs(&[("a=1&b%20", "2")]), ..encrypt() }
        .signed_v3(&credentials())
        .check(&key())
        .unwrap();
}

#[test]
fn host_and_authority_agree() {
    let mut request = signed();
    request.authority = Some("kms.cn-hangzhou.aliyuncs.com".into());
    request.check(&key()).unwrap();
    request.authority = Some("KMS.cn-hangzhou.aliyuncs.com".into());
    incomplete(&request, ":authority");
}

#[test]
fn a_claim_verifies_its_own_request_only() {
    let (request, other) = (signed(), signed());
    let claim = request.claim().unwrap();
    claim.verify(&request.view(), &key()).unwrap();
    assert!(matches!(claim.verify(&other.view(), &key()), Err(AuthError::Incomplete(_))));
    let body: &[u8] = b"x";
    let view = keystead_auth::RequestView { body, ..request.view() };
    assert!(matches!(claim.verify(&view, &key()), Err(AuthError::Incomplete(_))));
}

fn replace(request: &mut Request, name: &str, value: &str) {
    let pair = request.query.iter_mut().find(|(other, _)| other == name).unwrap();
    pair.1 = Cow::Owned(value.to_owned());
}

#[test]
fn v1_names_what_is_missing() {
    for (name, code) in [
        ("AccessKeyId", "MissingAccessKeyId"),
        ("SignatureMethod", "MissingSignatureMethod"),
        ("Signature", "MissingSignature"),
        ("SignatureNonce", "MissingSignatureNonce"),
        ("SignatureVersion", "MissingSignatureVersion"),
        ("Timestamp", "IllegalTimestamp"),
        ("Action", "MissingAction"),
        ("Version", "MissingVersion"),
    ] {
        let mut request = encrypt_v1().signed_v1(&credentials());
        replace(&mut request, name, "");
        assert_eq!(request.check(&key()).unwrap_err().code(), code, "empty");
        request.query.retain(|(other, _)| other != name);
        assert_eq!(request.check(&key()).unwrap_err().code(), code, "absent");
    }
}

#[test]
fn v1_refuses_contradictions() {
    let good = || encrypt_v1().signed_v1(&credentials());
    for (header, value, name) in
        [("x-acs-action", "Decrypt", "Action"), ("x-acs-version", "2015-04-01", "Version")]
    {
        let error = good().header(header, value).check(&key()).unwrap_err();
        assert_eq!(error, AuthError::Invalid(name));
        assert_eq!((error.code().as_ref(), error.status()), ("InvalidParameter", 400));
    }
    good().header("x-acs-action", "Encrypt").header("x-acs-version", "2016-01-20").check(&key()).unwrap();
    for name in ["Action", "AccessKeyId", "Signature", "Timestamp", "SecurityToken"] {
        let mut request = good();
        request.query.push((Cow::Owned(name.into()), Cow::Borrowed("a")));
        request.query.push((Cow::Owned(name.into()), Cow::Borrowed("b")));
        assert_eq!(request.check(&key()), Err(AuthError::Invalid(name)));
    }
    for name in ["Action", "AccessKeyId", "Signature"] {
        let mut request = good();
        request.form.push((Cow::Owned(name.into()), Cow::Borrowed("a")));
        assert_eq!(request.check(&key()), Err(AuthError::Invalid(name)));
    }
    let mut request = good();
    replace(&mut request, "SignatureVersion", "2.0");
    assert_eq!(request.check(&key()), Err(AuthError::Invalid("SignatureVersion")));
    let mut request = good();
    replace(&mut request, "Timestamp", "2026-01-02 03:04:05");
    assert_eq!(request.check(&key()), Err(AuthError::DateFormat));
    let mut request = good();
    replace(&mut request, "Signature", "not base64!");
    incomplete(&request, "not Base64");
}

#[test]
fn v1_spaces() {
    let credentials = credentials();
    let mut request = encrypt_v1().signed_v1(&credentials);
    let text = v1::string_to_sign("POST", "/", &request.query, &[], v1::Space::Plus);
    let signature = v1::signature(&key(), &text).unwrap();
    replace(&mut request, "Signature", &signature);
    assert!(matches!(request.check(&key()), Err(AuthError::Mismatch(_))));
    request.check_with(&key(), VerifyOptions { lenient_spaces: true }).unwrap();
}

#[test]
fn tokens_and_anonymous_requests() {
    let shape = |request: &Request| match present(&request.view()).unwrap() {
        Presented::Signed(_) => "signed",
        Presented::Bearer => "bearer",
        Presented::IdToken => "id token",
        Presented::Anonymous { .. } => "anonymous",
    };
    assert_eq!(shape(&encrypt()), "anonymous");
    assert_eq!(shape(&encrypt().header("x-acs-bearer-token", "t")), "bearer");
    assert_eq!(shape(&encrypt().header("authorization", "bearer t")), "bearer");
    assert_eq!(shape(&encrypt().header("x-acs-zero-trust-idtoken", "t")), "id token");
    assert_eq!(shape(&Request::post(&[("SignatureType", "BearerToken"), ("Signature", "")])), "bearer");
    assert_eq!(shape(&Request::post(&[("BearerToken", "t")])), "bearer");
    // A signature in the header is what counts when there is one.
    assert_eq!(shape(&signed().header("x-acs-bearer-token", "t")), "signed");
    let mut request = encrypt();
    request.query = common::pairs(&[("Action", "Decrypt")]);
    assert_eq!(present(&request.view()).unwrap_err(), AuthError::Invalid("Action"));
    let request = encrypt();
    let Presented::Anonymous { action, version, format } = present(&request.view()).unwrap() else {
        panic!("not anonymous")
    };
    assert_eq!((action, version, format), (Some("Encrypt"), Some("2016-01-20"), None));
}

#[test]
fn v4_scope_is_checked() {
    let sign = |algorithm| {
        let mut request = encrypt();
        let mut headers = std::mem::take(&mut request.headers);
        let policy = HeaderPolicy::Standard;
        v4::sign(&request.to_sign(), &mut headers, &temporary(), algorithm, policy, "cn-hangzhou", "Kms")
            .unwrap();
        request.headers = headers;
        request
    };
    let sm3 = sign(Algorithm::Acs4HmacSm3);
    sm3.check(&key()).unwrap();
    assert!(
        sm3.headers.contains_key("x-acs-content-sm3") && !sm3.headers.contains_key("x-acs-content-sha256")
    );
    let good = sign(Algorithm::Acs4HmacSha256);
    good.check(&key()).unwrap();
    let changed = |from: &str, to: &str| {
        let text = good.get("authorization").replace(from, to);
        good.clone().header("authorization", &text)
    };
    assert!(matches!(changed("/cn-hangzhou/", "/cn-beijing/").check(&key()), Err(AuthError::Mismatch(_))));
    assert!(matches!(changed("/Kms/", "/Sts/").check(&key()), Err(AuthError::Mismatch(_))));
    incomplete(&changed("/20260102/", "/20260103/"), "day of x-acs-date");
    incomplete(&changed("aliyun_v4_request", "aws4_request"), "id/date/region");
    incomplete(&changed("/Kms/", "/"), "id/date/region");
}

#[test]
fn signing_refuses_what_cannot_be_sent() {
    let sign = |request: &Request, algorithm, credentials: &Credentials| {
        v3::sign(
            &request.to_sign(),
            &mut request.headers.clone(),
            credentials,
            algorithm,
            HeaderPolicy::Standard,
        )
    };
    let sha256 = Algorithm::AcsHmacSha256;
    for name in ["host", "x-acs-action", "x-acs-version"] {
        let mut request = encrypt();
        request.headers.remove(name);
        assert!(
            matches!(sign(&request, sha256, &credentials()), Err(SignError::NoHeader(missing)) if missing == name)
        );
    }
    let fault = sign(&encrypt(), Algorithm::AcsRsaSha256, &credentials());
    assert!(matches!(fault, Err(SignError::Key(KeyError::PrivateKey))));
    let fault = sign(&encrypt(), Algorithm::Acs4HmacSha256, &credentials());
    assert!(matches!(fault, Err(SignError::Key(KeyError::Algorithm))));
    let mut odd = credentials();
    odd.access_key_id = "a\nb".into();
    assert!(matches!(sign(&encrypt(), sha256, &odd), Err(SignError::HeaderValue("authorization"))));
    let request = encrypt();
    let to_sign = keystead_auth::ToSign { date: "today", ..request.to_sign() };
    let fault =
        v3::sign(&to_sign, &mut request.headers.clone(), &credentials(), sha256, HeaderPolicy::Standard);
    assert!(matches!(fault, Err(SignError::Request(AuthError::DateFormat))));
    let shown = format!("{:?} {:?}", request.view(), request.to_sign());
    assert!(!shown.contains("aGVsbG8"), "{shown}");
}

#[test]
fn rsa_keys_verify_with_the_public_half() {
    let file: serde_json::Value = serde_json::from_str(include_str!("data/signing-vectors.json")).unwrap();
    let vectors = file["vectors"].as_array().unwrap();
    let vector = vectors.iter().find(|v| v["id"] == "v3-15-rsa-sha256").unwrap();
    let body = vector["credentials"]["access_key_secret"].as_str().unwrap();
    // The same key with PEM armour and lines.
    let lines: Vec<&str> =
        (0..body.len()).step_by(64).map(|at| &body[at..(at + 64).min(body.len())]).collect();
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines.join("\n"));
    let credentials = Credentials::access_key("id", pem);
    let private = SigningKey::rsa_private(&credentials.secret).unwrap();
    let mut request = encrypt();
    let mut headers = std::mem::take(&mut request.headers);
    let (algorithm, policy) = (Algorithm::AcsRsaSha256, HeaderPolicy::Standard);
    v3::sign(&request.to_sign(), &mut headers, &credentials, algorithm, policy).unwrap();
    request.headers = headers;
    request.check(&private).unwrap();
    let public = SigningKey::rsa_public(&public_half(body)).unwrap();
    request.check(&public).unwrap();
    assert_eq!(signed().check(&public), Err(AuthError::Method));
    let signature = v3::signature(&public, algorithm, "text");
    assert_eq!(signature, Err(KeyError::Algorithm));
}

fn public_half(pkcs8: &str) -> Vec<u8> {
    use aws_lc_rs::signature::KeyPair as _;
    use base64::Engine as _;
    let der = base64::engine::general_purpose::STANDARD.decode(pkcs8).unwrap();
    aws_lc_rs::signature::RsaKeyPair::from_pkcs8(&der).unwrap().public_key().as_ref().to_vec()
}
