use keystead_client::operations::*;
use keystead_client::types::{AccountStatus, InstanceStatus, KmsProvider, QuotaType, VpcBinding};

use super::{World, refused};

pub async fn account(world: &World) {
    let by = &world.shared;
    let status = by.describe_account_kms_status(DescribeAccountKmsStatusRequest::new()).await.unwrap();
    assert_eq!(status.account_status, Some(AccountStatus::ENABLED));
    refused(by.open_kms_service(OpenKmsServiceRequest::new()).await, 400, "Forbidden.Opened");
    refused(by.get_challenge(GetChallengeRequest::new()).await, 400, "UnsupportedOperation");
    let regions = by.describe_regions(DescribeRegionsRequest::new()).await.unwrap().regions.region;
    assert!(regions.iter().any(|region| region.region_id == "cn-hangzhou"), "{regions:?}");
}

pub async fn life(world: &World) {
    let by = &world.shared;
    let id = world.instance.as_str();
    let listed = by.list_kms_instances(ListKmsInstancesRequest::new()).await.unwrap();
    let [listed] = &listed.kms_instances.unwrap().kms_instance[..] else { panic!("not one instance") };
    assert_eq!(listed.kms_instance_id.as_deref(), Some(id));
    let default = by.get_default_kms_instance(GetDefaultKmsInstanceRequest::new()).await.unwrap();
    assert_eq!(default.default_kms_instance_id.as_deref(), Some(""));
    world.aes().await;
    let quota = GetKmsInstanceQuotaInfosRequest::new().kms_instance_id(id).resource_type(QuotaType::KEY);
    let quota = by.get_kms_instance_quota_infos(quota).await.unwrap().kms_instance_quota_infos;
    assert_eq!(
        (quota[0].resource_type.as_ref(), quota[0].resource_quota),
        (Some(&QuotaType::KEY), Some(1000))
    );
    assert!(quota[0].used_quantity > Some(0), "{quota:?}");

    let request = ConnectKmsInstanceRequest::new(
        KmsProvider::ALIYUN,
        id,
        ["vsw-1", "vsw-2"],
        "vpc-1",
        ["cn-hangzhou-h", "cn-hangzhou-i"],
    );
    by.connect_kms_instance(request).await.unwrap();
    let arn = listed.kms_instance_arn.clone().unwrap();
    let owner = arn.split(':').nth(3).unwrap().to_owned();
    let vpc = VpcBinding {
        vpc_id: "vpc-2".into(),
        v_switch_id: "vsw-3".into(),
        region_id: "cn-hangzhou".into(),
        vpc_owner_id: owner,
    };
    by.update_kms_instance_bind_vpc(UpdateKmsInstanceBindVpcRequest::new([vpc], id)).await.unwrap();
    let protect = |on| SetDeletionProtectionRequest::new(on).kms_instance_id(id);
    by.set_deletion_protection(protect(true)).await.unwrap();
    let shown = by.get_kms_instance(GetKmsInstanceRequest::new(id)).await.unwrap().kms_instance.unwrap();
    assert_eq!((shown.status, shown.deletion_protection), (Some(InstanceStatus::CONNECTED), Some(true)));
    assert_eq!(
        (shown.zone_ids, shown.vswitch_ids[1].as_str()),
        (vec!["cn-hangzhou-h".into(), "cn-hangzhou-i".to_owned()], "vsw-2")
    );
    assert_eq!(shown.bind_vpcs.unwrap().bind_vpc[0].vpc_id.as_deref(), Some("vpc-2"));
    assert!(shown.ca_certificate_chain_pem.unwrap().starts_with("-----BEGIN CERTIFICATE-----"));

    let release = ReleaseKmsInstanceRequest::new(id).force_delete_without_backup(true);
    refused(by.release_kms_instance(release.clone()).await, 400, "Rejected.UnsupportedOperation");
    by.set_deletion_protection(protect(false)).await.unwrap();
    by.release_kms_instance(release).await.unwrap();
    let gone = by.get_kms_instance(GetKmsInstanceRequest::new(id)).await;
    refused(gone, 403, "Forbidden.DKMSInstanceNotFound");
}
