//! Credentials of a caller, and where a client finds them.

use std::fmt;
use std::io;

use zeroize::Zeroizing;

pub mod ini;
#[cfg(feature = "providers")]
pub mod providers;
mod secret;

pub use secret::{SecretKey, SecurityToken};

/// An AccessKey pair, with a token if the keys are temporary.
#[derive(PartialEq, Eq)]
pub struct Credentials {
    /// The public part, named in every request.
    pub access_key_id: String,
    /// The secret part, which signs.
    pub secret: SecretKey,
    /// The token that temporary keys need.
    pub security_token: Option<SecurityToken>,
}

impl Credentials {
    /// Credentials of a lasting AccessKey.
    #[must_use]
    pub fn access_key(id: impl Into<String>, secret: impl Into<String>) -> Self {
        Self { access_key_id: id.into(), secret: SecretKey::new(secret.into()), security_token: None }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("access_key_id", &self.access_key_id)
            .field("temporary", &self.security_token.is_some())
            .finish_non_exhaustive()
    }
}

/// No credentials were found, or those found cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsError {
    /// Neither the environment nor a file has any.
    #[error(
        "no credentials: set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, or \
         ALIBABA_CLOUD_CREDENTIALS_FILE"
    )]
    NotFound,
    /// The credentials file could not be read.
    #[error("the credentials file {path} cannot be read: {source}")]
    File {
        /// The file's path.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// A line of the file is neither section, nor `key = value`, nor comment.
    #[error("line {line} of the credentials file is malformed")]
    Malformed {
        /// Counted from 1.
        line: usize,
    },
    /// The file has no such section.
    #[error("no profile named {profile}")]
    NoProfile {
        /// The section looked for.
        profile: String,
    },
    /// The section is of a type that is not supported.
    #[error("profile {profile} has type {kind}; only access_key is supported")]
    UnsupportedType {
        /// The section.
        profile: String,
        /// Its type.
        kind: String,
    },
    /// The section lacks a key, or its value is empty.
    #[error("profile {profile} has no {key}")]
    NoKey {
        /// The section.
        profile: String,
        /// The missing key.
        key: &'static str,
    },
}

/// Finds credentials as the official SDKs do: first `ALIBABA_CLOUD_ACCESS_KEY_ID` with `ALIBABA_CLOUD_ACCESS_KEY_SECRET` (and
/// `ALIBABA_CLOUD_SECURITY_TOKEN`), then the profile `ALIBABA_CLOUD_PROFILE` (default `default`) of the file
/// `ALIBABA_CLOUD_CREDENTIALS_FILE` (default `$HOME/.alibabacloud/credentials.ini`). Empty variables count as unset.
///
/// `get` reads an environment variable, `read_file` a file's text.
///
/// # Errors
/// Nothing found, a file that cannot be read (the default file may be absent), or a profile that cannot be used.
pub fn from_env(
    get: impl Fn(&str) -> Option<String>,
    read_file: impl FnOnce(&str) -> io::Result<String>,
) -> Result<Credentials, CredentialsError> {
    let get = |name: &str| get(name).filter(|value| !value.is_empty());
    let secret = get("ALIBABA_CLOUD_ACCESS_KEY_SECRET").map(SecretKey::new);
    if let (Some(access_key_id), Some(secret)) = (get("ALIBABA_CLOUD_ACCESS_KEY_ID"), secret) {
        let security_token = get("ALIBABA_CLOUD_SECURITY_TOKEN").map(SecurityToken::new);
        return Ok(Credentials { access_key_id, secret, security_token });
    }
    let named = get("ALIBABA_CLOUD_CREDENTIALS_FILE");
    let chosen = named.is_some();
    let default = || get("HOME").map(|home| format!("{home}/.alibabacloud/credentials.ini"));
    let path = named.or_else(default).ok_or(CredentialsError::NotFound)?;
    let text = match read_file(&path) {
        Ok(text) => Zeroizing::new(text),
        Err(error) if !chosen && error.kind() == io::ErrorKind::NotFound => {
            return Err(CredentialsError::NotFound);
        }
        Err(source) => return Err(CredentialsError::File { path, source }),
    };
    let profile = get("ALIBABA_CLOUD_PROFILE").unwrap_or_else(|| "default".to_owned());
    ini::read(&text, &profile)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn env<'a>(entries: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
        |name| entries.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
    }

    fn no_file(path: &str) -> io::Result<String> {
        Err(io::Error::new(io::ErrorKind::NotFound, path.to_owned()))
    }

    #[test]
    fn environment_comes_first() {
        let variables = env(&[
            ("ALIBABA_CLOUD_ACCESS_KEY_ID", "id"),
            ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "hush"),
            ("ALIBABA_CLOUD_SECURITY_TOKEN", "token"),
            ("ALIBABA_CLOUD_CREDENTIALS_FILE", "/f"),
        ]);
        let credentials = from_env(variables, |_| panic!("the file is not needed")).unwrap();
        assert_eq!(credentials.access_key_id, "id");
        assert_eq!(credentials.secret.expose(), "hush");
        assert_eq!(credentials.security_token.as_ref().map(SecurityToken::expose), Some("token"));
        let shown = format!("{credentials:?} {:?} {:?}", credentials.secret, credentials.security_token);
        assert!(!shown.contains("hush") && !shown.contains("\"token\""), "{shown}");
    }

    #[test]
    fn then_the_profile_file() {
        let text = "[default]\ntype=access_key\naccess_key_id=a\naccess_key_secret=b\n\
            [p]\ntype=access_key\naccess_key_id=c\naccess_key_secret=d\n";
        let at = |expected: &'static str| {
            move |path: &str| {
                assert_eq!(path, expected);
                Ok(text.to_owned())
            }
        };
        // A half-set pair in the environment counts as none.
        let variables = env(&[("HOME", "/h"), ("ALIBABA_CLOUD_ACCESS_KEY_ID", "id")]);
        assert_eq!(from_env(variables, at("/h/.alibabacloud/credentials.ini")).unwrap().access_key_id, "a");
        let variables = env(&[("ALIBABA_CLOUD_CREDENTIALS_FILE", "/f"), ("ALIBABA_CLOUD_PROFILE", "p")]);
        assert_eq!(from_env(variables, at("/f")).unwrap().access_key_id, "c");
    }

    #[test]
    fn absence_is_told_apart_from_a_fault() {
        assert!(matches!(from_env(env(&[]), no_file), Err(CredentialsError::NotFound)));
        assert!(matches!(from_env(env(&[("HOME", "/h")]), no_file), Err(CredentialsError::NotFound)));
        let variables = env(&[("ALIBABA_CLOUD_CREDENTIALS_FILE", "/f")]);
        assert!(matches!(from_env(variables, no_file), Err(CredentialsError::File { .. })));
    }

    #[test]
    fn secrets_compare_by_value() {
        assert_eq!(SecretKey::new("a".into()), SecretKey::new("a".into()));
        assert_ne!(SecretKey::new("a".into()), SecretKey::new("b".into()));
        assert_ne!(SecretKey::new("a".into()), SecretKey::new("ab".into()));
    }
}
