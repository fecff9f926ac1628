//! Signatures, ciphertexts and exported keys beside OpenSSL's command line. Where there is no such program, nothing is shown.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::server::{Home, Server};
use crate::signed::Call;

/// A folder to hand files over in, and the program.
struct OpenSsl<'a>(&'a Home);

impl OpenSsl<'_> {
    fn is_there() -> bool {
        let mut version = Command::new("openssl");
        version.arg("version").stdout(Stdio::null()).stderr(Stdio::null());
        version.status().is_ok_and(|status| status.success())
    }

    fn file(&self, name: &str, content: &[u8]) -> String {
        let path: PathBuf = self.0.path(name);
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// What it writes to standard output; fails with what it complains of.
    fn run(&self, arguments: &[&str]) -> Vec<u8> {
        let output = Command::new("openssl").args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }
}

/// A key pair of the service, with its public key in a file.
struct Pair {
    key: String,
    version: String,
    pem: String,
}

impl Pair {
    fn new(server: &Server, openssl: &OpenSsl<'_>, spec: &str, usage: &str) -> Self {
        let create = Call::new("CreateKey").query("KeySpec", spec).query("KeyUsage", usage);
        let made = create.send(server).good().json();
        let key = made["KeyMetadata"]["KeyId"].as_str().unwrap().to_owned();
        let versions = Call::new("ListKeyVersions").query("KeyId", &key).send(server).good().json();
        let version = &versions["KeyVersions"]["KeyVersion"][0]["KeyVersionId"];
        let version = version.as_str().unwrap().to_owned();
        let get = Call::new("GetPublicKey").query("KeyId", &key).query("KeyVersionId", &version);
        let pem = get.send(server).good().field("PublicKey");
        let pem = openssl.file("public.pem", pem.as_bytes());
        Self { key, version, pem }
    }

    fn call(&self, action: &str, algorithm: &str) -> Call {
        Call::new(action)
            .query("KeyId", &self.key)
            .query("KeyVersionId", &self.version)
            .query("Algorithm", algorithm)
    }
}

const PSS: &[&str] = &["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:-1"];
const OAEP_SHA_256: &[&str] = &[
    "-pkeyopt",
    "rsa_padding_mode:oaep",
    "-pkeyopt",
    "rsa_oaep_md:sha256",
    "-pkeyopt",
    "rsa_mgf1_md:sha256",
];
const OAEP_SHA_1: &[&str] =
    &["-pkeyopt", "rsa_padding_mode:oaep", "-pkeyopt", "rsa_oaep_md:sha1", "-pkeyopt", "rsa_mgf1_md:sha1"];

#[test]
fn signatures_are_right_for_openssl() {
    let server = Home::new().start_here();
    if !OpenSsl::is_there() {
        return;
    }
    let openssl = OpenSsl(server.home());
    let message = openssl.file("message", b"what is signed");
    let digest = openssl.run(&["dgst", "-sha256", "-binary", &message]);
    for (spec, algorithm, options) in [
        ("RSA_2048", "RSA_PSS_SHA_256", PSS),
        ("RSA_2048", "RSA_PKCS1_SHA_256", &[]),
        ("RSA_3072", "RSA_PSS_SHA_256", PSS),
        ("EC_P256", "ECDSA_SHA_256", &[]),
        ("EC_P256K", "ECDSA_SHA_256", &[]),
    ] {
        let pair = Pair::new(&server, &openssl, spec, "SIGN/VERIFY");
        let sign = pair.call("AsymmetricSign", algorithm).query("Digest", STANDARD.encode(&digest));
        let value = STANDARD.decode(sign.send(&server).good().field("Value")).unwrap();
        let signature = openssl.file("signature", &value);
        let arguments = ["dgst", "-sha256", "-verify", &pair.pem, "-signature", &signature];
        let said = openssl.run(&[&arguments, options, &[message.as_str()]].concat());
        assert_eq!(said, b"Verified OK\n", "{spec} {algorithm}");
    }
    // The digest of SM2 holds a hash of the public key, which the client computes; here it is given as it is.
    let pair = Pair::new(&server, &openssl, "EC_SM2", "SIGN/VERIFY");
    let sign = pair.call("AsymmetricSign", "SM2DSA").query("Digest", STANDARD.encode(&digest));
    let value = STANDARD.decode(sign.send(&server).good().field("Value")).unwrap();
    let (digest, signature) = (openssl.file("digest", &digest), openssl.file("signature", &value));
    let verify =
        ["pkeyutl", "-verify", "-pubin", "-inkey", &pair.pem, "-in", &digest, "-sigfile", &signature];
    assert_eq!(openssl.run(&verify), b"Signature Verified Successfully\n");
}

#[test]
fn what_openssl_encrypts_is_decrypted() {
    let server = Home::new().start_here();
    if !OpenSsl::is_there() {
        return;
    }
    let openssl = OpenSsl(server.home());
    let plaintext = b"what is encrypted";
    let message = openssl.file("message", plaintext);
    for (spec, algorithm, options) in [
        ("RSA_2048", "RSAES_OAEP_SHA_256", OAEP_SHA_256),
        ("RSA_2048", "RSAES_OAEP_SHA_1", OAEP_SHA_1),
        ("RSA_3072", "RSAES_OAEP_SHA_256", OAEP_SHA_256),
        ("EC_SM2", "SM2PKE", &[]),
    ] {
        let pair = Pair::new(&server, &openssl, spec, "ENCRYPT/DECRYPT");
        let arguments = ["pkeyutl", "-encrypt", "-pubin", "-inkey", &pair.pem, "-in", &message];
        let blob = STANDARD.encode(openssl.run(&[&arguments[..], options].concat()));
        let decrypt = pair.call("AsymmetricDecrypt", algorithm).query("CiphertextBlob", &blob);
        let opened = decrypt.send(&server).good().field("Plaintext");
        assert_eq!(STANDARD.decode(opened).unwrap(), plaintext, "{spec} {algorithm}");
    }
}

#[test]
fn exported_data_keys_reach_openssl() {
    let server = Home::new().start_here();
    if !OpenSsl::is_there() {
        return;
    }
    let openssl = OpenSsl(server.home());
    let made = Call::new("CreateKey").send(&server).good().json();
    let key = made["KeyMetadata"]["KeyId"].as_str().unwrap();
    let rsa: &[&str] = &["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"];
    let sm2: &[&str] = &["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:SM2"];
    for (spec, algorithm, generate, options) in [
        ("RSA_2048", "RSAES_OAEP_SHA_256", rsa, OAEP_SHA_256),
        ("RSA_2048", "RSAES_OAEP_SHA_1", rsa, OAEP_SHA_1),
        ("EC_SM2", "SM2PKE", sm2, &[]),
    ] {
        let private = openssl.file("private.pem", &openssl.run(generate));
        let public = openssl.run(&["pkey", "-in", &private, "-pubout", "-outform", "DER"]);
        let export = Call::new("GenerateAndExportDataKey")
            .query("KeyId", key)
            .query("PublicKeyBlob", STANDARD.encode(public))
            .query("WrappingKeySpec", spec)
            .query("WrappingAlgorithm", algorithm);
        let answer = export.send(&server).good();
        let exported = openssl.file("exported", &STANDARD.decode(answer.field("ExportedDataKey")).unwrap());
        let arguments = ["pkeyutl", "-decrypt", "-inkey", &private, "-in", &exported];
        let data_key = openssl.run(&[&arguments[..], options].concat());
        let decrypt = Call::new("Decrypt").query("CiphertextBlob", answer.field("CiphertextBlob"));
        let opened = decrypt.send(&server).good().field("Plaintext");
        assert_eq!(opened, STANDARD.encode(data_key), "{spec} {algorithm}");
    }
}
