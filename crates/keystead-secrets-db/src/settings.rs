//! What can be set about a pool.

use std::time::Duration;

/// Settings of a pool. Those not named here keep their default: `Settings { max_size: 40, ..Settings::default() }`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Connections at most; 16 by default.
    pub max_size: usize,
    /// How long a caller waits for a connection to become free; 30 s by default, `None` for no limit. Opening one is not part
    /// of it.
    pub wait: Option<Duration>,
    /// How long opening one connection may take; 10 s by default.
    pub connect_timeout: Duration,
    /// How many connections are opened at the same time; 4 by default. When a password is withdrawn, the database sees at most
    /// so many attempts with it.
    pub connects_at_once: usize,
    /// How long connections that were opened with an earlier login are still used; 5 minutes by default. Zero closes each of
    /// them as soon as it is idle.
    pub grace: Duration,
    /// How long a caller whose login was refused waits for the secret to have another one; 10 s by default. A rotation of a
    /// single account is in that state between the database's change and the secret's.
    pub patience: Duration,
    /// How long a login that was refused is not tried again, unless the secret gets another one meanwhile; 30 s by default.
    /// Then one connection tries it.
    pub refused_pause: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            max_size: 16,
            wait: Some(Duration::from_secs(30)),
            connect_timeout: Duration::from_secs(10),
            connects_at_once: 4,
            grace: Duration::from_secs(300),
            patience: Duration::from_secs(10),
            refused_pause: Duration::from_secs(30),
        }
    }
}
