use keystead_api::operations::{
    CreateApplicationAccessPointRequest, CreateApplicationAccessPointResponse,
    DeleteApplicationAccessPointRequest, DeleteApplicationAccessPointResponse,
    DescribeApplicationAccessPointRequest, DescribeApplicationAccessPointResponse,
    ListApplicationAccessPointsApplicationAccessPoints,
    ListApplicationAccessPointsApplicationAccessPointsItem, ListApplicationAccessPointsRequest,
    ListApplicationAccessPointsResponse, UpdateApplicationAccessPointRequest,
    UpdateApplicationAccessPointResponse,
};
use keystead_api::{ApiError, ErrorCode};
use keystead_store::{Batch, Range};

use super::{ACCESS_POINT, USUAL_PAGE, check_description, check_free, check_name, rename_users, texts};
use crate::call::Call;
use crate::current::{Current, current};
use crate::engine::{CommitError, retrying};
use crate::ids;
use crate::keys::create::{no_randomness, put_new};
use crate::keys::list::read_page;
use crate::paging::Page;
use crate::records::{AccessPointRecord, AccessPolicyRecord, ClientKeyRecord, Id, path};

/// The only way in which applications prove who they are.
const CLIENT_KEY: &str = "ClientKey";
/// Policies of an access point at most (KMS documentation, limits).
const MAX_POLICIES: usize = 3;

fn policies(text: &str) -> Result<Vec<String>, ApiError> {
    let listed = texts::list("Policies", text, MAX_POLICIES)?;
    let valid = !listed.is_empty() && listed.iter().all(|name| check_name("Policies", name).is_ok());
    if valid { Ok(listed) } else { Err(ApiError::invalid_parameter("Policies")) }
}

fn arn(call: &Call<'_>, name: &str) -> String {
    call.arn(call.account(), &format!("{ACCESS_POINT}/{name}"))
}

/// The access point of a name, to be changed.
pub(super) async fn to_change(call: &Call<'_>, name: &str) -> Result<Current<AccessPointRecord>, ApiError> {
    let point = current::<AccessPointRecord>(call, &path::access_point(call.account(), name)).await?;
    point.ok_or_else(|| ErrorCode::ForbiddenResourceNotFound.into())
}

/// `CreateApplicationAccessPoint`
pub(crate) async fn create(
    call: &Call<'_>,
    request: CreateApplicationAccessPointRequest,
) -> Result<CreateApplicationAccessPointResponse, ApiError> {
    check_name("Name", &request.name)?;
    call.named(ACCESS_POINT, "Name", &request.name)?;
    if request.authentication_method.is_some_and(|method| !method.is_empty() && method != CLIENT_KEY) {
        return Err(ApiError::invalid_parameter("AuthenticationMethod"));
    }
    check_description(request.description.as_deref())?;
    let point = AccessPointRecord {
        account: Id::from(call.account()).map_err(|_| ErrorCode::InternalFailure)?,
        uid: ids::secret_uid(&*call.engine.random).map_err(no_randomness)?,
        name: request.name,
        description: request.description.unwrap_or_default(),
        policies: policies(&request.policies)?,
        client_keys: Vec::new(),
        created: call.now,
    };
    let at = path::access_point(call.account(), &point.name);
    retrying!({
        check_free::<AccessPointRecord>(call, &at).await?;
        let mut batch = Batch::new();
        put_new(&mut batch, at.clone(), &point)?;
        let named = (&[][..], point.policies.as_slice());
        rename_users::<AccessPolicyRecord>(call, &mut batch, &point.name, named).await?;
        call.commit(batch).await?;
        Ok::<_, CommitError>(())
    })?;
    Ok(CreateApplicationAccessPointResponse {
        arn: Some(arn(call, &point.name)),
        authentication_method: Some(CLIENT_KEY.into()),
        policies: Some(texts::array(point.policies.iter().map(String::as_str)).into()),
        description: Some(point.description),
        name: Some(point.name),
        ..CreateApplicationAccessPointResponse::default()
    })
}

/// `DescribeApplicationAccessPoint`
pub(crate) async fn describe(
    call: &Call<'_>,
    request: DescribeApplicationAccessPointRequest,
) -> Result<DescribeApplicationAccessPointResponse, ApiError> {
    check_name("Name", &request.name)?;
    call.named(ACCESS_POINT, "Name", &request.name)?;
    let at = path::access_point(call.account(), &request.name);
    let point = call.engine.image.get::<AccessPointRecord>(&at).await?;
    let point = &point.ok_or(ErrorCode::ForbiddenResourceNotFound)?.value;
    Ok(DescribeApplicationAccessPointResponse {
        arn: Some(arn(call, &point.name)),
        authentication_method: Some(CLIENT_KEY.into()),
        description: Some(point.description.clone()),
        name: Some(point.name.clone()),
        policies: Some(texts::array(point.policies.iter().map(String::as_str)).into()),
        ..DescribeApplicationAccessPointResponse::default()
    })
}

/// `ListApplicationAccessPoints`
pub(crate) async fn list(
    call: &Call<'_>,
    request: ListApplicationAccessPointsRequest,
) -> Result<ListApplicationAccessPointsResponse, ApiError> {
    call.anything()?;
    let page = Page::new(request.page_number, request.page_size, USUAL_PAGE)?;
    let range = Range::prefix(path::access_point(call.account(), ""));
    let (points, total) = read_page::<AccessPointRecord>(call, range, page, |_| true).await?;
    let item = |point: AccessPointRecord| ListApplicationAccessPointsApplicationAccessPointsItem {
        authentication_method: Some(CLIENT_KEY.into()),
        name: Some(point.name),
    };
    Ok(ListApplicationAccessPointsResponse {
        application_access_points: Some(ListApplicationAccessPointsApplicationAccessPoints {
            application_access_point: points.into_iter().map(item).collect(),
        }),
        page_number: Some(page.number),
        page_size: Some(page.size),
        total_count: Some(total),
        ..ListApplicationAccessPointsResponse::default()
    })
}

/// `UpdateApplicationAccessPoint`
pub(crate) async fn update(
    call: &Call<'_>,
    request: UpdateApplicationAccessPointRequest,
) -> Result<UpdateApplicationAccessPointResponse, ApiError> {
    check_name("Name", &request.name)?;
    call.named(ACCESS_POINT, "Name", &request.name)?;
    check_description(request.description.as_deref())?;
    let policies = request.policies.as_deref().map(policies).transpose()?;
    retrying!({
        let mut point = to_change(call, &request.name).await?;
        let mut batch = Batch::new();
        if let Some(description) = &request.description {
            point.value.description.clone_from(description);
        }
        if let Some(policies) = &policies {
            let named = (point.value.policies.as_slice(), policies.as_slice());
            rename_users::<AccessPolicyRecord>(call, &mut batch, &request.name, named).await?;
            point.value.policies.clone_from(policies);
        }
        point.write(&mut batch)?;
        call.commit(batch).await?;
        Ok::<_, CommitError>(())
    })?;
    Ok(UpdateApplicationAccessPointResponse::default())
}

/// `DeleteApplicationAccessPoint`: with its client keys.
pub(crate) async fn delete(
    call: &Call<'_>,
    request: DeleteApplicationAccessPointRequest,
) -> Result<DeleteApplicationAccessPointResponse, ApiError> {
    check_name("Name", &request.name)?;
    call.named(ACCESS_POINT, "Name", &request.name)?;
    retrying!({
        let point = to_change(call, &request.name).await?;
        let mut batch = Batch::new();
        point.remove(&mut batch);
        let named = (point.value.policies.as_slice(), &[][..]);
        rename_users::<AccessPolicyRecord>(call, &mut batch, &request.name, named).await?;
        for id in &point.value.client_keys {
            if let Some(key) = current::<ClientKeyRecord>(call, &path::client_key(id)).await? {
                key.remove(&mut batch);
            }
        }
        call.commit(batch).await?;
        Ok::<_, CommitError>(())
    })?;
    Ok(DeleteApplicationAccessPointResponse::default())
}
