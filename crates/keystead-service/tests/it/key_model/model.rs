//! Keys as the reference describes them: no store, no cryptography, no background work. What falls due happens here in the
//! second at which it does, except for rotations, which [`Model::carry_out`] makes.

use std::collections::{BTreeMap, BTreeSet};

use super::step::{Spec, Step, Target, alias_name};

pub const DAY: i64 = 86_400;

const NO_KEY: &str = "404 Forbidden.KeyNotFound";
const NO_ALIAS: &str = "404 Forbidden.AliasNotFound";
const UNCHANGEABLE: &str = "409 Rejected.StateModifiedFailed";
const UNSUPPORTED: &str = "400 Rejected.UnsupportedOperation";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Enabled,
    Disabled,
    PendingDeletion,
    PendingImport,
}

#[derive(Clone, Debug)]
struct Key {
    spec: Spec,
    state: State,
    description: u8,
    protected: bool,
    delete_at: Option<i64>,
    interval: Option<i64>,
    /// When each version was made.
    versions: Vec<i64>,
    tags: BTreeMap<u8, u8>,
    /// Imported material: what the key is bound to, whether it is there, and until when.
    bound: Option<u8>,
    has_material: bool,
    expires: Option<i64>,
}

/// Something that was made with a key's version: a ciphertext, a signature or a code.
#[derive(Clone, Copy, Debug)]
struct Made {
    key: usize,
    version: usize,
}

#[derive(Debug)]
pub struct Model {
    pub now: i64,
    keys: Vec<Key>,
    aliases: BTreeMap<u8, usize>,
    blobs: Vec<Made>,
    signatures: Vec<Made>,
    codes: Vec<Made>,
}

type Answer = Result<String, &'static str>;

impl Key {
    fn usable(&self) -> Result<(), &'static str> {
        match self.state {
            State::Enabled => Ok(()),
            State::Disabled => Err("409 Rejected.Disabled"),
            State::PendingDeletion => Err("409 Rejected.PendingDeletion"),
            State::PendingImport => Err("409 Rejected.PendingImport"),
        }
    }

    fn last(&self) -> i64 {
        self.versions.last().copied().unwrap()
    }

    fn rotation_due(&self) -> Option<i64> {
        self.interval.filter(|_| self.state == State::Enabled).map(|interval| self.last() + interval)
    }
}

impl Model {
    pub fn new(now: i64) -> Self {
        let (keys, blobs, signatures, codes) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { now, keys, aliases: BTreeMap::new(), blobs, signatures, codes }
    }

    /// Lets time pass.
    pub fn advance(&mut self, seconds: i64) {
        self.now += seconds;
        for key in &mut self.keys {
            if key.expires.is_some_and(|expires| expires <= self.now) {
                take_material(key);
            }
        }
        let gone: BTreeSet<usize> = (0..self.keys.len()).filter(|index| self.is_gone(*index)).collect();
        self.aliases.retain(|_, key| !gone.contains(key));
    }

    /// How long it is until something happens by itself.
    pub fn next_boundary(&self) -> Option<i64> {
        let times = self.keys.iter().flat_map(|key| [key.delete_at, key.expires, key.rotation_due()]);
        times.flatten().filter(|at| *at > self.now).map(|at| at - self.now).min()
    }

    /// The background work.
    pub fn carry_out(&mut self) {
        let now = self.now;
        for key in &mut self.keys {
            if key.rotation_due().is_some_and(|due| due <= now) {
                key.versions.push(now);
            }
        }
    }

    /// How a step ends.
    pub fn answer(&mut self, step: &Step) -> String {
        match self.try_answer(step) {
            Ok(answer) => answer,
            Err(error) => error.to_owned(),
        }
    }

    fn is_gone(&self, index: usize) -> bool {
        self.keys[index].delete_at.is_some_and(|at| at <= self.now)
    }

    fn index(&self, number: usize) -> usize {
        number % self.keys.len()
    }

    fn find(&self, number: usize) -> Result<usize, &'static str> {
        let index = self.index(number);
        if self.is_gone(index) { Err(NO_KEY) } else { Ok(index) }
    }

    fn target(&self, target: Target) -> Result<usize, &'static str> {
        match target {
            Target::Key(number) => self.find(number),
            Target::Alias(alias) => self.aliases.get(&alias).copied().ok_or(NO_ALIAS),
        }
    }

    fn key(&mut self, number: usize) -> Result<&mut Key, &'static str> {
        let index = self.find(number)?;
        Ok(&mut self.keys[index])
    }

    fn try_answer(&mut self, step: &Step) -> Answer {
        let now = self.now;
        let ok = || Ok("ok".to_owned());
        match *step {
            Step::Create { spec, rotation } => {
                if rotation.is_some() && !spec.rotates() {
                    return Err(UNSUPPORTED);
                }
                let waits = spec == Spec::External;
                self.keys.push(Key {
                    spec,
                    state: if waits { State::PendingImport } else { State::Enabled },
                    description: 0,
                    protected: false,
                    delete_at: None,
                    interval: rotation.map(|days| days * DAY),
                    versions: vec![now],
                    tags: BTreeMap::new(),
                    bound: None,
                    has_material: !waits,
                    expires: None,
                });
                Ok(format!("key {}", self.keys.len() - 1))
            }
            Step::Enable(number) | Step::Disable(number) => {
                let key = self.key(number)?;
                if !matches!(key.state, State::Enabled | State::Disabled) {
                    return Err(UNCHANGEABLE);
                }
                key.state = if matches!(step, Step::Enable(_)) { State::Enabled } else { State::Disabled };
                ok()
            }
            Step::Schedule(number, days) => {
                let key = self.key(number)?;
                if !(7..=366).contains(&days) {
                    return Err("400 InvalidParameter");
                }
                if key.state == State::PendingDeletion {
                    return Err(UNCHANGEABLE);
                }
                if key.protected {
                    return Err(UNSUPPORTED);
                }
                key.state = State::PendingDeletion;
                key.delete_at = Some(now + days * DAY);
                ok()
            }
            Step::Cancel(number) => {
                let key = self.key(number)?;
                if key.state != State::PendingDeletion {
                    return Err(UNCHANGEABLE);
                }
                key.state = if key.has_material { State::Enabled } else { State::PendingImport };
                key.delete_at = None;
                ok()
            }
            Step::Protect(number, on) => {
                let key = self.key(number)?;
                if key.state == State::PendingDeletion {
                    return Err("409 Rejected.PendingDeletion");
                }
                key.protected = on;
                ok()
            }
            Step::DescribeAs(number, description) => {
                self.key(number)?.description = description;
                ok()
            }
            Step::NewVersion(target) => {
                let index = self.target(target)?;
                let key = &mut self.keys[index];
                if matches!(key.spec, Spec::External | Spec::Mac) {
                    return Err(UNSUPPORTED);
                }
                key.usable()?;
                if key.spec == Spec::Pair && now < key.last() + 7 * DAY {
                    return Err(UNSUPPORTED);
                }
                if key.spec == Spec::Pair && key.versions.len() == 50 {
                    return Err("400 Rejected.LimitExceeded");
                }
                key.versions.push(now);
                Ok(format!("key {index} version {}", self.keys[index].versions.len() - 1))
            }
            Step::Rotation(number, days) => {
                let key = self.key(number)?;
                if !key.spec.rotates() {
                    return Err(UNSUPPORTED);
                }
                if days.is_some_and(|days| !(7..=730).contains(&days)) {
                    return Err("400 InvalidParameter");
                }
                key.usable()?;
                key.interval = days.map(|days| days * DAY);
                ok()
            }
            Step::CreateAlias(alias, number) => {
                let index = self.find(number)?;
                if self.aliases.contains_key(&alias) {
                    return Err("400 AliasAlreadyExists");
                }
                if self.keys[index].state == State::PendingDeletion {
                    return Err(UNCHANGEABLE);
                }
                self.aliases.insert(alias, index);
                ok()
            }
            Step::UpdateAlias(alias, number) => {
                let index = self.find(number)?;
                if !self.aliases.contains_key(&alias) {
                    return Err(NO_ALIAS);
                }
                if self.keys[index].state == State::PendingDeletion {
                    return Err("409 Rejected.PendingDeletion");
                }
                self.aliases.insert(alias, index);
                ok()
            }
            Step::DeleteAlias(alias) => self.aliases.remove(&alias).map(|_| "ok".to_owned()).ok_or(NO_ALIAS),
            Step::Encrypt(target) => {
                let index = self.target(target)?;
                let key = &self.keys[index];
                if !key.spec.encrypts() {
                    return Err("400 UnsupportedOperation");
                }
                key.usable()?;
                let version = key.versions.len() - 1;
                self.blobs.push(Made { key: index, version });
                Ok(format!("key {index} version {version}"))
            }
            Step::Decrypt(number) => {
                let Some(made) = pick(&self.blobs, number) else { return ok() };
                self.find(made.key)?;
                self.keys[made.key].usable()?;
                Ok(format!("key {} version {}: text {}", made.key, made.version, number % self.blobs.len()))
            }
            Step::Sign(number, version) => {
                let index = self.find(number)?;
                let key = &self.keys[index];
                let version = version % key.versions.len();
                if key.spec != Spec::Pair {
                    return Err(UNSUPPORTED);
                }
                key.usable()?;
                self.signatures.push(Made { key: index, version });
                Ok(format!("key {index} version {version}"))
            }
            Step::Verify(number) => {
                let Some(made) = pick(&self.signatures, number) else { return ok() };
                self.find(made.key)?;
                self.keys[made.key].usable()?;
                Ok("true".to_owned())
            }
            Step::Mac(target) => {
                let index = self.target(target)?;
                let key = &self.keys[index];
                if key.spec != Spec::Mac {
                    return Err(UNSUPPORTED);
                }
                key.usable()?;
                self.codes.push(Made { key: index, version: 0 });
                Ok(format!("key {index}"))
            }
            Step::VerifyMac(number) => {
                let Some(made) = pick(&self.codes, number) else { return ok() };
                self.find(made.key)?;
                self.keys[made.key].usable()?;
                Ok("true".to_owned())
            }
            Step::Describe(target) => {
                let index = self.target(target)?;
                Ok(self.described(index))
            }
            Step::ListKeys => {
                let there: Vec<usize> = (0..self.keys.len()).filter(|index| !self.is_gone(*index)).collect();
                Ok(format!("{there:?}"))
            }
            Step::ListAliases => {
                let mut there: Vec<_> =
                    self.aliases.iter().map(|(alias, key)| (alias_name(*alias), *key)).collect();
                there.sort();
                Ok(format!("{there:?}"))
            }
            Step::ListAliasesOf(number) => {
                let index = self.find(number)?;
                let mut there: Vec<_> = self.aliases.iter().filter(|(_, key)| **key == index).collect();
                there.sort();
                Ok(format!("{:?}", there.iter().map(|(alias, _)| alias_name(**alias)).collect::<Vec<_>>()))
            }
            Step::ListVersions(target) => {
                let index = self.target(target)?;
                Ok(format!("{:?}", self.keys[index].versions))
            }
            Step::Tag(number, tag, value) => {
                self.key(number)?.tags.insert(tag, value);
                ok()
            }
            Step::Untag(number, tag) => {
                self.key(number)?.tags.remove(&tag);
                ok()
            }
            Step::ListTags(number) => {
                let key = self.key(number)?;
                Ok(format!("{:?}", key.tags.iter().collect::<Vec<_>>()))
            }
            Step::Import { key: number, material, days } => {
                let key = self.key(number)?;
                if key.spec != Spec::External {
                    return Err("400 Unsupported.Origin");
                }
                if key.state == State::PendingDeletion {
                    return Err(UNCHANGEABLE);
                }
                if key.bound.is_some_and(|bound| bound != material) {
                    return Err("400 InvalidKeyMaterial");
                }
                key.bound = Some(material);
                key.has_material = true;
                key.expires = days.map(|days| now + days * DAY);
                if key.state == State::PendingImport {
                    key.state = State::Enabled;
                }
                ok()
            }
            Step::DeleteMaterial(number) => {
                let key = self.key(number)?;
                if key.spec != Spec::External {
                    return Err("400 Unsupported.Origin");
                }
                take_material(key);
                ok()
            }
            Step::Advance(_) | Step::ToBoundary(_) | Step::CarryOut => ok(),
        }
    }

    fn described(&self, index: usize) -> String {
        let key = &self.keys[index];
        let rotation = match (key.interval, key.state) {
            (None, _) => "Disabled".to_owned(),
            (Some(interval), state) => {
                let status = if state == State::Enabled { "Enabled" } else { "Suspended" };
                format!("{status} {interval}s next {}", key.last() + interval)
            }
        };
        let primary = if key.spec == Spec::Pair { None } else { Some(key.versions.len() - 1) };
        format!(
            "key {index}: {:?}, d{}, protected {}, delete {:?}, rotation {rotation}, last {}, primary {primary:?}, \
             expires {:?}",
            key.state,
            key.description,
            key.protected,
            key.delete_at,
            key.last(),
            key.expires,
        )
    }
}

/// Imported material goes: by itself or by hand.
fn take_material(key: &mut Key) {
    key.has_material = false;
    key.expires = None;
    if key.state != State::PendingDeletion {
        key.state = State::PendingImport;
    }
}

fn pick(made: &[Made], number: usize) -> Option<Made> {
    if made.is_empty() { None } else { Some(made[number % made.len()]) }
}
