//! Applications: who they are by their client keys, and what the policies of their access point allow them.
//!
//! Everything is read from the image for each request, so that deletion, expiry and a changed policy act on the next one. The
//! only thing kept ready is the public key, under the revision of its record.

use std::sync::Arc;

use keystead_api::{ApiError, ErrorCode, OperationId};
use keystead_auth::{Claim, RequestView, instance};
use keystead_store::Revision;

use super::authenticate::AuthFailure;
use super::{Caller, Principal};
use crate::engine::Engine;
use crate::image::{Image, ImageError, Versioned};
use crate::origin::{Gateway, Origin};
use crate::records::{
    AccessPointRecord, AccessPolicyRecord, ClientKeyRecord, NetworkRuleRecord, Stored, Template, path,
};
use crate::vault::ClientKeyHandle;

/// How often an access point is read when others change access points meanwhile; each time somebody succeeded.
const MAX_TRIES: usize = 64;

/// Who holds a client key: its access point as it stands now, with all that its policies allow.
pub struct ClientKeyHolder {
    /// The key that signed.
    pub key: Arc<Versioned<ClientKeyRecord>>,
    /// Its access point.
    pub point: Arc<Versioned<AccessPointRecord>>,
    grants: Vec<Grant>,
}

/// A policy, and the network rules that it names.
struct Grant {
    policy: Arc<Versioned<AccessPolicyRecord>>,
    rules: Vec<Arc<Versioned<NetworkRuleRecord>>>,
}

impl ClientKeyHolder {
    /// Whether one of the policies allows an action on a resource, by kind and id, to a request that comes from there.
    pub(crate) fn allows(&self, action: &str, (kind, id): (&str, Option<&str>), origin: &Origin<'_>) -> bool {
        let Some(template) = Template::of_action(action) else { return false };
        self.grants.iter().any(|grant| grant.allows(template, (kind, id), origin))
    }
}

impl Grant {
    fn allows(&self, template: Template, (kind, id): (&str, Option<&str>), origin: &Origin<'_>) -> bool {
        let policy = &self.policy.value;
        let here = match origin.gateway {
            // There, applications read secrets and do nothing else.
            Gateway::Shared => policy.is_shared() && template == Template::SecretUser,
            Gateway::Dedicated(instance) => policy.scope == instance,
        };
        let from_here = || {
            policy.network_rules.is_empty()
                || self.rules.iter().any(|rule| rule.value.contains(origin.source))
        };
        here && policy.has(template) && policy.covers(template, kind, id) && from_here()
    }
}

impl Caller {
    /// Refuses an application what it may not even ask for: by the OpenAPI it reads secrets through the shared gateway, and
    /// everything else is done by the instance API.
    pub(crate) fn may_call(&self, operation: OperationId, gateway: Gateway<'_>) -> Result<(), ApiError> {
        match (self.principal(), operation, gateway) {
            (Principal::ClientKey(_), OperationId::GetSecretValue, Gateway::Shared) => Ok(()),
            (Principal::ClientKey(_), ..) => Err(ErrorCode::ForbiddenNoPermission.into()),
            _ => Ok(()),
        }
    }
}

/// Why the authentication by a client key failed.
#[derive(Debug)]
pub enum ClientKeyFailure {
    /// There is no such client key.
    Unknown,
    /// Now is not within its validity.
    Expired,
    /// The signature was not made with it.
    Signature,
    /// Everything else, as the caller sees it.
    Refused(ApiError),
}

impl From<ImageError> for ClientKeyFailure {
    fn from(error: ImageError) -> Self {
        Self::Refused(error.into())
    }
}

impl From<ApiError> for ClientKeyFailure {
    fn from(error: ApiError) -> Self {
        Self::Refused(error)
    }
}

impl Engine {
    /// Verifies a text that a client key signed: the key is there, the signature is its own, and now is within its validity, in
    /// this order, so that nobody without the key learns of its validity. Dates of requests are their protocol's concern.
    ///
    /// # Errors
    /// What is wrong.
    pub async fn authenticate_client_key(
        &self,
        client_key_id: &str,
        text: &str,
        signature: &[u8],
    ) -> Result<Caller, ClientKeyFailure> {
        self.image.fresh().await?;
        let (record, key) = self.client_key(client_key_id).await?.ok_or(ClientKeyFailure::Unknown)?;
        // A kind of key that cannot verify is none that this service made.
        if !instance::verify(text, signature, &key).unwrap_or(false) {
            return Err(ClientKeyFailure::Signature);
        }
        Ok(Caller::new(self.holder(record).await?))
    }

    /// The same for a request of the OpenAPI.
    pub(super) async fn holder_of_client_key(
        &self,
        claim: &Claim<'_>,
        view: &RequestView<'_>,
    ) -> Result<Principal, AuthFailure> {
        if claim.security_token().is_some() {
            return Err(ErrorCode::InvalidSecurityTokenMismatchWithAccessKey.into());
        }
        let found = self.client_key(claim.access_key_id()).await.map_err(AuthFailure::Refused)?;
        let (record, key) = found.ok_or(ErrorCode::InvalidAccessKeyIdNotFound)?;
        claim.verify(view, &key)?;
        self.holder(record).await.map_err(|failure| {
            AuthFailure::Refused(match failure {
                ClientKeyFailure::Unknown => ErrorCode::InvalidAccessKeyIdNotFound.into(),
                ClientKeyFailure::Expired => ErrorCode::InvalidAccessKeyIdInactive.into(),
                ClientKeyFailure::Signature => ErrorCode::SignatureDoesNotMatch.into(),
                ClientKeyFailure::Refused(error) => error,
            })
        })
    }

    async fn client_key(
        &self,
        id: &str,
    ) -> Result<Option<(Arc<Versioned<ClientKeyRecord>>, ClientKeyHandle)>, ApiError> {
        let record = self.image.get::<ClientKeyRecord>(&path::client_key(id)).await?;
        // The record must be of the key that was asked for.
        let Some(record) = record.filter(|record| record.value.client_key_id == id) else { return Ok(None) };
        let key = self.vault.client_key(&record.value, record.revision)?;
        Ok(Some((record, key)))
    }

    /// Whose key it is, when now is within its validity.
    async fn holder(&self, key: Arc<Versioned<ClientKeyRecord>>) -> Result<Principal, ClientKeyFailure> {
        let (now, record) = (self.clock.now(), &key.value);
        if now < record.not_before || now > record.not_after {
            return Err(ClientKeyFailure::Expired);
        }
        let found = read(&self.image, record).await?.ok_or(ClientKeyFailure::Unknown)?;
        let (point, grants) = found;
        Ok(Principal::ClientKey(Box::new(ClientKeyHolder { key, point, grants })))
    }
}

type Granted = (Arc<Versioned<AccessPointRecord>>, Vec<Grant>);

/// A key's access point and what its policies allow, all as they stood at one moment; none when it is gone. What was read counts
/// only when the image has applied all of it and no access point, policy or rule changed meanwhile: else an access point as it
/// was could meet a policy as it became for another one.
async fn read(image: &Image, key: &ClientKeyRecord) -> Result<Option<Granted>, ApiError> {
    for _ in 0..MAX_TRIES {
        let epoch = image.access_epoch();
        let mut reading = Reading { image, newest: 0 };
        let read = reading.point(key).await;
        if read.is_err() {
            // What was missing may have been removed by a change that the image has not applied yet.
            image.fresh().await?;
        }
        image.reached(reading.newest).await?;
        if image.access_epoch() == epoch {
            return read;
        }
    }
    Err(ImageError::Stale.into())
}

struct Reading<'a> {
    image: &'a Image,
    /// The revision of the newest record that was read.
    newest: Revision,
}

impl Reading<'_> {
    async fn get<T: Stored>(&mut self, at: &str) -> Result<Option<Arc<Versioned<T>>>, ApiError> {
        let record = self.image.get::<T>(at).await?;
        self.newest = self.newest.max(record.as_ref().map_or(0, |record| record.revision));
        Ok(record)
    }

    async fn point(&mut self, key: &ClientKeyRecord) -> Result<Option<Granted>, ApiError> {
        let account = &*key.account;
        let point = self.get::<AccessPointRecord>(&path::access_point(account, &key.access_point)).await?;
        // One that was made anew under the old name is another one.
        let Some(point) = point.filter(|point| {
            let point = &point.value;
            point.uid == key.access_point_uid
                && *point.account == *account
                && point.client_keys.contains(&key.client_key_id)
        }) else {
            return Ok(None);
        };
        let mut grants = Vec::with_capacity(point.value.policies.len());
        for name in &point.value.policies {
            let policy = self.get::<AccessPolicyRecord>(&path::access_policy(account, name)).await?;
            let policy = policy.ok_or_else(|| missing("policy", name))?;
            let mut rules = Vec::with_capacity(policy.value.network_rules.len());
            for name in &policy.value.network_rules {
                let rule = self.get::<NetworkRuleRecord>(&path::network_rule(account, name)).await?;
                rules.push(rule.ok_or_else(|| missing("network rule", name))?);
            }
            grants.push(Grant { policy, rules });
        }
        Ok(Some((point, grants)))
    }
}

fn missing(what: &'static str, name: &str) -> ApiError {
    tracing::error!(what, name, "it is missing though it is named: whoever needs it is refused");
    ErrorCode::InternalFailure.into()
}
