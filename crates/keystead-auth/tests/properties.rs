//! Properties over random requests: no input panics, and what is signed verifies.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Request, credentials, encrypt, encrypt_v1, key, pairs};
use http::{HeaderName, HeaderValue};
use keystead_auth::pairs::{encode_form, encode_query};
use keystead_auth::{PairList, decode_pairs, decode_pairs_bytes, present};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

/// Names and values with the characters that matter, and any Unicode.
fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-zA-Z0-9._~-]{0,12}", "[ab%&=+ /\n\r*~2041]{0,8}", any::<String>()]
}

fn parameters() -> impl Strategy<Value = PairList<'static>> {
    btree_map(
        "[A-Z]"
            .prop_map(|first| first + "x")
            .prop_flat_map(|head| text().prop_map(move |tail| head.clone() + &tail)),
        text(),
        0..8,
    )
    .prop_map(|map| {
        let list: Vec<(&str, &str)> =
            map.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        pairs(&list)
    })
}

/// Bytes that may stand in a header, near enough to a real one to get past the first checks.
fn header_value() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        vec(any::<u8>(), 0..40),
        "(ACS3|ACS4|ACS|Bearer)[ -](HMAC-SHA256|HMAC-SM3|RSA-SHA256|)? ?(Credential=|SignedHeaders=|Signature=|,|;|/|=|host|x-acs-date|00|g){0,12}"
            .prop_map(String::into_bytes),
        Just(b"2026-01-02T03:04:05Z".to_vec()),
    ]
}

proptest! {
    #[test]
    fn random_requests_never_panic(
        headers in vec((0..12_usize, header_value()), 0..16),
        query in vec(any::<u8>(), 0..60),
        query_text in "(Signature|SignatureMethod|AccessKeyId|Action|Timestamp|SignatureVersion|SignatureNonce|Version|=|&|1.0|%|%41|\\+|HMAC-SHA1|2026-01-02T03:04:05Z){0,24}",
        body in vec(any::<u8>(), 0..20),
    ) {
        const NAMES: [&str; 12] = [
            "authorization", "host", "x-acs-action", "x-acs-version", "x-acs-date", "x-acs-signature-nonce",
            "x-acs-content-sha256", "x-acs-security-token", "x-acs-accesskey-id", "x-acs-bearer-token", "user-agent", "x",
        ];
        let mut request = encrypt();
        for (name, value) in headers {
            if let Ok(value) = HeaderValue::from_bytes(&value) {
                request.headers.append(HeaderName::from_static(NAMES[name]), value);
            }
        }
        for query in [decode_pairs_bytes(&query), decode_pairs(&query_text)].into_iter().flatten() {
            let view = keystead_auth::RequestView { query: &query, body: &body, ..request.view() };
            if let Ok(keystead_auth::Presented::Signed(claim)) = present(&view) {
                prop_assert!(claim.verify(&view, &key()).is_err());
            }
        }
    }

    #[test]
    fn random_signatures_never_panic_nor_pass(authorization in header_value(), tail in ".{0,70}") {
        let mut request = encrypt().signed_v3(&credentials());
        let head = request.get("authorization").split("Signature=").next().unwrap().to_owned();
        for value in [authorization, format!("{head}Signature={tail}").into_bytes()] {
            let Ok(value) = HeaderValue::from_bytes(&value) else { continue };
            request.headers.insert("authorization", value);
            let view = request.view();
            if let Ok(keystead_auth::Presented::Signed(claim)) = present(&view) {
                prop_assert!(claim.verify(&view, &key()).is_err());
            }
        }
    }

    #[test]
    fn signed_verifies(query in parameters(), form in parameters(), temporary: bool) {
        let mut credentials = credentials();
        if temporary {
            credentials.security_token = Some(keystead_auth::SecurityToken::new("t+/=".into()));
        }
        let body = encode_form(&form);
        let request = Request { query: query.clone(), ..encrypt() }.form_body(body.as_bytes());
        let signed = request.signed_v3(&credentials).through_the_wire();
        prop_assert_eq!(&signed.query, &query);
        prop_assert_eq!(&signed.form, &form);
        prop_assert_eq!(signed.check(&key()), Ok(()));

        let mut request = encrypt_v1();
        request.query.extend(query);
        let form = form.into_iter().map(|(name, value)| (format!("F{name}").into(), value)).collect();
        let signed = Request { form, ..request }.signed_v1(&credentials).through_the_wire();
        prop_assert_eq!(signed.check(&key()), Ok(()));
    }

    /// No two different queries share a signature, however their names and values are cut.
    #[test]
    fn another_query_is_refused(query in parameters(), other in parameters()) {
        prop_assume!(query != other);
        let request = Request { query, ..encrypt() }.signed_v3(&credentials());
        let moved = Request { query: other, ..request };
        prop_assert!(moved.check(&key()).is_err());
    }

    #[test]
    fn encoding_is_undone_by_decoding(list in vec((text(), text()), 0..6)) {
        let expected: Vec<(&str, &str)> = list.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        for text in [encode_query(&list), encode_form(&list)] {
            let decoded = decode_pairs(&text).unwrap();
            let decoded: Vec<(&str, &str)> = decoded.iter().map(|(name, value)| (name.as_ref(), value.as_ref())).collect();
            prop_assert_eq!(&decoded, &expected);
        }
    }

    #[test]
    fn random_bytes_decode_or_fail(raw in vec(any::<u8>(), 0..80)) {
        let _ = decode_pairs_bytes(&raw);
    }

    #[test]
    fn dates_round_trip(seconds in -62_167_219_200_i64..=253_402_300_799) {
        let text = keystead_auth::format_date(seconds).unwrap();
        prop_assert_eq!(keystead_auth::parse_date(&text), Ok(seconds));
    }

    #[test]
    fn random_dates_never_panic(text in any::<String>(), near in "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z") {
        let _ = keystead_auth::parse_date(&text);
        if let Ok(seconds) = keystead_auth::parse_date(&near) {
            prop_assert_eq!(keystead_auth::format_date(seconds), Some(near));
        }
    }
}
