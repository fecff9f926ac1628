//! The gateways of instances: their addresses, names and certificates, and what is served there.

use std::io::Read as _;
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use keystead_client::instance::messages::{
    AdvanceDecryptRequest, AdvanceEncryptRequest, GetSecretValueRequest,
};
use keystead_client::instance::{ClientKey, ClientKeyPassword, InstanceClient, InstanceRetry};
use rustls::{ClientConfig, ClientConnection, StreamOwned};
use rustls_pki_types::ServerName;
use serde_json::Value;

use crate::at_rest::{files, find};
use crate::server::{Home, Server};
use crate::signed::Call;
use crate::wire::{Answer, client_config, tls};

const PASSWORD: &str = "Dedicated-Test_2026";
const ID: &str = "kst-testofthegateway";
const NAME: &str = "kst-testofthegateway.cryptoservice.kms.aliyuncs.com";

/// A gateway of the ready file.
struct Gateway {
    host: String,
    ca: String,
}

fn gateway(ready: &Value, id: &str) -> Option<Gateway> {
    let told = ready["endpoints"]["dedicated"].get(id)?;
    let text = |name: &str| told[name].as_str().unwrap().to_owned();
    Some(Gateway { host: text("host"), ca: text("ca_file") })
}

impl Gateway {
    fn address(&self) -> SocketAddr {
        self.host.parse().unwrap()
    }

    /// A call of the OpenAPI there.
    fn send(&self, call: &Call) -> Answer {
        let mut connection = tls(self.address(), client_config(Path::new(&self.ca), &[b"http/1.1"]));
        connection.send(&call.bytes(&self.host)).answer()
    }

    fn client(&self, file: &str) -> InstanceClient {
        InstanceClient::builder()
            .endpoint(&self.host)
            .ca_file(&self.ca)
            .client_key(ClientKey::from_json(file, &ClientKeyPassword::new(PASSWORD)).unwrap())
            .retry(InstanceRetry::none())
            .build()
            .unwrap()
    }
}

fn start(home: &Home, more: &[&str]) -> Server {
    home.start_with(home.serve().args(["--instance", ID]).args(more))
}

fn key_in(server: &Server, instance: &str) -> String {
    let made = Call::new("CreateKey").query("DKMSInstanceId", instance).send(server).good();
    made.json()["KeyMetadata"]["KeyId"].as_str().unwrap().to_owned()
}

/// The file of a client key that may use everything in an instance.
pub fn application(server: &Server, instance: &str) -> String {
    let permissions = r#"["RbacPermission/Template/CryptoServiceKeyUser","RbacPermission/Template/CryptoServiceSecretUser"]"#;
    for call in [
        Call::new("CreatePolicy")
            .query("Name", "all")
            .query("KmsInstance", instance)
            .query("Permissions", permissions)
            .query("Resources", r#"["key/*","secret/*"]"#),
        Call::new("CreateApplicationAccessPoint").query("Name", "app").query("Policies", r#"["all"]"#),
    ] {
        call.send(server).good();
    }
    let call = Call::new("CreateClientKey").query("AapName", "app").form("Password", PASSWORD);
    let made = call.send(server).good();
    serde_json::json!({"KeyId": made.field("ClientKeyId"), "PrivateKeyData": made.field("PrivateKeyData")})
        .to_string()
}

#[test]
fn what_of_the_openapi_is_served_there() {
    let home = Home::new();
    let server = start(&home, &[]);
    let there = gateway(&server.ready, ID).unwrap();
    let key = key_in(&server, ID);
    let outside = Call::new("CreateKey").send(&server).good().json()["KeyMetadata"]["KeyId"].clone();
    let encrypt = |key: &str| Call::new("Encrypt").query("KeyId", key).query("Plaintext", "text");
    let blob = there.send(&encrypt(&key)).good().field("CiphertextBlob");
    let decrypt = |blob: &str| Call::new("Decrypt").query("CiphertextBlob", blob);
    assert_eq!(there.send(&decrypt(&blob)).good().field("Plaintext"), "text");
    assert_eq!(decrypt(&blob).send(&server).good().field("Plaintext"), "text");
    let blob = encrypt(&key).send(&server).good().field("CiphertextBlob");
    assert_eq!(there.send(&decrypt(&blob)).good().field("Plaintext"), "text");
    // What is in no instance, or in another one, is not there.
    let outside = outside.as_str().unwrap();
    there.send(&encrypt(outside)).refused(404, "Forbidden.KeyNotFound");
    let blob = encrypt(outside).send(&server).good().field("CiphertextBlob");
    there.send(&decrypt(&blob)).refused(404, "Forbidden.KeyNotFound");
    for (call, text) in [
        (
            Call::new("CreateKey"),
            "CreateKey is not offered by the gateway of a KMS instance: call the shared gateway.",
        ),
        (Call::new("ListKeys"), "ListKeys is not offered"),
        (Call::new("ReEncrypt"), "ReEncrypt is not offered"),
        (Call::new("ListUsers").version("2015-05-01"), "Ram.ListUsers is not offered"),
        (Call::new("GetCallerIdentity").version("2015-04-01"), "Sts.GetCallerIdentity is not offered"),
    ] {
        let answer = there.send(&call).refused(400, "UnsupportedOperation");
        assert!(answer.field("Message").starts_with(text), "{}", answer.text());
        // Nobody learns even that without a good signature.
        let refused = there.send(&call.wrongly_signed());
        assert_eq!(refused.refusal(), (400, "SignatureDoesNotMatch".into()));
    }
    let xml = there.send(&encrypt(outside).format("XML"));
    assert!(xml.status == 404 && xml.text().contains("<Code>Forbidden.KeyNotFound</Code>"), "{}", xml.text());
    server.assert_well();
}

/// A connection that calls the server by a name, or the error of its handshake.
fn by_name(
    address: SocketAddr,
    config: Arc<ClientConfig>,
    name: &str,
) -> std::io::Result<StreamOwned<ClientConnection, TcpStream>> {
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let mut stream = crate::wire::tcp(address).stream;
    let mut connection = ClientConnection::new(config, name).unwrap();
    while connection.is_handshaking() {
        connection.complete_io(&mut stream)?;
    }
    Ok(StreamOwned::new(connection, stream))
}

fn call_by_name(
    stream: &mut StreamOwned<ClientConnection, TcpStream>,
    call: &Call,
    host: &str,
) -> (u16, String) {
    use std::io::Write as _;
    let mut parts = call.parts(host);
    parts = parts.set("connection", Some("close"));
    stream.write_all(&parts.bytes()).unwrap();
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    let text = String::from_utf8_lossy(&bytes).into_owned();
    (text.split(' ').nth(1).unwrap().parse().unwrap(), text)
}

#[test]
fn instances_behind_one_address_are_told_apart_by_name() {
    let home = Home::new();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let listen = free.to_string();
    let server = start(
        &home,
        &["--instance", "kst-other", "--dedicated-listen", &listen, "--dedicated-loopback", "false"],
    );
    let (there, other) = (gateway(&server.ready, ID).unwrap(), gateway(&server.ready, "kst-other").unwrap());
    assert_eq!(there.host, format!("{NAME}:{}", free.port()));
    let config = |ca: &str| client_config(Path::new(ca), &[b"http/1.1"]);
    let (key, key_of_other) = (key_in(&server, ID), key_in(&server, "kst-other"));
    let encrypt = |key: &str| Call::new("Encrypt").query("KeyId", key).query("Plaintext", "text");
    let other_name = NAME.replace(ID, "kst-other");
    for (name, ca, host, key, status, code) in [
        (NAME, &there.ca, NAME, &key, 200, "CiphertextBlob"),
        (NAME, &there.ca, NAME, &key_of_other, 404, "Forbidden.KeyNotFound"),
        (&other_name, &other.ca, &other_name, &key_of_other, 200, "CiphertextBlob"),
        // The request is for one instance, the connection for another one; and for none.
        (NAME, &there.ca, &other_name, &key_of_other, 403, "Forbidden.DKMSInstanceNotFound"),
        (NAME, &there.ca, "127.0.0.1", &key, 403, "Forbidden.DKMSInstanceNotFound"),
    ] {
        let mut stream = by_name(free, config(ca), name).unwrap();
        let (got, text) = call_by_name(&mut stream, &encrypt(key), host);
        assert!(got == status && text.contains(code), "{name} {host}: {text}");
    }
    // Another instance's authority does not vouch for it, and who is not there gets no handshake.
    assert!(by_name(free, config(&other.ca), NAME).is_err());
    assert!(by_name(free, config(&there.ca), &NAME.replace(ID, "kst-none")).is_err());
    assert!(by_name(free, config(&there.ca), "localhost").is_err());
    server.assert_well();
}

/// Waits until the ready file says something.
fn wait_for<T>(home: &Home, what: impl Fn(&Value) -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let text = std::fs::read(home.ready_file()).unwrap();
        if let Some(found) = what(&serde_json::from_slice(&text).unwrap()) {
            return found;
        }
        assert!(Instant::now() < deadline, "the ready file does not say so");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn gateways_come_and_go_with_their_instances() {
    let home = Home::new();
    let server = start(&home, &[]);
    let first = gateway(&server.ready, ID).unwrap();
    let made = home
        .run(home.command("instance").args(["create", "--id", "kst-later", "--data-dir"]).arg(home.data()));
    assert!(made.status.success());
    let later = wait_for(&home, |ready| gateway(ready, "kst-later"));
    let key = key_in(&server, "kst-later");
    let encrypt = Call::new("Encrypt").query("KeyId", &*key).query("Plaintext", "text");
    later.send(&encrypt).good();
    let release = Call::new("ReleaseKmsInstance")
        .query("KmsInstanceId", "kst-later")
        .query("ForceDeleteWithoutBackup", "true");
    release.send(&server).good();
    let encrypt = Call::new("Encrypt").query("KeyId", &*key).query("Plaintext", "text");
    wait_for(&home, |ready| gateway(ready, "kst-later").is_none().then_some(()));
    assert!(!Path::new(&later.ca).exists());
    let deadline = Instant::now() + Duration::from_secs(60);
    while TcpStream::connect(later.address()).is_ok() {
        assert!(Instant::now() < deadline, "it still listens");
        std::thread::sleep(Duration::from_millis(10));
    }
    encrypt.send(&server).refused(404, "Forbidden.KeyNotFound");
    // The other one goes on, also after a start, with the same authority.
    first.send(&Call::new("CreateKey")).refused(400, "UnsupportedOperation");
    let pem = std::fs::read(&first.ca).unwrap();
    server.stop();
    let server = start(&home, &["--instance", "auto"]);
    assert_eq!(
        server.ready["endpoints"]["dedicated"].as_object().unwrap().len(),
        1,
        "auto makes none beside it"
    );
    let first = gateway(&server.ready, ID).unwrap();
    assert_eq!(std::fs::read(&first.ca).unwrap(), pem);
    first.send(&Call::new("CreateKey")).refused(400, "UnsupportedOperation");
}

#[test]
fn what_cannot_be_an_instance_or_a_domain_ends_the_start() {
    let home = Home::new();
    for (flags, told) in [
        (["--instance", "KST-1"], "instance \"KST-1\": an instance's id is kst-"),
        (["--dedicated-domain", "a..b"], "dedicated.domain: \"a..b\" is no domain"),
        (["--dedicated-domain", "a/b"], "dedicated.domain: \"a/b\" is no domain"),
        (["--dedicated-listen", "192.0.2.1:1"], "cannot listen on 192.0.2.1:1"),
    ] {
        let text = home.refused(home.serve().args(flags));
        assert!(text.contains(told), "{text}");
    }
}

#[tokio::test]
async fn nothing_secret_of_the_instance_api_is_logged_or_stored() {
    const MARK: &str = "iNstAnce~canary8Wq";
    let home = Home::new();
    let server = start(&home, &[]);
    let there = gateway(&server.ready, ID).unwrap();
    let (key, file) = (key_in(&server, ID), application(&server, ID));
    Call::new("CreateSecret")
        .query("SecretName", "db")
        .query("VersionId", "v1")
        .form("SecretData", MARK)
        .query("DKMSInstanceId", ID)
        .send(&server)
        .good();
    let client = there.client(&file);
    let request = AdvanceEncryptRequest {
        key_id: key,
        plaintext: MARK.as_bytes().to_vec(),
        ..AdvanceEncryptRequest::default()
    };
    let sealed = client.advance_encrypt(request).await.unwrap();
    let request = AdvanceDecryptRequest {
        ciphertext_blob: sealed.ciphertext_blob.clone(),
        ..AdvanceDecryptRequest::default()
    };
    assert_eq!(client.advance_decrypt(request).await.unwrap().plaintext, MARK.as_bytes());
    let request = AdvanceEncryptRequest {
        key_id: MARK[..12].to_owned(),
        plaintext: MARK.as_bytes().to_vec(),
        ..AdvanceEncryptRequest::default()
    };
    assert!(client.advance_encrypt(request).await.is_err());
    let request = GetSecretValueRequest { secret_name: "db".to_owned(), ..GetSecretValueRequest::default() };
    assert_eq!(client.get_secret_value(request).await.unwrap().secret_data, MARK);
    server.stop();
    // The audit log says what was done, and with which key; the texts are nowhere.
    let mut audited = String::new();
    for (name, bytes) in files(&home.data(), &[]) {
        assert_eq!(find(&bytes, MARK.as_bytes()), None, "{name}");
    }
    for (_, bytes) in files(&home.data().join("audit"), &[]) {
        audited.push_str(&String::from_utf8_lossy(&bytes));
    }
    assert!(audited.contains("\"AdvanceEncrypt\"") && audited.contains("\"KAAP."), "{audited}");
    assert_eq!(find(home.log().as_bytes(), MARK.as_bytes()), None);
}
