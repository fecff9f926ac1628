//! Which address a call goes to.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::HeaderValue;
use keystead_api::{Gateways, OperationDef, Repeat};
use tokio::time::Instant;

use crate::endpoint::Endpoint;
use crate::transport::Transport;

/// How long an address that failed is passed over.
const PASSED_OVER: Duration = Duration::from_secs(30);

/// An address, and how requests get there.
pub(crate) struct Route {
    pub(crate) endpoint: Endpoint,
    /// The endpoint as the header says it.
    pub(crate) host: HeaderValue,
    pub(crate) transport: Arc<dyn Transport>,
}

impl Route {
    pub(crate) fn new(endpoint: Endpoint, transport: Arc<dyn Transport>) -> Self {
        // An authority has only characters that may stand in a header.
        let host = HeaderValue::from_str(endpoint.authority.as_str());
        Self { endpoint, host: host.unwrap_or(HeaderValue::from_static("")), transport }
    }
}

/// The addresses of a client.
pub(crate) struct Routes {
    /// Of the shared gateway, the preferred one first; never empty.
    shared: Vec<Route>,
    /// Of an instance.
    dedicated: Option<Route>,
    /// Which shared one is used now, and since when that is not the first.
    current: AtomicUsize,
    left_at: Mutex<Option<Instant>>,
}

impl Routes {
    pub(crate) fn new(first: Route, others: Vec<Route>, dedicated: Option<Route>) -> Self {
        let shared = std::iter::once(first).chain(others).collect();
        Self { shared, dedicated, current: AtomicUsize::new(0), left_at: Mutex::new(None) }
    }

    /// The first address of the shared gateway.
    pub(crate) fn first(&self) -> &Route {
        &self.shared[0]
    }

    /// Where an operation goes now.
    pub(crate) fn of(&self, def: &OperationDef) -> &Route {
        match &self.dedicated {
            Some(dedicated) if def.gateways == Gateways::Both => dedicated,
            _ if is_read(def) => &self.shared[self.current()],
            _ => self.first(),
        }
    }

    /// Where an operation that failed on a route goes next: a read at another address, if there is one.
    pub(crate) fn next<'r>(&'r self, def: &OperationDef, failed: &'r Route) -> &'r Route {
        let at = self.shared.iter().position(|route| std::ptr::eq(route, failed));
        match at {
            Some(at) if is_read(def) && self.shared.len() > 1 => {
                let next = (at + 1) % self.shared.len();
                // Later reads begin there.
                let moved =
                    self.current.compare_exchange(at, next, Ordering::Relaxed, Ordering::Relaxed).is_ok();
                if moved {
                    *self.left_at.lock().unwrap_or_else(PoisonError::into_inner) =
                        (next > 0).then(Instant::now);
                }
                &self.shared[next]
            }
            Some(at) => &self.shared[at],
            None => failed,
        }
    }

    /// Which shared address is used. The first one is tried again when it was passed over for long enough.
    fn current(&self) -> usize {
        let current = self.current.load(Ordering::Relaxed);
        if current == 0 {
            return 0;
        }
        let mut left_at = self.left_at.lock().unwrap_or_else(PoisonError::into_inner);
        if left_at.is_some_and(|left_at| left_at.elapsed() < PASSED_OVER) {
            return current;
        }
        *left_at = None;
        self.current.store(0, Ordering::Relaxed);
        0
    }
}

/// Whether an operation only reads, so that any address that has the same data may answer it.
fn is_read(def: &OperationDef) -> bool {
    def.repeat == Repeat::Safe
        && [
            "Get",
            "BatchGet",
            "Describe",
            "List",
            "Decrypt",
            "AsymmetricDecrypt",
            "AsymmetricVerify",
            "VerifyMac",
        ]
        .iter()
        .any(|prefix| def.name.starts_with(prefix))
}
