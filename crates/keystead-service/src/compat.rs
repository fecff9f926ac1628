//! How closely the service keeps to the vendor's refusals (`[compat] strict`, decision 18).

use keystead_api::{ApiError, ErrorCode};
use keystead_crypto::WrappingAlgorithm;

use crate::keys::create::ORIGIN_EXTERNAL;
use crate::records::{KeyKind, KeyRecord, KeySpec};

/// What is refused beyond what has to be. Nothing by default: keys and secrets outside instances can do what those in
/// instances can.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compat {
    /// Whether everything is refused that the vendor's own service refuses for keys and secrets outside instances.
    pub strict: bool,
}

/// The one interval of automatic rotation of keys outside instances, and the longest of those in software instances, in
/// seconds: 365 days (KMS documentation, default keys and software-protected keys).
const ROTATION: i64 = 365 * 86_400;

/// Where a key or secret is, as far as refusals go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Whether it is in an instance; those are software instances.
    pub(crate) instance: bool,
    /// Whether its protection level is HSM.
    pub(crate) hsm: bool,
}

impl Place {
    /// Where a key is.
    pub(crate) fn of(key: &KeyRecord) -> Self {
        Self { instance: key.instance.is_some(), hsm: key.protection_level == "HSM" }
    }
}

impl Compat {
    /// Lets a key have this spec.
    ///
    /// # Errors
    /// 400 `UnsupportedOperation`.
    pub(crate) fn check_spec(self, spec: KeySpec, place: Place) -> Result<(), ApiError> {
        let offered = match (spec, spec.kind()) {
            (
                KeySpec::Aes256 | KeySpec::Rsa2048 | KeySpec::Rsa3072 | KeySpec::EcP256 | KeySpec::EcP256k,
                _,
            ) => true,
            (KeySpec::Rsa4096, _) | (_, KeyKind::Mac(_)) => place.instance,
            (KeySpec::Sm4 | KeySpec::EcSm2, _) => place.hsm && !place.instance,
            _ => false,
        };
        if self.strict && !offered { Err(ErrorCode::UnsupportedOperation.into()) } else { Ok(()) }
    }

    /// Lets a key be rotated this often, in seconds; none is no rotation.
    ///
    /// # Errors
    /// 400 `InvalidParameter`.
    pub(crate) fn check_rotation(self, interval: Option<i64>, place: Place) -> Result<(), ApiError> {
        let offered = |seconds| if place.instance { seconds <= ROTATION } else { seconds == ROTATION };
        match interval {
            Some(seconds) if self.strict && !offered(seconds) => {
                Err(ApiError::invalid_parameter("RotationInterval"))
            }
            _ => Ok(()),
        }
    }

    /// Lets a key get a further version, if the others of its kind do: in an instance only symmetric keys.
    ///
    /// # Errors
    /// 400 `Rejected.UnsupportedOperation`.
    pub(crate) fn check_version(self, key: &KeyRecord) -> Result<(), ApiError> {
        match key.spec.kind() {
            KeyKind::Pair(_) if self.strict && key.instance.is_some() => {
                Err(ErrorCode::RejectedUnsupportedOperation.into())
            }
            _ => Ok(()),
        }
    }

    /// Lets a key encrypt in another mode than GCM: of keys in software instances only those whose material was imported.
    ///
    /// # Errors
    /// 400 `InvalidParameter`.
    pub(crate) fn check_bare_mode(self, key: &KeyRecord) -> Result<(), ApiError> {
        if self.strict && key.origin != ORIGIN_EXTERNAL {
            Err(ApiError::invalid_parameter("Algorithm"))
        } else {
            Ok(())
        }
    }

    /// Lets a key or secret have a policy, in an instance or outside.
    ///
    /// # Errors
    /// 400 `Forbidden.KeyPolicyUnSupported`.
    pub(crate) fn check_policy(self, in_instance: bool) -> Result<(), ApiError> {
        if self.strict && !in_instance {
            Err(ErrorCode::ForbiddenKeyPolicyUnSupported.into())
        } else {
            Ok(())
        }
    }

    /// Lets material of a key be wrapped so.
    ///
    /// # Errors
    /// 400 `InvalidParameter`.
    pub(crate) fn check_wrapping(self, algorithm: WrappingAlgorithm, place: Place) -> Result<(), ApiError> {
        let refused = match algorithm {
            WrappingAlgorithm::Sm2Pke if place.instance || !place.hsm => "WrappingKeySpec",
            WrappingAlgorithm::RsaesOaepSha1 if place.instance => "WrappingAlgorithm",
            _ => return Ok(()),
        };
        if self.strict { Err(ApiError::invalid_parameter(refused)) } else { Ok(()) }
    }
}
