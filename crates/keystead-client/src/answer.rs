//! Reading what the service answered.

use std::time::Duration;

use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use crate::error::Error;

/// The fields of an error's body; some gateways write them in lower case.
#[derive(Deserialize)]
struct ErrorBody {
    #[serde(rename = "Code", alias = "code")]
    code: String,
    #[serde(rename = "Message", alias = "message", default)]
    message: String,
    #[serde(rename = "RequestId", alias = "requestId", default)]
    request_id: String,
}

/// Reads an answer: `read` for a success, the service's error for anything else.
pub(crate) fn read<T>(
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
    read: impl FnOnce(&[u8]) -> Option<T>,
) -> Result<T, Error> {
    let unreadable = Error::Unreadable { status: status.as_u16() };
    // serde would read an array as an object's fields in their order.
    if !body.trim_ascii_start().starts_with(b"{") {
        return Err(unreadable);
    }
    if status.is_success() {
        return read(body).ok_or(unreadable);
    }
    // The parser's own error could quote the body, so it is dropped.
    let Ok(error) = serde_json::from_slice::<ErrorBody>(body) else { return Err(unreadable) };
    let request_id =
        if error.request_id.is_empty() { request_id(headers).to_owned() } else { error.request_id };
    Err(Error::Service {
        status: status.as_u16(),
        code: error.code,
        message: error.message,
        request_id,
        retry_after: retry_after(headers),
    })
}

/// The request's id from the header; empty without one.
pub(crate) fn request_id(headers: &HeaderMap) -> &str {
    headers.get("x-acs-request-id").and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// `x-acs-retry-after`: a positive number of milliseconds; anything else does not count.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let millis: u64 = headers.get("x-acs-retry-after")?.to_str().ok()?.trim().parse().ok()?;
    (millis > 0).then(|| Duration::from_millis(millis))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn failed(status: u16, header: Option<(&'static str, &'static str)>, body: &str) -> Error {
        let headers = header.into_iter().map(|(n, v)| (n.parse().unwrap(), v.parse().unwrap())).collect();
        let status = StatusCode::from_u16(status).unwrap();
        read(status, &headers, body.as_bytes(), |_| Some(())).unwrap_err()
    }

    #[test]
    fn both_spellings_of_an_error() {
        let body =
            r#"{"HttpStatus":404,"Code":"Forbidden.KeyNotFound","Message":"m","RequestId":"r","HostId":"h"}"#;
        let error = failed(404, None, body);
        assert_eq!(error.to_string(), "Forbidden.KeyNotFound: m (request id r)");
        assert_eq!((error.code(), error.message()), (Some("Forbidden.KeyNotFound"), Some("m")));
        assert_eq!((error.status(), error.request_id()), (Some(404), Some("r")));
        let error = failed(400, Some(("x-acs-request-id", "h")), r#"{"code":"C","message":"m"}"#);
        assert_eq!((error.code(), error.request_id()), (Some("C"), Some("h")));
    }

    #[test]
    fn what_is_no_error_of_the_service() {
        for body in ["", "<html>", "[]", r#"["C","m","r"]"#, "{}", r#"{"Code":1}"#, "null"] {
            assert!(matches!(failed(502, None, body), Error::Unreadable { status: 502 }), "{body}");
        }
        assert!(matches!(failed(302, None, ""), Error::Unreadable { status: 302 }));
    }

    #[test]
    fn only_positive_milliseconds() {
        let after = |value| failed(429, Some(("x-acs-retry-after", value)), r#"{"Code":"C"}"#).retry_after();
        assert_eq!(after("1500"), Some(Duration::from_millis(1500)));
        for bad in ["0", "-1", "1.5", "soon", ""] {
            assert_eq!(after(bad), None, "{bad}");
        }
    }
}
