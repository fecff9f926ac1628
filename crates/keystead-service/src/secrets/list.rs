use keystead_api::ApiError;
use keystead_api::operations::{
    ListSecretsRequest, ListSecretsResponse, ListSecretsSecretList, ListSecretsSecretListSecretItem,
    ListSecretsSecretListSecretItemTags, ListSecretsSecretListSecretItemTagsItem,
};
use keystead_store::Range;

use crate::call::Call;
use crate::filters::Filters;
use crate::instances::Live;
use crate::keys::list::read_page;
use crate::paging::Page;
use crate::records::{SecretRecord, path};
use crate::secrets::describe::flag;

/// What ListSecrets can be filtered by (KMS API reference, ListSecrets).
const FILTERS: &[&str] =
    &["SecretName", "Description", "TagKey", "TagValue", "DKMSInstanceId", "SecretType", "Creator"];

/// `ListSecrets`
pub(crate) async fn list(
    call: &Call<'_>,
    request: ListSecretsRequest,
) -> Result<ListSecretsResponse, ApiError> {
    call.container("secret")?;
    let page = Page::new(request.page_number, request.page_size, 10)?;
    let filters = Filters::parse(request.filters.as_deref(), FILTERS)?;
    let fetch_tags = flag("FetchTags", request.fetch_tags.as_deref())?;
    let live = Live::of(call).await?;
    let matches = |secret: &SecretRecord| {
        !secret.is_gone(call.now)
            && live.holds(secret.instance.as_ref())
            && filters.all(|name, value| match name {
                "SecretName" => secret.name.contains(value),
                "Description" => secret.description.contains(value),
                "TagKey" => secret.tags.iter().any(|tag| tag.key == value),
                "TagValue" => secret.tags.iter().any(|tag| tag.value == value),
                // The filter spells RDS in capitals where the field says Rds.
                "SecretType" => secret.secret_type.as_str().eq_ignore_ascii_case(value),
                "Creator" => secret.account.as_str() == value,
                "DKMSInstanceId" => secret.instance.is_some_and(|id| *id == *value),
                _ => false,
            })
    };
    let range = Range::prefix(path::secret(call.account(), ""));
    let (secrets, total_count) = read_page(call, range, page, matches).await?;
    let secret = secrets.into_iter().map(|secret| entry(secret, fetch_tags)).collect();
    Ok(ListSecretsResponse {
        page_number: page.number,
        page_size: page.size,
        secret_list: ListSecretsSecretList { secret },
        total_count,
        ..ListSecretsResponse::default()
    })
}

fn entry(secret: SecretRecord, fetch_tags: bool) -> ListSecretsSecretListSecretItem {
    let tags = fetch_tags.then(|| ListSecretsSecretListSecretItemTags {
        tag: secret
            .tags
            .into_iter()
            .map(|tag| ListSecretsSecretListSecretItemTagsItem { tag_key: tag.key, tag_value: tag.value })
            .collect(),
    });
    ListSecretsSecretListSecretItem {
        create_time: secret.created.to_string(),
        planned_delete_time: secret.planned_delete.map(|time| time.to_string()),
        secret_name: secret.name.into(),
        secret_type: secret.secret_type.as_str().into(),
        tags,
        update_time: secret.updated.to_string(),
        ..ListSecretsSecretListSecretItem::default()
    }
}
