use crate::{operation, types::{JsonText, Tag}};

operation! {
    /// Sets up to 20 tags on one key or secret; a tag that is there already gets the new value. Exactly one
    /// of `KeyId` and `SecretName` names the resource.
    TagResource ("tag_resource"), TagResourceRequest -> TagResourceResponse;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["kms:TagResource" on KeyIfGiven("KeyId"), "kms:TagResource" on SecretIfGiven("SecretName")];
    errors: [
        InvalidParameter, MissingParameter, RejectedLimitExceeded, DuplicateTagKey, InvalidParameterTagKey,
        InvalidParameterTagValue, UnsupportedAlias, ForbiddenKeyNotFound,
        ForbiddenResourceNotFound, CertificateNotFound, RejectedResourceInDeleteWindow,
    ];
    required {
        /// Tags as a JSON array text, `[{"TagKey":"a","TagValue":"b"}]`; at most 20, key and value at most
        /// 128 characters each.
        "Tags" tags: JsonText<Vec<Tag>>,
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
