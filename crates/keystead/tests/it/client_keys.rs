//! An application that reads secrets through the shared gateway with nothing but a client key.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use p12_keystore::{KeyStore, Pkcs12ImportPolicy};

use crate::at_rest::{files, find};
use crate::server::{Home, Server};
use crate::signed::{Call, Scheme};
use crate::wire::Answer;

const PASSWORD: &str = "cAnArY~7Xq9Kv3Zt";

/// An access point `app` that reads the secret `app/db` from this machine.
fn set_up(server: &Server) {
    let good = |call: Call| call.send(server).good();
    good(
        Call::new("CreateSecret")
            .query("SecretName", "app/db")
            .query("VersionId", "v1")
            .form("SecretData", "x<y"),
    );
    good(
        Call::new("CreateNetworkRule")
            .query("Name", "here")
            .query("Type", "Private")
            .query("SourcePrivateIp", r#"["127.0.0.1"]"#),
    );
    good(
        Call::new("CreatePolicy")
            .query("Name", "read")
            .query("KmsInstance", "shared")
            .query("Permissions", r#"["RbacPermission/Template/CryptoServiceSecretUser"]"#)
            .query("Resources", r#"["secret/app/db"]"#)
            .query("AccessControlRules", r#"{"NetworkRules":["here"]}"#),
    );
    good(Call::new("CreateApplicationAccessPoint").query("Name", "app").query("Policies", r#"["read"]"#));
}

/// Makes a client key: its id, and its private key in DER out of the file that its maker is given.
fn client_key(server: &Server) -> (String, Vec<u8>) {
    let create = Call::new("CreateClientKey").query("AapName", "app").query("Password", PASSWORD);
    let made = create.send(server).good();
    let file = STANDARD.decode(made.field("PrivateKeyData")).unwrap();
    let file = KeyStore::from_pkcs12(&file, PASSWORD, Pkcs12ImportPolicy::Strict).unwrap();
    let (_, chain) = file.private_key_chain().unwrap();
    (made.field("ClientKeyId"), chain.key().as_der().to_vec())
}

#[test]
fn a_client_key_reads_its_secret_in_both_formats_and_leaves_nothing_of_itself() {
    let home = Home::new();
    let server = home.start();
    set_up(&server);
    let (id, private) = client_key(&server);
    let secret = STANDARD.encode(&private);
    let call = |action: &str| Call::new(action).scheme(Scheme::ClientKey).key(&id, &secret);
    let read = || call("GetSecretValue").query("SecretName", "app/db").query("FetchExtendedConfig", "true");

    assert_eq!(read().send(&server).good().field("SecretData"), "x<y");
    let xml: Answer = read().format("XML").send(&server);
    assert_eq!(xml.status, 200);
    assert!(xml.text().contains("<SecretData>x&lt;y</SecretData>"), "{}", xml.text());

    let other = call("ListKeys").format("XML").send(&server);
    assert_eq!(other.status, 403);
    assert!(other.text().contains("<Code>Forbidden.NoPermission</Code>"), "{}", other.text());
    for action in ["ListSecrets", "DescribeRegions", "CreateKey"] {
        call(action).send(&server).refused(403, "Forbidden.NoPermission");
    }
    read().wrongly_signed().send(&server).refused(400, "SignatureDoesNotMatch");
    Call::new("DeleteClientKey").query("ClientKeyId", &id).send(&server).good();
    read().send(&server).refused(404, "InvalidAccessKeyId.NotFound");

    server.stop();
    for (name, bytes) in files(&home.data(), &["root.key"]) {
        for hidden in [private.as_slice(), secret.as_bytes(), PASSWORD.as_bytes()] {
            assert_eq!(find(&bytes, hidden), None, "{name}");
        }
    }
    assert_eq!(find(home.log().as_bytes(), PASSWORD.as_bytes()), None);
    assert_eq!(find(home.log().as_bytes(), secret.as_bytes()), None);
    let audit: Vec<u8> =
        files(&home.data().join("audit"), &[]).into_iter().flat_map(|(_, bytes)| bytes).collect();
    let actor = r#""userIdentity":{"type":"client-key","accountId":""#;
    assert!(find(&audit, actor.as_bytes()).is_some(), "its requests are in the audit log");
    let key = format!(r#""userName":"app","accessKeyId":"{id}""#);
    assert!(find(&audit, key.as_bytes()).is_some(), "with its id");
    assert!(find(&audit, br#""ACS::KMS::Policy":["read"]"#).is_some(), "policies of KMS are none of RAM");
}
