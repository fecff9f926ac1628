//! The operations of RAM and IMS, and who the caller is.

use crate::harness::{Client, text};
use crate::walk::{Succeeded, walk};

const DOCUMENT: &str = r#"{"Version":"1","Statement":[{"Effect":"Allow","Action":"kms:*","Resource":"*"}]}"#;
const TRUST: &str = r#"{"Version":"1","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":["ecs.aliyuncs.com"]}}]}"#;

pub async fn run(client: &Client) -> Succeeded {
    let (user, group, role) = (("UserName", "u"), ("GroupName", "g"), ("RoleName", "r"));
    let (policy, custom) = (("PolicyName", "p"), ("PolicyType", "Custom"));
    let (provider, print) =
        (("OIDCProviderName", "o"), ("Fingerprint", "00112233445566778899aabbccddeeff00112233"));
    let (kind, names) = (("ResourceType", "role"), ("ResourceNames", r#"["r"]"#));
    let rows: &[(&str, &[(&str, &str)])] = &[
        ("sts:GetCallerIdentity", &[]),
        ("ram:CreateUser", &[user]),
        ("ram:GetUser", &[user]),
        ("ram:ListUsers", &[]),
        ("ram:UpdateUser", &[user]),
        ("ram:CreateGroup", &[group]),
        ("ram:GetGroup", &[group]),
        ("ram:ListGroups", &[]),
        ("ram:UpdateGroup", &[group]),
        ("ram:AddUserToGroup", &[user, group]),
        ("ram:ListGroupsForUser", &[user]),
        ("ram:ListUsersForGroup", &[group]),
        ("ram:RemoveUserFromGroup", &[user, group]),
        ("ram:CreateRole", &[role, ("AssumeRolePolicyDocument", TRUST)]),
        ("ram:GetRole", &[role]),
        ("ram:ListRoles", &[]),
        ("ram:UpdateRole", &[role]),
        ("ram:TagResources", &[kind, names, ("Tag", r#"[{"Key":"k"}]"#)]),
        ("ram:ListTagResources", &[kind]),
        ("ram:UntagResources", &[kind, names, ("All", "true")]),
        ("ram:CreatePolicy", &[policy, ("PolicyDocument", DOCUMENT)]),
        ("ram:GetPolicy", &[policy, custom]),
        ("ram:ListPolicies", &[]),
        ("ram:UpdatePolicyDescription", &[policy, ("NewDescription", "x")]),
        ("ram:CreatePolicyVersion", &[policy, ("PolicyDocument", DOCUMENT)]),
        ("ram:GetPolicyVersion", &[policy, custom, ("VersionId", "v2")]),
        ("ram:ListPolicyVersions", &[policy, custom]),
        ("ram:SetDefaultPolicyVersion", &[policy, ("VersionId", "v2")]),
        ("ram:DeletePolicyVersion", &[policy, ("VersionId", "v1")]),
        ("ram:AttachPolicyToUser", &[policy, custom, user]),
        ("ram:AttachPolicyToGroup", &[policy, custom, group]),
        ("ram:AttachPolicyToRole", &[policy, custom, role]),
        ("ram:ListPoliciesForUser", &[user]),
        ("ram:ListPoliciesForGroup", &[group]),
        ("ram:ListPoliciesForRole", &[role]),
        ("ram:ListEntitiesForPolicy", &[policy, custom]),
        ("ram:DetachPolicyFromUser", &[policy, custom, user]),
        ("ram:DetachPolicyFromGroup", &[policy, custom, group]),
        ("ram:DetachPolicyFromRole", &[policy, custom, role]),
        ("ims:CreateOIDCProvider", &[provider, ("IssuerUrl", "https://o.example")]),
        ("ims:GetOIDCProvider", &[provider]),
        ("ims:ListOIDCProviders", &[]),
        ("ims:UpdateOIDCProvider", &[provider]),
        ("ims:AddClientIdToOIDCProvider", &[provider, ("ClientId", "c")]),
        ("ims:RemoveClientIdFromOIDCProvider", &[provider, ("ClientId", "c")]),
        ("ims:AddFingerprintToOIDCProvider", &[provider, print]),
        ("ims:RemoveFingerprintFromOIDCProvider", &[provider, print]),
        ("ims:DeleteOIDCProvider", &[provider]),
        ("ram:CreateAccessKey", &[user]),
    ];
    let mut succeeded = walk(client, rows).await;
    let keys = client.ok("ram:ListAccessKeys", &[user]).await;
    let id = text(&keys["AccessKeys"]["AccessKey"][0]["AccessKeyId"]);
    let key = ("UserAccessKeyId", id.as_str());
    let rows: &[(&str, &[(&str, &str)])] = &[
        ("ram:ListAccessKeys", &[user]),
        ("ram:GetAccessKeyLastUsed", &[user, key]),
        ("ram:UpdateAccessKey", &[user, key, ("Status", "Inactive")]),
        ("ram:DeleteAccessKey", &[user, key]),
        ("ram:DeleteUser", &[user]),
        ("ram:DeleteGroup", &[group]),
        ("ram:DeleteRole", &[role]),
        ("ram:DeletePolicy", &[policy]),
    ];
    succeeded.extend(walk(client, rows).await);
    succeeded
}
