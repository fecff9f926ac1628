//! The format, as values. `docs/envelope-format.md` has it in words, with a test vector.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{Context as Digest, SHA256};
use aws_lc_rs::{hkdf, hmac};
use zeroize::Zeroizing;

use super::source::DataKey;
use crate::EncryptionContext;
use crate::envelope::EnvelopeError;

/// What every envelope begins with, and its version.
const MAGIC: &[u8; 5] = b"KSEV\x01";
/// Up to the wrapped key: the magic, the frame's size, the wrapped key's length.
pub(super) const FIXED_LEN: usize = MAGIC.len() + 1 + 2;
pub(super) const SALT_LEN: usize = 32;
const COMMITMENT_LEN: usize = 32;
/// What follows the wrapped key.
const REST_LEN: usize = SALT_LEN + COMMITMENT_LEN;
/// What a frame is longer than its plaintext.
pub(super) const TAG_LEN: usize = 16;
/// Frames of 1 KiB to 16 MiB, as powers of two.
const FRAME_SIZES: std::ops::RangeInclusive<u8> = 10..=24;
/// 64 KiB.
pub(super) const USUAL_FRAME_SIZE: u8 = 16;
/// Frames of a message at most.
const MAX_FRAMES: u64 = 1 << 32;
/// Separates these keys from any other use of a data key.
const LABEL: &[u8] = b"keystead-envelope/1";

/// How large frames are: a power of two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FrameSize(u8);

impl FrameSize {
    pub(super) fn new(exponent: u8) -> Option<Self> {
        FRAME_SIZES.contains(&exponent).then_some(Self(exponent))
    }

    pub(super) fn bytes(self) -> usize {
        1 << self.0
    }
}

/// What stands in front of the frames.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) frame_size: FrameSize,
    pub(super) wrapped: String,
    salt: [u8; SALT_LEN],
    commitment: [u8; COMMITMENT_LEN],
}

impl Header {
    /// The beginning of a new message and the key of its frames.
    pub(super) fn begin(
        data_key: &DataKey,
        wrapped: &str,
        frame_size: FrameSize,
        salt: [u8; SALT_LEN],
        context: &EncryptionContext,
    ) -> Result<(Vec<u8>, Frames), EnvelopeError> {
        let len = u16::try_from(wrapped.len()).map_err(|_| EnvelopeError::DataKey)?;
        let mut bytes = Vec::with_capacity(FIXED_LEN + wrapped.len() + REST_LEN);
        bytes.extend_from_slice(MAGIC);
        bytes.push(frame_size.0);
        bytes.extend_from_slice(&len.to_be_bytes());
        bytes.extend_from_slice(wrapped.as_bytes());
        bytes.extend_from_slice(&salt);
        let (key, commitment) = derive(data_key, &salt, &bytes, context);
        bytes.extend_from_slice(&commitment);
        Ok((bytes, Frames::new(&key)?))
    }

    /// How long the wrapped key and what follows it are, by the first bytes.
    pub(super) fn rest_len(fixed: &[u8; FIXED_LEN]) -> Result<usize, EnvelopeError> {
        if !fixed.starts_with(&MAGIC[..4]) {
            return Err(EnvelopeError::Format("it does not begin as one"));
        }
        if fixed[4] != MAGIC[4] {
            return Err(EnvelopeError::Format("its version is unknown"));
        }
        Ok(usize::from(u16::from_be_bytes([fixed[6], fixed[7]])) + REST_LEN)
    }

    /// Reads what [`Header::begin`] made.
    pub(super) fn read(fixed: &[u8; FIXED_LEN], rest: &[u8]) -> Result<Self, EnvelopeError> {
        let frame_size =
            FrameSize::new(fixed[5]).ok_or(EnvelopeError::Format("its frames have no known size"))?;
        let cut = || EnvelopeError::Format("it ends in its header");
        let (rest, commitment) = rest.split_last_chunk::<COMMITMENT_LEN>().ok_or_else(cut)?;
        let (wrapped, salt) = rest.split_last_chunk::<SALT_LEN>().ok_or_else(cut)?;
        let wrapped =
            std::str::from_utf8(wrapped).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_graphic()));
        let wrapped = wrapped.ok_or(EnvelopeError::Format("its data key is no text"))?.to_owned();
        Ok(Self { frame_size, wrapped, salt: *salt, commitment: *commitment })
    }

    /// The key of the frames, if the data key and the context are those that the message was made with.
    pub(super) fn frames(
        &self,
        data_key: &DataKey,
        context: &EncryptionContext,
    ) -> Result<Frames, EnvelopeError> {
        let len = u16::try_from(self.wrapped.len()).map_err(|_| EnvelopeError::DataKey)?;
        let bytes =
            [MAGIC, &[self.frame_size.0][..], &len.to_be_bytes(), self.wrapped.as_bytes(), &self.salt]
                .concat();
        let (key, commitment) = derive(data_key, &self.salt, &bytes, context);
        verify_slices_are_equal(&commitment, &self.commitment).map_err(|_| EnvelopeError::Refused)?;
        Frames::new(&key)
    }
}

/// HKDF-SHA-256 (RFC 5869): the frames' key, and the commitment, which says that no other key opens this message. The info is
/// the label, a byte for which of both, and the hash of the header up to the commitment with the context behind it.
fn derive(
    data_key: &DataKey,
    salt: &[u8],
    header: &[u8],
    context: &EncryptionContext,
) -> (Zeroizing<[u8; 32]>, [u8; COMMITMENT_LEN]) {
    let mut digest = Digest::new(&SHA256);
    digest.update(header);
    digest.update(context.to_json().as_bytes());
    let bound = digest.finish();
    let pseudorandom = hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(data_key.expose());
    let mut key = Zeroizing::new([0; 32]);
    let mut commitment = [0; COMMITMENT_LEN];
    for (which, out) in [(b"k", key.as_mut_slice()), (b"c", commitment.as_mut_slice())] {
        let filled = pseudorandom
            .expand(&[LABEL, which, bound.as_ref()], hmac::HMAC_SHA256)
            .map(|block| block.fill(out));
        assert!(matches!(filled, Ok(Ok(()))), "HKDF gives one block");
    }
    (key, commitment)
}

/// Seals or opens the frames of one message, in their order.
pub(super) struct Frames {
    key: LessSafeKey,
    next: u64,
}

impl Frames {
    fn new(key: &[u8; 32]) -> Result<Self, EnvelopeError> {
        let key = UnboundKey::new(&AES_256_GCM, key).map_err(|_| EnvelopeError::Refused)?;
        Ok(Self { key: LessSafeKey::new(key), next: 0 })
    }

    /// Under each key a nonce comes once: it is the frame's number, and whether it is the last.
    fn nonce(&mut self, last: bool) -> Result<Nonce, EnvelopeError> {
        if self.next >= MAX_FRAMES {
            return Err(EnvelopeError::TooLong);
        }
        let mut nonce = [0; 12];
        nonce[3..11].copy_from_slice(&self.next.to_be_bytes());
        nonce[11] = u8::from(last);
        self.next += 1;
        Ok(Nonce::assume_unique_for_key(nonce))
    }

    /// Seals a frame in place and appends its tag.
    pub(super) fn seal(&mut self, frame: &mut Vec<u8>, last: bool) -> Result<(), EnvelopeError> {
        let nonce = self.nonce(last)?;
        self.key.seal_in_place_append_tag(nonce, Aad::empty(), frame).map_err(|_| EnvelopeError::TooLong)
    }

    /// Opens a frame in place and cuts its tag off.
    pub(super) fn open(&mut self, frame: &mut Vec<u8>, last: bool) -> Result<(), EnvelopeError> {
        let nonce = self.nonce(last)?;
        let len =
            self.key.open_in_place(nonce, Aad::empty(), frame).map_err(|_| EnvelopeError::Refused)?.len();
        frame.truncate(len);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const WRAPPED: &str = "d3JhcHBlZCBieSBhIEtNUw==";
    /// The envelope of `docs/envelope-format.md`, made by other code from the description there.
    const ENVELOPE: &str = "4b5345560110001864334a686348426c5a434269655342684945744e55773d3da0a1a2a3a4a5a6a7a8a9aaabacadaeaf\
        b0b1b2b3b4b5b6b7b8b9babbbcbdbebf109db9ab31b5589e1abd78db9a492160b04ed49fbbe61684a00680d88529ff483db73c1a978f4f0b18\
        c384a8a5faa736d0d5d008eee71206460f0b7f2691";

    fn seal(exponent: u8, message: &[u8]) -> Vec<u8> {
        let key = DataKey::new(std::array::from_fn(|at| at as u8));
        let salt = std::array::from_fn(|at| 0xa0 + at as u8);
        let context = EncryptionContext::new().with("tenant", "42");
        let size = FrameSize::new(exponent).unwrap();
        let (mut out, mut frames) = Header::begin(&key, WRAPPED, size, salt, &context).unwrap();
        let count = message.len().div_ceil(size.bytes());
        for (number, part) in message.chunks(size.bytes()).enumerate() {
            let mut frame = part.to_vec();
            frames.seal(&mut frame, number + 1 == count).unwrap();
            out.extend_from_slice(&frame);
        }
        out
    }

    #[test]
    fn the_format_is_the_one_that_is_described() {
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        assert_eq!(hex(&seal(16, b"hello envelope")), ENVELOPE);
        // Two frames, the second of six bytes.
        let message: Vec<u8> = (0..1030).map(|at| (at % 251) as u8).collect();
        let digest = aws_lc_rs::digest::digest(&SHA256, &seal(10, &message));
        assert_eq!(hex(digest.as_ref()), "dd5cfb42c41cdbd8eeaac675b317bc0d594e5cddb7479670ad01997764ee5a63");
    }
}
