use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use keystead_service::identity::{Issuer, IssuerKeys, KeySet, KeysError, KeysFuture};
use rustls::RootCertStore;

use crate::fetch;
use crate::settings::{IssuerSettings, SettingsError, Source, sources};
use crate::slot::Slot;

/// Issuers that are remembered at most. There is one for each OIDC provider, and one more whenever a provider's
/// fingerprints change.
const MAX_SLOTS: usize = 1024;

/// By issuer and fingerprints.
type Slots = HashMap<(String, Vec<String>), Arc<Slot>>;

/// The keys of all issuers.
pub struct Issuers {
    sources: BTreeMap<String, Source>,
    /// How issuers that are not configured are asked; none means not at all.
    others: Option<Source>,
    slots: Mutex<Slots>,
}

impl Issuers {
    /// Reads the settings. `any` says whether keys are also fetched from issuers that are not among them.
    ///
    /// # Errors
    /// When a setting has no meaning or a file cannot be read; the message names it.
    pub fn new(settings: &BTreeMap<String, IssuerSettings>, any: bool) -> Result<Self, SettingsError> {
        let mut public = RootCertStore::empty();
        public.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        let public = Arc::new(public);
        Ok(Self {
            sources: sources(settings, &public)?,
            others: any.then_some(Source::Server { jwks_uri: None, roots: public }),
            slots: Mutex::default(),
        })
    }

    fn source(&self, issuer: Issuer<'_>) -> Result<&Source, KeysError> {
        let source = self.sources.get(issuer.url).or(self.others.as_ref());
        source.ok_or_else(|| KeysError::Unavailable("the issuer is not configured".to_owned()))
    }

    fn slot(&self, issuer: Issuer<'_>) -> Arc<Slot> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.len() >= MAX_SLOTS {
            slots.retain(|_, slot| slot.is_fresh());
        }
        if slots.len() >= MAX_SLOTS {
            slots.clear();
        }
        let key = (issuer.url.to_owned(), issuer.fingerprints.to_vec());
        slots.entry(key).or_default().clone()
    }

    async fn fetch(source: &Source, issuer: Issuer<'_>) -> Result<KeySet, KeysError> {
        let keys = match source {
            Source::File(path) => fetch::from_file(path).await,
            Source::Server { jwks_uri, roots } => fetch::from_server(issuer, jwks_uri.as_ref(), roots).await,
        }?;
        tracing::debug!(issuer = issuer.url, keys = keys.len(), "the keys of an OIDC issuer were fetched");
        Ok(keys)
    }
}

impl IssuerKeys for Issuers {
    fn keys<'a>(&'a self, issuer: Issuer<'a>) -> KeysFuture<'a> {
        Box::pin(async move {
            let source = self.source(issuer)?;
            self.slot(issuer).keys(Self::fetch(source, issuer)).await
        })
    }

    fn newer<'a>(&'a self, issuer: Issuer<'a>, known: &'a Arc<KeySet>) -> KeysFuture<'a> {
        Box::pin(async move {
            let source = self.source(issuer)?;
            self.slot(issuer).newer(known, Self::fetch(source, issuer)).await
        })
    }
}

impl fmt::Debug for Issuers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issuers").field("configured", &self.sources.keys()).finish_non_exhaustive()
    }
}
