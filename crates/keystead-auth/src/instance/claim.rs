//! What the headers of a request claim, before anything of it is believed.

use std::time::UNIX_EPOCH;

use http::{HeaderMap, Method};

use super::{signature, single, string_to_sign};

/// The only version of the API.
const API_VERSION: &str = "dkms-gcs-0.2";
/// The only signature method.
const SIGNATURE_METHOD: &str = "RSA_PKCS1_SHA_256";
/// The only content type.
const CONTENT_TYPE: &str = "application/x-protobuf";
/// How far a request's date may be from the server's clock, in seconds, either way (instance API documentation).
const WINDOW: u64 = 15 * 60;

/// The headers of a request, each well formed.
#[derive(Debug)]
pub struct Claim<'a> {
    /// The client key that is said to have signed.
    pub client_key_id: &'a str,
    /// When it was signed, in Unix seconds.
    pub unix_seconds: i64,
    /// The key version that is to be used.
    pub key_version_id: Option<&'a str>,
    /// SHA-256 of the body in upper-case hex, as it is said.
    pub content_sha256: &'a str,
    /// The text that was signed.
    pub text: String,
    /// The signature over it.
    pub signature: Vec<u8>,
}

/// What is wrong with the headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw<'a> {
    /// Another version of the API, or none.
    ApiVersion(&'a str),
    /// Another content type, or none.
    ContentType(&'a str),
    /// A header that has to be there is not: its name.
    Missing(&'static str),
    /// A header is not what it has to be: its name, as the service calls it.
    Invalid(&'static str),
}

/// The operation's name; empty when it is none. A header that is there tells the instance API from the OpenAPI.
#[must_use]
pub fn api_name(headers: &HeaderMap) -> &str {
    text(headers, "x-kms-apiname")
}

/// Whether a request of some time, in Unix seconds, may be answered now. Nothing else limits how often it is.
#[must_use]
pub fn is_in_window(unix_seconds: i64, now: i64) -> bool {
    unix_seconds.abs_diff(now) <= WINDOW
}

impl<'a> Claim<'a> {
    /// Reads the headers of a request, but for the operation's name.
    ///
    /// # Errors
    /// The first [`Flaw`].
    pub fn read(method: &Method, headers: &'a HeaderMap) -> Result<Self, Flaw<'a>> {
        let version = text(headers, "x-kms-apiversion");
        if version != API_VERSION {
            return Err(Flaw::ApiVersion(version));
        }
        let content_type = text(headers, "content-type");
        if content_type != CONTENT_TYPE {
            return Err(Flaw::ContentType(content_type));
        }
        if text(headers, "x-kms-signaturemethod") != SIGNATURE_METHOD {
            return Err(Flaw::Invalid("x-kms-signaturemethod"));
        }
        let client_key_id = text(headers, "x-kms-acccesskeyid");
        if client_key_id.is_empty() {
            return Err(Flaw::Missing("x-kms-acccesskeyid"));
        }
        let unix_seconds = date(text(headers, "date")).ok_or(Flaw::Invalid("Date"))?;
        let signature = signature(text(headers, "authorization")).ok_or(Flaw::Invalid("Authorization"))?;
        let content_sha256 = text(headers, "content-sha256");
        if content_sha256.is_empty() {
            return Err(Flaw::Invalid("Content-SHA256"));
        }
        let signed = string_to_sign(method.as_str(), headers).map_err(|_| Flaw::Invalid("Authorization"))?;
        let key_version_id = text(headers, "x-kms-migrationkeyversionid");
        let key_version_id = Some(key_version_id).filter(|id| !id.is_empty());
        Ok(Self { client_key_id, unix_seconds, key_version_id, content_sha256, text: signed, signature })
    }
}

/// The trimmed value of a header that stands there once as text; else nothing.
fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    single(headers, name).ok().flatten().unwrap_or_default().trim()
}

/// `Fri, 02 Jan 2026 03:04:05 GMT` as Unix seconds. The documentation writes `UTC` at the end in one place.
fn date(text: &str) -> Option<i64> {
    let in_gmt;
    let text = match text.strip_suffix("UTC") {
        Some(rest) => {
            in_gmt = [rest, "GMT"].concat();
            &in_gmt
        }
        None => text,
    };
    // The other two forms of HTTP's dates are not those of this protocol.
    if !text.ends_with("GMT") || text.len() != "Fri, 02 Jan 2026 03:04:05 GMT".len() {
        return None;
    }
    let time = httpdate::parse_http_date(text).ok()?;
    i64::try_from(time.duration_since(UNIX_EPOCH).ok()?.as_secs()).ok()
}

#[cfg(test)]
mod tests {
    use super::{date, is_in_window};

    #[test]
    fn dates() {
        assert_eq!(date("Fri, 02 Jan 2026 03:04:05 GMT"), Some(1_767_323_045));
        assert_eq!(date("Fri, 02 Jan 2026 03:04:05 UTC"), Some(1_767_323_045));
        for bad in [
            "",
            "UTC",
            "GMT",
            "2026-01-02T03:04:05Z",
            "Fri, 02 Jan 2026 03:04:05",
            "Fri, 02 Jan 2026 03:04:05 CET",
            "Fri, 32 Jan 2026 03:04:05 GMT",
            "Friday, 02-Jan-26 03:04:05 GMT",
            "Fri Jan  2 03:04:05 2026",
            "Fri, 02 Jan 2026 24:04:05 GMT",
        ] {
            assert_eq!(date(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_window_is_fifteen_minutes_either_way() {
        for (offset, inside) in [(0, true), (900, true), (-900, true), (901, false), (-901, false)] {
            assert_eq!(is_in_window(1_800_000_000 + offset, 1_800_000_000), inside, "{offset}");
        }
        assert!(!is_in_window(i64::MIN, i64::MAX));
    }
}
