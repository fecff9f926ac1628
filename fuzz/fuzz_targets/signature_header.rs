#![no_main]

#[path = "../targets/signature_header.rs"]
mod signature_header;

libfuzzer_sys::fuzz_target!(|data: &[u8]| signature_header::run(data));
