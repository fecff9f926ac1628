//! From a session token to the caller behind it.

use std::sync::Arc;

use keystead_api::ErrorCode;
use keystead_auth::policy::{IdentityPolicy, MAX_SESSION_POLICY_CHARS};
use keystead_auth::{SecretKey, SigningKey};
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::token::{SealedToken, SessionClaims};
use crate::access::{Principal, RoleSession, authenticate::AuthFailure};
use crate::engine::Engine;
use crate::keyed_hash::KeyedHash;
use crate::records::{RoleRecord, TokenKeysRecord, path};

/// Memory for opened sessions, in bytes by their own count; a session without a policy takes some 3 kB.
const CACHE_BYTES: u64 = 32 << 20;

/// A token that was opened: what it says, ready to be used.
pub(crate) struct OpenedSession {
    claims: SessionClaims,
    key: SigningKey,
    policy: Option<Arc<IdentityPolicy>>,
}

#[derive(Clone)]
struct Weigh;

impl Weighter<u128, Arc<OpenedSession>> for Weigh {
    /// The prepared key takes over a kilobyte; a policy takes several times its text.
    fn weight(&self, _: &u128, session: &Arc<OpenedSession>) -> u64 {
        let policy = session.claims.policy.as_ref().map_or(0, String::len);
        2_500 + 8 * u64::try_from(policy).unwrap_or(u64::MAX / 16)
    }
}

/// The sessions that were opened, under a keyed hash of their token and of the ring's revision: a token is opened anew
/// when the ring has changed, so one whose key was taken out of the ring is worth nothing at once.
///
/// Only what can never change is kept. The end of the session and the role are looked at on each call.
pub(crate) struct Sessions {
    opened: Cache<u128, Arc<OpenedSession>, Weigh>,
    hasher: KeyedHash,
}

impl Sessions {
    pub(crate) fn new() -> Self {
        Self { opened: Cache::with_weighter(1024, CACHE_BYTES, Weigh), hasher: KeyedHash::new() }
    }
}

impl OpenedSession {
    /// The temporary AccessKey's id.
    pub(crate) fn access_key_id(&self) -> &str {
        &self.claims.access_key_id
    }

    /// Its prepared secret.
    pub(crate) fn key(&self) -> &SigningKey {
        &self.key
    }

    fn new(claims: SessionClaims) -> Option<Self> {
        let policy = match &claims.policy {
            None => None,
            // It was found good when the session was issued. If it is not any more, the session can do nothing.
            Some(text) => Some(Arc::new(IdentityPolicy::parse(text, MAX_SESSION_POLICY_CHARS).ok()?)),
        };
        let key = SigningKey::new(&SecretKey::new(claims.secret.expose().to_owned()));
        Some(Self { claims, key, policy })
    }
}

impl Engine {
    /// Opens a token; whether its session is over is not looked at.
    ///
    /// # Errors
    /// 400 `InvalidSecurityToken.Malformed` for what no key of the ring sealed; `.Expired` when its key has gone since.
    pub(crate) async fn open_session(&self, token: &str) -> Result<Arc<OpenedSession>, AuthFailure> {
        let ring = self
            .image
            .get::<TokenKeysRecord>(path::TOKEN_KEYS)
            .await?
            .ok_or(ErrorCode::InvalidSecurityTokenMalformed)?;
        // The first part has a fixed length, so no two lists give the same bytes.
        let hash = self.sessions.hasher.of(&[&ring.revision.to_be_bytes(), token.as_bytes()]);
        if let Some(session) = self.sessions.opened.get(&hash) {
            return Ok(session);
        }
        let sealed = SealedToken::parse(token).ok_or(ErrorCode::InvalidSecurityTokenMalformed)?;
        let keys = &ring.value.keys;
        let Some(key) = keys.iter().find(|key| key.id == sealed.key_id()) else {
            // Numbers rise. A lower one is of a key that has gone, which it does only after all it sealed is over.
            let gone = keys.first().is_some_and(|oldest| sealed.key_id() < oldest.id);
            return Err(match gone {
                true => ErrorCode::InvalidSecurityTokenExpired.into(),
                false => ErrorCode::InvalidSecurityTokenMalformed.into(),
            });
        };
        let key = self.vault.token_key(key, ring.revision)?;
        let session = sealed
            .open(&key)
            .and_then(OpenedSession::new)
            .map(Arc::new)
            .ok_or(ErrorCode::InvalidSecurityTokenMalformed)?;
        self.sessions.opened.insert(hash, session.clone());
        Ok(session)
    }

    /// Who is behind an opened session, as its role stands now.
    ///
    /// # Errors
    /// 400 `InvalidSecurityToken.Expired` when it is over, or was issued before the role's sessions became void; 404
    /// `InvalidAccessKeyId.NotFound` when its role is gone, also when there is another one of that name.
    pub(crate) async fn session_principal(&self, session: &OpenedSession) -> Result<Principal, AuthFailure> {
        let claims = &session.claims;
        if claims.expires <= self.clock.now() {
            return Err(ErrorCode::InvalidSecurityTokenExpired.into());
        }
        let role = self
            .image
            .get::<RoleRecord>(&path::role(&claims.account, &claims.role))
            .await?
            .filter(|role| role.value.role_id == claims.role_id && role.value.account == claims.account)
            .ok_or(ErrorCode::InvalidAccessKeyIdNotFound)?;
        if role.value.sessions_valid_from.is_some_and(|from| claims.issued < from) {
            return Err(ErrorCode::InvalidSecurityTokenExpired.into());
        }
        Ok(Principal::Session(Box::new(RoleSession {
            access_key_id: claims.access_key_id.clone(),
            role,
            name: claims.name.clone(),
            policy: session.policy.clone(),
            source_identity: claims.source_identity.clone(),
            issued: claims.issued,
            expires: claims.expires,
        })))
    }
}
