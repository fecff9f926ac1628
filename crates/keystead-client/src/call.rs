//! One operation call: the request as it goes out, signed anew for every attempt.

use std::borrow::Cow;
use std::time::Duration;

use bytes::Bytes;
use http::uri::{self, PathAndQuery, Scheme};
use http::{HeaderMap, HeaderValue, Method as HttpMethod, Request, Uri, header};
use keystead_api::{Method, OperationDef, SecretText, WireParams};
use keystead_auth::credentials::providers::Provided;
use keystead_auth::pairs::{Space, encode_form, encode_target};
#[cfg(feature = "instance")]
use keystead_auth::v1;
use keystead_auth::{Algorithm, HeaderPolicy, PairList, ToSign, header_names, v3};
use zeroize::Zeroizing;

use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::route::Route;

/// Beyond this length in bytes, the query's parameters travel in the form body instead, for POST. The service reads both
/// places; the limit is the header size that HTTP/2 servers accept by default, with room for the other headers.
const MAX_QUERY: usize = 12 << 10;

/// What all attempts of a call have in common.
pub(crate) struct Call<'a> {
    def: &'static OperationDef,
    query: PairList<'a>,
    route: &'a Route,
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
        route: &'a Route,
    ) -> Result<Self, Error> {
        let has_body = def.method == Method::Post;
        let mut query = pairs(&params.query);
        let mut form = pairs(&params.form);
        if !has_body {
            query.append(&mut form);
        }
        let mut target = Zeroizing::new(encode_target(&query, Space::Plus));
        if has_body && target.len() > MAX_QUERY {
            form.append(&mut query);
            target = Zeroizing::new(encode_target(&query, Space::Plus));
        }
        let body = (!form.is_empty()).then(|| wiped_bytes(Zeroizing::new(encode_form(&form))));
        Ok(Self {
            def,
            query,
            route,
            uri: uri(&route.endpoint, target)?,
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
        let mut headers = self.headers(user_agent);
        let provider = HeaderValue::from_str(&provided.provider)
            .map_err(|_| Error::Request("the provider's name is no header value"))?;
        headers.insert(&header_names::CREDENTIALS_PROVIDER, provider);
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
        let target = Zeroizing::new(encode_target(&signed, Space::Percent));
        Ok(self.assembled(uri(&self.route.endpoint, target)?, self.headers(user_agent)))
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

    fn headers(&self, user_agent: &HeaderValue) -> HeaderMap {
        let mut headers = HeaderMap::with_capacity(16);
        headers.insert(header::HOST, self.route.host.clone());
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        headers.insert(header::USER_AGENT, user_agent.clone());
        headers.insert(&header_names::ACTION, HeaderValue::from_static(self.def.name));
        headers.insert(&header_names::VERSION, HeaderValue::from_static(self.def.version()));
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
        headers
    }
}

fn pairs<'a>(params: &'a [(Cow<'static, str>, SecretText)]) -> PairList<'a> {
    params.iter().map(|(name, value)| (Cow::Borrowed(name.as_ref()), Cow::Borrowed(value.expose()))).collect()
}

/// Of parts that were looked through before, but for the target.
fn uri(endpoint: &Endpoint, target: Zeroizing<String>) -> Result<Uri, Error> {
    let too_long = || Error::Request("the parameters are too long for a URL");
    // A slice of this memory, which is wiped when the last of them is dropped.
    let target = PathAndQuery::from_maybe_shared(wiped_bytes(target)).map_err(|_| too_long())?;
    let mut parts = uri::Parts::default();
    parts.scheme = Some(if endpoint.tls { Scheme::HTTPS } else { Scheme::HTTP });
    parts.authority = Some(endpoint.authority.clone());
    parts.path_and_query = Some(target);
    Uri::from_parts(parts).map_err(|_| too_long())
}

/// Text as bytes that are wiped when the last reference to them is dropped: in one sweep, as that type does it.
struct Wiped(SecretText);

impl AsRef<[u8]> for Wiped {
    fn as_ref(&self) -> &[u8] {
        self.0.expose().as_bytes()
    }
}

fn wiped_bytes(mut text: Zeroizing<String>) -> Bytes {
    Bytes::from_owner(Wiped(SecretText::new(std::mem::take(&mut *text))))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;

    use keystead_api::{OperationId, Placement};
    use keystead_auth::Credentials;

    use super::*;
    use crate::transport::{Transport, TransportFuture};

    /// Nothing is sent here.
    struct Unused;

    impl Transport for Unused {
        fn send(&self, _: Request<Bytes>) -> TransportFuture<'_> {
            unreachable!()
        }
    }

    fn call(id: OperationId, query: &str, form: &str) -> Result<Request<Bytes>, Error> {
        let mut params = WireParams::default();
        for (place, value) in [(Placement::Query, query), (Placement::Form, form)] {
            if !value.is_empty() {
                params.push(place, "N", value);
            }
        }
        let route = Route::new(Endpoint::parse("kms.example:8443", false).unwrap(), Arc::new(Unused));
        let credentials = Credentials::access_key("id", "hush").into();
        let provided = Provided { credentials, expiration: None, provider: "static_ak".into() };
        Call::new(id.def(), &params, &route)?.request(
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
