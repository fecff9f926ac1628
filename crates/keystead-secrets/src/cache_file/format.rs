//! The file's layout: a mark, the format's version, a nonce, and the sealed content, which has one JSON object in each line.

use std::io::{self, Write};
use std::mem;

use aws_lc_rs::aead::{Aad, Nonce, RandomizedNonceKey};
use zeroize::Zeroizing;

use super::error::Fault;
use super::record::Record;

const MARK: &[u8; 7] = b"KSTDSEC";
const VERSION: u8 = 1;
const HEADER_LEN: usize = MARK.len() + 1;
const NONCE_LEN: usize = 12;

pub(super) fn seal(key: &RandomizedNonceKey, bound_to: &str, records: &[Record]) -> Result<Vec<u8>, Fault> {
    let mut content = Growing::default();
    for record in records {
        record.write(&mut content).map_err(|_| Fault::Unsealable)?;
    }
    let mut content = content.0;
    let bound = bound(VERSION, bound_to);
    // From here on, the content is sealed: what is copied needs no wiping.
    let nonce =
        key.seal_in_place_append_tag(Aad::from(&*bound), &mut *content).map_err(|_| Fault::Unsealable)?;
    let mut file = Vec::with_capacity(HEADER_LEN + NONCE_LEN + content.len());
    file.extend_from_slice(MARK);
    file.push(VERSION);
    file.extend_from_slice(nonce.as_ref());
    file.extend_from_slice(&content);
    Ok(file)
}

pub(super) fn open(key: &RandomizedNonceKey, bound_to: &str, file: Vec<u8>) -> Result<Vec<Record>, Fault> {
    // It is opened in place.
    let mut file = Zeroizing::new(file);
    let (header, rest) = file.split_at_mut_checked(HEADER_LEN).ok_or(Fault::Foreign)?;
    if !header.starts_with(MARK) {
        return Err(Fault::Foreign);
    }
    let version = header[MARK.len()];
    if version != VERSION {
        return Err(Fault::Version(version));
    }
    let (nonce, sealed) = rest.split_at_mut_checked(NONCE_LEN).ok_or(Fault::Sealed)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Fault::Sealed)?;
    let bound = bound(version, bound_to);
    let content = key.open_in_place(nonce, Aad::from(&*bound), sealed).map_err(|_| Fault::Sealed)?;
    Record::read_all(content).map_err(|_| Fault::Content)
}

/// What the content is bound to.
fn bound(version: u8, bound_to: &str) -> Vec<u8> {
    [&MARK[..], &[version], bound_to.as_bytes()].concat()
}

/// Bytes that get more and leave no copy of themselves behind.
#[derive(Default)]
struct Growing(Zeroizing<Vec<u8>>);

impl Write for Growing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.capacity() - self.0.len() < bytes.len() {
            let larger = Vec::with_capacity((self.0.len() + bytes.len()).max(2048) * 2);
            // What was there before is wiped at the end of the statement.
            let before = mem::replace(&mut self.0, Zeroizing::new(larger));
            self.0.extend_from_slice(&before);
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
