//! Whose address a request is said to come from.

use keystead_auth::policy::Network;
use keystead_gateway::{Limits, TrustedProxies};

use crate::calls::{STS, Scheme, call, role, session};
use crate::house::House;

/// A role that may be taken only from one network shows which address the service sees.
#[tokio::test]
async fn forwarded_addresses_count_only_from_trusted_proxies() {
    let house = House::new().await;
    let account = house.engine.installation().account.clone();
    role(&house, "ops", r#"{"Service":["ecs.aliyuncs.com"]}"#, &["AliyunSTSAssumeRoleAccess"]).await;
    // The condition stands behind the principal.
    let inside = format!(
        r#"{{"RAM":["acs:ram::{account}:root"]}},"Condition":{{"IpAddress":{{"acs:SourceIp":"203.0.113.0/24"}}}}"#
    );
    let inside = role(&house, "inside", &inside, &[]).await;
    let keys = session(&house, "ops").await;
    let trusting = house.shared().behind(TrustedProxies::new(vec![Network::parse("127.0.0.0/8").unwrap()]));
    let trusting = house.serve_handler(None, Limits::default(), trusting).await;
    let plain = house.serve(false, Limits::default()).await;
    let params = [("RoleArn", inside.as_str()), ("RoleSessionName", "s2")];
    for (serving, header, expected) in [
        (&plain, None, "403 NoPermission"),
        // Anybody can write this.
        (&plain, Some("203.0.113.7"), "403 NoPermission"),
        (&trusting, None, "403 NoPermission"),
        (&trusting, Some("203.0.113.7"), "ok"),
        (&trusting, Some("198.51.100.1"), "403 NoPermission"),
        // What the client wrote itself stands to the left of what the proxy saw.
        (&trusting, Some("203.0.113.7, 198.51.100.1"), "403 NoPermission"),
        (&trusting, Some("198.51.100.1, 203.0.113.7"), "ok"),
        (&trusting, Some("203.0.113.7, 127.0.0.5"), "ok"),
        (&trusting, Some("unknown"), "400 ParseRequestParameterException"),
    ] {
        let more: Vec<_> = header.iter().map(|value| ("x-forwarded-for", *value)).collect();
        let answer =
            call(&house, serving.address, &keys, Scheme::V3, (STS, "AssumeRole"), &params, &more).await;
        assert_eq!(answer.outcome(), expected, "{header:?}");
    }
}
