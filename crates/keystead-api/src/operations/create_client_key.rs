use crate::{SecretText, operation, types::{ClientKeyAlgorithm, SecretBase64}};

operation! {
    /// Makes a client key for an application access point and returns its private key, once. An application
    /// access point has at most 3.
    CreateClientKey ("create_client_key"), CreateClientKeyRequest -> CreateClientKeyResponse;
    method: Post;
    gateways: Shared;
    repeat: Unsafe;
    access: ["kms:CreateClientKey" on Named("applicationaccesspoint", "AapName")];
    errors: [InvalidParameter, ForbiddenResourceNotFound, RejectedLimitExceeded];
    required {
        /// Name of the application access point.
        "AapName" aap_name: String,
        /// Password that protects the private key: 8 to 64 digits, letters and ``~!@#$%^&*?_-``, of at
        /// least two of these kinds.
        "Password" password: SecretText,
    }
    optional {
        /// End of validity, UTC, `yyyy-MM-ddTHH:mm:ssZ`; 5 years from now by default. Only together with
        /// `NotBefore`.
        "NotAfter" not_after: String,
        /// Start of validity, UTC, `yyyy-MM-ddTHH:mm:ssZ`; now by default. Only together with `NotAfter`.
        "NotBefore" not_before: String,
    }
    response {
        /// Id of the client key, `KAAP.` and a UUID.
        "ClientKeyId" client_key_id: Option<String>,
        /// Algorithm of the client key, `RSA_2048`.
        "KeyAlgorithm" key_algorithm: Option<ClientKeyAlgorithm>,
        /// End of validity, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "NotAfter" not_after: Option<String>,
        /// Start of validity, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "NotBefore" not_before: Option<String>,
        /// Private key and certificate as PKCS#12 under the password, base64; never shown again.
        "PrivateKeyData" private_key_data: Option<SecretBase64>,
    }
}
