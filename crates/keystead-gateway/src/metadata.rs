//! The metadata endpoint: what a program on an instance of the cloud asks for the keys of the instance's role.

use bytes::Bytes;
use http::{HeaderName, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use keystead_crypto::{KeyMaterial, Purpose, Random, RandomError, SealingKey, SystemRandom};

use crate::machine::{MachineRole, answer, plain, refuse_strangers};
use crate::{Handler, Peer, body};

const TOKEN: &str = "/latest/api/token";
const CREDENTIALS: &str = "/latest/meta-data/ram/security-credentials/";
const TTL: HeaderName = HeaderName::from_static("x-aliyun-ecs-metadata-token-ttl-seconds");
const HELD: HeaderName = HeaderName::from_static("x-aliyun-ecs-metadata-token");
/// Seconds that a token may live.
const TTL_SECONDS: std::ops::RangeInclusive<i64> = 1..=21_600;

/// Answers as `100.100.100.200` does, for one role.
pub struct MetadataGateway {
    role: MachineRole,
    /// Whether a call needs a token, which a page in a browser or a fooled proxy cannot get.
    token_required: bool,
    /// Tokens are their own end, sealed; the key is drawn at the start.
    tokens: SealingKey,
}

impl MetadataGateway {
    /// Gives away sessions of a role.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn new(role: MachineRole, token_required: bool, random: &dyn Random) -> Result<Self, RandomError> {
        let key = KeyMaterial::generate(random, 32)?;
        let tokens = SealingKey::derive(&key, Purpose::MetadataToken, b"");
        Ok(Self { role, token_required, tokens })
    }

    fn issue_token(&self, ttl: Option<&str>) -> Response<Full<Bytes>> {
        let Some(ttl) = ttl.and_then(|text| text.parse().ok()).filter(|ttl| TTL_SECONDS.contains(ttl)) else {
            return plain(StatusCode::BAD_REQUEST, "the token's ttl is 1 to 21600 seconds");
        };
        let end = self.role.now().plus(ttl).0.to_be_bytes();
        let mut sealed = Vec::new();
        match self.tokens.seal(&SystemRandom, b"", &end, &mut sealed) {
            Ok(()) => answer(StatusCode::OK, "text/plain", Bytes::from(hex::encode(sealed))),
            Err(_) => plain(StatusCode::SERVICE_UNAVAILABLE, "no token"),
        }
    }

    fn is_good(&self, token: &[u8]) -> bool {
        let Ok(sealed) = hex::decode(token) else { return false };
        let Ok(end) = self.tokens.open(b"", &sealed) else { return false };
        <[u8; 8]>::try_from(end.as_slice()).is_ok_and(|end| self.role.now().0 < i64::from_be_bytes(end))
    }
}

impl Handler for MetadataGateway {
    async fn handle(&self, request: Request<Incoming>, peer: Peer) -> Response<Full<Bytes>> {
        let (parts, incoming) = request.into_parts();
        body::discard_unless_empty(incoming);
        if let Some(refusal) = refuse_strangers(&parts) {
            return refusal;
        }
        let text = |name| parts.headers.get(name).and_then(|value| value.to_str().ok());
        match (&parts.method, parts.uri.path()) {
            (&Method::PUT, TOKEN) => return self.issue_token(text(TTL)),
            (_, TOKEN) => return plain(StatusCode::METHOD_NOT_ALLOWED, "use PUT"),
            (&Method::GET, _) => {}
            _ => return plain(StatusCode::METHOD_NOT_ALLOWED, "use GET"),
        }
        let held = parts.headers.get(HELD).map(http::HeaderValue::as_bytes);
        let admitted = match held {
            Some(token) => self.is_good(token),
            None => !self.token_required,
        };
        if !admitted {
            return plain(StatusCode::FORBIDDEN, "the token is missing, wrong or over");
        }
        match parts.uri.path().strip_prefix(CREDENTIALS) {
            Some("") => answer(StatusCode::OK, "text/plain", Bytes::from(self.role.name().to_owned())),
            Some(role) if role == self.role.name() => self.role.session(&parts, peer).await,
            _ => plain(StatusCode::NOT_FOUND, "not found"),
        }
    }
}
