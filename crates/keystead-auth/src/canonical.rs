//! The canonical forms that V3 and V4 sign. V1 shares the query's.

use arrayvec::ArrayString;
use http::{HeaderMap, HeaderValue};
use memchr::memchr_iter;

use crate::algorithm::Algorithm;
use crate::error::AuthError;
use crate::hash::{HexDigest, hex_text};
use crate::headers::Headers;
use crate::pairs::{Pairs, Space, encode_into, is_unreserved};
use crate::request::RequestView;

/// More header names than this in `SignedHeaders` are refused. The official clients sign fewer than 20.
const MAX_SIGNED_HEADERS: usize = 64;

/// How parameter names stand in the canonical query. Values are always encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameForm {
    /// As they are: the V3 code of the official Python and Node clients.
    Plain,
    /// Percent-encoded like values: V1 and V4.
    Encoded,
}

/// The canonical query: pairs sorted by their plain name (then value), `name=value` joined with `&`, strictly encoded.
#[must_use]
pub fn canonical_query(pairs: &Pairs<'_>, names: NameForm) -> String {
    let mut out = String::with_capacity(query_len(pairs));
    write_canonical_query(&mut out, pairs, names);
    out
}

/// The hash of a body under the algorithm's digest, in lower-case hex.
///
/// # Errors
/// [`AuthError::Method`] for an algorithm that has none (V1, unknown ones).
pub fn payload_hash(algorithm: Algorithm<'_>, body: &[u8]) -> Result<String, AuthError> {
    Ok(hex_text(&hashed(algorithm, body)?).to_owned())
}

/// The same before it is a text of its own.
pub(crate) fn hashed(algorithm: Algorithm<'_>, data: &[u8]) -> Result<HexDigest, AuthError> {
    Ok(algorithm.hash().ok_or(AuthError::Method)?.hex_digest(data))
}

/// The canonical request of V3 (and V4): method, path, query, signed headers with a line feed each, their names, payload hash.
///
/// `signed_headers` is the list as it stands in `Authorization`: lower-case names joined with `;`.
///
/// # Errors
/// A name in the list that is malformed, repeated or not among the request's headers.
pub fn canonical_request(
    view: &RequestView<'_>,
    signed_headers: &str,
    payload_hash: &str,
    names: NameForm,
) -> Result<String, AuthError> {
    let signed = resolve(view, &Headers::new(view.headers), signed_headers)?;
    Ok(write_canonical_request(view, signed_headers, &signed, payload_hash, names))
}

/// The string to sign of V3 and V4: the algorithm's name, a line feed, the hash of the canonical request in hex.
///
/// # Errors
/// [`AuthError::Method`] for an algorithm without a digest (V1, unknown ones).
pub fn string_to_sign(algorithm: Algorithm<'_>, canonical_request: &str) -> Result<String, AuthError> {
    to_sign(algorithm, canonical_request).map(|text| text.to_string())
}

/// The same before it is a text of its own.
pub(crate) fn to_sign(
    algorithm: Algorithm<'_>,
    canonical_request: &str,
) -> Result<ArrayString<96>, AuthError> {
    let hash = hashed(algorithm, canonical_request.as_bytes())?;
    // The names of algorithms that have a hash are short.
    let fits = |text: &mut ArrayString<96>| {
        text.try_push_str(algorithm.name()).and_then(|()| text.try_push_str("\n"))?;
        text.try_push_str(hex_text(&hash))
    };
    let mut text = ArrayString::new();
    fits(&mut text).map(|()| text).map_err(|_| AuthError::Method)
}

/// As `str::split`, which for a dozen short parts takes several times as long.
pub(crate) fn split(text: &str, separator: u8) -> impl Iterator<Item = &str> {
    debug_assert!(separator.is_ascii());
    let mut start = 0;
    memchr_iter(separator, text.as_bytes()).chain([text.len()]).map(move |end| {
        let part = &text[start..end];
        start = end + 1;
        part
    })
}

/// One header of the `SignedHeaders` list, found in the request.
#[derive(Clone, Copy)]
pub(crate) struct SignedHeader<'a> {
    pub(crate) name: &'a str,
    /// Trimmed; the first one if the header is repeated.
    pub(crate) value: &'a str,
    pub(crate) repeated: bool,
}

/// Finds every header of the list. The list's own order is kept, since the list itself is signed.
pub(crate) fn resolve<'a>(
    view: &RequestView<'a>,
    headers: &Headers<'a>,
    list: &'a str,
) -> Result<Vec<SignedHeader<'a>>, AuthError> {
    // Every name has at least one byte and a separator, so the allocation is bounded by the header received.
    let mut signed: Vec<SignedHeader<'a>> = Vec::with_capacity((list.len() / 2 + 1).min(16));
    let mut ascending = true;
    // Over the whole list at once, without a way out in the middle, which the compiler turns into a few steps.
    let has_upper_case = list.bytes().fold(false, |found, byte| found | byte.is_ascii_uppercase());
    for name in split(list, b';') {
        if name.is_empty() || has_upper_case {
            return Err(AuthError::incomplete("SignedHeaders is not a list of lower-case names"));
        }
        if signed.len() == MAX_SIGNED_HEADERS {
            return Err(AuthError::incomplete("too many signed headers"));
        }
        ascending &= signed.last().is_none_or(|last| last.name < name);
        if !ascending && signed.iter().any(|other| other.name == name) {
            return Err(AuthError::incomplete("a header is listed twice in SignedHeaders"));
        }
        signed.push(find(view, headers, name)?);
    }
    Ok(signed)
}

pub(crate) fn write_canonical_request(
    view: &RequestView<'_>,
    list: &str,
    signed: &[SignedHeader<'_>],
    payload_hash: &str,
    names: NameForm,
) -> String {
    let headers: usize = signed.iter().map(|header| header.name.len() + header.value.len() + 2).sum();
    let size = view.method.len() + view.path.len() + headers + list.len() + payload_hash.len() + 8;
    let mut out = String::with_capacity(size + query_len(view.query));
    out.push_str(view.method);
    out.push('\n');
    out.push_str(if view.path.is_empty() { "/" } else { view.path });
    out.push('\n');
    write_canonical_query(&mut out, view.query, names);
    out.push('\n');
    for header in signed {
        out.push_str(header.name);
        out.push(':');
        if header.repeated {
            write_repeated(&mut out, view.headers, header.name)
        } else {
            out.push_str(header.value)
        }
        out.push('\n');
    }
    out.push('\n');
    out.push_str(list);
    out.push('\n');
    out.push_str(payload_hash);
    out
}

/// Writes pairs that are sorted already.
pub(crate) fn write_sorted<'p>(
    out: &mut String,
    pairs: impl Iterator<Item = (&'p str, &'p str)>,
    names: NameForm,
    space: Space,
) {
    for (index, (name, value)) in pairs.enumerate() {
        if index > 0 {
            out.push('&');
        }
        match names {
            NameForm::Plain => out.push_str(name),
            NameForm::Encoded => encode_into(out, name, space),
        }
        out.push('=');
        encode_into(out, value, space);
    }
}

/// Which forms of names a V3 verifier may try: first the plain one, then the encoded one if that is a different text.
///
/// The plain form is ambiguous: a name holding `&` or `=` reads like two pairs, a line feed like the next line, `%41` like an
/// encoded `A`. Such names are accepted encoded only. Thus one canonical text never stands for two different requests.
pub(crate) fn acceptable_forms(pairs: &Pairs<'_>) -> (Option<NameForm>, Option<NameForm>) {
    let mut special = false;
    for (name, _) in pairs {
        if !is_unreserved(name) {
            special = true;
            if !plain_is_unambiguous(name) {
                return (None, Some(NameForm::Encoded));
            }
        }
    }
    (Some(NameForm::Plain), special.then_some(NameForm::Encoded))
}

fn plain_is_unambiguous(name: &str) -> bool {
    let bytes = name.as_bytes();
    let escape =
        |window: &[u8]| window[0] == b'%' && window[1].is_ascii_hexdigit() && window[2].is_ascii_hexdigit();
    !bytes.iter().any(|&byte| byte.is_ascii_control() || byte == b'&' || byte == b'=')
        && !bytes.windows(3).any(escape)
}

fn write_canonical_query(out: &mut String, pairs: &Pairs<'_>, names: NameForm) {
    let texts = || pairs.iter().map(|(name, value)| (name.as_ref(), value.as_ref()));
    // The official clients send parameters in order more often than not; then nothing has to be sorted.
    if texts().is_sorted() {
        write_sorted(out, texts(), names, Space::Percent);
    } else {
        let mut sorted: Vec<(&str, &str)> = texts().collect();
        sorted.sort_unstable();
        write_sorted(out, sorted.into_iter(), names, Space::Percent);
    }
}

/// Room for the encoded query: typical values (Base64, JSON, identifiers) grow by less than half.
fn query_len(pairs: &Pairs<'_>) -> usize {
    let plain: usize = pairs.iter().map(|(name, value)| name.len() + value.len() + 2).sum();
    plain + plain / 2
}

fn find<'a>(
    view: &RequestView<'a>,
    headers: &Headers<'a>,
    name: &'a str,
) -> Result<SignedHeader<'a>, AuthError> {
    let Some((first, others)) = headers.find(name) else {
        return match view.authority {
            Some(authority) if name == "host" => Ok(SignedHeader { name, value: authority, repeated: false }),
            _ if name == "x-acs-date" => Err(AuthError::DateMissing),
            _ => Err(AuthError::incomplete(format!("the signed header {name} is not in the request"))),
        };
    };
    let value = header_text(name, first)?;
    let repeated = others.is_some();
    others.into_iter().flatten().try_for_each(|other| header_text(name, other).map(drop))?;
    Ok(SignedHeader { name, value, repeated })
}

/// The text of a signed header, trimmed.
pub(crate) fn header_text<'a>(name: &str, value: &'a HeaderValue) -> Result<&'a str, AuthError> {
    let text = std::str::from_utf8(value.as_bytes());
    let text = text.map_err(|_| AuthError::incomplete(format!("the signed header {name} is not UTF-8")))?;
    Ok(text.trim_ascii())
}

/// Several values of one name are sorted and joined with a comma. [`find`] has checked that they are UTF-8.
fn write_repeated(out: &mut String, headers: &HeaderMap, name: &str) {
    let values = headers.get_all(name).iter();
    let mut values: Vec<&str> =
        values.map(|value| std::str::from_utf8(value.as_bytes()).unwrap_or_default().trim_ascii()).collect();
    values.sort_unstable();
    for (index, value) in values.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        out.push_str(value);
    }
}
