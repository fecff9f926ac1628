use crate::{SecretText, object, operation};

operation! {
    /// Creates an AccessKey for a RAM user, or for the caller when no user is named. The secret is shown only here.
    CreateAccessKey ("create_access_key"), CreateAccessKeyRequest -> CreateAccessKeyResponse;
    product: Ram as RamCreateAccessKey;
    method: Post;
    gateways: Shared;
    repeat: Unsafe;
    access: ["ram:CreateAccessKey" on NamedOrSelf("user", "UserName")];
    errors: [InvalidParameter, EntityNotExistUser, LimitExceededUserAccessKey];
    required {
    }
    optional {
        /// The username. When a Resource Access Management (RAM) user invokes this operation, an AccessKey pair is
        /// created for the RAM user by default.
        "UserName" user_name: String,
    }
    response {
        /// The AccessKey pair.
        "AccessKey" access_key: CreateAccessKeyAccessKey,
    }
}

object! {
    /// Part of the answer of `CreateAccessKey`.
    CreateAccessKeyAccessKey {
        /// The identity of the AccessKey pair.
        "AccessKeyId" access_key_id: String,
        /// The AccessKey pair.
        "AccessKeySecret" access_key_secret: SecretText,
        /// The time when the AccessKey pair was created. The time is in UTC.
        "CreateDate" create_date: String,
        /// The status. Valid values: Active and Inactive.
        "Status" status: String,
    }
}

operation! {
    /// Deletes an AccessKey of a RAM user, or of the caller when no user is named.
    DeleteAccessKey ("delete_access_key"), DeleteAccessKeyRequest -> DeleteAccessKeyResponse;
    product: Ram as RamDeleteAccessKey;
    method: Post;
    gateways: Shared;
    repeat: Unsafe;
    access: ["ram:DeleteAccessKey" on NamedOrSelf("user", "UserName")];
    errors: [InvalidParameter, EntityNotExistUser, EntityNotExistUserAccessKey];
    required {
        /// The AccessKey ID in the AccessKey pair that you want to delete.`.
        "UserAccessKeyId" user_access_key_id: String,
    }
    optional {
        /// The name of the RAM user.
        "UserName" user_name: String,
    }
    response {
    }
}

operation! {
    /// Tells when and for which service an AccessKey was last used.
    GetAccessKeyLastUsed ("get_access_key_last_used"), GetAccessKeyLastUsedRequest -> GetAccessKeyLastUsedResponse;
    product: Ram as RamGetAccessKeyLastUsed;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["ram:GetAccessKeyLastUsed" on NamedOrSelf("user", "UserName")];
    errors: [InvalidParameter, EntityNotExistUser, EntityNotExistUserAccessKey];
    required {
        /// The ID of the AccessKey pair.
        "UserAccessKeyId" user_access_key_id: String,
    }
    optional {
        /// The name of the RAM user.
        "UserName" user_name: String,
    }
    response {
        /// Information about the last time the AccessKey pair was used.
        "AccessKeyLastUsed" access_key_last_used: GetAccessKeyLastUsedAccessKeyLastUsed,
    }
}

object! {
    /// Part of the answer of `GetAccessKeyLastUsed`.
    GetAccessKeyLastUsedAccessKeyLastUsed {
        /// The last time the AccessKey pair was used.
        "LastUsedDate" last_used_date: String,
    }
}

operation! {
    /// Lists the AccessKeys of a RAM user, or of the caller when no user is named.
    ListAccessKeys ("list_access_keys"), ListAccessKeysRequest -> ListAccessKeysResponse;
    product: Ram as RamListAccessKeys;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["ram:ListAccessKeys" on NamedOrSelf("user", "UserName")];
    errors: [InvalidParameter, EntityNotExistUser];
    required {
    }
    optional {
        /// The username. If a Resource Access Management (RAM) user calls this operation without specifying this
        /// parameter, the AccessKey pairs of the RAM user are listed.
        "UserName" user_name: String,
    }
    response {
        /// AccessKeys.
        "AccessKeys" access_keys: ListAccessKeysAccessKeys,
    }
}

object! {
    /// Part of the answer of `ListAccessKeys`.
    ListAccessKeysAccessKeysAccessKey {
        /// AccessKeyId.
        "AccessKeyId" access_key_id: String,
        /// Time of creation, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "CreateDate" create_date: String,
        /// Status.
        "Status" status: String,
    }
}

object! {
    /// Part of the answer of `ListAccessKeys`.
    ListAccessKeysAccessKeys {
        /// The members of the list.
        "AccessKey" access_key: Vec<ListAccessKeysAccessKeysAccessKey>,
    }
}

operation! {
    /// Switches an AccessKey on or off.
    UpdateAccessKey ("update_access_key"), UpdateAccessKeyRequest -> UpdateAccessKeyResponse;
    product: Ram as RamUpdateAccessKey;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["ram:UpdateAccessKey" on NamedOrSelf("user", "UserName")];
    errors: [InvalidParameter, EntityNotExistUser, EntityNotExistUserAccessKey];
    required {
        /// The status of the AccessKey pair. Valid values: `Active` and `Inactive`.
        "Status" status: String,
        /// The AccessKey ID in the AccessKey pair whose status you want to change.`.
        "UserAccessKeyId" user_access_key_id: String,
    }
    optional {
        /// The name of the RAM user.
        "UserName" user_name: String,
    }
    response {
    }
}
