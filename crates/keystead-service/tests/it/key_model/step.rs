//! What a random sequence does.

use proptest::prelude::*;

/// What a key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spec {
    Aes,
    Sm4,
    Mac,
    Pair,
    /// AES-256 whose material is imported.
    External,
}

impl Spec {
    pub fn rotates(self) -> bool {
        matches!(self, Self::Aes | Self::Sm4)
    }

    pub fn encrypts(self) -> bool {
        matches!(self, Self::Aes | Self::Sm4 | Self::External)
    }
}

/// How a call names a key.
#[derive(Clone, Copy, Debug)]
pub enum Target {
    Key(usize),
    Alias(u8),
}

/// Numbers of keys, ciphertexts and the like count round what there is.
#[derive(Clone, Debug)]
pub enum Step {
    Create {
        spec: Spec,
        rotation: Option<i64>,
    },
    Enable(usize),
    Disable(usize),
    Schedule(usize, i64),
    Cancel(usize),
    Protect(usize, bool),
    DescribeAs(usize, u8),
    NewVersion(Target),
    Rotation(usize, Option<i64>),
    CreateAlias(u8, usize),
    UpdateAlias(u8, usize),
    DeleteAlias(u8),
    Encrypt(Target),
    Decrypt(usize),
    Sign(usize, usize),
    Verify(usize),
    Mac(Target),
    VerifyMac(usize),
    Describe(Target),
    ListKeys,
    ListAliases,
    ListAliasesOf(usize),
    ListVersions(Target),
    Tag(usize, u8, u8),
    Untag(usize, u8),
    ListTags(usize),
    Import {
        key: usize,
        material: u8,
        days: Option<i64>,
    },
    DeleteMaterial(usize),
    /// Days.
    Advance(i64),
    /// To the next moment at which something happens by itself, or some seconds beside it.
    ToBoundary(i64),
    /// The background work, which may or may not have run at any moment.
    CarryOut,
}

pub fn alias_name(alias: u8) -> String {
    format!("alias/a{alias}")
}

/// Kinds of the keys with which every sequence begins.
pub const FIRST: [Spec; 4] = [Spec::Aes, Spec::External, Spec::Pair, Spec::Mac];

fn key() -> impl Strategy<Value = usize> + Clone {
    prop_oneof![4 => Just(0), 3 => Just(1), 1 => Just(2), 1 => Just(3), 3 => 4..7usize]
}

fn alias() -> impl Strategy<Value = u8> + Clone {
    0..3u8
}

fn target() -> impl Strategy<Value = Target> + Clone {
    prop_oneof![3 => key().prop_map(Target::Key), 1 => alias().prop_map(Target::Alias)]
}

fn rotation() -> impl Strategy<Value = Option<i64>> + Clone {
    prop_oneof![1 => Just(None), 3 => prop_oneof![Just(7), Just(10), Just(30), Just(6)].prop_map(Some)]
}

fn create() -> impl Strategy<Value = Step> {
    let spec = prop_oneof![
        5 => Just(Spec::Aes),
        1 => Just(Spec::Sm4),
        1 => Just(Spec::Mac),
        2 => Just(Spec::Pair),
        3 => Just(Spec::External),
    ];
    (spec, prop::option::weighted(0.3, prop_oneof![Just(7), Just(20)]))
        .prop_map(|(spec, rotation)| Step::Create { spec, rotation })
}

fn life() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => key().prop_map(Step::Enable),
        3 => key().prop_map(Step::Disable),
        3 => (key(), prop_oneof![4 => Just(7), 4 => Just(60), 1 => Just(12), 1 => Just(6)]).prop_map(|(key, days)| Step::Schedule(key, days)),
        5 => key().prop_map(Step::Cancel),
        1 => (key(), prop::bool::weighted(0.4)).prop_map(|(key, on)| Step::Protect(key, on)),
        1 => (key(), any::<u8>()).prop_map(|(key, text)| Step::DescribeAs(key, text)),
        4 => target().prop_map(Step::NewVersion),
        3 => (key(), rotation()).prop_map(|(key, days)| Step::Rotation(key, days)),
    ]
}

fn names() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (alias(), key()).prop_map(|(alias, key)| Step::CreateAlias(alias, key)),
        2 => (alias(), key()).prop_map(|(alias, key)| Step::UpdateAlias(alias, key)),
        1 => alias().prop_map(Step::DeleteAlias),
        1 => Just(Step::ListAliases),
        1 => key().prop_map(Step::ListAliasesOf),
        1 => (key(), 0..3u8, any::<u8>()).prop_map(|(key, tag, value)| Step::Tag(key, tag, value)),
        1 => (key(), 0..3u8).prop_map(|(key, tag)| Step::Untag(key, tag)),
        1 => key().prop_map(Step::ListTags),
    ]
}

fn uses() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => target().prop_map(Step::Encrypt),
        5 => (0..40usize).prop_map(Step::Decrypt),
        2 => (prop_oneof![2 => Just(2), 1 => key()], 0..5usize).prop_map(|(key, version)| Step::Sign(key, version)),
        1 => (0..10usize).prop_map(Step::Verify),
        1 => prop_oneof![2 => Just(Target::Key(3)), 1 => target()].prop_map(Step::Mac),
        1 => (0..10usize).prop_map(Step::VerifyMac),
        4 => target().prop_map(Step::Describe),
        1 => target().prop_map(Step::ListVersions),
        1 => Just(Step::ListKeys),
    ]
}

fn imports() -> impl Strategy<Value = Step> {
    let days = prop_oneof![1 => Just(None), 2 => prop_oneof![Just(1), Just(9)].prop_map(Some)];
    prop_oneof![
        4 => (prop_oneof![3 => Just(1), 1 => key()], prop::bool::weighted(0.2), days)
            .prop_map(|(key, other, days)| Step::Import { key, material: other.into(), days }),
        1 => prop_oneof![2 => Just(1), 1 => key()].prop_map(Step::DeleteMaterial),
    ]
}

fn time() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => prop_oneof![Just(1), Just(3), Just(7), Just(40)].prop_map(Step::Advance),
        4 => (-2..=1i64).prop_map(Step::ToBoundary),
        3 => Just(Step::CarryOut),
    ]
}

pub fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        1 => create(),
        6 => life(),
        3 => names(),
        6 => uses(),
        2 => imports(),
        4 => time(),
    ]
}
