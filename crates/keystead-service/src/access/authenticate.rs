//! Verifying a request's signature, date and nonce.

use std::sync::Arc;

use keystead_api::{ApiError, ErrorCode, Product};
use keystead_auth::{Algorithm, AuthError, Claim, RequestView, VerifyOptions};

use crate::access::replay::Refused;
use crate::access::{Caller, Principal};
use crate::engine::Engine;
use crate::ids;
use crate::image::{ImageError, Versioned};
use crate::records::{AccessKeyRecord, UserRecord, path};
use crate::vault::{SigningHandle, VaultError};

/// Why a request's authentication failed.
#[derive(Debug)]
pub enum AuthFailure {
    /// The signature or something about it.
    Signature(AuthError),
    /// Everything else, as the caller sees it.
    Refused(ApiError),
}

impl From<AuthError> for AuthFailure {
    fn from(error: AuthError) -> Self {
        Self::Signature(error)
    }
}

impl From<ErrorCode> for AuthFailure {
    fn from(code: ErrorCode) -> Self {
        Self::Refused(code.into())
    }
}

impl From<ImageError> for AuthFailure {
    fn from(error: ImageError) -> Self {
        Self::Refused(error.into())
    }
}

impl From<VaultError> for AuthFailure {
    fn from(error: VaultError) -> Self {
        Self::Refused(error.into())
    }
}

impl Engine {
    /// Verifies a request: method, AccessKey (of a session: its token) or client key, signature, date, nonce, in this order.
    ///
    /// The nonce comes last: it is remembered only for a request whose signature was good, so that nobody can fill the
    /// memory, or burn somebody else's nonce, without a key.
    ///
    /// # Errors
    /// What the caller is to see.
    pub async fn authenticate(
        &self,
        claim: &Claim<'_>,
        view: &RequestView<'_>,
    ) -> Result<Caller, AuthFailure> {
        match claim.algorithm() {
            Algorithm::AcsHmacSha256
            | Algorithm::AcsHmacSm3
            | Algorithm::HmacSha1
            | Algorithm::Sha256WithRsa => {}
            _ => return Err(ErrorCode::InvalidSignatureMethod.into()),
        }
        self.image.fresh().await?;
        let options = VerifyOptions {
            // An official credentials library signs its own calls of STS so.
            lenient_spaces: Product::of_version(claim.version()) == Some(Product::Sts),
        };
        let (caller, key) =
            match (claim.access_key_id().starts_with(ids::SESSION_KEY), claim.security_token()) {
                // The algorithm alone says that it is a client key: neither kind of key is looked for among the other.
                _ if claim.algorithm() == Algorithm::Sha256WithRsa => {
                    (self.holder_of_client_key(claim, view).await?, None)
                }
                (true, None) => return Err(ErrorCode::MissingSecurityToken.into()),
                (false, None) => {
                    let (caller, key) = self.holder_of_key(claim, view, options).await?;
                    (caller, Some(key))
                }
                (_, Some(token)) => (self.holder_of_token(claim, view, options, token).await?, None),
            };
        let now = self.clock.now();
        match self.nonces.record(claim.access_key_id(), claim.nonce(), claim.unix_seconds(), now.0) {
            Ok(()) => {
                if let Some(key) = key {
                    key.used(now, Product::of_version(claim.version()).unwrap_or(Product::Kms));
                }
                Ok(Caller::new(caller))
            }
            Err(Refused::Expired) => Err(ErrorCode::InvalidTimeStampExpired.into()),
            Err(Refused::Replayed) => Err(ErrorCode::SignatureNonceUsed.into()),
        }
    }

    async fn holder_of_key(
        &self,
        claim: &Claim<'_>,
        view: &RequestView<'_>,
        options: VerifyOptions,
    ) -> Result<(Principal, SigningHandle), AuthFailure> {
        let access_key = self
            .image
            .get::<AccessKeyRecord>(&path::access_key(claim.access_key_id()))
            .await?
            .ok_or(ErrorCode::InvalidAccessKeyIdNotFound)?;
        let key = self.vault.signing_key(&self.image, &access_key.value, access_key.revision).await?;
        claim.verify_with(view, &key, options)?;
        // Only the key's owner learns that it is disabled.
        if !access_key.value.active {
            return Err(ErrorCode::InvalidAccessKeyIdInactive.into());
        }
        Ok((self.owner_of(access_key).await?, key))
    }

    async fn holder_of_token(
        &self,
        claim: &Claim<'_>,
        view: &RequestView<'_>,
        options: VerifyOptions,
        token: &str,
    ) -> Result<Principal, AuthFailure> {
        let session = self.open_session(token).await?;
        if session.access_key_id() != claim.access_key_id() {
            return Err(ErrorCode::InvalidSecurityTokenMismatchWithAccessKey.into());
        }
        claim.verify_with(view, session.key(), options)?;
        // Only who holds the session's secret learns what became of it.
        self.session_principal(&session).await
    }

    /// Whom an AccessKey belongs to.
    async fn owner_of(&self, key: Arc<Versioned<AccessKeyRecord>>) -> Result<Principal, AuthFailure> {
        let Some(owner) = &key.value.owner else { return Ok(Principal::Root(key)) };
        let user = self
            .image
            .get::<UserRecord>(&path::user(&key.value.account, &owner.name))
            .await?
            .filter(|user| user.value.user_id == owner.user_id)
            .ok_or(ErrorCode::InvalidAccessKeyIdNotFound)?;
        Ok(Principal::User { key, user })
    }
}
