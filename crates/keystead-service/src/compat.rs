//! How closely the service keeps to the vendor's refusals (`[compat] strict`, decision 18).

use keystead_api::{ApiError, ErrorCode};
use keystead_crypto::WrappingAlgorithm;

use crate::records::KeySpec;

/// What is refused beyond what has to be. Nothing by default: keys and secrets outside instances can do what those in
/// instances can.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compat {
    /// Whether everything is refused that the vendor's own service refuses for keys and secrets outside instances.
    pub strict: bool,
}

/// The one interval of automatic rotation of keys outside instances, in seconds: 365 days (KMS documentation, default
/// keys).
const ROTATION: i64 = 365 * 86_400;

impl Compat {
    /// Lets a key outside instances have this spec. `hsm` says that HSM protection was asked for.
    ///
    /// # Errors
    /// 400 `UnsupportedOperation`.
    pub(crate) fn check_spec(self, spec: KeySpec, hsm: bool) -> Result<(), ApiError> {
        let offered = match spec {
            KeySpec::Aes256 | KeySpec::Rsa2048 | KeySpec::Rsa3072 | KeySpec::EcP256 | KeySpec::EcP256k => {
                true
            }
            KeySpec::Sm4 | KeySpec::EcSm2 => hsm,
            _ => false,
        };
        if self.strict && !offered { Err(ErrorCode::UnsupportedOperation.into()) } else { Ok(()) }
    }

    /// Lets a key outside instances be rotated this often, in seconds; none is no rotation.
    ///
    /// # Errors
    /// 400 `InvalidParameter`.
    pub(crate) fn check_rotation(self, interval: Option<i64>) -> Result<(), ApiError> {
        match interval {
            Some(seconds) if self.strict && seconds != ROTATION => {
                Err(ApiError::invalid_parameter("RotationInterval"))
            }
            _ => Ok(()),
        }
    }

    /// Lets a key or secret outside instances have a policy.
    ///
    /// # Errors
    /// 400 `Forbidden.KeyPolicyUnSupported`.
    pub(crate) fn check_policy(self) -> Result<(), ApiError> {
        if self.strict { Err(ErrorCode::ForbiddenKeyPolicyUnSupported.into()) } else { Ok(()) }
    }

    /// Lets material of a key be wrapped so.
    ///
    /// # Errors
    /// 400 `InvalidParameter`.
    pub(crate) fn check_wrapping(self, algorithm: WrappingAlgorithm, hsm: bool) -> Result<(), ApiError> {
        match algorithm {
            WrappingAlgorithm::Sm2Pke if self.strict && !hsm => {
                Err(ApiError::invalid_parameter("WrappingKeySpec"))
            }
            _ => Ok(()),
        }
    }
}
