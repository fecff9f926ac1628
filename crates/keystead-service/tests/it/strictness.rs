//! `[compat] strict`: what it refuses beside what is refused anyway.

use keystead_service::EngineConfig;
use keystead_service::compat::Compat;

use crate::harness::{PATIENT, Row, World, check, text};

#[tokio::test]
async fn what_strict_refuses_for_keys() {
    let world = World::new().await;
    let lax = world.client().await;
    let config =
        EngineConfig { compat: Compat { strict: true }, patience: PATIENT, ..EngineConfig::default() };
    let strict = world.client_with(world.store.clone(), config).await;
    let key = lax.key().await;
    let policy = text(&lax.ok("GetKeyPolicy", &[("KeyId", &key)]).await["Policy"]);
    let external = async |level| {
        let made = lax.ok("CreateKey", &[("Origin", "EXTERNAL"), ("ProtectionLevel", level)]).await;
        text(&made["KeyMetadata"]["KeyId"])
    };
    let (software, hsm) = (external("SOFTWARE").await, external("HSM").await);
    let sm2 = [("WrappingKeySpec", "EC_SM2"), ("WrappingAlgorithm", "SM2PKE")];
    let (software, hsm) = (
        [&sm2[..], &[("KeyId", software.as_str())]].concat(),
        [&sm2[..], &[("KeyId", hsm.as_str())]].concat(),
    );
    let unsupported = "400 UnsupportedOperation";
    let no_policy = "400 Forbidden.KeyPolicyUnSupported";
    let interval = "400 InvalidParameter RotationInterval";
    let on = ("EnableAutomaticRotation", "true");
    let level = ("ProtectionLevel", "HSM");
    let rows: &[Row<'_>] = &[
        ("CreateKey", &[], "ok"),
        ("CreateKey", &[("KeySpec", "EC_P256")], "ok"),
        ("CreateKey", &[("KeySpec", "EC_P256K")], "ok"),
        ("CreateKey", &[("KeySpec", "Aliyun_SM4"), level], "ok"),
        ("CreateKey", &[("KeySpec", "EC_SM2"), level], "ok"),
        ("CreateKey", &[("KeySpec", "Aliyun_SM4")], unsupported),
        ("CreateKey", &[("KeySpec", "EC_SM2")], unsupported),
        ("CreateKey", &[("KeySpec", "Aliyun_AES_128")], unsupported),
        ("CreateKey", &[("KeySpec", "Aliyun_AES_192"), level], unsupported),
        ("CreateKey", &[("KeySpec", "HMAC_SHA256")], unsupported),
        ("CreateKey", &[("Policy", &policy)], no_policy),
        ("GetKeyPolicy", &[("KeyId", &key)], no_policy),
        ("SetKeyPolicy", &[("KeyId", &key), ("Policy", &policy)], no_policy),
        ("CreateKey", &[on, ("RotationInterval", "30d")], interval),
        ("CreateKey", &[on, ("RotationInterval", "365d")], "ok"),
        ("UpdateRotationPolicy", &[("KeyId", &key), on, ("RotationInterval", "366d")], interval),
        ("UpdateRotationPolicy", &[("KeyId", &key), on, ("RotationInterval", "8760h")], "ok"),
        ("UpdateRotationPolicy", &[("KeyId", &key), ("EnableAutomaticRotation", "false")], "ok"),
        ("GetParametersForImport", &software, "400 InvalidParameter WrappingKeySpec"),
        ("GetParametersForImport", &hsm, "ok"),
    ];
    check(&strict, rows).await;
    // RSA_4096 is refused before anything is computed.
    check(&strict, &[("CreateKey", &[("KeySpec", "RSA_4096")], unsupported)]).await;
    // By default all of that works.
    let all: Vec<_> = rows.iter().map(|(operation, params, _)| (*operation, *params, "ok")).collect();
    check(&lax, &all).await;
}

#[tokio::test]
async fn what_strict_refuses_in_instances() {
    let world = World::new().await;
    let lax = world.client().await;
    let config =
        EngineConfig { compat: Compat { strict: true }, patience: PATIENT, ..EngineConfig::default() };
    let strict = world.client_with(world.store.clone(), config).await;
    let instance = lax.instance().await;
    let place = ("DKMSInstanceId", instance.as_str());
    let make = async |params: &[(&str, &str)]| {
        let made = lax.ok("CreateKey", &[&[place], params].concat()).await;
        text(&made["KeyMetadata"]["KeyId"])
    };
    let (key, pair, external) =
        (make(&[]).await, make(&[("KeySpec", "EC_P256")]).await, make(&[("Origin", "EXTERNAL")]).await);
    let policy = text(&lax.ok("GetKeyPolicy", &[("KeyId", &key)]).await["Policy"]);
    let import = |spec, algorithm| {
        [("KeyId", external.as_str()), ("WrappingKeySpec", spec), ("WrappingAlgorithm", algorithm)]
    };
    let unsupported = "400 UnsupportedOperation";
    let on = ("EnableAutomaticRotation", "true");
    world.clock.advance(8 * 86_400);
    let rows: &[Row<'_>] = &[
        ("CreateKey", &[place], "ok"),
        ("CreateKey", &[place, ("KeySpec", "HMAC_SHA256")], "ok"),
        ("CreateKey", &[place, ("KeySpec", "EC_P256K")], "ok"),
        ("CreateKey", &[place, ("KeySpec", "Aliyun_AES_128")], unsupported),
        // The protection level is not looked at, for the instance decides.
        ("CreateKey", &[place, ("KeySpec", "Aliyun_SM4"), ("ProtectionLevel", "HSM")], unsupported),
        ("CreateKey", &[place, ("KeySpec", "EC_SM2")], unsupported),
        ("CreateKey", &[place, ("Policy", &policy)], "ok"),
        ("SetKeyPolicy", &[("KeyId", &key), ("Policy", &policy)], "ok"),
        ("CreateKey", &[place, on, ("RotationInterval", "30d")], "ok"),
        ("CreateKey", &[place, on, ("RotationInterval", "366d")], "400 InvalidParameter RotationInterval"),
        ("UpdateRotationPolicy", &[("KeyId", &key), on, ("RotationInterval", "7d")], "ok"),
        ("CreateKeyVersion", &[("KeyId", &key)], "ok"),
        ("CreateKeyVersion", &[("KeyId", &pair)], "400 Rejected.UnsupportedOperation"),
        (
            "GetParametersForImport",
            &import("RSA_2048", "RSAES_OAEP_SHA_1"),
            "400 InvalidParameter WrappingAlgorithm",
        ),
        ("GetParametersForImport", &import("EC_SM2", "SM2PKE"), "400 InvalidParameter WrappingKeySpec"),
        ("GetParametersForImport", &import("RSA_2048", "RSAES_OAEP_SHA_256"), "ok"),
    ];
    check(&strict, rows).await;
    let all: Vec<_> = rows.iter().map(|(operation, params, _)| (*operation, *params, "ok")).collect();
    check(&lax, &all).await;
}
