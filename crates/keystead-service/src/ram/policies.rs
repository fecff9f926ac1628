use std::sync::Arc;

use keystead_api::operations::ram::{
    CreatePolicyPolicy, CreatePolicyRequest, CreatePolicyResponse, DeletePolicyRequest, DeletePolicyResponse,
    GetPolicyDefaultPolicyVersion, GetPolicyPolicy, GetPolicyRequest, GetPolicyResponse,
    ListPoliciesPolicies, ListPoliciesPoliciesPolicy, ListPoliciesPoliciesPolicyTags,
    ListPoliciesPoliciesPolicyTagsTag, ListPoliciesRequest, ListPoliciesResponse,
    UpdatePolicyDescriptionPolicy, UpdatePolicyDescriptionRequest, UpdatePolicyDescriptionResponse,
};
use keystead_api::{ApiError, ErrorCode, Flaw, Timestamp};
use keystead_auth::policy::SystemPolicy;
use keystead_store::{Batch, Range};

use super::paging::{self, Page, marker};
use super::{Current, commit, current, documents, limits, names, tags};
use crate::call::Call;
use crate::engine::{CommitError, retrying};
use crate::image::{ImageError, Versioned};
use crate::keys::create::put_new;
use crate::records::{HolderKind, PolicyKind, PolicyRecord, PolicyVersion, path};
use crate::tags::Tag;

/// A policy of either kind.
pub(super) enum Policy {
    System(&'static SystemPolicy),
    /// Out of the image.
    Custom(Arc<Versioned<PolicyRecord>>),
    /// Out of a list; a custom one, too.
    Listed(Box<PolicyRecord>),
}

impl Policy {
    fn split(&self) -> Result<&PolicyRecord, &'static SystemPolicy> {
        match self {
            Self::System(policy) => Err(policy),
            Self::Custom(policy) => Ok(&policy.value),
            Self::Listed(policy) => Ok(policy),
        }
    }

    /// The account's own.
    pub(super) fn custom(&self) -> Option<&PolicyRecord> {
        self.split().ok()
    }

    pub(super) fn kind(&self) -> PolicyKind {
        self.split().map_or(PolicyKind::System, |_| PolicyKind::Custom)
    }

    /// As answers show it.
    pub(super) fn name(&self) -> &str {
        self.split().map_or_else(|system| system.name, |policy| &policy.name)
    }

    /// As attachments name it.
    pub(super) fn reference(&self) -> String {
        self.split().map_or_else(|system| system.name.to_owned(), |policy| policy.name.to_ascii_lowercase())
    }

    pub(super) fn description(&self) -> &str {
        self.split().map_or_else(|system| system.description, |policy| &policy.description)
    }

    fn tags(&self) -> &[Tag] {
        self.split().map_or(&[], |policy| &policy.tags)
    }

    /// The id of the version in force.
    pub(super) fn default_version(&self) -> String {
        version_id(self.split().map_or(1, |policy| policy.default_version))
    }

    /// When it was made and last changed. System policies are as old as the installation.
    pub(super) fn dates(&self, call: &Call<'_>) -> (Timestamp, Timestamp) {
        let installed = call.engine.installation().created;
        self.split().map_or((installed, installed), |policy| (policy.created, policy.updated))
    }

    /// The version in force and when it was made.
    pub(super) fn document(&self, call: &Call<'_>) -> (&str, Timestamp) {
        match self.split() {
            Err(system) => (system.document, self.dates(call).0),
            Ok(policy) => default_version(policy)
                .map_or(("", policy.created), |version| (&version.document, version.created)),
        }
    }
}

/// The version of a policy that is in force.
pub(super) fn default_version(policy: &PolicyRecord) -> Option<&PolicyVersion> {
    policy.versions.iter().find(|version| version.number == policy.default_version)
}

/// A version's id.
pub(super) fn version_id(number: u32) -> String {
    format!("v{number}")
}

/// `PolicyType`
pub(super) fn kind(text: &str) -> Result<PolicyKind, ApiError> {
    PolicyKind::find(text).ok_or_else(|| names::invalid("PolicyType", Flaw::Value))
}

/// The policy with this reference, as attachments have it.
pub(super) async fn attached(
    call: &Call<'_>,
    kind: PolicyKind,
    reference: &str,
) -> Result<Option<Policy>, ApiError> {
    Ok(match kind {
        PolicyKind::System => SystemPolicy::find(reference).map(Policy::System),
        PolicyKind::Custom => {
            let place = path::policy(call.account(), reference);
            call.engine.image.get::<PolicyRecord>(&place).await?.map(Policy::Custom)
        }
    })
}

/// The policy that `PolicyName` and `PolicyType` name, which the caller may use this operation on.
pub(super) async fn named(call: &Call<'_>, name: &str, policy_type: &str) -> Result<Policy, ApiError> {
    names::policy("PolicyName", name)?;
    let found = attached(call, kind(policy_type)?, name).await?;
    call.named("policy", "PolicyName", found.as_ref().map_or(name, Policy::name))?;
    found.ok_or_else(|| ErrorCode::EntityNotExistPolicy.into())
}

/// The custom policy that `PolicyName` names, which the caller may use this operation on.
pub(super) async fn custom(call: &Call<'_>, name: &str) -> Result<Arc<Versioned<PolicyRecord>>, ApiError> {
    match named(call, name, PolicyKind::Custom.as_str()).await? {
        Policy::Custom(policy) => Ok(policy),
        Policy::System(_) | Policy::Listed(_) => Err(ErrorCode::EntityNotExistPolicy.into()),
    }
}

/// The policy as the store has it now; another one of that name is another policy.
pub(super) async fn to_change(
    call: &Call<'_>,
    seen: &PolicyRecord,
) -> Result<Current<PolicyRecord>, ApiError> {
    let policy = current::<PolicyRecord>(call, &path::policy(call.account(), &seen.name)).await?;
    policy.ok_or_else(|| ErrorCode::EntityNotExistPolicy.into())
}

/// To how many users, groups and roles a policy is attached.
async fn attachment_count(call: &Call<'_>, policy: &Policy) -> Result<i64, ApiError> {
    let prefix = path::policy_attachments(call.account(), policy.kind(), policy.name());
    let count = call.engine.store.count(Range::prefix(prefix)).await.map_err(ImageError::from)?;
    Ok(i64::try_from(count).unwrap_or(i64::MAX))
}

/// `CreatePolicy`
pub(crate) async fn create(
    call: &Call<'_>,
    request: CreatePolicyRequest,
) -> Result<CreatePolicyResponse, ApiError> {
    names::policy("PolicyName", &request.policy_name)?;
    let description = request.description.unwrap_or_default();
    names::description("Description", &description)?;
    documents::check_policy("PolicyDocument", &request.policy_document)?;
    let tags = tags::to_set(request.tag.as_deref())?;
    call.named("policy", "PolicyName", &request.policy_name)?;
    if SystemPolicy::find(&request.policy_name).is_some() {
        // One of the account's own under that name would be taken for it.
        return Err(ErrorCode::EntityAlreadyExistsPolicy.into());
    }
    let policy = PolicyRecord {
        account: call.account().to_owned(),
        name: request.policy_name,
        description,
        created: call.now,
        updated: call.now,
        default_version: 1,
        next_version: 2,
        versions: vec![PolicyVersion {
            number: 1,
            document: request.policy_document.into(),
            created: call.now,
        }],
        tags,
    };
    let place = path::policy(call.account(), &policy.name);
    retrying!({
        if current::<PolicyRecord>(call, &place).await?.is_some() {
            return Err(ApiError::new(ErrorCode::EntityAlreadyExistsPolicy).into());
        }
        let mut batch = Batch::new();
        limits::one_more(call, &mut batch, path::policy(call.account(), ""), limits::POLICIES).await?;
        put_new(&mut batch, place.clone(), &policy)?;
        commit(call, batch).await?;
        Ok::<_, CommitError>(())
    })?;
    let policy = CreatePolicyPolicy {
        create_date: policy.created.to_string(),
        default_version: version_id(policy.default_version),
        description: policy.description,
        policy_name: policy.name,
        policy_type: PolicyKind::Custom.as_str().into(),
    };
    Ok(CreatePolicyResponse { policy, ..CreatePolicyResponse::default() })
}

/// `GetPolicy`
pub(crate) async fn get(call: &Call<'_>, request: GetPolicyRequest) -> Result<GetPolicyResponse, ApiError> {
    let policy = named(call, &request.policy_name, &request.policy_type).await?;
    let (created, updated) = policy.dates(call);
    let (document, version_created) = policy.document(call);
    let default_policy_version = GetPolicyDefaultPolicyVersion {
        create_date: version_created.to_string(),
        is_default_version: true,
        policy_document: document.into(),
        version_id: policy.default_version(),
    };
    let policy = GetPolicyPolicy {
        attachment_count: attachment_count(call, &policy).await?,
        create_date: created.to_string(),
        default_version: policy.default_version(),
        description: policy.description().to_owned(),
        policy_document: document.into(),
        policy_name: policy.name().to_owned(),
        policy_type: policy.kind().as_str().into(),
        update_date: updated.to_string(),
    };
    Ok(GetPolicyResponse { default_policy_version, policy, ..GetPolicyResponse::default() })
}

/// A marker of this list has the kind in front of the name: system policies come first.
const SYSTEM: &str = "s:";
const CUSTOM: &str = "c:";

/// `ListPolicies`
pub(crate) async fn list(
    call: &Call<'_>,
    request: ListPoliciesRequest,
) -> Result<ListPoliciesResponse, ApiError> {
    call.container("policy")?;
    let kind = request.policy_type.as_deref().filter(|text| !text.is_empty()).map(kind).transpose()?;
    let page = Page::new(request.marker.as_deref(), request.max_items, paging::MOST)?;
    let wanted = tags::Wanted::read(request.tag.as_deref())?;
    let (policies, marker) = read_page(call, kind, &page, &wanted).await?;
    let mut policy = Vec::with_capacity(policies.len());
    for found in &policies {
        policy.push(entry(call, found).await?);
    }
    Ok(ListPoliciesResponse {
        is_truncated: marker.is_some(),
        marker,
        policies: ListPoliciesPolicies { policy },
        ..ListPoliciesResponse::default()
    })
}

/// A page of both kinds, and where the next one begins.
async fn read_page(
    call: &Call<'_>,
    kind: Option<PolicyKind>,
    page: &Page,
    wanted: &tags::Wanted,
) -> Result<(Vec<Policy>, Option<String>), ApiError> {
    let after = page.after();
    let after_custom = after.strip_prefix(CUSTOM);
    if !after.is_empty() && after_custom.is_none() && !after.starts_with(SYSTEM) {
        return Err(names::invalid("Marker", Flaw::Value));
    }
    let mut policies = Vec::new();
    // System policies have no tags.
    if kind != Some(PolicyKind::Custom) && wanted.is_empty() && after_custom.is_none() {
        let after = after.strip_prefix(SYSTEM).unwrap_or_default();
        let behind = |policy: &&SystemPolicy| policy.name.to_ascii_lowercase().as_str() > after;
        policies.extend(SystemPolicy::ALL.iter().filter(behind).map(Policy::System));
    }
    let mut more = policies.len() > page.size();
    policies.truncate(page.size());
    if !more && kind != Some(PolicyKind::System) {
        let room = page.size() - policies.len();
        // Without room, one is read to see whether there is another page.
        let rest = page.part(after_custom.unwrap_or_default(), room.max(1));
        let prefix = path::policy(call.account(), "");
        let wanted = |policy: &PolicyRecord| wanted.all_in(&policy.tags);
        let listed = rest.read::<PolicyRecord>(call, &prefix, wanted).await?;
        more = listed.marker.is_some() || (room == 0 && !listed.found.is_empty());
        let found = listed.found.into_iter().take(room);
        policies.extend(found.map(|(_, policy)| Policy::Listed(Box::new(policy))));
    }
    let marker = more.then(|| policies.last()).flatten().map(|last| {
        let kind = if last.kind() == PolicyKind::System { SYSTEM } else { CUSTOM };
        marker(&format!("{kind}{}", last.name().to_ascii_lowercase()))
    });
    Ok((policies, marker))
}

async fn entry(call: &Call<'_>, policy: &Policy) -> Result<ListPoliciesPoliciesPolicy, ApiError> {
    let (created, updated) = policy.dates(call);
    let tag = |tag: &Tag| ListPoliciesPoliciesPolicyTagsTag {
        tag_key: tag.key.clone(),
        tag_value: tag.value.clone(),
    };
    Ok(ListPoliciesPoliciesPolicy {
        attachment_count: attachment_count(call, policy).await?,
        create_date: created.to_string(),
        default_version: policy.default_version(),
        description: policy.description().to_owned(),
        policy_name: policy.name().to_owned(),
        policy_type: policy.kind().as_str().into(),
        tags: ListPoliciesPoliciesPolicyTags { tag: policy.tags().iter().map(tag).collect() },
        update_date: updated.to_string(),
    })
}

/// `UpdatePolicyDescription`
pub(crate) async fn update_description(
    call: &Call<'_>,
    request: UpdatePolicyDescriptionRequest,
) -> Result<UpdatePolicyDescriptionResponse, ApiError> {
    names::description("NewDescription", &request.new_description)?;
    let seen = custom(call, &request.policy_name).await?;
    let policy = retrying!({
        let mut policy = to_change(call, &seen.value).await?;
        policy.value.description.clone_from(&request.new_description);
        policy.value.updated = call.now;
        let mut batch = Batch::new();
        policy.write(&mut batch)?;
        commit(call, batch).await?;
        Ok::<_, CommitError>(policy.value)
    })?;
    let policy = UpdatePolicyDescriptionPolicy {
        create_date: policy.created.to_string(),
        default_version: version_id(policy.default_version),
        description: policy.description,
        policy_name: policy.name,
        policy_type: PolicyKind::Custom.as_str().into(),
        update_date: policy.updated.to_string(),
    };
    Ok(UpdatePolicyDescriptionResponse { policy, ..UpdatePolicyDescriptionResponse::default() })
}

/// `DeletePolicy`
pub(crate) async fn delete(
    call: &Call<'_>,
    request: DeletePolicyRequest,
) -> Result<DeletePolicyResponse, ApiError> {
    let seen = custom(call, &request.policy_name).await?;
    let attachments = path::policy_attachments(call.account(), PolicyKind::Custom, &seen.value.name);
    retrying!({
        let policy = to_change(call, &seen.value).await?;
        // Whoever attaches it after this look writes the policy's record too.
        let range = Range::prefix(attachments.as_str());
        let first = call.engine.store.scan(range, None, 1).await;
        let first = first.map_err(|error| ApiError::from(ImageError::from(error)))?;
        if let Some(attached) = first.first() {
            let holder = attached.key[attachments.len()..].split('/').next().and_then(HolderKind::find);
            return Err(ApiError::new(match holder {
                Some(HolderKind::User) | None => ErrorCode::DeleteConflictPolicyUser,
                Some(HolderKind::Group) => ErrorCode::DeleteConflictPolicyGroup,
                Some(HolderKind::Role) => ErrorCode::DeleteConflictPolicyRole,
            })
            .into());
        }
        if policy.value.versions.len() > 1 && request.cascading_delete != Some(true) {
            return Err(ApiError::new(ErrorCode::DeleteConflictPolicyVersion).into());
        }
        let mut batch = Batch::new();
        policy.remove(&mut batch);
        commit(call, batch).await?;
        Ok::<_, CommitError>(())
    })?;
    Ok(DeletePolicyResponse::default())
}
