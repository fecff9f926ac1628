use keystead_api::operations::{
    ExportDataKeyRequest, ExportDataKeyResponse, GenerateAndExportDataKeyRequest,
    GenerateAndExportDataKeyResponse,
};
use keystead_api::{ApiError, ErrorCode};

use crate::call::Call;

/// `ExportDataKey`
pub(crate) async fn export(_: &Call<'_>, _: ExportDataKeyRequest) -> Result<ExportDataKeyResponse, ApiError> {
    Err(ErrorCode::UnsupportedOperation.into())
}

/// `GenerateAndExportDataKey`
pub(crate) async fn generate_and_export(
    _: &Call<'_>,
    _: GenerateAndExportDataKeyRequest,
) -> Result<GenerateAndExportDataKeyResponse, ApiError> {
    Err(ErrorCode::UnsupportedOperation.into())
}
