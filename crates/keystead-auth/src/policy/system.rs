//! The policies that every account has from the start. Names and contents are the vendor's, as far as they are about keys,
//! secrets, RAM and STS (RAM, developer reference, system policies).

use std::sync::LazyLock;

use crate::policy::IdentityPolicy;

/// A policy that every account has and nobody changes.
#[derive(Debug)]
pub struct SystemPolicy {
    /// Its name.
    pub name: &'static str,
    /// What it is for.
    pub description: &'static str,
    /// The document, as it is shown.
    pub document: &'static str,
}

impl SystemPolicy {
    /// All of them, in the order of their names.
    pub const ALL: &'static [SystemPolicy] = ALL;

    /// The one with this name, which is compared without regard to case.
    pub fn find(name: &str) -> Option<&'static Self> {
        Self::ALL.iter().find(|policy| policy.name.eq_ignore_ascii_case(name))
    }

    /// The document, ready to be evaluated.
    pub fn policy(&self) -> &'static IdentityPolicy {
        static READ: LazyLock<Vec<IdentityPolicy>> = LazyLock::new(|| ALL.iter().map(read).collect());
        let index = Self::ALL.iter().position(|policy| policy.name == self.name);
        &READ[index.unwrap_or_default()]
    }
}

fn read(policy: &SystemPolicy) -> IdentityPolicy {
    let parsed = IdentityPolicy::parse(policy.document, usize::MAX);
    parsed.unwrap_or_else(|error| panic!("the system policy {}: {error}", policy.name))
}

const ALL: &[SystemPolicy] = &[
    SystemPolicy {
        name: "AdministratorAccess",
        description: "Everything on all resources of the account",
        document: r#"{
  "Version": "1",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "*",
      "Resource": "*"
    }
  ]
}"#,
    },
    SystemPolicy {
        name: "AliyunKMSCryptoAdminAccess",
        description: "Managing and using keys",
        document: r#"{
  "Version": "1",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "kms:*",
      "Resource": ["acs:kms:*:*:key*", "acs:kms:*:*:alias*"]
    }
  ]
}"#,
    },
    SystemPolicy {
        name: "AliyunKMSCryptoUserAccess",
        description: "Cryptographic operations with keys",
        document: r#"{
  "Version": "1",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": [
        "kms:Encrypt",
        "kms:Decrypt",
        "kms:GenerateDataKey",
        "kms:GenerateDataKeyWithoutPlaintext",
        "kms:AsymmetricDecrypt",
        "kms:AsymmetricEncrypt",
        "kms:AsymmetricSign",
        "kms:AsymmetricVerify",
        "kms:GetPublicKey",
        "kms:GenerateMac",
        "kms:VerifyMac"
      ],
      "Resource": "*"
    }
  ]
}"#,
    },
    SystemPolicy {
        name: "AliyunKMSFullAccess",
        description: "Everything on keys and secrets",
        document: r#"{
  "Version": "1",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "kms:*",
      "Resource": "*"
    }
  ]
}"#,
    },
    SystemPolicy {
        name: "AliyunKMSReadOnlyAccess",
        description: "Looking at keys and secrets, without using them",
        document: r#"{
  "Version": "1",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": [
        "kms:List*",
        "kms:Describe*",
        "kms:GetPublicKey",
        "kms:GetKmsInstanceQuotaInfos",
        "kms:GetKeyPolicy",
        "kms:GetSecretPolicy",
        "kms:GetKmsInstance",
        "kms:GetDefaultKmsInstance"
      ],
      "Resource": "*"
    }
  ]
}"#,
    },
    SystemPolicy {
        name: "AliyunKMSSecretAdminAccess",
        description: "Managing and reading secrets",
        document: r#"{
  "Version": "1",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "kms:*",
      "Resource": "acs:kms:*:*:secret*"
    },
    {
      "Effect": "Allow",
      "Action": "kms:GetRandomPassword",
      "Resource": "*"
    }
  ]
}"#,
    },
    SystemPolicy {
        name: "AliyunKMSSecretUserAccess",
        description: "Reading secrets",
        document: r#"{
  "Version": "1",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "kms:GetSecretValue",
      "Resource": "*"
    },
    {
      "Effect": "Allow",
      "Action": ["kms:DescribeSecret", "kms:ListSecretVersionIds"],
      "Resource": "*"
    }
  ]
}"#,
    },
    SystemPolicy {
        name: "AliyunRAMFullAccess",
        description: "Everything on users, groups, roles and policies",
        document: r#"{
  "Version": "1",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "ram:*",
      "Resource": "*"
    }
  ]
}"#,
    },
    SystemPolicy {
        name: "AliyunRAMReadOnlyAccess",
        description: "Looking at users, groups, roles and policies",
        document: r#"{
  "Version": "1",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": ["ram:Get*", "ram:List*"],
      "Resource": "*"
    }
  ]
}"#,
    },
    SystemPolicy {
        name: "AliyunSTSAssumeRoleAccess",
        description: "Taking roles that trust the caller",
        document: r#"{
  "Version": "1",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "sts:AssumeRole",
      "Resource": "*"
    }
  ]
}"#,
    },
    SystemPolicy {
        name: "ReadOnlyAccess",
        description: "Looking at all resources of the account, without using keys or reading secrets",
        document: r#"{
  "Version": "1",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": [
        "kms:List*",
        "kms:Describe*",
        "kms:GetPublicKey",
        "kms:GetKmsInstanceQuotaInfos",
        "kms:GetKeyPolicy",
        "kms:GetSecretPolicy",
        "kms:GetKmsInstance",
        "kms:GetDefaultKmsInstance",
        "ram:Get*",
        "ram:List*",
        "sts:GetCallerIdentity"
      ],
      "Resource": "*"
    }
  ]
}"#,
    },
];
