//! The Rust client's examples, each in a process of its own, against a started server. They are modules of this program, so that
//! nothing else has to be built for that.

use std::process::Command;

use keystead_client::operations::{self, ram};
use keystead_client::types::identities::PolicyType;
use keystead_client::types::{KeySpec, KeyUsage};
use keystead_client::{Client, Credentials};
use serde_json::json;

use crate::server::{ACCESS_KEY_ID, ACCESS_KEY_SECRET, Home, Server};

#[path = "../../../keystead-client/examples/blocking.rs"]
mod blocking;
#[path = "../../../keystead-client/examples/both_gateways.rs"]
mod both_gateways;
#[path = "../../../keystead-client/examples/encrypt_decrypt.rs"]
mod encrypt_decrypt;
#[path = "../../../keystead-client/examples/envelope.rs"]
mod envelope;
#[path = "../../../keystead-client/examples/failover.rs"]
mod failover;
#[path = "../../../keystead-client/examples/first_call.rs"]
mod first_call;
#[path = "../../../keystead-client/examples/metrics.rs"]
mod metrics;
#[path = "../../../keystead-client/examples/pages.rs"]
mod pages;
#[path = "../../../keystead-client/examples/roles.rs"]
mod roles;
#[path = "../../../keystead-client/examples/secrets.rs"]
mod secrets;
#[path = "../../../keystead-client/examples/sign_verify.rs"]
mod sign_verify;

/// Which example a process runs.
const EXAMPLE: &str = "KEYSTEAD_TEST_EXAMPLE";

#[test]
#[ignore = "runs an example with the environment that the test below makes for it"]
fn in_this_process() {
    let outcome = match &*std::env::var(EXAMPLE).unwrap() {
        "blocking" => blocking::main(),
        "both_gateways" => both_gateways::main(),
        "encrypt_decrypt" => encrypt_decrypt::main(),
        "envelope" => envelope::main(),
        "failover" => failover::main(),
        "first_call" => first_call::main(),
        "metrics" => metrics::main(),
        "pages" => pages::main(),
        "roles" => roles::main(),
        "secrets" => secrets::main(),
        "sign_verify" => sign_verify::main(),
        other => panic!("no example {other}"),
    };
    outcome.unwrap();
}

/// Runs an example and gives what it wrote.
fn run(server: &Server, example: &str, environment: &[(&str, &str)]) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    server.home().prepare(&mut command);
    command
        .args(["--exact", "client_examples::in_this_process", "--ignored", "--nocapture", "--test-threads=1"])
        .env("KMS_ENDPOINT", server.https().to_string())
        .env("KMS_CA", server.ca_file())
        .env("ALIBABA_CLOUD_ACCESS_KEY_ID", ACCESS_KEY_ID)
        .env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", ACCESS_KEY_SECRET)
        .env(EXAMPLE, example)
        .envs(environment.iter().copied());
    let output = server.home().run(&mut command);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{example}: {text}{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("1 passed"), "{example}: {text}");
    text
}

fn has(text: &str, expected: &str) {
    assert!(text.contains(expected), "{expected:?} is not in {text}");
}

#[tokio::test]
async fn they_do_what_they_say() {
    let home = Home::new();
    let server = home.start_with(home.serve().args(["--instance", "auto"])).with_home(home);
    let client = Client::builder()
        .endpoint(server.https().to_string())
        .ca_file(server.ca_file())
        .credentials(Credentials::access_key(ACCESS_KEY_ID, ACCESS_KEY_SECRET))
        .build()
        .unwrap();
    let (instance, gateway) =
        server.ready["endpoints"]["dedicated"].as_object().unwrap().iter().next().unwrap();
    let request = operations::CreateKeyRequest::new().dkms_instance_id(instance.as_str());
    let key = client.create_key(request.clone()).await.unwrap().key_metadata;
    let pair = request.key_spec(KeySpec::EC_P256).key_usage(KeyUsage::SIGN_VERIFY);
    let pair = client.create_key(pair).await.unwrap().key_metadata.key_id;
    let with_key = [("KMS_KEY", key.key_id.as_str())];

    has(&run(&server, "first_call", &[]), "2 keys");
    let text = run(&server, "encrypt_decrypt", &with_key);
    has(&text, "hello\n");
    has(&text, "without its context: InvalidParameter");
    has(&run(&server, "sign_verify", &[("KMS_KEY", &pair)]), "verified: true");
    has(&run(&server, "envelope", &with_key), "opened to the same");
    let text = run(&server, "secrets", &[]);
    has(&text, "ACSCurrent: version v2, 24 bytes");
    has(&text, "ACSPrevious: version v1, 24 bytes");
    let mut at = vec![("KMS_INSTANCE", gateway["host"].as_str().unwrap())];
    at.extend([with_key[0], ("KMS_INSTANCE_CA", gateway["ca_file"].as_str().unwrap())]);
    let text = run(&server, "both_gateways", &at);
    has(&text, &format!("DescribeKey at {}", server.https()));
    has(&text, &format!("Encrypt at {}", at[0].1));
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let there = server.https().to_string();
    let away = [("KMS_ENDPOINT", nobody.as_str()), ("KMS_FAILOVER", &there)];
    has(&run(&server, "failover", &away), "0 secrets");
    has(&run(&server, "pages", &[]), &key.arn);
    let text = run(&server, "metrics", &[]);
    has(&text, "DescribeRegions ok: 3 in");
    has(&text, "DescribeKey Forbidden.AliasNotFound: 1 in");
    has(&run(&server, "blocking", &[]), "a password of 32 characters");

    let owner = key.arn.split(':').nth(3).unwrap();
    let trust = json!({ "Version": "1", "Statement": [{
        "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": { "RAM": [format!("acs:ram::{owner}:root")] }
    }] });
    let ram = client.ram();
    let role = ram.create_role(ram::CreateRoleRequest::new(trust, "example")).await.unwrap().role.arn;
    ram.create_user(ram::CreateUserRequest::new("taker")).await.unwrap();
    let may = json!({ "Version": "1", "Statement": [
        { "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*" }
    ] });
    ram.create_policy(ram::CreatePolicyRequest::new(may, "take")).await.unwrap();
    let attach = ram::AttachPolicyToUserRequest::new("take", PolicyType::CUSTOM, "taker");
    ram.attach_policy_to_user(attach).await.unwrap();
    let taker = ram::CreateAccessKeyRequest::new().user_name("taker");
    let taker = ram.create_access_key(taker).await.unwrap().access_key;
    let as_taker = [
        ("ALIBABA_CLOUD_ACCESS_KEY_ID", taker.access_key_id.as_str()),
        ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", taker.access_key_secret.expose()),
        ("KMS_ROLE_ARN", &role),
    ];
    has(&run(&server, "roles", &as_taker), ":assumed-role/example/example");
    server.assert_well();
}
