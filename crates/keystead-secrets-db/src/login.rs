//! A login, as the value of a secret has it.

use std::fmt;

use keystead_api::SecretText;
use serde::Deserialize;
use serde_json::Value;

/// A secret's value that is no login. The text quotes nothing of the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoginError {
    /// The value is binary.
    #[error("the secret is binary, and a login is text")]
    Binary,
    /// The value has another form.
    #[error("the secret's value is not a JSON object with the texts AccountName and AccountPassword")]
    Form,
    /// A name or a password is empty.
    #[error("the secret's value has an empty {0}")]
    Empty(&'static str),
    /// `Port` is neither a number of 1 to 65535 nor one as a text.
    #[error("Port in the secret is no port")]
    Port,
}

/// The account and password with which a database is logged in to, and where it is if the secret says so.
///
/// The value is `{"AccountName":"…","AccountPassword":"…"}`: what `GetSecretValue` gives for secrets of type `Rds` (one account
/// or two) and `PolarDB`, and what a `Generic` secret may be written as by hand. The password is wiped when dropped, and no
/// `Debug` shows it. Copies that the drivers make of it are out of reach.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    account: String,
    password: SecretText,
    place: Place,
}

/// Where a database is, so far as a secret says so: `Endpoint`, `Port` and `DBName` in the value, else in `CustomData` of its
/// extended configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// A host's name or address.
    pub endpoint: Option<String>,
    /// The port; the database's usual one if there is none.
    pub port: Option<u16>,
    /// The database.
    pub database: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct LoginValue {
    account_name: String,
    account_password: SecretText,
    #[serde(flatten)]
    place: PlaceValue,
}

#[derive(Default, Deserialize)]
struct PlaceValue {
    #[serde(rename = "Endpoint")]
    endpoint: Option<String>,
    #[serde(rename = "Port")]
    port: Option<Value>,
    #[serde(rename = "DBName")]
    database: Option<String>,
}

impl Login {
    /// Reads a secret's value, and the extended configuration that came with it.
    ///
    /// # Errors
    /// [`LoginError`] when it is no login. An extended configuration of another form than expected says nothing of the place.
    pub fn parse(value: &str, extended_config: Option<&str>) -> Result<Self, LoginError> {
        // The error of the parser may quote what it read.
        let LoginValue { account_name, account_password, place } =
            serde_json::from_str(value).map_err(|_| LoginError::Form)?;
        if account_name.is_empty() {
            return Err(LoginError::Empty("AccountName"));
        }
        if account_password.is_empty() {
            return Err(LoginError::Empty("AccountPassword"));
        }
        let place = place.read()?;
        let custom = match extended_config.and_then(custom_data) {
            Some(custom) => custom.read()?,
            None => Place::default(),
        };
        let place = Place {
            endpoint: place.endpoint.or(custom.endpoint),
            port: place.port.or(custom.port),
            database: place.database.or(custom.database),
        };
        Ok(Self { account: account_name, password: account_password, place })
    }

    /// The account's name.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// The password.
    pub fn password(&self) -> &SecretText {
        &self.password
    }

    /// Where the secret says that the database is.
    pub fn place(&self) -> &Place {
        &self.place
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login")
            .field("account", &self.account)
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}

impl PlaceValue {
    fn read(self) -> Result<Place, LoginError> {
        let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
        let port = match &self.port {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) if text.is_empty() => None,
            Some(Value::String(text)) => Some(text.parse().ok()),
            Some(value) => Some(value.as_u64().and_then(|port| u16::try_from(port).ok())),
        };
        let port = match port {
            None => None,
            Some(Some(port)) if port != 0 => Some(port),
            Some(_) => return Err(LoginError::Port),
        };
        Ok(Place { endpoint: filled(self.endpoint), port, database: filled(self.database) })
    }
}

/// `CustomData`, an object or one as a text.
fn custom_data(extended_config: &str) -> Option<PlaceValue> {
    let mut config: Value = serde_json::from_str(extended_config).ok()?;
    match config.get_mut("CustomData")?.take() {
        Value::String(text) => serde_json::from_str(&text).ok(),
        value => serde_json::from_value(value).ok(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn logins() {
        let login = Login::parse(r#"{"AccountName":"app","AccountPassword":"hunter2"}"#, None).unwrap();
        assert_eq!((login.account(), login.password().expose()), ("app", "hunter2"));
        assert_eq!(login.place(), &Place::default());
        assert!(!format!("{login:?}").contains("hunter2"));
        for (value, wrong) in [
            ("hunter2", LoginError::Form),
            (r#"["app","hunter2"]"#, LoginError::Form),
            (r#"{"AccountName":"app"}"#, LoginError::Form),
            (r#"{"AccountName":"","AccountPassword":"x"}"#, LoginError::Empty("AccountName")),
            (r#"{"AccountName":"app","AccountPassword":""}"#, LoginError::Empty("AccountPassword")),
            (r#"{"AccountName":"app","AccountPassword":"x","Port":0}"#, LoginError::Port),
            (r#"{"AccountName":"app","AccountPassword":"x","Port":"70000"}"#, LoginError::Port),
        ] {
            assert_eq!(Login::parse(value, None), Err(wrong), "{value}");
        }
    }

    #[test]
    fn places() {
        let place = |endpoint: &str, port, database: &str| Place {
            endpoint: Some(endpoint.to_owned()),
            port,
            database: Some(database.to_owned()),
        };
        let plain = r#"{"AccountName":"a","AccountPassword":"b"}"#;
        let own =
            r#"{"AccountName":"a","AccountPassword":"b","Endpoint":"db","Port":"5432","DBName":"shop"}"#;
        let object =
            r#"{"SecretSubType":"SingleUser","CustomData":{"Endpoint":"rds","Port":3306,"DBName":"x"}}"#;
        let text = r#"{"CustomData":"{\"Endpoint\":\"rds\",\"DBName\":\"x\"}"}"#;
        for (value, config, expected) in [
            (own, None, place("db", Some(5432), "shop")),
            (own, Some(object), place("db", Some(5432), "shop")),
            (plain, Some(object), place("rds", Some(3306), "x")),
            (plain, Some(text), place("rds", None, "x")),
            (plain, Some("{}"), Place::default()),
            (plain, Some("nothing"), Place::default()),
        ] {
            assert_eq!(Login::parse(value, config).unwrap().place(), &expected, "{value} {config:?}");
        }
    }
}
