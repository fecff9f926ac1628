//! Query strings and form bodies: decoding what arrived, encoding what is sent or signed.

use std::borrow::Cow;

use memchr::{memchr, memchr_iter, memchr2};

/// Decoded names and values, in the order received. Repeated names stay repeated.
pub type Pairs<'a> = [(Cow<'a, str>, Cow<'a, str>)];

/// [`Pairs`], owned.
pub type PairList<'a> = Vec<(Cow<'a, str>, Cow<'a, str>)>;

/// A query string or form body that cannot be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// A `%` without two hex digits after it.
    #[error("a percent sign is not followed by two hex digits")]
    Escape,
    /// A name or value that is not UTF-8 once decoded.
    #[error("a name or value is not UTF-8")]
    Utf8,
}

/// Decodes a query string (without its `?`): `+` is a space, `a` without `=` has an empty value, empty segments are skipped.
/// What needs no decoding is borrowed.
///
/// # Errors
/// A bad percent escape, or text that is not UTF-8 after decoding.
pub fn decode_pairs(raw: &str) -> Result<PairList<'_>, DecodeError> {
    decode_pairs_bytes(raw.as_bytes())
}

/// Parameters of an ordinary request at most.
const FEW: usize = 31;

/// Decodes a form body by the rules of [`decode_pairs`].
///
/// # Errors
/// A bad percent escape, or text that is not UTF-8 after decoding.
pub fn decode_pairs_bytes(raw: &[u8]) -> Result<PairList<'_>, DecodeError> {
    if raw.is_empty() {
        return Ok(Vec::new());
    }
    // Room for those of an ordinary request; a body that is full of separators gets no more for that.
    let mut pairs = Vec::with_capacity(memchr_iter(b'&', raw).take(FEW).count() + 1);
    let mut start = 0;
    for end in memchr_iter(b'&', raw).chain([raw.len()]) {
        let segment = &raw[start..end];
        start = end + 1;
        if segment.is_empty() {
            continue;
        }
        let (name, value) = match memchr(b'=', segment) {
            Some(at) => (&segment[..at], &segment[at + 1..]),
            None => (segment, &segment[segment.len()..]),
        };
        pairs.push((decode(name)?, decode(value)?));
    }
    Ok(pairs)
}

/// Appends `text` with everything but `A-Z a-z 0-9 - _ . ~` as upper-case percent escapes of its UTF-8 bytes (RFC 3986).
pub fn percent_encode_into(out: &mut String, text: &str) {
    encode_into(out, text, Space::Percent);
}

/// Encodes pairs as a query string with the strict rule of [`percent_encode_into`]; a space is `%20`.
#[must_use]
pub fn encode_query<N: AsRef<str>, V: AsRef<str>>(pairs: &[(N, V)]) -> String {
    encode_after("", pairs, Space::Percent)
}

/// Encodes pairs as a form body: as [`encode_query`], but a space is `+`.
#[must_use]
pub fn encode_form<N: AsRef<str>, V: AsRef<str>>(pairs: &[(N, V)]) -> String {
    encode_after("", pairs, Space::Plus)
}

/// What a request line asks for: `/`, and behind a question mark the pairs, if there are any.
#[must_use]
pub fn encode_target<N: AsRef<str>, V: AsRef<str>>(pairs: &[(N, V)], space: Space) -> String {
    if pairs.is_empty() { "/".to_owned() } else { encode_after("/?", pairs, space) }
}

/// How a space is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Space {
    /// `%20`: the rule of all signature schemes.
    Percent,
    /// `+`: forms, and the string to sign of one official credentials library.
    Plus,
}

/// As [`percent_encode_into`], with a choice for the space. `+` itself is always escaped, so both choices are unambiguous.
pub(crate) fn encode_into(out: &mut String, text: &str, space: Space) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    /// Bytes that are looked at together: most of a text needs no encoding.
    const CHUNK: usize = 16;
    for (index, chunk) in text.as_bytes().chunks(CHUNK).enumerate() {
        if all_unreserved(chunk) {
            // All of it is ASCII, so its ends are character boundaries.
            out.push_str(&text[index * CHUNK..][..chunk.len()]);
            continue;
        }
        for &byte in chunk {
            if all_unreserved(&[byte]) {
                out.push(char::from(byte));
            } else if byte == b' ' && space == Space::Plus {
                out.push('+');
            } else {
                out.push('%');
                out.push(char::from(HEX[usize::from(byte >> 4)]));
                out.push(char::from(HEX[usize::from(byte & 15)]));
            }
        }
    }
}

/// Whether encoding leaves the text as it is.
pub(crate) fn is_unreserved(text: &str) -> bool {
    all_unreserved(text.as_bytes())
}

/// Without a way out in the middle and without a table, so that the compiler looks at many bytes at once.
fn all_unreserved(bytes: &[u8]) -> bool {
    bytes.iter().fold(true, |all, &byte| {
        let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
        let digit = byte.wrapping_sub(b'0') < 10;
        all & (letter | digit | (byte == b'-') | (byte == b'_') | (byte == b'.') | (byte == b'~'))
    })
}

fn encode_after<N: AsRef<str>, V: AsRef<str>>(before: &str, pairs: &[(N, V)], space: Space) -> String {
    let plain: usize = pairs.iter().map(|(name, value)| name.as_ref().len() + value.as_ref().len() + 2).sum();
    let mut out = String::with_capacity(before.len() + plain + plain / 2);
    out.push_str(before);
    for (index, (name, value)) in pairs.iter().enumerate() {
        if index > 0 {
            out.push('&');
        }
        encode_into(&mut out, name.as_ref(), space);
        out.push('=');
        encode_into(&mut out, value.as_ref(), space);
    }
    out
}

fn decode(raw: &[u8]) -> Result<Cow<'_, str>, DecodeError> {
    let Some(mut special) = memchr2(b'%', b'+', raw) else {
        return std::str::from_utf8(raw).map(Cow::Borrowed).map_err(|_| DecodeError::Utf8);
    };
    let mut out = Vec::with_capacity(raw.len());
    let mut rest = raw;
    loop {
        let (plain, after) = rest.split_at(special);
        out.extend_from_slice(plain);
        rest = match after {
            [b'%', high, low, after @ ..] => {
                out.push(hex_digit(*high)? << 4 | hex_digit(*low)?);
                after
            }
            [b'%', ..] => return Err(DecodeError::Escape),
            [_, after @ ..] => {
                out.push(b' ');
                after
            }
            [] => break,
        };
        special = memchr2(b'%', b'+', rest).unwrap_or(rest.len());
    }
    String::from_utf8(out).map(Cow::Owned).map_err(|_| DecodeError::Utf8)
}

fn hex_digit(digit: u8) -> Result<u8, DecodeError> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        b'A'..=b'F' => Ok(digit - b'A' + 10),
        _ => Err(DecodeError::Escape),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn decoded(raw: &str) -> Vec<(String, String)> {
        let owned = |(name, value): (Cow<'_, str>, Cow<'_, str>)| (name.into_owned(), value.into_owned());
        decode_pairs(raw).unwrap().into_iter().map(owned).collect()
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn shapes_of_segments() {
        assert_eq!(decoded(""), []);
        assert_eq!(decoded("&&"), []);
        assert_eq!(decoded("a"), [pair("a", "")]);
        assert_eq!(
            decoded("a=&b=1&&=c&a=2=3"),
            [pair("a", ""), pair("b", "1"), pair("", "c"), pair("a", "2=3")]
        );
        assert_eq!(decoded("a%26b%3D=x+y%2B%20z"), [pair("a&b=", "x y+ z")]);
        assert_eq!(decoded("%e4%B8%ad=中"), [pair("中", "中")]);
    }

    #[test]
    fn plain_text_is_borrowed() {
        let pairs = decode_pairs("KeyId=alias/a&B=x%20y").unwrap();
        assert!(matches!(pairs[0], (Cow::Borrowed("KeyId"), Cow::Borrowed("alias/a"))));
        assert!(matches!(pairs[1], (Cow::Borrowed("B"), Cow::Owned(_))));
    }

    #[test]
    fn bad_input_is_an_error() {
        for raw in ["a=%", "a=%4", "a=%4g", "a=%%41", "%=b", "a=%+1", "a=%\u{e9}1"] {
            assert_eq!(decode_pairs(raw), Err(DecodeError::Escape), "{raw}");
        }
        for raw in ["a=%FF", "%C3=b", "a=%ED%A0%80"] {
            assert_eq!(decode_pairs(raw), Err(DecodeError::Utf8), "{raw}");
        }
        assert_eq!(decode_pairs_bytes(b"a=\xff"), Err(DecodeError::Utf8));
    }

    #[test]
    fn encodings() {
        let pairs = [("n 1", "a b+c~d*e/中\u{1f511}"), ("", "")];
        assert_eq!(encode_query(&pairs), "n%201=a%20b%2Bc~d%2Ae%2F%E4%B8%AD%F0%9F%94%91&=");
        assert_eq!(encode_form(&pairs), "n+1=a+b%2Bc~d%2Ae%2F%E4%B8%AD%F0%9F%94%91&=");
        assert_eq!(encode_target(&pairs[..1], Space::Percent), format!("/?{}", encode_query(&pairs[..1])));
        assert_eq!(encode_target(&pairs[..0], Space::Plus), "/");
        let mut out = String::new();
        percent_encode_into(&mut out, "AZaz09-_.~");
        assert_eq!(out, "AZaz09-_.~");
    }
}
