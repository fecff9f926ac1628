//! The profile file `credentials.ini` of the official SDKs.

use super::{Credentials, CredentialsError, SecretKey};

/// The keys and values of one section.
pub(crate) struct Section<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Section<'a> {
    /// The value of a key; an empty one counts as none.
    pub(crate) fn get(&self, key: &str) -> Option<&'a str> {
        let last = self.0.iter().rev().find(|(name, _)| *name == key);
        last.map(|(_, value)| *value).filter(|value| !value.is_empty())
    }
}

/// Reads the section `[profile]`.
///
/// A line is `[section]`, `key = value`, empty, or a comment that starts with `#` or `;`. In a value, `#` and what follows it
/// are dropped, as the official readers do. Later lines win over earlier ones of the same key.
pub(crate) fn section<'a>(text: &'a str, profile: &str) -> Result<Section<'a>, CredentialsError> {
    let mut found = false;
    let mut inside = false;
    let mut pairs = Vec::new();
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
        pairs.push((key.trim(), value.split('#').next().unwrap_or_default().trim()));
    }
    if found { Ok(Section(pairs)) } else { Err(CredentialsError::NoProfile { profile: profile.to_owned() }) }
}

/// Reads the section `[profile]` of type `access_key`.
///
/// # Errors
/// No such section, another `type`, a missing or empty `access_key_id` or `access_key_secret`, or a line of no known form.
/// No error holds a value from the file.
pub fn read(text: &str, profile: &str) -> Result<Credentials, CredentialsError> {
    let section = section(text, profile)?;
    let needed =
        |key| section.get(key).ok_or_else(|| CredentialsError::NoKey { profile: profile.to_owned(), key });
    let kind = needed("type")?;
    if kind != "access_key" {
        let (profile, kind) = (profile.to_owned(), kind.to_owned());
        return Err(CredentialsError::UnsupportedType { profile, kind });
    }
    Ok(Credentials {
        access_key_id: needed("access_key_id")?.to_owned(),
        secret: SecretKey::new(needed("access_key_secret")?.to_owned()),
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
