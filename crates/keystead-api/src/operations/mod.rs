//! One file per operation, and the one list of them.

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

/// Calls the macro `$callback` with the list of all operations of RAM, IMS and STS: `{ module Name Id, … }`, behind one
/// more token when that is given.
#[macro_export]
macro_rules! for_each_identity_operation {
    ($callback:ident $(, $first:tt)?) => {
        $callback! {
            $($first)?
            ims AddClientIdToOIDCProvider ImsAddClientIdToOIDCProvider,
            ims AddFingerprintToOIDCProvider ImsAddFingerprintToOIDCProvider,
            ims CreateOIDCProvider ImsCreateOIDCProvider,
            ims DeleteOIDCProvider ImsDeleteOIDCProvider,
            ims GetOIDCProvider ImsGetOIDCProvider,
            ims ListOIDCProviders ImsListOIDCProviders,
            ims RemoveClientIdFromOIDCProvider ImsRemoveClientIdFromOIDCProvider,
            ims RemoveFingerprintFromOIDCProvider ImsRemoveFingerprintFromOIDCProvider,
            ims UpdateOIDCProvider ImsUpdateOIDCProvider,
            ram AddUserToGroup RamAddUserToGroup,
            ram AttachPolicyToGroup RamAttachPolicyToGroup,
            ram AttachPolicyToRole RamAttachPolicyToRole,
            ram AttachPolicyToUser RamAttachPolicyToUser,
            ram CreateAccessKey RamCreateAccessKey,
            ram CreateGroup RamCreateGroup,
            ram CreatePolicy RamCreatePolicy,
            ram CreatePolicyVersion RamCreatePolicyVersion,
            ram CreateRole RamCreateRole,
            ram CreateUser RamCreateUser,
            ram DeleteAccessKey RamDeleteAccessKey,
            ram DeleteGroup RamDeleteGroup,
            ram DeletePolicy RamDeletePolicy,
            ram DeletePolicyVersion RamDeletePolicyVersion,
            ram DeleteRole RamDeleteRole,
            ram DeleteUser RamDeleteUser,
            ram DetachPolicyFromGroup RamDetachPolicyFromGroup,
            ram DetachPolicyFromRole RamDetachPolicyFromRole,
            ram DetachPolicyFromUser RamDetachPolicyFromUser,
            ram GetAccessKeyLastUsed RamGetAccessKeyLastUsed,
            ram GetGroup RamGetGroup,
            ram GetPolicy RamGetPolicy,
            ram GetPolicyVersion RamGetPolicyVersion,
            ram GetRole RamGetRole,
            ram GetUser RamGetUser,
            ram ListAccessKeys RamListAccessKeys,
            ram ListEntitiesForPolicy RamListEntitiesForPolicy,
            ram ListGroups RamListGroups,
            ram ListGroupsForUser RamListGroupsForUser,
            ram ListPolicies RamListPolicies,
            ram ListPoliciesForGroup RamListPoliciesForGroup,
            ram ListPoliciesForRole RamListPoliciesForRole,
            ram ListPoliciesForUser RamListPoliciesForUser,
            ram ListPolicyVersions RamListPolicyVersions,
            ram ListRoles RamListRoles,
            ram ListUsers RamListUsers,
            ram ListUsersForGroup RamListUsersForGroup,
            ram RemoveUserFromGroup RamRemoveUserFromGroup,
            ram SetDefaultPolicyVersion RamSetDefaultPolicyVersion,
            ram UpdateAccessKey RamUpdateAccessKey,
            ram UpdateGroup RamUpdateGroup,
            ram UpdatePolicyDescription RamUpdatePolicyDescription,
            ram UpdateRole RamUpdateRole,
            ram UpdateUser RamUpdateUser,
            sts AssumeRole StsAssumeRole,
            sts AssumeRoleWithOIDC StsAssumeRoleWithOIDC,
            sts GetCallerIdentity StsGetCallerIdentity,
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
    ([$($kms:ident)*] $($module:ident $name:ident $id:ident,)*) => {
        /// Names an operation.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum OperationId {
            $(#[doc = concat!("`", stringify!($kms), "`")] $kms,)*
            $(#[doc = concat!("`", stringify!($name), "` of `", stringify!($module), "`")] $id,)*
        }

        /// Every operation of IMS, RAM and STS, sorted by product and name.
        pub static IDENTITY_OPERATIONS: &[&OperationDef] = &[$(<$module::$name as Operation>::DEF),*];
    };
}

for_each_operation!(declare);

impl OperationId {
    /// How many there are; `self as usize` counts from 0.
    pub const COUNT: usize = OPERATIONS.len() + IDENTITY_OPERATIONS.len();

    /// The operation's definition.
    pub fn def(self) -> &'static OperationDef {
        let index = self as usize;
        match index.checked_sub(OPERATIONS.len()) {
            None => OPERATIONS[index],
            Some(index) => IDENTITY_OPERATIONS[index],
        }
    }

    /// Finds an operation of a product by its action name, byte by byte.
    pub fn find(product: Product, name: &str) -> Option<Self> {
        match product {
            Product::Kms => {
                OPERATIONS.binary_search_by(|def| def.name.cmp(name)).ok().map(|index| OPERATIONS[index].id)
            }
            _ => IDENTITY_OPERATIONS
                .iter()
                .find(|def| def.product == product && def.name == name)
                .map(|def| def.id),
        }
    }

    /// All of them, KMS first.
    pub fn all() -> impl Iterator<Item = &'static OperationDef> {
        OPERATIONS.iter().chain(IDENTITY_OPERATIONS).copied()
    }
}
