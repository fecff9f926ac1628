use crate::{operation, types::JsonText};

operation! {
    /// Removes tags from one key or secret; a tag that is not there is passed over. Exactly one of `KeyId`
    /// and `SecretName` names the resource.
    UntagResource ("untag_resource"), UntagResourceRequest -> UntagResourceResponse;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["kms:UntagResource" on KeyIfGiven("KeyId"), "kms:UntagResource" on SecretIfGiven("SecretName")];
    errors: [
        InvalidParameter, MissingParameter, InvalidParameterTagKey, UnsupportedAlias,
        ForbiddenKeyNotFound, ForbiddenResourceNotFound, CertificateNotFound,
        RejectedResourceInDeleteWindow,
    ];
    required {
        /// Keys of the tags to remove, as a JSON array text (`["a","b"]`) or separated by commas.
        "TagKeys" tag_keys: JsonText<Vec<String>>,
    }
    optional {
        /// Id of a certificate; certificates are no longer offered.
        "CertificateId" certificate_id: String,
        /// Id of the key, when a key is meant.
        "KeyId" key_id: String,
        /// Name of the secret, when a secret is meant.
        "SecretName" secret_name: String,
    }
    response {
    }
}
