use crate::{operation, types::{ClientKeyAlgorithm, ClientKeyOrigin}};

operation! {
    /// Returns a client key without its private part.
    GetClientKey ("get_client_key"), GetClientKeyRequest -> GetClientKeyResponse;
    method: Get;
    gateways: Shared;
    repeat: Safe;
    access: ["kms:GetClientKey" on Named("clientkey", "ClientKeyId")];
    errors: [InvalidParameter, ForbiddenResourceNotFound];
    required {
        /// Id of the client key, `KAAP.` and a UUID.
        "ClientKeyId" client_key_id: String,
    }
    optional {
    }
    response {
        /// Name of the application access point it belongs to.
        "AapName" aap_name: Option<String>,
        /// Id of the client key, `KAAP.` and a UUID.
        "ClientKeyId" client_key_id: Option<String>,
        /// Time of creation, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "CreateTime" create_time: Option<String>,
        /// Algorithm of the client key, `RSA_2048`.
        "KeyAlgorithm" key_algorithm: Option<ClientKeyAlgorithm>,
        /// Where the key pair was made, `KMS_PROVIDED`.
        "KeyOrigin" key_origin: Option<ClientKeyOrigin>,
        /// End of validity, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "NotAfter" not_after: Option<String>,
        /// Start of validity, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "NotBefore" not_before: Option<String>,
        /// Certificate of the client key, PEM.
        "PublicKeyData" public_key_data: Option<String>,
    }
}
