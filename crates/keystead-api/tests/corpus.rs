//! The cases that fuzzing begins with, without a fuzzer.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

#[path = "../../../fuzz/targets/instance_body.rs"]
mod instance_body;

#[test]
fn bodies_of_the_instance_api() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/instance_body");
    let mut seen = 0;
    for entry in fs::read_dir(dir).unwrap() {
        let case = fs::read(entry.unwrap().path()).unwrap();
        instance_body::run(&case);
        // Each for each of the messages, and cut short.
        for choice in 0..38 {
            instance_body::run(&[&[choice], &case[1..]].concat());
            instance_body::run(&[&[choice], &case[1..case.len() / 2]].concat());
        }
        seen += 1;
    }
    assert!(seen > 20, "{seen}");
}
