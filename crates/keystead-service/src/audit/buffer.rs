//! Records that are with the kernel and in no segment yet.
//!
//! A `write` into a file costs microseconds however short it is; a copy into a file that is mapped costs next to nothing and
//! survives the process just as well, since the pages belong to the kernel. So lines are put here one by one, and go into their
//! segment many at once. There are two files: one takes lines while the other one's are written.
//!
//! The files have no header and nobody says what in them is valid: lines number themselves, follow each other and show whether
//! they are whole. What a crash leaves is read by that, and what is in a segment already is known by its number.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use mmap_io::{MemoryMappedFile, MmapMode};
use rustix::fs::FallocateFlags;

use super::line::{Line, Tip};

/// Bytes of each file. Only what is used between two writes is ever touched, unless the disk is slow.
const SIZE: usize = 4 << 20;
const NAMES: [&str; 2] = ["pending-0", "pending-1"];

/// Both files.
pub(super) struct Buffer {
    halves: [MemoryMappedFile; 2],
    /// Which one takes lines.
    active: usize,
    len: usize,
    paths: [PathBuf; 2],
}

/// Lines that are to be written, in the file that takes none meanwhile.
#[derive(Clone)]
pub(super) struct Full {
    half: MemoryMappedFile,
    len: usize,
}

impl Buffer {
    /// Makes the files anew. What is in them has to be elsewhere by now.
    pub(super) fn create(dir: &Path) -> io::Result<Self> {
        let paths = NAMES.map(|name| dir.join(name));
        let [first, second] = &paths;
        Ok(Self { halves: [map(first)?, map(second)?], active: 0, len: 0, paths })
    }

    /// Bytes that wait.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Adds a line of so many bytes at most, which tells how many it has; tells whether there was room.
    pub(super) fn push(&mut self, room: usize, line: impl FnOnce(&mut [u8]) -> usize) -> bool {
        if self.len + room > SIZE {
            return false;
        }
        let Ok(mut place) = self.halves[self.active].as_slice_mut(self.len as u64, room as u64) else {
            return false;
        };
        self.len += line(&mut place);
        true
    }

    /// Takes all lines. Those taken before have to be written.
    pub(super) fn take(&mut self) -> Option<Full> {
        let len = std::mem::take(&mut self.len);
        let half = self.halves[self.active].clone();
        (len > 0).then(|| {
            self.active = 1 - self.active;
            Full { half, len }
        })
    }

    /// Removes the files. What is in them has to be elsewhere.
    pub(super) fn remove(&self) -> io::Result<()> {
        self.paths.iter().try_for_each(fs::remove_file)
    }
}

impl Full {
    /// Gives the bytes to whoever writes them.
    pub(super) fn with<T>(&self, write: impl FnOnce(&[u8]) -> io::Result<T>) -> io::Result<T> {
        write(&self.half.as_slice(0, self.len as u64).map_err(io::Error::other)?)
    }
}

fn map(path: &Path) -> io::Result<MemoryMappedFile> {
    // A file of its own: whoever still has an old one mapped, or reads it, is not disturbed.
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let file = File::options().create_new(true).read(true).write(true).mode(0o600).open(path)?;
    // The disk's space is taken now: there is no way to answer when it is missing later.
    if rustix::fs::fallocate(&file, FallocateFlags::empty(), 0, SIZE as u64).is_err() {
        io::Write::write_all(&mut &file, &vec![0; SIZE])?;
    }
    MemoryMappedFile::from_file(file, MmapMode::ReadWrite, path).map_err(io::Error::other)
}

/// What a log's buffer holds behind the end of its segments.
#[derive(Default)]
pub(super) struct Left {
    /// Whole lines that go on where the segments end.
    pub(super) next: Vec<u8>,
    /// How many.
    pub(super) count: u64,
    /// Where they end.
    pub(super) tip: Tip,
    /// Whole lines that do not: the disk lost what was before them.
    pub(super) apart: Vec<u8>,
}

impl Left {
    /// Reads what is there.
    pub(super) fn read(dir: &Path, tip: Tip) -> io::Result<Self> {
        let mut halves = Vec::new();
        for name in NAMES {
            match fs::read(dir.join(name)) {
                Ok(bytes) => halves.push(bytes),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        // Behind the lines of today stand the rests of longer ones of yesterday; they begin somewhere in a line.
        let mut lines: Vec<(Line<'_>, &[u8])> = Vec::new();
        for half in &halves {
            let whole = half.split_inclusive(|byte| *byte == b'\n').map_while(|bytes| {
                let line = Line::read(bytes.strip_suffix(b"\n")?).filter(|line| line.intact)?;
                Some((line, bytes))
            });
            lines.extend(whole);
        }
        lines.sort_by_key(|(line, _)| line.seq);
        let mut left = Self { tip, ..Self::default() };
        for (line, bytes) in lines.into_iter().filter(|(line, _)| line.seq > tip.seq) {
            if line.seq == left.tip.seq + 1 && line.prev == left.tip.hash {
                left.next.extend_from_slice(bytes);
                left.tip = line.tip();
                left.count += 1;
            } else {
                left.apart.extend_from_slice(bytes);
            }
        }
        Ok(left)
    }
}
