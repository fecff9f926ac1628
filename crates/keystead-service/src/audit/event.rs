//! What stands in a record, in the shape of ActionTrail's events.
//!
//! Values never get here: parameters are taken from the operation's definition, which says which of them are secret, and
//! messages of errors stay out, since some repeat what was sent.

use std::borrow::Cow;
use std::net::IpAddr;

use keystead_api::{OperationDef, ParamShape, ParameterDef, Params, Timestamp};
use serde::Serialize;

use super::line::OWN;
use crate::access::{Caller, Principal};

/// Bytes of a text at most; the rest is cut.
const MAX_TEXT: usize = 256;
/// Items of a list at most.
const MAX_ITEMS: usize = 20;

/// Who calls.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Actor<'a> {
    /// What kind of caller that is.
    #[serde(rename = "type")]
    pub kind: ActorKind,
    /// The account that it belongs to.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub account_id: &'a str,
    /// Its own id.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub principal_id: Cow<'a, str>,
    /// The user's name; of an assumed role, the role's name and the session's: `role:session`; of an application, its access
    /// point's.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub user_name: Cow<'a, str>,
    /// The AccessKey or client key that signed.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub access_key_id: &'a str,
}

impl<'a> From<&'a Caller> for Actor<'a> {
    fn from(caller: &'a Caller) -> Self {
        let account_id = caller.account();
        let (kind, principal_id, user_name) = match caller.principal() {
            Principal::Root(_) => (ActorKind::RootAccount, account_id.into(), "root".into()),
            Principal::User { user, .. } => {
                (ActorKind::RamUser, user.value.user_id.as_str().into(), user.value.name.as_str().into())
            }
            Principal::Session(session) => {
                let user_name = format!("{}:{}", session.role.value.name, session.name);
                (ActorKind::AssumedRole, caller.principal_id().into(), user_name.into())
            }
            Principal::ClientKey(holder) => {
                let point = &holder.point.value;
                (ActorKind::ClientKey, point.uid.as_str().into(), point.name.as_str().into())
            }
            Principal::Anonymous => return Self::default(),
        };
        Self { kind, account_id, principal_id, user_name, access_key_id: caller.access_key_id() }
    }
}

/// Kinds of callers, as ActionTrail names them; for client keys no name of its is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActorKind {
    /// An account itself.
    RootAccount,
    /// A RAM user.
    RamUser,
    /// A session of a role.
    AssumedRole,
    /// An application, by a client key of its access point.
    ClientKey,
    /// Nobody who is known: the signature was not verified, or the operation needs none.
    #[default]
    Anonymous,
    /// The service itself.
    System,
}

/// Where a request came from.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The client's address.
    pub address: IpAddr,
    /// What it calls itself.
    pub user_agent: &'a [u8],
    /// What it called.
    pub host: &'a str,
}

/// How a request ended.
#[derive(Clone, Copy, Debug)]
pub struct Outcome<'a> {
    /// The HTTP status.
    pub status: u16,
    /// The code of the error.
    pub error_code: Option<&'a str>,
}

impl Outcome<'_> {
    /// It was answered.
    pub const GOOD: Self = Self { status: 200, error_code: None };
}

/// A record's fields under way: JSON without the braces.
#[derive(Clone, Default)]
pub(super) struct Fields(Vec<u8>);

impl Fields {
    /// The fields of something that has an id and happened at a time.
    pub(super) fn new(id: &str, kind: &str, now: Timestamp) -> Self {
        let mut fields = Self(Vec::with_capacity(1536));
        fields.0.extend_from_slice(b"\"eventVersion\":1");
        fields.text("eventId", id);
        fields.text("eventType", kind);
        fields.json("eventTime", &now.to_string());
        fields
    }

    /// The fields of a record about the log itself.
    pub(super) fn own(name: &'static str, now: Timestamp) -> Self {
        let mut fields = Self([OWN, name.as_bytes(), b"\""].concat());
        fields.json("eventVersion", &1);
        fields.json("eventTime", &now.to_string());
        fields
    }

    /// Adds a field with a text that may come from anywhere.
    pub(super) fn text(&mut self, name: &str, text: &str) {
        self.json(name, cut(text));
    }

    /// Adds a field.
    pub(super) fn json<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) {
        self.name(name);
        // Writing texts, numbers and lists of them into memory does not fail.
        if serde_json::to_writer(&mut self.0, value).is_err() {
            self.0.extend_from_slice(b"null");
        }
    }

    fn name(&mut self, name: &str) {
        if !self.0.is_empty() {
            self.0.push(b',');
        }
        self.0.push(b'"');
        // Names are this program's own, or pass through `key`.
        self.0.extend_from_slice(name.as_bytes());
        self.0.extend_from_slice(b"\":");
    }

    pub(super) fn source(&mut self, source: &Source<'_>) {
        self.json("sourceIpAddress", &source.address);
        if !source.user_agent.is_empty() {
            self.text("userAgent", &String::from_utf8_lossy(source.user_agent));
        }
        if !source.host.is_empty() {
            self.text("eventSource", source.host);
        }
    }

    pub(super) fn operation(&mut self, def: &'static OperationDef, region: &str) {
        self.json("eventName", def.name);
        self.json("eventRW", if reads(def.name) { "Read" } else { "Write" });
        self.json("serviceName", def.product.name());
        self.json("apiVersion", def.version());
        self.json("acsRegion", region);
    }

    pub(super) fn actor(&mut self, actor: &Actor<'_>) {
        self.json("userIdentity", actor);
    }

    /// The parameters that the operation has and that are not secret.
    pub(super) fn parameters(&mut self, def: &'static OperationDef, params: Params<'_>) {
        self.name("requestParameters");
        self.0.push(b'{');
        let mut inner = Self(std::mem::take(&mut self.0));
        let start = inner.0.len();
        for parameter in def.parameters.iter().filter(|parameter| !parameter.secret) {
            inner.parameter(parameter, params, start);
        }
        self.0 = inner.0;
        self.0.push(b'}');
    }

    fn parameter(&mut self, parameter: &ParameterDef, params: Params<'_>, start: usize) {
        if let Some(text) = params.get(parameter.name) {
            self.member(start, parameter.name, text);
        }
        if matches!(
            parameter.shape,
            ParamShape::List | ParamShape::ObjectList(_) | ParamShape::FlatObject(_) | ParamShape::JsonMap
        ) {
            for (rest, text) in params.under(parameter.name).take(MAX_ITEMS) {
                self.member(start, &format!("{}.{}", parameter.name, cut(rest)), text);
            }
        }
    }

    /// A member of the object that begins at `start`, with a name from outside.
    fn member(&mut self, start: usize, name: &str, text: &str) {
        if self.0.len() > start {
            self.0.push(b',');
        }
        let written = serde_json::to_writer(&mut self.0, name).and_then(|()| {
            self.0.push(b':');
            serde_json::to_writer(&mut self.0, cut(text))
        });
        debug_assert!(written.is_ok(), "writing into memory does not fail");
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

/// Operations that only look, by their names; those that use a key and change nothing count as such.
fn reads(name: &str) -> bool {
    const PREFIXES: [&str; 19] = [
        "Describe",
        "List",
        "Get",
        "BatchGet",
        "Encrypt",
        "Decrypt",
        "ReEncrypt",
        "Generate",
        "Export",
        "Advance",
        "Asymmetric",
        "Verify",
        "CertificatePrivateKey",
        "CertificatePublicKey",
        "Sign",
        "Hash",
        "Hmac",
        "KmsEncrypt",
        "KmsDecrypt",
    ];
    PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// The first bytes of a text.
pub(super) fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(MAX_TEXT)]
}

/// Something that was decided about a resource.
pub(super) struct Decision {
    pub(super) action: &'static str,
    pub(super) account: String,
    pub(super) kind: &'static str,
    /// None means all of its kind.
    pub(super) id: Option<String>,
    pub(super) allowed: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Decided<'a> {
    action: &'static str,
    resource: Cow<'a, str>,
    effect: &'static str,
}

impl Decision {
    pub(super) fn shown(&self, region: &str) -> Decided<'_> {
        let (account, kind) = (&self.account, self.kind);
        let resource = match &self.id {
            _ if kind == "*" => Cow::Borrowed("*"),
            Some(id) => Cow::Owned(format!("acs:kms:{region}:{account}:{kind}/{id}")),
            None => Cow::Owned(format!("acs:kms:{region}:{account}:{kind}")),
        };
        Decided { action: self.action, resource, effect: if self.allowed { "Allow" } else { "Deny" } }
    }
}

/// What ActionTrail calls a kind of resource. Both KMS and RAM have policies; the service that an action begins with tells.
pub(super) fn resource_type(action: &str, kind: &str) -> Option<&'static str> {
    Some(match kind {
        "key" => "ACS::KMS::Key",
        "alias" => "ACS::KMS::Alias",
        "secret" => "ACS::KMS::Secret",
        "keystore" => "ACS::KMS::Instance",
        "user" => "ACS::RAM::User",
        "group" => "ACS::RAM::Group",
        "role" => "ACS::RAM::Role",
        "applicationaccesspoint" => "ACS::KMS::ApplicationAccessPoint",
        "clientkey" => "ACS::KMS::ClientKey",
        "network" => "ACS::KMS::NetworkRule",
        "policy" if action.starts_with("kms:") => "ACS::KMS::Policy",
        "policy" => "ACS::RAM::Policy",
        _ => return None,
    })
}
