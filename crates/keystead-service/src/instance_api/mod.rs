//! The operations of the instance API: the same keys and secrets as the OpenAPI's, through the same [`Call`], so that the
//! access rules of the definitions hold here too.
//!
//! The plain forms use the first version of a key, the `Advance` forms the one that encrypts now; a request may name another.

mod advance;
mod cipher;
mod data_key;
mod data_key_pair;
mod error;
mod key;
mod keyless;
mod pair;
mod symmetric;

use keystead_api::instance::{self, Guarded, InstanceMessage as _, InstanceOperation, InstanceResponse as _};
use keystead_api::{ApiError, ErrorCode, OperationDef, OperationId, Params};

use crate::access::Caller;
use crate::audit::{Actor, Trail};
use crate::call::Call;
use crate::engine::Engine;
use crate::origin::{Gateway, Origin};
use crate::records::Id;

pub(crate) use data_key_pair::PairsUnderWay;
pub(crate) use key::InitialVersions;

/// What an operation of the instance API answers.
pub struct InstanceAnswer {
    /// The response message. May hold a plaintext or a secret value: whoever sends it wipes it.
    pub body: Vec<u8>,
    /// The version of the key that was used; none where no key was.
    pub key_version_id: Option<String>,
}

/// A request under way.
pub(crate) struct Request<'a> {
    call: &'a Call<'a>,
    /// The key version that its header names.
    version: Option<&'a str>,
}

/// A response and the version of the key that was used for it.
pub(crate) struct Used<R> {
    response: R,
    version: Option<Id>,
}

impl<R> Used<R> {
    fn of(version: Id, response: R) -> Self {
        Self { response, version: Some(version) }
    }

    fn none(response: R) -> Self {
        Self { response, version: None }
    }
}

impl Engine {
    /// Carries out an operation of the instance API for a verified caller. `body` is the request message, `key_version` what
    /// the header `x-kms-migrationkeyversionid` says. The request id goes into the answer, and what is decided and done is noted
    /// on the trail.
    ///
    /// # Errors
    /// What the caller is to see, with the codes and texts of the instance API. Causes inside are logged, not told.
    pub async fn call_instance(
        &self,
        caller: &Caller,
        operation: OperationId,
        body: &[u8],
        key_version: Option<&str>,
        origin: &Origin<'_>,
        trail: &Trail,
    ) -> Result<InstanceAnswer, ApiError> {
        let version = key_version.filter(|version| !version.is_empty());
        handle(Arrived { engine: self, caller, operation, body, version, origin, trail }).await
    }

    /// Lets a call through that comes to the gateway of an instance of the caller's account.
    async fn check_instance(&self, caller: &Caller, origin: &Origin<'_>) -> Result<(), ApiError> {
        let Gateway::Dedicated(id) = origin.gateway else {
            return Err(ErrorCode::UnsupportedOperation.into());
        };
        let instance = self.instance(id).await?.ok_or(ErrorCode::ForbiddenDkmsInstanceNotFound)?;
        if *instance.value.account != *caller.account() {
            return Err(ErrorCode::ForbiddenNoPermission.into());
        }
        if !instance.value.is_connected() {
            return Err(ErrorCode::ForbiddenDkmsInstanceStateInvalid.into());
        }
        Ok(())
    }
}

/// A request that was not looked into yet.
#[derive(Clone, Copy)]
struct Arrived<'a> {
    engine: &'a Engine,
    caller: &'a Caller,
    operation: OperationId,
    body: &'a [u8],
    version: Option<&'a str>,
    origin: &'a Origin<'a>,
    trail: &'a Trail,
}

impl<'a> Arrived<'a> {
    /// Reads the message, and notes on the trail who asks for what.
    fn read<O: InstanceOperation>(self) -> Result<Guarded<O::Request>, ApiError> {
        let read = O::Request::read(self.body);
        let actor = Actor::from(self.caller);
        match &read {
            Ok(message) => self.trail.called(&actor, O::DEF, Params::new(&message.shown())),
            Err(_) => self.trail.called(&actor, O::DEF, Params::new(&[])),
        }
        read.map_err(|_| ErrorCode::InvalidParameter.into())
    }

    async fn begin(self, def: &'static OperationDef) -> Result<Call<'a>, ApiError> {
        self.engine.image.fresh().await?;
        self.engine.check_instance(self.caller, self.origin).await?;
        let rights = self.engine.identity_policies(self.caller).await?;
        let now = self.engine.clock.now();
        Ok(Call::new(self.engine, self.caller, def, self.origin, self.trail, now, rights))
    }
}

macro_rules! built {
    ($($name:ident as $id:ident => $handler:path,)*) => {
        async fn handle(arrived: Arrived<'_>) -> Result<InstanceAnswer, ApiError> {
            match arrived.operation {
                // Each in memory of its own, for the reason that the OpenAPI's table has.
                $(OperationId::$id => Box::pin(async move {
                    type Op = instance::operations::$name;
                    let mut message = arrived.read::<Op>()?;
                    let call = arrived.begin(Op::DEF).await;
                    let result = async {
                        let call = call?;
                        check_there::<Op>(&message)?;
                        let request = Request { call: &call, version: arrived.version };
                        let Used { response, version } = $handler(&request, &mut message).await?;
                        let mut response = Guarded::new(response);
                        if !call.all_checked() {
                            // A handler forgot a check. Nothing of its answer goes out.
                            tracing::error!(operation = Op::DEF.name, "an access rule was not checked");
                            return Err(ErrorCode::InternalFailure.into());
                        }
                        response.set_request_id(arrived.trail.request_id());
                        let key_version_id = version.map(|version| version.as_str().to_owned());
                        Ok(InstanceAnswer { body: response.write(), key_version_id })
                    }
                    .await;
                    result.map_err(|error| error::shown(error, &message.shown(), arrived.origin))
                }).await,)*
                _ => Err(ErrorCode::UnsupportedOperation.into()),
            }
        }

        #[cfg(test)]
        const BUILT: &[OperationId] = &[$(OperationId::$id),*];
    };
}

built! {
    AdvanceDecrypt as InstanceAdvanceDecrypt => advance::decrypt,
    AdvanceEncrypt as InstanceAdvanceEncrypt => advance::encrypt,
    AdvanceGenerateDataKey as InstanceAdvanceGenerateDataKey => data_key::advance,
    AdvanceGenerateDataKeyPair as InstanceAdvanceGenerateDataKeyPair => data_key_pair::advance,
    AdvanceGenerateDataKeyPairWithoutPlaintext as InstanceAdvanceGenerateDataKeyPairWithoutPlaintext
        => data_key_pair::advance_without_plaintext,
    Decrypt as InstanceDecrypt => cipher::decrypt,
    Encrypt as InstanceEncrypt => cipher::encrypt,
    GenerateDataKey as InstanceGenerateDataKey => data_key::plain,
    GenerateDataKeyPair as InstanceGenerateDataKeyPair => data_key_pair::plain,
    GenerateDataKeyPairWithoutPlaintext as InstanceGenerateDataKeyPairWithoutPlaintext
        => data_key_pair::plain_without_plaintext,
    GenerateRandom as InstanceGenerateRandom => keyless::random,
    GetPublicKey as InstanceGetPublicKey => pair::public_key,
    GetSecretValue as InstanceGetSecretValue => keyless::secret_value,
    Hash as InstanceHash => keyless::hash,
    Hmac as InstanceHmac => pair::hmac,
    KmsDecrypt as InstanceKmsDecrypt => advance::kms_decrypt,
    KmsEncrypt as InstanceKmsEncrypt => advance::kms_encrypt,
    Sign as InstanceSign => pair::sign,
    Verify as InstanceVerify => pair::verify,
}

/// Refuses a message without something that the operation needs. Nothing of it says whether there is such a key.
fn check_there<O: InstanceOperation>(message: &O::Request) -> Result<(), ApiError> {
    let there = |name| {
        // Clients of another age send a digest in a field of its own.
        message.has(name) || (name == "Message" && message.has("Digest"))
    };
    match O::DEF.parameters.iter().find(|parameter| parameter.required && !there(parameter.name)) {
        None => Ok(()),
        Some(parameter) => Err(error::missing(parameter.name)),
    }
}

#[cfg(test)]
mod tests {
    use keystead_api::INSTANCE_OPERATIONS;

    use super::BUILT;

    #[test]
    fn all_are_built() {
        assert_eq!(BUILT, INSTANCE_OPERATIONS.iter().map(|def| def.id).collect::<Vec<_>>());
    }
}
