//! How often an account may call, for each group of operations; as the vendor publishes it, off by default.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use keystead_api::OperationId;

/// Enough that two requests rarely wait for one lock.
const SHARDS: usize = 16;
/// Accounts times groups that a shard remembers; beyond, those that have not called lately are forgotten, which costs them
/// nothing.
const MAX_ENTRIES: usize = 16_384;

macro_rules! groups {
    ($($(#[doc = $doc:literal])* $group:ident = $name:literal, $calls:literal in $seconds:literal: $($operation:ident)*;)*) => {
        /// A group of operations that share a limit.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum QuotaGroup {
            $($(#[doc = $doc])* $group,)*
        }

        impl QuotaGroup {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$group),*];

            /// What it is called in settings.
            pub fn name(self) -> &'static str {
                match self { $(Self::$group => $name,)* }
            }

            /// The vendor's limit: so many calls in so many seconds.
            fn published(self) -> (u32, u64) {
                match self { $(Self::$group => ($calls, $seconds),)* }
            }

            /// The group of an operation; none for those without a published limit.
            pub fn of(operation: OperationId) -> Option<Self> {
                match operation {
                    $($(OperationId::$operation)|* => Some(Self::$group),)*
                    _ => None,
                }
            }
        }
    };
}

// KMS product documentation, quotas for requests to the shared gateway; STS API reference, AssumeRole.
groups! {
    /// The service itself.
    Service = "service", 1 in 1: OpenKmsService DescribeAccountKmsStatus;
    /// Changing instances.
    InstanceWrites = "instance_writes", 10 in 1: ConnectKmsInstance UpdateKmsInstanceBindVpc ReleaseKmsInstance;
    /// Looking at instances.
    InstanceReads = "instance_reads", 50 in 1: GetKmsInstance ListKmsInstances GetDefaultKmsInstance GetKmsInstanceQuotaInfos;
    /// Looking at keys, aliases and tags.
    KeyReads = "key_reads", 50 in 1: DescribeKey ListKeys ListAliases ListAliasesByKeyId DescribeKeyVersion ListKeyVersions
        GetKeyPolicy ListTagResources DescribeRegions GetParametersForImport;
    /// The tags of one key or secret.
    ListResourceTags = "list_resource_tags", 300 in 1: ListResourceTags;
    /// Making keys.
    CreateKey = "create_key", 10 in 1: CreateKey;
    /// Changing keys, aliases and tags.
    KeyWrites = "key_writes", 30 in 1: EnableKey DisableKey ScheduleKeyDeletion CancelKeyDeletion SetDeletionProtection
        UpdateKeyDescription CreateKeyVersion UpdateRotationPolicy ImportKeyMaterial DeleteKeyMaterial SetKeyPolicy CreateAlias
        UpdateAlias DeleteAlias TagResource UntagResource TagResources UntagResources;
    /// Using symmetric keys.
    Symmetric = "symmetric", 1000 in 1: Encrypt Decrypt GenerateDataKey GenerateDataKeyWithoutPlaintext ExportDataKey
        GenerateAndExportDataKey;
    /// Sealing anew under another key.
    ReEncrypt = "re_encrypt", 750 in 1: ReEncrypt;
    /// Using key pairs.
    Asymmetric = "asymmetric", 200 in 1: AsymmetricEncrypt AsymmetricDecrypt AsymmetricSign AsymmetricVerify GetPublicKey;
    /// Message authentication codes.
    Mac = "mac", 1000 in 1: GenerateMac VerifyMac;
    /// Making and deleting secrets.
    SecretLife = "secret_life", 10 in 1: CreateSecret DeleteSecret;
    /// Reading one secret.
    SecretReads = "secret_reads", 450 in 1: GetSecretValue BatchGetSecretValue DescribeSecret ListSecretVersionIds
        GetManagedDataKey;
    /// Everything else about secrets.
    Secrets = "secrets", 40 in 1: ListSecrets PutSecretValue UpdateSecret RestoreSecret UpdateSecretVersionStage
        UpdateSecretRotationPolicy GetSecretPolicy SetSecretPolicy GetRandomPassword ListManagedDataKeyVersions;
    /// Rotating secrets.
    RotateSecret = "rotate_secret", 50 in 3600: RotateSecret;
    /// Sessions of roles.
    Sts = "sts", 6000 in 60: StsAssumeRole StsGetCallerIdentity;
}

/// A limit: when calls may come, and how far ahead of that.
#[derive(Clone, Copy, Debug)]
struct Limit {
    /// Between two calls in the long run, in nanoseconds.
    interval: u64,
    /// How much of that may be spent at once, in nanoseconds.
    window: u64,
}

/// Counts the calls of each account.
pub struct Quotas {
    limits: Vec<Option<Limit>>,
    hasher: RandomState,
    /// For each account and group: the moment up to which its calls are spent, in nanoseconds since the start.
    spent: [Mutex<HashMap<u64, u64>>; SHARDS],
    started: Instant,
}

/// A setting that names no group.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("quotas.limits: there is no group {0:?}; the groups are {1}")]
pub struct UnknownGroup(String, String);

impl Quotas {
    /// The published limits, with those replaced that are given: calls in the group's time, which is a second but for
    /// `rotate_secret` (an hour) and `sts` (a minute). 0 means no limit.
    ///
    /// # Errors
    /// When a name is none of a group.
    pub fn new(changed: &BTreeMap<String, u32>) -> Result<Self, UnknownGroup> {
        let names: Vec<&str> = QuotaGroup::ALL.iter().map(|group| group.name()).collect();
        if let Some(unknown) = changed.keys().find(|name| !names.contains(&name.as_str())) {
            return Err(UnknownGroup(unknown.clone(), names.join(", ")));
        }
        let limit = |group: &QuotaGroup| {
            let (published, seconds) = group.published();
            let calls = u64::from(*changed.get(group.name()).unwrap_or(&published));
            let window = seconds * 1_000_000_000;
            (calls > 0).then(|| Limit { interval: (window / calls).max(1), window })
        };
        Ok(Self {
            limits: QuotaGroup::ALL.iter().map(limit).collect(),
            hasher: RandomState::new(),
            spent: std::array::from_fn(|_| Mutex::default()),
            started: Instant::now(),
        })
    }

    /// Counts a call; says how long to wait when it is one too many.
    pub(crate) fn admit(&self, account: &str, operation: OperationId) -> Result<(), Duration> {
        self.admit_at(account, operation, self.started.elapsed())
    }

    /// The generic cell rate algorithm: calls are spent ahead of time, up to the window, and come back at the limit's rate.
    /// Calls that are refused cost nothing.
    fn admit_at(&self, account: &str, operation: OperationId, now: Duration) -> Result<(), Duration> {
        let Some(group) = QuotaGroup::of(operation) else { return Ok(()) };
        let Some(limit) = self.limits.get(group as usize).copied().flatten() else { return Ok(()) };
        let now = u64::try_from(now.as_nanos()).unwrap_or(u64::MAX);
        let hash = self.hasher.hash_one((account, group as u8));
        // Nothing panics while it is held.
        let mut spent = self.spent[hash as usize % SHARDS].lock().unwrap_or_else(PoisonError::into_inner);
        if spent.len() >= MAX_ENTRIES {
            spent.retain(|_, until| *until > now);
        }
        let until = spent.entry(hash).or_insert(now);
        let next = (*until).max(now) + limit.interval;
        let ahead = next - now;
        if ahead > limit.window.max(limit.interval) {
            return Err(Duration::from_nanos(ahead - limit.window.max(limit.interval)));
        }
        *until = next;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use keystead_api::OPERATIONS;

    fn admitted(
        quotas: &Quotas,
        account: &str,
        operation: OperationId,
        calls: usize,
        now: Duration,
    ) -> usize {
        (0..calls).filter(|_| quotas.admit_at(account, operation, now).is_ok()).count()
    }

    #[test]
    fn a_second_worth_of_calls_at_once_and_then_as_they_come_back() {
        let quotas = Quotas::new(&BTreeMap::new()).unwrap();
        let at = Duration::from_millis;
        assert_eq!(admitted(&quotas, "1", OperationId::CreateKey, 20, at(0)), 10);
        // Other accounts and other groups are not touched.
        assert_eq!(admitted(&quotas, "2", OperationId::CreateKey, 20, at(0)), 10);
        assert_eq!(admitted(&quotas, "1", OperationId::Encrypt, 2_000, at(0)), 1_000);
        assert_eq!(admitted(&quotas, "1", OperationId::Decrypt, 1, at(0)), 0);
        let wait = quotas.admit_at("1", OperationId::CreateKey, at(0)).unwrap_err();
        assert_eq!(wait, at(100));
        assert!(quotas.admit_at("1", OperationId::CreateKey, wait).is_ok());
        assert_eq!(admitted(&quotas, "1", OperationId::CreateKey, 20, at(350)), 2);
        assert_eq!(admitted(&quotas, "1", OperationId::CreateKey, 20, at(60_000)), 10);
        // 50 in an hour.
        assert_eq!(admitted(&quotas, "1", OperationId::RotateSecret, 60, at(0)), 50);
        assert_eq!(admitted(&quotas, "1", OperationId::RotateSecret, 60, at(72_000)), 1);
    }

    #[test]
    fn limits_can_be_changed_and_taken_away() {
        let changed = BTreeMap::from([("create_key".to_owned(), 1), ("symmetric".to_owned(), 0)]);
        let quotas = Quotas::new(&changed).unwrap();
        assert_eq!(admitted(&quotas, "1", OperationId::CreateKey, 20, Duration::ZERO), 1);
        assert_eq!(admitted(&quotas, "1", OperationId::Encrypt, 5_000, Duration::ZERO), 5_000);
        let error = Quotas::new(&BTreeMap::from([("keys".to_owned(), 1)])).err().unwrap();
        assert!(error.to_string().contains("\"keys\"") && error.to_string().contains("create_key"));
    }

    #[test]
    fn every_operation_on_keys_and_secrets_has_a_group() {
        let without = ["GetChallenge"];
        let application = |name: &str| {
            ["NetworkRule", "ApplicationAccessPoint", "ClientKey", "Policy", "Policies"]
                .iter()
                .any(|kind| name.contains(kind))
                && !["KeyPolicy", "SecretPolicy", "RotationPolicy"].iter().any(|kind| name.contains(kind))
        };
        let missing: Vec<&str> = OPERATIONS
            .iter()
            .filter(|def| QuotaGroup::of(def.id).is_none())
            .map(|def| def.name)
            .filter(|name| !without.contains(name) && !application(name))
            .collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
}
