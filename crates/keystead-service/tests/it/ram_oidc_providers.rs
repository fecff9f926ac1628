//! OIDC providers.

use crate::harness::{START_TEXT, check, client, text, texts};

#[tokio::test]
async fn a_provider_lives() {
    let world = crate::harness::World::new().await;
    let client = world.client().await;
    let (one, two) = ("AB".repeat(20), "cd".repeat(20));
    let made = client
        .ok(
            "ims:CreateOIDCProvider",
            &[
                ("OIDCProviderName", "Ci"),
                ("IssuerUrl", "https://token.example/realm"),
                ("ClientIds", "sts.aliyuncs.com,app"),
                ("Fingerprints", &one),
                ("Description", "builds"),
            ],
        )
        .await["OIDCProvider"]
        .clone();
    assert_eq!(made["Arn"], format!("acs:ram::{}:oidc-provider/Ci", client.account()));
    assert_eq!(
        (&made["ClientIds"], &made["IssuanceLimitTime"]),
        (&"sts.aliyuncs.com,app".into(), &12.into())
    );
    assert_eq!(
        (&made["Fingerprints"], &made["CreateDate"]),
        (&one.to_lowercase().into(), &START_TEXT.into())
    );
    assert_eq!(made["GmtCreate"], "1800000000000");

    world.clock.advance(60);
    let name = ("OIDCProviderName", "ci");
    let shown = client.ok("ims:GetOIDCProvider", &[name]).await;
    assert_eq!(shown["OIDCProvider"], made);
    let added = client.ok("ims:AddClientIdToOIDCProvider", &[name, ("ClientId", "x:y/z")]).await;
    assert_eq!(added["OIDCProvider"]["ClientIds"], "sts.aliyuncs.com,app,x:y/z");
    let twice = client.ok("ims:AddClientIdToOIDCProvider", &[name, ("ClientId", "app")]).await;
    assert_eq!(twice["OIDCProvider"]["ClientIds"], "sts.aliyuncs.com,app,x:y/z");
    let less = client.ok("ims:RemoveClientIdFromOIDCProvider", &[name, ("ClientId", "app")]).await;
    assert_eq!(less["OIDCProvider"]["ClientIds"], "sts.aliyuncs.com,x:y/z");
    let prints = client.ok("ims:AddFingerprintToOIDCProvider", &[name, ("Fingerprint", &two)]).await;
    assert_eq!(prints["OIDCProvider"]["Fingerprints"], format!("{},{two}", one.to_lowercase()));
    let prints = client.ok("ims:RemoveFingerprintFromOIDCProvider", &[name, ("Fingerprint", &one)]).await;
    assert_eq!(prints["OIDCProvider"]["Fingerprints"], two);
    let changed = client
        .ok(
            "ims:UpdateOIDCProvider",
            &[name, ("ClientIds", "only"), ("IssuanceLimitTime", "168"), ("NewDescription", "")],
        )
        .await["OIDCProvider"]
        .clone();
    assert_eq!((&changed["ClientIds"], &changed["IssuanceLimitTime"]), (&"only".into(), &168.into()));
    assert_eq!(
        (&changed["Description"], &changed["UpdateDate"]),
        (&"".into(), &"2027-01-15T08:01:00Z".into())
    );
    let listed = client.ok("ims:ListOIDCProviders", &[]).await;
    assert_eq!(listed["OIDCProviders"]["OIDCProvider"][0], changed);
    client.ok("ims:DeleteOIDCProvider", &[name]).await;
    assert_eq!(client.outcome("ims:GetOIDCProvider", &[name]).await, "404 EntityNotExist.OIDCProvider");
}

#[tokio::test]
async fn what_is_refused() {
    let client = client().await;
    let (name, issuer) = (("OIDCProviderName", "a"), ("IssuerUrl", "https://a.example"));
    let long = "x".repeat(257);
    let many: Vec<_> = (0..51).map(|number| format!("c{number}")).collect();
    let prints: Vec<_> = (0..6).map(|number| format!("{number:040x}")).collect();
    let (many, prints) = (many.join(","), prints.join(","));
    check(
        &client,
        &[
            ("ims:CreateOIDCProvider", &[name], "400 MissingIssuerUrl"),
            ("ims:CreateOIDCProvider", &[issuer], "400 MissingOIDCProviderName"),
            (
                "ims:CreateOIDCProvider",
                &[("OIDCProviderName", "-a"), issuer],
                "400 InvalidParameter.OIDCProviderName.InvalidChars",
            ),
            (
                "ims:CreateOIDCProvider",
                &[name, ("IssuerUrl", "http://a.example")],
                "400 InvalidParameter.IssuerUrl.Format",
            ),
            (
                "ims:CreateOIDCProvider",
                &[name, ("IssuerUrl", "https://a.example?x")],
                "400 InvalidParameter.IssuerUrl.Format",
            ),
            (
                "ims:CreateOIDCProvider",
                &[name, issuer, ("ClientIds", "-x")],
                "400 InvalidParameter.ClientIds.InvalidChars",
            ),
            (
                "ims:CreateOIDCProvider",
                &[name, issuer, ("ClientIds", &many)],
                "409 LimitExceeded.OIDCProvider.ClientId",
            ),
            (
                "ims:CreateOIDCProvider",
                &[name, issuer, ("Fingerprints", "ab")],
                "400 InvalidParameter.Fingerprints.Length",
            ),
            (
                "ims:CreateOIDCProvider",
                &[name, issuer, ("Fingerprints", &"zz".repeat(20))],
                "400 InvalidParameter.Fingerprints.InvalidChars",
            ),
            (
                "ims:CreateOIDCProvider",
                &[name, issuer, ("Fingerprints", &prints)],
                "409 LimitExceeded.OIDCProvider.Fingerprint",
            ),
            (
                "ims:CreateOIDCProvider",
                &[name, issuer, ("IssuanceLimitTime", "0")],
                "400 InvalidParameter.IssuanceLimitTime",
            ),
            (
                "ims:CreateOIDCProvider",
                &[name, issuer, ("IssuanceLimitTime", "169")],
                "400 InvalidParameter.IssuanceLimitTime",
            ),
            (
                "ims:CreateOIDCProvider",
                &[name, issuer, ("Description", &long)],
                "400 InvalidParameter.Description.Length",
            ),
            ("ims:CreateOIDCProvider", &[name, issuer], "ok"),
            (
                "ims:CreateOIDCProvider",
                &[("OIDCProviderName", "A"), ("IssuerUrl", "https://b.example")],
                "409 EntityAlreadyExists.OIDCProvider",
            ),
            // A token's issuer leads to one provider.
            (
                "ims:CreateOIDCProvider",
                &[("OIDCProviderName", "b"), issuer],
                "409 EntityAlreadyExists.OIDCProvider",
            ),
            ("ims:GetOIDCProvider", &[("OIDCProviderName", "b")], "404 EntityNotExist.OIDCProvider"),
            ("ims:UpdateOIDCProvider", &[("OIDCProviderName", "b")], "404 EntityNotExist.OIDCProvider"),
            (
                "ims:UpdateOIDCProvider",
                &[name, ("IssuanceLimitTime", "200")],
                "400 InvalidParameter.IssuanceLimitTime",
            ),
            (
                "ims:UpdateOIDCProvider",
                &[name, ("NewDescription", &long)],
                "400 InvalidParameter.NewDescription.Length",
            ),
            (
                "ims:UpdateOIDCProvider",
                &[name, ("ClientIds", "a b")],
                "400 InvalidParameter.ClientIds.InvalidChars",
            ),
            (
                "ims:AddClientIdToOIDCProvider",
                &[name, ("ClientId", "")],
                "400 InvalidParameter.ClientId.Length",
            ),
            (
                "ims:AddFingerprintToOIDCProvider",
                &[name, ("Fingerprint", "00")],
                "400 InvalidParameter.Fingerprint.Length",
            ),
            (
                "ims:RemoveClientIdFromOIDCProvider",
                &[("OIDCProviderName", "b"), ("ClientId", "x")],
                "404 EntityNotExist.OIDCProvider",
            ),
            (
                "ims:RemoveFingerprintFromOIDCProvider",
                &[name, ("Fingerprint", "x")],
                "400 InvalidParameter.Fingerprint.Length",
            ),
            ("ims:DeleteOIDCProvider", &[("OIDCProviderName", "b")], "404 EntityNotExist.OIDCProvider"),
            ("ims:ListOIDCProviders", &[("MaxItems", "101")], "400 InvalidParameter.MaxItems"),
        ],
    )
    .await;
    for number in 0..5 {
        let print = format!("{number:040x}");
        client.ok("ims:AddFingerprintToOIDCProvider", &[name, ("Fingerprint", &print)]).await;
    }
    let sixth = [name, ("Fingerprint", &format!("{:040x}", 6))];
    let full = client.outcome("ims:AddFingerprintToOIDCProvider", &sixth).await;
    assert_eq!(full, "409 LimitExceeded.OIDCProvider.Fingerprint");
}

#[tokio::test]
async fn a_hundred_at_most_in_pages() {
    let client = client().await;
    for number in 0..100 {
        let (name, issuer) = (format!("p{number:03}"), format!("https://{number}.example"));
        client.ok("ims:CreateOIDCProvider", &[("OIDCProviderName", &name), ("IssuerUrl", &issuer)]).await;
    }
    let more = [("OIDCProviderName", "x"), ("IssuerUrl", "https://x.example")];
    assert_eq!(client.outcome("ims:CreateOIDCProvider", &more).await, "409 LimitExceeded.OIDCProvider");
    let first = client.ok("ims:ListOIDCProviders", &[("MaxItems", "60")]).await;
    let second = client.ok("ims:ListOIDCProviders", &[("Marker", &text(&first["Marker"]))]).await;
    let names = |page: &serde_json::Value| texts(&page["OIDCProviders"]["OIDCProvider"], "OIDCProviderName");
    assert_eq!([names(&first).len(), names(&second).len()], [60, 40]);
    assert_eq!(names(&second)[0], "p060");
    // Where one went, there is room again.
    client.ok("ims:DeleteOIDCProvider", &[("OIDCProviderName", "p000")]).await;
    client.ok("ims:CreateOIDCProvider", &more).await;
}
