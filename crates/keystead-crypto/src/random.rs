use thiserror::Error;

/// Where random bytes come from. Handed in, so that tests can fix them.
pub trait Random: Send + Sync {
    /// Fills `out` with bytes that nobody can predict.
    ///
    /// # Errors
    /// When the system has no randomness; nothing that needs it may go on.
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomError>;
}

/// The randomness of AWS-LC, seeded and reseeded from the kernel.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomError> {
        aws_lc_rs::rand::fill(out).map_err(|_| RandomError)
    }
}

/// The system has no randomness.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("the system's random generator failed")]
pub struct RandomError;
