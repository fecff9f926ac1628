//! What somebody may do, asked without doing it: for operators who write policies.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use keystead_api::Timestamp;
use keystead_auth::policy::{
    Caller, CallerKind, Context, Decider, Decision, IdentityPolicy, MAX_SESSION_POLICY_CHARS, PolicyDocument,
    Resource, Side, Target, TrustPolicy, decide, decide_role,
};
use keystead_store::Store;
use serde::{Deserialize, Serialize};

use crate::access::policies::{Identity, IdentityPolicies, NotCollected, collect, deny_all};
use crate::engine::Engine;
use crate::image::{Image, ImageError};
use crate::records::{AccountRecord, HolderKind, KeyRecord, RoleRecord, SecretRecord, path};
use crate::tags::Tag;

/// Memory for the records of one question, in bytes.
const IMAGE_BYTES: u64 = 4 << 20;

/// Who wants to do what to which resource, and how.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// `acs:ram::<account>:root`, `…:user/<name>`, `…:role/<name>` or `…:assumed-role/<role>/<session>`.
    pub caller: String,
    /// Such as `kms:Decrypt`.
    pub action: String,
    /// The ARN of a key, an alias, a secret, a container of these, or of an identity.
    pub resource: String,
    /// Where the request comes from; none leaves it open.
    pub source_ip: Option<IpAddr>,
    /// When.
    pub now: Timestamp,
    /// Whether it comes over TLS.
    pub secure_transport: bool,
    /// Tags of the resource, in place of those that it has.
    pub tags: Option<Vec<Tag>>,
    /// The policy that narrows a session.
    pub session_policy: Option<String>,
}

/// Whether it may be done, and what decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Simulation {
    /// Whether it may.
    pub allowed: bool,
    /// What decided, for people.
    pub reason: &'static str,
    /// The policy that decided; none when none did.
    pub policy: Option<Deciding>,
    /// Whether there is such a key, secret or role; none for what has no record of its own here.
    pub resource_exists: Option<bool>,
}

/// A policy that decided.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Deciding {
    /// `identity`, `resource`, `session` or `trust`.
    pub side: &'static str,
    /// `System` or `Custom`, of a policy with a name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<&'static str>,
    /// Its name, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it is attached to, such as `group/ops`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attached_to: Option<String>,
    /// Which of its statements, counted from 0 as messages about policies do: `Statement[0]`.
    pub statement: String,
    /// That statement's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
}

/// What the policies say. Pure: the same policies and facts give the same answer.
fn judge(
    policies: &Policies<'_>,
    target: &Target<'_>,
    context: &Context<'_>,
) -> (Decision, Option<Deciding>) {
    let identity = policies.identity.iter().flat_map(|all| all.policies());
    let decision = match &policies.trust {
        Some(trust) => decide_role(identity, policies.session.as_ref(), trust, target, context),
        None => decide(identity, policies.session.as_ref(), policies.resource.as_ref(), target, context),
    };
    let at = |side, statement: usize| Deciding {
        side,
        statement: format!("Statement[{statement}]"),
        ..Deciding::default()
    };
    let deciding = match decision.by {
        Decider::Identity { policy, statement } => policies.identity.map(|all| {
            let attached = &all.attached[policy];
            let (holder, name) = &attached.holder;
            Deciding {
                kind: Some(attached.kind.as_str()),
                name: Some(attached.name.to_string()),
                attached_to: Some(format!("{}/{name}", holder.as_str())),
                ..at("identity", statement)
            }
        }),
        Decider::Resource { statement } => {
            let sid = policies.resource.as_ref().and_then(|policy| policy.statements.get(statement));
            Some(Deciding { sid: sid.and_then(|found| found.sid.clone()), ..at("resource", statement) })
        }
        Decider::Session { statement } => Some(at("session", statement)),
        Decider::Trust { statement } => Some(at("trust", statement)),
        Decider::Root | Decider::Nothing(_) | Decider::NotForOtherAccounts => None,
    };
    (decision, deciding)
}

/// All policies that have a say.
#[derive(Default)]
struct Policies<'a> {
    identity: Option<&'a IdentityPolicies>,
    session: Option<IdentityPolicy>,
    resource: Option<PolicyDocument>,
    trust: Option<TrustPolicy>,
}

impl Engine {
    /// Answers a question by the records as they stand now.
    ///
    /// # Errors
    /// When the question is malformed, when there is no such caller, or a policy cannot be read; for people.
    pub async fn simulate(&self, question: &Question) -> Result<Simulation, String> {
        self.image.fresh().await.map_err(told)?;
        simulate_on(&self.image, question).await
    }
}

/// The same on a store that no engine serves.
///
/// # Errors
/// As [`Engine::simulate`].
pub async fn simulate(store: Arc<dyn Store>, question: &Question) -> Result<Simulation, String> {
    simulate_on(&Image::new(store, IMAGE_BYTES, Duration::from_secs(2)), question).await
}

async fn simulate_on(image: &Image, question: &Question) -> Result<Simulation, String> {
    let who = split(&question.caller)
        .filter(|arn| arn.service == "ram")
        .ok_or("the caller is no ARN of a user, a role or an account's root")?;
    let what = split(&question.resource).ok_or("the resource is no ARN")?;
    if image.get::<AccountRecord>(&path::account(who.account)).await.map_err(told)?.is_none() {
        return Err(format!("there is no account {}", who.account));
    }
    let (kind, name, session) = match who.path.split_once('/') {
        None if who.path == "root" => (None, "", ""),
        Some(("user", name)) => (Some(HolderKind::User), name, ""),
        Some(("role", name)) => (Some(HolderKind::Role), name, "session"),
        Some(("assumed-role", names)) => {
            let (name, session) = names.split_once('/').ok_or("the caller's session has no name")?;
            (Some(HolderKind::Role), name, session)
        }
        _ => return Err("the caller is no user, no role and no account's root".to_owned()),
    };
    let collected = match kind {
        None => None,
        Some(kind) => {
            let identity = Identity { kind, account: who.account, name, id: None };
            Some(collect(image, identity).await.map_err(|error| match error {
                NotCollected::Gone => format!("there is no {}/{name}", kind.as_str()),
                NotCollected::Unreadable(what) => format!("the {what} cannot be read: the caller is refused"),
                NotCollected::Image(error) => told(error),
            })?)
        }
    };
    let session_policy = question.session_policy.as_deref();
    let session_policy =
        session_policy.map(|text| IdentityPolicy::parse(text, MAX_SESSION_POLICY_CHARS)).transpose();
    let mut policies = Policies {
        identity: collected.as_ref(),
        session: session_policy.map_err(|error| format!("the session policy is not valid: {error}"))?,
        ..Policies::default()
    };
    let mut tags = Vec::new();
    let exists = find(image, question, &what, &mut policies, &mut tags).await?;
    let tags = question.tags.as_ref().unwrap_or(&tags);
    let tags: Vec<_> = tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str())).collect();

    let session_arn = format!("acs:ram::{}:assumed-role/{name}/{session}", who.account);
    let (kind, arn) = match (kind, &collected) {
        (Some(HolderKind::User), Some(collected)) => (CallerKind::User { name }, collected.arn.as_str()),
        (Some(_), Some(collected)) => {
            (CallerKind::Role { name, session_arn: &session_arn }, collected.arn.as_str())
        }
        _ => (CallerKind::Root, question.caller.as_str()),
    };
    let context = Context {
        caller: Caller { account: who.account, arn, kind },
        now: question.now.0,
        source: question.source_ip,
        secure_transport: question.secure_transport,
        mfa: false,
        source_vpc: None,
        vpc_source: None,
        extra: &[],
    };
    // Identities are in no region.
    let region = if what.service == "kms" { what.region } else { "" };
    let named = Resource { service: what.service, region, account: what.account, path: what.path };
    let (decision, deciding) = judge(&policies, &Target::new(&question.action, named, &tags), &context);
    Ok(Simulation {
        allowed: decision.allowed,
        reason: reason(&decision),
        policy: deciding,
        resource_exists: exists,
    })
}

/// Looks a resource up: its policy and its tags. Says whether there is one, where it would have a record.
async fn find(
    image: &Image,
    question: &Question,
    what: &Parts<'_>,
    policies: &mut Policies<'_>,
    tags: &mut Vec<Tag>,
) -> Result<Option<bool>, String> {
    let now = question.now;
    let closed = || deny_all(split(&question.caller).map_or("", |who| who.account));
    match (what.service, what.path.split_once('/')) {
        ("kms", Some(("key", id))) => {
            let key = image.get::<KeyRecord>(&path::key(what.account, id)).await.map_err(told)?;
            let Some(key) = key.filter(|key| !key.value.is_gone(now)) else { return Ok(Some(false)) };
            policies.resource = key.resource_policy().map_or_else(|_| Some(closed()), |found| found.cloned());
            tags.clone_from(&key.value.tags);
            Ok(Some(true))
        }
        ("kms", Some(("secret", name))) => {
            let secret = image.get::<SecretRecord>(&path::secret(what.account, name)).await.map_err(told)?;
            let Some(secret) = secret.filter(|secret| !secret.value.is_gone(now)) else {
                return Ok(Some(false));
            };
            policies.resource =
                secret.resource_policy().map_or_else(|_| Some(closed()), |found| found.cloned());
            tags.clone_from(&secret.value.tags);
            Ok(Some(true))
        }
        ("ram", Some(("role", name))) if question.action.eq_ignore_ascii_case("sts:AssumeRole") => {
            let role = image.get::<RoleRecord>(&path::role(what.account, name)).await.map_err(told)?;
            let Some(role) = role else { return Err(format!("there is no role {name}")) };
            let trust = TrustPolicy::parse(&role.value.trust_policy);
            policies.trust =
                Some(trust.map_err(|_| "the role's trust policy cannot be read: everybody is refused")?);
            Ok(Some(true))
        }
        _ => Ok(None),
    }
}

/// The parts of an ARN of any service.
struct Parts<'a> {
    service: &'a str,
    region: &'a str,
    account: &'a str,
    path: &'a str,
}

fn split(arn: &str) -> Option<Parts<'_>> {
    let mut parts = arn.strip_prefix("acs:")?.splitn(4, ':');
    let mut next = || parts.next();
    let (service, region, account, path) = (next()?, next()?, next()?, next()?);
    let numbered = !account.is_empty() && account.bytes().all(|byte| byte.is_ascii_digit());
    (numbered && !path.is_empty()).then_some(Parts { service, region, account, path })
}

fn reason(decision: &Decision) -> &'static str {
    match decision.by {
        Decider::Root => "the caller is the account itself",
        Decider::NotForOtherAccounts => "no other account can be allowed this",
        Decider::Nothing(Side::Identity) => "no policy of the caller allows it",
        Decider::Nothing(Side::Resource) => "the resource's policy does not allow it to another account",
        Decider::Nothing(Side::Session) => "the session's policy does not allow it",
        Decider::Nothing(Side::Trust) => "the role's trust policy does not allow it",
        _ if decision.allowed => "a statement allows it, and none denies it",
        _ => "a statement denies it",
    }
}

fn told(error: ImageError) -> String {
    error.to_string()
}
