//! The chain on the disk: one file that is appended to, and those that were closed before it.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use keystead_api::Timestamp;
use keystead_crypto::Random;

use super::buffer::{Buffer, Full, Left};
use super::chain::{Chain, Intake, Mood, State};
use super::event::Fields;
use super::key::HeadKey;
use super::line::{self, Tip};
use super::segment::{Segment, make_dir};
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
    clock: Arc<dyn Clock>,
    intake: Arc<Intake>,
    syncer: Arc<Syncer>,
    segment: Segment,
    file: Arc<File>,
    /// When the segment was begun.
    begun: Timestamp,
    /// Its length: all of it whole records.
    len: u64,
    /// When the last head was signed.
    signed: Timestamp,
    /// Closed segments, oldest first.
    closed: Vec<Closed>,
    /// Segments that go when the record that says so is durable.
    leaving: Vec<(u64, PathBuf)>,
    /// What was taken out of the buffer and is not in the segment yet, and the number of its last record.
    full: Option<(Full, u64)>,
    /// Whether the file may hold something behind its length, or was not synced: then nothing is trusted until a write and
    /// a sync have worked.
    failed: bool,
    /// Whether the log does not say yet that a sync failed.
    unsaid: bool,
    failures: Arc<AtomicU64>,
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
        let (mut tip, mut head, mut len) = (Tip::default(), 0, 0);
        let mut last_good = None;
        let mut damaged = false;
        while let Some(last) = segments.last() {
            let scan = last.scan(&verifier).map_err(failed)?;
            if let Some(end) = scan.beyond_damage {
                // No crash leaves that. The file stays as it is for whoever verifies, and nothing is added to it.
                tracing::error!(file = %last.path.display(), "the audit log is damaged before a signed head");
                (tip, damaged) = (end, true);
                break;
            }
            if let Some(end) = scan.tip {
                (tip, head, len) = (end, scan.head, scan.good);
                last_good = Some(scan);
                break;
            }
            // It was begun when the power went; the one before it is the last. What is in it nevertheless is not thrown away.
            if scan.rest == 0 {
                fs::remove_file(&last.path).map_err(failed)?;
            } else {
                let apart = last.path.with_extension("torn");
                fs::rename(&last.path, &apart).map_err(failed)?;
                tracing::warn!(file = %apart.display(), "a file of the audit log holds no record; it was put apart");
            }
            segments.pop();
        }
        let left = Left::read(&dir, tip).map_err(failed)?;
        let mut notes = Vec::new();
        if let (Some(scan), Some(last)) = (&last_good, segments.last()) {
            let mut file = File::options().read(true).write(true).open(&last.path).map_err(failed)?;
            let mut rest = Vec::new();
            file.seek(SeekFrom::Start(scan.good)).map_err(failed)?;
            file.read_to_end(&mut rest).map_err(failed)?;
            // A write that was under way when the process ended: what it was to write is in the buffer.
            if !left.next.starts_with(&rest) {
                notes.push(put_apart(&last.path, tip, &rest, now).map_err(failed)?);
            }
            file.set_len(scan.good).and_then(|()| file.sync_all()).map_err(failed)?;
        }
        let mut closed = Vec::new();
        for pair in segments.windows(2) {
            let bytes = pair[0].len().map_err(failed)?;
            // One whose successor does not say where it ended is looked at by whoever verifies; here it only ages.
            if let Some(start) = pair[1].start().map_err(failed)? {
                closed.push(Closed { segment: pair[0].clone(), tip: start.before, bytes, at: start.at });
            }
        }
        let goes_on = segments.pop().filter(|_| !damaged);
        let mut file = None;
        let mut apart = left.apart;
        if let (Some(last), false) = (&goes_on, left.next.is_empty()) {
            let last = file.insert(last.append().map_err(failed)?);
            last.write_all(&left.next).and_then(|()| last.sync_data()).map_err(failed)?;
            (tip, len) = (left.tip, len + left.next.len() as u64);
            tracing::info!(records = left.count, "records that a crash kept from their file are written");
        } else {
            apart.splice(..0, left.next);
        }
        if !apart.is_empty() {
            notes.push(put_apart(&dir.join("pending"), tip, &apart, now).map_err(failed)?);
        }
        let found = tip;

        let syncer = Arc::new(Syncer::start().map_err(failed)?);
        let buffer = Buffer::create(&dir).map_err(failed)?;
        let mut chain = Chain::new(key, random, tip, head, buffer);
        let (segment, file, begun) = match goes_on {
            Some(segment) => {
                let begun = segment.start().map_err(failed)?.map_or(now, |start| start.at);
                let file = file.map_or_else(|| segment.append(), Ok).map_err(failed)?;
                (segment, file, begun)
            }
            None => {
                let (segment, file, bytes) = begin(&dir, &mut chain, now).map_err(failed)?;
                len = bytes;
                (segment, file, now)
            }
        };
        let file = Arc::new(file);
        syncer.writes_to(Arc::new(File::open(&dir).map_err(failed)?));
        syncer.writes_to(file.clone());
        let mut log = Self {
            settings,
            clock,
            intake: Intake::new(chain),
            syncer,
            segment,
            file,
            begun,
            len,
            signed: now,
            closed,
            leaving: Vec::new(),
            full: None,
            failed: false,
            unsaid: false,
            failures: Arc::default(),
            _lock: lock,
        };
        notes.push(started(now));
        log.append(&notes).map_err(failed)?;
        Ok(Opened { log, found })
    }

    /// Adds records and writes them.
    pub(super) fn append(&mut self, records: &[Vec<u8>]) -> io::Result<()> {
        let failed = || io::Error::other("the records could not be written");
        for fields in records {
            if self.intake.lock().chain.add(fields).is_none() {
                // There was no room.
                self.drain();
                self.intake.lock().chain.add(fields).ok_or_else(failed)?;
            }
        }
        self.drain().then_some(()).ok_or_else(failed)
    }

    /// Writes what waits into the segment; tells whether all of it is there. Closes the segment when it is long enough.
    pub(super) fn drain(&mut self) -> bool {
        let now = self.clock.now();
        let intake = self.intake.clone();
        // What could not be written the last time comes first.
        for again in [self.full.is_some(), false] {
            if self.full.is_none() {
                let mut state = intake.lock();
                self.say_failed_sync(&mut state.chain, now);
                if state.chain.tip.seq - state.chain.head >= HEAD_RECORDS {
                    state.chain.seal(now);
                    self.signed = now;
                }
                self.take(&mut state.chain);
            }
            let written = self.write_full();
            if !self.note(&written, &mut intake.lock()) {
                return false;
            }
            if !again {
                break;
            }
        }
        if self.len >= self.settings.segment_bytes {
            self.rotate(now);
        }
        true
    }

    fn say_failed_sync(&mut self, chain: &mut Chain, now: Timestamp) {
        if self.syncer.take_failure() {
            (self.failed, self.unsaid) = (true, true);
        }
        if self.unsaid {
            let mut fields = Fields::own("AuditSyncFailure", now);
            fields.json("syncedThrough", &self.syncer.synced());
            self.unsaid = chain.add(&fields.into_bytes()).is_none();
        }
    }

    fn take(&mut self, chain: &mut Chain) {
        self.full = chain.buffer.take().map(|full| (full, chain.tip.seq));
    }

    fn write_full(&mut self) -> io::Result<()> {
        let Some((full, last)) = self.full.clone() else { return Ok(()) };
        full.with(|bytes| self.write(bytes))?;
        self.full = None;
        self.syncer.written(last);
        Ok(())
    }

    /// Notes how a write ended: while the log cannot be written no record is taken.
    fn note(&self, written: &io::Result<()>, state: &mut State) -> bool {
        match written {
            Ok(()) => {
                if state.mood == Mood::Broken {
                    state.mood = Mood::Open;
                    tracing::warn!("the audit log can be written again");
                }
            }
            Err(error) => {
                self.failures.fetch_add(1, Ordering::Relaxed);
                if state.mood == Mood::Open {
                    state.mood = Mood::Broken;
                    tracing::error!(%error, "the audit log cannot be written: requests fail until it can");
                }
            }
        }
        written.is_ok()
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

    /// Writes what waits, signs a head when one is due, closes the segment when it is old, and lets go of what is not kept
    /// any longer.
    pub(super) fn tick(&mut self) {
        let now = self.clock.now();
        if !self.is_in_place() {
            tracing::error!(
                file = %self.segment.path.display(),
                "the file of the audit log was moved, removed or replaced; the log goes on in a new one"
            );
            self.rotate(now);
        }
        if now.0 - self.signed.0 >= HEAD_SECONDS {
            self.intake.lock().chain.seal(now);
            self.signed = now;
        }
        if self.drain() {
            let age = now.0 - self.begun.0;
            if age >= self.settings.segment_seconds && self.len > 0 {
                self.rotate(now);
            }
        }
        self.retain(now);
    }

    /// Whether the file that is written to is the one that others find.
    fn is_in_place(&self) -> bool {
        let own = self.file.metadata().map(|own| (own.dev(), own.ino())).ok();
        own.is_none() || own == fs::metadata(&self.segment.path).map(|there| (there.dev(), there.ino())).ok()
    }

    /// Closes the segment with a head and begins the next one. When that fails, this one goes on.
    fn rotate(&mut self, now: Timestamp) {
        if self.full.is_some() {
            return;
        }
        // Nobody adds a record meanwhile: each belongs to one segment.
        let intake = self.intake.clone();
        let mut state = intake.lock();
        state.chain.seal(now);
        self.signed = now;
        self.take(&mut state.chain);
        let written = self.write_full();
        if self.note(&written, &mut state)
            && let Err(error) = self.begin_segment(&mut state.chain, now)
        {
            tracing::error!(%error, "the next segment of the audit log cannot be begun; this one goes on");
        }
    }

    fn begin_segment(&mut self, chain: &mut Chain, now: Timestamp) -> io::Result<()> {
        let before = chain.tip;
        let (next, file, len) = begin(&self.settings.dir, chain, now)?;
        let file = Arc::new(file);
        // The folder too: a file that nobody finds is not durable.
        self.syncer.writes_to(Arc::new(File::open(&self.settings.dir)?));
        self.syncer.writes_to(file.clone());
        let old = std::mem::replace(&mut self.segment, next);
        self.closed.push(Closed { segment: old, tip: before, bytes: self.len, at: now });
        (self.file, self.len, self.begun) = (file, len, now);
        self.syncer.written(chain.tip.seq);
        Ok(())
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
        fields.json("removedHash", &hex::encode(last.tip.hash));
        // Else the next time.
        if let Some(seq) = self.intake.lock().chain.add(&fields.into_bytes()) {
            let gone = self.closed.drain(..count).map(|closed| (seq, closed.segment.path));
            self.leaving.extend(gone);
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

    /// Writes everything, signs a head and makes it durable.
    pub(super) fn end(&mut self) {
        self.drain();
        let now = self.clock.now();
        self.intake.lock().chain.seal(now);
        let whole = self.drain() && self.syncer.now().blocking_recv() == Ok(true);
        self.remove_leaving();
        let removed = whole.then(|| self.intake.lock().chain.buffer.remove());
        if !matches!(removed, Some(Ok(()))) {
            tracing::error!("the end of the audit log may not be durable");
        }
    }

    pub(super) fn syncer(&self) -> &Arc<Syncer> {
        &self.syncer
    }

    pub(super) fn intake(&self) -> &Arc<Intake> {
        &self.intake
    }

    /// How many writes failed.
    pub(super) fn failures(&self) -> &Arc<AtomicU64> {
        &self.failures
    }
}

/// Begins a segment where the chain ends.
fn begin(dir: &Path, chain: &mut Chain, now: Timestamp) -> io::Result<(Segment, File, u64)> {
    let segment = Segment::new(dir, chain.tip.seq + 1);
    let mut file = segment.create()?;
    let (mut line, mut tip) = (Vec::new(), chain.tip);
    line::append(&mut line, &mut tip, &chain.first_of_segment(now));
    if let Err(error) = file.write_all(&line) {
        fs::remove_file(&segment.path)?;
        return Err(error);
    }
    chain.tip = tip;
    Ok((segment, file, line.len() as u64))
}

fn started(now: Timestamp) -> Vec<u8> {
    let mut fields = Fields::own("AuditStart", now);
    fields.json("version", env!("CARGO_PKG_VERSION"));
    fields.into_bytes()
}

/// Puts what does not go on where the chain ends into a file beside, and gives the record that says so.
fn put_apart(beside: &Path, tip: Tip, rest: &[u8], now: Timestamp) -> io::Result<Vec<u8>> {
    let apart = beside.with_extension(format!("torn-{}", tip.seq));
    fs::write(&apart, rest)?;
    File::open(&apart)?.sync_all()?;
    tracing::warn!(
        bytes = rest.len(),
        file = %apart.display(),
        "the end of the audit log was half written, as a crash leaves it; it was put apart"
    );
    let mut fields = Fields::own("AuditRecovery", now);
    fields.json("bytes", &rest.len());
    fields.json("sha256", &hex::encode(line::sha256(rest)));
    fields.json("file", &apart.file_name().and_then(|name| name.to_str()));
    Ok(fields.into_bytes())
}
