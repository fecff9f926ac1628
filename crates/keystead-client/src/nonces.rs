use std::sync::{Arc, Mutex, PoisonError};

use keystead_auth::credentials::providers::{Random, RandomFault};
use keystead_auth::lower_hex;
use zeroize::Zeroize as _;

const LEN: usize = 16;
/// Nonces that are drawn at once: the generator asks the system each time, which costs as much as a third of a signature.
const DRAWN: usize = 32;

/// Nonces of requests.
pub(crate) struct Nonces {
    random: Arc<dyn Random>,
    drawn: Mutex<Drawn>,
}

struct Drawn {
    bytes: [u8; LEN * DRAWN],
    /// Bytes at the end that were not given out.
    left: usize,
}

impl Nonces {
    pub(crate) fn new(random: Arc<dyn Random>) -> Self {
        Self { random, drawn: Mutex::new(Drawn { bytes: [0; LEN * DRAWN], left: 0 }) }
    }

    /// 32 random hex digits.
    ///
    /// # Errors
    /// There is no randomness.
    pub(crate) fn next(&self) -> Result<String, RandomFault> {
        let mut nonce = [0; LEN];
        {
            let mut drawn = self.drawn.lock().unwrap_or_else(PoisonError::into_inner);
            let Drawn { bytes, left } = &mut *drawn;
            if *left == 0 {
                self.random.fill(bytes)?;
                *left = bytes.len();
            }
            let end = *left;
            *left -= LEN;
            nonce.copy_from_slice(&bytes[end - LEN..end]);
            // None is given out twice, whatever comes.
            bytes[end - LEN..end].zeroize();
        }
        Ok(lower_hex(&nonce))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::BTreeSet;
    use std::thread;

    use keystead_auth::credentials::providers::SystemRandom;

    use super::*;

    #[test]
    fn no_nonce_is_given_out_twice() {
        let nonces = Nonces::new(Arc::new(SystemRandom));
        let draw = || (0..DRAWN * 10).map(|_| nonces.next().unwrap()).collect::<Vec<_>>();
        let all: Vec<_> = thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(draw)).collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        });
        assert!(all.iter().all(|nonce| nonce.len() == 32));
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
    }

    #[test]
    fn what_is_not_drawn_is_not_given_out() {
        struct Broken;
        impl Random for Broken {
            fn fill(&self, out: &mut [u8]) -> Result<(), RandomFault> {
                out[0] = 1;
                Err(RandomFault)
            }
        }
        let nonces = Nonces::new(Arc::new(Broken));
        assert!(nonces.next().is_err() && nonces.next().is_err());
    }
}
