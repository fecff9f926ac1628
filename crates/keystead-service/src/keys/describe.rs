use keystead_api::ApiError;
use keystead_api::operations::{
    DescribeKeyMetadata, DescribeKeyRequest, DescribeKeyResponse, DescribeRegionsRegions,
    DescribeRegionsRegionsItem, DescribeRegionsRequest, DescribeRegionsResponse,
};

use crate::call::Call;

/// `DescribeKey`
pub(crate) async fn describe(
    call: &Call<'_>,
    request: DescribeKeyRequest,
) -> Result<DescribeKeyResponse, ApiError> {
    let key = call.key("KeyId", &request.key_id).await?;
    let key = &key.value;
    let key_metadata = DescribeKeyMetadata {
        arn: call.arn(&format!("key/{}", key.key_id)),
        automatic_rotation: "Disabled".to_owned(),
        creation_date: key.created.to_string(),
        creator: key.account.clone(),
        deletion_protection: if key.deletion_protection { "Enabled" } else { "Disabled" }.to_owned(),
        description: key.description.clone(),
        key_id: key.key_id.clone(),
        key_spec: key.spec.as_str().to_owned(),
        key_state: key.state.as_str().to_owned(),
        key_usage: key.usage.as_str().to_owned(),
        last_rotation_date: Some(key.last_rotation.to_string()),
        origin: key.origin.clone(),
        primary_key_version: Some(key.primary_version.clone()),
        protection_level: key.protection_level.clone(),
        ..DescribeKeyMetadata::default()
    };
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
