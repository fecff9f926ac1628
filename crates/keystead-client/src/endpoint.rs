//! The address of the service.

pub(crate) use keystead_auth::credentials::providers::Endpoint;
use keystead_auth::credentials::providers::{EndpointError, is_region};

use crate::builder::BuildError;

/// The endpoint of a region of Alibaba Cloud: the public one, or that inside its VPCs.
pub(crate) fn of_region(region: &str, vpc: bool) -> Result<Endpoint, BuildError> {
    if !is_region(region) {
        return Err(BuildError::Region);
    }
    let network = if vpc { "-vpc" } else { "" };
    Ok(Endpoint::parse(&format!("kms{network}.{region}.aliyuncs.com"), false)?)
}

/// The address of an instance of Alibaba Cloud.
pub(crate) fn of_instance(id: &str) -> Result<Endpoint, BuildError> {
    let valid = id.starts_with("kst-") && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if !valid {
        return Err(BuildError::Instance);
    }
    Ok(Endpoint::parse(&format!("{id}.cryptoservice.kms.aliyuncs.com"), false)?)
}

impl From<EndpointError> for BuildError {
    fn from(error: EndpointError) -> Self {
        match error {
            EndpointError::Form => Self::Endpoint,
            EndpointError::PlainHttp => Self::PlainHttp,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn shown(text: &str, plain_http: bool) -> Result<String, String> {
        Endpoint::parse(text, plain_http)
            .map(|endpoint| format!("{}://{}", endpoint.scheme(), endpoint.authority))
            .map_err(|error| format!("{:?}", BuildError::from(error)))
    }

    #[test]
    fn forms() {
        for (text, plain, expected) in [
            ("127.0.0.1:8443", false, "https://127.0.0.1:8443"),
            ("127.0.0.1:8080", true, "http://127.0.0.1:8080"),
            ("kms.example", false, "https://kms.example"),
            ("https://kms.example/", false, "https://kms.example"),
            ("HTTPS://kms.example:443", false, "https://kms.example:443"),
            ("http://127.0.0.1:8080", false, "http://127.0.0.1:8080"),
            ("http://localhost:8080", false, "http://localhost:8080"),
            ("http://[::1]:8080/", false, "http://[::1]:8080"),
            ("http://kms.example", true, "http://kms.example"),
        ] {
            assert_eq!(shown(text, plain).unwrap(), expected);
        }
        assert_eq!(shown("http://kms.example", false).unwrap_err(), "PlainHttp");
        for bad in [
            "",
            "https://",
            "kms.example/path",
            "user@kms.example",
            "kms.example:",
            "kms.example:0",
            "kms.example:99999",
            "ftp://kms.example",
            "kms example",
            ":8443",
            "https://kms.example?x",
            "https://a://b",
        ] {
            assert_eq!(shown(bad, false).unwrap_err(), "Endpoint", "{bad}");
        }
        assert_eq!(shown("https://kms.example", true).unwrap_err(), "Endpoint");
    }

    #[test]
    fn regions() {
        assert_eq!(of_region("cn-hangzhou", true).unwrap().authority, "kms-vpc.cn-hangzhou.aliyuncs.com");
        let endpoint = of_region("cn-hangzhou", false).unwrap();
        assert_eq!((endpoint.tls, endpoint.authority.as_str()), (true, "kms.cn-hangzhou.aliyuncs.com"));
        for bad in ["", "evil.example/", "a.b", "CN", "a@b"] {
            assert!(matches!(of_region(bad, false), Err(BuildError::Region)), "{bad}");
        }
    }

    #[test]
    fn instances() {
        let endpoint = of_instance("kst-hzz00000000aaaaaaaaaa").unwrap();
        assert_eq!(endpoint.authority, "kst-hzz00000000aaaaaaaaaa.cryptoservice.kms.aliyuncs.com");
        for bad in ["", "kst", "kst-a.evil.example", "kst-a/", "key-a"] {
            assert!(matches!(of_instance(bad), Err(BuildError::Instance)), "{bad}");
        }
    }
}
