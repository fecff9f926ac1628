use std::sync::Arc;

use keystead_api::operations::{
    GetKmsInstanceKmsInstance, GetKmsInstanceKmsInstanceBindVpcs, GetKmsInstanceKmsInstanceBindVpcsItem,
    GetKmsInstanceQuotaInfosKmsInstanceQuotaInfosItem, GetKmsInstanceQuotaInfosRequest,
    GetKmsInstanceQuotaInfosResponse, GetKmsInstanceRequest, GetKmsInstanceResponse,
    ListKmsInstancesKmsInstances, ListKmsInstancesKmsInstancesItem, ListKmsInstancesRequest,
    ListKmsInstancesResponse,
};
use keystead_api::{ApiError, Timestamp};

use crate::call::Call;
use crate::filters::Filters;
use crate::image::{ImageError, Versioned, decode};
use crate::instances::change::VPCS;
use crate::instances::{Live, own};
use crate::paging::Page;
use crate::records::{InstanceRecord, InstanceUseRecord, path};

/// The last day that dates of the vendor's subscriptions show for what does not end.
const NEVER: Timestamp = Timestamp(4_102_415_999);
/// What ListKmsInstances can be filtered by; the reference names nothing.
const FILTERS: &[&str] = &["KmsInstanceId", "KmsInstanceName", "Status"];

/// `GetKmsInstance`
pub(crate) async fn get(
    call: &Call<'_>,
    request: GetKmsInstanceRequest,
) -> Result<GetKmsInstanceResponse, ApiError> {
    call.named("keystore", "KmsInstanceId", &request.kms_instance_id)?;
    let found = own(call, &request.kms_instance_id).await?;
    let instance = &found.value;
    let bind_vpc = instance
        .bind_vpcs
        .iter()
        .map(|vpc| GetKmsInstanceKmsInstanceBindVpcsItem {
            region_id: Some(vpc.region_id.clone()),
            v_switch_id: Some(vpc.vswitch_id.clone()),
            vpc_id: Some(vpc.vpc_id.clone()),
            vpc_owner_id: Some(vpc.vpc_owner_id.clone()),
        })
        .collect();
    let kms_instance = GetKmsInstanceKmsInstance {
        bind_vpcs: Some(GetKmsInstanceKmsInstanceBindVpcs { bind_vpc }),
        ca_certificate_chain_pem: Some(instance.ca_certificate_pem.clone()),
        charge_type: Some("POSTPAY".into()),
        create_time: Some(instance.created.to_string()),
        deletion_protection: Some(instance.deletion_protection),
        deletion_protection_description: Some(instance.deletion_protection_description.clone()),
        end_date: Some(NEVER.to_string()),
        instance_id: Some(instance.instance_id.as_str().to_owned()),
        instance_name: Some(instance.name.clone()),
        key_num: Some(instance.key_quota.into()),
        log: Some(0),
        log_storage: Some(0),
        // A software instance that is paid by use; of the two regions of the vendor's business, the one that all but few
        // tools are written for.
        product_type: Some("kms_ppi_public_cn".to_owned()),
        product_version: Some("3".to_owned()),
        sale_status: Some("Normal".to_owned()),
        secret_num: Some(instance.secret_quota.to_string()),
        spec: Some(instance.spec.into()),
        start_date: Some(instance.created.to_string()),
        status: Some(instance.status.as_str().into()),
        vpc_id: Some(instance.vpc_id.clone()),
        vpc_num: Some(VPCS),
        vswitch_ids: instance.vswitch_ids.clone(),
        zone_ids: instance.zone_ids.clone(),
    };
    Ok(GetKmsInstanceResponse { kms_instance: Some(kms_instance), ..GetKmsInstanceResponse::default() })
}

/// `ListKmsInstances`: in the order of their ids.
pub(crate) async fn list(
    call: &Call<'_>,
    request: ListKmsInstancesRequest,
) -> Result<ListKmsInstancesResponse, ApiError> {
    call.anything()?;
    let page = Page::new(request.page_number, request.page_size, 20)?;
    let filters = Filters::parse(request.filters.as_deref(), FILTERS)?;
    let matches = |instance: &InstanceRecord| {
        filters.all(|name, value| match name {
            "KmsInstanceId" => *instance.instance_id == *value,
            "KmsInstanceName" => instance.name == value,
            "Status" => instance.status.as_str() == value,
            _ => false,
        })
    };
    let mut found = of_account(call).await?;
    found.retain(|instance| matches(&instance.value));
    let (positions, total) = (page.positions(), i64::try_from(found.len()).unwrap_or(i64::MAX));
    let item = |instance: &InstanceRecord| ListKmsInstancesKmsInstancesItem {
        kms_instance_arn: Some(call.arn(call.account(), &format!("keystore/{}", instance.instance_id))),
        kms_instance_id: Some(instance.instance_id.as_str().to_owned()),
    };
    let on_page = (0u64..).zip(&found).filter(|(position, _)| positions.contains(position));
    let kms_instance = on_page.map(|(_, instance)| item(&instance.value)).collect();
    Ok(ListKmsInstancesResponse {
        kms_instances: Some(ListKmsInstancesKmsInstances { kms_instance }),
        page_number: Some(page.number),
        page_size: Some(page.size),
        total_count: Some(total),
        ..ListKmsInstancesResponse::default()
    })
}

/// The instances of the caller's account, in the order of their ids.
async fn of_account(call: &Call<'_>) -> Result<Vec<Arc<Versioned<InstanceRecord>>>, ApiError> {
    let mut instances = Vec::new();
    for id in Live::of(call).await?.into_ids() {
        instances.extend(call.engine.instance(&id).await?);
    }
    Ok(instances)
}

/// `GetKmsInstanceQuotaInfos`: of one instance, or of all of the account's together.
pub(crate) async fn quotas(
    call: &Call<'_>,
    request: GetKmsInstanceQuotaInfosRequest,
) -> Result<GetKmsInstanceQuotaInfosResponse, ApiError> {
    call.anything()?;
    const KINDS: [&str; 4] = ["key", "secret", "qps", "vpc"];
    let kind = request.resource_type.filter(|kind| !kind.is_empty());
    if kind.as_deref().is_some_and(|kind| !KINDS.contains(&kind)) {
        return Err(ApiError::invalid_parameter("ResourceType"));
    }
    let one = request.kms_instance_id.filter(|id| !id.is_empty());
    let instances = match &one {
        Some(id) => vec![own(call, id).await?],
        None => of_account(call).await?,
    };
    let mut sums = [(0i64, 0i64); 4];
    for instance in &instances {
        let instance = &instance.value;
        let at = path::instance_use(&instance.instance_id);
        let held = call.engine.store.get(&at).await.map_err(ImageError::from)?;
        let held = held.as_ref().map(decode::<InstanceUseRecord>).transpose()?;
        let held = held.map(|held| held.value).unwrap_or_default();
        let vpcs = instance.bind_vpcs.len() + usize::from(!instance.vpc_id.is_empty());
        let of_one = [
            (instance.key_quota.into(), held.keys.into()),
            (instance.secret_quota.into(), held.secrets.into()),
            (instance.spec.into(), 0),
            (VPCS, i64::try_from(vpcs).unwrap_or(i64::MAX)),
        ];
        for (sum, (quota, used)) in sums.iter_mut().zip(of_one) {
            *sum = (sum.0 + quota, sum.1 + used);
        }
    }
    let infos = KINDS
        .into_iter()
        .zip(sums)
        .filter(|(name, _)| kind.as_deref().is_none_or(|kind| kind == *name))
        .map(|(name, (quota, used))| GetKmsInstanceQuotaInfosKmsInstanceQuotaInfosItem {
            resource_quota: Some(quota),
            resource_type: Some(name.into()),
            used_quantity: Some(used),
        })
        .collect();
    Ok(GetKmsInstanceQuotaInfosResponse {
        kms_instance_id: one,
        kms_instance_quota_infos: infos,
        ..GetKmsInstanceQuotaInfosResponse::default()
    })
}
