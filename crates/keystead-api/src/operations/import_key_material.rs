use crate::{operation, types::Base64};

operation! {
    /// Gives a key of origin `EXTERNAL` its material and enables it. Once bound, the key takes only the
    /// same material again, for instance to change when it expires.
    ImportKeyMaterial ("import_key_material"), ImportKeyMaterialRequest -> ImportKeyMaterialResponse;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["kms:ImportKeyMaterial" on Key("KeyId")];
    errors: [
        InvalidParameter, UnsupportedOrigin, UnsupportedAlias, InvalidImportToken, ExpiredImportToken,
        InvalidKeyMaterial, ForbiddenKeyNotFound, RejectedStateModifiedFailed,
    ];
    required {
        /// Material wrapped under the public key of `GetParametersForImport`, base64: 32 bytes for
        /// `Aliyun_AES_256`, 16 for `Aliyun_SM4`.
        "EncryptedKeyMaterial" encrypted_key_material: Base64,
        /// Token of the same `GetParametersForImport` answer, base64.
        "ImportToken" import_token: Base64,
        /// Id or ARN of the key; an alias is refused.
        "KeyId" key_id: String,
        /// When the material expires, in seconds since 1970-01-01 UTC; 0 means never.
        "KeyMaterialExpireUnix" key_material_expire_unix: i64,
    }
    optional {
    }
    response {
    }
}
