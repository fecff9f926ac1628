use keystead_api::operations::{UpdateRotationPolicyRequest, UpdateRotationPolicyResponse};
use keystead_api::{ApiError, ErrorCode, Timestamp};

use crate::call::Call;
use crate::due::Due;
use crate::engine::Engine;

/// `UpdateRotationPolicy`
pub(crate) async fn update_policy(
    _: &Call<'_>,
    _: UpdateRotationPolicyRequest,
) -> Result<UpdateRotationPolicyResponse, ApiError> {
    Err(ErrorCode::UnsupportedOperation.into())
}

/// Carries out what fell due.
pub(crate) async fn carry_out(engine: &Engine, due: &Due, _: Timestamp) -> Result<(), ApiError> {
    engine.drop_due(due).await
}
