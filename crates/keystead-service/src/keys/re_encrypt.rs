use keystead_api::operations::{ReEncryptRequest, ReEncryptResponse};
use keystead_api::{ApiError, ErrorCode};

use crate::call::Call;

/// `ReEncrypt`
pub(crate) async fn re_encrypt(_: &Call<'_>, _: ReEncryptRequest) -> Result<ReEncryptResponse, ApiError> {
    Err(ErrorCode::UnsupportedOperation.into())
}
