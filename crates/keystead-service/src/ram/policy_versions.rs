use keystead_api::operations::ram::{
    CreatePolicyVersionPolicyVersion, CreatePolicyVersionRequest, CreatePolicyVersionResponse,
    DeletePolicyVersionRequest, DeletePolicyVersionResponse, GetPolicyVersionPolicyVersion,
    GetPolicyVersionRequest, GetPolicyVersionResponse, ListPolicyVersionsPolicyVersions,
    ListPolicyVersionsPolicyVersionsPolicyVersion, ListPolicyVersionsRequest, ListPolicyVersionsResponse,
    SetDefaultPolicyVersionRequest, SetDefaultPolicyVersionResponse,
};
use keystead_api::{ApiError, ErrorCode, Flaw, Timestamp};
use keystead_store::Batch;

use super::policies::{self, Policy, version_id};
use super::{commit, documents, limits, names};
use crate::call::Call;
use crate::engine::{CommitError, retrying};
use crate::records::PolicyVersion;

/// `VersionId`: a `v` and a number.
fn number(text: &str) -> Result<u32, ApiError> {
    let digits = text.strip_prefix('v').filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    digits.and_then(|digits| digits.parse().ok()).ok_or_else(|| names::invalid("VersionId", Flaw::Format))
}

/// `RotateStrategy`: whether the oldest version makes room.
fn makes_room(text: Option<&str>) -> Result<bool, ApiError> {
    match text {
        None | Some("" | "None") => Ok(false),
        Some("DeleteOldestNonDefaultVersionWhenLimitExceeded") => Ok(true),
        Some(_) => Err(names::invalid("RotateStrategy", Flaw::Value)),
    }
}

/// `CreatePolicyVersion`
pub(crate) async fn create(
    call: &Call<'_>,
    request: CreatePolicyVersionRequest,
) -> Result<CreatePolicyVersionResponse, ApiError> {
    documents::check_policy("PolicyDocument", &request.policy_document)?;
    let makes_room = makes_room(request.rotate_strategy.as_deref())?;
    let seen = policies::custom(call, &request.policy_name).await?;
    let as_default = request.set_as_default == Some(true);
    let number = retrying!({
        let mut policy = policies::to_change(call, &seen.value).await?;
        let value = &mut policy.value;
        if value.versions.len() >= limits::VERSIONS {
            // They stand in the order of their making.
            let oldest = value.versions.iter().position(|version| version.number != value.default_version);
            match oldest.filter(|_| makes_room) {
                Some(index) => drop(value.versions.remove(index)),
                None => return Err(ApiError::new(ErrorCode::LimitExceededPolicyVersion).into()),
            }
        }
        let number = value.next_version;
        value.next_version = number.checked_add(1).ok_or(ApiError::new(ErrorCode::InternalFailure))?;
        value.versions.push(PolicyVersion {
            number,
            document: request.policy_document.clone().into(),
            created: call.now,
        });
        if as_default {
            value.default_version = number;
        }
        value.updated = call.now;
        let mut batch = Batch::new();
        policy.write(&mut batch)?;
        commit(call, batch).await?;
        Ok::<_, CommitError>(number)
    })?;
    let policy_version = CreatePolicyVersionPolicyVersion {
        create_date: call.now.to_string(),
        is_default_version: as_default,
        policy_document: request.policy_document,
        version_id: version_id(number),
    };
    Ok(CreatePolicyVersionResponse { policy_version, ..CreatePolicyVersionResponse::default() })
}

/// What is shown of a version: number, document, when it was made, whether it is in force.
type Shown = (u32, String, Timestamp, bool);

/// The versions of a policy, oldest first.
fn versions(call: &Call<'_>, policy: &Policy) -> Vec<Shown> {
    match policy.custom() {
        None => {
            let document = policy.document(call).0.to_owned();
            vec![(1, document, policy.dates(call).0, true)]
        }
        Some(policy) => {
            let shown = |version: &PolicyVersion| {
                let in_force = version.number == policy.default_version;
                (version.number, version.document.clone(), version.created, in_force)
            };
            policy.versions.iter().map(shown).collect()
        }
    }
}

/// `GetPolicyVersion`
pub(crate) async fn get(
    call: &Call<'_>,
    request: GetPolicyVersionRequest,
) -> Result<GetPolicyVersionResponse, ApiError> {
    let number = number(&request.version_id)?;
    let policy = policies::named(call, &request.policy_name, &request.policy_type).await?;
    let found = versions(call, &policy).into_iter().find(|version| version.0 == number);
    let (number, document, created, in_force) = found.ok_or(ErrorCode::EntityNotExistPolicyVersion)?;
    let policy_version = GetPolicyVersionPolicyVersion {
        create_date: created.to_string(),
        is_default_version: in_force,
        policy_document: document.into(),
        version_id: version_id(number),
    };
    Ok(GetPolicyVersionResponse { policy_version, ..GetPolicyVersionResponse::default() })
}

/// `ListPolicyVersions`
pub(crate) async fn list(
    call: &Call<'_>,
    request: ListPolicyVersionsRequest,
) -> Result<ListPolicyVersionsResponse, ApiError> {
    let policy = policies::named(call, &request.policy_name, &request.policy_type).await?;
    let policy_version = versions(call, &policy)
        .into_iter()
        .map(|(number, document, created, in_force)| ListPolicyVersionsPolicyVersionsPolicyVersion {
            create_date: created.to_string(),
            is_default_version: in_force,
            policy_document: document.into(),
            version_id: version_id(number),
        })
        .collect();
    Ok(ListPolicyVersionsResponse {
        policy_versions: ListPolicyVersionsPolicyVersions { policy_version },
        ..ListPolicyVersionsResponse::default()
    })
}

/// `SetDefaultPolicyVersion`
pub(crate) async fn set_default(
    call: &Call<'_>,
    request: SetDefaultPolicyVersionRequest,
) -> Result<SetDefaultPolicyVersionResponse, ApiError> {
    let number = number(&request.version_id)?;
    let seen = policies::custom(call, &request.policy_name).await?;
    retrying!({
        let mut policy = policies::to_change(call, &seen.value).await?;
        if !policy.value.versions.iter().any(|version| version.number == number) {
            return Err(ApiError::new(ErrorCode::EntityNotExistPolicyVersion).into());
        }
        policy.value.default_version = number;
        policy.value.updated = call.now;
        let mut batch = Batch::new();
        policy.write(&mut batch)?;
        commit(call, batch).await?;
        Ok::<_, CommitError>(())
    })?;
    Ok(SetDefaultPolicyVersionResponse::default())
}

/// `DeletePolicyVersion`
pub(crate) async fn delete(
    call: &Call<'_>,
    request: DeletePolicyVersionRequest,
) -> Result<DeletePolicyVersionResponse, ApiError> {
    let number = number(&request.version_id)?;
    let seen = policies::custom(call, &request.policy_name).await?;
    retrying!({
        let mut policy = policies::to_change(call, &seen.value).await?;
        let at = policy.value.versions.iter().position(|version| version.number == number);
        let at = at.ok_or(ApiError::new(ErrorCode::EntityNotExistPolicyVersion))?;
        if policy.value.default_version == number {
            return Err(ApiError::new(ErrorCode::DeleteConflictPolicyVersionDefault).into());
        }
        policy.value.versions.remove(at);
        policy.value.updated = call.now;
        let mut batch = Batch::new();
        policy.write(&mut batch)?;
        commit(call, batch).await?;
        Ok::<_, CommitError>(())
    })?;
    Ok(DeletePolicyVersionResponse::default())
}
