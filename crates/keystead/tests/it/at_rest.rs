//! Nothing in the data folder gives away a secret's value or key material.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use keystead_auth::credentials::ini;

use crate::server::{ACCESS_KEY_SECRET, Home};
use crate::signed::Call;
use crate::wire::escape;

/// A text in every form in which it might lie about: as it is, in hexadecimal digits, escaped, and in Base64 at each of the
/// three places within a group.
pub fn spellings(marker: &[u8]) -> Vec<Vec<u8>> {
    let mut forms = vec![
        marker.to_vec(),
        hex::encode(marker).into_bytes(),
        hex::encode_upper(marker).into_bytes(),
        STANDARD.encode(marker).into_bytes(),
        marker.iter().rev().copied().collect(),
    ];
    for shift in 0..3 {
        let mut shifted = vec![b'.'; shift];
        shifted.extend_from_slice(marker);
        // Only the characters that depend on the marker alone.
        let first = (shift * 8).div_ceil(6);
        let whole = (shifted.len() / 3) * 4;
        for encoded in [STANDARD_NO_PAD.encode(&shifted), URL_SAFE_NO_PAD.encode(&shifted)] {
            forms.push(encoded.as_bytes()[first..whole].to_vec());
        }
    }
    if let Ok(text) = std::str::from_utf8(marker) {
        forms.push(escape(text).into_bytes());
        forms.push(escape(&escape(text)).into_bytes());
        forms.push(text.encode_utf16().flat_map(u16::to_le_bytes).collect());
    }
    forms.retain(|form| form.len() >= 8);
    forms.sort();
    forms.dedup();
    forms
}

/// Where a marker is found in some bytes, if it is.
pub fn find(bytes: &[u8], marker: &[u8]) -> Option<String> {
    spellings(marker).into_iter().find_map(|form| {
        let at = position(bytes, &form)?;
        Some(format!("{:?} at {at}", String::from_utf8_lossy(&form)))
    })
}

fn position(bytes: &[u8], form: &[u8]) -> Option<usize> {
    let first = *form.first()?;
    let mut from = 0;
    while let Some(at) = bytes[from..].iter().position(|byte| *byte == first) {
        let at = from + at;
        if bytes[at..].starts_with(form) {
            return Some(at);
        }
        from = at + 1;
    }
    None
}

/// Every file under a folder but those named, with its bytes.
pub fn files(dir: &Path, but: &[&str]) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let kind = fs::symlink_metadata(&path).unwrap().file_type();
        if kind.is_dir() {
            found.extend(files(&path, but));
        } else if kind.is_file() && !but.contains(&name.as_str()) {
            found.push((name, fs::read(&path).unwrap()));
        }
    }
    found
}

#[test]
fn the_data_folder_shows_neither_values_nor_keys() {
    let home = Home::new();
    let server = home.start_with(&mut home.serve_with_own_key());
    let profile = ini::read(&fs::read_to_string(home.data().join("root-access-key.ini")).unwrap(), "default");
    let profile = profile.unwrap();
    let access_key_secret = profile.secret.expose().to_owned();
    let call = |action: &str| Call::new(action).key(&profile.access_key_id, &access_key_secret);

    let mut markers: Vec<Vec<u8>> = vec![access_key_secret.clone().into_bytes()];
    let mut plant = |name: &str| {
        let marker = format!("planted {name} 5jW0pXc2Rk8vLq");
        markers.push(marker.clone().into_bytes());
        marker
    };
    let key =
        call("CreateKey").send(&server).good().json()["KeyMetadata"]["KeyId"].as_str().unwrap().to_owned();
    let mut data_keys: Vec<Vec<u8>> = Vec::new();
    for round in 0..20 {
        let plaintext = plant(&format!("plaintext {round}"));
        let sealed = call("Encrypt").query("KeyId", &key).query("Plaintext", &plaintext).send(&server).good();
        let opened =
            call("Decrypt").query("CiphertextBlob", sealed.field("CiphertextBlob")).send(&server).good();
        assert_eq!(opened.field("Plaintext"), plaintext);
        let made = call("GenerateDataKey").query("KeyId", &key).send(&server).good();
        data_keys.push(STANDARD.decode(made.field("Plaintext")).unwrap());
        let password = call("GetRandomPassword").send(&server).good().field("RandomPassword");
        data_keys.push(password.into_bytes());
        let name = format!("secret-{round}");
        let first = plant(&format!("first value {round}"));
        let mut create = call("CreateSecret")
            .query("SecretName", &name)
            .query("VersionId", "1")
            .form("SecretData", &first);
        if round % 2 == 0 {
            create = create.query("EncryptionKeyId", &key);
        }
        create.send(&server).good();
        let second = plant(&format!("second value {round}"));
        call("PutSecretValue")
            .query("SecretName", &name)
            .query("VersionId", "2")
            .form("SecretData", &second)
            .send(&server)
            .good();
        let value = call("GetSecretValue").query("SecretName", &name).send(&server).good();
        assert_eq!(value.field("SecretData"), second);
    }
    markers.extend(data_keys);
    let root_key = fs::read_to_string(home.data().join("root.key")).unwrap();
    markers.push(hex::decode(root_key.lines().nth(1).unwrap()).unwrap());

    let scan = |when: &str| {
        let files = files(&home.data(), &["root.key", "root-access-key.ini"]);
        assert!(
            files.iter().map(|(_, bytes)| bytes.len()).sum::<usize>() > 50_000,
            "too little was looked at"
        );
        for (name, bytes) in &files {
            for marker in &markers {
                if let Some(place) = find(bytes, marker) {
                    panic!("{when}: {name} holds {place}");
                }
            }
            assert!(position(bytes, b"PRIVATE KEY").is_none(), "{when}: {name} holds a private key");
            assert!(
                spellings_of_pkcs8().iter().all(|head| position(bytes, head).is_none()),
                "{when}: {name}"
            );
        }
    };
    scan("while it is served");
    server.kill();
    scan("after kill -9");
    home.start().stop();
    scan("after a clean end");
    let log = home.log();
    for marker in &markers {
        assert_eq!(find(log.as_bytes(), marker), None, "in the log");
    }
    assert_eq!(find(log.as_bytes(), ACCESS_KEY_SECRET.as_bytes()), None, "in the log");
}

/// How the CA's private key (PKCS#8, P-256) would begin: in its own bytes and in Base64.
fn spellings_of_pkcs8() -> [Vec<u8>; 2] {
    let head =
        hex::decode("308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b0201010420").unwrap();
    let text = STANDARD_NO_PAD.encode(&head).into_bytes();
    [head, text]
}

#[test]
fn markers_are_found_in_every_spelling() {
    let marker = b"planted value 5jW0pXc2";
    for form in [
        b"before planted value 5jW0pXc2 after".to_vec(),
        format!("x{}", hex::encode(marker)).into_bytes(),
        STANDARD.encode([b"a".as_slice(), marker, b"zz"].concat()).into_bytes(),
        STANDARD.encode([b"ab".as_slice(), marker].concat()).into_bytes(),
        STANDARD.encode([b"abc".as_slice(), marker, b"z"].concat()).into_bytes(),
        b"?a=planted%20value%205jW0pXc2".to_vec(),
    ] {
        assert!(find(&form, marker).is_some(), "{}", String::from_utf8_lossy(&form));
    }
    assert_eq!(find(b"planted value 5jW0pXc1", marker), None);
}
