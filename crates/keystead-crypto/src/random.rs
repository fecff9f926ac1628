use std::cell::RefCell;

use sm2::elliptic_curve::rand_core::{TryCryptoRng, TryRng};
use thiserror::Error;
use zeroize::Zeroize as _;

use crate::KeyPairError;

/// Where random bytes come from. Handed in, so that tests can fix them.
pub trait Random: Send + Sync {
    /// Fills `out` with bytes that nobody can predict.
    ///
    /// # Errors
    /// When the system has no randomness; nothing that needs it may go on.
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomError>;

    /// Fills `out` with bytes that never come twice and will be public: IVs and salts. May be drawn in blocks ahead of
    /// time, which key material never is.
    ///
    /// # Errors
    /// As [`Random::fill`].
    fn fill_public(&self, out: &mut [u8]) -> Result<(), RandomError> {
        self.fill(out)
    }
}

/// The randomness of AWS-LC, seeded and reseeded from the kernel.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomError> {
        aws_lc_rs::rand::fill(out).map_err(|_| RandomError)
    }

    fn fill_public(&self, out: &mut [u8]) -> Result<(), RandomError> {
        BLOCK.with_borrow_mut(|block| block.take(out))
    }
}

thread_local! {
    static BLOCK: RefCell<Block> = const { RefCell::new(Block { bytes: [0; BLOCK_LEN], used: BLOCK_LEN }) };
}

/// A call of the generator costs as much as 500 of its bytes, and more than sealing a short message.
const BLOCK_LEN: usize = 1024;

/// Bytes drawn ahead, a block for each thread. Each byte is handed out once and overwritten. The process never forks, so
/// no other process goes on with the same block.
struct Block {
    bytes: [u8; BLOCK_LEN],
    used: usize,
}

impl Block {
    fn take(&mut self, out: &mut [u8]) -> Result<(), RandomError> {
        if out.len() > BLOCK_LEN {
            return SystemRandom.fill(out);
        }
        if out.len() > BLOCK_LEN - self.used {
            // Before the draw: should it fail, nothing that was handed out may come again.
            self.used = BLOCK_LEN;
            SystemRandom.fill(&mut self.bytes)?;
            self.used = 0;
        }
        let taken = &mut self.bytes[self.used..self.used + out.len()];
        out.copy_from_slice(taken);
        taken.zeroize();
        self.used += out.len();
        Ok(())
    }
}

/// A [`Random`] in the shape that the RustCrypto libraries draw from. It fails closed: a draw that failed ends the
/// operation, and [`Source::failure`] tells that it was that.
pub(crate) struct Source<'a> {
    random: &'a dyn Random,
    failed: bool,
}

impl<'a> Source<'a> {
    pub(crate) fn new(random: &'a dyn Random) -> Self {
        Self { random, failed: false }
    }

    /// Why an operation failed that drew from here, since the libraries do not tell.
    pub(crate) fn failure(&self) -> KeyPairError {
        if self.failed { KeyPairError::Random(RandomError) } else { KeyPairError::Failed }
    }
}

impl TryRng for Source<'_> {
    type Error = RandomError;

    fn try_next_u32(&mut self) -> Result<u32, RandomError> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, RandomError> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), RandomError> {
        self.random.fill(out).inspect_err(|_| self.failed = true)
    }
}

impl TryCryptoRng for Source<'_> {}

/// The system has no randomness.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("the system's random generator failed")]
pub struct RandomError;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn public_bytes_never_come_twice() {
        let mut seen = std::collections::HashSet::new();
        for _ in 0..10_000 {
            let mut bytes = [0; 24];
            SystemRandom.fill_public(&mut bytes).unwrap();
            assert_ne!(bytes[..8], [0; 8], "a byte that was used already");
            assert!(seen.insert(bytes));
        }
        let mut long = vec![0; 3 * BLOCK_LEN];
        SystemRandom.fill_public(&mut long).unwrap();
        assert!(long.chunks(8).all(|chunk| chunk != [0; 8]));
    }
}
