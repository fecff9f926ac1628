use std::fmt;

/// `acs:kms:<region>:<account>:<resource>`: the name of a resource everywhere.
///
/// Resources contain `/` (`key/key-hzz…`, `alias/app`, `secret/team/db`), so only the first four colons split.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arn<'a> {
    /// Region id, such as `cn-hangzhou`.
    pub region: &'a str,
    /// Account id.
    pub account: &'a str,
    /// The rest, such as `key/key-hzz…`.
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Reads an ARN of the KMS.
    ///
    /// # Errors
    /// When the text has another form, or a part is empty.
    pub fn parse(text: &'a str) -> Result<Self, ArnError> {
        let mut parts = text.splitn(5, ':');
        let mut next = || parts.next().filter(|part| !part.is_empty()).ok_or(ArnError);
        if next()? != "acs" || next()? != "kms" {
            return Err(ArnError);
        }
        Ok(Self { region: next()?, account: next()?, resource: next()? })
    }

    /// Whether the text means to be an ARN; ids, aliases and secret names never start so.
    pub fn looks_like(text: &str) -> bool {
        text.starts_with("acs:")
    }
}

impl fmt::Display for Arn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "acs:kms:{}:{}:{}", self.region, self.account, self.resource)
    }
}

/// The text is no ARN of the KMS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArnError;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::Arn;

    #[test]
    fn splits_only_four_times() {
        let arn = Arn::parse("acs:kms:cn-hangzhou:123456:secret/team/a:b").unwrap();
        assert_eq!(arn.resource, "secret/team/a:b");
        assert_eq!(arn.to_string(), "acs:kms:cn-hangzhou:123456:secret/team/a:b");
        for bad in ["", "acs:kms", "acs:ram::1:user/x", "acs:kms:r::key/x", "acs:kms:r:1:"] {
            assert!(Arn::parse(bad).is_err(), "{bad}");
        }
    }
}
