//! Prints what classifying and verifying one V3 request costs. Run with `--release`.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::hint::black_box;
use std::time::Instant;

use http::{HeaderMap, HeaderName, HeaderValue};
use keystead_auth::{
    Algorithm, Credentials, HeaderPolicy, Presented, RequestView, SigningKey, ToSign, decode_pairs, present,
    v3,
};

fn main() {
    let raw =
        "EncryptionContext=%7B%22k1%22%3A%22v+1%22%7D&KeyId=alias%2Ftest+key&Plaintext=aGVsbG8gd29ybGQ%3D";
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("host", "kms.cn-hangzhou.aliyuncs.com"),
        ("user-agent", "AlibabaCloud (Linux; x86_64) Python/3.12 Core/0.4.6 TeaDSL/2"),
        ("accept", "application/json"),
        ("x-acs-action", "Encrypt"),
        ("x-acs-version", "2016-01-20"),
        ("x-acs-credentials-provider", "static_ak"),
        ("content-length", "0"),
        ("connection", "keep-alive"),
        ("accept-encoding", "gzip, deflate"),
    ] {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    let credentials = Credentials::access_key("LTAItestAccessKeyId0000", "testAccessKeySecret00000000000");
    let key = SigningKey::new(&credentials.secret);
    let query = decode_pairs(raw).unwrap();
    let request = ToSign {
        method: "POST",
        path: "/",
        query: &query,
        form: &[],
        body: b"",
        date: "2026-01-02T03:04:05Z",
        nonce: "0123456789abcdef0123456789abcdef",
    };
    let algorithm = Algorithm::AcsHmacSha256;
    v3::sign(&request, &mut headers, &credentials, algorithm, HeaderPolicy::Every).unwrap();
    println!("{} headers, {} query parameters", headers.len(), query.len());

    measure("decode the query", || decode_pairs(black_box(raw)).unwrap().len());
    let view = RequestView {
        method: "POST",
        path: "/",
        authority: None,
        headers: &headers,
        query: &query,
        form: &[],
        body: b"",
    };
    measure("present", || usize::from(matches!(present(black_box(&view)), Ok(Presented::Signed(_)))));
    measure("present and verify", || match present(black_box(&view)) {
        Ok(Presented::Signed(claim)) => usize::from(claim.verify(&view, &key).is_ok()),
        _ => 0,
    });
    let text = "x".repeat(900);
    measure("SHA-256 of 900 bytes, for comparison", || {
        aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, black_box(text.as_bytes())).as_ref().len()
    });
}

fn measure(what: &str, work: impl Fn() -> usize) {
    const ROUNDS: u32 = 200_000;
    let mut best = f64::INFINITY;
    for _ in 0..5 {
        let start = Instant::now();
        for _ in 0..ROUNDS {
            assert!(black_box(work()) > 0);
        }
        best = best.min(start.elapsed().as_secs_f64() * 1e9 / f64::from(ROUNDS));
    }
    println!("{what}: {best:.0} ns");
}
