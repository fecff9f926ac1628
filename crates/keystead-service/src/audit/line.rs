//! One record as a line of a file: `{"seq":7,"prev":"<hash>",<fields>,"hash":"<hash>"}`.
//!
//! The hash is SHA-256 over the line's bytes up to the comma before `"hash"`. It covers `prev`, the hash of the line before,
//! and with it every line that ever came before. That a line has both tells which of two is wrong when they do not fit: the
//! one whose own hash is right was not touched.

use std::io::Write as _;

use aws_lc_rs::digest::{SHA256, digest};

/// A SHA-256 value.
pub(super) type Hash = [u8; 32];

const HASH_DIGITS: usize = 64;
const SEQ: &[u8] = b"{\"seq\":";
const PREV: &[u8] = b",\"prev\":\"";
const FIELDS: &[u8] = b"\",";
const HASH: &[u8] = b",\"hash\":\"";
const END: &[u8] = b"\"}";

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
pub(super) fn write(out: &mut [u8], tip: &mut Tip, fields: &[u8]) -> usize {
    tip.seq += 1;
    let room = out.len();
    let mut rest = &mut *out;
    let mut seq = itoa::Buffer::new();
    let parts = [SEQ, seq.format(tip.seq).as_bytes(), PREV, &digits(&tip.hash), FIELDS, fields];
    // There is room.
    parts.iter().for_each(|part| drop(rest.write_all(part)));
    let hashed = room - rest.len();
    tip.hash = sha256(&out[..hashed]);
    let mut rest = &mut out[hashed..];
    let parts = [HASH, &digits(&tip.hash), END, b"\n"];
    parts.iter().for_each(|part| drop(rest.write_all(part)));
    room - rest.len()
}

/// Appends such a record.
pub(super) fn append(out: &mut Vec<u8>, tip: &mut Tip, fields: &[u8]) {
    let start = out.len();
    out.resize(start + fields.len() + FRAME, 0);
    let len = write(&mut out[start..], tip, fields);
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
        let rest = line.strip_prefix(SEQ)?;
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (seq, rest) = rest.split_at(digits);
        let seq = std::str::from_utf8(seq).ok()?.parse().ok()?;
        let prev = rest.strip_prefix(PREV)?.get(..HASH_DIGITS)?;
        let fields = rest.get(PREV.len() + HASH_DIGITS..)?.strip_prefix(FIELDS)?;
        let (hashed, end) =
            line.split_at_checked(line.len().checked_sub(HASH.len() + HASH_DIGITS + END.len())?)?;
        let hash = end.strip_prefix(HASH)?.strip_suffix(END)?;
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
