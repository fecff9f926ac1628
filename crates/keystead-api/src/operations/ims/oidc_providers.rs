use crate::{object, operation};

operation! {
    /// Adds a client id, which tokens name as their audience, to an OIDC provider.
    AddClientIdToOIDCProvider ("add_client_id_to_oidc_provider"), AddClientIdToOIDCProviderRequest -> AddClientIdToOIDCProviderResponse;
    product: Ims as ImsAddClientIdToOIDCProvider;
    method: Post;
    gateways: Shared;
    repeat: Unsafe;
    access: ["ram:AddClientIdToOIDCProvider" on Named("oidc-provider", "OIDCProviderName")];
    errors: [InvalidParameter, EntityNotExistOidcProvider, LimitExceededOidcProviderClientId];
    required {
        /// The specified client ID. Format: letters, digits, and the special characters `.-_:/` are allowed.
        "ClientId" client_id: String,
        /// The name of the OIDC IdP.
        "OIDCProviderName" oidc_provider_name: String,
    }
    optional {
    }
    response {
        /// The information about the OIDC IdP.
        "OIDCProvider" oidc_provider: AddClientIdToOIDCProviderOIDCProvider,
    }
}

object! {
    /// Part of the answer of `AddClientIdToOIDCProvider`.
    AddClientIdToOIDCProviderOIDCProvider {
        /// The Alibaba Cloud Resource Name (ARN) of the OIDC IdP.
        "Arn" arn: String,
        /// The client IDs. Multiple client IDs are separated by commas (,).
        "ClientIds" client_ids: String,
        /// The time when the OIDC IdP was created. The time is displayed in UTC.
        "CreateDate" create_date: String,
        /// The description of the OIDC IdP.
        "Description" description: String,
        /// The verification fingerprints of the HTTPS CA certificate. Multiple fingerprints are separated by commas
        /// (,).
        "Fingerprints" fingerprints: String,
        /// The time when the OIDC IdP was created. The value is a UNIX timestamp.
        "GmtCreate" gmt_create: String,
        /// The time when the OIDC IdP was modified. The value is a UNIX timestamp.
        "GmtModified" gmt_modified: String,
        /// The earliest time when an external IdP is allowed to issue an ID token. If the value of the iat field in
        /// the ID token is greater than the current time by more than this value, the request is rejected.
        "IssuanceLimitTime" issuance_limit_time: i64,
        /// The issuer URL.
        "IssuerUrl" issuer_url: String,
        /// The name of the OIDC IdP.
        "OIDCProviderName" oidc_provider_name: String,
        /// The time when the OIDC IdP was modified. The time is displayed in UTC.
        "UpdateDate" update_date: String,
    }
}

operation! {
    /// Adds the SHA-1 fingerprint of a certificate authority to an OIDC provider.
    AddFingerprintToOIDCProvider ("add_fingerprint_to_oidc_provider"), AddFingerprintToOIDCProviderRequest -> AddFingerprintToOIDCProviderResponse;
    product: Ims as ImsAddFingerprintToOIDCProvider;
    method: Post;
    gateways: Shared;
    repeat: Unsafe;
    access: ["ram:AddFingerprintToOIDCProvider" on Named("oidc-provider", "OIDCProviderName")];
    errors: [InvalidParameter, EntityNotExistOidcProvider, LimitExceededOidcProviderFingerprint];
    required {
        /// The fingerprint of the HTTPS CA certificate. The fingerprint can contain letters and digits.
        "Fingerprint" fingerprint: String,
        /// The name of the OIDC IdP.
        "OIDCProviderName" oidc_provider_name: String,
    }
    optional {
    }
    response {
        /// The name of the OIDC IdP.
        "OIDCProvider" oidc_provider: AddFingerprintToOIDCProviderOIDCProvider,
    }
}

object! {
    /// Part of the answer of `AddFingerprintToOIDCProvider`.
    AddFingerprintToOIDCProviderOIDCProvider {
        /// The Alibaba Cloud Resource Name (ARN) of the OIDC IdP.
        "Arn" arn: String,
        /// The ID of the client. If multiple client IDs are returned, the client IDs are separated by commas (,).
        "ClientIds" client_ids: String,
        /// The time when the OIDC IdP was created. The time is displayed in UTC.
        "CreateDate" create_date: String,
        /// The description of the OIDC IdP.
        "Description" description: String,
        /// The fingerprint of the HTTPS certificate. If multiple fingerprints are returned, the fingerprints are
        /// separated by commas (,).
        "Fingerprints" fingerprints: String,
        /// The timestamp when the OIDC IdP was created.
        "GmtCreate" gmt_create: String,
        /// The timestamp when the OIDC IdP was modified.
        "GmtModified" gmt_modified: String,
        /// The earliest time when an external IdP can issue an ID token. If the value of the iat field in the ID
        /// token is later than the current time, the request is rejected.
        "IssuanceLimitTime" issuance_limit_time: i64,
        /// The URL of the issuer.
        "IssuerUrl" issuer_url: String,
        /// The name of the OIDC IdP.
        "OIDCProviderName" oidc_provider_name: String,
        /// The time when the OIDC IdP was modified. The time is displayed in UTC.
        "UpdateDate" update_date: String,
    }
}

operation! {
    /// Creates an OIDC provider, whose tokens AssumeRoleWithOIDC accepts.
    CreateOIDCProvider ("create_oidc_provider"), CreateOIDCProviderRequest -> CreateOIDCProviderResponse;
    product: Ims as ImsCreateOIDCProvider;
    method: Post;
    gateways: Shared;
    repeat: Unsafe;
    access: ["ram:CreateOIDCProvider" on Named("oidc-provider", "OIDCProviderName")];
    errors: [InvalidParameter, EntityAlreadyExistsOidcProvider, LimitExceededOidcProvider];
    required {
        /// The URL of the issuer, which is provided by the external IdP. The URL of the issuer must be unique
        /// within an Alibaba Cloud account.
        "IssuerUrl" issuer_url: String,
        /// The name of the OIDC IdP. The name can contain letters, digits, and special characters and cannot start
        /// or end with the special characters.
        "OIDCProviderName" oidc_provider_name: String,
    }
    optional {
        /// The ID of the client, which is provided by the external IdP. The client ID can contain letters, digits,
        /// and special characters and cannot start with the special characters.
        "ClientIds" client_ids: String,
        /// The description of the OIDC IdP. The description can be up to 256 characters in length.
        "Description" description: String,
        /// The fingerprint of the HTTPS CA certificate, which is provided by the external IdP. The fingerprint can
        /// contain letters and digits.
        "Fingerprints" fingerprints: String,
        /// The earliest time when an external IdP can issue an ID token. If the value of the iat field in the ID
        /// token is later than the current time, the request is rejected.
        "IssuanceLimitTime" issuance_limit_time: i64,
    }
    response {
        /// The information about the OIDC IdP.
        "OIDCProvider" oidc_provider: CreateOIDCProviderOIDCProvider,
    }
}

object! {
    /// Part of the answer of `CreateOIDCProvider`.
    CreateOIDCProviderOIDCProvider {
        /// The Alibaba Cloud Resource Name (ARN) of the OIDC IdP.
        "Arn" arn: String,
        /// The ID of the client.
        "ClientIds" client_ids: String,
        /// The time when the OIDC IdP was created. The time is displayed in UTC.
        "CreateDate" create_date: String,
        /// The description of the OIDC IdP.
        "Description" description: String,
        /// The fingerprint of the HTTPS certificate.
        "Fingerprints" fingerprints: String,
        /// The timestamp when the OIDC IdP was created.
        "GmtCreate" gmt_create: String,
        /// The timestamp when the OIDC IdP was modified.
        "GmtModified" gmt_modified: String,
        /// The earliest time when an external IdP can issue an ID token. If the value of the iat field in the ID
        /// token is later than the current time, the request is rejected.
        "IssuanceLimitTime" issuance_limit_time: i64,
        /// The URL of the issuer.
        "IssuerUrl" issuer_url: String,
        /// The name of the OIDC IdP.
        "OIDCProviderName" oidc_provider_name: String,
        /// The time when the OIDC IdP was modified. The time is displayed in UTC.
        "UpdateDate" update_date: String,
    }
}

operation! {
    /// Deletes an OIDC provider. Its tokens are refused at once.
    DeleteOIDCProvider ("delete_oidc_provider"), DeleteOIDCProviderRequest -> DeleteOIDCProviderResponse;
    product: Ims as ImsDeleteOIDCProvider;
    method: Post;
    gateways: Shared;
    repeat: Unsafe;
    access: ["ram:DeleteOIDCProvider" on Named("oidc-provider", "OIDCProviderName")];
    errors: [InvalidParameter, EntityNotExistOidcProvider];
    required {
        /// The name of the OIDC IdP.
        "OIDCProviderName" oidc_provider_name: String,
    }
    optional {
    }
    response {
    }
}

operation! {
    /// Shows an OIDC provider.
    GetOIDCProvider ("get_oidc_provider"), GetOIDCProviderRequest -> GetOIDCProviderResponse;
    product: Ims as ImsGetOIDCProvider;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["ram:GetOIDCProvider" on Named("oidc-provider", "OIDCProviderName")];
    errors: [InvalidParameter, EntityNotExistOidcProvider];
    required {
        /// The name of the OIDC IdP.
        "OIDCProviderName" oidc_provider_name: String,
    }
    optional {
    }
    response {
        /// The information about the OIDC IdP.
        "OIDCProvider" oidc_provider: GetOIDCProviderOIDCProvider,
    }
}

object! {
    /// Part of the answer of `GetOIDCProvider`.
    GetOIDCProviderOIDCProvider {
        /// The Alibaba Cloud Resource Name (ARN) of the OIDC IdP.
        "Arn" arn: String,
        /// The ID of the client. If multiple client IDs are returned, the client IDs are separated by commas (,).
        "ClientIds" client_ids: String,
        /// The time when the OIDC IdP was created. The time is displayed in UTC.
        "CreateDate" create_date: String,
        /// The description of the OIDC IdP.
        "Description" description: String,
        /// The fingerprint of the HTTPS certificate. If multiple fingerprints are returned, the fingerprints are
        /// separated by commas (,).
        "Fingerprints" fingerprints: String,
        /// The timestamp when the OIDC IdP was created.
        "GmtCreate" gmt_create: String,
        /// The timestamp when the OIDC IdP was modified.
        "GmtModified" gmt_modified: String,
        /// The earliest time when an external IdP can issue an ID token. If the value of the iat field in the ID
        /// token is later than the current time, the request is rejected.
        "IssuanceLimitTime" issuance_limit_time: i64,
        /// The URL of the issuer.
        "IssuerUrl" issuer_url: String,
        /// The name of the OIDC IdP.
        "OIDCProviderName" oidc_provider_name: String,
        /// The time when the OIDC IdP was modified. The time is displayed in UTC.
        "UpdateDate" update_date: String,
    }
}

operation! {
    /// Lists the OIDC providers of the account.
    ListOIDCProviders ("list_oidc_providers"), ListOIDCProvidersRequest -> ListOIDCProvidersResponse;
    product: Ims as ImsListOIDCProviders;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["ram:ListOIDCProviders" on Container("oidc-provider")];
    errors: [InvalidParameter];
    required {
    }
    optional {
        /// The `marker`. If part of a previous response is truncated, you can use this parameter to obtain the
        /// truncated part.
        "Marker" marker: String,
        /// The number of entries per page. If a response is truncated because it reaches the value of `MaxItems`,
        /// the value of `IsTruncated` will be `true`.
        "MaxItems" max_items: i64,
    }
    response {
        /// Indicates whether the response is truncated. Valid values: - `true` - `false`.
        "IsTruncated" is_truncated: bool,
        /// The `marker`. This parameter is returned only if the value of `IsTruncated` is `true`.
        "Marker" marker: Option<String>,
        /// OIDCProviders.
        "OIDCProviders" oidc_providers: ListOIDCProvidersOIDCProviders,
    }
}

object! {
    /// Part of the answer of `ListOIDCProviders`.
    ListOIDCProvidersOIDCProvidersOIDCProvider {
        /// ARN.
        "Arn" arn: String,
        /// ClientIds.
        "ClientIds" client_ids: String,
        /// Time of creation, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "CreateDate" create_date: String,
        /// Free text.
        "Description" description: String,
        /// Fingerprints.
        "Fingerprints" fingerprints: String,
        /// GmtCreate.
        "GmtCreate" gmt_create: String,
        /// GmtModified.
        "GmtModified" gmt_modified: String,
        /// IssuanceLimitTime.
        "IssuanceLimitTime" issuance_limit_time: i64,
        /// IssuerUrl.
        "IssuerUrl" issuer_url: String,
        /// OIDCProviderName.
        "OIDCProviderName" oidc_provider_name: String,
        /// Time of the last change, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "UpdateDate" update_date: String,
    }
}

object! {
    /// Part of the answer of `ListOIDCProviders`.
    ListOIDCProvidersOIDCProviders {
        /// The members of the list.
        "OIDCProvider" oidc_provider: Vec<ListOIDCProvidersOIDCProvidersOIDCProvider>,
    }
}

operation! {
    /// Takes a client id from an OIDC provider.
    RemoveClientIdFromOIDCProvider ("remove_client_id_from_oidc_provider"), RemoveClientIdFromOIDCProviderRequest -> RemoveClientIdFromOIDCProviderResponse;
    product: Ims as ImsRemoveClientIdFromOIDCProvider;
    method: Post;
    gateways: Shared;
    repeat: Unsafe;
    access: ["ram:RemoveClientIdFromOIDCProvider" on Named("oidc-provider", "OIDCProviderName")];
    errors: [InvalidParameter, EntityNotExistOidcProvider];
    required {
        /// The specified client ID. Format: The client ID can contain letters, digits, and the following special
        /// characters: `.-_:/`.
        "ClientId" client_id: String,
        /// The name of the OIDC IdP that exists and is bound to the target `ClientId`. If the OIDC IdP has not been
        /// created or the client ID has not been bound, you can first call `CreateOIDCProvider` by setting
        /// `ClientIds` or call `AddClientIdToOIDCProvider`.
        "OIDCProviderName" oidc_provider_name: String,
    }
    optional {
    }
    response {
        /// The OIDC IdP information.
        "OIDCProvider" oidc_provider: RemoveClientIdFromOIDCProviderOIDCProvider,
    }
}

object! {
    /// Part of the answer of `RemoveClientIdFromOIDCProvider`.
    RemoveClientIdFromOIDCProviderOIDCProvider {
        /// The ARN of the OIDC IdP.
        "Arn" arn: String,
        /// The client IDs. Multiple client IDs are separated by commas (,).
        "ClientIds" client_ids: String,
        /// The creation time in UTC.
        "CreateDate" create_date: String,
        /// The description of the OIDC IdP.
        "Description" description: String,
        /// The verification fingerprints of the HTTPS CA certificate. Multiple fingerprints are separated by commas
        /// (,).
        "Fingerprints" fingerprints: String,
        /// The creation time as a UNIX timestamp.
        "GmtCreate" gmt_create: String,
        /// The update time as a UNIX timestamp.
        "GmtModified" gmt_modified: String,
        /// The earliest issuance time allowed for the external IdP to issue an ID token. If the time difference
        /// between the `iat` field in the ID token and the current time is greater than this value, the request is
        /// rejected.
        "IssuanceLimitTime" issuance_limit_time: i64,
        /// The issuer URL.
        "IssuerUrl" issuer_url: String,
        /// The name of the OIDC IdP.
        "OIDCProviderName" oidc_provider_name: String,
        /// The update time in UTC.
        "UpdateDate" update_date: String,
    }
}

operation! {
    /// Takes a fingerprint from an OIDC provider.
    RemoveFingerprintFromOIDCProvider ("remove_fingerprint_from_oidc_provider"), RemoveFingerprintFromOIDCProviderRequest -> RemoveFingerprintFromOIDCProviderResponse;
    product: Ims as ImsRemoveFingerprintFromOIDCProvider;
    method: Post;
    gateways: Shared;
    repeat: Unsafe;
    access: ["ram:RemoveFingerprintFromOIDCProvider" on Named("oidc-provider", "OIDCProviderName")];
    errors: [InvalidParameter, EntityNotExistOidcProvider];
    required {
        /// The fingerprint that you want to remove.
        "Fingerprint" fingerprint: String,
        /// The name of the OIDC IdP.
        "OIDCProviderName" oidc_provider_name: String,
    }
    optional {
    }
    response {
        /// The information about the OIDC IdP.
        "OIDCProvider" oidc_provider: RemoveFingerprintFromOIDCProviderOIDCProvider,
    }
}

object! {
    /// Part of the answer of `RemoveFingerprintFromOIDCProvider`.
    RemoveFingerprintFromOIDCProviderOIDCProvider {
        /// The Alibaba Cloud Resource Name (ARN) of the OIDC IdP.
        "Arn" arn: String,
        /// The ID of the client. If multiple client IDs are returned, the client IDs are separated by commas (,).
        "ClientIds" client_ids: String,
        /// The time when the OIDC IdP was created. The time is displayed in UTC.
        "CreateDate" create_date: String,
        /// The description of the OIDC IdP.
        "Description" description: String,
        /// The fingerprint of the HTTPS certificate. If multiple fingerprints are returned, the fingerprints are
        /// separated by commas (,).
        "Fingerprints" fingerprints: String,
        /// The timestamp when the OIDC IdP was created.
        "GmtCreate" gmt_create: String,
        /// The timestamp when the OIDC IdP was modified.
        "GmtModified" gmt_modified: String,
        /// The earliest time when an external IdP can issue an ID token. If the value of the iat field in the ID
        /// token is later than the current time, the request is rejected.
        "IssuanceLimitTime" issuance_limit_time: i64,
        /// The URL of the issuer.
        "IssuerUrl" issuer_url: String,
        /// The name of the OIDC IdP.
        "OIDCProviderName" oidc_provider_name: String,
        /// The time when the OIDC IdP was modified. The time is displayed in UTC.
        "UpdateDate" update_date: String,
    }
}

operation! {
    /// Changes an OIDC provider.
    UpdateOIDCProvider ("update_oidc_provider"), UpdateOIDCProviderRequest -> UpdateOIDCProviderResponse;
    product: Ims as ImsUpdateOIDCProvider;
    method: Post;
    gateways: Shared;
    repeat: Unsafe;
    access: ["ram:UpdateOIDCProvider" on Named("oidc-provider", "OIDCProviderName")];
    errors: [InvalidParameter, EntityNotExistOidcProvider];
    required {
        /// The name of the OIDC IdP.
        "OIDCProviderName" oidc_provider_name: String,
    }
    optional {
        /// The ID of the client. A client ID can contain letters, digits, and special characters and cannot start
        /// with the special characters.
        "ClientIds" client_ids: String,
        /// The earliest time when an external IdP can issue an ID token. If the value of the iat field in the ID
        /// token is later than the current time, the request is rejected.
        "IssuanceLimitTime" issuance_limit_time: i64,
        /// The description of the OIDC IdP. The description can be up to 256 characters in length.
        "NewDescription" new_description: String,
    }
    response {
        /// The information about the OIDC IdP.
        "OIDCProvider" oidc_provider: UpdateOIDCProviderOIDCProvider,
    }
}

object! {
    /// Part of the answer of `UpdateOIDCProvider`.
    UpdateOIDCProviderOIDCProvider {
        /// The Alibaba Cloud Resource Name (ARN) of the OIDC IdP.
        "Arn" arn: String,
        /// The ID of the client. If multiple client IDs are returned, the client IDs are separated by commas (,).
        "ClientIds" client_ids: String,
        /// The time when the OIDC IdP was created. The time is displayed in UTC.
        "CreateDate" create_date: String,
        /// The description of the OIDC IdP.
        "Description" description: String,
        /// The fingerprint of the HTTPS certificate. If multiple fingerprints are returned, the fingerprints are
        /// separated by commas (,).
        "Fingerprints" fingerprints: String,
        /// The timestamp when the OIDC IdP was created.
        "GmtCreate" gmt_create: String,
        /// The timestamp when the OIDC IdP was modified.
        "GmtModified" gmt_modified: String,
        /// The earliest time when an external IdP can issue an ID token. If the value of the iat field in the ID
        /// token is later than the current time, the request is rejected.
        "IssuanceLimitTime" issuance_limit_time: i64,
        /// The URL of the issuer.
        "IssuerUrl" issuer_url: String,
        /// The name of the OIDC IdP.
        "OIDCProviderName" oidc_provider_name: String,
        /// The time when the OIDC IdP was modified. The time is displayed in UTC.
        "UpdateDate" update_date: String,
    }
}
