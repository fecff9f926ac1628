//! Users, groups, roles, policies, AccessKeys, OIDC providers.

use crate::harness::{Client, text};
use crate::walk::{Succeeded, Visitor, walk};

pub async fn run(visitor: &impl Visitor, client: &Client) -> Succeeded {
    let document =
        r#"{"Version":"1","Statement":[{"Effect":"Allow","Action":"kms:Encrypt","Resource":"*"}]}"#;
    // Names no account: what a stranger is answered must not name the owner's.
    let trust = r#"{"Version":"1","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"ecs.aliyuncs.com"}}]}"#;
    let (user, group) = (("UserName", "walk-user"), ("GroupName", "walk-group"));
    let (role, policy) = (("RoleName", "walk-role"), ("PolicyName", "walk-policy"));
    let custom = ("PolicyType", "Custom");
    let (kind, names) = (("ResourceType", "role"), ("ResourceNames", r#"["walk-role"]"#));
    let rows: &[(&str, &[(&str, &str)])] = &[
        ("Ram.CreateUser", &[user]),
        ("Ram.GetUser", &[user]),
        ("Ram.ListUsers", &[]),
        ("Ram.UpdateUser", &[user, ("NewDisplayName", "w")]),
        ("Ram.CreateGroup", &[group]),
        ("Ram.GetGroup", &[group]),
        ("Ram.ListGroups", &[]),
        ("Ram.UpdateGroup", &[group, ("NewComments", "w")]),
        ("Ram.AddUserToGroup", &[user, group]),
        ("Ram.ListGroupsForUser", &[user]),
        ("Ram.ListUsersForGroup", &[group]),
        ("Ram.CreateRole", &[role, ("AssumeRolePolicyDocument", trust)]),
        ("Ram.GetRole", &[role]),
        ("Ram.ListRoles", &[]),
        ("Ram.UpdateRole", &[role, ("NewDescription", "w")]),
        ("Ram.TagResources", &[kind, names, ("Tag", r#"[{"Key":"k"}]"#)]),
        ("Ram.ListTagResources", &[kind, names]),
        ("Ram.UntagResources", &[kind, names, ("All", "true")]),
        ("Ram.CreatePolicy", &[policy, ("PolicyDocument", document)]),
        ("Ram.GetPolicy", &[policy, custom]),
        ("Ram.ListPolicies", &[]),
        ("Ram.UpdatePolicyDescription", &[policy, ("NewDescription", "w")]),
        ("Ram.CreatePolicyVersion", &[policy, ("PolicyDocument", document)]),
        ("Ram.GetPolicyVersion", &[policy, custom, ("VersionId", "v1")]),
        ("Ram.ListPolicyVersions", &[policy, custom]),
        ("Ram.SetDefaultPolicyVersion", &[policy, ("VersionId", "v2")]),
        ("Ram.DeletePolicyVersion", &[policy, ("VersionId", "v1")]),
        ("Ram.AttachPolicyToUser", &[user, policy, custom]),
        ("Ram.AttachPolicyToGroup", &[group, policy, custom]),
        ("Ram.AttachPolicyToRole", &[role, policy, custom]),
        ("Ram.ListEntitiesForPolicy", &[policy, custom]),
        ("Ram.ListPoliciesForUser", &[user]),
        ("Ram.ListPoliciesForGroup", &[group]),
        ("Ram.ListPoliciesForRole", &[role]),
        ("Ram.DetachPolicyFromUser", &[user, policy, custom]),
        ("Ram.DetachPolicyFromGroup", &[group, policy, custom]),
        ("Ram.DetachPolicyFromRole", &[role, policy, custom]),
        ("Ram.RemoveUserFromGroup", &[user, group]),
        ("Ram.DeletePolicy", &[policy]),
        ("Ram.DeleteRole", &[role]),
        ("Ram.DeleteGroup", &[group]),
        ("Ram.CreateAccessKey", &[user]),
    ];
    let mut succeeded = walk(visitor, client, rows).await;

    let listed = client.ok("Ram.ListAccessKeys", &[user]).await;
    let id = text(&listed["AccessKeys"]["AccessKey"][0]["AccessKeyId"]);
    let id = ("UserAccessKeyId", id.as_str());
    let rows: &[(&str, &[(&str, &str)])] = &[
        ("Ram.ListAccessKeys", &[user]),
        ("Ram.GetAccessKeyLastUsed", &[user, id]),
        ("Ram.UpdateAccessKey", &[user, id, ("Status", "Inactive")]),
        ("Ram.DeleteAccessKey", &[user, id]),
        ("Ram.DeleteUser", &[user]),
    ];
    succeeded.extend(walk(visitor, client, rows).await);

    let provider = ("OIDCProviderName", "walk-provider");
    let first = "AABBCCDDEEFF00112233445566778899AABBCCDD";
    let second = "AABBCCDDEEFF00112233445566778899AABBCCEE";
    let issuer = [("IssuerUrl", "https://issuer.example.com"), ("ClientIds", "one"), ("Fingerprints", first)];
    let rows: &[(&str, &[(&str, &str)])] = &[
        ("Ims.CreateOIDCProvider", &[&[provider][..], &issuer].concat()),
        ("Ims.GetOIDCProvider", &[provider]),
        ("Ims.ListOIDCProviders", &[]),
        ("Ims.UpdateOIDCProvider", &[provider, ("NewDescription", "w")]),
        ("Ims.AddClientIdToOIDCProvider", &[provider, ("ClientId", "two")]),
        ("Ims.RemoveClientIdFromOIDCProvider", &[provider, ("ClientId", "two")]),
        ("Ims.AddFingerprintToOIDCProvider", &[provider, ("Fingerprint", second)]),
        ("Ims.RemoveFingerprintFromOIDCProvider", &[provider, ("Fingerprint", second)]),
        ("Ims.DeleteOIDCProvider", &[provider]),
    ];
    succeeded.extend(walk(visitor, client, rows).await);
    succeeded
}
