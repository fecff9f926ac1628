//! One operation call: the request as it goes out, signed anew for every attempt.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Uri, header};
use keystead_api::OperationDef;
use keystead_api::instance::{
    API_VERSION, CONTENT_TYPE, Guarded, HEADER_ACCESS_KEY_ID, HEADER_API_NAME, HEADER_API_VERSION,
    HEADER_CONTENT_SHA256, HEADER_SIGNATURE_METHOD, InstanceOperation, SIGNATURE_METHOD,
};
use keystead_auth::SignError;
use keystead_auth::instance::{authorization, content_sha256, string_to_sign};
use prost::Message as _;
use zeroize::Zeroizing;

use super::client_key::ClientKey;
use crate::endpoint::Endpoint;
use crate::error::Error;

/// What all attempts of a call have in common.
pub(super) struct Call {
    pub(super) def: &'static OperationDef,
    body: Bytes,
    sha256: String,
}

impl Call {
    pub(super) fn new<O: InstanceOperation>(request: &Guarded<O::Request>) -> Self {
        // The vector has its full size from the start, so that growing leaves no copies behind.
        let body = Zeroizing::new(request.encode_to_vec());
        let sha256 = content_sha256(&body);
        Self { def: O::DEF, body: Bytes::from_owner(body), sha256 }
    }

    /// The signed request of one attempt.
    ///
    /// # Errors
    /// A value that cannot stand in a header, or a key that cannot sign.
    pub(super) fn request(
        &self,
        endpoint: &Endpoint,
        key: &ClientKey,
        own: &HeaderMap,
        user_agent: &HeaderValue,
        date: &str,
    ) -> Result<Request<Bytes>, Error> {
        let mut headers = own.clone();
        let text = |value: &str| {
            HeaderValue::from_str(value).map_err(|_| Error::Request("a value cannot stand in a header"))
        };
        headers.insert(header::ACCEPT, HeaderValue::from_static(CONTENT_TYPE));
        headers.insert(header::HOST, text(endpoint.authority.as_str())?);
        headers.insert(header::DATE, text(date)?);
        headers.insert(header::USER_AGENT, user_agent.clone());
        headers.insert(HEADER_API_VERSION, HeaderValue::from_static(API_VERSION));
        headers.insert(HEADER_API_NAME, HeaderValue::from_static(self.def.name));
        headers.insert(HEADER_SIGNATURE_METHOD, HeaderValue::from_static(SIGNATURE_METHOD));
        headers.insert(HEADER_ACCESS_KEY_ID, text(key.id())?);
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE));
        // hyper leaves the length out when there is no body, which some gateways refuse with 411.
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(self.body.len()));
        headers.insert(HEADER_CONTENT_SHA256, text(&self.sha256)?);
        let to_sign = string_to_sign(Method::POST.as_str(), &headers)
            .map_err(|_| Error::Request("a header is no text, so it cannot be signed"))?;
        let mut signed = text(&authorization(&to_sign, key.signing()).map_err(SignError::from)?)?;
        signed.set_sensitive(true);
        headers.insert(header::AUTHORIZATION, signed);

        let mut request = Request::new(self.body.clone());
        *request.method_mut() = Method::POST;
        *request.uri_mut() = Uri::builder()
            .scheme(endpoint.scheme())
            .authority(endpoint.authority.clone())
            .path_and_query("/")
            .build()
            .map_err(|_| Error::Request("the endpoint is no address"))?;
        *request.headers_mut() = headers;
        Ok(request)
    }
}
