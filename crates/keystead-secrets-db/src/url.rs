//! The URL of a database whose login is a secret.

use std::fmt;
use std::str::FromStr;

use percent_encoding::percent_decode_str;

/// A URL that cannot be used. The text quotes nothing of it but names of options.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// It begins with something else.
    #[error("the URL does not begin with secrets-manager+postgres://, +mysql://, +mariadb:// or +mssql://")]
    Scheme,
    /// It has a user or a password.
    #[error("the URL has a user; the login is the secret's")]
    User,
    /// It names no secret, or two.
    #[error("the URL needs one option secret=NAME")]
    Secret,
    /// It has neither a host nor anything else that belongs to one.
    #[error("the URL has a port and no host")]
    NoHost,
    /// The driver's options cannot be used.
    #[error("{0}")]
    Options(String),
}

/// The kind of a database, as the URL's scheme names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `postgres` or `postgresql`.
    Postgres,
    /// `mysql` or `mariadb`.
    Mysql,
    /// `mssql` or `sqlserver`.
    Mssql,
}

/// `secrets-manager+postgres://host:port/database?secret=name`, with the driver's own options beside `secret`.
///
/// Without a host (`secrets-manager+postgres:///?secret=name`) the secret says where the database is, see
/// [`Place`](crate::Place). `secrets-manager:postgresql://…`, as the Java client writes it, is read as well.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl {
    kind: Kind,
    secret: String,
    /// `host`, `host:port`, or several as far as the driver knows that; empty without one.
    authority: String,
    /// Percent-encoded, without the slash.
    database: String,
    /// Percent-encoded, without `secret`.
    options: Vec<(String, String)>,
}

impl FromStr for DatabaseUrl {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        let rest = text.strip_prefix("secrets-manager").and_then(|rest| rest.strip_prefix(['+', ':']));
        let (scheme, rest) = rest.and_then(|rest| rest.split_once("://")).ok_or(UrlError::Scheme)?;
        let kind = match scheme {
            "postgres" | "postgresql" => Kind::Postgres,
            "mysql" | "mariadb" => Kind::Mysql,
            "mssql" | "sqlserver" => Kind::Mssql,
            _ => return Err(UrlError::Scheme),
        };
        let (address, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, database) = address.split_once('/').unwrap_or((address, ""));
        if authority.contains('@') {
            return Err(UrlError::User);
        }
        if authority.starts_with(':') {
            return Err(UrlError::NoHost);
        }
        let mut secrets = Vec::new();
        let mut options = Vec::new();
        for option in query.split('&').filter(|option| !option.is_empty()) {
            let (name, value) = option.split_once('=').unwrap_or((option, ""));
            match name {
                "secret" => secrets.push(decoded(value).ok_or(UrlError::Secret)?),
                "user" | "username" | "password" => return Err(UrlError::User),
                _ => options.push((name.to_owned(), value.to_owned())),
            }
        }
        match <[String; 1]>::try_from(secrets) {
            Ok([secret]) if !secret.is_empty() => Ok(Self {
                kind,
                secret,
                authority: authority.to_owned(),
                database: database.to_owned(),
                options,
            }),
            _ => Err(UrlError::Secret),
        }
    }
}

impl DatabaseUrl {
    /// The kind of the database.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The name of the secret with the login.
    pub fn secret(&self) -> &str {
        &self.secret
    }

    /// Whether the URL says where the database is; else the secret has to.
    pub fn has_host(&self) -> bool {
        !self.authority.is_empty()
    }

    /// Whether the URL has an option of the driver's.
    #[cfg(any(feature = "postgres", feature = "mysql"))]
    pub(crate) fn has(&self, option: &str) -> bool {
        self.options.iter().any(|(name, _)| name == option)
    }

    #[cfg(feature = "mssql")]
    pub(crate) fn options(&self) -> &[(String, String)] {
        &self.options
    }

    /// The name of the database, decoded; `None` when it is left out.
    #[cfg(feature = "mssql")]
    pub(crate) fn database(&self) -> Result<Option<String>, UrlError> {
        let wrong =
            || UrlError::Options("the database's name in the URL is not percent-encoded UTF-8".to_owned());
        Ok(Some(decoded(&self.database).ok_or_else(wrong)?).filter(|name| !name.is_empty()))
    }

    #[cfg(feature = "mssql")]
    pub(crate) fn authority(&self) -> &str {
        &self.authority
    }

    /// The URL in the driver's own scheme, without the secret's name. `host` stands in where the URL has none.
    #[cfg(any(feature = "postgres", feature = "mysql"))]
    pub(crate) fn plain(
        &self,
        scheme: &str,
        host: &str,
        each: impl Fn((String, String)) -> (String, String),
    ) -> String {
        let authority = if self.has_host() { &self.authority } else { host };
        let mut url = format!("{scheme}://{authority}/{}", self.database);
        for (index, (name, value)) in self.options.iter().cloned().map(each).enumerate() {
            let between = if index == 0 { '?' } else { '&' };
            url.push_str(&format!("{between}{name}={value}"));
        }
        url
    }

    /// Sees that the URL is for this kind of database.
    pub(crate) fn expect(&self, kind: Kind) -> Result<(), UrlError> {
        if self.kind == kind {
            return Ok(());
        }
        Err(UrlError::Options(format!("the URL is for {:?}, and this is {kind:?}", self.kind)))
    }
}

/// An option's value may hold a secret of the driver's, so none is shown.
impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let options: Vec<&str> = self.options.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("DatabaseUrl")
            .field("kind", &self.kind)
            .field("secret", &self.secret)
            .field("authority", &self.authority)
            .field("database", &self.database)
            .field("options", &options)
            .finish()
    }
}

/// A name other than `localhost` may mean anything.
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(crate) fn is_local(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

pub(crate) fn decoded(text: &str) -> Option<String> {
    Some(percent_decode_str(text).decode_utf8().ok()?.into_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn urls() {
        let url: DatabaseUrl =
            "secrets-manager+postgres://db:5433/shop?sslmode=require&secret=app%2Forders&application_name=a%20b"
                .parse()
                .unwrap();
        assert_eq!((url.kind(), url.secret(), url.has_host()), (Kind::Postgres, "app/orders", true));
        assert_eq!(
            url.plain("postgres", "", |option| option),
            "postgres://db:5433/shop?sslmode=require&application_name=a%20b",
            "the driver's options stay as they are"
        );
        for (text, kind, has_host) in [
            ("secrets-manager:mysql://127.0.0.1/x?secret=s", Kind::Mysql, true),
            ("secrets-manager+mariadb://[::1]:3306/x?secret=s", Kind::Mysql, true),
            ("secrets-manager+sqlserver://localhost?secret=s", Kind::Mssql, true),
            ("secrets-manager+postgresql://localhost:1,10.0.0.1:2/x?secret=s", Kind::Postgres, true),
            ("secrets-manager+mssql:///?secret=s", Kind::Mssql, false),
        ] {
            let url: DatabaseUrl = text.parse().unwrap();
            assert_eq!((url.kind(), url.secret(), url.has_host()), (kind, "s", has_host), "{text}");
        }
    }

    #[test]
    fn wrong_urls() {
        for (text, wrong) in [
            ("postgres://db/x?secret=s", UrlError::Scheme),
            ("jdbc:mysql://db/x?secret=s", UrlError::Scheme),
            ("secrets-manager+oracle://db/x?secret=s", UrlError::Scheme),
            ("secrets-manager+mysql://u:hunter2@db/x?secret=s", UrlError::User),
            ("secrets-manager+mysql://db/x?secret=s&password=hunter2", UrlError::User),
            ("secrets-manager+mysql://db/x", UrlError::Secret),
            ("secrets-manager+mysql://db/x?secret=", UrlError::Secret),
            ("secrets-manager+mysql://db/x?secret=a&secret=b", UrlError::Secret),
            ("secrets-manager+mysql://:3306/x?secret=a", UrlError::NoHost),
        ] {
            let error = text.parse::<DatabaseUrl>().unwrap_err();
            assert_eq!(error, wrong, "{text}");
            assert!(!error.to_string().contains("hunter2"));
        }
        let url: DatabaseUrl = "secrets-manager+mysql://db/x?secret=s&token=hunter2".parse().unwrap();
        assert!(!format!("{url:?}").contains("hunter2"));
    }
}
