//! What a permission is asked for: who calls, on what, under which circumstances.

use std::fmt;
use std::net::IpAddr;

use arrayvec::ArrayString;

/// An identity, as policies see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller<'a> {
    /// Its account. Empty for a service.
    pub account: &'a str,
    /// Its name in ARNs, the value of `acs:PrincipalARN`: `acs:ram::1:root`, `acs:ram::1:user/alice`; for the session of a role
    /// that of the role, `acs:ram::1:role/ops`.
    pub arn: &'a str,
    /// What it is.
    pub kind: CallerKind<'a>,
}

/// What an identity is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallerKind<'a> {
    /// The account itself.
    Root,
    /// A user of the account.
    User {
        /// Its name.
        name: &'a str,
    },
    /// Somebody in the role of an account.
    Role {
        /// The role's name.
        name: &'a str,
        /// The session's own ARN, `acs:ram::1:assumed-role/ops/session`; `acs:PrincipalARN` is compared with it, too.
        session_arn: &'a str,
    },
    /// A service, named by its domain; only trust policies name one.
    Service {
        /// Such as `ecs.aliyuncs.com`.
        domain: &'a str,
    },
    /// Somebody whom an identity provider vouches for; only trust policies name one. `account` is the provider's.
    Federated {
        /// The provider's ARN, `acs:ram::1:oidc-provider/ci`.
        provider_arn: &'a str,
    },
}

/// The facts of a call; the same for each permission that it needs.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// Who calls.
    pub caller: Caller<'a>,
    /// `acs:CurrentTime`, in seconds since 1970.
    pub now: i64,
    /// `acs:SourceIp`. IPv4 addresses written as IPv6 ones count as what they are.
    pub source: Option<IpAddr>,
    /// `acs:SecureTransport`
    pub secure_transport: bool,
    /// `acs:MFAPresent`
    pub mfa: bool,
    /// `acs:SourceVpc`
    pub source_vpc: Option<&'a str>,
    /// `acs:VpcSourceIp`
    pub vpc_source: Option<IpAddr>,
    /// Further keys and values, such as `sts:ExternalId`, `oidc:aud`. A key that stands several times has several values.
    pub extra: &'a [(&'a str, &'a str)],
}

/// The tags of a resource.
pub trait Tags {
    /// Shows each of them: key, value.
    fn each<'a>(&'a self, visit: &mut dyn FnMut(&'a str, &'a str));
}

impl Tags for () {
    fn each<'a>(&'a self, _: &mut dyn FnMut(&'a str, &'a str)) {}
}

impl<const N: usize> Tags for [(&str, &str); N] {
    fn each<'a>(&'a self, visit: &mut dyn FnMut(&'a str, &'a str)) {
        self.iter().for_each(|(key, value)| visit(key, value));
    }
}

impl<K: AsRef<str>, V: AsRef<str>> Tags for Vec<(K, V)> {
    fn each<'a>(&'a self, visit: &mut dyn FnMut(&'a str, &'a str)) {
        self.iter().for_each(|(key, value)| visit(key.as_ref(), value.as_ref()));
    }
}

/// One permission on one resource.
pub struct Target<'a> {
    action: &'a str,
    account: &'a str,
    arn: Text,
    container: bool,
    fold: bool,
    tags: &'a dyn Tags,
}

/// The parts of a resource's ARN.
#[derive(Clone, Copy, Debug)]
pub struct Resource<'a> {
    /// `kms`, `ram` or `sts`. Names of RAM are compared without regard to case.
    pub service: &'a str,
    /// The region; empty for RAM and STS, whose resources have none. Policies write `*` or nothing for it.
    pub region: &'a str,
    /// The account that owns it.
    pub account: &'a str,
    /// Such as `key/key-hzz…`, `alias/app`, `user/alice`. Without `/` it is the container of such resources, as `key`; `*` is for
    /// permissions that are about no resource.
    pub path: &'a str,
}

impl<'a> Target<'a> {
    /// The permission for an action such as `kms:Encrypt`, on a resource with these tags.
    pub fn new(action: &'a str, resource: Resource<'a>, tags: &'a dyn Tags) -> Self {
        let Resource { service, region, account, path } = resource;
        Self {
            action,
            account,
            arn: Text::new(format_args!("acs:{service}:{region}:{account}:{path}")),
            container: path != "*" && !path.contains('/'),
            fold: service == "ram" || service == "sts",
            tags,
        }
    }

    /// The action.
    pub fn action(&self) -> &'a str {
        self.action
    }

    /// The account that owns the resource.
    pub fn account(&self) -> &'a str {
        self.account
    }

    /// The resource's ARN.
    pub fn arn(&self) -> &str {
        self.arn.as_str()
    }

    /// Whether it is a container of resources.
    pub(super) fn is_container(&self) -> bool {
        self.container
    }

    /// Whether its name is compared without regard to case.
    pub(super) fn folds(&self) -> bool {
        self.fold
    }

    pub(super) fn tags(&self) -> &'a dyn Tags {
        self.tags
    }
}

/// A text that is short nearly always, and then needs no allocation.
enum Text {
    Short(ArrayString<192>),
    Long(String),
}

impl Text {
    fn new(text: fmt::Arguments<'_>) -> Self {
        let mut short = ArrayString::new();
        match fmt::write(&mut short, text) {
            Ok(()) => Self::Short(short),
            Err(_) => Self::Long(text.to_string()),
        }
    }

    fn as_str(&self) -> &str {
        match self {
            Self::Short(text) => text,
            Self::Long(text) => text,
        }
    }
}
