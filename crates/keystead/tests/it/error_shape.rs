//! What answers look like, good ones and errors.

use std::collections::HashSet;

use serde_json::Value;

use crate::server::{Home, Server};
use crate::signed::{Call, SIGNED, Scheme};
use crate::wire::Answer;

const JSON: &str = "application/json;charset=utf-8";
/// Official clients compare this text exactly.
const XML: &str = "text/xml;charset=utf-8";

/// An error of each kind, with its status and code.
fn errors(server: &Server, format: Option<&'static str>) -> Vec<(Answer, u16, &'static str)> {
    let mut answers = Vec::new();
    for scheme in SIGNED {
        let call = |action: &str| {
            let mut call = Call::new(action).scheme(scheme);
            call.format = format;
            call
        };
        let mut add = |call: Call, status, code| answers.push((call.send(server), status, code));
        add(call("DescribeRegions").wrongly_signed(), 400, "SignatureDoesNotMatch");
        add(call("DescribeRegions").key("LTAInobody", "x"), 404, "InvalidAccessKeyId.NotFound");
        add(call("DescribeRegions").version("1"), 400, "InvalidVersion");
        add(call("NoSuchAction"), 404, "InvalidAction.NotFound");
        add(call("DescribeKey"), 400, "MissingKeyId");
        add(call("DescribeKey").query("KeyId", "key-absent"), 404, "Forbidden.KeyNotFound");
        add(call("DescribeKey").query("KeyId", "alias/absent"), 404, "Forbidden.AliasNotFound");
        add(call("GetSecretValue").query("SecretName", "absent"), 404, "Forbidden.ResourceNotFound");
        add(call("ListKeys").query("PageSize", "ten"), 400, "InvalidParameter");
        add(call("ListKeys").method("PUT"), 403, "UnsupportedHTTPMethod");
        add(call("GetChallenge"), 400, "UnsupportedOperation");
    }
    answers
}

#[test]
fn json_errors_have_every_field() {
    let server = Home::new().start_here();
    let mut ids = HashSet::new();
    for format in [None, Some("JSON"), Some("json"), Some("None"), Some("whatever")] {
        for (answer, status, code) in errors(&server, format) {
            let answer = answer.refused(status, code);
            assert_eq!(answer.header("content-type"), Some(JSON));
            let body = answer.json();
            assert_eq!(body["RequestId"].as_str(), answer.header("x-acs-request-id"), "{body}");
            assert_eq!(body["HttpStatus"], status, "{body}");
            assert_eq!(body["HostId"], server.http().to_string(), "{body}");
            assert!(!body["Message"].as_str().unwrap().is_empty(), "{body}");
            assert!(ids.insert(answer.field("RequestId")), "an id came twice");
        }
    }
}

#[test]
fn xml_errors_have_the_root_that_clients_read() {
    let server = Home::new().start_here();
    for format in ["XML", "xml", "Xml"] {
        for (answer, status, code) in errors(&server, Some(format)) {
            assert_eq!(answer.status, status, "{}", answer.text());
            assert_eq!(answer.header("content-type"), Some(XML));
            let text = answer.text();
            assert!(text.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>"), "{text}");
            assert!(text.ends_with("</Error>"), "{text}");
            assert_eq!(element(&text, "Code"), code);
            assert_eq!(Some(element(&text, "RequestId")), answer.header("x-acs-request-id"));
            assert_eq!(element(&text, "HttpStatus"), status.to_string());
            assert_eq!(element(&text, "HostId"), server.http().to_string());
            assert!(!element(&text, "Message").is_empty());
        }
    }
}

#[test]
fn good_answers_in_both_forms() {
    let server = Home::new().start_here();
    let key = Call::new("CreateKey").query("Description", "a<&>\"b").send(&server).good().json();
    let key_id = key["KeyMetadata"]["KeyId"].as_str().unwrap().to_owned();
    for scheme in SIGNED {
        let call = || Call::new("DescribeKey").query("KeyId", &key_id).scheme(scheme);
        let json = call().send(&server).good();
        assert_eq!(json.header("content-type"), Some(JSON));
        assert_eq!(json.json()["RequestId"].as_str(), json.header("x-acs-request-id"));
        assert_eq!(json.json()["KeyMetadata"]["Description"], "a<&>\"b");
        let xml = call().format("XML").send(&server).good();
        assert_eq!(xml.header("content-type"), Some(XML));
        let text = xml.text();
        assert!(
            text.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<DescribeKeyResponse>"),
            "{text}"
        );
        assert!(text.ends_with("</DescribeKeyResponse>"), "{text}");
        assert_eq!(Some(element(&text, "RequestId")), xml.header("x-acs-request-id"));
        assert_eq!(element(&text, "KeyId"), key_id);
        assert_eq!(element(&text, "Description"), "a&lt;&amp;&gt;\"b");
    }
    // Lists repeat their element.
    Call::new("CreateKey").send(&server).good();
    let text = Call::new("ListKeys").format("XML").send(&server).good().text();
    assert!(text.contains("<Keys><Key><KeyArn>") && text.contains("</Key><Key>"), "{text}");
    // A text that XML cannot carry is refused in XML, and given in JSON.
    let sealed =
        Call::new("Encrypt").query("KeyId", &key_id).query("Plaintext", "a\u{1}b").send(&server).good();
    let decrypt = || Call::new("Decrypt").query("CiphertextBlob", sealed.field("CiphertextBlob"));
    assert_eq!(decrypt().send(&server).good().field("Plaintext"), "a\u{1}b");
    let refused = decrypt().format("XML").send(&server);
    assert_eq!((refused.status, element(&refused.text(), "Code")), (400, "InvalidParameter.Format"));
}

#[test]
fn an_error_that_xml_cannot_carry_comes_as_json() {
    let server = Home::new().start_here();
    // Under V1 the message quotes what was signed, but escaped; only the host can bring in strange characters.
    let call =
        Call::new("DescribeRegions").scheme(Scheme::V1).query("A", "\u{1}").format("XML").wrongly_signed();
    let answer = call.send(&server);
    assert_eq!(answer.status, 400);
    assert_eq!(element(&answer.text(), "Code"), "SignatureDoesNotMatch");
}

#[test]
fn numbers_and_booleans_are_typed() {
    let server = Home::new().start_here();
    Call::new("CreateKey").send(&server).good();
    let list = Call::new("ListKeys").send(&server).good().json();
    for name in ["PageNumber", "PageSize", "TotalCount"] {
        assert!(list[name].is_number(), "{name} of {list}");
    }
    assert!(matches!(list["Keys"]["Key"], Value::Array(_)), "{list}");
}

/// The text of the first element of this name.
fn element<'a>(xml: &'a str, name: &str) -> &'a str {
    let open = format!("<{name}>");
    let start = xml.find(&open).unwrap_or_else(|| panic!("no {name} in {xml}")) + open.len();
    let end = xml[start..].find(&format!("</{name}>")).unwrap() + start;
    &xml[start..end]
}
