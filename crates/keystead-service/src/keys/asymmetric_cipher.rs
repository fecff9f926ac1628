use keystead_api::operations::{
    AsymmetricDecryptRequest, AsymmetricDecryptResponse, AsymmetricEncryptRequest, AsymmetricEncryptResponse,
};
use keystead_api::{ApiError, ErrorCode};

use crate::call::Call;

/// `AsymmetricEncrypt`
pub(crate) async fn encrypt(
    _: &Call<'_>,
    _: AsymmetricEncryptRequest,
) -> Result<AsymmetricEncryptResponse, ApiError> {
    Err(ErrorCode::UnsupportedOperation.into())
}

/// `AsymmetricDecrypt`
pub(crate) async fn decrypt(
    _: &Call<'_>,
    _: AsymmetricDecryptRequest,
) -> Result<AsymmetricDecryptResponse, ApiError> {
    Err(ErrorCode::UnsupportedOperation.into())
}
