//! The configuration: which layer wins, what is refused, what is printed.

use std::fs;
use std::process::Command;

use crate::at_rest::find;
use crate::server::{ACCESS_KEY_SECRET, Home};
use crate::signed::Call;

fn config(home: &Home, file: Option<&str>) -> Command {
    let mut command = home.command("config");
    if let Some(text) = file {
        fs::write(home.path("keystead.toml"), text).unwrap();
        command.arg("--config").arg(home.path("keystead.toml"));
    }
    command
}

/// The line of one setting.
fn line(printed: &str, name: &str) -> String {
    let prefix = format!("{name} = ");
    printed
        .lines()
        .find(|line| line.starts_with(&prefix))
        .unwrap_or_else(|| panic!("{name} in {printed}"))
        .to_owned()
}

fn print(home: &Home, command: &mut Command) -> String {
    let output = home.run(command);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn flags_over_environment_over_file_over_defaults() {
    let home = Home::new();
    let file = "region = \"from-file\"\nlog = \"warn\"\nworkers = 3\nimage_mib = 7\n";
    let printed = print(
        &home,
        config(&home, Some(file))
            .env("KEYSTEAD_REGION", "from-env")
            .env("KEYSTEAD_LOG", "debug")
            .args(["--region", "from-flag"]),
    );
    assert_eq!(line(&printed, "region"), "region = \"from-flag\"  # flag");
    let log = line(&printed, "log");
    assert!(log.starts_with("log = \"debug\"  # ") && log.to_lowercase().contains("env"), "{log}");
    let workers = line(&printed, "workers");
    assert!(workers.starts_with("workers = 3  # ") && workers.ends_with("keystead.toml"), "{workers}");
    assert_eq!(line(&printed, "nonce_mib"), "nonce_mib = 64  # default");
    assert_eq!(line(&printed, "http"), "http = \"127.0.0.1:8300\"  # default");
    assert_eq!(line(&printed, "https"), "https = \"127.0.0.1:8343\"  # default");
    assert!(line(&printed, "root_key_file").starts_with("root_key_file = (not set)"));
    assert_eq!(line(&printed, "allow_plain_http"), "allow_plain_http = false  # default");
    // Every setting is there, one a line.
    assert_eq!(printed.lines().count(), 44, "{printed}");
}

#[test]
fn every_setting_can_be_said_in_each_way() {
    let home = Home::new();
    for (name, value, shown) in [
        ("data_dir", "/d", "\"/d\""),
        ("root_key_file", "/k", "\"/k\""),
        ("http", "127.0.0.1:1", "\"127.0.0.1:1\""),
        ("https", "off", "\"off\""),
        ("ops", "[::1]:2", "\"[::1]:2\""),
        ("region", "r", "\"r\""),
        ("ready_file", "/r", "\"/r\""),
        ("allow_plain_http", "true", "true"),
        ("workers", "5", "5"),
        ("image_mib", "6", "6"),
        ("opened_keys", "7", "7"),
        ("nonce_mib", "8", "8"),
        ("max_connections", "9", "9"),
        ("log", "trace", "\"trace\""),
        ("log_json", "true", "true"),
        ("compat.strict", "true", "true"),
        ("quotas.enabled", "true", "true"),
        ("oidc.any_issuer", "false", "false"),
        ("metadata.listen", "127.0.0.1:3", "\"127.0.0.1:3\""),
        ("metadata.role", "ops", "\"ops\""),
        ("metadata.account", "a", "\"a\""),
        ("metadata.session_name", "i-1", "\"i-1\""),
        ("metadata.token_required", "true", "true"),
        ("metadata.beyond_loopback", "true", "true"),
        ("credentials_uri.listen", "127.0.0.1:4", "\"127.0.0.1:4\""),
        ("credentials_uri.role", "ops", "\"ops\""),
        ("credentials_uri.account", "a", "\"a\""),
        ("credentials_uri.session_name", "app", "\"app\""),
        ("credentials_uri.path", "/keys", "\"/keys\""),
        ("credentials_uri.beyond_loopback", "true", "true"),
        ("dedicated.listen", "127.0.0.1:5", "\"127.0.0.1:5\""),
        ("dedicated.domain", "example.org", "\"example.org\""),
        ("dedicated.loopback", "false", "false"),
        ("dedicated.loopback_http", "true", "true"),
    ] {
        let flag = format!("--{}", name.replace(['_', '.'], "-"));
        let by_flag = print(&home, config(&home, None).args([&flag, value]));
        assert_eq!(line(&by_flag, name), format!("{name} = {shown}  # flag"));
        let variable = format!("KEYSTEAD_{}", name.replace('.', "_").to_uppercase());
        let by_env = print(&home, config(&home, None).env(&variable, value));
        assert!(line(&by_env, name).starts_with(&format!("{name} = {shown}  # ")), "{by_env}");
        assert!(!line(&by_env, name).ends_with("default"), "{by_env}");
        let text = if shown.starts_with('"') { shown.to_owned() } else { value.to_owned() };
        let by_file = print(&home, &mut config(&home, Some(&format!("{name} = {text}\n"))));
        let expected = format!("{name} = {shown}  # {}", home.path("keystead.toml").display());
        assert_eq!(line(&by_file, name), expected);
    }
    let names = print(&home, config(&home, None).args(["--tls-name", "a", "--tls-name", "b"]));
    assert_eq!(line(&names, "tls_name"), "tls_name = [\"a\",\"b\"]  # flag");
    let instances = print(&home, config(&home, None).args(["--instance", "kst-a", "--instance", "auto"]));
    assert_eq!(line(&instances, "instance"), "instance = [\"kst-a\",\"auto\"]  # flag");
    let proxies = ["--gateway-trusted-proxies", "10.0.0.0/8", "--gateway-trusted-proxies", "fd00::/8"];
    let proxies = print(&home, config(&home, None).args(proxies));
    assert_eq!(
        line(&proxies, "gateway.trusted_proxies"),
        "gateway.trusted_proxies = [\"10.0.0.0/8\",\"fd00::/8\"]  # flag"
    );
    // Two settings of one table, and an account that looks like a number.
    let two = ["--metadata-role", "ops", "--metadata-listen", "127.0.0.1:5"];
    let two =
        print(&home, config(&home, None).args(two).env("KEYSTEAD_METADATA_ACCOUNT", "1234567890123456"));
    assert_eq!(line(&two, "metadata.role"), "metadata.role = \"ops\"  # flag");
    assert_eq!(line(&two, "metadata.listen"), "metadata.listen = \"127.0.0.1:5\"  # flag");
    assert!(line(&two, "metadata.account").contains("1234567890123456"));
    // Tables that only the file has.
    let tables =
        "[oidc.issuers.\"https://i.example\"]\njwks_file = \"/k.json\"\n[quotas.limits]\nsymmetric = 7\n";
    let tables = print(&home, &mut config(&home, Some(tables)));
    assert!(
        tables.contains("oidc.issuers.\"https://i.example\" = {\"jwks_file\":\"/k.json\"}  # "),
        "{tables}"
    );
    assert!(tables.contains("quotas.limits.symmetric = 7  # "), "{tables}");
    // The file named by the environment.
    fs::write(home.path("env.toml"), "region = \"r2\"\n").unwrap();
    let printed = print(&home, home.command("config").env("KEYSTEAD_CONFIG", home.path("env.toml")));
    assert!(line(&printed, "region").starts_with("region = \"r2\""));
}

#[test]
fn what_is_malformed_is_refused_by_name() {
    let home = Home::new();
    for (file, named) in [
        ("regoin = \"x\"\n", "regoin"),
        ("[server]\nhttp = \"off\"\n", "server"),
        ("workers = \"many\"\n", "workers"),
        ("workers = -1\n", "workers"),
        ("http = \"localhost\"\n", "ADDR:PORT"),
        ("http = \"127.0.0.1:99999\"\n", "ADDR:PORT"),
        ("allow_plain_http = \"perhaps\"\n", "allow_plain_http"),
        ("region = \n", "keystead.toml"),
        ("root_access_key_secret = \"x\"\n", "root_access_key_secret"),
        ("[compat]\nlax = true\n", "lax"),
        ("[compat]\nstrict = 1\n", "compat.strict"),
        ("[gateway]\ntrusted_proxies = [\"everyone\"]\n", "everyone"),
        ("[quotas.limits]\nkeys = 1\n", "create_key"),
        ("[oidc.issuers.\"http://i.example\"]\njwks_file = \"/k\"\n", "https://"),
        ("[oidc.issuers.\"https://i.example\"]\nkeys = \"/k\"\n", "keys"),
        ("[metadata]\nlisten = \"here\"\n", "ADDR:PORT"),
    ] {
        for subcommand in ["config", "serve"] {
            fs::write(home.path("keystead.toml"), file).unwrap();
            let mut command = home.command(subcommand);
            command.arg("--config").arg(home.path("keystead.toml")).arg("--data-dir").arg(home.data());
            let text = home.refused(&mut command);
            assert!(text.contains(named), "{file}: {text}");
        }
    }
    for (flag, value) in
        [("--workers", "x"), ("--http", "nowhere"), ("--max-connections", "-1"), ("--log-json", "2")]
    {
        let mut command = home.command("serve");
        command.arg("--data-dir").arg(home.data()).arg(format!("{flag}={value}"));
        let text = home.refused(&mut command);
        assert!(text.contains(flag.trim_start_matches('-')) || text.contains(value), "{flag}: {text}");
    }
    let text = home.refused(home.command("config").arg("--config").arg(home.path("absent.toml")));
    assert!(text.contains("absent.toml"), "{text}");
    assert!(!home.data().exists());
}

#[test]
fn logs_are_lines_of_json_when_asked_for() {
    let home = Home::new();
    let mut serve = home.serve();
    serve.arg("--log-json");
    let server = home.start_with(&mut serve);
    Call::new("DescribeKey").query("KeyId", "absent").send(&server).refused(404, "Forbidden.KeyNotFound");
    server.stop();
    let log = home.log();
    assert!(log.lines().count() > 3);
    for line in log.lines() {
        let value: serde_json::Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
        assert!(value["level"].is_string() && value["timestamp"].is_string(), "{line}");
    }
    assert!(log.contains("Forbidden.KeyNotFound"));
}

/// At their finest levels the HTTP libraries write request heads into the log.
#[test]
fn no_setting_makes_libraries_log_requests() {
    let marker = "planted-in-a-query-8Kq2";
    for level in ["trace", "trace,hyper=trace,h2=trace,rustls=trace,tokio=trace", "trace,trace"] {
        let home = Home::new();
        let mut serve = home.serve();
        serve.args(["--log", level]).env("RUST_LOG", "trace,hyper=trace,h2=trace");
        if level != "trace" {
            let text = home.refused(&mut serve);
            assert!(text.contains("log"), "{text}");
            continue;
        }
        let server = home.start_with(&mut serve);
        Call::new("Encrypt").query("KeyId", "absent").query("Plaintext", marker).send(&server);
        crate::http2::Http2::plain(server.http())
            .send(&Call::new("Encrypt").query("Plaintext", marker).parts(&server.http().to_string()));
        server.stop();
        let log = home.log();
        assert_eq!(find(log.as_bytes(), marker.as_bytes()), None);
        assert_eq!(find(log.as_bytes(), ACCESS_KEY_SECRET.as_bytes()), None);
    }
    for level in ["loud", "", "keystead=trace"] {
        let home = Home::new();
        let mut serve = home.serve();
        serve.args(["--log", level]);
        let text = home.refused(&mut serve);
        assert!(text.contains("log"), "{level:?}: {text}");
    }
}

#[test]
fn rotation_targets_stand_in_the_file_and_wrong_ones_are_named() {
    let home = Home::new();
    let target = "[rotation.targets.\"rm-1\"]\nkind = \"postgres\"\n";
    let good = format!("{target}address = \"127.0.0.1:5432\"\nadmin_secret = \"kms/admin\"\n");
    let printed = print(&home, &mut config(&home, Some(&good)));
    let shown = line(&printed, "rotation.targets.\"rm-1\"");
    assert!(shown.contains("kms/admin") && shown.ends_with("keystead.toml"), "{shown}");
    for (rest, named) in [
        ("address = \"127.0.0.1:5432\"\n", "rotation.targets.\"rm-1\": `admin_secret` is missing"),
        ("admin_secret = \"a\"\n", "rotation.targets.\"rm-1\": `address` is missing"),
        ("password = \"a\"\n", "password"),
    ] {
        let file = format!("{target}{rest}");
        for command in ["config", "serve"] {
            config(&home, Some(&file));
            let output = home.run(home.command(command).arg("--config").arg(home.path("keystead.toml")));
            let told = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(!output.status.success() && told.contains(named), "{command}: {told}");
        }
    }
}
