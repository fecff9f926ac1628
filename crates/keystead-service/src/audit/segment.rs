//! The files of a log: `<number of the first record>.jsonl`, in one folder.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, BufRead as _, BufReader};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use keystead_api::Timestamp;
use serde::Deserialize;

use super::key::HeadVerifier;
use super::line::{Line, Tip};

const SUFFIX: &str = ".jsonl";
/// Bytes of a line at most: a record has some hundreds, and no more than a few thousand.
pub(super) const MAX_LINE: u64 = 1 << 20;

/// A segment's file.
#[derive(Clone, Debug)]
pub(super) struct Segment {
    pub(super) path: PathBuf,
    /// The number of its first record.
    pub(super) first: u64,
}

/// What the first line of a segment says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Start {
    /// The last record before it.
    pub(super) before: Tip,
    /// When it was begun.
    pub(super) at: Timestamp,
}

/// How far a segment holds together.
#[derive(Debug)]
pub(super) struct Scan {
    /// Its last good record; none when there is none.
    pub(super) tip: Option<Tip>,
    /// The last signed head in the good part.
    pub(super) head: u64,
    /// Bytes up to which it is good.
    pub(super) good: u64,
    /// Bytes behind that.
    pub(super) rest: u64,
    /// The last whole record behind the good part, when a signed head stands there: then the good part does not end
    /// because of a crash.
    pub(super) beyond_damage: Option<Tip>,
}

impl Segment {
    pub(super) fn new(dir: &Path, first: u64) -> Self {
        Self { path: dir.join(format!("{first:020}{SUFFIX}")), first }
    }

    /// All of a folder, in order.
    pub(super) fn all(dir: &Path) -> io::Result<Vec<Self>> {
        let mut all = Vec::new();
        for entry in fs::read_dir(dir)? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if let Some(digits) = name.strip_suffix(SUFFIX)
                && digits.len() == 20
                && let Ok(first) = digits.parse()
            {
                all.push(Self { first, path });
            }
        }
        all.sort_by_key(|segment| segment.first);
        Ok(all)
    }

    pub(super) fn create(&self) -> io::Result<File> {
        OpenOptions::new().append(true).create_new(true).mode(0o600).open(&self.path)
    }

    pub(super) fn append(&self) -> io::Result<File> {
        OpenOptions::new().append(true).open(&self.path)
    }

    pub(super) fn len(&self) -> io::Result<u64> {
        Ok(fs::metadata(&self.path)?.len())
    }

    /// What its first line says; none when there is no good one.
    pub(super) fn start(&self) -> io::Result<Option<Start>> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Time {
            event_time: String,
        }
        let mut line = Vec::new();
        io::Read::take(BufReader::new(File::open(&self.path)?), MAX_LINE).read_until(b'\n', &mut line)?;
        let Some(line) = line.strip_suffix(b"\n") else { return Ok(None) };
        let time = serde_json::from_slice::<Time>(line).ok();
        let at = time.and_then(|time| Timestamp::parse(&time.event_time).ok());
        let first = Line::read(line).filter(|first| first.intact && first.seq == self.first);
        Ok(first
            .zip(at)
            .map(|(first, at)| Start { before: Tip { seq: first.seq - 1, hash: first.prev }, at }))
    }

    /// Reads it through to its last record that fits to the one before, and looks at what comes behind.
    pub(super) fn scan(&self, key: &HeadVerifier) -> io::Result<Scan> {
        let len = self.len()?;
        let mut scan = Scan { tip: None, head: 0, good: 0, rest: len, beyond_damage: None };
        let mut reader = BufReader::with_capacity(1 << 18, File::open(&self.path)?);
        let mut line = Vec::new();
        let (mut is_good, mut last, mut head_behind) = (true, None, false);
        loop {
            line.clear();
            if io::Read::take(&mut reader, MAX_LINE).read_until(b'\n', &mut line)? == 0 {
                break;
            }
            let read = line.strip_suffix(b"\n").and_then(Line::read).filter(|read| read.intact);
            let expected = scan.tip.map_or(self.first, |tip| tip.seq + 1);
            is_good &= read
                .as_ref()
                .is_some_and(|read| read.seq == expected && scan.tip.is_none_or(|tip| tip.hash == read.prev));
            let Some(read) = read else { continue };
            if !is_good {
                last = Some(read.tip());
                head_behind |= Head::read(&read, &line).is_some_and(|head| head.is_good(key));
                continue;
            }
            if read.is_own(HEAD) {
                scan.head = read.seq;
            }
            scan.tip = Some(read.tip());
            scan.good += line.len() as u64;
        }
        scan.rest = len.saturating_sub(scan.good);
        scan.beyond_damage = last.filter(|_| head_behind);
        Ok(scan)
    }
}

/// What a head says.
pub(super) struct Head {
    /// The record before it, which is what it signs.
    tip: Tip,
    time: String,
    pub(super) key_id: String,
    signature: String,
}

/// The name of heads.
pub(super) const HEAD: &str = "AuditHead";

impl Head {
    /// Reads a head; none when the record is something else.
    pub(super) fn read(line: &Line<'_>, json: &[u8]) -> Option<Self> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Fields {
            event_time: String,
            key_id: String,
            signature: String,
        }
        if !line.is_own(HEAD) {
            return None;
        }
        let Fields { event_time: time, key_id, signature } = serde_json::from_slice(json).ok()?;
        let tip = Tip { seq: line.seq.checked_sub(1)?, hash: line.prev };
        Some(Self { tip, time, key_id, signature })
    }

    /// Whether this key signed it.
    pub(super) fn is_good(&self, key: &HeadVerifier) -> bool {
        self.key_id == key.id() && key.verify(&self.tip, &self.time, &self.signature)
    }
}

/// Makes the folder of a log, for its owner alone.
pub(super) fn make_dir(dir: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    if fs::metadata(dir)?.permissions().mode() & 0o077 != 0 {
        fs::set_permissions(dir, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}
