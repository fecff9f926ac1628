use keystead_api::operations::{
    CreatePolicyRequest, CreatePolicyResponse, DeletePolicyRequest, DeletePolicyResponse,
    DescribePolicyRequest, DescribePolicyResponse, ListPoliciesPolicies, ListPoliciesPoliciesPolicyItem,
    ListPoliciesRequest, ListPoliciesResponse, UpdatePolicyRequest, UpdatePolicyResponse,
};
use keystead_api::{ApiError, ErrorCode};
use keystead_store::{Batch, Range};

use super::{POLICY, USUAL_PAGE, check_description, check_free, check_name, rename_users, texts};
use crate::call::Call;
use crate::current::current;
use crate::engine::{CommitError, retrying};
use crate::keys::create::put_new;
use crate::keys::list::read_page;
use crate::paging::Page;
use crate::records::{
    AccessPolicyRecord, Id, InstanceRecord, NetworkRuleRecord, SHARED_SCOPE, Template, path,
};

/// Permissions of a policy at most: each template in each of its spellings.
const MAX_PERMISSIONS: usize = 4;
/// Resources of a policy at most; own choice.
const MAX_RESOURCES: usize = 100;
/// Characters of a resource at most: a secret's name has 64, and longer ones are none.
const MAX_RESOURCE: usize = 128;
/// Network rules of a policy at most; own choice.
const MAX_NETWORK_RULES: usize = 10;

fn permissions(text: &str) -> Result<Vec<String>, ApiError> {
    let listed = texts::list("Permissions", text, MAX_PERMISSIONS)?;
    let known = |text: &String| Template::find(text).is_some();
    match !listed.is_empty() && listed.iter().all(known) {
        true => Ok(listed),
        false => Err(ApiError::invalid_parameter("Permissions")),
    }
}

/// `key/…` and `secret/…`, with `*` only for all of them. A policy of the shared gateway may list none.
fn resources(text: &str, scope: &str) -> Result<Vec<String>, ApiError> {
    let listed = texts::list("Resources", text, MAX_RESOURCES)?;
    let valid = |resource: &String| {
        let Some((kind, id)) = resource.split_once('/') else { return false };
        let named = !id.is_empty()
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_/+=.@-".contains(&byte));
        matches!(kind, "key" | "secret") && (id == "*" || named) && resource.len() <= MAX_RESOURCE
    };
    match (scope == SHARED_SCOPE || !listed.is_empty()) && listed.iter().all(valid) {
        true => Ok(listed),
        false => Err(ApiError::invalid_parameter("Resources")),
    }
}

fn arn(call: &Call<'_>, name: &str) -> String {
    call.arn(call.account(), &format!("{POLICY}/{name}"))
}

/// `CreatePolicy`
pub(crate) async fn create(
    call: &Call<'_>,
    request: CreatePolicyRequest,
) -> Result<CreatePolicyResponse, ApiError> {
    check_name("Name", &request.name)?;
    call.named(POLICY, "Name", &request.name)?;
    check_description(request.description.as_deref())?;
    let scope = request.kms_instance.filter(|scope| !scope.is_empty());
    let scope = scope.unwrap_or_else(|| SHARED_SCOPE.to_owned());
    let rules = request.access_control_rules.as_deref().unwrap_or_default();
    let policy = AccessPolicyRecord {
        account: Id::from(call.account()).map_err(|_| ErrorCode::InternalFailure)?,
        permissions: permissions(&request.permissions)?,
        resources: resources(&request.resources, &scope)?,
        network_rules: texts::network_rules(rules, MAX_NETWORK_RULES)?,
        name: request.name,
        description: request.description.unwrap_or_default(),
        scope,
        used_by: Vec::new(),
        created: call.now,
    };
    let at = path::access_policy(call.account(), &policy.name);
    retrying!({
        check_free::<AccessPolicyRecord>(call, &at).await?;
        let mut batch = Batch::new();
        expect_scope(call, &mut batch, &policy.scope).await?;
        put_new(&mut batch, at.clone(), &policy)?;
        let named = (&[][..], policy.network_rules.as_slice());
        rename_users::<NetworkRuleRecord>(call, &mut batch, &policy.name, named).await?;
        call.commit(batch).await?;
        Ok::<_, CommitError>(())
    })?;
    Ok(CreatePolicyResponse {
        access_control_rules: Some(texts::access_control_rules(&policy.network_rules).into()),
        arn: Some(arn(call, &policy.name)),
        permissions: Some(texts::array(policy.permissions.iter().map(String::as_str)).into()),
        resources: Some(texts::array(policy.resources.iter().map(String::as_str)).into()),
        description: Some(policy.description),
        kms_instance: Some(policy.scope),
        name: Some(policy.name),
        ..CreatePolicyResponse::default()
    })
}

/// The scope must be the shared gateway, or an instance of the account that is still there when the policy is.
async fn expect_scope(call: &Call<'_>, batch: &mut Batch, scope: &str) -> Result<(), ApiError> {
    if scope == SHARED_SCOPE {
        return Ok(());
    }
    let unknown = ErrorCode::ForbiddenDkmsInstanceNotFound;
    // What cannot be an id gets no place in the store.
    if !scope.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return Err(unknown.into());
    }
    let instance = current::<InstanceRecord>(call, &path::instance(scope)).await?;
    let instance = instance.filter(|found| *found.value.account == *call.account()).ok_or(unknown)?;
    batch.expect_at(instance.read.key.as_str(), instance.read.revision);
    Ok(())
}

/// `DescribePolicy`
pub(crate) async fn describe(
    call: &Call<'_>,
    request: DescribePolicyRequest,
) -> Result<DescribePolicyResponse, ApiError> {
    check_name("Name", &request.name)?;
    call.named(POLICY, "Name", &request.name)?;
    let at = path::access_policy(call.account(), &request.name);
    let policy = call.engine.image.get::<AccessPolicyRecord>(&at).await?;
    let policy = &policy.ok_or(ErrorCode::ForbiddenResourceNotFound)?.value;
    Ok(DescribePolicyResponse {
        access_control_rules: Some(texts::access_control_rules(&policy.network_rules).into()),
        arn: Some(arn(call, &policy.name)),
        description: Some(policy.description.clone()),
        kms_instance: Some(policy.scope.clone()),
        name: Some(policy.name.clone()),
        permissions: policy.permissions.clone(),
        resources: policy.resources.clone(),
        ..DescribePolicyResponse::default()
    })
}

/// `ListPolicies`
pub(crate) async fn list(
    call: &Call<'_>,
    request: ListPoliciesRequest,
) -> Result<ListPoliciesResponse, ApiError> {
    call.anything()?;
    let page = Page::new(request.page_number, request.page_size, USUAL_PAGE)?;
    let range = Range::prefix(path::access_policy(call.account(), ""));
    let (policies, total) = read_page::<AccessPolicyRecord>(call, range, page, |_| true).await?;
    let item = |policy: AccessPolicyRecord| ListPoliciesPoliciesPolicyItem { name: Some(policy.name) };
    Ok(ListPoliciesResponse {
        policies: Some(ListPoliciesPolicies { policy: policies.into_iter().map(item).collect() }),
        page_number: Some(page.number),
        page_size: Some(page.size),
        total_count: Some(total),
        ..ListPoliciesResponse::default()
    })
}

/// `UpdatePolicy`
pub(crate) async fn update(
    call: &Call<'_>,
    request: UpdatePolicyRequest,
) -> Result<UpdatePolicyResponse, ApiError> {
    check_name("Name", &request.name)?;
    call.named(POLICY, "Name", &request.name)?;
    check_description(request.description.as_deref())?;
    let permissions = request.permissions.as_deref().map(permissions).transpose()?;
    let rules = request.access_control_rules.as_deref();
    let rules = rules.map(|text| texts::network_rules(text, MAX_NETWORK_RULES)).transpose()?;
    retrying!({
        let at = path::access_policy(call.account(), &request.name);
        let policy = current::<AccessPolicyRecord>(call, &at).await?;
        let mut policy = policy.ok_or(ApiError::new(ErrorCode::ForbiddenResourceNotFound))?;
        let mut batch = Batch::new();
        if let Some(description) = &request.description {
            policy.value.description.clone_from(description);
        }
        if let Some(permissions) = &permissions {
            policy.value.permissions.clone_from(permissions);
        }
        if let Some(text) = &request.resources {
            policy.value.resources = resources(text, &policy.value.scope)?;
        }
        if let Some(rules) = &rules {
            let named = (policy.value.network_rules.as_slice(), rules.as_slice());
            rename_users::<NetworkRuleRecord>(call, &mut batch, &request.name, named).await?;
            policy.value.network_rules.clone_from(rules);
        }
        policy.write(&mut batch)?;
        call.commit(batch).await?;
        Ok::<_, CommitError>(())
    })?;
    Ok(UpdatePolicyResponse::default())
}

/// `DeletePolicy`
pub(crate) async fn delete(
    call: &Call<'_>,
    request: DeletePolicyRequest,
) -> Result<DeletePolicyResponse, ApiError> {
    check_name("Name", &request.name)?;
    call.named(POLICY, "Name", &request.name)?;
    retrying!({
        let at = path::access_policy(call.account(), &request.name);
        let policy = current::<AccessPolicyRecord>(call, &at).await?;
        let policy = policy.ok_or(ApiError::new(ErrorCode::ForbiddenResourceNotFound))?;
        if !policy.value.used_by.is_empty() {
            return Err(ApiError::new(ErrorCode::RejectedResourceInUse).into());
        }
        let mut batch = Batch::new();
        policy.remove(&mut batch);
        let named = (policy.value.network_rules.as_slice(), &[][..]);
        rename_users::<NetworkRuleRecord>(call, &mut batch, &request.name, named).await?;
        call.commit(batch).await?;
        Ok::<_, CommitError>(())
    })?;
    Ok(DeletePolicyResponse::default())
}
