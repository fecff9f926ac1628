//! The table of what is built.

use keystead_api::operations as ops;
use keystead_api::{
    ApiError, ErrorCode, OPERATIONS, Operation, OperationId, Params, WireRequest, WireResponse,
};

use crate::call::Call;
use crate::{access_points, instances, keys, ram, secrets, sts, tagging};

/// Operations that answer `UnsupportedOperation` for good: they need the vendor's own attestation service.
pub const UNSUPPORTED_FOR_GOOD: &[OperationId] = &[OperationId::GetChallenge];

macro_rules! built {
    (
        $($name:ident => $handler:path,)*
        ;
        $($module:ident::$action:ident as $id:ident => $identity_handler:path,)*
    ) => {
        /// The operations that are built.
        pub const BUILT: &[OperationId] = &[$(OperationId::$name,)* $(OperationId::$id),*];

        async fn handle(call: &Call<'_>, params: Params<'_>) -> Result<Vec<u8>, ApiError> {
            match call.def.id {
                // Each in memory of its own: else the future of every request had room for the largest operation, nine
                // thousand bytes, and was moved about with it.
                $(OperationId::$name => Box::pin(async move {
                    let request = <<ops::$name as Operation>::Request as WireRequest>::read(params)?;
                    let response: <ops::$name as Operation>::Response = $handler(call, request).await?;
                    encode(response, call.trail.request_id())
                }).await,)*
                $(OperationId::$id => Box::pin(async move {
                    type Action = ops::$module::$action;
                    let request = <<Action as Operation>::Request as WireRequest>::read(params)?;
                    let response: <Action as Operation>::Response = $identity_handler(call, request).await?;
                    encode(response, call.trail.request_id())
                }).await,)*
                _ => Err(ErrorCode::UnsupportedOperation.into()),
            }
        }
    };
}

built! {
    AsymmetricDecrypt => keys::asymmetric_cipher::decrypt,
    AsymmetricEncrypt => keys::asymmetric_cipher::encrypt,
    AsymmetricSign => keys::sign::sign,
    AsymmetricVerify => keys::sign::verify,
    BatchGetSecretValue => secrets::batch::get,
    CancelKeyDeletion => keys::deletion::cancel,
    ConnectKmsInstance => instances::connect,
    CreateAlias => keys::alias::create,
    CreateApplicationAccessPoint => access_points::points::create,
    CreateClientKey => access_points::client_keys::create,
    CreateKey => keys::create::create,
    CreateKeyVersion => keys::version::create,
    CreateNetworkRule => access_points::network_rules::create,
    CreatePolicy => access_points::policies::create,
    CreateSecret => secrets::create::create,
    Decrypt => keys::cipher::decrypt,
    DeleteAlias => keys::alias_update::delete,
    DeleteApplicationAccessPoint => access_points::points::delete,
    DeleteClientKey => access_points::client_keys::delete,
    DeleteKeyMaterial => keys::import::delete,
    DeleteNetworkRule => access_points::network_rules::delete,
    DeletePolicy => access_points::policies::delete,
    DeleteSecret => secrets::deletion::delete,
    DescribeAccountKmsStatus => instances::status,
    DescribeApplicationAccessPoint => access_points::points::describe,
    DescribeKey => keys::describe::describe,
    DescribeKeyVersion => keys::version::describe,
    DescribeNetworkRule => access_points::network_rules::describe,
    DescribePolicy => access_points::policies::describe,
    DescribeRegions => keys::describe::regions,
    DescribeSecret => secrets::describe::describe,
    DisableKey => keys::state::disable,
    EnableKey => keys::state::enable,
    Encrypt => keys::cipher::encrypt,
    ExportDataKey => keys::export::export,
    GenerateAndExportDataKey => keys::export::generate_and_export,
    GenerateDataKey => keys::data_key::generate,
    GenerateDataKeyWithoutPlaintext => keys::data_key::generate_without_plaintext,
    GenerateMac => keys::mac::generate,
    GetClientKey => access_points::client_keys::get,
    GetDefaultKmsInstance => instances::default,
    GetKeyPolicy => keys::policy::get,
    GetKmsInstance => instances::get,
    GetKmsInstanceQuotaInfos => instances::quotas,
    GetManagedDataKey => keys::managed::get,
    GetParametersForImport => keys::import::parameters,
    GetPublicKey => keys::public_key::get,
    GetRandomPassword => secrets::password::generate,
    GetSecretPolicy => secrets::policy::get,
    GetSecretValue => secrets::value::get,
    ImportKeyMaterial => keys::import::import,
    ListAliases => keys::alias::list,
    ListAliasesByKeyId => keys::alias_update::list_by_key,
    ListApplicationAccessPoints => access_points::points::list,
    ListClientKeys => access_points::client_keys::list,
    ListKeyVersions => keys::version::list,
    ListKeys => keys::list::list,
    ListKmsInstances => instances::list,
    ListManagedDataKeyVersions => keys::managed::list_versions,
    ListNetworkRules => access_points::network_rules::list,
    ListPolicies => access_points::policies::list,
    ListResourceTags => tagging::list,
    ListSecretVersionIds => secrets::stage::list_versions,
    ListSecrets => secrets::list::list,
    ListTagResources => tagging::list_many,
    OpenKmsService => instances::open,
    PutSecretValue => secrets::value::put,
    ReEncrypt => keys::re_encrypt::re_encrypt,
    ReleaseKmsInstance => instances::release,
    RestoreSecret => secrets::deletion::restore,
    RotateSecret => secrets::rotation::rotate,
    ScheduleKeyDeletion => keys::deletion::schedule,
    SetDeletionProtection => keys::deletion::set_protection,
    SetKeyPolicy => keys::policy::set,
    SetSecretPolicy => secrets::policy::set,
    TagResource => tagging::tag,
    TagResources => tagging::tag_many,
    UntagResource => tagging::untag,
    UntagResources => tagging::untag_many,
    UpdateAlias => keys::alias_update::update,
    UpdateApplicationAccessPoint => access_points::points::update,
    UpdateKeyDescription => keys::description::update,
    UpdateKmsInstanceBindVpc => instances::bind_vpc,
    UpdateNetworkRule => access_points::network_rules::update,
    UpdatePolicy => access_points::policies::update,
    UpdateRotationPolicy => keys::rotation::update_policy,
    UpdateSecret => secrets::update::update,
    UpdateSecretRotationPolicy => secrets::rotation::update_policy,
    UpdateSecretVersionStage => secrets::stage::update,
    VerifyMac => keys::mac::verify,
    ;
    ims::AddClientIdToOIDCProvider as ImsAddClientIdToOIDCProvider => ram::oidc_providers::add_client_id,
    ims::AddFingerprintToOIDCProvider as ImsAddFingerprintToOIDCProvider => ram::oidc_providers::add_fingerprint,
    ims::CreateOIDCProvider as ImsCreateOIDCProvider => ram::oidc_providers::create,
    ims::DeleteOIDCProvider as ImsDeleteOIDCProvider => ram::oidc_providers::delete,
    ims::GetOIDCProvider as ImsGetOIDCProvider => ram::oidc_providers::get,
    ims::ListOIDCProviders as ImsListOIDCProviders => ram::oidc_providers::list,
    ims::RemoveClientIdFromOIDCProvider as ImsRemoveClientIdFromOIDCProvider => ram::oidc_providers::remove_client_id,
    ims::RemoveFingerprintFromOIDCProvider as ImsRemoveFingerprintFromOIDCProvider => ram::oidc_providers::remove_fingerprint,
    ims::UpdateOIDCProvider as ImsUpdateOIDCProvider => ram::oidc_providers::update,
    ram::AddUserToGroup as RamAddUserToGroup => ram::members::add,
    ram::AttachPolicyToGroup as RamAttachPolicyToGroup => ram::attachments::to_group,
    ram::AttachPolicyToRole as RamAttachPolicyToRole => ram::attachments::to_role,
    ram::AttachPolicyToUser as RamAttachPolicyToUser => ram::attachments::to_user,
    ram::CreateAccessKey as RamCreateAccessKey => ram::access_keys::create,
    ram::CreateGroup as RamCreateGroup => ram::groups::create,
    ram::CreatePolicy as RamCreatePolicy => ram::policies::create,
    ram::CreatePolicyVersion as RamCreatePolicyVersion => ram::policy_versions::create,
    ram::CreateRole as RamCreateRole => ram::roles::create,
    ram::CreateUser as RamCreateUser => ram::users::create,
    ram::DeleteAccessKey as RamDeleteAccessKey => ram::access_keys::delete,
    ram::DeleteGroup as RamDeleteGroup => ram::groups::delete,
    ram::DeletePolicy as RamDeletePolicy => ram::policies::delete,
    ram::DeletePolicyVersion as RamDeletePolicyVersion => ram::policy_versions::delete,
    ram::DeleteRole as RamDeleteRole => ram::roles::delete,
    ram::DeleteUser as RamDeleteUser => ram::users::delete,
    ram::DetachPolicyFromGroup as RamDetachPolicyFromGroup => ram::attachments::from_group,
    ram::DetachPolicyFromRole as RamDetachPolicyFromRole => ram::attachments::from_role,
    ram::DetachPolicyFromUser as RamDetachPolicyFromUser => ram::attachments::from_user,
    ram::GetAccessKeyLastUsed as RamGetAccessKeyLastUsed => ram::access_keys::last_used,
    ram::GetGroup as RamGetGroup => ram::groups::get,
    ram::GetPolicy as RamGetPolicy => ram::policies::get,
    ram::GetPolicyVersion as RamGetPolicyVersion => ram::policy_versions::get,
    ram::GetRole as RamGetRole => ram::roles::get,
    ram::GetUser as RamGetUser => ram::users::get,
    ram::ListAccessKeys as RamListAccessKeys => ram::access_keys::list,
    ram::ListEntitiesForPolicy as RamListEntitiesForPolicy => ram::attachments::entities,
    ram::ListGroups as RamListGroups => ram::groups::list,
    ram::ListGroupsForUser as RamListGroupsForUser => ram::members::groups_of_user,
    ram::ListPolicies as RamListPolicies => ram::policies::list,
    ram::ListPoliciesForGroup as RamListPoliciesForGroup => ram::attachments::of_group,
    ram::ListPoliciesForRole as RamListPoliciesForRole => ram::attachments::of_role,
    ram::ListPoliciesForUser as RamListPoliciesForUser => ram::attachments::of_user,
    ram::ListPolicyVersions as RamListPolicyVersions => ram::policy_versions::list,
    ram::ListRoles as RamListRoles => ram::roles::list,
    ram::ListTagResources as RamListTagResources => ram::tagging::list,
    ram::ListUsers as RamListUsers => ram::users::list,
    ram::ListUsersForGroup as RamListUsersForGroup => ram::members::users_of_group,
    ram::RemoveUserFromGroup as RamRemoveUserFromGroup => ram::members::remove,
    ram::SetDefaultPolicyVersion as RamSetDefaultPolicyVersion => ram::policy_versions::set_default,
    ram::TagResources as RamTagResources => ram::tagging::tag,
    ram::UntagResources as RamUntagResources => ram::tagging::untag,
    ram::UpdateAccessKey as RamUpdateAccessKey => ram::access_keys::update,
    ram::UpdateGroup as RamUpdateGroup => ram::groups::update,
    ram::UpdatePolicyDescription as RamUpdatePolicyDescription => ram::policies::update_description,
    ram::UpdateRole as RamUpdateRole => ram::roles::update,
    ram::UpdateUser as RamUpdateUser => ram::users::update,
    sts::AssumeRole as StsAssumeRole => sts::assume_role::assume,
    sts::AssumeRoleWithOIDC as StsAssumeRoleWithOIDC => sts::assume_role_with_oidc::assume,
    sts::GetCallerIdentity as StsGetCallerIdentity => sts::caller_identity::get,
}

/// The names of the operations that are declared and not built, sorted.
pub fn undone_operations() -> Vec<&'static str> {
    OPERATIONS
        .iter()
        .filter(|def| !BUILT.contains(&def.id) && !UNSUPPORTED_FOR_GOOD.contains(&def.id))
        .map(|def| def.name)
        .collect()
}

/// Runs one call to its answer.
pub(crate) async fn run(mut call: Call<'_>, params: Params<'_>) -> Result<Vec<u8>, ApiError> {
    call.dry_run = dry_run(&call, params)?;
    let call = &call;
    let result = handle(call, params).await;
    if result.is_ok() && !call.all_checked() {
        // A handler forgot a check. Nothing of its answer goes out.
        tracing::error!(operation = call.def.name, "an access rule was not checked");
        return Err(ErrorCode::InternalFailure.into());
    }
    if call.dry_run { Err(dry_answer(result)) } else { result }
}

/// Whether the call is only a rehearsal. The operations that have `DryRun` leave nothing behind, so they run as always
/// and only the answer differs; those that compute for long may end before that.
fn dry_run(call: &Call<'_>, params: Params<'_>) -> Result<bool, ApiError> {
    match params.get("DryRun") {
        Some(text) if call.def.parameters.iter().any(|parameter| parameter.name == "DryRun") => match text {
            _ if text.eq_ignore_ascii_case("true") => Ok(true),
            _ if text.is_empty() || text.eq_ignore_ascii_case("false") => Ok(false),
            _ => Err(ApiError::invalid_parameter("DryRun")),
        },
        _ => Ok(false),
    }
}

/// A rehearsal always ends in an error, which says how the real call would have ended.
fn dry_answer(result: Result<Vec<u8>, ApiError>) -> ApiError {
    match result {
        Ok(_) => ErrorCode::DryRunOperationError.into(),
        Err(error) if error.code() == ErrorCode::ForbiddenNoPermission => {
            let answer = ApiError::new(ErrorCode::AccessDeniedError);
            match error.denied() {
                Some(detail) => answer.with_denied(detail.clone()),
                None => answer,
            }
        }
        Err(error) if error.status() < 500 => {
            ApiError::with_message(ErrorCode::ValidationError, error.message().to_owned())
        }
        Err(error) => error,
    }
}

/// Most answers fit; one with a long secret value grows once or twice.
const ANSWER_CAPACITY: usize = 1024;

fn encode(mut response: impl WireResponse, request_id: &str) -> Result<Vec<u8>, ApiError> {
    response.set_request_id(request_id);
    let mut json = Vec::with_capacity(ANSWER_CAPACITY);
    match serde_json::to_writer(&mut json, &response) {
        Ok(()) => Ok(json),
        Err(error) => {
            tracing::error!(%error, "an answer cannot be serialised");
            Err(ErrorCode::InternalFailure.into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::undone_operations;

    /// The list of undone operations is checked in, shrinks to nothing, and must say the truth.
    #[test]
    fn the_list_of_undone_operations_is_true() {
        let listed: Vec<&str> = include_str!("../undone-operations.txt")
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .collect();
        assert_eq!(
            listed,
            undone_operations(),
            "edit crates/keystead-service/undone-operations.txt: left is the file, right is the truth"
        );
    }
}
