use std::sync::atomic::{AtomicU64, Ordering};

use keystead_crypto::{Random, RandomError};

/// Makes request ids in the shape of a UUID. They are unique, not secret: a counter, mixed with a random start.
pub(crate) struct RequestIds {
    seed: u64,
    next: AtomicU64,
}

/// A request id as text.
pub(crate) struct RequestId([u8; 36]);

impl RequestIds {
    pub(crate) fn new(random: &dyn Random) -> Result<Self, RandomError> {
        let mut seed = [0; 8];
        random.fill(&mut seed)?;
        Ok(Self { seed: u64::from_le_bytes(seed), next: AtomicU64::new(0) })
    }

    pub(crate) fn next(&self) -> RequestId {
        const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
        let count = self.next.fetch_add(1, Ordering::Relaxed);
        // The first half is one-to-one in the counter, so no id of this process comes twice; the seed tells processes
        // apart.
        let halves = [mix(self.seed.wrapping_add(count)), mix(self.seed.rotate_left(32) ^ mix(count))];
        let mut text = [b'-'; 36];
        let mut at = 0;
        for byte in halves.iter().flat_map(|half| half.to_be_bytes()) {
            if matches!(at, 8 | 13 | 18 | 23) {
                at += 1;
            }
            text[at] = DIGITS[usize::from(byte >> 4)];
            text[at + 1] = DIGITS[usize::from(byte & 15)];
            at += 2;
        }
        RequestId(text)
    }
}

impl RequestId {
    pub(crate) fn as_str(&self) -> &str {
        // Hexadecimal digits and dashes.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// The finaliser of SplitMix64: a permutation of 64 bits.
fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::RequestIds;
    use keystead_crypto::SystemRandom;

    #[test]
    fn shaped_like_a_uuid_and_never_twice() {
        let ids = RequestIds::new(&SystemRandom).unwrap();
        let mut seen = std::collections::HashSet::new();
        for _ in 0..10_000 {
            let id = ids.next().as_str().to_owned();
            let groups: Vec<usize> = id.split('-').map(str::len).collect();
            assert_eq!(groups, [8, 4, 4, 4, 12], "{id}");
            assert!(seen.insert(id));
        }
    }
}
