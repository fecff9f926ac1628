//! Any bytes as a request: none may panic, nothing is verified by a key that did not sign it, and what this side signs it
//! verifies.

use std::sync::LazyLock;

use http::{HeaderMap, HeaderName, HeaderValue};
use keystead_auth::{
    Algorithm, Credentials, HeaderPolicy, PairList, Presented, RequestView, SigningKey, ToSign,
    VerifyOptions, decode_pairs, decode_pairs_bytes, present, v3,
};

static CREDENTIALS: LazyLock<Credentials> =
    LazyLock::new(|| Credentials::access_key("testAccessKeyId", "testAccessKeySecret"));
static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::new(&CREDENTIALS.secret));
static OTHER_KEY: LazyLock<SigningKey> =
    LazyLock::new(|| SigningKey::new(&Credentials::access_key("other", "otherAccessKeySecret").secret));

/// One case: a request as HTTP/1.1 writes it, with lines that end in LF.
pub fn run(data: &[u8]) {
    let Some((head, body)) = split(data, b"\n\n") else { return };
    let mut lines = head.split(|byte| *byte == b'\n');
    let line = std::str::from_utf8(lines.next().unwrap_or_default()).unwrap_or_default();
    let Some((method, target)) = line.split_once(' ') else { return };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let Ok(query) = decode_pairs(query) else { return };
    let mut headers = HeaderMap::new();
    for line in lines {
        let Some((name, value)) = split(line, b":") else { return };
        let value = HeaderValue::from_bytes(value.trim_ascii());
        let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), value) else { return };
        headers.append(name, value);
    }
    let form = headers
        .get("content-type")
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/x-www-form"));
    let form = if form { decode_pairs_bytes(body).unwrap_or_default() } else { PairList::default() };

    let view =
        RequestView { method, path, authority: None, headers: &headers, query: &query, form: &form, body };
    match present(&view) {
        Ok(Presented::Signed(claim)) => {
            let first = claim.verify(&view, &KEY);
            assert_eq!(first, claim.verify(&view, &KEY), "the same request, the same answer");
            assert!(claim.verify(&view, &OTHER_KEY).is_err(), "it was signed with another key");
            let _ = claim.verify_with(&view, &KEY, VerifyOptions { lenient_spaces: true });
            assert!(!claim.action().is_empty() && !claim.access_key_id().is_empty());
        }
        Ok(_) => {}
        Err(error) => assert!(error.status() == 400 && !error.code().is_empty()),
    }

    let sign = ToSign {
        method,
        path,
        query: &query,
        form: &form,
        body,
        date: "2026-01-02T03:04:05Z",
        nonce: "0123456789abcdef0123456789abcdef",
    };
    let mut headers = headers.clone();
    let algorithm = Algorithm::AcsHmacSha256;
    if v3::sign(&sign, &mut headers, &CREDENTIALS, algorithm, HeaderPolicy::Every).is_err() {
        return;
    }
    let view =
        RequestView { method, path, authority: None, headers: &headers, query: &query, form: &form, body };
    if let Ok(Presented::Signed(claim)) = present(&view) {
        claim.verify(&view, &KEY).expect("what is signed here is verified here");
        assert!(claim.verify(&view, &OTHER_KEY).is_err());
    }
}

fn split<'a>(data: &'a [u8], at: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let index = data.windows(at.len()).position(|window| window == at)?;
    Some((&data[..index], &data[index + at.len()..]))
}
