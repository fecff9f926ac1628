//! Network rules, policies, access points and client keys.

use crate::harness::{Client, text};
use crate::walk::{Succeeded, Visitor, walk};

pub async fn run(visitor: &impl Visitor, client: &Client) -> Succeeded {
    let (rule, policy, point) = (("Name", "rule"), ("Name", "policy"), ("Name", "point"));
    let permissions = ("Permissions", r#"["RbacPermission/Template/CryptoServiceSecretUser"]"#);
    let rules = ("AccessControlRules", r#"{"NetworkRules":["rule"]}"#);
    let of_point = ("AapName", "point");
    let rows: &[(&str, &[(&str, &str)])] = &[
        ("CreateNetworkRule", &[rule, ("Type", "Private"), ("SourcePrivateIp", r#"["192.0.2.0/24"]"#)]),
        ("DescribeNetworkRule", &[rule]),
        ("ListNetworkRules", &[]),
        ("UpdateNetworkRule", &[rule, ("SourcePrivateIp", "192.0.2.1")]),
        ("CreatePolicy", &[policy, permissions, ("Resources", r#"["secret/*"]"#), rules]),
        ("DescribePolicy", &[policy]),
        ("ListPolicies", &[]),
        ("UpdatePolicy", &[policy, ("Resources", r#"["secret/a"]"#)]),
        ("CreateApplicationAccessPoint", &[point, ("Policies", r#"["policy"]"#)]),
        ("DescribeApplicationAccessPoint", &[point]),
        ("ListApplicationAccessPoints", &[]),
        ("UpdateApplicationAccessPoint", &[point, ("Description", "x")]),
        ("CreateClientKey", &[of_point, ("Password", "Test-Pass_1234")]),
        ("ListClientKeys", &[of_point]),
    ];
    let mut succeeded = walk(visitor, client, rows).await;

    let keys = client.ok("ListClientKeys", &[of_point]).await;
    let id = text(&keys["ClientKeys"][0]["ClientKeyId"]);
    let key = ("ClientKeyId", id.as_str());
    let rows: &[(&str, &[(&str, &str)])] = &[
        ("GetClientKey", &[key]),
        ("DeleteClientKey", &[key]),
        ("DeleteApplicationAccessPoint", &[point]),
        ("DeletePolicy", &[policy]),
        ("DeleteNetworkRule", &[rule]),
    ];
    succeeded.extend(walk(visitor, client, rows).await);
    succeeded
}
