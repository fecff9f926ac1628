use crate::{object, operation};

operation! {
    /// Returns the creation time of a key version.
    DescribeKeyVersion ("describe_key_version"), DescribeKeyVersionRequest -> DescribeKeyVersionResponse;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["kms:DescribeKeyVersion" on Key("KeyId")];
    errors: [InvalidParameter, ForbiddenKeyNotFound, ForbiddenAliasNotFound, ForbiddenKeyVersionNotFound];
    required {
        /// Id, alias (`alias/…`) or ARN of the key.
        "KeyId" key_id: String,
        /// Id of the key version, 36 characters.
        "KeyVersionId" key_version_id: String,
    }
    optional {
    }
    response {
        /// The key version.
        "KeyVersion" key_version: Option<DescribeKeyVersionKeyVersion>,
    }
}

object! {
    /// The version that `DescribeKeyVersion` was asked about.
    DescribeKeyVersionKeyVersion {
        /// Time of creation, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "CreationDate" creation_date: Option<String>,
        /// Id of the key.
        "KeyId" key_id: Option<String>,
        /// Id of the version, 36 characters.
        "KeyVersionId" key_version_id: Option<String>,
    }
}
