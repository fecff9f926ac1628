//! Requests that parse as HTTP and are wrong, or at a limit: each gets the service's own answer.

use crate::server::{Home, Server};
use crate::signed::{Call, Parts, SIGNED, Scheme};
use crate::wire::{Answer, tcp};

fn raw(server: &Server, request: &str) -> Answer {
    tcp(server.http()).send(request.as_bytes()).answer()
}

fn key(server: &Server) -> String {
    Call::new("CreateKey").send(server).good().json()["KeyMetadata"]["KeyId"].as_str().unwrap().to_owned()
}

#[test]
fn undecodable_parameters() {
    let server = Home::new().start_here();
    for bad in ["%", "%1", "%zz", "%-1", "a=%e", "a=%ff", "%c0%af=1", "a=%ed%a0%80", "a=%80"] {
        let answer = raw(&server, &format!("GET /?{bad} HTTP/1.1\r\nhost: a\r\n\r\n"));
        answer.refused(400, "ParseRequestParameterException");
        let length = bad.len();
        let form = "content-type: application/x-www-form-urlencoded";
        let answer = raw(
            &server,
            &format!("POST / HTTP/1.1\r\nhost: a\r\n{form}\r\ncontent-length: {length}\r\n\r\n{bad}"),
        );
        answer.refused(400, "ParseRequestParameterException");
    }
    // Bytes that are no text, as they are: in a body, and in a target, where they are no URI.
    let mut request = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: 4\r\n\r\na=".to_vec();
    request.extend([0xff, 0xfe]);
    tcp(server.http()).send(&request).answer().refused(400, "ParseRequestParameterException");
    // Good signatures do not make it good.
    for scheme in SIGNED {
        let mut parts =
            Call::new("ListKeys").query("A", "1").scheme(scheme).parts(&server.http().to_string());
        parts.target.push_str("&B=%ff");
        parts.send(server.http()).refused(400, "ParseRequestParameterException");
    }
    server.assert_well();
}

#[test]
fn parameters_given_twice() {
    let server = Home::new().start_here();
    for scheme in SIGNED {
        let call = || Call::new("ListKeys").scheme(scheme);
        for twice in [
            call().query("PageSize", "1").query("PageSize", "1"),
            call().query("PageSize", "1").form("PageSize", "1"),
            call().form("PageSize", "1").form("PageSize", "2"),
            call().query("Unknown", "").query("Unknown", ""),
        ] {
            twice.send(&server).refused(400, "InvalidParameter");
        }
        // Names are told apart by case.
        call().query("PageSize", "1").query("pagesize", "x").send(&server).good();
        // Among many, where another way of looking is taken.
        let mut many = call();
        for number in 0..100 {
            many = many.query(&format!("P{number}"), "x");
        }
        many.clone().send(&server).good();
        many.query("P50", "y").send(&server).refused(400, "InvalidParameter");
    }
}

#[test]
fn too_many_parameters() {
    let server = Home::new().start_here();
    for scheme in SIGNED {
        let mut call = Call::new("ListKeys").scheme(scheme);
        for number in 0..10_000 {
            call = call.form(&format!("p{number}"), "x");
        }
        call.send(&server).refused(400, "InvalidParameter");
    }
    let mut query = String::new();
    for number in 0..9_000 {
        query.push_str(&format!("&p{number}"));
    }
    raw(&server, &format!("GET /?{query} HTTP/1.1\r\nhost: a\r\n\r\n")).refused(400, "InvalidParameter");
    server.assert_well();
}

#[test]
fn malformed_values() {
    let server = Home::new().start_here();
    let key = key(&server);
    for scheme in SIGNED {
        let call = |action: &str| Call::new(action).scheme(scheme);
        for blob in ["!!!", "not base64", "AAAA", "=", "QUJDRA", &"A".repeat(40_000), "ü", ""] {
            let code = call("Decrypt").query("CiphertextBlob", blob).send(&server).refusal();
            assert_eq!(code, (400, "InvalidParameter".to_owned()), "{blob:.20}");
        }
        for (action, name, value) in [
            ("ListKeys", "PageSize", "-1"),
            ("ListKeys", "PageSize", "99999999999999999999"),
            ("ListKeys", "PageNumber", "0x10"),
            ("ListKeys", "PageNumber", "1.5"),
            ("ListKeys", "PageNumber", ""),
            ("CreateKey", "EnableAutomaticRotation", "yes"),
            ("CreateKey", "KeySpec", "AES_512"),
            ("CreateKey", "KeyUsage", "encrypt/decrypt"),
            ("CreateKey", "Tags", "{"),
            ("DescribeSecret", "FetchTags", ""),
        ] {
            let answer = call(action).query(name, value).query("SecretName", "a").send(&server);
            let allowed = action == "DescribeSecret" && answer.status == 404;
            assert!(
                allowed || answer.refusal() == (400, "InvalidParameter".into()),
                "{action} {name}={value}: {}",
                answer.text()
            );
        }
        let encrypt = || call("Encrypt").query("KeyId", &key).query("Plaintext", "x");
        for context in ["[]", "1", "null", "{\"a\":1}", "{\"a\":{\"b\":\"c\"}}", "{\"a\":\"b\""] {
            let answer = encrypt().query("EncryptionContext", context).send(&server);
            assert_eq!(answer.refusal(), (400, "InvalidParameter".to_owned()), "{context}");
        }
    }
    server.assert_well();
}

#[test]
fn json_bombs() {
    let server = Home::new().start_here();
    let key = key(&server);
    let depth = 20_000;
    let bombs = [
        "[".repeat(60_000),
        format!("{}{}", "[".repeat(depth), "]".repeat(depth)),
        format!("{}1{}", "{\"a\":".repeat(8_000), "}".repeat(8_000)),
        format!("[{}1]", "1,".repeat(30_000)),
        format!("[{}{{}}]", "{},".repeat(20_000)),
        format!("\"{}\"", "\\u0000".repeat(10_000)),
        format!("1{}", "0".repeat(60_000)),
        format!("1e{}", "9".repeat(60_000)),
        format!("{{{}\"z\":\"\"}}", (0..5_000).map(|n| format!("\"k{n}\":\"\",")).collect::<String>()),
    ];
    for bomb in &bombs {
        for (action, parameter) in [
            ("ListKeys", "Filters"),
            ("ListSecrets", "Filters"),
            ("CreateKey", "Tags"),
            ("CreateSecret", "Tags"),
            ("Encrypt", "EncryptionContext"),
            ("GenerateDataKey", "EncryptionContext"),
            ("PutSecretValue", "VersionStages"),
            ("CreateSecret", "ExtendedConfig"),
        ] {
            let call = Call::new(action)
                .query("KeyId", &key)
                .query("Plaintext", "x")
                .query("SecretName", "bomb")
                .query("VersionId", "1")
                .query("SecretData", "x")
                .form(parameter, bomb);
            let answer = call.send(&server);
            // Put meets the missing secret, Create makes nothing of a config that a generic secret ignores.
            let (status, code) = match answer.status {
                200 => (200, String::new()),
                _ => answer.refusal(),
            };
            let elsewhere = action == "PutSecretValue" && code == "Forbidden.ResourceNotFound"
                || parameter == "ExtendedConfig" && [200, 409].contains(&status);
            assert!(
                elsewhere || (status, code.as_str()) == (400, "InvalidParameter"),
                "{action} {parameter} {bomb:.30}: {}",
                answer.text()
            );
        }
    }
    server.assert_well();
}

#[test]
fn values_up_to_their_maximum_work_in_the_body() {
    let server = Home::new().start_here();
    let key = key(&server);
    // Each byte takes three in the form.
    let value = "é".repeat(30_720 / 2);
    for (number, scheme) in SIGNED.into_iter().enumerate() {
        let name = format!("longest-{number}");
        let create = |value: &str| {
            Call::new("CreateSecret")
                .scheme(scheme)
                .query("SecretName", &name)
                .query("VersionId", "v".repeat(64))
                .form("SecretData", value)
        };
        create(&format!("{value}x")).send(&server).refused(400, "InvalidParameter");
        create(&value).form("Description", "說".repeat(8_192)).send(&server).good();
        let got = Call::new("GetSecretValue").query("SecretName", &name).send(&server).good();
        assert_eq!(got.field("SecretData"), value);
        assert_eq!(got.field("VersionId"), "v".repeat(64));

        let plaintext = "é".repeat(3_072);
        let context = format!("{{\"k\":\"{}\"}}", "c".repeat(8_192 - 8));
        let encrypt = |text: &str, context: &str| {
            Call::new("Encrypt")
                .scheme(scheme)
                .query("KeyId", &key)
                .form("Plaintext", text)
                .form("EncryptionContext", context)
        };
        encrypt(&format!("{plaintext}x"), &context).send(&server).refused(400, "InvalidParameter");
        encrypt(&plaintext, &context.replacen('c', "cc", 1)).send(&server).refused(400, "InvalidParameter");
        let sealed = encrypt(&plaintext, &context).send(&server).good();
        let opened = Call::new("Decrypt")
            .scheme(scheme)
            .form("CiphertextBlob", sealed.field("CiphertextBlob"))
            .form("EncryptionContext", &context);
        assert_eq!(opened.send(&server).good().field("Plaintext"), plaintext);
    }
}

#[test]
fn a_target_of_64_kib_works_and_a_longer_one_is_414() {
    let server = Home::new().start_here();
    let host = server.http().to_string();
    for scheme in SIGNED {
        let padded = |length: usize| -> Parts {
            let short = Call::new("CreateKey").scheme(scheme).query("Pad", "").parts(&host);
            // A V1 signature's escapes make the target's length differ a little from call to call.
            let pad = length - short.target.len();
            Call::new("CreateKey").scheme(scheme).query("Pad", "p".repeat(pad)).parts(&host)
        };
        for length in [10_000, 65_000, 65_500] {
            let parts = padded(length);
            assert!(parts.target.len().abs_diff(length) < 20);
            parts.send(server.http()).good();
        }
        for length in [66_000, 70_000, 100_000] {
            let mut connection = tcp(server.http());
            let answer = connection.send(&padded(length).bytes()).answer();
            assert_eq!(answer.status, 414);
            assert!(connection.is_closed());
        }
    }
    // Values in the query that are nearly so long.
    let value = "s".repeat(30_720);
    let call = Call::new("CreateSecret").query("SecretName", "in-query").query("VersionId", "1");
    call.query("SecretData", &value).send(&server).good();
    let got = Call::new("GetSecretValue").query("SecretName", "in-query").send(&server).good();
    assert_eq!(got.field("SecretData"), value);
    server.assert_well();
}

#[test]
fn other_methods_are_refused() {
    let server = Home::new().start_here();
    for method in ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "post", "X"] {
        let answer = raw(&server, &format!("{method} / HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nabc"));
        assert_eq!(answer.refusal(), (403, "UnsupportedHTTPMethod".to_owned()), "{method}");
    }
    for scheme in SIGNED {
        Call::new("ListKeys")
            .scheme(scheme)
            .method("DELETE")
            .send(&server)
            .refused(403, "UnsupportedHTTPMethod");
    }
    // An answer to HEAD has no body, but the length of the one that it does not have.
    let request = b"HEAD / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    let mut bytes = Vec::new();
    let mut connection = tcp(server.http());
    connection.send(request);
    std::io::Read::read_to_end(&mut connection.stream, &mut bytes).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.starts_with("HTTP/1.1 403 ") && text.ends_with("\r\n\r\n"), "{text}");
    server.assert_well();
}

#[test]
fn heads_that_are_odd_but_good_http() {
    let server = Home::new().start_here();
    let address = server.http();
    let host = address.to_string();
    // Without Host nothing can be signed rightly.
    raw(&server, "POST / HTTP/1.1\r\ncontent-length: 0\r\n\r\n").refused(400, "IncompleteSignature");
    let parts = Call::new("ListKeys").parts(&host).set("host", None);
    parts.send(address).refused(400, "IncompleteSignature");
    // V1 does not sign it.
    Call::new("ListKeys").scheme(Scheme::V1).parts(&host).set("host", None).send(address).good();
    // The absolute form of a target, as a proxy sends it.
    for scheme in SIGNED {
        let mut parts = Call::new("ListKeys").query("A", "1").scheme(scheme).parts(&host);
        parts.target = format!("http://{host}{}", parts.target);
        parts.send(address).good();
    }
    let mut parts = Call::new("ListKeys").parts(&host);
    parts.target = format!("http://elsewhere.example.org{}", parts.target);
    parts.send(address).refused(400, "IncompleteSignature");
    // HTTP/1.0, of which the connection is closed after the answer.
    let request =
        String::from_utf8(Call::new("ListKeys").bytes(&host)).unwrap().replace("HTTP/1.1", "HTTP/1.0");
    let mut connection = tcp(address);
    connection.send(request.as_bytes()).answer().good();
    assert!(connection.is_closed());
    // Header names in any case, empty lines before the request, spaces around values.
    let request = String::from_utf8(Call::new("ListKeys").bytes(&host)).unwrap();
    let request =
        format!("\r\n{}", request.replace("x-acs-action: ", "X-ACS-Action:  \t").replace("host: ", "HOST:"));
    raw(&server, &request).good();
    // A body that is no form is no parameters.
    let json = r#"{"KeyId":"x"}"#;
    for kind in ["application/json", "text/plain", "multipart/form-data; boundary=x"] {
        let mut parts = Call::new("DescribeKey").header("content-type", kind).parts(&host);
        parts.body = json.to_owned();
        // The body was changed after signing.
        parts.send(address).refused(400, "SignatureDoesNotMatch");
    }
    // Nor are header values that are no text.
    let mut bytes =
        b"POST / HTTP/1.1\r\nhost: a\r\nauthorization: \xff\xfe\r\ncontent-length: 0\r\n\r\n".to_vec();
    tcp(address).send(&bytes).answer().refused(400, "IncompleteSignature");
    bytes = b"POST / HTTP/1.1\r\nhost: \xff\r\ncontent-length: 0\r\n\r\n".to_vec();
    tcp(address).send(&bytes).answer().refused(400, "IncompleteSignature");
    // Ninety headers are many, and allowed.
    let mut parts = Call::new("ListKeys").parts(&host);
    for _ in 0..80 {
        parts.headers.append("x-extra", "1".parse().unwrap());
    }
    parts.send(address).good();
    server.assert_well();
}
