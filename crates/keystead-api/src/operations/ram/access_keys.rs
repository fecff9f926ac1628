use crate::{SecretText, object, operation, types::identities::AccessKeyStatus};

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
        /// Name of the user; the caller itself when it is left out.
        "UserName" user_name: String,
    }
    response {
        /// The AccessKey.
        "AccessKey" access_key: CreateAccessKeyAccessKey,
    }
}

object! {
    /// Part of the answer of `CreateAccessKey`.
    CreateAccessKeyAccessKey {
        /// Id of the AccessKey.
        "AccessKeyId" access_key_id: String,
        /// The secret, which is shown only here.
        "AccessKeySecret" access_key_secret: SecretText,
        /// Time of creation, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "CreateDate" create_date: String,
        /// `Active` or `Inactive`.
        "Status" status: AccessKeyStatus,
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
    errors: [
        InvalidParameter, EntityNotExistUser, EntityNotExistUserAccessKey, DeleteConflictAccountAccessKey,
    ];
    required {
        /// Id of the AccessKey.
        "UserAccessKeyId" user_access_key_id: String,
    }
    optional {
        /// Name of the user; the caller itself when it is left out.
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
        /// Id of the AccessKey.
        "UserAccessKeyId" user_access_key_id: String,
    }
    optional {
        /// Name of the user; the caller itself when it is left out.
        "UserName" user_name: String,
    }
    response {
        /// The last use.
        "AccessKeyLastUsed" access_key_last_used: GetAccessKeyLastUsedAccessKeyLastUsed,
    }
}

object! {
    /// Part of the answer of `GetAccessKeyLastUsed`.
    GetAccessKeyLastUsedAccessKeyLastUsed {
        /// Time of the last use, UTC, `yyyy-MM-ddTHH:mm:ssZ`; empty when it was never used.
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
        /// Name of the user; the caller itself when it is left out.
        "UserName" user_name: String,
    }
    response {
        /// The AccessKeys.
        "AccessKeys" access_keys: ListAccessKeysAccessKeys,
    }
}

object! {
    /// Part of the answer of `ListAccessKeys`.
    ListAccessKeysAccessKeysAccessKey {
        /// Id of the AccessKey.
        "AccessKeyId" access_key_id: String,
        /// Time of creation, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "CreateDate" create_date: String,
        /// `Active` or `Inactive`.
        "Status" status: AccessKeyStatus,
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
    errors: [
        InvalidParameter, EntityNotExistUser, EntityNotExistUserAccessKey, DeleteConflictAccountAccessKey,
    ];
    required {
        /// `Active` or `Inactive`.
        "Status" status: AccessKeyStatus,
        /// Id of the AccessKey.
        "UserAccessKeyId" user_access_key_id: String,
    }
    optional {
        /// Name of the user; the caller itself when it is left out.
        "UserName" user_name: String,
    }
    response {
    }
}
