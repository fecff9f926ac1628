use keystead_api::operations::{
    ListSecretVersionIdsRequest, ListSecretVersionIdsResponse, ListSecretVersionIdsVersionIds,
    ListSecretVersionIdsVersionIdsItem, ListSecretVersionIdsVersionIdsItemVersionStages,
    UpdateSecretVersionStageRequest, UpdateSecretVersionStageResponse,
};
use keystead_api::{ApiError, ErrorCode};

use crate::call::Call;
use crate::paging::Page;
use crate::records::{SecretRecord, SecretVersion};
use crate::secrets::describe::flag;
use crate::secrets::{CURRENT, PREVIOUS, check_generic, check_not_deleted, update_secret, valid_label};

/// `UpdateSecretVersionStage`
pub(crate) async fn update(
    call: &Call<'_>,
    request: UpdateSecretVersionStageRequest,
) -> Result<UpdateSecretVersionStageResponse, ApiError> {
    let found = call.secret("SecretName", &request.secret_name).await?;
    let label = &request.version_stage;
    if !valid_label(label) {
        return Err(ApiError::invalid_parameter("VersionStage"));
    }
    let to = request.move_to_version.as_deref().filter(|id| !id.is_empty());
    let from = request.remove_from_version.as_deref().filter(|id| !id.is_empty());
    if to.is_none() && from.is_none() {
        let text = "MoveToVersion or RemoveFromVersion is needed, and none is provided.".to_owned();
        return Err(ApiError::with_message(ErrorCode::MissingParameter, text));
    }
    let secret = update_secret(call.author(), &found.value, call.now, |secret, _| {
        check_not_deleted(secret)?;
        check_generic(secret)?;
        let before = secret.versions.clone();
        secret.move_label(label, to, from)?;
        let changed = secret.versions != before;
        if changed {
            secret.updated = call.now;
        }
        Ok(changed)
    })
    .await?;
    Ok(UpdateSecretVersionStageResponse {
        secret_name: Some(secret.name.into()),
        ..UpdateSecretVersionStageResponse::default()
    })
}

impl SecretRecord {
    /// Moves a label to a version, takes it away from one, or both.
    fn move_label(&mut self, label: &str, to: Option<&str>, from: Option<&str>) -> Result<(), ApiError> {
        if let Some(from) = from {
            let from = self.version(from).ok_or(ErrorCode::ForbiddenResourceNotFound)?;
            if !from.has(label) {
                return Err(ErrorCode::RejectedInvalidRequest.into());
            }
        }
        match to {
            Some(to) => {
                self.version(to).ok_or(ErrorCode::ForbiddenResourceNotFound)?;
                self.move_labels(&[label.into()], to)
            }
            // The service's own labels are always on some version, once they have been.
            None if [CURRENT, PREVIOUS].contains(&label) => {
                let text = "secret stages in unnormal status".to_owned();
                Err(ApiError::with_message(ErrorCode::RejectedUnsupportedOperation, text))
            }
            None => {
                for version in &mut self.versions {
                    version.stages.retain(|held| held.as_str() != label);
                }
                Ok(())
            }
        }
    }
}

/// `ListSecretVersionIds`
pub(crate) async fn list_versions(
    call: &Call<'_>,
    request: ListSecretVersionIdsRequest,
) -> Result<ListSecretVersionIdsResponse, ApiError> {
    let found = call.secret("SecretName", &request.secret_name).await?;
    let page = Page::new(request.page_number, request.page_size, 20)?;
    let all = flag("IncludeDeprecated", request.include_deprecated.as_deref())?;
    let listed: Vec<_> =
        found.value.versions.iter().rev().filter(|version| all || !version.stages.is_empty()).collect();
    let positions = page.positions();
    let version_id = (0u64..)
        .zip(&listed)
        .filter(|(position, _)| positions.contains(position))
        .map(|(_, version)| entry(version))
        .collect();
    Ok(ListSecretVersionIdsResponse {
        page_number: Some(page.number),
        page_size: Some(page.size),
        secret_name: Some(found.value.name.to_string()),
        total_count: Some(i64::try_from(listed.len()).unwrap_or(i64::MAX)),
        version_ids: Some(ListSecretVersionIdsVersionIds { version_id }),
        ..ListSecretVersionIdsResponse::default()
    })
}

fn entry(version: &SecretVersion) -> ListSecretVersionIdsVersionIdsItem {
    ListSecretVersionIdsVersionIdsItem {
        create_time: Some(version.created.to_string()),
        version_id: Some(version.version_id.to_string()),
        version_stages: Some(ListSecretVersionIdsVersionIdsItemVersionStages {
            version_stage: version.labels().into_iter().map(Into::into).collect(),
        }),
    }
}
