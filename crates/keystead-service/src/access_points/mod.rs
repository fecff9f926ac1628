//! Application access points: who may use an instance, or read secrets through the shared gateway, without an identity of RAM.
//!
//! Network rules are named by policies, policies by access points, and an access point has client keys. What is named knows who
//! names it, and both are written in one commit: whoever deletes or names the same record at the same time meets a conflict and
//! looks again, so that nothing is left dangling.

pub(crate) mod client_keys;
mod key_file;
pub(crate) mod network_rules;
pub(crate) mod points;
pub(crate) mod policies;
mod texts;

use keystead_api::{ApiError, ErrorCode};
use keystead_store::Batch;

use crate::call::Call;
use crate::current::current;
use crate::keys::create::MAX_DESCRIPTION;
use crate::records::{AccessPolicyRecord, NetworkRuleRecord, Stored};

/// Kinds of resources in ARNs (KMS documentation, RAM authorisation).
const NETWORK_RULE: &str = "network";
const POLICY: &str = "policy";
const ACCESS_POINT: &str = "applicationaccesspoint";
const CLIENT_KEY: &str = "clientkey";

/// Characters of a name at most; own choice.
const MAX_NAME: usize = 64;
/// How many may name the same record, so that it stays small; own choice.
const MAX_USERS: usize = 1000;
/// Entries of a page when the caller does not say.
const USUAL_PAGE: i64 = 20;

/// Lets a name through: 1 to 64 letters, digits, `_`, `-` and `.`.
fn check_name(param: &'static str, name: &str) -> Result<(), ApiError> {
    let valid = (1..=MAX_NAME).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
    if valid { Ok(()) } else { Err(ApiError::invalid_parameter(param)) }
}

fn check_description(text: Option<&str>) -> Result<(), ApiError> {
    match text.is_some_and(|text| text.chars().count() > MAX_DESCRIPTION) {
        true => Err(ApiError::invalid_parameter("Description")),
        false => Ok(()),
    }
}

/// A record that others name.
trait Named: Stored {
    /// What it is called in errors.
    const WHAT: &'static str;

    /// Where the one of a name stands.
    fn place(account: &str, name: &str) -> String;

    /// Who names it.
    fn users(&mut self) -> &mut Vec<String>;
}

impl Named for NetworkRuleRecord {
    const WHAT: &'static str = "network rule";

    fn place(account: &str, name: &str) -> String {
        crate::records::path::network_rule(account, name)
    }

    fn users(&mut self) -> &mut Vec<String> {
        &mut self.used_by
    }
}

impl Named for AccessPolicyRecord {
    const WHAT: &'static str = "policy";

    fn place(account: &str, name: &str) -> String {
        crate::records::path::access_policy(account, name)
    }

    fn users(&mut self) -> &mut Vec<String> {
        &mut self.used_by
    }
}

/// Writes into the records named by `user` that it names those of `after` and no longer those of `before`.
async fn rename_users<T: Named>(
    call: &Call<'_>,
    batch: &mut Batch,
    user: &str,
    (before, after): (&[String], &[String]),
) -> Result<(), ApiError> {
    for name in after.iter().filter(|name| !before.contains(name)) {
        let found = current::<T>(call, &T::place(call.account(), name)).await?;
        let mut found = found.ok_or_else(|| {
            let message = format!("The {} {name} is not found.", T::WHAT);
            ApiError::with_message(ErrorCode::ForbiddenResourceNotFound, message)
        })?;
        if found.value.users().len() >= MAX_USERS {
            return Err(ErrorCode::RejectedLimitExceeded.into());
        }
        found.value.users().push(user.to_owned());
        found.write(batch)?;
    }
    for name in before.iter().filter(|name| !after.contains(name)) {
        if let Some(mut found) = current::<T>(call, &T::place(call.account(), name)).await? {
            found.value.users().retain(|known| known != user);
            found.write(batch)?;
        }
    }
    Ok(())
}

/// A new record under a name that must be free.
async fn check_free<T: Stored>(call: &Call<'_>, at: &str) -> Result<(), ApiError> {
    match current::<T>(call, at).await? {
        None => Ok(()),
        Some(_) => Err(ErrorCode::RejectedResourceExist.into()),
    }
}
