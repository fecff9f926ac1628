use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use http::Uri;
use rustls::RootCertStore;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use serde::{Deserialize, Serialize};

/// What is configured about an issuer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct IssuerSettings {
    /// A file with its JSON Web Key Set. Then nothing is fetched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks_file: Option<PathBuf>,
    /// Where its key set is, when that is not to be discovered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<String>,
    /// Certificates that its server's must go back to, instead of the public ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
}

/// Settings that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsError(String);

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SettingsError {}

/// Where the keys of an issuer are.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    /// In a file.
    File(PathBuf),
    /// At a server.
    Server { jwks_uri: Option<Uri>, roots: Arc<RootCertStore> },
}

/// Reads the settings of all issuers.
pub(crate) fn sources(
    settings: &BTreeMap<String, IssuerSettings>,
    public: &Arc<RootCertStore>,
) -> Result<BTreeMap<String, Source>, SettingsError> {
    let read = |(issuer, settings): (&String, &IssuerSettings)| {
        let source = source(settings, public)
            .and_then(|source| https(issuer).map(|_| source))
            .map_err(|reason| SettingsError(format!("oidc.issuers.{issuer:?}: {reason}")))?;
        Ok::<_, SettingsError>((issuer.clone(), source))
    };
    settings.iter().map(read).collect()
}

fn source(settings: &IssuerSettings, public: &Arc<RootCertStore>) -> Result<Source, String> {
    match settings {
        IssuerSettings { jwks_file: Some(file), jwks_uri: None, ca_file: None } => {
            Ok(Source::File(file.clone()))
        }
        IssuerSettings { jwks_file: Some(_), .. } => {
            Err("with `jwks_file`, `jwks_uri` and `ca_file` have no meaning".to_owned())
        }
        IssuerSettings { jwks_file: None, jwks_uri, ca_file } => {
            let roots = match ca_file {
                Some(file) => Arc::new(roots_of(file)?),
                None => public.clone(),
            };
            let jwks_uri = jwks_uri.as_deref().map(https).transpose()?;
            Ok(Source::Server { jwks_uri, roots })
        }
    }
}

/// Reads a URL of HTTPS, without a user in it.
pub(crate) fn https(text: &str) -> Result<Uri, String> {
    let uri: Uri = text.parse().map_err(|_| format!("{text:?} is no URL"))?;
    let well = uri.scheme_str() == Some("https")
        && uri.host().is_some_and(|host| !host.is_empty())
        && uri.authority().is_some_and(|authority| !authority.as_str().contains('@'));
    if well { Ok(uri) } else { Err(format!("{text:?} does not begin with https:// and a host")) }
}

fn roots_of(file: &Path) -> Result<RootCertStore, String> {
    let wrong = |reason: &dyn fmt::Display| format!("`ca_file` {}: {reason}", file.display());
    let pem = std::fs::read(file).map_err(|error| wrong(&error))?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        roots.add(certificate.map_err(|error| wrong(&error))?).map_err(|error| wrong(&error))?;
    }
    if roots.is_empty() {
        return Err(wrong(&"no certificate is in it"));
    }
    Ok(roots)
}
