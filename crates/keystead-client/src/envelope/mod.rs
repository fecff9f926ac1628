//! Envelope encryption: data of any length under a KMS key, with data keys that the service wraps.
//!
//! A KMS key encrypts up to 6 KB at a time, and each time costs a call. [`EnvelopeCipher`] asks for a data key once in a while
//! (`GenerateDataKey`), encrypts with it on this machine, and puts the wrapped data key in front of what it encrypts. Whoever
//! may `Decrypt` with the KMS key can open it again.
//!
//! ```no_run
//! use keystead_client::envelope::EnvelopeCipher;
//! use keystead_client::{Client, EncryptionContext};
//!
//! # async fn example(client: Client, file: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
//! let cipher = EnvelopeCipher::new(client, "alias/app");
//! let context = EncryptionContext::new().with("tenant", "42");
//! let sealed = cipher.encrypt(file, &context).await?;
//! let opened = cipher.decrypt(&sealed, &context).await?;
//! # assert_eq!(&*opened, file);
//! # Ok(())
//! # }
//! ```
//!
//! The context is bound to the data key by the service, and to the message here: with another one nothing opens. The format is
//! described, with a test vector, in `docs/envelope-format.md`: frames of 64 KiB, each sealed by AES-256-GCM, under a key that is
//! derived for each message. Frames that are cut off, moved or taken from another message do not open.

mod cache;
mod cipher;
mod error;
mod format;
mod source;
mod stream;

pub use cache::Limits;
pub use cipher::EnvelopeCipher;
pub use error::EnvelopeError;
pub use source::{DataKey, DataKeyFuture, DataKeySource, WrappedDataKey};
