//! Names of the protocol's headers. Written out here, each is checked when this is compiled, and not again for each request.

use http::HeaderName;

/// The operation's name.
pub static ACTION: HeaderName = HeaderName::from_static("x-acs-action");
/// The API's version.
pub static VERSION: HeaderName = HeaderName::from_static("x-acs-version");
/// Where the client has its credentials from.
pub static CREDENTIALS_PROVIDER: HeaderName = HeaderName::from_static("x-acs-credentials-provider");
pub(crate) static DATE: HeaderName = HeaderName::from_static("x-acs-date");
pub(crate) static NONCE: HeaderName = HeaderName::from_static("x-acs-signature-nonce");
pub(crate) static CONTENT_SHA256: HeaderName = HeaderName::from_static("x-acs-content-sha256");
pub(crate) static CONTENT_SM3: HeaderName = HeaderName::from_static("x-acs-content-sm3");
pub(crate) static ACCESS_KEY_ID: HeaderName = HeaderName::from_static("x-acs-accesskey-id");
pub(crate) static SECURITY_TOKEN: HeaderName = HeaderName::from_static("x-acs-security-token");
