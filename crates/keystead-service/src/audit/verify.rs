//! Finds what was cut, changed or moved in a log.
//!
//! Every record is read, one after the other. What cannot be found from the files alone: a log that ends earlier than it
//! once did, at a record boundary. For that somebody has to have noted a head; the records behind the last one are
//! reported as not sealed yet.

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use thiserror::Error;

use super::buffer::Left;
use super::key::HeadVerifier;
use super::line::{Hash, Line, Tip, from_hex};
use super::segment::{Head, MAX_LINE, Segment};

/// A record that somebody noted: its number and its hash, as `SEQ:HASH`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Noted(Tip);

impl std::str::FromStr for Noted {
    type Err = NotNoted;

    fn from_str(text: &str) -> Result<Self, NotNoted> {
        let (seq, hash) = text.split_once(':').ok_or(NotNoted)?;
        let hash = from_hex(hash.as_bytes()).ok_or(NotNoted)?;
        Ok(Self(Tip { seq: seq.parse().map_err(|_| NotNoted)?, hash }))
    }
}

impl fmt::Display for Noted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.0.seq, hex::encode(self.0.hash))
    }
}

/// The text names no record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a head is written as its number, a colon and its hash of 64 hexadecimal digits")]
pub struct NotNoted;

/// What is looked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    /// The log has to hold this record.
    pub head: Option<Noted>,
    /// Begin at the segment that holds this record; what is before it is not looked at.
    pub from: Option<u64>,
}

/// What a log holds that has no break.
#[derive(Debug, Default)]
pub struct Report {
    /// Files.
    pub segments: usize,
    /// Records, those of the log itself included.
    pub records: u64,
    /// Signed heads among them.
    pub heads: u64,
    /// The number of the first record.
    pub first: u64,
    /// The last signed head.
    pub last_head: Option<Noted>,
    /// Records behind it.
    pub unsealed: u64,
    /// Records behind the last file's end that are in the buffer: a server writes them within moments, or with its next start.
    pub buffered: u64,
    /// Bytes of a last line that has no end: one that is being written, or that a crash cut off.
    pub incomplete: u64,
    /// Ends that a crash left half written and a start put apart.
    pub recoveries: u64,
    /// Records that were removed because of their age, and are said to be.
    pub removed: u64,
}

/// A break.
#[derive(Debug, Error)]
#[error("{}:{line}: {what}", .file.display())]
pub struct Break {
    /// The file.
    pub file: PathBuf,
    /// Its line; the first one is 1.
    pub line: u64,
    /// The record, or the one that should be there.
    pub record: u64,
    /// What is wrong.
    pub what: What,
}

/// What is wrong at a break.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[allow(missing_docs, reason = "the text of each says it")]
pub enum What {
    #[error("this is no record; record {0} should stand here")]
    NoRecord(u64),
    #[error("record {0} was changed: its content does not fit its hash")]
    Changed(u64),
    #[error("records {0} to {1} are missing")]
    Missing(u64, u64),
    #[error("record {found} stands where record {expected} should")]
    Moved { expected: u64, found: u64 },
    #[error("record {0} was replaced: the record after it, which is untouched, follows another one")]
    Replaced(u64),
    #[error("the head {0} was not signed by this key ({1})")]
    BadHead(u64, String),
    #[error(
        "the first record is {0}, and no record says that those before it were removed because of their age"
    )]
    NoBeginning(u64),
    #[error("the log ends at record {end}, before the head {noted} that was noted: it was cut")]
    Cut { end: u64, noted: u64 },
    #[error("record {0} is not the head that was noted: the log was written anew")]
    OtherHead(u64),
    #[error("the head {noted} that was noted is older than what is kept, which begins at record {first}")]
    TooOld { first: u64, noted: u64 },
}

/// Why a log could not be verified.
#[derive(Debug, Error)]
pub enum VerifyError {
    /// It is broken.
    #[error(transparent)]
    Broken(Box<Break>),
    /// A file cannot be read.
    #[error("cannot read {}", .0.display())]
    Io(PathBuf, #[source] io::Error),
    /// There is no log.
    #[error("there is no audit log in {}", .0.display())]
    Nothing(PathBuf),
}

/// Reads a log through.
///
/// # Errors
/// [`VerifyError::Broken`] names the first record that is not as it was written.
pub fn verify(dir: &Path, key: &HeadVerifier, wanted: Wanted) -> Result<Report, VerifyError> {
    let mut segments = Segment::all(dir).map_err(|error| VerifyError::Io(dir.to_owned(), error))?;
    if let Some(from) = wanted.from {
        let before = segments.iter().rposition(|segment| segment.first <= from).unwrap_or(0);
        segments.drain(..before);
    }
    let first = segments.first().ok_or_else(|| VerifyError::Nothing(dir.to_owned()))?.clone();
    let mut reader = Reader {
        key,
        wanted,
        tip: None,
        begins_after: None,
        removed: None,
        met: false,
        report: Report::default(),
    };
    let count = segments.len();
    for (index, segment) in segments.iter().enumerate() {
        reader.segment(segment, index + 1 == count)?;
    }
    if let Some(tip) = reader.tip {
        let left = Left::read(dir, tip).map_err(|error| VerifyError::Io(dir.to_owned(), error))?;
        reader.report.buffered = left.count;
    }
    reader.end(&first, segments.last().unwrap_or(&first))
}

struct Reader<'a> {
    key: &'a HeadVerifier,
    wanted: Wanted,
    tip: Option<Tip>,
    /// The record before the first one that is there.
    begins_after: Option<Tip>,
    /// What the log says was removed because of its age: the last such record.
    removed: Option<Tip>,
    /// Whether the noted head was met.
    met: bool,
    report: Report,
}

impl Reader<'_> {
    fn segment(&mut self, segment: &Segment, is_last: bool) -> Result<(), VerifyError> {
        let failed = |error| VerifyError::Io(segment.path.clone(), error);
        let mut reader = BufReader::with_capacity(1 << 18, File::open(&segment.path).map_err(failed)?);
        let mut bytes = Vec::new();
        self.report.segments += 1;
        for line in 1.. {
            bytes.clear();
            if reader.by_ref().take(MAX_LINE).read_until(b'\n', &mut bytes).map_err(failed)? == 0 {
                // A segment holds something, or it was emptied; the last one may just have been begun.
                if line == 1 && !is_last {
                    return Err(broken(segment, 1, segment.first, What::NoRecord(segment.first)));
                }
                break;
            }
            let Some(record) = bytes.strip_suffix(b"\n") else {
                if is_last {
                    self.report.incomplete = bytes.len() as u64;
                    break;
                }
                let expected = self.expected(segment);
                return Err(broken(segment, line, expected, What::NoRecord(expected)));
            };
            if line == 1 && self.tip.is_none() {
                self.report.first = segment.first;
            }
            self.record(segment, line, record)?;
        }
        Ok(())
    }

    fn expected(&self, segment: &Segment) -> u64 {
        self.tip.map_or(segment.first, |tip| tip.seq + 1)
    }

    fn record(&mut self, segment: &Segment, number: u64, record: &[u8]) -> Result<(), VerifyError> {
        let expected = self.expected(segment);
        let at = |what| Err(broken(segment, number, expected, what));
        let Some(line) = Line::read(record) else { return at(What::NoRecord(expected)) };
        // The name of a file says with which record it begins.
        if number == 1 && line.intact && line.seq != segment.first {
            return at(What::Moved { expected: segment.first, found: line.seq });
        }
        if !line.intact {
            return at(What::Changed(expected));
        }
        if line.seq > expected {
            return at(What::Missing(expected, line.seq - 1));
        }
        if line.seq < expected {
            return at(What::Moved { expected, found: line.seq });
        }
        let before = self.tip.or((line.seq == 1).then(Tip::default));
        if before.is_some_and(|before| before.hash != line.prev) {
            return at(What::Replaced(line.seq - 1));
        }
        if self.tip.is_none() && line.seq > 1 {
            self.begins_after = Some(Tip { seq: line.seq - 1, hash: line.prev });
        }
        if let Some(head) = Head::read(&line, record) {
            if !head.is_good(self.key) {
                return at(What::BadHead(line.seq, self.key.id().to_owned()));
            }
            self.report.heads += 1;
            self.report.last_head = Some(Noted(line.tip()));
        }
        self.report.recoveries += u64::from(line.is_own("AuditRecovery"));
        if line.is_own("AuditRetention") {
            self.removed = removed(record).or(self.removed);
        }
        if let Some(Noted(noted)) = self.wanted.head
            && noted.seq == line.seq
        {
            if noted.hash != line.hash {
                return at(What::OtherHead(line.seq));
            }
            self.met = true;
        }
        self.report.records += 1;
        self.tip = Some(line.tip());
        Ok(())
    }

    fn end(mut self, first: &Segment, last: &Segment) -> Result<Report, VerifyError> {
        let tip = self.tip.unwrap_or_default();
        if let Some(before) = self.begins_after
            && self.wanted.from.is_none()
        {
            let said = self.removed.is_some_and(|removed| {
                removed.seq > before.seq || (removed.seq == before.seq && removed.hash == before.hash)
            });
            if !said {
                return Err(broken(first, 1, first.first, What::NoBeginning(first.first)));
            }
            self.report.removed = before.seq;
        }
        if let Some(Noted(noted)) = self.wanted.head
            && !self.met
        {
            let what = match noted.seq < self.report.first {
                true => What::TooOld { first: self.report.first, noted: noted.seq },
                false => What::Cut { end: tip.seq, noted: noted.seq },
            };
            return Err(broken(last, self.report.records, tip.seq, what));
        }
        self.report.unsealed =
            tip.seq - self.report.last_head.map_or(self.report.first - 1, |head| head.0.seq);
        Ok(self.report)
    }
}

fn removed(record: &[u8]) -> Option<Tip> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Removed {
        removed_through: u64,
        removed_hash: String,
    }
    let removed: Removed = serde_json::from_slice(record).ok()?;
    let hash: Hash = from_hex(removed.removed_hash.as_bytes())?;
    Some(Tip { seq: removed.removed_through, hash })
}

fn broken(segment: &Segment, line: u64, record: u64, what: What) -> VerifyError {
    VerifyError::Broken(Box::new(Break { file: segment.path.clone(), line, record, what }))
}
