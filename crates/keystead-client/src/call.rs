//! One operation call: the request as it goes out, signed anew for every attempt.

use std::borrow::Cow;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method as HttpMethod, Request, Uri, header};
use keystead_api::{Method, OperationDef, SecretText, WireParams};
use keystead_auth::credentials::providers::Provided;
use keystead_auth::pairs::encode_form;
#[cfg(feature = "instance")]
use keystead_auth::v1;
use keystead_auth::{Algorithm, HeaderPolicy, PairList, ToSign, v3};
use zeroize::Zeroizing;

use crate::endpoint::Endpoint;
use crate::error::Error;

/// Beyond this length in bytes, the query's parameters travel in the form body instead, for POST. The service reads both
/// places; the limit is the header size that HTTP/2 servers accept by default, with room for the other headers.
const MAX_QUERY: usize = 12 << 10;

/// What all attempts of a call have in common.
pub(crate) struct Call<'a> {
    def: &'static OperationDef,
    query: PairList<'a>,
    uri: Uri,
    #[cfg(feature = "instance")]
    form_pairs: PairList<'a>,
    /// `None` when there is no body.
    form: Option<Bytes>,
    /// How many attempts were made before, and how long was waited since the last one.
    repeated: Option<(u32, Duration)>,
}

impl<'a> Call<'a> {
    /// Lays the parameters out.
    ///
    /// # Errors
    /// [`Error::Request`] when they do not fit into a URL and the operation has no body.
    pub(crate) fn new(
        def: &'static OperationDef,
        params: &'a WireParams,
        endpoint: &Endpoint,
    ) -> Result<Self, Error> {
        let has_body = def.method == Method::Post;
        let mut query = pairs(&params.query);
        let mut form = pairs(&params.form);
        let mut text = Zeroizing::new(encode_form(&query));
        if has_body && text.len() > MAX_QUERY {
            form.append(&mut query);
            text = Zeroizing::default();
        } else if !has_body {
            query.append(&mut form);
            text = Zeroizing::new(encode_form(&query));
        }
        let body = (!form.is_empty()).then(|| Zeroizing::new(encode_form(&form)).wiped_bytes());
        Ok(Self {
            def,
            query,
            uri: uri(endpoint.scheme(), endpoint.authority.as_str(), &text)?,
            #[cfg(feature = "instance")]
            form_pairs: form,
            form: body,
            repeated: None,
        })
    }

    /// Makes the next request the one after `attempts` that failed, `wait` after the last of them. The service is told, as the
    /// official SDKs tell it.
    pub(crate) fn repeat(&mut self, attempts: u32, wait: Duration) {
        self.repeated = Some((attempts, wait));
    }

    /// The signed request of one attempt.
    ///
    /// # Errors
    /// A value that cannot stand in a header, or a secret that cannot sign.
    pub(crate) fn request(
        &self,
        provided: &Provided,
        user_agent: &HeaderValue,
        date: &str,
        nonce: &str,
    ) -> Result<Request<Bytes>, Error> {
        let mut headers = self.headers(user_agent)?;
        let provider = HeaderValue::from_str(&provided.provider)
            .map_err(|_| Error::Request("the provider's name is no header value"))?;
        headers.insert("x-acs-credentials-provider", provider);
        let to_sign = ToSign {
            method: self.def.method.name(),
            path: "/",
            query: &self.query,
            form: &[],
            body: self.form.as_deref().unwrap_or_default(),
            date,
            nonce,
        };
        let credentials = &provided.credentials;
        v3::sign(&to_sign, &mut headers, credentials, Algorithm::AcsHmacSha256, HeaderPolicy::Standard)?;
        if let Some(value) = headers.get_mut(header::AUTHORIZATION) {
            value.set_sensitive(true);
        }
        Ok(self.assembled(self.uri.clone(), headers))
    }

    /// The request of one attempt, signed by a client key as the shared gateway takes it: by V1, in the query.
    ///
    /// # Errors
    /// As [`Call::request`].
    #[cfg(feature = "instance")]
    pub(crate) fn request_by_client_key(
        &self,
        key: &crate::instance::ClientKey,
        user_agent: &HeaderValue,
        date: &str,
        nonce: &str,
    ) -> Result<Request<Bytes>, Error> {
        let mut query = self.query.clone();
        let of_operation = [("Action", self.def.name), ("Version", self.def.version()), ("Format", "JSON")];
        query.extend(of_operation.map(|(name, value)| (Cow::Borrowed(name), Cow::Borrowed(value))));
        let to_sign = ToSign {
            method: self.def.method.name(),
            path: "/",
            query: &query,
            form: &self.form_pairs,
            body: &[],
            date,
            nonce,
        };
        let signed = v1::sign_with_private_key(&to_sign, key.id(), key.signing())?;
        let query = Zeroizing::new(keystead_auth::pairs::encode_query(&signed));
        let (scheme, authority) = (self.uri.scheme_str(), self.uri.authority());
        let authority = authority.map_or("", |authority| authority.as_str());
        let uri = uri(scheme.unwrap_or("https"), authority, &query)?;
        Ok(self.assembled(uri, self.headers(user_agent)?))
    }

    fn assembled(&self, uri: Uri, headers: HeaderMap) -> Request<Bytes> {
        let mut request = Request::new(self.form.clone().unwrap_or_default());
        *request.method_mut() = match self.def.method {
            Method::Get => HttpMethod::GET,
            Method::Post => HttpMethod::POST,
        };
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        request
    }

    fn headers(&self, user_agent: &HeaderValue) -> Result<HeaderMap, Error> {
        let authority = self.uri.authority().map_or("", |authority| authority.as_str());
        let mut headers = HeaderMap::with_capacity(16);
        let host =
            HeaderValue::from_str(authority).map_err(|_| Error::Request("the host is no header value"))?;
        headers.insert(header::HOST, host);
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        headers.insert(header::USER_AGENT, user_agent.clone());
        headers.insert("x-acs-action", HeaderValue::from_static(self.def.name));
        headers.insert("x-acs-version", HeaderValue::from_static(self.def.version()));
        match (&self.form, self.def.method) {
            (Some(_), _) => {
                let form = HeaderValue::from_static("application/x-www-form-urlencoded");
                headers.insert(header::CONTENT_TYPE, form);
            }
            // hyper leaves the length out when there is no body, which some gateways refuse with 411.
            (None, Method::Post) => {
                headers.insert(header::CONTENT_LENGTH, HeaderValue::from_static("0"));
            }
            (None, Method::Get) => {}
        }
        if let Some((attempts, wait)) = self.repeated {
            headers.insert("x-acs-retry-attempts", attempts.into());
            headers.insert("x-acs-retry-delay", u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).into());
        }
        Ok(headers)
    }
}

fn pairs<'a>(params: &'a [(Cow<'static, str>, SecretText)]) -> PairList<'a> {
    params.iter().map(|(name, value)| (Cow::Borrowed(name.as_ref()), Cow::Borrowed(value.expose()))).collect()
}

fn uri(scheme: &str, authority: &str, query: &str) -> Result<Uri, Error> {
    let mut text = Zeroizing::new(String::with_capacity(scheme.len() + authority.len() + query.len() + 8));
    for part in [scheme, "://", authority, "/", if query.is_empty() { "" } else { "?" }, query] {
        text.push_str(part);
    }
    // The parts of the URI are slices of this memory, which is wiped when the last of them is dropped.
    Uri::from_maybe_shared(text.wiped_bytes())
        .map_err(|_| Error::Request("the parameters are too long for a URL"))
}

/// Bytes that are wiped when the last reference to them is dropped.
trait WipedBytes {
    fn wiped_bytes(self) -> Bytes;
}

impl WipedBytes for Zeroizing<String> {
    fn wiped_bytes(mut self) -> Bytes {
        Bytes::from_owner(Zeroizing::new(std::mem::take(&mut *self).into_bytes()))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use keystead_api::{OperationId, Placement};
    use keystead_auth::Credentials;

    use super::*;

    fn call(id: OperationId, query: &str, form: &str) -> Result<Request<Bytes>, Error> {
        let mut params = WireParams::default();
        for (place, value) in [(Placement::Query, query), (Placement::Form, form)] {
            if !value.is_empty() {
                params.push(place, "N", value);
            }
        }
        let endpoint = Endpoint::parse("kms.example:8443", false).unwrap();
        let credentials = Credentials::access_key("id", "hush").into();
        let provided = Provided { credentials, expiration: None, provider: "static_ak".into() };
        Call::new(id.def(), &params, &endpoint)?.request(
            &provided,
            &HeaderValue::from_static("test"),
            "2026-01-02T03:04:05Z",
            "n",
        )
    }

    #[test]
    fn parameters_go_where_sdks_put_them() {
        let request = call(OperationId::CreateSecret, "a b+", "c d*").unwrap();
        assert_eq!(request.uri(), "https://kms.example:8443/?N=a+b%2B");
        assert_eq!(request.body().as_ref(), b"N=c+d%2A");
        assert_eq!(request.headers()["content-type"], "application/x-www-form-urlencoded");
        assert!(!request.headers().contains_key("content-length"));

        let request = call(OperationId::Encrypt, "", "").unwrap();
        assert_eq!(
            (request.method(), request.uri().to_string().as_str()),
            (&HttpMethod::POST, "https://kms.example:8443/")
        );
        assert_eq!(request.headers()["content-length"], "0");
        assert!(!request.headers().contains_key("content-type"));

        let request = call(OperationId::GetClientKey, "a", "").unwrap();
        assert_eq!((request.method(), request.body().len()), (&HttpMethod::GET, 0));
        assert!(!request.headers().contains_key("content-length"));
    }

    #[test]
    fn long_queries_travel_in_the_body() {
        let long = "/".repeat(40_000);
        let request = call(OperationId::CreateKey, &long, "").unwrap();
        assert_eq!(request.uri(), "https://kms.example:8443/");
        assert_eq!(request.body().len(), "N=".len() + 3 * long.len());
        assert!(matches!(call(OperationId::GetClientKey, &long, ""), Err(Error::Request(_))));
    }
}
