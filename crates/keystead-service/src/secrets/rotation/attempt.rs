//! One attempt at a rotation: what is done at the system, and in which order.

use std::time::Duration;

use keystead_api::{ApiError, ErrorCode, Timestamp};

use super::driver::{DriverError, Left, Login, LoginSecret, NewAccount, Target};
use super::login;
use super::state::{self, Work, key, value};
use crate::audit::Author;
use crate::engine::Engine;
use crate::records::{RotationStep, SecretRecord, path};
use crate::secrets::{CURRENT, PREVIOUS};

/// An attempt ends within this time, which is shorter than its lease.
const LONGEST: Duration = Duration::from_secs(120);

/// Why an attempt failed.
pub(super) struct Failure {
    /// What it left behind at the system.
    pub(super) left: Left,
    /// Whether somebody has to mend something.
    pub(super) lasting: bool,
    /// For people; without secrets.
    pub(super) message: String,
}

impl Failure {
    pub(super) fn lasting(message: &str) -> Self {
        Self { left: Left::Unchanged, lasting: true, message: message.to_owned() }
    }
}

impl From<DriverError> for Failure {
    fn from(error: DriverError) -> Self {
        Self { left: error.left, lasting: error.lasting, message: error.message }
    }
}

/// Something of this service's own, before the system was told anything.
impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        Self { left: Left::Unchanged, lasting: false, message: error.to_string() }
    }
}

/// Carries an attempt through to its last commit.
///
/// # Errors
/// What the caller of RotateSecret is to see: 400 when the system refuses, 503 when it cannot be reached and nothing was
/// changed, 500 when the rotation goes on by itself.
pub(super) async fn carry_on(author: Author<'_>, work: &Work) -> Result<(), ApiError> {
    let engine = author.engine;
    let (name, target) = (work.secret.name.as_str(), work.target.as_str());
    let result = match tokio::time::timeout(LONGEST, at_system(engine, work)).await {
        Ok(result) => result,
        Err(_) => Err(DriverError::unknown("the system took too long").into()),
    };
    match result {
        Ok(shown) => {
            state::finish(author, work, shown, engine.now()).await?;
            tracing::info!(
                secret = name,
                target,
                version = work.pending.version_id,
                "Secret:RotateSecret:Success"
            );
            Ok(())
        }
        Err(mut failure) => {
            if work.resumed {
                // An earlier attempt may have done what this one could not even begin.
                failure.left = Left::Unknown;
            }
            let reason = failure.message.as_str();
            tracing::warn!(
                secret = name,
                target,
                reason,
                planned = work.planned,
                "Secret:RotateSecret:Failure"
            );
            state::fail(author, work, &failure, engine.now()).await?;
            Err(told(&failure))
        }
    }
}

/// Does the work at the system; tells the accounts whose logins were seen to work.
async fn at_system(engine: &Engine, work: &Work) -> Result<Vec<String>, Failure> {
    let now = engine.now();
    let secret = &work.secret;
    let target = Target {
        account: secret.account.as_str().to_owned(),
        secret_name: secret.name.to_string(),
        secret_type: secret.secret_type.as_str().to_owned(),
        sub_type: login::sub_type(secret),
        id: work.target.clone(),
        version_id: work.pending.version_id.clone(),
        authority: authority(engine, work, now).await?,
    };
    match work.pending.step {
        RotationStep::Accounts => make_accounts(engine, work, target, now).await,
        RotationStep::Prepared => change(engine, work, &target, now).await,
    }
}

/// The current value of the secret by which the driver identifies itself: one of the same account.
async fn authority(
    engine: &Engine,
    work: &Work,
    now: Timestamp,
) -> Result<Option<keystead_api::SecretText>, Failure> {
    let Some(name) = work.driver.authority() else { return Ok(None) };
    let lacking = |what: &str| {
        Failure::lasting(&format!("the secret {name}, by which the service identifies itself, {what}"))
    };
    let at = path::secret(&work.secret.account, name);
    let secret = engine.image.get::<SecretRecord>(&at).await.map_err(ApiError::from)?;
    let secret = secret.filter(|secret| secret.value.planned_delete.is_none());
    let secret = &secret.ok_or_else(|| lacking("is not there"))?.value;
    let version = secret.at_stage(CURRENT).ok_or_else(|| lacking("has no value"))?;
    let opened = async {
        let key = key(engine, secret, now).await?;
        value(engine, secret, key.as_ref(), &version.version_id, now).await
    };
    opened
        .await
        .map(Some)
        .map_err(|error| Failure { lasting: false, ..lacking(&format!("cannot be read: {error}")) })
}

/// Sets the new login and tries it.
async fn change(
    engine: &Engine,
    work: &Work,
    target: &Target,
    now: Timestamp,
) -> Result<Vec<String>, Failure> {
    let (driver, secret) = (&*work.driver, &work.secret);
    let key = key(engine, secret, now).await?;
    let new = value(engine, secret, key.as_ref(), &work.pending.version_id, now).await?;
    let new = login::read(secret.secret_type, &new)?;
    let (current, replaced) = login::present(engine, secret, key.as_ref(), now).await?;
    // Each AccessKey is another one, and each rotation begins with the proof that the one before is the user's.
    let of_account = !matches!(new.secret, LoginSecret::AccessKey(_));
    let shown = if of_account { vec![new.account.clone()] } else { Vec::new() };
    if work.resumed && driver.log_in(target, &new).await.is_ok() {
        // An earlier attempt got that far.
        return Ok(shown);
    }
    let known = secret.rotation.as_ref().is_some_and(|rotation| rotation.shown.contains(&new.account));
    if !known {
        // The first time: whoever made the secret has to have known the login that is replaced, or, where there is none,
        // the one whose second account this is.
        let proof = replaced.as_ref().unwrap_or(&current);
        driver.log_in(target, proof).await.map_err(|error| Failure {
            left: Left::Unchanged,
            message: format!("the login in the secret does not work: {error}"),
            ..error.into()
        })?;
    }
    driver.set(target, &new).await?;
    match driver.log_in(target, &new).await {
        Ok(()) => Ok(shown),
        Err(error) => Err(take_back(work, target, replaced.as_ref(), error).await),
    }
}

/// The new password was set and does not open the account: the old one is set again.
async fn take_back(work: &Work, target: &Target, replaced: Option<&Login>, error: DriverError) -> Failure {
    let message = format!("the new login does not work: {error}");
    let restored = match replaced {
        Some(old) => work.driver.set(target, old).await.is_ok(),
        None => false,
    };
    let left = if restored { Left::Unchanged } else { Left::Unknown };
    Failure { left, lasting: error.lasting, message }
}

/// Makes both accounts of a new secret.
async fn make_accounts(
    engine: &Engine,
    work: &Work,
    mut target: Target,
    now: Timestamp,
) -> Result<Vec<String>, Failure> {
    let (driver, secret) = (&*work.driver, &work.secret);
    let key = key(engine, secret, now).await?;
    let settings = secret.settings()?.ok_or(ApiError::from(ErrorCode::InternalFailure))?;
    let (privilege, database) = login::rights(&settings);
    let mut made: Vec<String> = Vec::new();
    for stage in [CURRENT, PREVIOUS] {
        let login = login::at_stage(engine, secret, key.as_ref(), stage, now).await?;
        let Some(login) = login else { continue };
        target.version_id =
            secret.at_stage(stage).map(|version| version.version_id.to_string()).unwrap_or_default();
        let account = NewAccount {
            login: login.clone(),
            clone_of: made.first().cloned(),
            privilege: privilege.clone(),
            database: database.clone(),
        };
        if let Err(error) = driver.create(&target, &account).await {
            // One that opens with our password is ours: an earlier attempt made it, perhaps not to its end.
            if driver.log_in(&target, &login).await.is_err() {
                return Err(Failure { left: Left::Unknown, ..error.into() });
            }
            driver.remove(&target, &login.account).await?;
            driver.create(&target, &account).await?;
        }
        driver.log_in(&target, &login).await?;
        made.push(login.account);
    }
    Ok(made)
}

/// What the caller of RotateSecret is told.
fn told(failure: &Failure) -> ApiError {
    let (code, text) = match (failure.left, failure.lasting) {
        (Left::Unchanged, true) => (ErrorCode::RejectedUnsupportedOperation, "The secret was not rotated"),
        // Clients repeat it, and that is right.
        (Left::Unchanged, false) => (ErrorCode::ServiceUnavailableTemporary, "The secret was not rotated"),
        (Left::Unknown, _) => {
            (ErrorCode::InternalFailure, "The rotation is not finished; it is taken up again by itself")
        }
    };
    ApiError::with_message(code, format!("{text}: {}.", failure.message))
}
