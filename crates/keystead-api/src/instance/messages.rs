//! The messages, field by field as on the wire.
//!
//! Numbers and types are those of the descriptors that the vendor's SDKs carry; a test reads them out of
//! `tests/data/instance_api.proto`. All byte fields are raw. In protobuf 3 an empty or zero field is not sent.

use super::messages;

messages! {
    /// The body of every answer with a status of 400 or more.
    ErrorBody {
        /// The HTTP status once more.
        int32 status_code = 1 as "StatusCode",
        /// The code.
        string error_code = 2 as "ErrorCode",
        /// What it means.
        string error_message = 3 as "ErrorMessage",
        /// The request's id, for support and logs.
        string request_id = 4 as "RequestId",
    }

    /// What a caller of `Encrypt` sends.
    EncryptRequest {
        /// Key id or alias.
        string key_id = 1 as "KeyId",
        /// What is encrypted.
        secret plaintext = 2 as "Plaintext",
        /// How: such as `AES_GCM`; by the key when empty.
        string algorithm = 3 as "Algorithm",
        /// Associated data of GCM, at most 8,192 bytes.
        bytes aad = 4 as "Aad",
        /// IV: 12 bytes for GCM, 16 for CBC; drawn by the service when empty.
        bytes iv = 5 as "Iv",
        /// `PKCS7_PADDING` (default) or `NO_PADDING`; for CBC and ECB.
        string padding_mode = 6 as "PaddingMode",
    }

    /// What a caller of `Encrypt` gets.
    EncryptResponse {
        /// Id of the key.
        string key_id = 1 as "KeyId",
        /// The ciphertext.
        bytes ciphertext_blob = 2 as "CiphertextBlob",
        /// IV that was used.
        bytes iv = 3 as "Iv",
        /// The request's id, for support and logs.
        string request_id = 4 as "RequestId",
        /// How it was done.
        string algorithm = 5 as "Algorithm",
        /// `PKCS7_PADDING` (default) or `NO_PADDING`; for CBC and ECB.
        string padding_mode = 6 as "PaddingMode",
    }

    /// What a caller of `Decrypt` sends.
    DecryptRequest {
        /// The ciphertext.
        bytes ciphertext_blob = 1 as "CiphertextBlob",
        /// Key id or alias.
        string key_id = 2 as "KeyId",
        /// How: such as `AES_GCM`; by the key when empty.
        string algorithm = 3 as "Algorithm",
        /// Associated data of GCM, at most 8,192 bytes.
        bytes aad = 4 as "Aad",
        /// IV: 12 bytes for GCM, 16 for CBC; drawn by the service when empty.
        bytes iv = 5 as "Iv",
        /// `PKCS7_PADDING` (default) or `NO_PADDING`; for CBC and ECB.
        string padding_mode = 6 as "PaddingMode",
    }

    /// What a caller of `Decrypt` gets.
    DecryptResponse {
        /// Id of the key.
        string key_id = 1 as "KeyId",
        /// What was encrypted.
        secret plaintext = 2 as "Plaintext",
        /// The request's id, for support and logs.
        string request_id = 3 as "RequestId",
        /// How it was done.
        string algorithm = 4 as "Algorithm",
        /// `PKCS7_PADDING` (default) or `NO_PADDING`; for CBC and ECB.
        string padding_mode = 5 as "PaddingMode",
    }

    /// What a caller of `Sign` sends.
    SignRequest {
        /// Key id or alias.
        string key_id = 1 as "KeyId",
        /// A digest, from clients of another age: read when `Message` is empty.
        bytes digest = 2 as "Digest",
        /// How: such as `AES_GCM`; by the key when empty.
        string algorithm = 3 as "Algorithm",
        /// Message or digest, as `MessageType` says.
        secret message = 4 as "Message",
        /// `RAW` (default) or `DIGEST`.
        string message_type = 5 as "MessageType",
    }

    /// What a caller of `Sign` gets.
    SignResponse {
        /// Id of the key.
        string key_id = 1 as "KeyId",
        /// The signature.
        bytes signature = 2 as "Signature",
        /// The request's id, for support and logs.
        string request_id = 3 as "RequestId",
        /// How it was done.
        string algorithm = 4 as "Algorithm",
        /// `RAW` (default) or `DIGEST`.
        string message_type = 5 as "MessageType",
    }

    /// What a caller of `Verify` sends.
    VerifyRequest {
        /// Key id or alias.
        string key_id = 1 as "KeyId",
        /// A digest, from clients of another age: read when `Message` is empty.
        bytes digest = 2 as "Digest",
        /// The signature.
        bytes signature = 3 as "Signature",
        /// How: such as `AES_GCM`; by the key when empty.
        string algorithm = 4 as "Algorithm",
        /// Message or digest, as `MessageType` says.
        secret message = 5 as "Message",
        /// `RAW` (default) or `DIGEST`.
        string message_type = 6 as "MessageType",
    }

    /// What a caller of `Verify` gets.
    VerifyResponse {
        /// Id of the key.
        string key_id = 1 as "KeyId",
        /// Whether the signature is right.
        bool value = 2 as "Value",
        /// The request's id, for support and logs.
        string request_id = 3 as "RequestId",
        /// How it was done.
        string algorithm = 4 as "Algorithm",
        /// `RAW` (default) or `DIGEST`.
        string message_type = 5 as "MessageType",
    }

    /// What a caller of `Hmac` sends.
    HmacRequest {
        /// Key id or alias.
        string key_id = 1 as "KeyId",
        /// The message.
        secret message = 2 as "Message",
    }

    /// What a caller of `Hmac` gets.
    HmacResponse {
        /// Id of the key.
        string key_id = 1 as "KeyId",
        /// The signature.
        bytes signature = 2 as "Signature",
        /// The request's id, for support and logs.
        string request_id = 3 as "RequestId",
    }

    /// What a caller of `Hash` sends.
    HashRequest {
        /// The message.
        secret message = 1 as "Message",
        /// `SHA_256` (default) or `SM3`.
        string algorithm = 2 as "Algorithm",
    }

    /// What a caller of `Hash` gets.
    HashResponse {
        /// The digest.
        bytes digest = 1 as "Digest",
        /// The request's id, for support and logs.
        string request_id = 3 as "RequestId",
    }

    /// What a caller of `GenerateRandom` sends.
    GenerateRandomRequest {
        /// Bytes wanted, 1 to 1,024.
        int32 length = 1 as "Length",
    }

    /// What a caller of `GenerateRandom` gets.
    GenerateRandomResponse {
        /// Random bytes.
        secret random = 1 as "Random",
        /// The request's id, for support and logs.
        string request_id = 2 as "RequestId",
    }

    /// What a caller of `GetPublicKey` sends.
    GetPublicKeyRequest {
        /// Key id or alias.
        string key_id = 1 as "KeyId",
    }

    /// What a caller of `GetPublicKey` gets.
    GetPublicKeyResponse {
        /// Id of the key.
        string key_id = 1 as "KeyId",
        /// The public key.
        string public_key = 2 as "PublicKey",
        /// The request's id, for support and logs.
        string request_id = 3 as "RequestId",
    }

    /// What a caller of `GenerateDataKey` sends.
    GenerateDataKeyRequest {
        /// Key id or alias.
        string key_id = 1 as "KeyId",
        /// How: such as `AES_GCM`; by the key when empty.
        string algorithm = 2 as "Algorithm",
        /// Bytes of the data key, 1 to 1,024.
        int32 number_of_bytes = 3 as "NumberOfBytes",
        /// Associated data of GCM, at most 8,192 bytes.
        bytes aad = 4 as "Aad",
    }

    /// What a caller of `GenerateDataKey` gets.
    GenerateDataKeyResponse {
        /// Id of the key.
        string key_id = 1 as "KeyId",
        /// IV that was used.
        bytes iv = 2 as "Iv",
        /// The data key.
        secret plaintext = 3 as "Plaintext",
        /// The ciphertext.
        bytes ciphertext_blob = 4 as "CiphertextBlob",
        /// The request's id, for support and logs.
        string request_id = 5 as "RequestId",
        /// How it was done.
        string algorithm = 6 as "Algorithm",
    }

    /// What a caller of `GenerateDataKeyPair` sends.
    GenerateDataKeyPairRequest {
        /// Key id or alias.
        string key_id = 1 as "KeyId",
        /// How: such as `AES_GCM`; by the key when empty.
        string algorithm = 2 as "Algorithm",
        /// `RSA_2048`, `RSA_3072`, `RSA_4096`, `EC_P256` or `EC_P256K`.
        string key_pair_spec = 3 as "KeyPairSpec",
        /// `PEM` (default) or `DER`.
        string key_format = 4 as "KeyFormat",
        /// Associated data of GCM, at most 8,192 bytes.
        bytes aad = 5 as "Aad",
    }

    /// What a caller of `GenerateDataKeyPair` gets.
    GenerateDataKeyPairResponse {
        /// Id of the key.
        string key_id = 1 as "KeyId",
        /// IV that was used.
        bytes iv = 2 as "Iv",
        /// `RSA_2048`, `RSA_3072`, `RSA_4096`, `EC_P256` or `EC_P256K`.
        string key_pair_spec = 3 as "KeyPairSpec",
        /// The private key, PKCS#8.
        secret private_key_plaintext = 4 as "PrivateKeyPlaintext",
        /// The private key, encrypted.
        bytes private_key_ciphertext_blob = 5 as "PrivateKeyCiphertextBlob",
        /// The public key.
        bytes public_key = 6 as "PublicKey",
        /// The request's id, for support and logs.
        string request_id = 7 as "RequestId",
        /// How it was done.
        string algorithm = 8 as "Algorithm",
    }

    /// What a caller of `GenerateDataKeyPairWithoutPlaintext` sends.
    GenerateDataKeyPairWithoutPlaintextRequest {
        /// Key id or alias.
        string key_id = 1 as "KeyId",
        /// How: such as `AES_GCM`; by the key when empty.
        string algorithm = 2 as "Algorithm",
        /// `RSA_2048`, `RSA_3072`, `RSA_4096`, `EC_P256` or `EC_P256K`.
        string key_pair_spec = 3 as "KeyPairSpec",
        /// `PEM` (default) or `DER`.
        string key_format = 4 as "KeyFormat",
        /// Associated data of GCM, at most 8,192 bytes.
        bytes aad = 5 as "Aad",
    }

    /// What a caller of `GenerateDataKeyPairWithoutPlaintext` gets.
    GenerateDataKeyPairWithoutPlaintextResponse {
        /// Id of the key.
        string key_id = 1 as "KeyId",
        /// IV that was used.
        bytes iv = 2 as "Iv",
        /// `RSA_2048`, `RSA_3072`, `RSA_4096`, `EC_P256` or `EC_P256K`.
        string key_pair_spec = 3 as "KeyPairSpec",
        /// The private key, encrypted.
        bytes private_key_ciphertext_blob = 4 as "PrivateKeyCiphertextBlob",
        /// The public key.
        bytes public_key = 5 as "PublicKey",
        /// The request's id, for support and logs.
        string request_id = 6 as "RequestId",
        /// How it was done.
        string algorithm = 7 as "Algorithm",
    }

    /// What a caller of `GetSecretValue` sends.
    GetSecretValueRequest {
        /// Name of the secret.
        string secret_name = 1 as "SecretName",
        /// Stage label; `ACSCurrent` when empty.
        string version_stage = 2 as "VersionStage",
        /// Id of the version.
        string version_id = 3 as "VersionId",
        /// Whether the answer is to hold the secret's `ExtendedConfig`.
        bool fetch_extended_config = 4 as "FetchExtendedConfig",
    }

    /// What a caller of `GetSecretValue` gets.
    GetSecretValueResponse {
        /// Name of the secret.
        string secret_name = 1 as "SecretName",
        /// Type of the secret.
        string secret_type = 2 as "SecretType",
        /// The value; base64 when it is binary.
        secret_string secret_data = 3 as "SecretData",
        /// `text` or `binary`.
        string secret_data_type = 4 as "SecretDataType",
        /// Stage labels of the version.
        strings version_stages = 5 as "VersionStages",
        /// Id of the version.
        string version_id = 6 as "VersionId",
        /// When the version was made, UTC.
        string create_time = 7 as "CreateTime",
        /// The request's id, for support and logs.
        string request_id = 8 as "RequestId",
        /// When it was last rotated, UTC.
        string last_rotation_date = 9 as "LastRotationDate",
        /// When it is rotated next, UTC.
        string next_rotation_date = 10 as "NextRotationDate",
        /// Settings of a rotating secret, JSON.
        string extended_config = 11 as "ExtendedConfig",
        /// `Enabled`, `Disabled` or `Invalid`.
        string automatic_rotation = 12 as "AutomaticRotation",
        /// Between rotations, such as `604800s`.
        string rotation_interval = 13 as "RotationInterval",
    }

    /// What a caller of `AdvanceEncrypt` sends.
    AdvanceEncryptRequest {
        /// Key id or alias.
        string key_id = 1 as "KeyId",
        /// What is encrypted.
        secret plaintext = 2 as "Plaintext",
        /// How: such as `AES_GCM`; by the key when empty.
        string algorithm = 3 as "Algorithm",
        /// Associated data of GCM, at most 8,192 bytes.
        bytes aad = 4 as "Aad",
        /// IV: 12 bytes for GCM, 16 for CBC; drawn by the service when empty.
        bytes iv = 5 as "Iv",
        /// `PKCS7_PADDING` (default) or `NO_PADDING`; for CBC and ECB.
        string padding_mode = 6 as "PaddingMode",
    }

    /// What a caller of `AdvanceEncrypt` gets.
    AdvanceEncryptResponse {
        /// Id of the key.
        string key_id = 1 as "KeyId",
        /// The ciphertext.
        bytes ciphertext_blob = 2 as "CiphertextBlob",
        /// IV that was used.
        bytes iv = 3 as "Iv",
        /// The request's id, for support and logs.
        string request_id = 4 as "RequestId",
        /// How it was done.
        string algorithm = 5 as "Algorithm",
        /// `PKCS7_PADDING` (default) or `NO_PADDING`; for CBC and ECB.
        string padding_mode = 6 as "PaddingMode",
        /// The key version that was used.
        string key_version_id = 7 as "KeyVersionId",
    }

    /// What a caller of `AdvanceDecrypt` sends.
    AdvanceDecryptRequest {
        /// The ciphertext.
        bytes ciphertext_blob = 1 as "CiphertextBlob",
        /// Key id or alias.
        string key_id = 2 as "KeyId",
        /// How: such as `AES_GCM`; by the key when empty.
        string algorithm = 3 as "Algorithm",
        /// Associated data of GCM, at most 8,192 bytes.
        bytes aad = 4 as "Aad",
        /// IV: 12 bytes for GCM, 16 for CBC; drawn by the service when empty.
        bytes iv = 5 as "Iv",
        /// `PKCS7_PADDING` (default) or `NO_PADDING`; for CBC and ECB.
        string padding_mode = 6 as "PaddingMode",
    }

    /// What a caller of `AdvanceDecrypt` gets.
    AdvanceDecryptResponse {
        /// Id of the key.
        string key_id = 1 as "KeyId",
        /// What was encrypted.
        secret plaintext = 2 as "Plaintext",
        /// The request's id, for support and logs.
        string request_id = 3 as "RequestId",
        /// How it was done.
        string algorithm = 4 as "Algorithm",
        /// `PKCS7_PADDING` (default) or `NO_PADDING`; for CBC and ECB.
        string padding_mode = 5 as "PaddingMode",
        /// The key version that was used.
        string key_version_id = 6 as "KeyVersionId",
    }

    /// What a caller of `AdvanceGenerateDataKey` sends.
    AdvanceGenerateDataKeyRequest {
        /// Key id or alias.
        string key_id = 1 as "KeyId",
        /// Bytes of the data key, 1 to 1,024.
        int32 number_of_bytes = 2 as "NumberOfBytes",
        /// Associated data of GCM, at most 8,192 bytes.
        bytes aad = 3 as "Aad",
    }

    /// What a caller of `AdvanceGenerateDataKey` gets.
    AdvanceGenerateDataKeyResponse {
        /// Id of the key.
        string key_id = 1 as "KeyId",
        /// IV that was used.
        bytes iv = 2 as "Iv",
        /// The data key.
        secret plaintext = 3 as "Plaintext",
        /// The ciphertext.
        bytes ciphertext_blob = 4 as "CiphertextBlob",
        /// The request's id, for support and logs.
        string request_id = 5 as "RequestId",
        /// How it was done.
        string algorithm = 6 as "Algorithm",
        /// The key version that was used.
        string key_version_id = 7 as "KeyVersionId",
    }

    /// What a caller of `AdvanceGenerateDataKeyPair` sends.
    AdvanceGenerateDataKeyPairRequest {
        /// Key id or alias.
        string key_id = 1 as "KeyId",
        /// `RSA_2048`, `RSA_3072`, `RSA_4096`, `EC_P256` or `EC_P256K`.
        string key_pair_spec = 2 as "KeyPairSpec",
        /// `PEM` (default) or `DER`.
        string key_format = 3 as "KeyFormat",
        /// Associated data of GCM, at most 8,192 bytes.
        bytes aad = 4 as "Aad",
    }

    /// What a caller of `AdvanceGenerateDataKeyPair` gets.
    AdvanceGenerateDataKeyPairResponse {
        /// Id of the key.
        string key_id = 1 as "KeyId",
        /// IV that was used.
        bytes iv = 2 as "Iv",
        /// `RSA_2048`, `RSA_3072`, `RSA_4096`, `EC_P256` or `EC_P256K`.
        string key_pair_spec = 3 as "KeyPairSpec",
        /// The private key, PKCS#8.
        secret private_key_plaintext = 4 as "PrivateKeyPlaintext",
        /// The private key, encrypted.
        bytes private_key_ciphertext_blob = 5 as "PrivateKeyCiphertextBlob",
        /// The public key.
        bytes public_key = 6 as "PublicKey",
        /// The request's id, for support and logs.
        string request_id = 7 as "RequestId",
        /// How it was done.
        string algorithm = 8 as "Algorithm",
        /// The key version that was used.
        string key_version_id = 9 as "KeyVersionId",
    }

    /// What a caller of `AdvanceGenerateDataKeyPairWithoutPlaintext` sends.
    AdvanceGenerateDataKeyPairWithoutPlaintextRequest {
        /// Key id or alias.
        string key_id = 1 as "KeyId",
        /// `RSA_2048`, `RSA_3072`, `RSA_4096`, `EC_P256` or `EC_P256K`.
        string key_pair_spec = 2 as "KeyPairSpec",
        /// `PEM` (default) or `DER`.
        string key_format = 3 as "KeyFormat",
        /// Associated data of GCM, at most 8,192 bytes.
        bytes aad = 4 as "Aad",
    }

    /// What a caller of `AdvanceGenerateDataKeyPairWithoutPlaintext` gets.
    AdvanceGenerateDataKeyPairWithoutPlaintextResponse {
        /// Id of the key.
        string key_id = 1 as "KeyId",
        /// IV that was used.
        bytes iv = 2 as "Iv",
        /// `RSA_2048`, `RSA_3072`, `RSA_4096`, `EC_P256` or `EC_P256K`.
        string key_pair_spec = 3 as "KeyPairSpec",
        /// The private key, encrypted.
        bytes private_key_ciphertext_blob = 4 as "PrivateKeyCiphertextBlob",
        /// The public key.
        bytes public_key = 5 as "PublicKey",
        /// The request's id, for support and logs.
        string request_id = 6 as "RequestId",
        /// How it was done.
        string algorithm = 7 as "Algorithm",
        /// The key version that was used.
        string key_version_id = 8 as "KeyVersionId",
    }

    /// What a caller of `KmsEncrypt` sends.
    KmsEncryptRequest {
        /// Key id or alias.
        string key_id = 1 as "KeyId",
        /// What is encrypted.
        secret plaintext = 2 as "Plaintext",
        /// Associated data of GCM, at most 8,192 bytes.
        bytes aad = 3 as "Aad",
    }

    /// What a caller of `KmsEncrypt` gets.
    KmsEncryptResponse {
        /// Id of the key.
        string key_id = 1 as "KeyId",
        /// The ciphertext.
        bytes ciphertext_blob = 2 as "CiphertextBlob",
        /// The request's id, for support and logs.
        string request_id = 3 as "RequestId",
    }

    /// What a caller of `KmsDecrypt` sends.
    KmsDecryptRequest {
        /// The ciphertext.
        bytes ciphertext_blob = 1 as "CiphertextBlob",
        /// Associated data of GCM, at most 8,192 bytes.
        bytes aad = 2 as "Aad",
    }

    /// What a caller of `KmsDecrypt` gets.
    KmsDecryptResponse {
        /// Id of the key.
        string key_id = 1 as "KeyId",
        /// What was encrypted.
        secret plaintext = 2 as "Plaintext",
        /// The request's id, for support and logs.
        string request_id = 3 as "RequestId",
    }
}
