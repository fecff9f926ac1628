//! SHA-256 of lines that begin alike.
//!
//! A caller's requests differ in their ids, times and parameters; who calls what from where is the same text in each of them, and
//! is nearly half of a record. SHA-256 goes through a text from its beginning, so that its state behind a beginning serves for all
//! lines that have it.

use sha2::{Digest as _, Sha256};

use super::line::Hash;

/// Bytes that SHA-256 takes at once.
const BLOCK: usize = 64;
/// Beginnings that are kept. One that meets another one's place takes it.
const PLACES: usize = 64;
/// What stands behind the beginning: the first thing that is another one in each record. No text from outside can look like it:
/// quotes in texts are escaped.
const BEHIND: &[u8] = b",\"eventId\":\"";

/// The beginnings of lines that came lately.
#[derive(Default)]
pub(super) struct Beginnings {
    places: Vec<Beginning>,
}

#[derive(Clone, Default)]
struct Beginning {
    /// Whole blocks.
    text: Vec<u8>,
    /// The state behind them.
    state: Sha256,
}

impl Beginnings {
    /// The hash of a line.
    pub(super) fn sha256(&mut self, line: &[u8]) -> Hash {
        let shared = memchr::memmem::find(line, BEHIND).unwrap_or(0);
        let (beginning, rest) = line.split_at(shared / BLOCK * BLOCK);
        let mut state = if beginning.is_empty() { Sha256::new() } else { self.state(beginning) };
        state.update(rest);
        state.finalize().into()
    }

    fn state(&mut self, beginning: &[u8]) -> Sha256 {
        if self.places.is_empty() {
            self.places.resize(PLACES, Beginning::default());
        }
        // The AccessKey is at its end. Any place will do; the text is compared.
        let end = beginning.last_chunk().map_or(0, |end| u64::from_le_bytes(*end));
        let spread = (end ^ beginning.len() as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
        let place = &mut self.places[spread as usize % PLACES];
        if place.text != beginning {
            place.text.clear();
            place.text.extend_from_slice(beginning);
            place.state = Sha256::new_with_prefix(beginning);
        }
        place.state.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::line::sha256;

    #[test]
    fn a_hash_is_the_same_whether_its_beginning_is_known_or_not() {
        let mut beginnings = Beginnings::default();
        for round in 0..3 {
            for caller in 0..200 {
                for len in [0, 1, 63, 64, 65, 300] {
                    let who = format!("{caller:03}").repeat(len / 3);
                    let line = format!("{{\"who\":\"{who}\",\"eventId\":\"{round}\",\"more\":{caller}");
                    assert_eq!(beginnings.sha256(line.as_bytes()), sha256(line.as_bytes()));
                }
            }
        }
        for line in ["", "{}", ",\"eventId\":\"", &"x".repeat(1000)] {
            assert_eq!(beginnings.sha256(line.as_bytes()), sha256(line.as_bytes()));
        }
    }
}
