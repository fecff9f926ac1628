//! Whose certificates are trusted.

/// The authorities that a database's certificate has to go back to, for connectors that are made from a URL.
#[derive(Clone, Debug, Default)]
pub struct Roots(Option<Vec<u8>>);

impl Roots {
    /// The public authorities.
    #[must_use]
    pub fn public() -> Self {
        Self(None)
    }

    /// The certificates of a PEM text, such as the authority of an RDS region or one's own, and no others.
    #[must_use]
    pub fn pem(pem: impl Into<Vec<u8>>) -> Self {
        Self(Some(pem.into()))
    }

    pub(crate) fn pem_text(&self) -> Option<&[u8]> {
        self.0.as_deref()
    }
}
