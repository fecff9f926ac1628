//! The policies that every account has.

use keystead_auth::policy::{Resource, SystemPolicy, Target, Verdict};

use crate::decisions::{ALICE, context};

fn allows(policy: &str, action: &str, path: &str) -> bool {
    let service = action.split(':').next().unwrap();
    let service = if service == "sts" { "ram" } else { service };
    let region = if service == "kms" { "cn-hangzhou" } else { "" };
    let target = Target::new(action, Resource { service, region, account: "1", path }, &());
    let verdict = SystemPolicy::find(policy).unwrap().policy().evaluate(&target, &context(ALICE));
    matches!(verdict, Verdict::Allow(_))
}

#[test]
fn all_can_be_read_and_stand_in_order() {
    let names: Vec<_> = SystemPolicy::ALL.iter().map(|policy| policy.name).collect();
    assert!(names.is_sorted() && names.len() == 11, "{names:?}");
    for policy in SystemPolicy::ALL {
        assert!(policy.policy().statement_count() > 0, "{}", policy.name);
        assert!(!policy.description.is_empty(), "{}", policy.name);
    }
    assert!(SystemPolicy::find("aliyunkmsfullaccess").is_some());
    assert!(SystemPolicy::find("AliyunOSSFullAccess").is_none());
}

#[test]
fn they_allow_what_they_say() {
    for (policy, action, path, expected) in [
        ("AdministratorAccess", "kms:ScheduleKeyDeletion", "key/a", true),
        ("AdministratorAccess", "ram:DeleteUser", "user/x", true),
        ("ReadOnlyAccess", "kms:DescribeKey", "key/a", true),
        ("ReadOnlyAccess", "ram:ListUsers", "user", true),
        ("ReadOnlyAccess", "kms:GetSecretValue", "secret/a", false),
        ("ReadOnlyAccess", "kms:Decrypt", "key/a", false),
        ("ReadOnlyAccess", "sts:AssumeRole", "role/a", false),
        ("AliyunKMSFullAccess", "kms:CreateKey", "key", true),
        ("AliyunKMSFullAccess", "ram:GetUser", "user/x", false),
        ("AliyunKMSReadOnlyAccess", "kms:ListSecrets", "secret", true),
        ("AliyunKMSReadOnlyAccess", "kms:GetKeyPolicy", "key/a", true),
        ("AliyunKMSReadOnlyAccess", "kms:GetSecretValue", "secret/a", false),
        ("AliyunKMSReadOnlyAccess", "kms:EnableKey", "key/a", false),
        ("AliyunKMSCryptoAdminAccess", "kms:CreateKey", "key", true),
        ("AliyunKMSCryptoAdminAccess", "kms:CreateAlias", "alias/a", true),
        ("AliyunKMSCryptoAdminAccess", "kms:GetSecretValue", "secret/a", false),
        ("AliyunKMSCryptoUserAccess", "kms:VerifyMac", "key/a", true),
        ("AliyunKMSCryptoUserAccess", "kms:DisableKey", "key/a", false),
        ("AliyunKMSSecretAdminAccess", "kms:CreateSecret", "secret", true),
        ("AliyunKMSSecretAdminAccess", "kms:Decrypt", "key/a", false),
        ("AliyunKMSSecretAdminAccess", "kms:GetRandomPassword", "*", true),
        ("AliyunKMSSecretUserAccess", "kms:GetSecretValue", "secret/a", true),
        ("AliyunKMSSecretUserAccess", "kms:PutSecretValue", "secret/a", false),
        ("AliyunRAMFullAccess", "ram:CreateUser", "user", true),
        ("AliyunRAMFullAccess", "kms:Encrypt", "key/a", false),
        ("AliyunRAMReadOnlyAccess", "ram:GetRole", "role/a", true),
        ("AliyunRAMReadOnlyAccess", "ram:CreateAccessKey", "user/a", false),
        ("AliyunSTSAssumeRoleAccess", "sts:AssumeRole", "role/a", true),
        ("AliyunSTSAssumeRoleAccess", "ram:GetRole", "role/a", false),
    ] {
        assert_eq!(allows(policy, action, path), expected, "{policy} {action} {path}");
    }
}
