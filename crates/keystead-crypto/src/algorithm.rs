//! Names and sizes of what keys can be and do, as values.

/// A symmetric cipher for sealing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cipher {
    /// AES with 128 bits.
    Aes128,
    /// AES with 192 bits.
    Aes192,
    /// AES with 256 bits.
    Aes256,
    /// SM4 (GB/T 32907), 128 bits.
    Sm4,
}

impl Cipher {
    /// Length of a key, in bytes.
    pub fn key_len(self) -> usize {
        match self {
            Self::Aes128 | Self::Sm4 => 16,
            Self::Aes192 => 24,
            Self::Aes256 => 32,
        }
    }
}

/// What kind of key pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyPairSpec {
    /// RSA with a modulus of 2,048 bits.
    Rsa2048,
    /// RSA with a modulus of 3,072 bits.
    Rsa3072,
    /// RSA with a modulus of 4,096 bits.
    Rsa4096,
    /// NIST P-256.
    EcP256,
    /// secp256k1.
    EcP256k,
    /// SM2 (GB/T 32918).
    Sm2,
}

impl KeyPairSpec {
    /// Length of an RSA modulus, in bytes; none for curves.
    pub fn modulus_len(self) -> Option<usize> {
        match self {
            Self::Rsa2048 => Some(256),
            Self::Rsa3072 => Some(384),
            Self::Rsa4096 => Some(512),
            Self::EcP256 | Self::EcP256k | Self::Sm2 => None,
        }
    }
}

macro_rules! named {
    ($(#[doc = $doc:literal])* $name:ident { $($(#[doc = $variant_doc:literal])* $variant:ident = $wire:literal,)* }) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[doc = $variant_doc])* $variant,)*
        }

        impl $name {
            /// All of them.
            pub const ALL: &'static [$name] = &[$($name::$variant),*];

            /// The name in the API.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $wire,)* }
            }

            /// Finds it by its name, byte by byte.
            pub fn find(name: &str) -> Option<Self> {
                match name { $($wire => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

named! {
    /// How a digest is signed.
    SignatureAlgorithm {
        /// RSASSA-PSS (RFC 8017) with SHA-256 for message and mask, salt of 32 bytes.
        RsaPssSha256 = "RSA_PSS_SHA_256",
        /// RSASSA-PKCS1-v1_5 (RFC 8017) with SHA-256.
        RsaPkcs1Sha256 = "RSA_PKCS1_SHA_256",
        /// ECDSA with SHA-256; the signature is DER, `SEQUENCE(r, s)`.
        EcdsaSha256 = "ECDSA_SHA_256",
        /// SM2 signature over e = SM3(Z || M); the signature is DER, `SEQUENCE(r, s)`.
        Sm2Dsa = "SM2DSA",
    }
}

named! {
    /// How a message is encrypted under a public key.
    EncryptionAlgorithm {
        /// RSAES-OAEP (RFC 8017) with SHA-256 for label and mask.
        RsaesOaepSha256 = "RSAES_OAEP_SHA_256",
        /// RSAES-OAEP (RFC 8017) with SHA-1 for label and mask.
        RsaesOaepSha1 = "RSAES_OAEP_SHA_1",
        /// SM2 public key encryption (GB/T 32918.4).
        Sm2Pke = "SM2PKE",
    }
}

named! {
    /// How key material that is imported is wrapped.
    WrappingAlgorithm {
        /// RSAES-PKCS1-v1_5 (RFC 8017).
        RsaesPkcs1V15 = "RSAES_PKCS1_V1_5",
        /// RSAES-OAEP with SHA-1.
        RsaesOaepSha1 = "RSAES_OAEP_SHA_1",
        /// RSAES-OAEP with SHA-256.
        RsaesOaepSha256 = "RSAES_OAEP_SHA_256",
        /// SM2 public key encryption.
        Sm2Pke = "SM2PKE",
    }
}

named! {
    /// A keyed hash.
    MacAlgorithm {
        /// HMAC with SHA-224.
        HmacSha224 = "HMAC_SHA_224",
        /// HMAC with SHA-256.
        HmacSha256 = "HMAC_SHA_256",
        /// HMAC with SHA-384.
        HmacSha384 = "HMAC_SHA_384",
        /// HMAC with SHA-512.
        HmacSha512 = "HMAC_SHA_512",
        /// HMAC with SM3.
        HmacSm3 = "HMAC_SM3",
    }
}

#[allow(clippy::len_without_is_empty)] // it is the length of a code, and none is empty
impl MacAlgorithm {
    /// Length of a code, and of a fresh key, in bytes.
    pub fn len(self) -> usize {
        match self {
            Self::HmacSha224 => 28,
            Self::HmacSha256 | Self::HmacSm3 => 32,
            Self::HmacSha384 => 48,
            Self::HmacSha512 => 64,
        }
    }
}
