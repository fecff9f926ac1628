//! In which order endpoints are asked.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::OnceCell;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

use crate::fetch::Endpoint;
use crate::id::SecretId;

/// How long the others are waited for once one has answered.
const PATIENCE: Duration = Duration::from_secs(2);

/// A client's endpoints.
pub(crate) struct Endpoints {
    as_set: Vec<Arc<Endpoint>>,
    /// What was measured, when the nearest comes first.
    nearest: Option<OnceCell<Vec<Arc<Endpoint>>>>,
}

impl Endpoints {
    pub(crate) fn new(as_set: Vec<Arc<Endpoint>>, nearest_first: bool) -> Self {
        let nearest = (nearest_first && as_set.len() > 1).then(OnceCell::new);
        Self { as_set, nearest }
    }

    /// The endpoints in their order. When that is to be measured and was not yet, all of them are asked for this secret.
    pub(crate) async fn in_order(&self, id: &SecretId) -> &[Arc<Endpoint>] {
        let Some(nearest) = &self.nearest else { return &self.as_set };
        // A service that is away is not measured, and so not asked twice.
        if !nearest.initialized() && self.as_set.iter().all(|endpoint| endpoint.failed_lately()) {
            return &self.as_set;
        }
        nearest.get_or_try_init(|| self.measured(id)).await.map_or(&self.as_set, |order| order)
    }

    /// Those that answered, soonest first, and then the others; none when no one answered.
    async fn measured(&self, id: &SecretId) -> Result<Vec<Arc<Endpoint>>, ()> {
        let mut reads = JoinSet::new();
        for (index, endpoint) in self.as_set.iter().enumerate() {
            let (endpoint, id) = (Arc::clone(endpoint), id.clone());
            reads.spawn(async move { endpoint.answers(&id).await.then_some(index) });
        }
        let mut order = Vec::new();
        let mut until = None;
        loop {
            let next = match until {
                None => reads.join_next().await,
                Some(until) => timeout_at(until, reads.join_next()).await.unwrap_or(None),
            };
            let Some(ended) = next else { break };
            if let Ok(Some(index)) = ended {
                order.push(index);
                until.get_or_insert_with(|| Instant::now() + PATIENCE);
            }
        }
        if order.is_empty() {
            return Err(());
        }
        let silent: Vec<usize> = (0..self.as_set.len()).filter(|index| !order.contains(index)).collect();
        let order: Vec<_> =
            order.into_iter().chain(silent).map(|index| Arc::clone(&self.as_set[index])).collect();
        tracing::debug!(
            order = ?order.iter().map(|endpoint| endpoint.name()).collect::<Vec<_>>(),
            "endpoints were measured"
        );
        Ok(order)
    }
}
