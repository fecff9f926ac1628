use keystead_api::operations::{
    CreateNetworkRuleRequest, CreateNetworkRuleResponse, DeleteNetworkRuleRequest, DeleteNetworkRuleResponse,
    DescribeNetworkRuleRequest, DescribeNetworkRuleResponse, ListNetworkRulesNetworkRules,
    ListNetworkRulesNetworkRulesItem, ListNetworkRulesRequest, ListNetworkRulesResponse,
    UpdateNetworkRuleRequest, UpdateNetworkRuleResponse,
};
use keystead_api::{ApiError, ErrorCode};
use keystead_store::{Batch, Range};

use super::{NETWORK_RULE, USUAL_PAGE, check_description, check_free, check_name, texts};
use crate::call::Call;
use crate::current::current;
use crate::engine::{CommitError, retrying};
use crate::keys::create::put_new;
use crate::keys::list::read_page;
use crate::paging::Page;
use crate::records::{Id, NetworkRuleRecord, SourceRange, path};

/// The only type: addresses inside a VPC.
const PRIVATE: &str = "Private";
/// Addresses and blocks of a rule at most; own choice.
const MAX_SOURCES: usize = 100;

fn sources(text: Option<&str>) -> Result<Vec<SourceRange>, ApiError> {
    const PARAM: &str = "SourcePrivateIp";
    texts::list_or_commas(PARAM, text.unwrap_or_default(), MAX_SOURCES)?
        .into_iter()
        .map(|source| SourceRange::try_from(source).map_err(|_| ApiError::invalid_parameter(PARAM)))
        .collect()
}

fn shown(rule: &NetworkRuleRecord) -> String {
    texts::array(rule.sources.iter().map(SourceRange::text))
}

fn arn(call: &Call<'_>, name: &str) -> String {
    call.arn(call.account(), &format!("{NETWORK_RULE}/{name}"))
}

/// `CreateNetworkRule`
pub(crate) async fn create(
    call: &Call<'_>,
    request: CreateNetworkRuleRequest,
) -> Result<CreateNetworkRuleResponse, ApiError> {
    check_name("Name", &request.name)?;
    call.named(NETWORK_RULE, "Name", &request.name)?;
    if request.kind != PRIVATE {
        return Err(ApiError::invalid_parameter("Type"));
    }
    check_description(request.description.as_deref())?;
    let rule = NetworkRuleRecord {
        account: Id::from(call.account()).map_err(|_| ErrorCode::InternalFailure)?,
        name: request.name,
        description: request.description.unwrap_or_default(),
        sources: sources(request.source_private_ip.as_deref())?,
        used_by: Vec::new(),
        created: call.now,
    };
    let at = path::network_rule(call.account(), &rule.name);
    retrying!({
        check_free::<NetworkRuleRecord>(call, &at).await?;
        let mut batch = Batch::new();
        put_new(&mut batch, at.clone(), &rule)?;
        call.commit(batch).await?;
        Ok::<_, CommitError>(())
    })?;
    Ok(CreateNetworkRuleResponse {
        arn: Some(arn(call, &rule.name)),
        source_private_ip: Some(shown(&rule).into()),
        description: Some(rule.description),
        name: Some(rule.name),
        kind: Some(PRIVATE.into()),
        ..CreateNetworkRuleResponse::default()
    })
}

/// `DescribeNetworkRule`
pub(crate) async fn describe(
    call: &Call<'_>,
    request: DescribeNetworkRuleRequest,
) -> Result<DescribeNetworkRuleResponse, ApiError> {
    check_name("Name", &request.name)?;
    call.named(NETWORK_RULE, "Name", &request.name)?;
    let at = path::network_rule(call.account(), &request.name);
    let rule = call.engine.image.get::<NetworkRuleRecord>(&at).await?;
    let rule = &rule.ok_or(ErrorCode::ForbiddenResourceNotFound)?.value;
    Ok(DescribeNetworkRuleResponse {
        arn: Some(arn(call, &rule.name)),
        description: Some(rule.description.clone()),
        source_private_ip: Some(shown(rule).into()),
        kind: Some(PRIVATE.into()),
        ..DescribeNetworkRuleResponse::default()
    })
}

/// `ListNetworkRules`
pub(crate) async fn list(
    call: &Call<'_>,
    request: ListNetworkRulesRequest,
) -> Result<ListNetworkRulesResponse, ApiError> {
    call.anything()?;
    let page = Page::new(request.page_number, request.page_size, USUAL_PAGE)?;
    let range = Range::prefix(path::network_rule(call.account(), ""));
    let (rules, total) = read_page::<NetworkRuleRecord>(call, range, page, |_| true).await?;
    let item = |rule: NetworkRuleRecord| ListNetworkRulesNetworkRulesItem {
        name: Some(rule.name),
        kind: Some(PRIVATE.into()),
    };
    Ok(ListNetworkRulesResponse {
        network_rules: Some(ListNetworkRulesNetworkRules {
            network_rule: rules.into_iter().map(item).collect(),
        }),
        page_number: Some(page.number),
        page_size: Some(page.size),
        total_count: Some(total),
        ..ListNetworkRulesResponse::default()
    })
}

/// `UpdateNetworkRule`
pub(crate) async fn update(
    call: &Call<'_>,
    request: UpdateNetworkRuleRequest,
) -> Result<UpdateNetworkRuleResponse, ApiError> {
    check_name("Name", &request.name)?;
    call.named(NETWORK_RULE, "Name", &request.name)?;
    check_description(request.description.as_deref())?;
    let given = request.source_private_ip.as_deref();
    let new = given.map(|text| sources(Some(text))).transpose()?;
    retrying!({
        let at = path::network_rule(call.account(), &request.name);
        let rule = current::<NetworkRuleRecord>(call, &at).await?;
        let mut rule = rule.ok_or(ApiError::new(ErrorCode::ForbiddenResourceNotFound))?;
        if let Some(description) = &request.description {
            rule.value.description.clone_from(description);
        }
        if let Some(sources) = &new {
            rule.value.sources.clone_from(sources);
        }
        let mut batch = Batch::new();
        rule.write(&mut batch)?;
        call.commit(batch).await?;
        Ok::<_, CommitError>(())
    })?;
    Ok(UpdateNetworkRuleResponse::default())
}

/// `DeleteNetworkRule`
pub(crate) async fn delete(
    call: &Call<'_>,
    request: DeleteNetworkRuleRequest,
) -> Result<DeleteNetworkRuleResponse, ApiError> {
    check_name("Name", &request.name)?;
    call.named(NETWORK_RULE, "Name", &request.name)?;
    retrying!({
        let at = path::network_rule(call.account(), &request.name);
        let rule = current::<NetworkRuleRecord>(call, &at).await?;
        let rule = rule.ok_or(ApiError::new(ErrorCode::ForbiddenResourceNotFound))?;
        if !rule.value.used_by.is_empty() {
            return Err(ApiError::new(ErrorCode::RejectedResourceInUse).into());
        }
        let mut batch = Batch::new();
        rule.remove(&mut batch);
        call.commit(batch).await?;
        Ok::<_, CommitError>(())
    })?;
    Ok(DeleteNetworkRuleResponse::default())
}
