//! Client keys: from a file with a password, and as a private key.

use keystead_client::instance::{ClientKey, ClientKeyError, ClientKeyPassword, InstanceClient};
use keystead_client::{BuildError, SecretText};

use crate::common::{CLIENT_KEY, all};

const PASSWORD: &str = "Test-Pass_1234";

fn key(json: &str, password: &str) -> Result<ClientKey, ClientKeyError> {
    ClientKey::from_json(json, &ClientKeyPassword::new(password))
}

#[test]
fn the_password_comes_from_anywhere() {
    let folder = std::env::temp_dir().join(format!("keystead-client-key-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (file, password) = (folder.join("clientkey.json"), folder.join("password"));
    std::fs::write(&file, CLIENT_KEY).unwrap();
    std::fs::write(&password, format!("{PASSWORD}\r\n")).unwrap();
    let password = ClientKeyPassword::from_file(&password).unwrap();
    let key = ClientKey::from_file(&file, &password).unwrap();
    let missing = ClientKey::from_file(folder.join("other"), &password).unwrap_err();
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(key.id(), all()["client_key_id"]);
    assert!(matches!(missing, ClientKeyError::File { .. }));
    // Tests share one environment, so one that is there already is read.
    let path = ClientKeyPassword::from_env("PATH").unwrap();
    assert!(matches!(ClientKey::from_json(CLIENT_KEY, &path), Err(ClientKeyError::Password)));
    assert!(matches!(
        ClientKeyPassword::from_env("KEYSTEAD_NO_SUCH_VARIABLE"),
        Err(ClientKeyError::Environment(_))
    ));
    assert!(!format!("{key:?} {password:?}").contains(PASSWORD));
}

#[test]
fn what_does_not_open() {
    let fault = |json: &str, password: &str| key(json, password).unwrap_err().to_string();
    assert_eq!(fault(CLIENT_KEY, "wrong"), ClientKeyError::Password.to_string());
    assert_eq!(fault(CLIENT_KEY, ""), ClientKeyError::Password.to_string());
    for json in ["", "[]", "{}", r#"{"KeyId":"KAAP.x"}"#] {
        assert_eq!(fault(json, PASSWORD), ClientKeyError::Json.to_string(), "{json}");
    }
    for data in ["%", "", "AAAA", "MIIJfAIBAzCCCUYGCSqG"] {
        let json = format!(r#"{{"KeyId":"KAAP.x","PrivateKeyData":"{data}"}}"#);
        assert_eq!(fault(&json, PASSWORD), ClientKeyError::Pkcs12.to_string(), "{data}");
    }
    let spoiled = CLIENT_KEY.replace("KAAP.", "KA AP.");
    assert_eq!(fault(&spoiled, PASSWORD), ClientKeyError::Json.to_string());
    // Other members do not count.
    let more = CLIENT_KEY.replacen('{', r#"{"Other":{"a":1},"#, 1);
    assert!(key(&more, PASSWORD).is_ok());
}

#[test]
fn a_private_key_of_either_form() {
    let body = all()["client_key_private_key_pkcs8_base64"].as_str().unwrap().to_owned();
    let pem = |label: &str, body: &str| format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n");
    let pkcs8: SecretText = pem("PRIVATE KEY", &body).into();
    assert!(ClientKey::from_private_key("KAAP.x", &pkcs8).is_ok());
    assert!(matches!(ClientKey::from_private_key("", &pkcs8), Err(ClientKeyError::Json)));
    // PKCS#8 of RSA is 26 bytes ahead of what PKCS#1 has; 26 bytes are not whole letters of Base64.
    use base64::Engine as _;
    let base64 = base64::engine::general_purpose::STANDARD;
    let der = base64.decode(&body).unwrap();
    let pkcs1: SecretText = pem("RSA PRIVATE KEY", &base64.encode(&der[26..])).into();
    assert!(ClientKey::from_private_key("KAAP.x", &pkcs1).is_ok());
    let bare: SecretText = body.as_str().into();
    assert!(ClientKey::from_private_key("KAAP.x", &bare).is_ok());
    for bad in ["", "no PEM", "AAAA", &pem("PRIVATE KEY", "AAAA"), &pem("CERTIFICATE", &body)] {
        let bad: SecretText = bad.into();
        assert!(matches!(ClientKey::from_private_key("KAAP.x", &bad), Err(ClientKeyError::Key)));
    }
}

#[test]
fn settings_that_make_no_client() {
    let fault = InstanceClient::builder().build().unwrap_err();
    assert!(matches!(fault, BuildError::NoEndpoint));
    let fault = InstanceClient::builder().endpoint("kst.example").build().unwrap_err();
    assert!(matches!(fault, BuildError::NoClientKey));
    let with = |endpoint: &str| {
        InstanceClient::builder().endpoint(endpoint).client_key(key(CLIENT_KEY, PASSWORD).unwrap())
    };
    assert!(matches!(with("http://kst.example").build(), Err(BuildError::PlainHttp)));
    assert!(with("kst.example:80").plain_http(true).build().is_ok());
    assert!(matches!(with("kst.example").ca_pem("no certificate").build(), Err(BuildError::Ca(_))));
    assert!(matches!(with("kst.example").ca_file("/no/such.pem").build(), Err(BuildError::CaFile { .. })));
}
