//! Keys out of files, and settings that have no meaning.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use keystead_oidc::{IssuerSettings, Issuers};
use keystead_service::identity::{Issuer, IssuerKeys as _};
use tempfile::TempDir;

use crate::server::KEYS;

const ISSUER: &str = "https://kubernetes.default.svc.cluster.local";

#[tokio::test]
async fn a_file_stands_for_a_server() {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("keys.json");
    let settings = IssuerSettings { jwks_file: Some(file.clone()), ..IssuerSettings::default() };
    let issuers = || Issuers::new(&BTreeMap::from([(ISSUER.to_owned(), settings.clone())]), false).unwrap();
    let issuer = Issuer { url: ISSUER, fingerprints: &["00".to_owned()] };
    // The server starts without it, and no token is believed until it is there.
    assert!(issuers().keys(issuer).await.is_err());
    fs::write(&file, KEYS).unwrap();
    assert_eq!(issuers().keys(issuer).await.unwrap().len(), 1);
    for content in ["", "{}", &" ".repeat(300 << 10)] {
        fs::write(&file, content).unwrap();
        assert!(issuers().keys(issuer).await.is_err());
    }
}

#[test]
fn settings_that_have_no_meaning_are_named() {
    let dir = TempDir::new().unwrap();
    let empty = dir.path().join("empty.pem");
    fs::write(&empty, "").unwrap();
    let file = |text: &str| Some(PathBuf::from(text));
    let usual = IssuerSettings::default;
    for (issuer, settings, expected) in [
        ("http://issuer.example", usual(), "https://"),
        ("issuer", usual(), "https://"),
        ("https://user@issuer.example", usual(), "https://"),
        (ISSUER, IssuerSettings { jwks_uri: Some("http://x/keys".to_owned()), ..usual() }, "https://"),
        (ISSUER, IssuerSettings { jwks_file: file("/k"), ca_file: file("/c"), ..usual() }, "no meaning"),
        (ISSUER, IssuerSettings { ca_file: file("/absent/ca.pem"), ..usual() }, "/absent/ca.pem"),
        (ISSUER, IssuerSettings { ca_file: Some(empty), ..usual() }, "no certificate"),
    ] {
        let error =
            Issuers::new(&BTreeMap::from([(issuer.to_owned(), settings)]), true).unwrap_err().to_string();
        assert!(error.contains(expected) && error.contains(issuer), "{error}");
    }
    assert!(Issuers::new(&BTreeMap::new(), true).is_ok());
}
