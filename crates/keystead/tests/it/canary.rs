//! Marked secrets through every operation: none is found in logs at the finest level, in errors, or in the data folder.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keystead_api::{OPERATIONS, OperationDef, ParamShape, Placement};

use crate::at_rest::{files, find};
use crate::http2::Http2;
use crate::server::{ACCESS_KEY_SECRET, Home, Server};
use crate::signed::{Call, Parts, Scheme};
use crate::wire::{Answer, Connection, Tls, client_config, tcp, tls};

/// The secrets planted so far. Every one starts with the same text, so that one search finds them all; those that the
/// server made are kept one by one.
#[derive(Default)]
struct Planted {
    count: usize,
    made: Vec<Vec<u8>>,
}

/// What every planted text holds. Nine bytes are three whole Base64 groups, so that it also shows in Base64 at each offset.
const MARK: &str = "cAnArY~7Xq9Kv3Zt";

impl Planted {
    fn text(&mut self, what: &str) -> String {
        self.count += 1;
        format!("{MARK} {what} {}", self.count)
    }

    #[track_caller]
    fn assert_absent(&self, bytes: &[u8], place: &str) {
        assert_eq!(find(bytes, MARK.as_bytes()), None, "a planted text is in {place}");
        assert_eq!(find(bytes, ACCESS_KEY_SECRET.as_bytes()), None, "the AccessKey secret is in {place}");
        for made in &self.made {
            assert_eq!(find(bytes, made), None, "a secret that the server made is in {place}");
        }
    }
}

/// The ways into the server.
struct Ways {
    plain: Connection<std::net::TcpStream>,
    tls: Connection<Tls>,
    http2: Http2,
    tls_http2: Http2,
    hosts: [String; 2],
}

impl Ways {
    fn new(server: &Server) -> Self {
        let config = |protocol: &[u8]| client_config(server.ca_file(), &[protocol]);
        Self {
            plain: tcp(server.http()),
            tls: tls(server.https(), config(b"http/1.1")),
            http2: Http2::plain(server.http()),
            tls_http2: Http2::tls(server.https(), config(b"h2")),
            hosts: [server.http().to_string(), server.https().to_string()],
        }
    }

    fn send(&mut self, way: usize, call: &Call) -> Answer {
        let parts: Parts = call.parts(&self.hosts[way % 2]);
        match way {
            0 => self.plain.send(&parts.bytes()).answer(),
            1 => self.tls.send(&parts.bytes()).answer(),
            2 => self.http2.send(&parts),
            _ => self.tls_http2.send(&parts),
        }
    }
}

#[test]
fn no_secret_of_any_operation_is_logged_told_or_stored() {
    let home = Home::new();
    let server = home.start();
    let mut ways = Ways::new(&server);
    let mut planted = Planted::default();
    let mut answered: BTreeMap<u16, usize> = BTreeMap::new();
    for def in OPERATIONS {
        for (number, (scheme, wrong, format)) in variants().into_iter().enumerate() {
            for way in 0..4 {
                // Secrets where the SDKs put them, and in the other place.
                let call = marked(def, &mut planted, (number + way) % 2 == 0);
                let mut call = call.scheme(scheme).format(format);
                call.wrong = wrong;
                let answer = ways.send(way, &call);
                *answered.entry(answer.status).or_default() += 1;
                assert!(answer.status < 500, "{}: {}", def.name, answer.text());
                if wrong {
                    assert_eq!(answer.status, 400, "{}", def.name);
                    assert!(
                        answer.text().contains("SignatureDoesNotMatch"),
                        "{}: {}",
                        def.name,
                        answer.text()
                    );
                }
                // The one exception: a V1 caller whose signature is wrong is told the text that it should have signed,
                // which holds its own parameters. Official clients need it to explain the error.
                if answer.status == 200 || (wrong && scheme == Scheme::V1) {
                    continue;
                }
                planted.assert_absent(&answer.body, def.name);
            }
        }
    }
    assert_eq!(answered.values().sum::<usize>(), 91 * 8 * 4);
    good_calls(&server, &mut ways, &mut planted);
    key_pairs_and_macs(&server, &mut ways, &mut planted);
    bad_heads(&server, &mut planted);
    assert!(planted.count > 10_000 && planted.made.len() == 52, "{} {}", planted.count, planted.made.len());
    server.assert_well();

    let materials = crate::opened::materials(&home);
    assert_eq!(materials.len(), 9, "one of each key that was made");
    planted.made.extend(materials);
    planted.assert_absent(home.log().as_bytes(), "the log");
    let metrics = tcp(server.ops()).send(b"GET /metrics HTTP/1.1\r\nhost: a\r\n\r\n").answer();
    planted.assert_absent(&metrics.body, "the metrics");
    stored(&home, &planted, "served");
    server.stop();
    planted.assert_absent(home.log().as_bytes(), "the log after the end");
    stored(&home, &planted, "closed");
    // The audit log has every operation, so that what is not found in it was not there.
    let audit: Vec<u8> =
        files(&home.data().join("audit"), &[]).into_iter().flat_map(|(_, bytes)| bytes).collect();
    for def in OPERATIONS {
        let name = format!("\"eventName\":\"{}\"", def.name);
        assert!(find(&audit, name.as_bytes()).is_some(), "{} is not in the audit log", def.name);
    }
    // The log is at the finest level and was written: else all of this shows nothing.
    assert!(home.log().lines().filter(|line| line.contains("refused")).count() > 2000);
}

/// Only secrets count in the folder: descriptions and names are records like any other.
fn stored(home: &Home, planted: &Planted, when: &str) {
    for (name, bytes) in files(&home.data(), &["root.key"]) {
        for secret in planted.made.iter().map(Vec::as_slice).chain([ACCESS_KEY_SECRET.as_bytes()]) {
            assert_eq!(find(&bytes, secret), None, "{when}: {name}");
        }
        // Texts given as secrets have a mark of their own, beside that of all.
        for kind in ["a~secret~of", "a~plaintext~of"] {
            assert_eq!(find(&bytes, format!("{MARK} {kind}").as_bytes()), None, "{when}: {name}");
        }
    }
}

fn variants() -> Vec<(Scheme, bool, &'static str)> {
    let mut all = Vec::new();
    for scheme in [Scheme::V3, Scheme::V1] {
        for wrong in [false, true] {
            for format in ["JSON", "XML"] {
                all.push((scheme, wrong, format));
            }
        }
    }
    all
}

/// A call with a planted text wherever one can stand.
fn marked(def: &'static OperationDef, planted: &mut Planted, as_placed: bool) -> Call {
    let mut call = Call::new(def.name);
    for parameter in def.parameters {
        let kind = if parameter.secret { "a~secret~of" } else { parameter.name };
        let text = planted.text(&format!("{kind} {}", def.name));
        let list = |name: &str| (format!("{}.1{name}", parameter.name), text.clone());
        let pairs = match parameter.shape {
            ParamShape::List => vec![list("")],
            ParamShape::ObjectList(fields) => fields.iter().map(|field| list(&format!(".{field}"))).collect(),
            ParamShape::JsonMap => vec![(parameter.name.to_owned(), format!("{{\"k\":\"{text}\"}}"))],
            ParamShape::FlatObject(fields) => {
                fields.iter().map(|field| (format!("{}.{field}.k", parameter.name), text.clone())).collect()
            }
            _ => vec![(parameter.name.to_owned(), text.clone())],
        };
        for (name, value) in pairs {
            let in_form = (parameter.placement == Placement::Form) == as_placed;
            call = if in_form { call.form(&name, value) } else { call.query(&name, value) };
        }
    }
    // What no operation knows goes through the same hands.
    let unknown = planted.text("unknown");
    call.query("Unknown", unknown)
}

/// Calls that succeed, with planted plaintexts and values, and with what the server makes.
fn good_calls(server: &Server, ways: &mut Ways, planted: &mut Planted) {
    let key = Call::new("CreateKey").send(server).good().json()["KeyMetadata"]["KeyId"]
        .as_str()
        .unwrap()
        .to_owned();
    let mut number = 0;
    for way in 0..4 {
        for scheme in [Scheme::V3, Scheme::V3Sm3, Scheme::V1] {
            for format in ["JSON", "XML"] {
                number += 1;
                let call = |action: &str| Call::new(action).scheme(scheme);
                let plaintext = planted.text("a~plaintext~of Encrypt");
                let context = format!("{{\"who\":\"{}\"}}", planted.text("context"));
                let sealed = call("Encrypt")
                    .query("KeyId", &key)
                    .query("Plaintext", &plaintext)
                    .query("EncryptionContext", &context);
                let blob = ways.send(way, &sealed).good().field("CiphertextBlob");
                let decrypt = call("Decrypt").query("CiphertextBlob", &blob);
                let opened = ways.send(way, &decrypt.clone().query("EncryptionContext", &context)).good();
                assert_eq!(opened.field("Plaintext"), plaintext);
                // The wrong context, a blob cut short: errors about a plaintext.
                let refused = ways.send(way, &decrypt).refused(400, "InvalidParameter");
                planted.assert_absent(&refused.body, "a refused Decrypt");
                let cut = call("Decrypt").query("CiphertextBlob", &blob[..blob.len() / 2]).format(format);
                planted.assert_absent(&ways.send(way, &cut).body, "a refused Decrypt");

                let data_key = ways.send(way, &call("GenerateDataKey").query("KeyId", &key)).good();
                planted.made.push(STANDARD.decode(data_key.field("Plaintext")).unwrap());
                let password = ways.send(way, &call("GetRandomPassword")).good().field("RandomPassword");
                planted.made.push(password.into_bytes());

                let name = format!("canary-{number}");
                let value = planted.text("a~secret~of CreateSecret");
                let create = call("CreateSecret").query("SecretName", &name).query("VersionId", "1");
                let create = create.form("SecretData", &value).format(format);
                assert_eq!(ways.send(way, &create).status, 200);
                // The same name again, the same version with another value: errors about a value.
                let refused = ways.send(way, &create);
                assert_eq!(refused.status, 409);
                planted.assert_absent(&refused.body, "a refused CreateSecret");
                let other = planted.text("a~secret~of PutSecretValue");
                let put = |version: &str| {
                    call("PutSecretValue")
                        .query("SecretName", &name)
                        .query("VersionId", version)
                        .form("SecretData", &other)
                        .format(format)
                };
                let refused = ways.send(way, &put("1"));
                assert_eq!(refused.status, 409);
                planted.assert_absent(&refused.body, "a refused PutSecretValue");
                assert_eq!(ways.send(way, &put("2")).status, 200);
                let got = ways.send(way, &call("GetSecretValue").query("SecretName", &name)).good();
                assert_eq!(got.field("SecretData"), other);

                // A login of a host, with a password that is refused for its place and taken in the right one.
                let host = format!("acs/ecs/canary-{number}");
                let password = planted.text("a~secret~of a host");
                let config = r#"{"SecretSubType":"Password","RegionId":"cn-hangzhou","InstanceId":"i-1"}"#;
                let login = |field: &str| {
                    call("CreateSecret")
                        .query("SecretName", &host)
                        .query("SecretType", "ECS")
                        .query("VersionId", "1")
                        .query("ExtendedConfig", config)
                        .form("SecretData", format!("{{\"UserName\":\"root\",\"{field}\":\"{password}\"}}"))
                        .format(format)
                };
                let refused = ways.send(way, &login("PrivateKey"));
                assert_eq!(refused.status, 400);
                planted.assert_absent(&refused.body, "a refused login");
                assert_eq!(ways.send(way, &login("Password")).status, 200);
                let list = format!("[{{\"SecretName\":\"{host}\"}},{{\"SecretName\":\"none\"}}]");
                let batch = call("BatchGetSecretValue").query("SecretsList", list);
                let got = ways.send(way, &batch).good().json();
                let value = got["SecretValues"][0]["SecretData"].as_str().unwrap();
                assert!(value.contains(&password));
            }
        }
    }
}

/// Keys of every kind but the symmetric ones, with planted plaintexts and with data keys that the server makes.
fn key_pairs_and_macs(server: &Server, ways: &mut Ways, planted: &mut Planted) {
    let create = |spec: &str, usage: &str| {
        let made = Call::new("CreateKey").query("KeySpec", spec).query("KeyUsage", usage).send(server).good();
        let key = made.json()["KeyMetadata"]["KeyId"].as_str().unwrap().to_owned();
        let versions = Call::new("ListKeyVersions").query("KeyId", &key).send(server).good().json();
        let version = &versions["KeyVersions"]["KeyVersion"][0]["KeyVersionId"];
        (key, version.as_str().unwrap().to_owned())
    };
    let (symmetric, _) = create("Aliyun_SM4", "");
    let (mac_key, _) = create("HMAC_SHA_256", "");
    let (_, _) = create("HMAC_SM3", "");
    let signing = ["RSA_2048", "EC_P256", "EC_P256K"].map(|spec| (spec, create(spec, "")));
    let encrypting = ["RSA_2048", "EC_SM2"].map(|spec| (spec, create(spec, "ENCRYPT/DECRYPT")));
    let digest = STANDARD.encode([7; 32]);
    for (way, format) in (0..4).zip(["JSON", "XML", "JSON", "XML"]) {
        for (_, (key, version)) in &signing {
            let call = |action: &str| {
                Call::new(action)
                    .query("KeyId", key)
                    .query("KeyVersionId", version)
                    .query("Algorithm", "")
                    .query("Digest", &digest)
            };
            let value = ways.send(way, &call("AsymmetricSign")).good().field("Value");
            ways.send(way, &call("AsymmetricVerify").query("Value", value)).good();
            ways.send(way, &call("GetPublicKey")).good();
            let refused = ways.send(way, &call("AsymmetricDecrypt").query("CiphertextBlob", "AAAA"));
            assert_eq!(refused.status, 400);
        }
        for (spec, (key, version)) in &encrypting {
            let call = |action: &str| {
                Call::new(action).query("KeyId", key).query("KeyVersionId", version).query("Algorithm", "")
            };
            let plaintext = STANDARD.encode(planted.text("a~plaintext~of AsymmetricEncrypt"));
            let encrypt = call("AsymmetricEncrypt").query("Plaintext", &plaintext);
            let blob = ways.send(way, &encrypt).good().field("CiphertextBlob");
            let decrypt = call("AsymmetricDecrypt").query("CiphertextBlob", &blob);
            assert_eq!(ways.send(way, &decrypt).good().field("Plaintext"), plaintext);
            let moved = Call::new("ReEncrypt")
                .query("SourceKeyId", key)
                .query("SourceKeyVersionId", version)
                .query("CiphertextBlob", &blob)
                .query("DestinationKeyId", &symmetric);
            let moved = ways.send(way, &moved).good().field("CiphertextBlob");
            let opened = ways.send(way, &Call::new("Decrypt").query("CiphertextBlob", moved)).good();
            assert_eq!(opened.field("Plaintext"), plaintext);

            // Too long for the key; a blob that is cut short: errors about a plaintext.
            let long = planted.text("a~plaintext~of AsymmetricEncrypt").repeat(200);
            let too_long = call("AsymmetricEncrypt").form("Plaintext", STANDARD.encode(long)).format(format);
            let cut = call("AsymmetricDecrypt").query("CiphertextBlob", &blob[4..]).format(format);
            for call in [too_long, cut] {
                let refused = ways.send(way, &call);
                assert_eq!(refused.status, 400, "{spec}: {}", refused.text());
                planted.assert_absent(&refused.body, "a refused call with a key pair");
            }
        }
        let message = STANDARD.encode(planted.text("a~plaintext~of GenerateMac"));
        let call = |action: &str| {
            Call::new(action).query("KeyId", &mac_key).query("Algorithm", "").query("Message", &message)
        };
        let mac = ways.send(way, &call("GenerateMac")).good().field("Mac");
        ways.send(way, &call("VerifyMac").query("Mac", mac)).good();
        let refused = ways.send(way, &call("VerifyMac").query("Mac", "no base64").format(format));
        planted.assert_absent(&refused.body, "a refused VerifyMac");

        let (key, version) = &encrypting[0].1;
        let get = Call::new("GetPublicKey").query("KeyId", key).query("KeyVersionId", version);
        let pem = ways.send(way, &get).good().field("PublicKey");
        let wrapping = |action: &str| {
            let blob: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
            Call::new(action)
                .query("PublicKeyBlob", blob)
                .query("WrappingKeySpec", "RSA_2048")
                .query("WrappingAlgorithm", "RSAES_OAEP_SHA_256")
        };
        let generate = wrapping("GenerateAndExportDataKey").query("KeyId", &symmetric);
        let blob = ways.send(way, &generate).good().field("CiphertextBlob");
        ways.send(way, &wrapping("ExportDataKey").query("CiphertextBlob", &blob)).good();
        let opened = ways.send(way, &Call::new("Decrypt").query("CiphertextBlob", &blob)).good();
        planted.made.push(STANDARD.decode(opened.field("Plaintext")).unwrap());
    }
}

/// Requests that never become a call.
fn bad_heads(server: &Server, planted: &mut Planted) {
    let mark = crate::wire::escape(&planted.text("a~plaintext~of a bad head"));
    for request in [
        format!("GET /?Plaintext={mark} HTTP/9.9\r\n\r\n"),
        format!("GET /?Plaintext={mark}\u{7f} HTTP/1.1\r\nhost: a\r\n\r\n"),
        format!("POST /?Plaintext={mark} HTTP/1.1\r\nbad header {mark}\r\n\r\n"),
        format!("POST /?Plaintext={mark} HTTP/1.1\r\nhost: a\r\ncontent-length: {mark}\r\n\r\n"),
        format!("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n{mark}\r\n"),
        format!("{mark}\r\n\r\n"),
        format!("GET /?a={} HTTP/1.1\r\nhost: a\r\n\r\n", mark.repeat(3000)),
        format!("GET / HTTP/1.1\r\nhost: a\r\n{}\r\n", format!("x-a: {mark}\r\n").repeat(150)),
    ] {
        let mut connection = tcp(server.http());
        let answer = connection.send(request.as_bytes()).next().unwrap();
        if let Some(answer) = answer {
            assert!(answer.status >= 400, "{}", answer.text());
            planted.assert_absent(&answer.body, "a bare refusal");
        }
    }
    // Plain HTTP on the TLS port.
    let request = format!("GET /?Plaintext={mark} HTTP/1.1\r\nhost: a\r\n\r\n");
    let mut connection = tcp(server.https());
    connection.send(request.as_bytes());
    let mut bytes = Vec::new();
    let _ = std::io::Read::read_to_end(&mut connection.stream, &mut bytes);
    planted.assert_absent(&bytes, "a TLS alert");
}

/// What commands print holds no secret either.
#[test]
fn commands_print_no_secret() {
    let home = Home::new();
    let server = home.start_with(&mut home.serve_with_own_key());
    let profile = std::fs::read_to_string(home.data().join("root-access-key.ini")).unwrap();
    let secret =
        keystead_auth::credentials::ini::read(&profile, "default").unwrap().secret.expose().to_owned();
    let root_key = std::fs::read_to_string(home.data().join("root.key")).unwrap();
    let root_key = hex::decode(root_key.lines().nth(1).unwrap()).unwrap();
    let mut printed = Vec::new();
    let mut run = |arguments: &[&str]| {
        let output =
            home.run(home.command(arguments[0]).arg("--data-dir").arg(home.data()).args(&arguments[1..]));
        printed.extend(output.stdout);
        printed.extend(output.stderr);
    };
    run(&["status"]);
    run(&["config"]);
    run(&["backup", "--to", home.path("backup").to_str().unwrap()]);
    run(&["backup", "--to", home.path("backup").to_str().unwrap()]);
    // A second server, refused.
    run(&["serve"]);
    server.stop();
    run(&["status"]);
    // The environment's secret is not printed with the settings.
    let output = home.run(
        home.command("config")
            .env("KEYSTEAD_ROOT_ACCESS_KEY_ID", "LTAIx")
            .env("KEYSTEAD_ROOT_ACCESS_KEY_SECRET", ACCESS_KEY_SECRET),
    );
    printed.extend(output.stdout);
    printed.extend(output.stderr);
    printed.extend(home.log().into_bytes());
    assert!(printed.len() > 1000);
    for marker in [secret.as_bytes(), &root_key, ACCESS_KEY_SECRET.as_bytes()] {
        assert_eq!(find(&printed, marker), None);
    }
    let backup = std::fs::read(home.path("backup")).unwrap();
    for marker in [secret.as_bytes(), &root_key] {
        assert_eq!(find(&backup, marker), None, "in the backup");
    }
}
