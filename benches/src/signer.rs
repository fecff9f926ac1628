use std::net::SocketAddr;
use std::time::{SystemTime, UNIX_EPOCH};

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};
use keystead_auth::pairs::encode_query;
use keystead_auth::{Algorithm, Credentials, HeaderPolicy, ToSign, format_date, v3};

use crate::AnyError;
use crate::prng::Prng;

/// Parameters of a request.
pub(crate) type Query = Vec<(&'static str, String)>;

/// Makes requests as the official Python SDK (tea_openapi 0.4.6) sends them: all parameters in the query of a POST
/// without a body, V3 over every header that it sets, in its order.
pub(crate) struct Signer {
    host: HeaderValue,
    credentials: Credentials,
    nonces: Prng,
}

/// In the order of the wire; the rest follows from signing.
const ORDER: [&str; 10] = [
    "host",
    "x-acs-version",
    "x-acs-action",
    "user-agent",
    "x-acs-date",
    "x-acs-signature-nonce",
    "accept",
    "x-acs-content-sha256",
    "x-acs-credentials-provider",
    "authorization",
];

const USER_AGENT: HeaderValue =
    HeaderValue::from_static("AlibabaCloud (Linux; x86_64) Python/3.11.2 Core/0.4.6 TeaDSL/2");

impl Signer {
    pub(crate) fn new(address: SocketAddr, credentials: Credentials) -> Result<Self, AnyError> {
        let host = HeaderValue::from_str(&address.to_string())?;
        Ok(Self { host, credentials, nonces: Prng::from_clock() })
    }

    /// Appends one request, dated now, to `out`.
    pub(crate) fn append(
        &mut self,
        out: &mut Vec<u8>,
        action: &'static str,
        query: &[(&'static str, String)],
    ) -> Result<(), AnyError> {
        let nonce = format!("{:016x}{:016x}", self.nonces.next(), self.nonces.next());
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let date = format_date(i64::try_from(now)?).ok_or("the clock is beyond the year 9999")?;
        let mut headers = HeaderMap::with_capacity(16);
        headers.insert("host", self.host.clone());
        headers.insert("x-acs-version", HeaderValue::from_static("2016-01-20"));
        headers.insert("x-acs-action", HeaderValue::from_static(action));
        headers.insert("user-agent", USER_AGENT);
        headers.insert("accept", HeaderValue::from_static("application/json"));
        headers.insert("x-acs-credentials-provider", HeaderValue::from_static("static_ak"));
        let pairs: Vec<_> =
            query.iter().map(|(name, value)| ((*name).into(), value.as_str().into())).collect();
        let request = ToSign {
            method: "POST",
            path: "/",
            query: &pairs,
            form: &[],
            body: b"",
            date: &date,
            nonce: &nonce,
        };
        v3::sign(&request, &mut headers, &self.credentials, Algorithm::AcsHmacSha256, HeaderPolicy::Every)?;

        out.extend_from_slice(b"POST /?");
        out.extend_from_slice(encode_query(query).as_bytes());
        out.extend_from_slice(b" HTTP/1.1\r\nAccept-Encoding: identity\r\n");
        for name in ORDER {
            let value = headers.get(name).ok_or("signing left a header out")?;
            out.extend_from_slice(if name == AUTHORIZATION.as_str() {
                b"Authorization"
            } else {
                name.as_bytes()
            });
            out.extend_from_slice(b": ");
            out.extend_from_slice(value.as_bytes());
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(b"Content-Length: 0\r\n\r\n");
        Ok(())
    }
}
