//! Known values of secret operations (KMS API reference, secrets).

use super::open_enum::open_enum;

open_enum! {
    /// What a secret is a login of.
    SecretType {
        /// Of nothing the service knows.
        GENERIC = "Generic",
        RDS = "Rds",
        REDIS = "Redis",
        POLAR_DB = "PolarDB",
        /// An AccessKey of a RAM user.
        RAM_CREDENTIALS = "RAMCredentials",
        ECS = "ECS",
    }
}

open_enum! {
    /// Whether a secret's value is text or bytes.
    SecretDataType {
        TEXT = "text",
        /// The value is base64 on the wire.
        BINARY = "binary",
    }
}

open_enum! {
    /// A label of a secret's version. Labels of one's own are made from text.
    VersionStage {
        /// The version that is read by default.
        ACS_CURRENT = "ACSCurrent",
        /// The one that was current before.
        ACS_PREVIOUS = "ACSPrevious",
    }
}
