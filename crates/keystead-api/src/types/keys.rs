//! Known values of key operations (KMS API reference, key management types and specifications).

use super::open_enum::open_enum;

open_enum! {
    /// Algorithm and size of a key.
    KeySpec {
        ALIYUN_AES_256 = "Aliyun_AES_256",
        ALIYUN_AES_192 = "Aliyun_AES_192",
        ALIYUN_AES_128 = "Aliyun_AES_128",
        ALIYUN_SM4 = "Aliyun_SM4",
        RSA_2048 = "RSA_2048",
        RSA_3072 = "RSA_3072",
        RSA_4096 = "RSA_4096",
        EC_P256 = "EC_P256",
        EC_P256K = "EC_P256K",
        EC_SM2 = "EC_SM2",
        HMAC_SHA224 = "HMAC_SHA224",
        HMAC_SHA256 = "HMAC_SHA256",
        HMAC_SHA384 = "HMAC_SHA384",
        HMAC_SHA512 = "HMAC_SHA512",
        HMAC_SM3 = "HMAC_SM3",
    }
}

open_enum! {
    /// What a key is for.
    KeyUsage {
        ENCRYPT_DECRYPT = "ENCRYPT/DECRYPT",
        SIGN_VERIFY = "SIGN/VERIFY",
        GENERATE_VERIFY_MAC = "GENERATE/VERIFY_MAC",
    }
}

open_enum! {
    /// State of a key.
    KeyState {
        ENABLED = "Enabled",
        DISABLED = "Disabled",
        /// It is deleted when its window ends.
        PENDING_DELETION = "PendingDeletion",
        /// It waits for its material.
        PENDING_IMPORT = "PendingImport",
        /// It cannot be reached.
        UNAVAILABLE = "Unavailable",
    }
}

open_enum! {
    /// Where a key's material comes from.
    KeyOrigin {
        /// Made by the service.
        ALIYUN_KMS = "Aliyun_KMS",
        /// Imported.
        EXTERNAL = "EXTERNAL",
    }
}

open_enum! {
    /// What holds a key.
    ProtectionLevel {
        SOFTWARE = "SOFTWARE",
        HSM = "HSM",
    }
}

open_enum! {
    /// Where a hardware instance keeps a key.
    KeyStorageMechanism {
        HSM_INTERNAL = "HsmInternal",
        HSM_ENCRYPTED_DATABASE = "HsmEncryptedDatabase",
    }
}

open_enum! {
    /// Whether a key or a secret is rotated automatically.
    RotationStatus {
        ENABLED = "Enabled",
        DISABLED = "Disabled",
        /// Of keys: their state forbids it for now.
        SUSPENDED = "Suspended",
        /// Of secrets: it cannot work.
        INVALID = "Invalid",
    }
}

open_enum! {
    /// Whether a key is protected from deletion.
    DeletionProtection {
        ENABLED = "Enabled",
        DISABLED = "Disabled",
    }
}

open_enum! {
    /// Length of a data key.
    DataKeySpec {
        /// 32 bytes.
        AES_256 = "AES_256",
        /// 16 bytes.
        AES_128 = "AES_128",
    }
}

open_enum! {
    /// How a key pair encrypts.
    EncryptionAlgorithm {
        RSAES_OAEP_SHA_256 = "RSAES_OAEP_SHA_256",
        RSAES_OAEP_SHA_1 = "RSAES_OAEP_SHA_1",
        SM2PKE = "SM2PKE",
    }
}

open_enum! {
    /// How a key pair signs.
    SigningAlgorithm {
        RSA_PSS_SHA_256 = "RSA_PSS_SHA_256",
        RSA_PKCS1_SHA_256 = "RSA_PKCS1_SHA_256",
        ECDSA_SHA_256 = "ECDSA_SHA_256",
        SM2DSA = "SM2DSA",
    }
}

open_enum! {
    /// How a message authentication code is made.
    MacAlgorithm {
        HMAC_SHA_224 = "HMAC_SHA_224",
        HMAC_SHA_256 = "HMAC_SHA_256",
        HMAC_SHA_384 = "HMAC_SHA_384",
        HMAC_SHA_512 = "HMAC_SHA_512",
        HMAC_SM3 = "HMAC_SM3",
    }
}

open_enum! {
    /// How material is wrapped under a public key.
    WrappingAlgorithm {
        RSAES_OAEP_SHA_256 = "RSAES_OAEP_SHA_256",
        RSAES_OAEP_SHA_1 = "RSAES_OAEP_SHA_1",
        /// For import only.
        RSAES_PKCS1_V1_5 = "RSAES_PKCS1_V1_5",
        SM2PKE = "SM2PKE",
    }
}

open_enum! {
    /// Type of a public key that wraps.
    WrappingKeySpec {
        RSA_2048 = "RSA_2048",
        EC_SM2 = "EC_SM2",
    }
}

open_enum! {
    /// Type of resources that have tags.
    TaggedType {
        KEY = "key",
        SECRET = "secret",
    }
}
