//! One file per operation, and the one list of them.

use crate::instance::operations::INSTANCE_OPERATIONS;
pub(crate) use crate::params::required;
use crate::{Operation, OperationDef, Product};

/// Calls the macro `$callback` with the list of all operations: `{ module Name, … }`.
///
/// This is the only list. Whatever has something per operation (the client's methods, the service's dispatch,
/// the command line, the reference pages) is made from it.
#[macro_export]
macro_rules! for_each_operation {
    ($callback:ident) => {
        $callback! {
            asymmetric_decrypt AsymmetricDecrypt,
            asymmetric_encrypt AsymmetricEncrypt,
            asymmetric_sign AsymmetricSign,
            asymmetric_verify AsymmetricVerify,
            batch_get_secret_value BatchGetSecretValue,
            cancel_key_deletion CancelKeyDeletion,
            connect_kms_instance ConnectKmsInstance,
            create_alias CreateAlias,
            create_application_access_point CreateApplicationAccessPoint,
            create_client_key CreateClientKey,
            create_key CreateKey,
            create_key_version CreateKeyVersion,
            create_network_rule CreateNetworkRule,
            create_policy CreatePolicy,
            create_secret CreateSecret,
            decrypt Decrypt,
            delete_alias DeleteAlias,
            delete_application_access_point DeleteApplicationAccessPoint,
            delete_client_key DeleteClientKey,
            delete_key_material DeleteKeyMaterial,
            delete_network_rule DeleteNetworkRule,
            delete_policy DeletePolicy,
            delete_secret DeleteSecret,
            describe_account_kms_status DescribeAccountKmsStatus,
            describe_application_access_point DescribeApplicationAccessPoint,
            describe_key DescribeKey,
            describe_key_version DescribeKeyVersion,
            describe_network_rule DescribeNetworkRule,
            describe_policy DescribePolicy,
            describe_regions DescribeRegions,
            describe_secret DescribeSecret,
            disable_key DisableKey,
            enable_key EnableKey,
            encrypt Encrypt,
            export_data_key ExportDataKey,
            generate_and_export_data_key GenerateAndExportDataKey,
            generate_data_key GenerateDataKey,
            generate_data_key_without_plaintext GenerateDataKeyWithoutPlaintext,
            generate_mac GenerateMac,
            get_challenge GetChallenge,
            get_client_key GetClientKey,
            get_default_kms_instance GetDefaultKmsInstance,
            get_key_policy GetKeyPolicy,
            get_kms_instance GetKmsInstance,
            get_kms_instance_quota_infos GetKmsInstanceQuotaInfos,
            get_managed_data_key GetManagedDataKey,
            get_parameters_for_import GetParametersForImport,
            get_public_key GetPublicKey,
            get_random_password GetRandomPassword,
            get_secret_policy GetSecretPolicy,
            get_secret_value GetSecretValue,
            import_key_material ImportKeyMaterial,
            list_aliases ListAliases,
            list_aliases_by_key_id ListAliasesByKeyId,
            list_application_access_points ListApplicationAccessPoints,
            list_client_keys ListClientKeys,
            list_key_versions ListKeyVersions,
            list_keys ListKeys,
            list_kms_instances ListKmsInstances,
            list_managed_data_key_versions ListManagedDataKeyVersions,
            list_network_rules ListNetworkRules,
            list_policies ListPolicies,
            list_resource_tags ListResourceTags,
            list_secret_version_ids ListSecretVersionIds,
            list_secrets ListSecrets,
            list_tag_resources ListTagResources,
            open_kms_service OpenKmsService,
            put_secret_value PutSecretValue,
            re_encrypt ReEncrypt,
            release_kms_instance ReleaseKmsInstance,
            restore_secret RestoreSecret,
            rotate_secret RotateSecret,
            schedule_key_deletion ScheduleKeyDeletion,
            set_deletion_protection SetDeletionProtection,
            set_key_policy SetKeyPolicy,
            set_secret_policy SetSecretPolicy,
            tag_resource TagResource,
            tag_resources TagResources,
            untag_resource UntagResource,
            untag_resources UntagResources,
            update_alias UpdateAlias,
            update_application_access_point UpdateApplicationAccessPoint,
            update_key_description UpdateKeyDescription,
            update_kms_instance_bind_vpc UpdateKmsInstanceBindVpc,
            update_network_rule UpdateNetworkRule,
            update_policy UpdatePolicy,
            update_rotation_policy UpdateRotationPolicy,
            update_secret UpdateSecret,
            update_secret_rotation_policy UpdateSecretRotationPolicy,
            update_secret_version_stage UpdateSecretVersionStage,
            verify_mac VerifyMac,
        }
    };
}

/// Calls the macro `$callback` with the list of all operations of RAM, IMS and STS: `{ module method Name Id, … }`,
/// behind one more token when that is given.
#[macro_export]
macro_rules! for_each_identity_operation {
    ($callback:ident $(, $first:tt)?) => {
        $callback! {
            $($first)?
            ims add_client_id_to_oidc_provider AddClientIdToOIDCProvider ImsAddClientIdToOIDCProvider,
            ims add_fingerprint_to_oidc_provider AddFingerprintToOIDCProvider ImsAddFingerprintToOIDCProvider,
            ims create_oidc_provider CreateOIDCProvider ImsCreateOIDCProvider,
            ims delete_oidc_provider DeleteOIDCProvider ImsDeleteOIDCProvider,
            ims get_oidc_provider GetOIDCProvider ImsGetOIDCProvider,
            ims list_oidc_providers ListOIDCProviders ImsListOIDCProviders,
            ims remove_client_id_from_oidc_provider RemoveClientIdFromOIDCProvider ImsRemoveClientIdFromOIDCProvider,
            ims remove_fingerprint_from_oidc_provider RemoveFingerprintFromOIDCProvider ImsRemoveFingerprintFromOIDCProvider,
            ims update_oidc_provider UpdateOIDCProvider ImsUpdateOIDCProvider,
            ram add_user_to_group AddUserToGroup RamAddUserToGroup,
            ram attach_policy_to_group AttachPolicyToGroup RamAttachPolicyToGroup,
            ram attach_policy_to_role AttachPolicyToRole RamAttachPolicyToRole,
            ram attach_policy_to_user AttachPolicyToUser RamAttachPolicyToUser,
            ram create_access_key CreateAccessKey RamCreateAccessKey,
            ram create_group CreateGroup RamCreateGroup,
            ram create_policy CreatePolicy RamCreatePolicy,
            ram create_policy_version CreatePolicyVersion RamCreatePolicyVersion,
            ram create_role CreateRole RamCreateRole,
            ram create_user CreateUser RamCreateUser,
            ram delete_access_key DeleteAccessKey RamDeleteAccessKey,
            ram delete_group DeleteGroup RamDeleteGroup,
            ram delete_policy DeletePolicy RamDeletePolicy,
            ram delete_policy_version DeletePolicyVersion RamDeletePolicyVersion,
            ram delete_role DeleteRole RamDeleteRole,
            ram delete_user DeleteUser RamDeleteUser,
            ram detach_policy_from_group DetachPolicyFromGroup RamDetachPolicyFromGroup,
            ram detach_policy_from_role DetachPolicyFromRole RamDetachPolicyFromRole,
            ram detach_policy_from_user DetachPolicyFromUser RamDetachPolicyFromUser,
            ram get_access_key_last_used GetAccessKeyLastUsed RamGetAccessKeyLastUsed,
            ram get_group GetGroup RamGetGroup,
            ram get_policy GetPolicy RamGetPolicy,
            ram get_policy_version GetPolicyVersion RamGetPolicyVersion,
            ram get_role GetRole RamGetRole,
            ram get_user GetUser RamGetUser,
            ram list_access_keys ListAccessKeys RamListAccessKeys,
            ram list_entities_for_policy ListEntitiesForPolicy RamListEntitiesForPolicy,
            ram list_groups ListGroups RamListGroups,
            ram list_groups_for_user ListGroupsForUser RamListGroupsForUser,
            ram list_policies ListPolicies RamListPolicies,
            ram list_policies_for_group ListPoliciesForGroup RamListPoliciesForGroup,
            ram list_policies_for_role ListPoliciesForRole RamListPoliciesForRole,
            ram list_policies_for_user ListPoliciesForUser RamListPoliciesForUser,
            ram list_policy_versions ListPolicyVersions RamListPolicyVersions,
            ram list_roles ListRoles RamListRoles,
            ram list_tag_resources ListTagResources RamListTagResources,
            ram list_users ListUsers RamListUsers,
            ram list_users_for_group ListUsersForGroup RamListUsersForGroup,
            ram remove_user_from_group RemoveUserFromGroup RamRemoveUserFromGroup,
            ram set_default_policy_version SetDefaultPolicyVersion RamSetDefaultPolicyVersion,
            ram tag_resources TagResources RamTagResources,
            ram untag_resources UntagResources RamUntagResources,
            ram update_access_key UpdateAccessKey RamUpdateAccessKey,
            ram update_group UpdateGroup RamUpdateGroup,
            ram update_policy_description UpdatePolicyDescription RamUpdatePolicyDescription,
            ram update_role UpdateRole RamUpdateRole,
            ram update_user UpdateUser RamUpdateUser,
            sts assume_role AssumeRole StsAssumeRole,
            sts assume_role_with_oidc AssumeRoleWithOIDC StsAssumeRoleWithOIDC,
            sts get_caller_identity GetCallerIdentity StsGetCallerIdentity,
        }
    };
}

/// Calls the macro `$callback` with the list of all operations of the instance API: `{ method Name Id, … }`, behind more tokens
/// when those are given.
#[macro_export]
macro_rules! for_each_instance_operation {
    ($callback:ident $(, $first:tt)*) => {
        $callback! {
            $($first)*
            advance_decrypt AdvanceDecrypt InstanceAdvanceDecrypt,
            advance_encrypt AdvanceEncrypt InstanceAdvanceEncrypt,
            advance_generate_data_key AdvanceGenerateDataKey InstanceAdvanceGenerateDataKey,
            advance_generate_data_key_pair AdvanceGenerateDataKeyPair InstanceAdvanceGenerateDataKeyPair,
            advance_generate_data_key_pair_without_plaintext AdvanceGenerateDataKeyPairWithoutPlaintext InstanceAdvanceGenerateDataKeyPairWithoutPlaintext,
            decrypt Decrypt InstanceDecrypt,
            encrypt Encrypt InstanceEncrypt,
            generate_data_key GenerateDataKey InstanceGenerateDataKey,
            generate_data_key_pair GenerateDataKeyPair InstanceGenerateDataKeyPair,
            generate_data_key_pair_without_plaintext GenerateDataKeyPairWithoutPlaintext InstanceGenerateDataKeyPairWithoutPlaintext,
            generate_random GenerateRandom InstanceGenerateRandom,
            get_public_key GetPublicKey InstanceGetPublicKey,
            get_secret_value GetSecretValue InstanceGetSecretValue,
            hash Hash InstanceHash,
            hmac Hmac InstanceHmac,
            kms_decrypt KmsDecrypt InstanceKmsDecrypt,
            kms_encrypt KmsEncrypt InstanceKmsEncrypt,
            sign Sign InstanceSign,
            verify Verify InstanceVerify,
        }
    };
}

pub mod ims;
pub mod ram;
pub mod sts;

macro_rules! declare {
    ($($module:ident $name:ident,)*) => {
        $(
            mod $module;
            pub use $module::*;
        )*

        /// Every operation of KMS, sorted by name.
        pub static OPERATIONS: &[&OperationDef] = &[$(<$name as Operation>::DEF),*];

        for_each_identity_operation!(declare_ids, [$($name)*]);
    };
}

macro_rules! declare_ids {
    ($kms:tt $($module:ident $method:ident $name:ident $id:ident,)*) => {
        /// Every operation of IMS, RAM and STS, sorted by product and name.
        pub static IDENTITY_OPERATIONS: &[&OperationDef] = &[$(<$module::$name as Operation>::DEF),*];

        for_each_instance_operation!(declare_id, $kms, [$($module $name $id,)*]);
    };
}

macro_rules! declare_id {
    (
        [$($kms:ident)*]
        [$($module:ident $name:ident $id:ident,)*]
        $($method:ident $instance_name:ident $instance_id:ident,)*
    ) => {
        /// Names an operation.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum OperationId {
            $(#[doc = concat!("`", stringify!($kms), "`")] $kms,)*
            $(#[doc = concat!("`", stringify!($name), "` of `", stringify!($module), "`")] $id,)*
            $(#[doc = concat!("`", stringify!($instance_name), "` of the instance API")] $instance_id,)*
        }
    };
}

for_each_operation!(declare);

impl OperationId {
    /// How many there are; `self as usize` counts from 0.
    pub const COUNT: usize = OPERATIONS.len() + IDENTITY_OPERATIONS.len() + INSTANCE_OPERATIONS.len();

    /// The operation's definition.
    pub fn def(self) -> &'static OperationDef {
        let index = self as usize;
        let Some(identity) = index.checked_sub(OPERATIONS.len()) else { return OPERATIONS[index] };
        match identity.checked_sub(IDENTITY_OPERATIONS.len()) {
            None => IDENTITY_OPERATIONS[identity],
            Some(index) => INSTANCE_OPERATIONS[index],
        }
    }

    /// Finds an operation of a product by its action name, byte by byte.
    pub fn find(product: Product, name: &str) -> Option<Self> {
        match product {
            Product::Kms => {
                OPERATIONS.binary_search_by(|def| def.name.cmp(name)).ok().map(|index| OPERATIONS[index].id)
            }
            Product::Instance => INSTANCE_OPERATIONS
                .binary_search_by(|def| def.name.cmp(name))
                .ok()
                .map(|index| INSTANCE_OPERATIONS[index].id),
            Product::Ram | Product::Ims | Product::Sts => IDENTITY_OPERATIONS
                .iter()
                .find(|def| def.product == product && def.name == name)
                .map(|def| def.id),
        }
    }

    /// All of them, KMS first, the instance API last.
    pub fn all() -> impl Iterator<Item = &'static OperationDef> {
        OPERATIONS.iter().chain(IDENTITY_OPERATIONS).chain(INSTANCE_OPERATIONS).copied()
    }
}
