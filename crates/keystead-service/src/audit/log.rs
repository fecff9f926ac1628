//! The chain on the disk: one file that is appended to, and those that were closed before it.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::PathBuf;
use std::sync::Arc;

use keystead_api::Timestamp;
use keystead_crypto::Random;

use super::event::Fields;
use super::key::HeadKey;
use super::line::{self, Tip, hex};
use super::segment::{Scan, Segment, make_dir};
use super::sync::Syncer;
use super::{AuditError, Settings};
use crate::clock::Clock;

/// A head is signed after so many records …
const HEAD_RECORDS: u64 = 4096;
/// … or so many seconds, whatever comes first.
const HEAD_SECONDS: i64 = 10;
/// The lock against a second process.
const LOCK: &str = "lock";
/// Where the public key lies.
pub(super) const PUBLIC_KEY: &str = "public-key.pem";

/// The log as its one writer has it.
pub(super) struct Log {
    settings: Settings,
    key: HeadKey,
    random: Arc<dyn Random>,
    clock: Arc<dyn Clock>,
    syncer: Syncer,
    segment: Segment,
    file: Arc<File>,
    /// When the segment was begun.
    begun: Timestamp,
    /// Its length: all of it whole records.
    len: u64,
    tip: Tip,
    /// The last head, and when it was signed.
    head: u64,
    signed: Timestamp,
    /// Closed segments, oldest first.
    closed: Vec<Closed>,
    /// Segments that go when the record that says so is durable.
    leaving: Vec<(u64, PathBuf)>,
    /// Whether the file may hold something behind its length, or was not synced: then nothing is trusted until a write and
    /// a sync have worked.
    failed: bool,
    buffer: Vec<u8>,
    _lock: File,
}

struct Closed {
    segment: Segment,
    /// Its last record.
    tip: Tip,
    bytes: u64,
    at: Timestamp,
}

/// What was found when a log was opened.
pub(super) struct Opened {
    pub(super) log: Log,
    /// The first and the last record that were there.
    pub(super) found: Tip,
}

impl Log {
    /// Opens the log of a folder: finds its end, puts apart what a crash left half written, and goes on.
    pub(super) fn open(
        settings: Settings,
        key: HeadKey,
        random: Arc<dyn Random>,
        clock: Arc<dyn Clock>,
    ) -> Result<Opened, AuditError> {
        let dir = settings.dir.clone();
        let failed = |error| AuditError::Io(dir.clone(), error);
        make_dir(&dir).map_err(failed)?;
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(dir.join(LOCK))
            .map_err(failed)?;
        lock.try_lock().map_err(|_| AuditError::InUse(dir.clone()))?;
        let public = dir.join(PUBLIC_KEY);
        if fs::read_to_string(&public).ok().as_deref() != Some(&key.public_pem()) {
            fs::write(&public, key.public_pem()).map_err(failed)?;
        }

        let now = clock.now();
        let mut segments = Segment::all(&dir).map_err(failed)?;
        let verifier = key.verifier()?;
        let mut notes = Vec::new();
        let mut tip = Tip::default();
        let mut go_on = None;
        let mut damaged = false;
        while let Some(last) = segments.last() {
            let scan = last.scan(&verifier).map_err(failed)?;
            if let Some(end) = scan.beyond_damage {
                // No crash leaves that. The file stays as it is for whoever verifies, and nothing is added to it.
                tracing::error!(file = %last.path.display(), "the audit log is damaged before a signed head");
                (tip, damaged) = (end, true);
                break;
            }
            if scan.rest > 0 {
                notes.push(put_apart(last, &scan, now).map_err(failed)?);
            }
            if let Some(end) = scan.tip {
                tip = end;
                go_on = Some(scan);
                break;
            }
            // It was begun when the power went; the one before it is the last.
            fs::remove_file(&last.path).map_err(failed)?;
            segments.pop();
        }
        let found = tip;
        let mut closed = Vec::new();
        for pair in segments.windows(2) {
            let bytes = pair[0].len().map_err(failed)?;
            // One whose successor does not say where it ended is looked at by whoever verifies; here it only ages.
            if let Some(start) = pair[1].start().map_err(failed)? {
                closed.push(Closed { segment: pair[0].clone(), tip: start.before, bytes, at: start.at });
            }
        }
        let syncer = Syncer::start().map_err(failed)?;
        let (segment, file, begun) = match segments.pop().filter(|_| !damaged) {
            Some(segment) => {
                let begun = segment.start().map_err(failed)?.map_or(now, |start| start.at);
                let file = segment.append().map_err(failed)?;
                (segment, file, begun)
            }
            None => {
                let segment = Segment::new(&dir, tip.seq + 1);
                let file = segment.create().map_err(failed)?;
                (segment, file, now)
            }
        };
        let file = Arc::new(file);
        syncer.writes_to(Arc::new(File::open(&dir).map_err(failed)?));
        syncer.writes_to(file.clone());
        let is_new = go_on.is_none();
        let mut log = Self {
            len: go_on.as_ref().map_or(0, |scan| scan.good),
            head: go_on.as_ref().map_or(0, |scan| scan.head),
            settings,
            key,
            random,
            clock,
            syncer,
            segment,
            file,
            begun,
            tip,
            signed: now,
            closed,
            leaving: Vec::new(),
            failed: false,
            buffer: Vec::new(),
            _lock: lock,
        };
        let mut first = Vec::new();
        if is_new {
            first.push(log.first_of_segment(now));
        }
        first.extend(notes);
        first.push(log.started(now));
        log.append(first.iter().map(Vec::as_slice)).map_err(failed)?;
        Ok(Opened { log, found })
    }

    /// Writes these records, all or none; tells the number of the last one. They are with the kernel then.
    pub(super) fn append<'r>(&mut self, records: impl IntoIterator<Item = &'r [u8]>) -> io::Result<u64> {
        let now = self.clock.now();
        let mut tip = self.tip;
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.clear();
        if self.syncer.take_failure() {
            self.failed = true;
            let mut fields = Fields::own("AuditSyncFailure", now);
            fields.json("syncedThrough", &self.syncer.synced());
            line::append(&mut buffer, &mut tip, &fields.into_bytes());
        }
        for fields in records {
            line::append(&mut buffer, &mut tip, fields);
        }
        let last = tip.seq;
        let mut head = self.head;
        if tip.seq - head >= HEAD_RECORDS {
            self.add_head(&mut buffer, &mut tip, now);
            head = tip.seq;
        }
        let written = self.write(&buffer);
        buffer.shrink_to(1 << 20);
        self.buffer = buffer;
        written?;
        self.tip = tip;
        if head > self.head {
            (self.head, self.signed) = (head, now);
        }
        self.syncer.written(tip.seq);
        if self.len >= self.settings.segment_bytes {
            self.rotate(now);
        }
        Ok(last)
    }

    /// Hands bytes to the kernel, all of them or none.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.failed {
            // What a failed write left behind goes first. The rest may be lost, if the disk says so only now.
            self.file.set_len(self.len)?;
        }
        let written = (&*self.file).write_all(bytes).and_then(|()| match self.failed {
            // Trusted again when the disk has it.
            true => self.file.sync_data(),
            false => Ok(()),
        });
        match written {
            Ok(()) => {
                self.failed = false;
                self.len += bytes.len() as u64;
                Ok(())
            }
            Err(error) => {
                self.failed = true;
                Err(error)
            }
        }
    }

    /// Signs a head when one is due, closes the segment when it is old, and lets go of what is not kept any longer.
    pub(super) fn tick(&mut self) {
        let now = self.clock.now();
        if !self.is_in_place() {
            tracing::error!(
                file = %self.segment.path.display(),
                "the file of the audit log was moved, removed or replaced; the log goes on in a new one"
            );
            self.rotate(now);
        }
        if self.tip.seq > self.head && now.0 - self.signed.0 >= HEAD_SECONDS {
            self.seal(now);
        }
        let age = now.0 - self.begun.0;
        if age >= self.settings.segment_seconds && self.len > 0 {
            self.rotate(now);
        }
        self.retain(now);
    }

    /// Whether the file that is written to is the one that others find.
    fn is_in_place(&self) -> bool {
        let own = self.file.metadata().map(|own| (own.dev(), own.ino())).ok();
        own.is_none() || own == fs::metadata(&self.segment.path).map(|there| (there.dev(), there.ino())).ok()
    }

    /// Signs a head, unless the last record is one.
    pub(super) fn seal(&mut self, now: Timestamp) {
        if self.tip.seq <= self.head {
            return;
        }
        let (mut buffer, mut tip) = (Vec::new(), self.tip);
        self.add_head(&mut buffer, &mut tip, now);
        match self.write(&buffer) {
            Ok(()) => {
                (self.tip, self.head, self.signed) = (tip, tip.seq, now);
                self.syncer.written(tip.seq);
            }
            Err(error) => tracing::error!(%error, "the head of the audit log cannot be written"),
        }
    }

    fn add_head(&self, buffer: &mut Vec<u8>, tip: &mut Tip, now: Timestamp) {
        let time = now.to_string();
        match self.key.sign(&*self.random, tip, &time) {
            Ok(signature) => {
                let mut fields = Fields::own("AuditHead", now);
                fields.json("keyId", self.key.id());
                fields.json("signature", &signature);
                line::append(buffer, tip, &fields.into_bytes());
            }
            Err(error) => tracing::error!(%error, "the head of the audit log cannot be signed"),
        }
    }

    /// Closes the segment with a head and begins the next one. When that fails, this one goes on.
    fn rotate(&mut self, now: Timestamp) {
        self.seal(now);
        if let Err(error) = self.begin_segment(now) {
            tracing::error!(%error, "the next segment of the audit log cannot be begun; this one goes on");
        }
    }

    fn begin_segment(&mut self, now: Timestamp) -> io::Result<()> {
        let next = Segment::new(&self.settings.dir, self.tip.seq + 1);
        let file = Arc::new(next.create()?);
        let mut buffer = Vec::new();
        let mut tip = self.tip;
        line::append(&mut buffer, &mut tip, &self.first_of_segment(now));
        if let Err(error) = (&*file).write_all(&buffer) {
            fs::remove_file(&next.path)?;
            return Err(error);
        }
        // The folder too: a file that nobody finds is not durable.
        self.syncer.writes_to(Arc::new(File::open(&self.settings.dir)?));
        self.syncer.writes_to(file.clone());
        let old = std::mem::replace(&mut self.segment, next);
        self.closed.push(Closed { segment: old, tip: self.tip, bytes: self.len, at: now });
        (self.file, self.len, self.begun, self.tip) = (file, buffer.len() as u64, now, tip);
        self.syncer.written(tip.seq);
        Ok(())
    }

    fn first_of_segment(&self, now: Timestamp) -> Vec<u8> {
        let mut fields = Fields::own("AuditSegment", now);
        fields.json("keyId", self.key.id());
        fields.into_bytes()
    }

    fn started(&self, now: Timestamp) -> Vec<u8> {
        let mut fields = Fields::own("AuditStart", now);
        fields.json("version", env!("CARGO_PKG_VERSION"));
        fields.into_bytes()
    }

    /// Lets the oldest segments go: what goes is said first, in a record, and the files when that is durable.
    fn retain(&mut self, now: Timestamp) {
        self.remove_leaving();
        let Settings { keep_seconds, keep_bytes, .. } = self.settings;
        let mut bytes = self.len + self.closed.iter().map(|closed| closed.bytes).sum::<u64>();
        let mut count = 0_usize;
        for closed in &self.closed {
            let old = keep_seconds > 0 && now.0 - closed.at.0 > keep_seconds;
            if !old && (keep_bytes == 0 || bytes <= keep_bytes) {
                break;
            }
            bytes -= closed.bytes;
            count += 1;
        }
        let Some(last) = count.checked_sub(1).and_then(|index| self.closed.get(index)) else { return };
        let mut fields = Fields::own("AuditRetention", now);
        fields.json("removedThrough", &last.tip.seq);
        fields.json("removedHash", &hex(&last.tip.hash));
        match self.append([fields.into_bytes().as_slice()]) {
            Ok(seq) => {
                let gone = self.closed.drain(..count).map(|closed| (seq, closed.segment.path));
                self.leaving.extend(gone);
            }
            Err(error) => tracing::error!(%error, "the audit log cannot be written"),
        }
    }

    /// Removes the segments of which the log says durably that they go.
    pub(super) fn remove_leaving(&mut self) {
        let synced = self.syncer.synced();
        for (_, path) in self.leaving.extract_if(.., |(seq, _)| *seq <= synced) {
            if let Err(error) = fs::remove_file(&path)
                && error.kind() != io::ErrorKind::NotFound
            {
                let path = path.display();
                tracing::error!(%error, %path, "an old segment of the audit log cannot be removed");
            }
        }
    }

    pub(super) fn syncer(&self) -> &Syncer {
        &self.syncer
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

/// Puts the half-written end of a segment into a file beside it, and gives the record that says so.
fn put_apart(segment: &Segment, scan: &Scan, now: Timestamp) -> io::Result<Vec<u8>> {
    let mut file = File::options().read(true).write(true).open(&segment.path)?;
    file.seek(SeekFrom::Start(scan.good))?;
    let mut rest = Vec::new();
    file.read_to_end(&mut rest)?;
    let apart = segment.path.with_extension(format!("torn-{}", scan.tip.map_or(0, |tip| tip.seq)));
    fs::write(&apart, &rest)?;
    File::open(&apart)?.sync_all()?;
    file.set_len(scan.good)?;
    file.sync_all()?;
    tracing::warn!(
        bytes = rest.len(),
        file = %apart.display(),
        "the end of the audit log was half written, as a crash leaves it; it was put apart"
    );
    let mut fields = Fields::own("AuditRecovery", now);
    fields.json("bytes", &rest.len());
    fields.json("sha256", &hex(&line::sha256(&rest)));
    fields.json("file", &apart.file_name().and_then(|name| name.to_str()));
    Ok(fields.into_bytes())
}
