use keystead_api::operations::{
    DescribeAccountKmsStatusRequest, DescribeAccountKmsStatusResponse, GetDefaultKmsInstanceRequest,
    GetDefaultKmsInstanceResponse, OpenKmsServiceRequest, OpenKmsServiceResponse,
};
use keystead_api::{ApiError, ErrorCode};

use crate::call::Call;

/// `OpenKmsService`: every account has the service from its beginning.
pub(crate) async fn open(
    call: &Call<'_>,
    _: OpenKmsServiceRequest,
) -> Result<OpenKmsServiceResponse, ApiError> {
    call.anything()?;
    Err(ErrorCode::ForbiddenOpened.into())
}

/// `DescribeAccountKmsStatus`
pub(crate) async fn status(
    call: &Call<'_>,
    _: DescribeAccountKmsStatusRequest,
) -> Result<DescribeAccountKmsStatusResponse, ApiError> {
    call.anything()?;
    Ok(DescribeAccountKmsStatusResponse {
        account_status: Some("Enabled".into()),
        ..DescribeAccountKmsStatusResponse::default()
    })
}

/// `GetDefaultKmsInstance`: none. An account has one only after the vendor has moved its keys out of an older service.
pub(crate) async fn default(
    call: &Call<'_>,
    _: GetDefaultKmsInstanceRequest,
) -> Result<GetDefaultKmsInstanceResponse, ApiError> {
    call.anything()?;
    Ok(GetDefaultKmsInstanceResponse {
        default_kms_instance_id: Some(String::new()),
        ..GetDefaultKmsInstanceResponse::default()
    })
}
