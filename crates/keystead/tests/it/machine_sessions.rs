//! Where sessions are given away: nowhere by default, and not beyond loopback unless that is said plainly.

use std::net::SocketAddr;

use crate::server::{Home, Server};
use crate::wire::tcp;

fn endpoint(server: &Server, name: &str) -> Option<SocketAddr> {
    let address = server.ready.pointer(&format!("/endpoints/{name}")).unwrap();
    address.as_str().map(|text| text.parse().unwrap())
}

fn get(address: SocketAddr, path: &str) -> (u16, String) {
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\n\r\n");
    let answer = tcp(address).send(request.as_bytes()).answer();
    (answer.status, answer.text())
}

#[test]
fn products_share_the_listeners_and_nothing_is_given_away() {
    let server = Home::new().start_here();
    let endpoints = &server.ready["endpoints"];
    for product in ["sts", "ram", "ims"] {
        assert_eq!(endpoints[product], endpoints["shared"], "{product}");
    }
    assert_eq!(endpoint(&server, "metadata"), None);
    assert_eq!(endpoint(&server, "credentials_uri"), None);
}

#[test]
fn endpoints_wait_for_their_role() {
    let home = Home::new();
    let mut serve = home.serve();
    serve.args(["--metadata-listen", "127.0.0.1:0", "--metadata-role", "app"]);
    serve.args(["--credentials-uri-listen", "127.0.0.1:0", "--credentials-uri-role", "app"]);
    serve.args(["--credentials-uri-path", "/of-app"]);
    let server = home.start_with(&mut serve);
    let (metadata, uri) =
        (endpoint(&server, "metadata").unwrap(), endpoint(&server, "credentials_uri").unwrap());
    let none = (404, "no credentials".to_owned());
    let path = "/latest/meta-data/ram/security-credentials/";
    assert_eq!(get(metadata, path), (200, "app".to_owned()));
    assert_eq!(get(metadata, &format!("{path}app")), none);
    assert_eq!(get(uri, "/of-app"), none);
    assert_eq!(get(uri, "/credentials").0, 404);
    // The operator is told why.
    assert!(home.log().contains("EntityNotExist.Role"), "{}", home.log());
    // No other door leads to the service.
    assert_eq!(get(uri, "/?Action=AssumeRoleWithOIDC&Version=2015-04-01").0, 404);
    server.assert_well();
}

#[test]
fn an_open_door_must_be_meant() {
    let home = Home::new();
    for (arguments, expected) in [
        (["--metadata-listen", "0.0.0.0:0", "--metadata-role", "app"], "metadata.beyond_loopback"),
        (
            ["--credentials-uri-listen", "0.0.0.0:0", "--credentials-uri-role", "app"],
            "credentials_uri.beyond_loopback",
        ),
        (["--metadata-listen", "127.0.0.1:0", "--metadata-role", ""], "metadata.role"),
        (["--credentials-uri-listen", "127.0.0.1:0", "--credentials-uri-role", ""], "credentials_uri.role"),
    ] {
        let text = home.refused(home.serve().args(arguments));
        assert!(text.contains(expected), "{arguments:?}: {text}");
    }
    let mut path = home.serve();
    path.args([
        "--credentials-uri-listen",
        "127.0.0.1:0",
        "--credentials-uri-role",
        "a",
        "--credentials-uri-path",
        "x",
    ]);
    assert!(home.refused(&mut path).contains("credentials_uri.path"));
    let mut meant = home.serve();
    meant.args(["--metadata-listen", "0.0.0.0:0", "--metadata-role", "app", "--metadata-beyond-loopback"]);
    home.start_with(&mut meant).stop();
}
