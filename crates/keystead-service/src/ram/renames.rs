//! A new name for a user or a group: every record and every index entry moves in the same commit.

use keystead_api::{ApiError, ErrorCode};
use keystead_store::{Batch, Range};

use super::{Current, current};
use crate::call::Call;
use crate::image::ImageError;
use crate::keys::create::{encode, put_new};
use crate::records::{
    AccessKeyRecord, Attachment, GroupMemberRecord, GroupRecord, HolderKind, KeyOwner,
    PolicyAttachmentRecord, Stored, UserRecord, path,
};

/// Gives a user another name, and writes what else was changed of it.
pub(super) async fn user(
    call: &Call<'_>,
    batch: &mut Batch,
    user: &mut Current<UserRecord>,
    name: &str,
) -> Result<(), ApiError> {
    let account = call.account();
    let old = std::mem::replace(&mut user.value.name, name.to_owned());
    let to = path::user(account, name);
    if to == user.read.key {
        return user.write(batch);
    }
    if current::<UserRecord>(call, &to).await?.is_some() {
        return Err(ErrorCode::EntityAlreadyExistsUser.into());
    }
    user.remove(batch);
    put_new(batch, to, &user.value)?;
    for membership in &user.value.groups {
        batch.delete(path::group_member(account, &membership.group, &old));
        put_new(batch, path::group_member(account, &membership.group, name), &GroupMemberRecord {})?;
    }
    move_attachments(batch, account, &user.value.policies, HolderKind::User, (&old, name))?;
    for id in &user.value.access_keys {
        let mut key = current::<AccessKeyRecord>(call, &path::access_key(id))
            .await?
            .ok_or_else(|| dangling("an AccessKey of a user"))?;
        key.value.owner =
            Some(KeyOwner { name: name.to_ascii_lowercase(), user_id: user.value.user_id.clone() });
        key.write(batch)?;
    }
    Ok(())
}

/// Gives a group another name, and writes what else was changed of it.
pub(super) async fn group(
    call: &Call<'_>,
    batch: &mut Batch,
    group: &mut Current<GroupRecord>,
    name: &str,
) -> Result<(), ApiError> {
    let account = call.account();
    let old = std::mem::replace(&mut group.value.name, name.to_owned());
    let to = path::group(account, name);
    if to == group.read.key {
        return group.write(batch);
    }
    if current::<GroupRecord>(call, &to).await?.is_some() {
        return Err(ErrorCode::EntityAlreadyExistsGroup.into());
    }
    group.remove(batch);
    put_new(batch, to, &group.value)?;
    move_attachments(batch, account, &group.value.policies, HolderKind::Group, (&old, name))?;
    let (from, folded) = (old.to_ascii_lowercase(), name.to_ascii_lowercase());
    for member in members(call, &old).await? {
        batch.delete(path::group_member(account, &old, &member));
        put_new(batch, path::group_member(account, name, &member), &GroupMemberRecord {})?;
        let mut user = current::<UserRecord>(call, &path::user(account, &member))
            .await?
            .ok_or_else(|| dangling("a member of a group"))?;
        for membership in user.value.groups.iter_mut().filter(|membership| membership.group == from) {
            membership.group.clone_from(&folded);
        }
        user.write(batch)?;
    }
    Ok(())
}

/// The names of a group's members, in lower case.
async fn members(call: &Call<'_>, group: &str) -> Result<Vec<String>, ApiError> {
    const CHUNK: usize = 500;
    let prefix = path::group_members(call.account(), group);
    let (mut names, mut after) = (Vec::new(), None);
    loop {
        let range = Range::prefix(prefix.as_str());
        let records = call.engine.store.scan(range, after, CHUNK).await.map_err(ImageError::from)?;
        names.extend(records.iter().map(|record| record.key[prefix.len()..].to_owned()));
        if records.len() < CHUNK {
            return Ok(names);
        }
        after = records.last().map(|record| record.key.clone());
    }
}

fn move_attachments(
    batch: &mut Batch,
    account: &str,
    attachments: &[Attachment],
    holder: HolderKind,
    (old, new): (&str, &str),
) -> Result<(), ApiError> {
    for Attachment { kind, policy, .. } in attachments {
        batch.delete(path::policy_attachment(account, *kind, policy, holder, old));
        batch.put(
            path::policy_attachment(account, *kind, policy, holder, new),
            PolicyAttachmentRecord::KIND,
            PolicyAttachmentRecord::FORMAT,
            encode(&PolicyAttachmentRecord {})?,
        );
    }
    Ok(())
}

/// A reference leads nowhere, which no operation leaves behind.
pub(super) fn dangling(what: &str) -> ApiError {
    tracing::error!(what, "a record that another one refers to is missing");
    ErrorCode::InternalFailure.into()
}
