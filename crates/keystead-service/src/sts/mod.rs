//! Sessions of roles, and who a caller is.

pub(crate) mod caller_identity;
