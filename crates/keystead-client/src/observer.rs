use std::time::Duration;

use keystead_api::OperationDef;

use crate::error::Error;

/// Is told of every attempt, for metrics. Called on the task that made the call: it must not block.
pub trait Observer: Send + Sync {
    /// An attempt has ended.
    fn attempted(&self, attempt: &Attempt<'_>);
}

/// An attempt that has ended.
#[derive(Debug)]
#[non_exhaustive]
pub struct Attempt<'a> {
    /// What was called.
    pub operation: &'static OperationDef,
    /// Which attempt of the call it was, from 1.
    pub number: u32,
    /// `host` or `host:port` that was asked.
    pub endpoint: &'a str,
    /// How long it took.
    pub took: Duration,
    /// Why it failed; none when it did not.
    pub error: Option<&'a Error>,
    /// How long until the next attempt; none when there is no other.
    pub retry_in: Option<Duration>,
}
