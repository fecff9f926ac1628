#![no_main]

#[path = "../targets/instance_headers.rs"]
mod instance_headers;

libfuzzer_sys::fuzz_target!(|data: &[u8]| instance_headers::run(data));
