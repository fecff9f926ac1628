//! The two digests of the protocol, in lower-case hex, without allocation.

use aws_lc_rs::digest;
use sm3::{Digest as _, Sm3};

/// A digest's 64 hex digits.
pub(crate) type HexDigest = [u8; 64];

/// Which digest an algorithm uses for payload and canonical request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hash {
    Sha256,
    Sm3,
}

/// Most requests have no body; its SHA-256 is a constant.
const EMPTY_SHA256: &HexDigest = b"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

impl Hash {
    pub(crate) fn hex_digest(self, data: &[u8]) -> HexDigest {
        match self {
            Self::Sha256 if data.is_empty() => *EMPTY_SHA256,
            Self::Sha256 => to_hex(digest::digest(&digest::SHA256, data).as_ref()),
            Self::Sm3 => to_hex(&Sm3::digest(data)),
        }
    }
}

/// Lower-case hex of a 32-byte digest, or of the first bytes of one.
pub(crate) fn to_hex(bytes: &[u8]) -> HexDigest {
    // Computed, not looked up: that the compiler does for many at once.
    let digit = |half: u8| half + b'0' + u8::from(half > 9) * (b'a' - b'0' - 10);
    let mut out = [b'0'; 64];
    for (pair, byte) in out.chunks_exact_mut(2).zip(bytes) {
        pair[0] = digit(byte >> 4);
        pair[1] = digit(byte & 15);
    }
    out
}

/// Lower-case hex of any bytes. The crate `hex` goes character by character, and each request has a nonce and a signature.
#[must_use]
pub fn lower_hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    push_lower_hex(&mut text, bytes);
    text
}

/// Appends the same.
pub(crate) fn push_lower_hex(text: &mut String, bytes: &[u8]) {
    for chunk in bytes.chunks(32) {
        let digits = to_hex(chunk);
        text.push_str(&hex_text(&digits)[..chunk.len() * 2]);
    }
}

/// Reads lower-case hex of exactly `out`'s length. One pass without a branch for each digit: every request has a signature.
pub(crate) fn from_hex(text: &str, out: &mut [u8]) -> Option<()> {
    /// What stands for no digit; it shows in what all of them have seen together.
    const NONE: u8 = 0xff;
    const VALUES: [u8; 256] = {
        let mut values = [NONE; 256];
        let mut digit = 0;
        while digit < 16 {
            values[b"0123456789abcdef"[digit] as usize] = digit as u8;
            digit += 1;
        }
        values
    };
    if text.len() != out.len() * 2 {
        return None;
    }
    let mut seen = 0;
    for (byte, pair) in out.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let (high, low) = (VALUES[usize::from(pair[0])], VALUES[usize::from(pair[1])]);
        seen |= high | low;
        *byte = (high << 4) | (low & 15);
    }
    (seen < 16).then_some(())
}

/// Hex digits are ASCII, so this never takes the empty way out.
pub(crate) fn hex_text(digits: &HexDigest) -> &str {
    std::str::from_utf8(digits).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_has_one_spelling() {
        let mut out = [0; 3];
        assert_eq!(from_hex("00a9ff", &mut out), Some(()));
        assert_eq!(out, [0x00, 0xa9, 0xff]);
        assert_eq!(lower_hex(&out), "00a9ff");
        assert_eq!(lower_hex(&[0x5a; 65]), "5a".repeat(65));
        for bad in ["00A9ff", "00a9f", "00a9ff0", "00a9fg", "0 a9ff", "00a9f\u{e9}", ""] {
            assert_eq!(from_hex(bad, &mut out), None, "{bad}");
        }
    }

    #[test]
    fn known_digests() {
        assert_eq!(to_hex(digest::digest(&digest::SHA256, b"").as_ref()), *EMPTY_SHA256);
        // GB/T 32905-2016, example 1.
        let abc = Hash::Sm3.hex_digest(b"abc");
        assert_eq!(hex_text(&abc), "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
    }
}
