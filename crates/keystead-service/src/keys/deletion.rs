use keystead_api::operations::{
    CancelKeyDeletionRequest, CancelKeyDeletionResponse, ScheduleKeyDeletionRequest,
    ScheduleKeyDeletionResponse, SetDeletionProtectionRequest, SetDeletionProtectionResponse,
};
use keystead_api::{ApiError, ErrorCode, Timestamp};

use crate::call::Call;
use crate::due::Due;
use crate::engine::Engine;

/// `ScheduleKeyDeletion`
pub(crate) async fn schedule(
    _: &Call<'_>,
    _: ScheduleKeyDeletionRequest,
) -> Result<ScheduleKeyDeletionResponse, ApiError> {
    Err(ErrorCode::UnsupportedOperation.into())
}

/// `CancelKeyDeletion`
pub(crate) async fn cancel(
    _: &Call<'_>,
    _: CancelKeyDeletionRequest,
) -> Result<CancelKeyDeletionResponse, ApiError> {
    Err(ErrorCode::UnsupportedOperation.into())
}

/// `SetDeletionProtection`
pub(crate) async fn set_protection(
    _: &Call<'_>,
    _: SetDeletionProtectionRequest,
) -> Result<SetDeletionProtectionResponse, ApiError> {
    Err(ErrorCode::UnsupportedOperation.into())
}

/// Carries out what fell due.
pub(crate) async fn carry_out(engine: &Engine, due: &Due, _: Timestamp) -> Result<(), ApiError> {
    engine.drop_due(due).await
}
