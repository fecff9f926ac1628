//! The gateway of KMS instances: `<instance id>.cryptoservice.kms…`, the instance API and what of the OpenAPI is done with keys.

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response, request};
use http_body_util::Full;
use hyper::body::Incoming;
use keystead_api::ErrorCode;
use keystead_api::instance::HEADER_API_NAME;
use keystead_crypto::{Random, RandomError};
use keystead_service::{Engine, Gateway};

use crate::instance_api::InstanceApi;
use crate::shared::host;
use crate::{Handler, InstanceNames, Metrics, Peer, SharedGateway, TrustedProxies};

/// What the gateways of all instances have in common.
pub struct InstanceGateways {
    engine: Arc<Engine>,
    names: InstanceNames,
    open_api: SharedGateway,
    instance_api: InstanceApi,
}

impl InstanceGateways {
    /// Gateways to an engine.
    ///
    /// # Errors
    /// When there is no randomness for request ids.
    pub fn new(
        engine: Arc<Engine>,
        metrics: Arc<Metrics>,
        random: &dyn Random,
        names: InstanceNames,
        proxies: TrustedProxies,
    ) -> Result<Self, RandomError> {
        let open_api = SharedGateway::new(engine.clone(), metrics.clone(), random)?.behind(proxies.clone());
        let instance_api = InstanceApi::new(engine.clone(), metrics, random, proxies)?;
        Ok(Self { engine, names, open_api, instance_api })
    }

    /// The gateway of one instance, at an address of its own.
    pub fn of(self: &Arc<Self>, instance_id: &str) -> DedicatedGateway {
        DedicatedGateway { common: self.clone(), only: Some(instance_id.to_owned()) }
    }

    /// The gateway of all instances behind one address, told apart by the names in TLS and in the request.
    pub fn of_all(self: &Arc<Self>) -> DedicatedGateway {
        DedicatedGateway { common: self.clone(), only: None }
    }
}

/// The gateway behind one address.
pub struct DedicatedGateway {
    common: Arc<InstanceGateways>,
    /// The instance that is behind it; none when they are told apart by name.
    only: Option<String>,
}

impl Handler for DedicatedGateway {
    async fn handle(&self, request: Request<Incoming>, peer: Peer) -> Response<Full<Bytes>> {
        let (parts, body) = request.into_parts();
        let instance = self.instance(&parts, &peer).await;
        let gateway = match &instance {
            Ok(id) => Ok(Gateway::Dedicated(id)),
            Err(code) => Err(*code),
        };
        if parts.headers.contains_key(HEADER_API_NAME) {
            self.common.instance_api.serve((parts, body), peer, gateway).await
        } else {
            self.common.open_api.serve((parts, body), peer, gateway).await
        }
    }
}

impl DedicatedGateway {
    /// The instance that a request is for. Whoever names one in two places names the same one.
    ///
    /// # Errors
    /// What is told to whoever names none that is here.
    async fn instance(&self, parts: &request::Parts, peer: &Peer) -> Result<String, ErrorCode> {
        let names = &self.common.names;
        let in_tls = peer.server_name.as_deref().and_then(|name| names.instance(name));
        let in_request = names.instance(host(parts));
        let id = match &self.only {
            // Clients of an address often name nothing but the address.
            Some(only) => {
                let other = [in_tls, in_request].into_iter().flatten().any(|named| named != *only);
                (!other).then(|| only.clone())
            }
            None => in_tls.filter(|named| in_request.as_ref() == Some(named)),
        };
        let id = id.ok_or(ErrorCode::ForbiddenDkmsInstanceNotFound)?;
        match self.common.engine.instance(&id).await {
            Ok(Some(_)) => Ok(id),
            Ok(None) => Err(ErrorCode::ForbiddenDkmsInstanceNotFound),
            Err(error) => Err(keystead_api::ApiError::from(error).code()),
        }
    }
}
