//! Ids of accounts, AccessKeys, keys and versions, in the shapes that official clients know.

use keystead_api::Timestamp;
use keystead_crypto::{Random, RandomError};
use zeroize::Zeroizing;

use crate::records::Id;

const LOWER: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";
const ALPHANUMERIC: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const DIGITS: &[u8] = b"0123456789";

/// A key id: `key-`, three letters of the region, eight hex digits of the time, ten random characters: 25 in all.
///
/// # Errors
/// When there is no randomness.
pub fn key_id(random: &dyn Random, region: &str, now: Timestamp) -> Result<Id, RandomError> {
    timed(random, "key", region, now)
}

/// An instance id: as a key's, with `kst-` in front.
///
/// # Errors
/// When there is no randomness.
pub fn instance_id(random: &dyn Random, region: &str, now: Timestamp) -> Result<Id, RandomError> {
    timed(random, "kst", region, now)
}

/// Whether a text can be the id of an instance: `kst-` and 1 to 32 lower-case letters, digits and dashes, with no dash at
/// either end. It is then also a label of a host name.
pub fn is_instance_id(text: &str) -> bool {
    text.strip_prefix("kst-").is_some_and(|rest| {
        (1..=32).contains(&rest.len())
            && rest.bytes().all(|byte| LOWER.contains(&byte) || byte == b'-')
            && !rest.starts_with('-')
            && !rest.ends_with('-')
    })
}

fn timed(random: &dyn Random, kind: &str, region: &str, now: Timestamp) -> Result<Id, RandomError> {
    // Eight digits, also after 2106; the random part keeps ids apart.
    let time = now.0 & 0xffff_ffff;
    Ok(id(&format!("{kind}-{}{time:08x}{}", region_letters(region), pick(random, LOWER, 10)?.as_str())))
}

/// A key version id: the key id, a dash and ten random characters: 36 in all, which clients rely on.
///
/// # Errors
/// When there is no randomness.
pub fn version_id(random: &dyn Random, key_id: &Id) -> Result<Id, RandomError> {
    Ok(id(&format!("{key_id}-{}", pick(random, LOWER, 10)?.as_str())))
}

fn id(text: &str) -> Id {
    Id::from(text).expect("ids are made of parts of fixed length, 36 characters at most")
}

/// An account id: 16 digits, the first one not zero.
///
/// # Errors
/// When there is no randomness.
pub fn account_id(random: &dyn Random) -> Result<String, RandomError> {
    Ok(format!("1{}", pick(random, DIGITS, 15)?.as_str()))
}

/// A RAM user's id: 18 digits, the first one a 2.
///
/// # Errors
/// When there is no randomness.
pub fn user_id(random: &dyn Random) -> Result<String, RandomError> {
    Ok(format!("2{}", pick(random, DIGITS, 17)?.as_str()))
}

/// A role's id: 18 digits, the first one a 3.
///
/// # Errors
/// When there is no randomness.
pub fn role_id(random: &dyn Random) -> Result<String, RandomError> {
    Ok(format!("3{}", pick(random, DIGITS, 17)?.as_str()))
}

/// A group's id: `g-` and 16 characters.
///
/// # Errors
/// When there is no randomness.
pub fn group_id(random: &dyn Random) -> Result<String, RandomError> {
    Ok(format!("g-{}", pick(random, ALPHANUMERIC, 16)?.as_str()))
}

/// An AccessKey id: `LTAI5t` and 18 characters.
///
/// # Errors
/// When there is no randomness.
pub fn access_key_id(random: &dyn Random) -> Result<String, RandomError> {
    Ok(format!("LTAI5t{}", pick(random, ALPHANUMERIC, 18)?.as_str()))
}

/// An AccessKey secret: 30 characters, 178 bits.
///
/// # Errors
/// When there is no randomness.
pub fn access_key_secret(random: &dyn Random) -> Result<Zeroizing<String>, RandomError> {
    pick(random, ALPHANUMERIC, 30)
}

/// The id of a temporary AccessKey: `STS.` and 25 characters.
///
/// # Errors
/// When there is no randomness.
pub fn session_key_id(random: &dyn Random) -> Result<String, RandomError> {
    Ok(format!("{SESSION_KEY}{}", pick(random, ALPHANUMERIC, 25)?.as_str()))
}

/// The secret of a temporary AccessKey: 44 characters, 261 bits.
///
/// # Errors
/// When there is no randomness.
pub fn session_key_secret(random: &dyn Random) -> Result<Zeroizing<String>, RandomError> {
    pick(random, ALPHANUMERIC, 44)
}

/// What the ids of temporary AccessKeys begin with.
pub const SESSION_KEY: &str = "STS.";

/// The id of a client key: `KAAP.` and a random UUID (RFC 9562, version 4).
///
/// # Errors
/// When there is no randomness.
pub fn client_key_id(random: &dyn Random) -> Result<String, RandomError> {
    let mut bytes = [0; 16];
    random.fill(&mut bytes)?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let number = u128::from_be_bytes(bytes);
    let part = |from: u32, digits: u32| (number >> from) & ((1 << (4 * digits)) - 1);
    Ok(format!(
        "{CLIENT_KEY}{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        part(96, 8),
        part(80, 4),
        part(64, 4),
        part(48, 4),
        part(0, 12)
    ))
}

/// What the ids of client keys begin with.
pub const CLIENT_KEY: &str = "KAAP.";

/// An id that only this service sees: 20 characters.
///
/// # Errors
/// When there is no randomness.
pub fn internal_id(random: &dyn Random) -> Result<String, RandomError> {
    Ok(pick(random, LOWER, 20)?.to_string())
}

/// A secret's own id, which outlives no secret: an internal id.
///
/// # Errors
/// When there is no randomness.
pub fn secret_uid(random: &dyn Random) -> Result<Id, RandomError> {
    Ok(id(&internal_id(random)?))
}

/// Draws `len` characters of an ASCII alphabet, each equally likely.
///
/// # Errors
/// When there is no randomness.
pub fn pick(random: &dyn Random, alphabet: &[u8], len: usize) -> Result<Zeroizing<String>, RandomError> {
    // Bytes at or above the largest multiple of the alphabet's length would favour its head: drawn again.
    let fair = 256 - 256 % alphabet.len();
    let mut text = Zeroizing::new(String::with_capacity(len));
    let mut bytes = Zeroizing::new([0u8; 64]);
    while text.len() < len {
        random.fill(bytes.as_mut_slice())?;
        for byte in bytes.iter().map(|byte| usize::from(*byte)).filter(|byte| *byte < fair) {
            if text.len() == len {
                break;
            }
            text.push(char::from(alphabet[byte % alphabet.len()]));
        }
    }
    Ok(text)
}

/// The three letters of a region as they stand in published ids (`hzz` for Hangzhou); for a region without
/// published ids, its initials, filled up with the last one.
fn region_letters(region: &str) -> String {
    let known = match region {
        "cn-hangzhou" => "hzz",
        "cn-shanghai" => "shh",
        "cn-beijing" => "bjj",
        "cn-shenzhen" => "szz",
        "cn-guangzhou" => "gzz",
        _ => "",
    };
    if !known.is_empty() {
        return known.to_owned();
    }
    let mut letters: String = region
        .split('-')
        .filter_map(|part| part.chars().next())
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .take(3)
        .collect();
    let last = letters.chars().last().unwrap_or('z');
    while letters.len() < 3 {
        letters.push(last);
    }
    letters
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use keystead_crypto::SystemRandom;

    #[test]
    fn shapes() {
        let key = key_id(&SystemRandom, "cn-hangzhou", Timestamp(0x62f1_cb66)).unwrap();
        assert!(key.starts_with("key-hzz62f1cb66") && key.len() == 25, "{key}");
        for region in ["ap-southeast-1", "us-east-1", "x", "", "local"] {
            assert_eq!(
                key_id(&SystemRandom, region, Timestamp(1_800_000_000)).unwrap().len(),
                25,
                "{region}"
            );
        }
        let instance = instance_id(&SystemRandom, "cn-hangzhou", Timestamp(0x62f1_cb66)).unwrap();
        assert!(instance.starts_with("kst-hzz62f1cb66") && instance.len() == 25, "{instance}");
        for good in [instance.as_str(), "kst-a", "kst-my-instance-1"] {
            assert!(is_instance_id(good), "{good}");
        }
        for bad in ["kst-", "key-a", "kst-A", "kst-a.b", "kst-a/b", "kst--a", "kst-a-", "", "auto"] {
            assert!(!is_instance_id(bad), "{bad}");
        }
        assert!(!is_instance_id(&format!("kst-{}", "a".repeat(33))));
        assert_eq!(version_id(&SystemRandom, &key).unwrap().len(), keystead_crypto::VERSION_ID_LEN);
        assert_eq!(account_id(&SystemRandom).unwrap().len(), 16);
        assert_eq!(access_key_id(&SystemRandom).unwrap().len(), 24);
        assert_eq!(access_key_secret(&SystemRandom).unwrap().len(), 30);
        let client_key = client_key_id(&SystemRandom).unwrap();
        let parts: Vec<_> = client_key.strip_prefix("KAAP.").unwrap().split('-').collect();
        assert_eq!(parts.iter().map(|part| part.len()).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
        assert!(parts[2].starts_with('4') && parts[3].starts_with(['8', '9', 'a', 'b']), "{client_key}");
    }
}
