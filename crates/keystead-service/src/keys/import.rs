use keystead_api::operations::{
    DeleteKeyMaterialRequest, DeleteKeyMaterialResponse, GetParametersForImportRequest,
    GetParametersForImportResponse, ImportKeyMaterialRequest, ImportKeyMaterialResponse,
};
use keystead_api::{ApiError, ErrorCode, Timestamp};

use crate::call::Call;
use crate::due::Due;
use crate::engine::Engine;

/// `GetParametersForImport`
pub(crate) async fn parameters(
    _: &Call<'_>,
    _: GetParametersForImportRequest,
) -> Result<GetParametersForImportResponse, ApiError> {
    Err(ErrorCode::UnsupportedOperation.into())
}

/// `ImportKeyMaterial`
pub(crate) async fn import(
    _: &Call<'_>,
    _: ImportKeyMaterialRequest,
) -> Result<ImportKeyMaterialResponse, ApiError> {
    Err(ErrorCode::UnsupportedOperation.into())
}

/// `DeleteKeyMaterial`
pub(crate) async fn delete(
    _: &Call<'_>,
    _: DeleteKeyMaterialRequest,
) -> Result<DeleteKeyMaterialResponse, ApiError> {
    Err(ErrorCode::UnsupportedOperation.into())
}

/// Carries out what fell due.
pub(crate) async fn expire(engine: &Engine, due: &Due, _: Timestamp) -> Result<(), ApiError> {
    engine.drop_due(due).await
}
