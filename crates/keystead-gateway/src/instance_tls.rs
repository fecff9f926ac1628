use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio_rustls::TlsAcceptor;

use crate::tls::{TlsError, TlsIdentity, server_config};

/// What instances are called: `<id>.cryptoservice.kms.<domain>`.
#[derive(Clone, Debug)]
pub struct InstanceNames {
    /// `.cryptoservice.kms.<domain>`, in lower case.
    suffix: Arc<str>,
}

impl InstanceNames {
    /// Names under a domain, such as `aliyuncs.com`.
    pub fn under(domain: &str) -> Self {
        Self { suffix: format!(".cryptoservice.kms.{}", domain.to_ascii_lowercase()).into() }
    }

    /// The name of an instance.
    pub fn of(&self, instance_id: &str) -> String {
        [instance_id, &self.suffix].concat()
    }

    /// The instance that a host name is of, a port behind it being left out; none when it is no such name.
    pub fn instance(&self, host: &str) -> Option<String> {
        let host = match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => host,
        };
        let host = host.to_ascii_lowercase();
        let id = host.strip_suffix(&*self.suffix)?;
        (!id.is_empty() && !id.contains('.')).then(|| id.to_owned())
    }
}

/// The certificates of all instances behind one address: which one is shown follows from the name that the client calls.
pub struct InstanceTls {
    shown: Arc<Shown>,
    config: Arc<ServerConfig>,
}

struct Shown {
    names: InstanceNames,
    by_instance: ArcSwap<HashMap<String, Arc<TlsIdentity>>>,
}

impl InstanceTls {
    /// For no instance yet.
    ///
    /// # Errors
    /// When the TLS library refuses.
    pub fn new(names: InstanceNames) -> Result<Self, TlsError> {
        let shown = Arc::new(Shown { names, by_instance: ArcSwap::default() });
        let config = server_config(shown.clone())?;
        Ok(Self { shown, config })
    }

    /// Shows these from now on, by the ids of the instances.
    pub fn set(&self, identities: HashMap<String, Arc<TlsIdentity>>) {
        self.shown.by_instance.store(Arc::new(identities));
    }

    /// For connections.
    pub fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(self.config.clone())
    }
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shown(certificates of instances)")
    }
}

impl ResolvesServerCert for Shown {
    /// None for a client that names no instance that is here: the handshake ends there.
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let id = self.names.instance(hello.server_name()?)?;
        Some(self.by_instance.load().get(&id)?.shown())
    }
}

#[cfg(test)]
mod tests {
    use super::InstanceNames;

    #[test]
    fn names() {
        let names = InstanceNames::under("Example.org");
        assert_eq!(names.of("kst-a"), "kst-a.cryptoservice.kms.example.org");
        for (host, id) in [
            ("kst-a.cryptoservice.kms.example.org", Some("kst-a")),
            ("KST-A.cryptoservice.KMS.example.org:443", Some("kst-a")),
            ("kst-a.cryptoservice.kms.example.org:", Some("kst-a")),
            (".cryptoservice.kms.example.org", None),
            ("cryptoservice.kms.example.org", None),
            ("x.kst-a.cryptoservice.kms.example.org", None),
            ("kst-a.cryptoservice.kms.example.com", None),
            ("127.0.0.1:8343", None),
            ("[::1]:8343", None),
            ("", None),
        ] {
            assert_eq!(names.instance(host).as_deref(), id, "{host}");
        }
    }
}
