//! A database that is none, and a secret with its login.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use keystead_secrets::{MemorySource, SecretValue};
use keystead_secrets_db::{Connector, Login, Pool, Settings, pool};

/// The secret's name.
pub const SECRET: &str = "app/db";

/// A database with one account.
#[derive(Default)]
pub struct Database {
    pub password: Mutex<String>,
    /// The passwords of all attempts, in their order.
    pub attempts: Mutex<Vec<String>>,
    /// Whether it is away.
    pub away: Mutex<bool>,
    pub opens_within: Duration,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Fault {
    Refused,
    Away,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for Fault {}

/// A connection: the password that it was opened with.
#[derive(Debug)]
pub struct Session(pub String);

/// The connector of a [`Database`].
pub struct To(pub Arc<Database>);

impl Connector for To {
    type Connection = Session;
    type Error = Fault;

    async fn connect(&self, login: &Login) -> Result<Session, Fault> {
        let password = login.password().expose().to_owned();
        self.0.attempts.lock().unwrap().push(password.clone());
        tokio::time::sleep(self.0.opens_within).await;
        if *self.0.away.lock().unwrap() {
            return Err(Fault::Away);
        }
        if *self.0.password.lock().unwrap() == password { Ok(Session(password)) } else { Err(Fault::Refused) }
    }

    fn is_refusal(&self, error: &Fault) -> bool {
        *error == Fault::Refused
    }

    async fn recycle(&self, _: &mut Session) -> bool {
        true
    }
}

impl Database {
    pub fn set(&self, password: &str) {
        *self.password.lock().unwrap() = password.to_owned();
    }

    pub fn attempts(&self) -> Vec<String> {
        std::mem::take(&mut *self.attempts.lock().unwrap())
    }
}

/// A value of the secret.
pub fn login(password: &str) -> SecretValue {
    let value = serde_json::json!({"AccountName": "app", "AccountPassword": password});
    SecretValue::builder(SECRET).version_id(password).text(value.to_string())
}

/// A database and a secret that agree about a password, and a pool over both.
pub fn world(settings: &Settings) -> (Arc<Database>, Arc<MemorySource>, Pool<To>) {
    let database = Arc::new(Database { opens_within: Duration::from_millis(5), ..Database::default() });
    database.set("one");
    let secrets = Arc::new(MemorySource::new());
    secrets.put(login("one"));
    let pool = pool(secrets.clone(), SECRET, To(database.clone()), settings).unwrap();
    (database, secrets, pool)
}

/// How often a secret may have been read anew in this time because of one refused login: at once, and after pauses of 0.1, 0.2,
/// 0.4 … s.
pub fn reads_within(time: Duration) -> usize {
    let (mut at, mut pause, mut reads) = (Duration::ZERO, Duration::from_millis(100), 1);
    while at + pause <= time {
        (at, pause, reads) = (at + pause, pause * 2, reads + 1);
    }
    reads
}
