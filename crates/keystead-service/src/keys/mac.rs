use keystead_api::operations::{
    GenerateMacRequest, GenerateMacResponse, VerifyMacRequest, VerifyMacResponse,
};
use keystead_api::{ApiError, ErrorCode};

use crate::call::Call;

/// `GenerateMac`
pub(crate) async fn generate(_: &Call<'_>, _: GenerateMacRequest) -> Result<GenerateMacResponse, ApiError> {
    Err(ErrorCode::UnsupportedOperation.into())
}

/// `VerifyMac`
pub(crate) async fn verify(_: &Call<'_>, _: VerifyMacRequest) -> Result<VerifyMacResponse, ApiError> {
    Err(ErrorCode::UnsupportedOperation.into())
}
