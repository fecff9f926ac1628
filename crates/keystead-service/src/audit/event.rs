//! What stands in a record, in the shape of ActionTrail's events.
//!
//! Values never get here: parameters are taken from the operation's definition, which says which of them are secret, and
//! messages of errors stay out, since some repeat what was sent.

use std::borrow::Cow;
use std::io::Write as _;
use std::net::IpAddr;

use keystead_api::{OperationDef, OperationId, ParamShape, ParameterDef, Params, Timestamp};
use serde::Serialize;

use super::line::OWN;
use crate::access::{Caller, Principal, Resource};

/// Bytes of a text at most; the rest is cut.
const MAX_TEXT: usize = 256;
/// Items of a list at most.
const MAX_ITEMS: usize = 20;

/// Who calls. What is empty is left out of a record.
#[derive(Clone, Debug, Default)]
pub struct Actor<'a> {
    /// What kind of caller that is.
    pub kind: ActorKind,
    /// The account that it belongs to.
    pub account_id: &'a str,
    /// Its own id.
    pub principal_id: Cow<'a, str>,
    /// The user's name; of an assumed role, the role's name and the session's: `role:session`; of an application, its access
    /// point's.
    pub user_name: Cow<'a, str>,
    /// The AccessKey or client key that signed.
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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

impl ActorKind {
    fn name(self) -> &'static str {
        match self {
            Self::RootAccount => "root-account",
            Self::RamUser => "ram-user",
            Self::AssumedRole => "assumed-role",
            Self::ClientKey => "client-key",
            Self::Anonymous => "anonymous",
            Self::System => "system",
        }
    }
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

/// Where the service is, and what records say of each operation there.
pub(super) struct Place {
    pub(super) region: Box<str>,
    /// The fields about an operation, by its id.
    operations: Box<[Box<[u8]>]>,
}

impl Place {
    pub(super) fn new(region: &str) -> Self {
        let fields = |def| {
            let mut fields = Fields::default();
            fields.operation_in(def, region);
            fields.0.into()
        };
        Self { region: region.into(), operations: OperationId::all().map(fields).collect() }
    }
}

/// What stands before a text in a record: a comma, its name and a quote. A record has some twenty of them, and each that is
/// put together when it is written takes as long as the text itself.
macro_rules! before {
    ($name:literal) => {
        concat!(",\"", $name, "\":\"")
    };
}

/// A record's fields under way: JSON without the braces.
#[derive(Clone, Default)]
pub(super) struct Fields(Vec<u8>);

impl Fields {
    /// Bytes of most records. The allocator has this many ready; for half as many again it has to search.
    const CAPACITY: usize = 1024;

    /// The fields of something that happened at a time. The id is the service's own and has nothing to escape.
    pub(super) fn new(id: &str, kind: &'static str, now: Timestamp) -> Self {
        let mut fields = Self(Vec::with_capacity(Self::CAPACITY));
        fields.plain("\"eventVersion\":1,\"eventId\":\"", id);
        fields.plain(before!("eventType"), kind);
        fields.0.extend_from_slice(before!("eventTime").as_bytes());
        fields.0.extend_from_slice(&now.text());
        fields.0.push(b'"');
        fields
    }

    /// The fields of a request.
    pub(super) fn of_request(id: &str, now: Timestamp, source: &Source<'_>) -> Self {
        let mut fields = Self::new(id, "ApiCall", now);
        fields.plain(before!("requestId"), id);
        fields.source(source);
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
        self.name(name);
        push_string(&mut self.0, cut(text));
    }

    /// The same when what stands before it is made ready by [`before!`]; not as the first one of an object.
    #[inline]
    fn text_after(&mut self, before: &'static str, text: &str) {
        self.0.extend_from_slice(before.as_bytes());
        push_escaped(&mut self.0, cut(text));
        self.0.push(b'"');
    }

    /// The same with a text of the service's own, which has nothing to escape.
    #[inline]
    fn plain(&mut self, before: &'static str, text: &str) {
        self.0.extend_from_slice(before.as_bytes());
        self.0.extend_from_slice(text.as_bytes());
        self.0.push(b'"');
    }

    /// Adds a field with a list of texts that may come from anywhere.
    pub(super) fn texts<'t>(&mut self, name: &str, texts: impl Iterator<Item = &'t str>) {
        self.name(name);
        self.0.push(b'[');
        for (index, text) in texts.enumerate() {
            if index > 0 {
                self.0.push(b',');
            }
            push_string(&mut self.0, text);
        }
        self.0.push(b']');
    }

    /// Adds a field with a number.
    pub(super) fn number(&mut self, name: &str, number: u64) {
        self.name(name);
        self.0.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
    }

    /// Adds a field with JSON that is finished.
    pub(super) fn raw(&mut self, name: &str, json: &[&[u8]]) {
        self.name(name);
        self.parts(json);
    }

    /// Begins a field with an object: what is added goes into it until it is closed.
    pub(super) fn open(&mut self, name: &str) {
        self.name(name);
        self.0.push(b'{');
    }

    /// Ends an object.
    pub(super) fn close(&mut self) {
        self.0.push(b'}');
    }

    /// Adds a field.
    pub(super) fn json<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) {
        self.name(name);
        // Writing texts, numbers and lists of them into memory does not fail.
        if serde_json::to_writer(&mut self.0, value).is_err() {
            self.0.extend_from_slice(b"null");
        }
    }

    /// Adds JSON in pieces.
    fn parts(&mut self, parts: &[&[u8]]) {
        parts.iter().for_each(|part| self.0.extend_from_slice(part));
    }

    fn name(&mut self, name: &str) {
        self.comma();
        self.0.push(b'"');
        // Names are this program's own, or pass through `key`.
        self.0.extend_from_slice(name.as_bytes());
        self.0.extend_from_slice(b"\":");
    }

    fn comma(&mut self) {
        if self.0.last().is_some_and(|last| *last != b'{') {
            self.0.push(b',');
        }
    }

    fn source(&mut self, source: &Source<'_>) {
        self.0.extend_from_slice(before!("sourceIpAddress").as_bytes());
        match source.address {
            IpAddr::V4(address) => {
                for (index, octet) in address.octets().into_iter().enumerate() {
                    if index > 0 {
                        self.0.push(b'.');
                    }
                    self.0.extend_from_slice(itoa::Buffer::new().format(octet).as_bytes());
                }
            }
            // Writing into memory does not fail.
            IpAddr::V6(address) => drop(write!(self.0, "{address}")),
        }
        self.0.push(b'"');
        if !source.user_agent.is_empty() {
            match std::str::from_utf8(source.user_agent) {
                Ok(user_agent) => self.text_after(before!("userAgent"), user_agent),
                Err(_) => self.text_after(before!("userAgent"), &String::from_utf8_lossy(source.user_agent)),
            }
        }
        if !source.host.is_empty() {
            self.text_after(before!("eventSource"), source.host);
        }
    }

    pub(super) fn operation(&mut self, def: &'static OperationDef, place: &Place) {
        self.comma();
        self.0.extend_from_slice(&place.operations[def.id as usize]);
    }

    fn operation_in(&mut self, def: &'static OperationDef, region: &str) {
        self.text("eventName", def.name);
        self.text("eventRW", if reads(def.name) { "Read" } else { "Write" });
        self.text("serviceName", def.product.name());
        self.text("apiVersion", def.version());
        self.text("acsRegion", region);
    }

    pub(super) fn actor(&mut self, actor: &Actor<'_>) {
        self.plain(",\"userIdentity\":{\"type\":\"", actor.kind.name());
        let parts = [
            (before!("accountId"), actor.account_id),
            (before!("principalId"), &actor.principal_id),
            (before!("userName"), &actor.user_name),
            (before!("accessKeyId"), actor.access_key_id),
        ];
        for (before, text) in parts.into_iter().filter(|(_, text)| !text.is_empty()) {
            self.text_after(before, text);
        }
        self.close();
    }

    /// The parameters that the operation has and that are not secret.
    pub(super) fn parameters(&mut self, def: &'static OperationDef, params: Params<'_>) {
        self.open("requestParameters");
        for parameter in def.parameters.iter().filter(|parameter| !parameter.secret) {
            self.parameter(parameter, params);
        }
        self.close();
    }

    fn parameter(&mut self, parameter: &ParameterDef, params: Params<'_>) {
        if let Some(text) = params.get(parameter.name) {
            self.text(parameter.name, text);
        }
        if matches!(
            parameter.shape,
            ParamShape::List | ParamShape::ObjectList(_) | ParamShape::FlatObject(_) | ParamShape::JsonMap
        ) {
            for (rest, text) in params.under(parameter.name).take(MAX_ITEMS) {
                self.member(&format!("{}.{}", parameter.name, cut(rest)), text);
            }
        }
    }

    /// A field whose name comes from outside.
    fn member(&mut self, name: &str, text: &str) {
        self.comma();
        push_string(&mut self.0, name);
        self.0.push(b':');
        push_string(&mut self.0, cut(text));
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

/// Appends a JSON string.
pub(super) fn push_string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    push_escaped(out, text);
    out.push(b'"');
}

/// Appends what stands between the quotes of a JSON string. Most texts have nothing to escape, and finding that out for many
/// bytes at once is several times as fast as looking at each for itself.
fn push_escaped(out: &mut Vec<u8>, text: &str) {
    let needs_escape =
        text.bytes().fold(false, |found, byte| found | (byte < b' ') | (byte == b'"') | (byte == b'\\'));
    if !needs_escape {
        out.extend_from_slice(text.as_bytes());
    } else if let Ok(json) = serde_json::to_vec(text) {
        // Writing into memory does not fail.
        out.extend_from_slice(&json[1..json.len() - 1]);
    }
}

/// Appends a decision about a resource as JSON.
pub(super) fn push_decision(
    out: &mut Vec<u8>,
    region: &str,
    action: &'static str,
    resource: &Resource<'_>,
    allowed: bool,
) {
    out.extend_from_slice(if out.is_empty() { b"[{\"action\":\"" } else { b",{\"action\":\"" });
    out.extend_from_slice(action.as_bytes());
    out.extend_from_slice(b"\",\"resource\":");
    if resource.kind == "*" {
        out.extend_from_slice(b"\"*\"");
    } else {
        // Identities are of no region.
        let (service, region) = match action.split_once(':') {
            Some(("kms", _)) => ("kms", region),
            _ => ("ram", ""),
        };
        let start = ["acs:", service, ":", region, ":", resource.account, ":", resource.kind];
        out.push(b'"');
        start.iter().for_each(|part| out.extend_from_slice(part.as_bytes()));
        if let Some(id) = resource.id {
            out.push(b'/');
            push_escaped(out, id);
        }
        out.push(b'"');
    }
    let effect = if allowed { "Allow" } else { "Deny" };
    [",\"effect\":\"", effect, "\"}"].iter().for_each(|part| out.extend_from_slice(part.as_bytes()));
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
