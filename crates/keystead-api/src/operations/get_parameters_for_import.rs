use crate::{operation, types::{Base64, WrappingAlgorithm, WrappingKeySpec}};

operation! {
    /// Returns a public key to wrap key material with and the token that goes with it, both valid for 24
    /// hours and for this key only. The key must have origin `EXTERNAL`.
    GetParametersForImport ("get_parameters_for_import"), GetParametersForImportRequest -> GetParametersForImportResponse;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["kms:GetParametersForImport" on Key("KeyId")];
    errors: [InvalidParameter, UnsupportedOrigin, UnsupportedAlias, ForbiddenKeyNotFound];
    required {
        /// Id or ARN of the key; an alias is refused.
        "KeyId" key_id: String,
        /// `RSAES_PKCS1_V1_5`, `RSAES_OAEP_SHA_1` or `RSAES_OAEP_SHA_256` with `RSA_2048`, `SM2PKE` with
        /// `EC_SM2`.
        "WrappingAlgorithm" wrapping_algorithm: WrappingAlgorithm,
        /// Type of the wrapping key: `RSA_2048` or `EC_SM2`.
        "WrappingKeySpec" wrapping_key_spec: WrappingKeySpec,
    }
    optional {
    }
    response {
        /// Token to hand to `ImportKeyMaterial`, base64.
        "ImportToken" import_token: Option<Base64>,
        /// Id of the key.
        "KeyId" key_id: Option<String>,
        /// Public key to wrap the material with, DER SubjectPublicKeyInfo in base64.
        "PublicKey" public_key: Option<Base64>,
        /// End of the pair's validity, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "TokenExpireTime" token_expire_time: Option<String>,
    }
}
