use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{Response, StatusCode};
use http_body_util::Full;
use keystead_api::{AccessDeniedDetail, ApiError, ErrorCode};
use keystead_auth::AuthError;
use keystead_service::AuthFailure;
use serde::Serialize;
use zeroize::{Zeroize as _, zeroize_bytes};

use crate::request_id::RequestId;
use crate::xml;

/// The form that the caller wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Json,
    Xml,
}

impl Format {
    /// Reads the parameter `Format`, in any case. Absent or unknown means JSON: some clients send `None`.
    pub(crate) fn of(text: Option<&str>) -> Self {
        if text.is_some_and(|text| text.eq_ignore_ascii_case("xml")) { Self::Xml } else { Self::Json }
    }

    fn content_type(self) -> HeaderValue {
        match self {
            Self::Json => HeaderValue::from_static("application/json;charset=utf-8"),
            // SDKs compare this text exactly.
            Self::Xml => HeaderValue::from_static("text/xml;charset=utf-8"),
        }
    }
}

/// An error as it goes over the wire.
#[derive(Debug)]
pub(crate) struct WireError {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) denied: Option<Box<AccessDeniedDetail>>,
}

impl From<ApiError> for WireError {
    fn from(error: ApiError) -> Self {
        Self {
            status: error.status(),
            code: error.code().name().into_owned(),
            message: error.message().to_owned(),
            denied: error.denied().cloned().map(Box::new),
        }
    }
}

impl From<ErrorCode> for WireError {
    fn from(code: ErrorCode) -> Self {
        ApiError::from(code).into()
    }
}

impl From<AuthError> for WireError {
    fn from(error: AuthError) -> Self {
        Self {
            status: error.status(),
            code: error.code().into_owned(),
            message: error.message(),
            denied: None,
        }
    }
}

impl From<AuthFailure> for WireError {
    fn from(failure: AuthFailure) -> Self {
        match failure {
            AuthFailure::Signature(error) => error.into(),
            AuthFailure::Refused(error) => error.into(),
        }
    }
}

/// The fields that KMS and its gateway send; SDKs read the first three.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ErrorBody<'a> {
    request_id: &'a str,
    code: &'a str,
    message: &'a str,
    http_status: u16,
    host_id: &'a str,
    recommend: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_denied_detail: Option<&'a AccessDeniedDetail>,
}

const REQUEST_ID: HeaderName = HeaderName::from_static("x-acs-request-id");

/// Bytes whose memory is wiped at the end, in one sweep: `Zeroizing` goes byte by byte.
pub(crate) struct Wiped(pub(crate) Vec<u8>);

impl AsRef<[u8]> for Wiped {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Wiped {
    fn drop(&mut self) {
        zeroize_bytes(&mut self.0);
        self.0.spare_capacity_mut().zeroize();
    }
}

/// A good answer. `json` may hold a plaintext or a secret value: its memory is wiped when it was sent.
pub(crate) fn success(
    action: &str,
    format: Format,
    json: Vec<u8>,
    request_id: &RequestId,
) -> Result<Response<Full<Bytes>>, WireError> {
    let json = Wiped(json);
    let body = match format {
        Format::Json => Bytes::from_owner(json),
        Format::Xml => {
            let value = serde_json::from_slice(&json.0).map_err(|_| ErrorCode::InternalFailure)?;
            let xml = xml::from_json(&format!("{action}Response"), &value).ok_or_else(|| {
                ApiError::with_message(
                    ErrorCode::InvalidParameterFormat,
                    "The answer holds a character that XML cannot carry; ask for JSON.",
                )
            })?;
            Bytes::from_owner(Wiped(xml.into_bytes()))
        }
    };
    Ok(response(StatusCode::OK, format, body, request_id))
}

/// An error's answer. Always has a body that SDKs can parse.
pub(crate) fn failure(
    error: &WireError,
    format: Format,
    host: &str,
    request_id: &RequestId,
) -> Response<Full<Bytes>> {
    let fields = ErrorBody {
        request_id: request_id.as_str(),
        code: &error.code,
        message: &error.message,
        http_status: error.status,
        host_id: host,
        recommend: "",
        access_denied_detail: error.denied.as_deref(),
    };
    // Plain texts and a number always serialise.
    let value = serde_json::to_value(&fields).unwrap_or_default();
    let (format, body) = match format {
        Format::Xml => match xml::from_json("Error", &value) {
            Some(xml) => (Format::Xml, xml.into_bytes()),
            None => (Format::Json, value.to_string().into_bytes()),
        },
        Format::Json => (Format::Json, value.to_string().into_bytes()),
    };
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response(status, format, Bytes::from(body), request_id)
}

fn response(
    status: StatusCode,
    format: Format,
    body: Bytes,
    request_id: &RequestId,
) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, format.content_type());
    if let Ok(id) = HeaderValue::from_str(request_id.as_str()) {
        headers.insert(REQUEST_ID, id);
    }
    response
}
