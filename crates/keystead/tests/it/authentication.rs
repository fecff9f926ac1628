//! Who is let in, over the wire: every scheme, every way of being wrong.

use http::HeaderMap;
use http::HeaderValue;
use keystead_auth::{Algorithm, Credentials, HeaderPolicy, ToSign, v4};

use crate::server::{ACCESS_KEY_ID, ACCESS_KEY_SECRET, Home, Server};
use crate::signed::{Call, Parts, SIGNED, Scheme, date, nonce};

/// A call that needs nothing and changes nothing, with a parameter in each place.
fn call(scheme: Scheme) -> Call {
    Call::new("DescribeRegions").query("Extra", "a b*c~d+e/ü").form("InForm", "x y").scheme(scheme)
}

fn host(server: &Server) -> String {
    server.http().to_string()
}

#[test]
fn good_signatures_are_let_in() {
    let server = Home::new().start_here();
    for scheme in SIGNED {
        for method in ["POST", "GET"] {
            let mut call = call(scheme).method(method);
            if method == "GET" {
                call.form.clear();
            }
            call.send(&server).good();
        }
    }
    // The host is what the client called the server, whatever that is.
    call(Scheme::V3).parts("kms.example.org:99").send(server.http()).good();
}

#[test]
fn wrong_signatures_are_refused() {
    let server = Home::new().start_here();
    for scheme in SIGNED {
        let wrong_key = call(scheme).key(ACCESS_KEY_ID, "another secret").send(&server);
        let wrong_digit = call(scheme).wrongly_signed().send(&server);
        let empty_key = call(scheme).key(ACCESS_KEY_ID, "").send(&server);
        for answer in [wrong_key, wrong_digit, empty_key] {
            let answer = answer.refused(400, "SignatureDoesNotMatch");
            let message = answer.field("Message");
            // One official client splits the message at the colon and compares what follows with its own text.
            let (_, tail) = message.split_once("server string to sign is:").unwrap();
            let start = match scheme {
                Scheme::V3 => "ACS3-HMAC-SHA256\n",
                Scheme::V3Sm3 => "ACS3-HMAC-SM3\n",
                _ => "POST&%2F&",
            };
            assert!(tail.starts_with(start), "{scheme:?}: {message}");
            assert_eq!(message.split(':').nth(1), Some(tail), "{scheme:?}: {message}");
            assert!(!message.contains(ACCESS_KEY_SECRET), "{message}");
        }
    }
}

#[test]
fn what_was_changed_after_signing_is_refused() {
    let server = Home::new().start_here();
    for scheme in SIGNED {
        let parts = || call(scheme).parts(&host(&server));
        let mut changed_body = parts();
        changed_body.body = "InForm=x%20z".to_owned();
        let mut more_body = parts();
        more_body.body.push_str("&Added=1");
        let mut changed_query = parts();
        changed_query.target = changed_query.target.replace("Extra=a", "Extra=b");
        let mut more_query = parts();
        more_query.target.push_str("&Added=1");
        let mut other_method = parts();
        other_method.method = "GET";
        let mut moved = parts();
        // The same parameters, but one of them moved from the body to the query.
        moved.target.push_str("&Moved=1");
        moved.body.clear();
        for (name, parts) in [
            ("body", changed_body),
            ("more body", more_body),
            ("query", changed_query),
            ("more query", more_query),
            ("method", other_method),
            ("moved", moved),
        ] {
            let answer = parts.send(server.http());
            assert_eq!(answer.refusal(), (400, "SignatureDoesNotMatch".into()), "{scheme:?} {name}");
        }
    }
    // Signed headers may not change either.
    for scheme in [Scheme::V3, Scheme::V3Sm3] {
        let parts = || call(scheme).parts(&host(&server));
        for (name, value) in [
            ("host", "elsewhere.example.org"),
            ("x-acs-action", "ListKeys"),
            ("x-acs-signature-nonce", "another-nonce"),
            ("x-acs-date", &date(1)),
        ] {
            parts().set(name, Some(value)).send(server.http()).refused(400, "SignatureDoesNotMatch");
        }
    }
}

#[test]
fn dates_count_within_fifteen_minutes() {
    let server = Home::new().start_here();
    for scheme in SIGNED {
        // Ten seconds are left for the test's own time.
        for offset in [-890, 0, 890] {
            call(scheme).date(date(offset)).send(&server).good();
        }
        for offset in [-910, 910, -86_400, 10 * 365 * 86_400] {
            call(scheme).date(date(offset)).send(&server).refused(400, "InvalidTimeStamp.Expired");
        }
        // A wrong signature is told before anything about dates: the clock is not for strangers to ask.
        let call = call(scheme).date(date(-910)).wrongly_signed();
        call.send(&server).refused(400, "SignatureDoesNotMatch");
    }
}

#[test]
fn dates_of_another_form_are_refused() {
    let server = Home::new().start_here();
    for text in ["", "yesterday", "2026-01-02 03:04:05", "2026-01-02T03:04:05.123Z", "2026-02-30T00:00:00Z"] {
        let code = if text.is_empty() { "IllegalTimestamp" } else { "InvalidTimeStamp.Format" };
        for scheme in [Scheme::V3, Scheme::V3Sm3] {
            let parts = call(scheme).parts(&host(&server)).set("x-acs-date", Some(text));
            assert_eq!(parts.send(server.http()).refusal(), (400, code.into()), "{text:?}");
        }
        let parts =
            query_parameter(v1(&server), "Timestamp", Some(&text.replace(':', "%3A").replace(' ', "%20")));
        assert_eq!(parts.send(server.http()).refusal(), (400, code.into()), "{text:?}");
    }
    let parts = call(Scheme::V3).parts(&host(&server)).set("x-acs-date", None);
    parts.send(server.http()).refused(400, "IllegalTimestamp");
    query_parameter(v1(&server), "Timestamp", None).send(server.http()).refused(400, "IllegalTimestamp");
}

#[test]
fn a_nonce_serves_once() {
    let server = Home::new().start_here();
    for scheme in SIGNED {
        let parts = call(scheme).parts(&host(&server));
        let bytes = parts.bytes();
        crate::wire::tcp(server.http()).send(&bytes).answer().good();
        // The same bytes again.
        crate::wire::tcp(server.http()).send(&bytes).answer().refused(400, "SignatureNonceUsed");
        // Another request under the same nonce, rightly signed.
        let used = nonce();
        call(scheme).nonce(&used).send(&server).good();
        call(scheme).nonce(&used).query("Other", "1").send(&server).refused(400, "SignatureNonceUsed");
        call(scheme).nonce(&used).date(date(5)).send(&server).refused(400, "SignatureNonceUsed");
    }
}

#[test]
fn a_stranger_cannot_burn_a_nonce() {
    let server = Home::new().start_here();
    for scheme in SIGNED {
        let contested = nonce();
        call(scheme).nonce(&contested).wrongly_signed().send(&server).refused(400, "SignatureDoesNotMatch");
        call(scheme)
            .nonce(&contested)
            .key("LTAIstranger", "x")
            .send(&server)
            .refused(404, "InvalidAccessKeyId.NotFound");
        call(scheme)
            .nonce(&contested)
            .date(date(-5000))
            .send(&server)
            .refused(400, "InvalidTimeStamp.Expired");
        call(scheme).nonce(&contested).send(&server).good();
        call(scheme).nonce(&contested).send(&server).refused(400, "SignatureNonceUsed");
    }
}

#[test]
fn of_many_equal_requests_at_once_one_is_let_in() {
    let server = Home::new().start_here();
    for scheme in SIGNED {
        let bytes = call(scheme).bytes(&host(&server));
        let answers: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..16)
                .map(|_| scope.spawn(|| crate::wire::tcp(server.http()).send(&bytes).answer()))
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let good = answers.iter().filter(|answer| answer.status == 200).count();
        assert_eq!(good, 1, "{scheme:?}");
        for answer in answers.iter().filter(|answer| answer.status != 200) {
            assert_eq!(answer.refusal(), (400, "SignatureNonceUsed".into()));
        }
    }
}

#[test]
fn unknown_keys_and_tokens_are_refused() {
    let server = Home::new().start_here();
    for scheme in SIGNED {
        let answer = call(scheme).key("LTAInobody", ACCESS_KEY_SECRET).send(&server);
        answer.refused(404, "InvalidAccessKeyId.NotFound");
        // Ids are not folded, trimmed or taken as paths.
        for id in [ACCESS_KEY_ID.to_lowercase(), format!("{ACCESS_KEY_ID}/"), format!("../{ACCESS_KEY_ID}")] {
            call(scheme)
                .key(&id, ACCESS_KEY_SECRET)
                .send(&server)
                .refused(404, "InvalidAccessKeyId.NotFound");
        }
    }
    let with_token = |scheme| {
        call(scheme).header("x-acs-security-token", "token").header("x-acs-accesskey-id", ACCESS_KEY_ID)
    };
    for scheme in [Scheme::V3, Scheme::V3Sm3] {
        with_token(scheme).send(&server).refused(400, "InvalidSecurityToken.Malformed");
        // A token that is not signed is not a token, and not ignored either.
        let parts = call(scheme).parts(&host(&server)).set("x-acs-security-token", Some("token"));
        parts.send(server.http()).refused(400, "IncompleteSignature");
    }
    call(Scheme::V1)
        .query("SecurityToken", "token")
        .send(&server)
        .refused(400, "InvalidSecurityToken.Malformed");
}

#[test]
fn other_methods_are_refused_by_name() {
    let server = Home::new().start_here();
    let refused = |parts: Parts| parts.send(server.http()).refused(400, "InvalidSignatureMethod");
    let v3 = || call(Scheme::V3).parts(&host(&server));
    refused(v3().authorization("ACS3-HMAC-SHA256 ", "ACS3-RSA-SHA256 "));
    refused(v3().authorization("ACS3-HMAC-SHA256 ", "ACS3-HMAC-MD5 "));
    for method in ["HMAC-SHA256", "SHA256withRSA", "hmac-sha1", "none"] {
        refused(query_parameter(v1(&server), "SignatureMethod", Some(method)));
    }
    refused(v4_parts(&host(&server)));
    // Tokens that nobody here issues.
    let unsigned = || call(Scheme::Unsigned).parts(&host(&server));
    refused(unsigned().set("x-acs-bearer-token", Some("token")));
    refused(unsigned().set("x-acs-zero-trust-idtoken", Some("token")));
    refused(unsigned().set("authorization", Some("Bearer token")));
    refused(query_parameter(unsigned(), "SignatureType", Some("BEARERTOKEN")));
    refused(query_parameter(unsigned(), "BearerToken", Some("token")));
}

#[test]
fn half_signed_requests_are_refused() {
    let server = Home::new().start_here();
    let refused = |parts: Parts, code: &str| {
        let answer = parts.send(server.http());
        assert_eq!(answer.refusal(), (400, code.into()), "{}", answer.text());
    };
    let v3 = || call(Scheme::V3).parts(&host(&server));
    // Nothing signed at all.
    refused(call(Scheme::Unsigned).parts(&host(&server)), "IncompleteSignature");
    refused(v3().set("authorization", None), "IncompleteSignature");
    for text in ["", "ACS3-HMAC-SHA256", "ACS3-HMAC-SHA256 ", "ACS3-HMAC-SHA256 Credential=a", "Basic YTpi"] {
        refused(v3().set("authorization", Some(text)), "IncompleteSignature");
    }
    // Whatever a request is acted on by has to be in the signed list.
    for name in [
        "host",
        "x-acs-action",
        "x-acs-version",
        "x-acs-date",
        "x-acs-signature-nonce",
        "x-acs-content-sha256",
    ] {
        let parts = v3();
        let text = parts.headers["authorization"].to_str().unwrap().to_owned();
        let without = text.replace(&format!("{name};"), "").replace(&format!(";{name}"), "");
        assert_ne!(text, without, "{name}");
        refused(parts.set("authorization", Some(&without)), "IncompleteSignature");
    }
    // A list that names what is not there, or twice.
    refused(v3().authorization("SignedHeaders=", "SignedHeaders=x-not-there;"), "IncompleteSignature");
    refused(v3().authorization("SignedHeaders=", "SignedHeaders=host;host;"), "IncompleteSignature");
    // Two of a header that must be one.
    let mut twice = v3();
    twice.headers.append("x-acs-action", HeaderValue::from_static("ListKeys"));
    refused(twice, "IncompleteSignature");
    let mut twice = v3();
    twice.headers.append("authorization", HeaderValue::from_static("ACS3-HMAC-SHA256 x"));
    refused(twice, "IncompleteSignature");
    for parameter in
        ["AccessKeyId", "SignatureMethod", "SignatureNonce", "SignatureVersion", "Signature", "Version"]
    {
        refused(query_parameter(v1(&server), parameter, None), &format!("Missing{parameter}"));
        refused(query_parameter(v1(&server), parameter, Some("")), &format!("Missing{parameter}"));
    }
    refused(query_parameter(v1(&server), "SignatureVersion", Some("2.0")), "InvalidParameter");
}

#[test]
fn the_action_counts_only_where_it_is_signed() {
    let server = Home::new().start_here();
    let v1 = || v1(&server);
    // The header contradicts the signed query: a captured request must not become another one.
    let other = v1().set("x-acs-action", Some("CreateKey")).send(server.http());
    other.refused(400, "InvalidParameter");
    let other = v1().set("x-acs-version", Some("2015-05-01")).send(server.http());
    other.refused(400, "InvalidParameter");
    v1().set("x-acs-action", Some("DescribeRegions")).send(server.http()).good();
    // V1 with the action in the header alone.
    let header_only = query_parameter(v1(), "Action", None).set("x-acs-action", Some("DescribeRegions"));
    header_only.send(server.http()).refused(400, "MissingAction");
    // V3 with the action in the query alone, or another one there: only the header counts.
    let call = Call::new("DescribeRegions").query("Action", "CreateKey");
    assert!(call.send(&server).good().json().get("Regions").is_some());
    let query_only = Call::new("DescribeRegions").query("Action", "DescribeRegions").parts(&host(&server));
    query_only.set("x-acs-action", None).send(server.http()).refused(400, "IncompleteSignature");
}

#[test]
fn version_and_action_are_checked() {
    let server = Home::new().start_here();
    for scheme in SIGNED {
        for version in ["2015-04-02", "2016-01-21", "latest"] {
            call(scheme).version(version).send(&server).refused(400, "InvalidVersion");
        }
        for action in
            ["NoSuchAction", "describeregions", "DescribeRegions ", "../DescribeRegions", "AssumeRole"]
        {
            let mut call = call(scheme);
            call.action = action.to_owned();
            let answer = call.send(&server);
            // A header's outer spaces are no part of its value.
            if action.ends_with(' ') && scheme != Scheme::V1 {
                answer.good();
            } else {
                answer.refused(404, "InvalidAction.NotFound");
            }
        }
    }
}

fn v1(server: &Server) -> Parts {
    call(Scheme::V1).parts(&host(server))
}

/// Sets or removes a query parameter after signing; the value stands as it is.
fn query_parameter(mut parts: Parts, name: &str, value: Option<&str>) -> Parts {
    let query = parts.target.split_once('?').map_or("", |(_, query)| query).to_owned();
    let prefix = format!("{name}=");
    let mut kept: Vec<String> =
        query.split('&').filter(|pair| !pair.starts_with(&prefix)).map(str::to_owned).collect();
    kept.extend(value.map(|value| format!("{prefix}{value}")));
    parts.target = format!("/?{}", kept.join("&"));
    parts
}

fn v4_parts(host: &str) -> Parts {
    let mut headers = HeaderMap::new();
    for (name, value) in
        [("host", host), ("x-acs-action", "DescribeRegions"), ("x-acs-version", "2016-01-20")]
    {
        headers.insert(name, HeaderValue::from_str(value).unwrap());
    }
    let (date, nonce) = (date(0), nonce());
    let request =
        ToSign { method: "POST", path: "/", query: &[], form: &[], body: b"", date: &date, nonce: &nonce };
    let credentials = Credentials::access_key(ACCESS_KEY_ID, ACCESS_KEY_SECRET);
    let policy = HeaderPolicy::Standard;
    v4::sign(&request, &mut headers, &credentials, Algorithm::Acs4HmacSha256, policy, "cn-hangzhou", "Kms")
        .unwrap();
    Parts { method: "POST", target: "/".to_owned(), headers, body: String::new() }
}
