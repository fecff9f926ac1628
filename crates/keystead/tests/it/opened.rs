//! What lies sealed in a server's folder, opened beside the server, so that tests can look for it elsewhere.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keystead_crypto::{KeyMaterial, Purpose, SealingKey};
use keystead_store::embedded::{EmbeddedOptions, EmbeddedStore};
use keystead_store::{Range, Store as _};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::server::Home;

/// The secret part of every key version's material.
pub fn materials(home: &Home) -> Vec<Vec<u8>> {
    let folder = home.path("opened");
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let backup = home.run(
        home.command("backup").arg("--data-dir").arg(home.data()).arg("--to").arg(folder.join("keystead.db")),
    );
    assert!(backup.status.success(), "{}", String::from_utf8_lossy(&backup.stderr));
    let root_key = fs::read_to_string(home.data().join("root.key")).unwrap();
    let root_key = hex::decode(root_key.lines().nth(1).unwrap()).unwrap();
    let root_key = KeyMaterial::from_bytes(Zeroizing::new(root_key));

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let materials = runtime.block_on(async {
        let store = EmbeddedStore::open(&folder, EmbeddedOptions::default()).unwrap();
        let list = async |prefix: &str| {
            let records = store.scan(Range::prefix(prefix), None, 1000).await.unwrap();
            records
                .iter()
                .map(|record| serde_json::from_slice::<Value>(&record.value).unwrap())
                .collect::<Vec<_>>()
        };
        let account = &list("account/").await[0];
        let id = account["account"].as_str().unwrap();
        let under_root = SealingKey::derive(&root_key, Purpose::WrapAccountKey, b"");
        let account_key = under_root.open(id.as_bytes(), &sealed(&account["sealed_key"])).unwrap();
        let account_key = KeyMaterial::from_bytes(account_key);
        let wrap = SealingKey::derive(&account_key, Purpose::WrapKeyMaterial, b"");
        list("key-version/").await.iter().map(|version| open(&wrap, version)).collect()
    });
    fs::remove_dir_all(&folder).unwrap();
    materials
}

fn open(wrap: &SealingKey, version: &Value) -> Vec<u8> {
    let mut bound = Vec::new();
    for field in ["account", "key_id", "version_id"] {
        let part = version[field].as_str().unwrap();
        bound.extend_from_slice(&u32::try_from(part.len()).unwrap().to_be_bytes());
        bound.extend_from_slice(part.as_bytes());
    }
    secret_part(&wrap.open(&bound, &sealed(&version["sealed_material"])).unwrap())
}

fn sealed(field: &Value) -> Vec<u8> {
    STANDARD.decode(field.as_str().unwrap()).unwrap()
}

/// Key pairs are kept as PKCS#8, most of which is no secret. In whatever frame a private key turned up, its numbers would
/// be there: of a curve's key the private number, of an RSA key a part of its first prime, which is in the middle.
fn secret_part(material: &[u8]) -> Vec<u8> {
    const NUMBER: [u8; 5] = [0x02, 0x01, 0x01, 0x04, 0x20];
    match material.len() {
        0..=64 => material.to_vec(),
        65..=200 => {
            let head = material.windows(NUMBER.len()).position(|bytes| bytes == NUMBER).unwrap();
            material[head + NUMBER.len()..][..32].to_vec()
        }
        len => material[len / 2..][..48].to_vec(),
    }
}
