use keystead_api::operations::{
    ConnectKmsInstanceRequest, ConnectKmsInstanceResponse, UpdateKmsInstanceBindVpcRequest,
    UpdateKmsInstanceBindVpcResponse,
};
use keystead_api::{ApiError, ErrorCode};
use keystead_store::Batch;
use serde::Deserialize;

use crate::call::Call;
use crate::engine::{CommitError, retrying};
use crate::image::{ImageError, decode};
use crate::keys::create::encode;
use crate::records::{BindVpc, InstanceRecord, InstanceStatus, path};

/// VPCs that an instance can be bound to, its first one among them. Nothing is reached through them here.
pub(super) const VPCS: i64 = 10;
/// Characters in an id of a VPC, a vSwitch, a zone or a region at most.
const MAX_ID: usize = 64;

/// `ConnectKmsInstance`: the instance is usable from now on, if it was not. Where it is connected is kept and shown; requests
/// reach it through the service's own listeners.
pub(crate) async fn connect(
    call: &Call<'_>,
    request: ConnectKmsInstanceRequest,
) -> Result<ConnectKmsInstanceResponse, ApiError> {
    call.named("keystore", "KmsInstanceId", &request.kms_instance_id)?;
    if request.km_provider != "Aliyun" {
        return Err(ApiError::invalid_parameter("KMProvider"));
    }
    check_id("VpcId", &request.vpc_id)?;
    let zone_ids = ids("ZoneIds", &request.zone_ids)?;
    let vswitch_ids = ids("VSwitchIds", &request.v_switch_ids)?;
    update(call, &request.kms_instance_id, |instance| {
        instance.status = InstanceStatus::Connected;
        instance.vpc_id.clone_from(&request.vpc_id);
        instance.zone_ids.clone_from(&zone_ids);
        instance.vswitch_ids.clone_from(&vswitch_ids);
        Ok(())
    })
    .await?;
    Ok(ConnectKmsInstanceResponse::default())
}

/// One entry of `BindVpcs`.
#[derive(Deserialize)]
struct Vpc {
    #[serde(rename = "VpcId")]
    vpc_id: String,
    #[serde(rename = "VSwitchId")]
    vswitch_id: String,
    #[serde(rename = "RegionId")]
    region_id: String,
    /// The caller's account when it is left out. A number, or its text.
    #[serde(rename = "VpcOwnerId", default)]
    vpc_owner_id: serde_json::Value,
}

/// `UpdateKmsInstanceBindVpc`
pub(crate) async fn bind_vpc(
    call: &Call<'_>,
    request: UpdateKmsInstanceBindVpcRequest,
) -> Result<UpdateKmsInstanceBindVpcResponse, ApiError> {
    const PARAM: &str = "BindVpcs";
    call.named("keystore", "KmsInstanceId", &request.kms_instance_id)?;
    let invalid = || ApiError::invalid_parameter(PARAM);
    let sent: Vec<Vpc> = serde_json::from_str(&request.bind_vpcs).map_err(|_| invalid())?;
    let mut vpcs = Vec::with_capacity(sent.len());
    for vpc in sent {
        [&vpc.vpc_id, &vpc.vswitch_id, &vpc.region_id].into_iter().try_for_each(|id| check_id(PARAM, id))?;
        let vpc_owner_id = match vpc.vpc_owner_id {
            serde_json::Value::Null => call.account().to_owned(),
            serde_json::Value::String(id) if id.is_empty() => call.account().to_owned(),
            serde_json::Value::String(id) => id,
            serde_json::Value::Number(id) => id.to_string(),
            _ => return Err(invalid()),
        };
        if vpc_owner_id.len() > MAX_ID || !vpc_owner_id.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(invalid());
        }
        let Vpc { vpc_id, vswitch_id, region_id, .. } = vpc;
        vpcs.push(BindVpc { vpc_id, vswitch_id, region_id, vpc_owner_id });
    }
    // One place is the first VPC's.
    if i64::try_from(vpcs.len()).map_or(true, |len| len >= VPCS) {
        return Err(invalid());
    }
    update(call, &request.kms_instance_id, |instance| {
        if !instance.is_connected() {
            return Err(ErrorCode::ForbiddenDkmsInstanceStateInvalid.into());
        }
        instance.bind_vpcs.clone_from(&vpcs);
        Ok(())
    })
    .await?;
    Ok(UpdateKmsInstanceBindVpcResponse::default())
}

/// Switches an instance's protection from release on or off.
pub(crate) async fn protect(
    call: &Call<'_>,
    instance_id: &str,
    on: bool,
    description: &str,
) -> Result<(), ApiError> {
    update(call, instance_id, |instance| {
        instance.deletion_protection = on;
        description.clone_into(&mut instance.deletion_protection_description);
        Ok(())
    })
    .await
}

/// Changes the record of one of the caller's instances as it stands in the store.
async fn update(
    call: &Call<'_>,
    instance_id: &str,
    change: impl Fn(&mut InstanceRecord) -> Result<(), ApiError>,
) -> Result<(), ApiError> {
    let id = super::own(call, instance_id).await?.value.instance_id;
    retrying!({
        let record = call.engine.store.get(&path::instance(&id)).await;
        let record = record.map_err(|error| ApiError::from(ImageError::from(error)))?;
        let record = record.ok_or(ApiError::new(ErrorCode::ForbiddenDkmsInstanceNotFound))?;
        let mut instance = decode::<InstanceRecord>(&record).map_err(ApiError::from)?.value;
        change(&mut instance)?;
        let changed = encode(&instance)?;
        if changed != record.value {
            let mut batch = Batch::new();
            batch.replace(&record, changed);
            call.commit(batch).await?;
        }
        Ok::<_, CommitError>(())
    })
}

/// One or two ids, separated by a comma.
fn ids(param: &'static str, text: &str) -> Result<Vec<String>, ApiError> {
    let ids: Vec<String> = text.split(',').map(|id| id.trim().to_owned()).collect();
    ids.iter().try_for_each(|id| check_id(param, id))?;
    if ids.len() <= 2 { Ok(ids) } else { Err(ApiError::invalid_parameter(param)) }
}

fn check_id(param: &'static str, id: &str) -> Result<(), ApiError> {
    let valid = (1..=MAX_ID).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if valid { Ok(()) } else { Err(ApiError::invalid_parameter(param)) }
}
