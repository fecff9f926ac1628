//! Every wrong setting is named.

use std::collections::BTreeMap;

use keystead_rotation::{TargetSettings, Targets};
use serde_json::json;

#[test]
fn wrong_settings_are_named() {
    let good = json!({"kind": "postgres", "address": "127.0.0.1:5432", "admin_secret": "a"});
    let webhook = json!({"kind": "webhook", "url": "http://127.0.0.1:9/x", "signing_secret": "s"});
    for (base, change, named) in [
        (&good, json!({}), "ok"),
        (&webhook, json!({}), "ok"),
        (&webhook, json!({"url": "https://hooks.example.com/rotate"}), "ok"),
        (&good, json!({"address": null}), "`address` is missing"),
        (&good, json!({"address": "db"}), "`address`"),
        (&good, json!({"admin_secret": null}), "`admin_secret` is missing"),
        (&good, json!({"ca_file": "/nonexistent"}), "`ca_file` is given, and TLS is off"),
        (&good, json!({"ca_file": "/nonexistent", "tls": true}), "`ca_file` /nonexistent"),
        (&good, json!({"url": "https://x"}), "`url` is not for the kind postgres"),
        (&good, json!({"persist": "none"}), "`persist` is not for the kind postgres"),
        (&good, json!({"timeout_seconds": 0}), "`timeout_seconds` is 1 to 12"),
        (&good, json!({"kind": "mysql", "account_host": "x'y"}), "`account_host`"),
        (&webhook, json!({"url": "http://hooks.example.com/"}), "`url` begins with https://"),
        (&webhook, json!({"url": "http://127.0.0.1.example.com/"}), "`url` begins with https://"),
        (&webhook, json!({"url": "https://u:p@h/"}), "`url` has a user name"),
        (&webhook, json!({"signing_secret": null}), "`signing_secret` is missing"),
        (&webhook, json!({"address": "a:1"}), "`address` is not for the kind webhook"),
    ] {
        let mut settings = base.clone();
        for (name, value) in change.as_object().unwrap() {
            settings[name] = value.clone();
        }
        let settings: TargetSettings = serde_json::from_value(settings).unwrap();
        let targets = BTreeMap::from([("rm-1".to_owned(), settings)]);
        let seen = Targets::new(&targets).map_or_else(|error| error.to_string(), |_| "ok".to_owned());
        assert!(
            seen.contains(named) && (named == "ok" || seen.contains("rotation.targets.\"rm-1\"")),
            "{change}: {seen}"
        );
    }
    for unknown in [json!({"kind": "oracle"}), json!({"kind": "redis", "password": "x"})] {
        assert!(serde_json::from_value::<TargetSettings>(unknown).is_err());
    }
}
