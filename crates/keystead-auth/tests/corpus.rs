//! What the fuzzers start from, and what they once found, through the same functions. `fuzz/` has them.
#![allow(clippy::unwrap_used)]

#[path = "../../../fuzz/targets/instance_headers.rs"]
mod instance_headers;
#[path = "../../../fuzz/targets/policy_document.rs"]
mod policy_document;
#[path = "../../../fuzz/targets/signature_header.rs"]
mod signature_header;

use std::fs;
use std::path::Path;

fn replay(target: &str, run: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
    let mut cases = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let data = fs::read(&path).unwrap();
        let whole = std::panic::catch_unwind(|| run(&data));
        assert!(whole.is_ok(), "{}", path.display());
        // Cut short, and with a byte changed, at each of a few places.
        for at in (0..data.len()).step_by(data.len() / 40 + 1) {
            run(&data[..at]);
            let mut changed = data.clone();
            changed[at] ^= 1 << (at % 7);
            run(&changed);
        }
        cases += 1;
    }
    assert!(cases >= 8, "{target} has {cases}");
}

#[test]
fn policy_documents() {
    replay("policy_document", policy_document::run);
}

#[test]
fn signature_headers() {
    replay("signature_header", signature_header::run);
}

#[test]
fn headers_of_the_instance_api() {
    replay("instance_headers", instance_headers::run);
}
