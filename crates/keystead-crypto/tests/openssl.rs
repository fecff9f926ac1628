//! The same keys, signatures and ciphertexts in OpenSSL's command line, in both directions.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod common;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use common::material;
use keystead_crypto::{
    EncryptionAlgorithm, KeyPairSpec, PrivateKey, Random as _, SignatureAlgorithm, SystemRandom,
    WrappingAlgorithm, sha256,
};

/// How many random SM2 cases.
const SM2_CASES: usize = 100;
const IDENTITY: &str = "1234567812345678";

/// A folder with files for the command, which reads nothing else.
struct OpenSsl(tempfile::TempDir);

impl OpenSsl {
    /// None where the command is missing; the test says so and ends.
    fn find() -> Option<Self> {
        let there =
            Command::new("openssl").arg("version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        if !there.is_ok_and(|status| status.success()) {
            println!("left out: this machine has no command `openssl`");
            return None;
        }
        Some(Self(tempfile::tempdir().unwrap()))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).unwrap();
    }

    fn put(&self, key: &PrivateKey) {
        self.write("key.der", key.to_material().unwrap().expose());
        self.write("public.pem", key.public_key().pem());
    }

    /// Runs it in the folder; the output when it succeeded.
    fn run(&self, line: &str) -> Option<Vec<u8>> {
        run(self.0.path(), line)
    }

    /// The same, for what has to succeed.
    fn must(&self, line: &str) -> Vec<u8> {
        self.run(line).unwrap_or_else(|| panic!("openssl {line}"))
    }
}

fn run(folder: &Path, line: &str) -> Option<Vec<u8>> {
    let output = Command::new("openssl").current_dir(folder).args(line.split(' ')).output().unwrap();
    output.status.success().then_some(output.stdout)
}

const SPECS: [(KeyPairSpec, &str); 6] = [
    (KeyPairSpec::Rsa2048, "-algorithm RSA -pkeyopt rsa_keygen_bits:2048"),
    (KeyPairSpec::Rsa3072, "-algorithm RSA -pkeyopt rsa_keygen_bits:3072"),
    (KeyPairSpec::Rsa4096, "-algorithm RSA -pkeyopt rsa_keygen_bits:4096"),
    (KeyPairSpec::EcP256, "-algorithm EC -pkeyopt ec_paramgen_curve:P-256"),
    (KeyPairSpec::EcP256k, "-algorithm EC -pkeyopt ec_paramgen_curve:secp256k1"),
    (KeyPairSpec::Sm2, "-algorithm SM2"),
];

/// Signatures in both directions; the key lies in the folder.
fn check_signatures(openssl: &OpenSsl, key: &PrivateKey) {
    let digest = sha256(b"a message");
    openssl.write("digest", digest);
    for algorithm in SignatureAlgorithm::ALL {
        let Ok(signature) = key.sign(&SystemRandom, *algorithm, &digest) else { continue };
        openssl.write("signature", signature);
        let options = match algorithm {
            SignatureAlgorithm::RsaPssSha256 => {
                " -pkeyopt digest:sha256 -pkeyopt rsa_padding_mode:pss -pkeyopt rsa_pss_saltlen:32"
            }
            SignatureAlgorithm::RsaPkcs1Sha256 | SignatureAlgorithm::EcdsaSha256 => " -pkeyopt digest:sha256",
            SignatureAlgorithm::Sm2Dsa => "",
        };
        openssl.must(&format!(
            "pkeyutl -verify -pubin -inkey public.pem -sigfile signature -in digest{options}"
        ));
        // OpenSSL takes either s on secp256k1 and makes either: several tries meet both.
        for _ in 0..if *algorithm == SignatureAlgorithm::EcdsaSha256 { 8 } else { 1 } {
            let theirs =
                openssl.must(&format!("pkeyutl -sign -keyform DER -inkey key.der -in digest{options}"));
            assert!(key.public_key().verify(*algorithm, &digest, &theirs).unwrap(), "{algorithm:?}");
        }
        openssl.write("digest", sha256(b"another message"));
        let line = format!("pkeyutl -verify -pubin -inkey public.pem -sigfile signature -in digest{options}");
        assert!(openssl.run(&line).is_none());
        openssl.write("digest", digest);
    }
}

/// Ciphertexts in both directions; the key lies in the folder.
fn check_ciphertexts(openssl: &OpenSsl, key: &PrivateKey) {
    for algorithm in EncryptionAlgorithm::ALL {
        let Some(max) = key.public_key().max_plaintext(*algorithm) else { continue };
        let options = match algorithm {
            EncryptionAlgorithm::RsaesOaepSha256 => {
                " -pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256 -pkeyopt rsa_mgf1_md:sha256"
            }
            EncryptionAlgorithm::RsaesOaepSha1 => {
                " -pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha1 -pkeyopt rsa_mgf1_md:sha1"
            }
            EncryptionAlgorithm::Sm2Pke => "",
        };
        for len in [1, 32, max] {
            let plaintext = vec![len as u8; len];
            openssl.write(
                "ciphertext",
                key.public_key().encrypt(&SystemRandom, *algorithm, &plaintext).unwrap(),
            );
            openssl.write("plaintext", &plaintext);
            let line = format!("pkeyutl -decrypt -keyform DER -inkey key.der -in ciphertext{options}");
            assert!(openssl.must(&line) == plaintext, "{algorithm:?} {len}");
            let theirs =
                openssl.must(&format!("pkeyutl -encrypt -pubin -inkey public.pem -in plaintext{options}"));
            assert_eq!(key.decrypt(*algorithm, &theirs).unwrap().as_slice(), plaintext);
        }
    }
}

#[test]
fn our_keys_are_read_and_agree() {
    let Some(openssl) = OpenSsl::find() else { return };
    for (spec, _) in SPECS {
        let key = PrivateKey::generate(spec, &SystemRandom).unwrap();
        openssl.put(&key);
        let spki = openssl.must("pkey -inform DER -in key.der -pubout -outform DER");
        assert_eq!(spki, key.public_key().spki(), "{spec:?}");
        assert_eq!(openssl.must("pkey -pubin -in public.pem -pubout"), key.public_key().pem().as_bytes());
        openssl.must("pkey -inform DER -in key.der -check -noout");
        check_signatures(&openssl, &key);
        check_ciphertexts(&openssl, &key);
    }
}

#[test]
fn their_keys_are_read_and_agree() {
    let Some(openssl) = OpenSsl::find() else { return };
    for (spec, options) in SPECS {
        openssl.must(&format!("genpkey {options} -out theirs.pem"));
        let der = openssl.must("pkcs8 -topk8 -nocrypt -in theirs.pem -outform DER");
        let key = PrivateKey::from_material(spec, &material(&der)).unwrap();
        openssl.write("key.der", der);
        openssl.write("public.pem", key.public_key().pem());
        assert_eq!(openssl.must("pkey -inform DER -in key.der -pubout"), key.public_key().pem().as_bytes());
        check_signatures(&openssl, &key);
        check_ciphertexts(&openssl, &key);
    }
}

#[test]
fn their_wrapped_material_comes_out() {
    let Some(openssl) = OpenSsl::find() else { return };
    let key = PrivateKey::generate(KeyPairSpec::Rsa2048, &SystemRandom).unwrap();
    openssl.put(&key);
    openssl.write("plaintext", [0x42; 32]);
    for (algorithm, options) in [
        (WrappingAlgorithm::RsaesPkcs1V15, "rsa_padding_mode:pkcs1"),
        (WrappingAlgorithm::RsaesOaepSha1, "rsa_padding_mode:oaep"),
        (WrappingAlgorithm::RsaesOaepSha256, "rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256"),
    ] {
        let wrapped = openssl
            .must(&format!("pkeyutl -encrypt -pubin -inkey public.pem -in plaintext -pkeyopt {options}"));
        let unwrapped = key.unwrap_material(&SystemRandom, algorithm, &wrapped, 32).unwrap();
        assert_eq!(unwrapped.expose(), [0x42; 32]);
        assert!(key.unwrap_material(&SystemRandom, algorithm, &wrapped, 16).is_err());
    }
}

#[test]
fn a_hundred_sm2_cases_agree() {
    let Some(openssl) = OpenSsl::find() else { return };
    for number in 0..SM2_CASES {
        let key = PrivateKey::generate(KeyPairSpec::Sm2, &SystemRandom).unwrap();
        openssl.put(&key);
        let mut random = [0; 300];
        SystemRandom.fill(&mut random).unwrap();
        let message = &random[..1 + usize::from(random[0]) % 200];
        openssl.write("message", message);
        // With the identity: the command would otherwise take the empty one.
        let e = key.public_key().sm2_digest(IDENTITY, message).unwrap();
        let options = format!("-rawin -digest sm3 -pkeyopt distid:{IDENTITY} -in message");
        openssl.write("signature", key.sign(&SystemRandom, SignatureAlgorithm::Sm2Dsa, &e).unwrap());
        openssl.must(&format!("pkeyutl -verify -pubin -inkey public.pem -sigfile signature {options}"));
        let theirs = openssl.must(&format!("pkeyutl -sign -keyform DER -inkey key.der {options}"));
        assert!(key.public_key().verify(SignatureAlgorithm::Sm2Dsa, &e, &theirs).unwrap(), "{number}");

        let algorithm = EncryptionAlgorithm::Sm2Pke;
        openssl.write("ciphertext", key.public_key().encrypt(&SystemRandom, algorithm, message).unwrap());
        assert_eq!(openssl.must("pkeyutl -decrypt -keyform DER -inkey key.der -in ciphertext"), message);
        let theirs = openssl.must("pkeyutl -encrypt -pubin -inkey public.pem -in message");
        assert_eq!(key.decrypt(algorithm, &theirs).unwrap().as_slice(), message, "{number}");
    }
}
