//! Operations that the vendor's current SDKs for RAM, IMS and STS know, and that are not offered; why stands in
//! `docs/ram.md`.

use crate::Product;

/// Whether an official SDK has this operation and it is not offered.
pub fn is_known_and_not_offered(product: Product, name: &str) -> bool {
    not_offered(product).binary_search(&name).is_ok()
}

/// The operations of a product that an official SDK has and that are not offered, sorted.
pub fn not_offered(product: Product) -> &'static [&'static str] {
    match product {
        Product::Kms => crate::LEGACY_OPERATIONS,
        Product::Ram => RAM,
        Product::Ims => IMS,
        Product::Sts => STS,
        Product::Instance => &[],
    }
}

/// Of RAM: `alibabacloud_ram20150501` 1.3.0. Sorted.
const RAM: &[&str] = &[
    "BindMFADevice",
    "ChangePassword",
    "ClearAccountAlias",
    "CreateLoginProfile",
    "CreateServiceLinkedRole",
    "CreateVirtualMFADevice",
    "DecodeDiagnosticMessage",
    "DeleteLoginProfile",
    "DeleteServiceLinkedRole",
    "DeleteVirtualMFADevice",
    "GetAccountAlias",
    "GetLoginProfile",
    "GetPasswordPolicy",
    "GetSecurityPreference",
    "GetServiceLinkedRoleTemplate",
    "GetUserMFAInfo",
    "ListVirtualMFADevices",
    "SetAccountAlias",
    "SetPasswordPolicy",
    "SetSecurityPreference",
    "UnbindMFADevice",
    "UpdateLoginProfile",
];

/// Of IMS: `alibabacloud_ims20190815` 3.5.0. Sorted.
const IMS: &[&str] = &[
    "AddUserToGroup",
    "BindMFADevice",
    "ChangePassword",
    "CreateAccessKey",
    "CreateAppSecret",
    "CreateApplication",
    "CreateGroup",
    "CreateLoginProfile",
    "CreateSAMLProvider",
    "CreateServiceCredential",
    "CreateUser",
    "CreateVirtualMFADevice",
    "DeleteAccessKey",
    "DeleteAccessKeyInRecycleBin",
    "DeleteAppSecret",
    "DeleteApplication",
    "DeleteGroup",
    "DeleteLoginProfile",
    "DeletePasskey",
    "DeleteSAMLProvider",
    "DeleteServiceCredential",
    "DeleteUser",
    "DeleteUserInRecycleBin",
    "DeleteVirtualMFADevice",
    "DeprovisionApplication",
    "DeprovisionExternalApplication",
    "DisableVirtualMFA",
    "GenerateCredentialReport",
    "GenerateGovernanceReport",
    "GetAccessKeyInfoInRecycleBin",
    "GetAccessKeyLastUsed",
    "GetAccessKeyPolicy",
    "GetAccessKeyPolicyForAccount",
    "GetAccountMFAInfo",
    "GetAccountSecurityPracticeReport",
    "GetAccountSummary",
    "GetAppSecret",
    "GetApplication",
    "GetApplicationProvisionInfo",
    "GetCredentialReport",
    "GetDefaultDomain",
    "GetExternalApplication",
    "GetGovernanceItemReport",
    "GetGovernanceReportStatus",
    "GetGroup",
    "GetLoginProfile",
    "GetPasswordPolicy",
    "GetSAMLProvider",
    "GetSecurityPreference",
    "GetServiceCredential",
    "GetUser",
    "GetUserInRecycleBin",
    "GetUserMFAInfo",
    "GetUserSsoSettings",
    "GetVerificationInfo",
    "ListAccessKeys",
    "ListAccessKeysInRecycleBin",
    "ListAppSecretIds",
    "ListApplicationProvisionInfos",
    "ListApplications",
    "ListExternalApplications",
    "ListGroups",
    "ListGroupsForUser",
    "ListPasskeys",
    "ListPredefinedScopes",
    "ListRecentGovernanceMetrics",
    "ListSAMLProviders",
    "ListServiceCredentials",
    "ListTagResources",
    "ListUserBasicInfos",
    "ListUsers",
    "ListUsersForGroup",
    "ListUsersInRecycleBin",
    "ListVirtualMFADevices",
    "ProvisionApplication",
    "ProvisionExternalApplication",
    "RemoveUserFromGroup",
    "RestoreAccessKeyFromRecycleBin",
    "RestoreUserFromRecycleBin",
    "SetAccessKeyPolicy",
    "SetAccessKeyPolicyForAccount",
    "SetDefaultDomain",
    "SetPasswordPolicy",
    "SetSecurityPreference",
    "SetUserSsoSettings",
    "SetVerificationInfo",
    "TagResources",
    "UnbindMFADevice",
    "UnbindVerification",
    "UntagResources",
    "UpdateAccessKey",
    "UpdateApplication",
    "UpdateGroup",
    "UpdateLoginProfile",
    "UpdatePasskey",
    "UpdateSAMLProvider",
    "UpdateServiceCredential",
    "UpdateUser",
];

/// Of STS: `alibabacloud_sts20150401` 1.2.0. Sorted.
const STS: &[&str] = &["AssumeRoleWithSAML"];

#[cfg(test)]
mod tests {
    use super::not_offered;
    use crate::{OperationId, Product};

    #[test]
    fn none_of_them_is_offered_and_the_page_has_each() {
        let page = include_str!("../../../docs/ram.md");
        for product in [Product::Ram, Product::Ims, Product::Sts] {
            let names = not_offered(product);
            assert!(names.is_sorted());
            for name in names {
                assert_eq!(OperationId::find(product, name), None, "{name}");
                assert!(page.contains(&format!("`{name}`")), "{name} is not in docs/ram.md");
            }
        }
    }
}
