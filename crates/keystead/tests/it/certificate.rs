//! The certificate that TLS clients are shown, looked at with another program.

use std::fs;
use std::process::{Command, Stdio};

use rustls_pki_types::CertificateDer;
use rustls_pki_types::ServerName;
use rustls_pki_types::pem::PemObject as _;

use crate::server::{Home, Server};
use crate::signed::Call;
use crate::wire::{Connection, Tls, client_config, tls};

/// What `openssl` says of a certificate; none where there is no such program.
fn openssl(home: &Home, certificate: &[u8], arguments: &[&str]) -> Option<String> {
    let file = home.path("leaf.der");
    fs::write(&file, certificate).unwrap();
    let output = Command::new("openssl")
        .args(["x509", "-inform", "DER", "-noout", "-in"])
        .arg(&file)
        .args(arguments)
        .output()
        .ok()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}

fn connect(server: &Server) -> Connection<Tls> {
    let mut connection = tls(server.https(), client_config(server.ca_file(), &[b"http/1.1"]));
    connection.send(&Call::new("ListKeys").bytes(&server.https().to_string())).answer().good();
    connection
}

fn leaf(server: &Server) -> CertificateDer<'static> {
    let connection = connect(server);
    let chain = connection.stream.conn.peer_certificates().unwrap();
    // The CA's certificate is what clients have already.
    assert_eq!(chain.len(), 1);
    chain[0].clone().into_owned()
}

#[test]
fn names_and_validity() {
    let home = Home::new();
    let mut serve = home.serve();
    serve.args(["--tls-name", "kms.example.org", "--tls-name", "192.0.2.7", "--tls-name", "2001:db8::7"]);
    let server = home.start_with(&mut serve);
    let leaf = leaf(&server);
    // Without the program the handshakes below still check names.
    if let Some(text) = openssl(&home, &leaf, &["-text"]) {
        for name in [
            "DNS:localhost",
            "IP Address:127.0.0.1",
            "IP Address:0:0:0:0:0:0:0:1",
            "DNS:kms.example.org",
            "IP Address:192.0.2.7",
            "IP Address:2001:DB8:0:0:0:0:0:7",
            "TLS Web Server Authentication",
            "Digital Signature",
            "Authority Key Identifier",
        ] {
            assert!(text.contains(name), "{name} is missing: {text}");
        }
        assert!(!text.contains("CA:TRUE"), "{text}");
        // The host's own name.
        let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
        assert!(text.contains(&format!("DNS:{}", host.trim())), "{text}");
        let days = |seconds: i64| openssl_checkend(&home, &leaf, seconds);
        assert!(days(90 * 86_400 - 600), "it ends before ninety days are over");
        assert!(!days(90 * 86_400 + 600), "it lives longer than ninety days");
        let ca = CertificateDer::from_pem_file(server.ca_file()).unwrap();
        let text = openssl(&home, &ca, &["-text"]).unwrap();
        for part in ["CA:TRUE, pathlen:0", "Certificate Sign", "Keystead private CA"] {
            assert!(text.contains(part), "{part} is missing: {text}");
        }
        assert!(openssl_checkend(&home, &ca, 3_650 * 86_400 - 600));
    }
    for (name, right) in [
        ("localhost", true),
        ("127.0.0.1", true),
        ("::1", true),
        ("kms.example.org", true),
        ("192.0.2.7", true),
        ("2001:db8::7", true),
        ("other.example.org", false),
        ("192.0.2.8", false),
    ] {
        assert_eq!(handshake(&server, name), right, "{name}");
    }
}

fn openssl_checkend(home: &Home, certificate: &[u8], seconds: i64) -> bool {
    let file = home.path("leaf.der");
    fs::write(&file, certificate).unwrap();
    let status = Command::new("openssl")
        .args(["x509", "-inform", "DER", "-noout", "-checkend", &seconds.to_string(), "-in"])
        .arg(&file)
        .output()
        .unwrap()
        .status;
    status.success()
}

/// Whether a client that looks for this name accepts the server.
fn handshake(server: &Server, name: &str) -> bool {
    let config = client_config(server.ca_file(), &[b"http/1.1"]);
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let mut connection = rustls::ClientConnection::new(config, name).unwrap();
    let mut stream = crate::wire::tcp(server.https()).stream;
    loop {
        match connection.complete_io(&mut stream) {
            Ok(_) if !connection.is_handshaking() => return true,
            Ok(_) => {}
            Err(_) => return false,
        }
    }
}

#[test]
fn the_ca_stays_and_the_certificate_is_new_with_each_start() {
    let home = Home::new();
    let server = home.start();
    let (first, ca) = (leaf(&server), fs::read(server.ca_file()).unwrap());
    server.stop();
    let server = home.start();
    assert_eq!(fs::read(server.ca_file()).unwrap(), ca);
    assert_ne!(leaf(&server), first);
    server.stop();
    // A CA file that was changed or lost is written again from the store, where the key is.
    fs::remove_file(home.data().join("ca.pem")).unwrap();
    let server = home.start();
    assert_eq!(fs::read(server.ca_file()).unwrap(), ca);
    connect(&server);
}

#[test]
fn another_installations_ca_is_not_trusted() {
    let (ours, theirs) = (Home::new().start_here(), Home::new().start_here());
    let config = client_config(theirs.ca_file(), &[b"http/1.1"]);
    let mut connection = rustls::ClientConnection::new(config, ServerName::from(ours.https().ip())).unwrap();
    let mut stream = crate::wire::tcp(ours.https()).stream;
    let refused = loop {
        match connection.complete_io(&mut stream) {
            Ok(_) if !connection.is_handshaking() => break None,
            Ok(_) => {}
            Err(error) => break Some(error),
        }
    };
    assert!(refused.unwrap().to_string().contains("certificate"));
    ours.assert_well();
}

#[test]
fn old_tls_is_refused() {
    let server = Home::new().start_here();
    let s_client = |arguments: &[&str]| {
        let mut command = Command::new("openssl");
        command.args(["s_client", "-connect", &server.https().to_string()]).args(arguments);
        command.arg("-CAfile").arg(server.ca_file()).stdin(Stdio::null());
        command.output().ok()
    };
    // openssl speaks what rustls does not know any more.
    for version in ["-tls1", "-tls1_1"] {
        let Some(output) = s_client(&[version, "-cipher", "ALL:@SECLEVEL=0"]) else { return };
        assert!(!output.status.success(), "{version}: {}", String::from_utf8_lossy(&output.stdout));
    }
    for version in ["-tls1_2", "-tls1_3"] {
        let output = s_client(&[version, "-verify_return_error"]).unwrap();
        assert!(output.status.success(), "{version}: {}", String::from_utf8_lossy(&output.stderr));
    }
    server.assert_well();
}
