//! `OidcRoleArn`.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use keystead_client::operations::ims;
use keystead_client::providers::OidcRoleArn;
use serde_json::{Value, json};

use super::{World, caller, encrypts_and_decrypts};
use crate::server::Home;
use crate::signed::now;

const ISSUER: &str = "https://cluster.example";

struct Issuer(EcdsaKeyPair);

impl Issuer {
    fn new() -> Self {
        Self(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap())
    }

    fn keys(&self) -> Value {
        let point = self.0.public_key().as_ref();
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        json!({ "keys": [
            { "kty": "EC", "crv": "P-256", "kid": "k1", "x": text(&point[1..33]), "y": text(&point[33..]) }
        ] })
    }

    fn token(&self, subject: &str) -> String {
        let claims =
            json!({ "iss": ISSUER, "sub": subject, "aud": ["keystead"], "iat": now(), "exp": now() + 600 });
        let header = json!({ "alg": "ES256", "kid": "k1", "typ": "JWT" });
        let text = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string())).join(".");
        let signature = self.0.sign(&SystemRandom::new(), text.as_bytes()).unwrap();
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

#[tokio::test]
async fn a_token_of_an_identity_provider_is_worth_a_role() {
    let home = Home::new();
    let issuer = Issuer::new();
    std::fs::write(home.path("jwks.json"), issuer.keys().to_string()).unwrap();
    let keys = home.path("jwks.json");
    let text = format!("[oidc]\nany_issuer = false\n[oidc.issuers.\"{ISSUER}\"]\njwks_file = {keys:?}\n");
    std::fs::write(home.path("keystead.toml"), text).unwrap();
    let server = home.start_with(home.serve().arg("--config").arg(home.path("keystead.toml")));
    let token_file = home.path("token");
    let world = World::of(server.with_home(home)).await;
    let provider = ims::CreateOIDCProviderRequest::new(ISSUER, "cluster").client_ids(["keystead"]);
    let provider = world.root.ims().create_oidc_provider(provider).await.unwrap().oidc_provider.arn;
    let condition = json!({ "StringEquals": { "oidc:sub": "pod-1", "oidc:aud": "keystead" } });
    let trusted = json!({ "Federated": [provider] });
    world.role("app", trusted, condition, &["kms:Encrypt", "kms:Decrypt"]).await;

    let client = || {
        let token_file = Some(token_file.to_str().unwrap().to_owned());
        world.by(OidcRoleArn {
            settings: world.settings("app"),
            provider_arn: Some(provider.clone()),
            token_file,
        })
    };
    for (token, refusal) in [
        (issuer.token("pod-1"), None),
        (issuer.token("pod-2"), Some("AuthenticationFail.NoPermission")),
        (Issuer::new().token("pod-1"), Some("AuthenticationFail.OIDCToken.InvalidSignature")),
    ] {
        std::fs::write(&token_file, token).unwrap();
        let client = client();
        match refusal {
            None => {
                assert!(caller(&client).await.ends_with(":assumed-role/app/it"));
                assert_eq!(encrypts_and_decrypts(&world, &client).await, Ok(()));
            }
            Some(code) => {
                let outcome = encrypts_and_decrypts(&world, &client).await.unwrap_err();
                assert!(outcome.contains(code), "{outcome}");
            }
        }
    }
    world.server.assert_well();
}
