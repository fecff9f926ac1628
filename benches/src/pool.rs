use crate::AnyError;
use crate::signer::Signer;
use crate::workload::Workload;

/// Answers that are kept and checked, of each round.
const CHECKED: usize = 200;

/// Requests of one round, signed beforehand, in one piece of memory.
pub(crate) struct Pool {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    /// Answers to every so-manieth request are kept.
    pub(crate) stride: usize,
}

impl Pool {
    /// Signs `count` requests.
    pub(crate) fn fill(
        count: usize,
        signer: &mut Signer,
        workload: &mut dyn Workload,
    ) -> Result<Self, AnyError> {
        let mut pool = Self {
            bytes: Vec::with_capacity(count * 900),
            ends: Vec::with_capacity(count),
            stride: (count / CHECKED).max(1),
        };
        for index in 0..count {
            let kept = index.is_multiple_of(pool.stride).then_some(index);
            workload.append(&mut pool.bytes, signer, kept)?;
            pool.ends.push(pool.bytes.len());
        }
        Ok(pool)
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The mean size of a request, in bytes.
    pub(crate) fn request_bytes(&self) -> usize {
        self.bytes.len() / self.len().max(1)
    }

    /// The request at an index; beyond the last one it starts over.
    pub(crate) fn request(&self, index: usize) -> &[u8] {
        let index = index % self.ends.len();
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.bytes[start..self.ends[index]]
    }
}
