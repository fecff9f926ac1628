//! Database pools whose logins come from a secret and survive its rotation.
//!
//! What Alibaba Cloud's Secret JDBC Client is for Java. A pool takes the login for each new connection from a secret of type
//! `Rds` or `PolarDB` (or a `Generic` one of the same form), keeps up with its rotation, and lets go of connections whose login
//! is an earlier one.
//!
//! ```no_run
//! # #[cfg(feature = "postgres")]
//! # async fn example(secrets: keystead_secrets::MemorySource) -> Result<(), Box<dyn std::error::Error>> {
//! use std::sync::Arc;
//! use keystead_secrets_db::postgres::Postgres;
//! use keystead_secrets_db::{DatabaseUrl, Roots, Settings, pool};
//!
//! // `secrets` is any `CachedSecretSource`.
//! let url: DatabaseUrl = "secrets-manager+postgres://db.internal/shop?secret=app/orders-db".parse()?;
//! let orders = Postgres::from_url(&url, &Roots::public())?;
//! let pool = pool(Arc::new(secrets), url.secret(), orders, &Settings::default())?;
//!
//! let connection = pool.get().await?;
//! let rows = connection.query("SELECT id FROM orders", &[]).await?;
//! # let _ = rows; Ok(())
//! # }
//! ```
//!
//! # Features
//!
//! | feature | connector | driver |
//! |---|---|---|
//! | `postgres` | `postgres::Postgres` | `tokio-postgres`, with the statement cache of `deadpool-postgres` |
//! | `mysql` | `mysql::Mysql`, for MariaDB too | `mysql_async` |
//! | `mssql` | `mssql::Mssql` | `tiberius` |
//!
//! Any other driver that logs in with a name and a password can be used by implementing [`Connector`].
//!
//! # Rotation
//!
//! - A new connection takes the login that the secret has now.
//! - When the database refuses it, the secret is read anew, once for all callers together, and a caller tries once more with
//!   another login, or gives up after [`Settings::patience`]. Only a pool that missed a rotation while the next one is half done
//!   sees another login refused, too; then its callers go on waiting. A login that was refused is not tried again before
//!   [`Settings::refused_pause`] is over, so that no account is locked by its own pool.
//! - Connections that were opened with an earlier login stay in use for [`Settings::grace`]; then they are closed, when they are
//!   next taken or while they are idle.
//!
//! # Secrets
//!
//! Passwords are [`SecretText`](keystead_api::SecretText): wiped when dropped and shown by nothing. The drivers make copies of
//! their own for each connection, which are out of reach.

// Without any connector some of what they share has no user.
#![cfg_attr(not(any(feature = "postgres", feature = "mysql", feature = "mssql")), allow(dead_code))]

mod connector;
mod error;
mod figures;
mod login;
mod logins;
mod manager;
#[cfg(feature = "mssql")]
pub mod mssql;
#[cfg(feature = "mysql")]
pub mod mysql;
#[cfg(feature = "postgres")]
pub mod postgres;
mod settings;
mod tls;
mod url;

pub use connector::Connector;
pub use error::{BuildError, Error};
pub use figures::Figures;
pub use login::{Login, LoginError, Place};
pub use manager::{Connection, Manager, Pool, PoolError, Pooled, pool};
pub use settings::Settings;
pub use tls::Roots;
pub use url::{DatabaseUrl, Kind, UrlError};

pub use deadpool;
