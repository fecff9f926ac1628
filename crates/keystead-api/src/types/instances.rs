//! Known values of operations on instances, access points and the account (KMS API reference).

use super::open_enum::open_enum;

open_enum! {
    /// Whether an account may use the service.
    AccountStatus {
        ENABLED = "Enabled",
        NOT_ENABLED = "NotEnabled",
        IN_DEBT = "InDebt",
        SUSPENDED = "Suspended",
    }
}

open_enum! {
    /// State of an instance.
    InstanceStatus {
        UNINITIALIZED = "Uninitialized",
        CONNECTING = "Connecting",
        CONNECTED = "Connected",
        DISCONNECTED = "Disconnected",
        ERROR = "Error",
    }
}

open_enum! {
    /// How an instance is paid.
    ChargeType {
        PREPAY = "PREPAY",
        POSTPAY = "POSTPAY",
    }
}

open_enum! {
    /// Who provides the key management of an instance.
    KmsProvider {
        ALIYUN = "Aliyun",
    }
}

open_enum! {
    /// What an instance has a quota of.
    QuotaType {
        KEY = "key",
        SECRET = "secret",
        /// Calls per second.
        QPS = "qps",
        /// VPCs that reach it.
        VPC = "vpc",
    }
}

open_enum! {
    /// How applications prove at an access point who they are.
    AuthenticationMethod {
        CLIENT_KEY = "ClientKey",
    }
}

open_enum! {
    /// Algorithm of a client key.
    ClientKeyAlgorithm {
        RSA_2048 = "RSA_2048",
    }
}

open_enum! {
    /// Where a client key's pair was made.
    ClientKeyOrigin {
        KMS_PROVIDED = "KMS_PROVIDED",
    }
}

open_enum! {
    /// Type of the addresses in a network rule.
    NetworkRuleType {
        PRIVATE = "Private",
    }
}
