//! The profile file `credentials.ini` of the official SDKs.

use super::{Credentials, CredentialsError, SecretKey};

/// Reads the section `[profile]` of type `access_key`.
///
/// A line is `[section]`, `key = value`, empty, or a comment that starts with `#` or `;`. In a value, `#` and what follows it
/// are dropped, as the official readers do. Later lines win over earlier ones of the same key.
///
/// # Errors
/// No such section, another `type`, a missing or empty `access_key_id` or `access_key_secret`, or a line of no known form.
/// No error holds a value from the file.
pub fn read(text: &str, profile: &str) -> Result<Credentials, CredentialsError> {
    let mut found = false;
    let mut inside = false;
    let (mut kind, mut id, mut secret) = (None, None, None);
    for (index, line) in text.lines().enumerate() {
        // A byte order mark is what some editors leave at the start of the file.
        let line = line.trim_start_matches('\u{feff}').trim();
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        let malformed = CredentialsError::Malformed { line: index + 1 };
        if let Some(section) = line.strip_prefix('[') {
            let name = section.split('#').next().unwrap_or_default().trim_end();
            inside = name.strip_suffix(']').ok_or(malformed)?.trim() == profile;
            found |= inside;
            continue;
        }
        if !inside {
            continue;
        }
        let (key, value) = line.split_once('=').ok_or(malformed)?;
        let value = value.split('#').next().unwrap_or_default().trim();
        let slot = match key.trim() {
            "type" => &mut kind,
            "access_key_id" => &mut id,
            "access_key_secret" => &mut secret,
            _ => continue,
        };
        *slot = Some(value).filter(|value| !value.is_empty());
    }
    let profile = profile.to_owned();
    if !found {
        return Err(CredentialsError::NoProfile { profile });
    }
    match kind {
        Some("access_key") => {}
        Some(kind) => return Err(CredentialsError::UnsupportedType { profile, kind: kind.to_owned() }),
        None => return Err(CredentialsError::NoKey { profile, key: "type" }),
    }
    let Some(id) = id else { return Err(CredentialsError::NoKey { profile, key: "access_key_id" }) };
    let Some(secret) = secret else {
        return Err(CredentialsError::NoKey { profile, key: "access_key_secret" });
    };
    Ok(Credentials {
        access_key_id: id.to_owned(),
        secret: SecretKey::new(secret.to_owned()),
        security_token: None,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const FILE: &str = "\u{feff}# comment\n[default]\ntype = access_key   # kind\naccess_key_id=LTAI1 # id\n\
        access_key_secret = s3cr3t#tail\nother = x\n\n[ role ]\ntype=ram_role_arn\n; note\n[half]\ntype=access_key\n\
        access_key_id=\n[untyped]\naccess_key_id=a\n";

    #[test]
    fn reads_the_section_asked_for() {
        let credentials = read(FILE, "default").unwrap();
        assert_eq!(credentials.access_key_id, "LTAI1");
        assert_eq!(credentials.secret.expose(), "s3cr3t");
        assert!(credentials.security_token.is_none());
    }

    #[test]
    fn faults_are_named() {
        let fault = |profile| read(FILE, profile).unwrap_err().to_string();
        assert_eq!(fault("none"), "no profile named none");
        assert_eq!(fault("role"), "profile role has type ram_role_arn; only access_key is supported");
        assert_eq!(fault("half"), "profile half has no access_key_id");
        assert_eq!(fault("untyped"), "profile untyped has no type");
        assert!(matches!(read("[default\n", "default"), Err(CredentialsError::Malformed { line: 1 })));
        let fault = read("[default]\naccess_key_secret hush\n", "default").unwrap_err();
        assert!(matches!(fault, CredentialsError::Malformed { line: 2 }));
        assert!(!format!("{fault} {fault:?}").contains("hush"));
    }
}
