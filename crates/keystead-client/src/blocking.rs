//! The client for programs without an async runtime (feature `blocking`).
//!
//! ```no_run
//! use keystead_client::{blocking, Client, operations::EncryptRequest};
//!
//! # fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let client = blocking::Client::new(Client::builder().region("cn-hangzhou").credentials_from_env().build()?)?;
//! let answer = client.encrypt(EncryptRequest::new("alias/app", b"hello"))?;
//! # Ok(())
//! # }
//! ```
//!
//! Calls wait in the calling thread while a runtime of one thread of its own, shared by all clones, does the work. They panic when
//! they are made inside of an async runtime: use [`crate::Client`] there.

use std::io;
use std::sync::Arc;

use keystead_api::Operation;
use tokio::runtime::{Builder, Runtime};

use crate::{Error, operations};

/// Calls the operations of KMS and waits for their answers. Clones are cheap and share connections and settings.
#[derive(Clone, Debug)]
pub struct Client {
    client: crate::Client,
    runtime: Arc<Runtime>,
}

impl Client {
    /// Makes one out of an async client that was not used in another runtime yet.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn new(client: crate::Client) -> io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("keystead-client")
            .enable_all()
            .build()?;
        Ok(Self { client, runtime: Arc::new(runtime) })
    }

    /// Calls the operation `O`.
    ///
    /// # Errors
    /// As [`crate::Client::call`].
    pub fn call<O: Operation>(&self, request: &O::Request) -> Result<O::Response, Error> {
        self.runtime.block_on(self.client.call::<O>(request))
    }
}

macro_rules! calls {
    ($($method:ident $name:ident,)*) => {
        /// One method per operation.
        impl Client {
            $(
                #[doc = concat!("Calls [`", stringify!($name), "`](operations::", stringify!($name), ").")]
                ///
                /// # Errors
                #[doc = concat!(
                    "As [`crate::Client::call`]; the service's codes are at [`", stringify!($name), "`](operations::",
                    stringify!($name), "#errors)."
                )]
                pub fn $method(
                    &self,
                    request: <operations::$name as Operation>::Request,
                ) -> Result<<operations::$name as Operation>::Response, Error> {
                    self.call::<operations::$name>(&request)
                }
            )*
        }
    };
}

keystead_api::for_each_operation!(calls);
