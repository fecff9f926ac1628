use keystead_api::ApiError;
use keystead_api::operations::{
    DescribeKeyMetadata, DescribeKeyRequest, DescribeKeyResponse, DescribeRegionsRegions,
    DescribeRegionsRegionsItem, DescribeRegionsRequest, DescribeRegionsResponse,
};

use crate::call::Call;
use crate::keys::key_metadata;

/// `DescribeKey`
pub(crate) async fn describe(
    call: &Call<'_>,
    request: DescribeKeyRequest,
) -> Result<DescribeKeyResponse, ApiError> {
    let key = call.key("KeyId", &request.key_id).await?;
    let key = &key.value;
    let protection = if key.deletion_protection { "Enabled" } else { "Disabled" };
    let description = &key.deletion_protection_description;
    let key_metadata = key_metadata!(
        DescribeKeyMetadata,
        call,
        key,
        deletion_protection: protection.into(),
        deletion_protection_description: (!description.is_empty()).then(|| description.clone())
    );
    Ok(DescribeKeyResponse { key_metadata, ..DescribeKeyResponse::default() })
}

/// `DescribeRegions`: the one region that this service stands for.
pub(crate) async fn regions(
    call: &Call<'_>,
    _: DescribeRegionsRequest,
) -> Result<DescribeRegionsResponse, ApiError> {
    let region = vec![DescribeRegionsRegionsItem { region_id: call.engine.region().to_owned() }];
    Ok(DescribeRegionsResponse {
        regions: DescribeRegionsRegions { region },
        ..DescribeRegionsResponse::default()
    })
}
