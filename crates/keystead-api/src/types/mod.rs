//! What parameters and answers hold beside plain text: lists of known values, bytes in base64, JSON in a text.
//!
//! Each type keeps the text that travels, and is made from and read as what the text stands for. So nothing is refused that the
//! service may take or send one day, the server goes on checking the text itself, and the raw text is always at hand: all but
//! the secret ones dereference to [`str`].

mod base64;
mod flags;
mod json;
mod open_enum;
mod secret_value;
mod text;

pub mod identities;
mod instances;
mod keys;
mod secrets;

pub use base64::{Base64, NotBase64, SecretBase64, SecretBytes};
pub use flags::{BoolText, CommaList, IntText};
pub use instances::*;
pub use json::{Filter, JsonText, NetworkRuleNames, NotJson, PolicyDocument, Tag, VpcBinding};
pub use keys::*;
pub use secret_value::SecretValue;
pub use secrets::*;
