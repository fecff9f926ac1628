//! One record as a line of a file: `{<fields>,"seq":7,"prev":"<hash>","hash":"<hash>"}`.
//!
//! The hash is SHA-256 over the line's bytes up to the comma before `"hash"`. It covers `prev`, the hash of the line before,
//! and with it every line that ever came before. That a line has both tells which of two is wrong when they do not fit: the
//! one whose own hash is right was not touched.
//!
//! What differs from line to line stands behind what does not: [`Beginnings`] hashes the beginnings that many lines share once.
//! Logs that were begun earlier have number and `prev` before the fields; such lines are read, and no longer written.

use std::io::Write as _;

use aws_lc_rs::digest::{SHA256, digest};

use super::beginnings::Beginnings;

/// A SHA-256 value.
pub(super) type Hash = [u8; 32];

const HASH_DIGITS: usize = 64;
const SEQ: &[u8] = b",\"seq\":";
const PREV: &[u8] = b",\"prev\":\"";
const FIELDS: &[u8] = b"\",";
const HASH: &[u8] = b",\"hash\":\"";
const END: &[u8] = b"\"}";
/// What lines of earlier logs begin with.
const OLD_SEQ: &[u8] = b"{\"seq\":";

/// What the fields of a record of the log itself begin with; its name follows.
pub(super) const OWN: &[u8] = b"\"eventType\":\"AuditLog\",\"eventName\":\"";

/// Where a chain ends: its last record. The chain's own beginning is record 0, which is not written, with a hash of zeros.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tip {
    pub(super) seq: u64,
    pub(super) hash: Hash,
}

/// Bytes of a line beside its fields, at most.
pub(super) const FRAME: usize = 256;

/// Writes a record with these fields, JSON without the braces, and moves the tip to it. There is to be room for the fields and
/// [`FRAME`]; tells how many bytes were used.
pub(super) fn write(out: &mut [u8], tip: &mut Tip, fields: &[u8], beginnings: &mut Beginnings) -> usize {
    tip.seq += 1;
    let room = out.len();
    let mut rest = &mut *out;
    let mut seq = itoa::Buffer::new();
    let parts = [b"{", fields, SEQ, seq.format(tip.seq).as_bytes(), PREV, &digits(&tip.hash), b"\""];
    // There is room.
    parts.iter().for_each(|part| drop(rest.write_all(part)));
    let hashed = room - rest.len();
    tip.hash = beginnings.sha256(&out[..hashed]);
    let mut rest = &mut out[hashed..];
    let parts = [HASH, &digits(&tip.hash), END, b"\n"];
    parts.iter().for_each(|part| drop(rest.write_all(part)));
    room - rest.len()
}

/// Appends such a record.
pub(super) fn append(out: &mut Vec<u8>, tip: &mut Tip, fields: &[u8]) {
    let start = out.len();
    out.resize(start + fields.len() + FRAME, 0);
    let len = write(&mut out[start..], tip, fields, &mut Beginnings::default());
    out.truncate(start + len);
}

/// A line, taken apart.
#[derive(Debug)]
pub(super) struct Line<'a> {
    pub(super) seq: u64,
    pub(super) prev: Hash,
    pub(super) hash: Hash,
    /// Whether the hash is that of the line.
    pub(super) intact: bool,
    fields: &'a [u8],
}

impl<'a> Line<'a> {
    /// Takes a line apart, without its end; none when it has not the form of a record.
    pub(super) fn read(line: &'a [u8]) -> Option<Self> {
        let (rest, hash) = last_digits(line.strip_suffix(END)?)?;
        let hashed = rest.strip_suffix(HASH)?;
        let (seq, prev, fields) = match hashed.strip_prefix(OLD_SEQ) {
            None => {
                let (rest, prev) = last_digits(hashed.strip_suffix(b"\"")?)?;
                let rest = rest.strip_suffix(PREV)?;
                let count = rest.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
                let (rest, seq) = rest.split_at(rest.len() - count);
                (seq, prev, rest.strip_suffix(SEQ)?.strip_prefix(b"{")?)
            }
            Some(rest) => {
                let (seq, rest) = rest.split_at(rest.iter().take_while(|byte| byte.is_ascii_digit()).count());
                let (prev, rest) = rest.strip_prefix(PREV)?.split_at_checked(HASH_DIGITS)?;
                (seq, prev, rest.strip_prefix(FIELDS)?)
            }
        };
        let seq = std::str::from_utf8(seq).ok()?.parse().ok()?;
        let (prev, hash) = (from_hex(prev)?, from_hex(hash)?);
        Some(Self { seq, prev, hash, intact: sha256(hashed) == hash, fields })
    }

    /// Whether it is of the log itself and has this name. No text from outside can look like it: quotes in texts are escaped.
    pub(super) fn is_own(&self, name: &str) -> bool {
        let rest = self.fields.strip_prefix(OWN).and_then(|rest| rest.strip_prefix(name.as_bytes()));
        rest.is_some_and(|rest| rest.starts_with(b"\""))
    }

    pub(super) fn tip(&self) -> Tip {
        Tip { seq: self.seq, hash: self.hash }
    }
}

/// Takes off the digits of a hash.
fn last_digits(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    bytes.split_at_checked(bytes.len().checked_sub(HASH_DIGITS)?)
}

pub(super) fn sha256(bytes: &[u8]) -> Hash {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, bytes).as_ref());
    hash
}

/// Lower-case digits only, so that one hash has one text.
pub(super) fn from_hex(digits: &[u8]) -> Option<Hash> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let mut hash = [0; 32];
    if digits.len() != HASH_DIGITS {
        return None;
    }
    for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(hash)
}

fn digits(hash: &Hash) -> [u8; HASH_DIGITS] {
    let mut digits = [0; HASH_DIGITS];
    // The lengths fit.
    let _ = hex::encode_to_slice(hash, &mut digits);
    digits
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_line_of_an_earlier_log_is_read_and_followed() {
        let zeros = "0".repeat(64);
        let old = format!(r#"{{"seq":1,"prev":"{zeros}","eventName":"Encrypt","more":{{}}"#);
        let hash = sha256(old.as_bytes());
        let old = format!(r#"{old},"hash":"{}"}}"#, hex::encode(hash));
        let first = Line::read(old.as_bytes()).unwrap();
        assert_eq!((first.seq, first.prev, first.hash, first.intact), (1, [0; 32], hash, true));
        assert_eq!(first.fields, br#""eventName":"Encrypt","more":{}"#);
        let (mut tip, mut next) = (first.tip(), Vec::new());
        append(&mut next, &mut tip, br#""eventName":"Decrypt""#);
        assert_eq!(Line::read(next.trim_ascii_end()).unwrap().prev, hash);
        assert!(!Line::read(old.replace("Enc", "Dec").as_bytes()).unwrap().intact);
    }

    #[test]
    fn lines_are_json_follow_each_other_and_show_every_changed_byte() {
        let mut tip = Tip::default();
        let mut out = Vec::new();
        append(&mut out, &mut tip, br#""eventName":"Encrypt""#);
        append(&mut out, &mut tip, br#""eventName":"Decrypt""#);
        let lines: Vec<&[u8]> = out.split(|byte| *byte == b'\n').collect();
        assert_eq!(lines.len(), 3, "two lines, and nothing behind the last");
        let (first, second) = (Line::read(lines[0]).unwrap(), Line::read(lines[1]).unwrap());
        assert_eq!((first.seq, second.seq, second.tip()), (1, 2, tip));
        assert_eq!((first.prev, second.prev), ([0; 32], first.hash));
        let json: serde_json::Value = serde_json::from_slice(lines[1]).unwrap();
        assert_eq!(json["prev"], hex::encode(first.hash));
        assert_eq!(json["hash"], hex::encode(second.hash));
        for at in 0..lines[1].len() {
            let mut changed = lines[1].to_vec();
            changed[at] ^= 1;
            assert!(Line::read(&changed).is_none_or(|line| !line.intact), "byte {at}");
            let cut = [&lines[1][..at], &lines[1][at + 1..]].concat();
            assert!(Line::read(&cut).is_none_or(|line| !line.intact), "byte {at}");
        }
    }
}
