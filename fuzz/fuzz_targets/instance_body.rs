#![no_main]

#[path = "../targets/instance_body.rs"]
mod instance_body;

libfuzzer_sys::fuzz_target!(|data: &[u8]| instance_body::run(data));
