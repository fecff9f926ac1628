use crate::{object, operation, types::{ClientKeyAlgorithm, ClientKeyOrigin}};

operation! {
    /// Lists the client keys of an application access point, all at once and without their private parts.
    ListClientKeys ("list_client_keys"), ListClientKeysRequest -> ListClientKeysResponse;
    method: Get;
    gateways: Shared;
    repeat: Safe;
    access: ["kms:ListClientKeys" on Any];
    errors: [InvalidParameter, ForbiddenResourceNotFound];
    required {
    }
    optional {
        /// Name of the application access point.
        "AapName" aap_name: String,
    }
    response {
        /// One entry per client key.
        "ClientKeys" client_keys: Vec<ListClientKeysClientKeysItem>,
    }
}

object! {
    /// One client key in the answer of `ListClientKeys`.
    ListClientKeysClientKeysItem {
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
