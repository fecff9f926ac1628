use crate::{object, operation, types::CommaList};

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
        /// The client id: 1 to 128 letters, digits and `.` `-` `_` `:` `/`; the first one a letter or digit.
        "ClientId" client_id: String,
        /// Name of the provider.
        "OIDCProviderName" oidc_provider_name: String,
    }
    optional {
    }
    response {
        /// The provider.
        "OIDCProvider" oidc_provider: AddClientIdToOIDCProviderOIDCProvider,
    }
}

object! {
    /// Part of the answer of `AddClientIdToOIDCProvider`.
    AddClientIdToOIDCProviderOIDCProvider {
        /// ARN of the provider.
        "Arn" arn: String,
        /// Client ids, with commas between.
        "ClientIds" client_ids: CommaList,
        /// Time of creation, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "CreateDate" create_date: String,
        /// Free text.
        "Description" description: String,
        /// Fingerprints in lower case, with commas between.
        "Fingerprints" fingerprints: CommaList,
        /// Time of creation, in milliseconds since 1970.
        "GmtCreate" gmt_create: String,
        /// Time of the last change, in milliseconds since 1970.
        "GmtModified" gmt_modified: String,
        /// Hours after which a token is too old.
        "IssuanceLimitTime" issuance_limit_time: i64,
        /// The issuer.
        "IssuerUrl" issuer_url: String,
        /// Name of the provider.
        "OIDCProviderName" oidc_provider_name: String,
        /// Time of the last change, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
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
        /// SHA-1 fingerprint of the certificate authority: 40 hexadecimal digits.
        "Fingerprint" fingerprint: String,
        /// Name of the provider.
        "OIDCProviderName" oidc_provider_name: String,
    }
    optional {
    }
    response {
        /// The provider.
        "OIDCProvider" oidc_provider: AddFingerprintToOIDCProviderOIDCProvider,
    }
}

object! {
    /// Part of the answer of `AddFingerprintToOIDCProvider`.
    AddFingerprintToOIDCProviderOIDCProvider {
        /// ARN of the provider.
        "Arn" arn: String,
        /// Client ids, with commas between.
        "ClientIds" client_ids: CommaList,
        /// Time of creation, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "CreateDate" create_date: String,
        /// Free text.
        "Description" description: String,
        /// Fingerprints in lower case, with commas between.
        "Fingerprints" fingerprints: CommaList,
        /// Time of creation, in milliseconds since 1970.
        "GmtCreate" gmt_create: String,
        /// Time of the last change, in milliseconds since 1970.
        "GmtModified" gmt_modified: String,
        /// Hours after which a token is too old.
        "IssuanceLimitTime" issuance_limit_time: i64,
        /// The issuer.
        "IssuerUrl" issuer_url: String,
        /// Name of the provider.
        "OIDCProviderName" oidc_provider_name: String,
        /// Time of the last change, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
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
    errors: [
        InvalidParameter, EntityAlreadyExistsOidcProvider, LimitExceededOidcProvider,
        LimitExceededOidcProviderClientId, LimitExceededOidcProviderFingerprint,
    ];
    required {
        /// The issuer, exactly as its tokens name it: a URL that begins with `https://`, at most 255 characters.
        "IssuerUrl" issuer_url: String,
        /// Name of the provider: 1 to 128 letters, digits and `.` `-` `_`, with a letter or digit at both ends.
        "OIDCProviderName" oidc_provider_name: String,
    }
    optional {
        /// Client ids, with commas between; at most 50.
        "ClientIds" client_ids: CommaList,
        /// Free text, at most 256 characters.
        "Description" description: String,
        /// SHA-1 fingerprints of certificate authorities, 40 hexadecimal digits each, with commas between; at most
        /// 5.
        "Fingerprints" fingerprints: CommaList,
        /// Hours after which a token is too old, whatever its own end: 1 to 168, usually 12.
        "IssuanceLimitTime" issuance_limit_time: i64,
    }
    response {
        /// The provider.
        "OIDCProvider" oidc_provider: CreateOIDCProviderOIDCProvider,
    }
}

object! {
    /// Part of the answer of `CreateOIDCProvider`.
    CreateOIDCProviderOIDCProvider {
        /// ARN of the provider.
        "Arn" arn: String,
        /// Client ids, with commas between.
        "ClientIds" client_ids: CommaList,
        /// Time of creation, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "CreateDate" create_date: String,
        /// Free text.
        "Description" description: String,
        /// Fingerprints in lower case, with commas between.
        "Fingerprints" fingerprints: CommaList,
        /// Time of creation, in milliseconds since 1970.
        "GmtCreate" gmt_create: String,
        /// Time of the last change, in milliseconds since 1970.
        "GmtModified" gmt_modified: String,
        /// Hours after which a token is too old.
        "IssuanceLimitTime" issuance_limit_time: i64,
        /// The issuer.
        "IssuerUrl" issuer_url: String,
        /// Name of the provider.
        "OIDCProviderName" oidc_provider_name: String,
        /// Time of the last change, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
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
        /// Name of the provider.
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
        /// Name of the provider.
        "OIDCProviderName" oidc_provider_name: String,
    }
    optional {
    }
    response {
        /// The provider.
        "OIDCProvider" oidc_provider: GetOIDCProviderOIDCProvider,
    }
}

object! {
    /// Part of the answer of `GetOIDCProvider`.
    GetOIDCProviderOIDCProvider {
        /// ARN of the provider.
        "Arn" arn: String,
        /// Client ids, with commas between.
        "ClientIds" client_ids: CommaList,
        /// Time of creation, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "CreateDate" create_date: String,
        /// Free text.
        "Description" description: String,
        /// Fingerprints in lower case, with commas between.
        "Fingerprints" fingerprints: CommaList,
        /// Time of creation, in milliseconds since 1970.
        "GmtCreate" gmt_create: String,
        /// Time of the last change, in milliseconds since 1970.
        "GmtModified" gmt_modified: String,
        /// Hours after which a token is too old.
        "IssuanceLimitTime" issuance_limit_time: i64,
        /// The issuer.
        "IssuerUrl" issuer_url: String,
        /// Name of the provider.
        "OIDCProviderName" oidc_provider_name: String,
        /// Time of the last change, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
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
        /// Where the page begins: the `Marker` of the page before.
        "Marker" marker: String,
        /// Entries of a page, 1 to 100; 100 when it is left out.
        "MaxItems" max_items: i64,
    }
    response {
        /// Whether there is another page.
        "IsTruncated" is_truncated: bool,
        /// Where the next page begins; left out on the last one.
        "Marker" marker: Option<String>,
        /// The providers.
        "OIDCProviders" oidc_providers: ListOIDCProvidersOIDCProviders,
    }
}

object! {
    /// Part of the answer of `ListOIDCProviders`.
    ListOIDCProvidersOIDCProvidersOIDCProvider {
        /// ARN of the provider.
        "Arn" arn: String,
        /// Client ids, with commas between.
        "ClientIds" client_ids: CommaList,
        /// Time of creation, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "CreateDate" create_date: String,
        /// Free text.
        "Description" description: String,
        /// Fingerprints in lower case, with commas between.
        "Fingerprints" fingerprints: CommaList,
        /// Time of creation, in milliseconds since 1970.
        "GmtCreate" gmt_create: String,
        /// Time of the last change, in milliseconds since 1970.
        "GmtModified" gmt_modified: String,
        /// Hours after which a token is too old.
        "IssuanceLimitTime" issuance_limit_time: i64,
        /// The issuer.
        "IssuerUrl" issuer_url: String,
        /// Name of the provider.
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
        /// The client id: 1 to 128 letters, digits and `.` `-` `_` `:` `/`; the first one a letter or digit.
        "ClientId" client_id: String,
        /// Name of the provider.
        "OIDCProviderName" oidc_provider_name: String,
    }
    optional {
    }
    response {
        /// The provider.
        "OIDCProvider" oidc_provider: RemoveClientIdFromOIDCProviderOIDCProvider,
    }
}

object! {
    /// Part of the answer of `RemoveClientIdFromOIDCProvider`.
    RemoveClientIdFromOIDCProviderOIDCProvider {
        /// ARN of the provider.
        "Arn" arn: String,
        /// Client ids, with commas between.
        "ClientIds" client_ids: CommaList,
        /// Time of creation, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "CreateDate" create_date: String,
        /// Free text.
        "Description" description: String,
        /// Fingerprints in lower case, with commas between.
        "Fingerprints" fingerprints: CommaList,
        /// Time of creation, in milliseconds since 1970.
        "GmtCreate" gmt_create: String,
        /// Time of the last change, in milliseconds since 1970.
        "GmtModified" gmt_modified: String,
        /// Hours after which a token is too old.
        "IssuanceLimitTime" issuance_limit_time: i64,
        /// The issuer.
        "IssuerUrl" issuer_url: String,
        /// Name of the provider.
        "OIDCProviderName" oidc_provider_name: String,
        /// Time of the last change, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
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
        /// SHA-1 fingerprint of the certificate authority: 40 hexadecimal digits.
        "Fingerprint" fingerprint: String,
        /// Name of the provider.
        "OIDCProviderName" oidc_provider_name: String,
    }
    optional {
    }
    response {
        /// The provider.
        "OIDCProvider" oidc_provider: RemoveFingerprintFromOIDCProviderOIDCProvider,
    }
}

object! {
    /// Part of the answer of `RemoveFingerprintFromOIDCProvider`.
    RemoveFingerprintFromOIDCProviderOIDCProvider {
        /// ARN of the provider.
        "Arn" arn: String,
        /// Client ids, with commas between.
        "ClientIds" client_ids: CommaList,
        /// Time of creation, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "CreateDate" create_date: String,
        /// Free text.
        "Description" description: String,
        /// Fingerprints in lower case, with commas between.
        "Fingerprints" fingerprints: CommaList,
        /// Time of creation, in milliseconds since 1970.
        "GmtCreate" gmt_create: String,
        /// Time of the last change, in milliseconds since 1970.
        "GmtModified" gmt_modified: String,
        /// Hours after which a token is too old.
        "IssuanceLimitTime" issuance_limit_time: i64,
        /// The issuer.
        "IssuerUrl" issuer_url: String,
        /// Name of the provider.
        "OIDCProviderName" oidc_provider_name: String,
        /// Time of the last change, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
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
    errors: [InvalidParameter, EntityNotExistOidcProvider, LimitExceededOidcProviderClientId];
    required {
        /// Name of the provider.
        "OIDCProviderName" oidc_provider_name: String,
    }
    optional {
        /// All client ids from now on, with commas between; at most 50.
        "ClientIds" client_ids: CommaList,
        /// Hours after which a token is too old, whatever its own end: 1 to 168.
        "IssuanceLimitTime" issuance_limit_time: i64,
        /// Free text, at most 256 characters.
        "NewDescription" new_description: String,
    }
    response {
        /// The provider.
        "OIDCProvider" oidc_provider: UpdateOIDCProviderOIDCProvider,
    }
}

object! {
    /// Part of the answer of `UpdateOIDCProvider`.
    UpdateOIDCProviderOIDCProvider {
        /// ARN of the provider.
        "Arn" arn: String,
        /// Client ids, with commas between.
        "ClientIds" client_ids: CommaList,
        /// Time of creation, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "CreateDate" create_date: String,
        /// Free text.
        "Description" description: String,
        /// Fingerprints in lower case, with commas between.
        "Fingerprints" fingerprints: CommaList,
        /// Time of creation, in milliseconds since 1970.
        "GmtCreate" gmt_create: String,
        /// Time of the last change, in milliseconds since 1970.
        "GmtModified" gmt_modified: String,
        /// Hours after which a token is too old.
        "IssuanceLimitTime" issuance_limit_time: i64,
        /// The issuer.
        "IssuerUrl" issuer_url: String,
        /// Name of the provider.
        "OIDCProviderName" oidc_provider_name: String,
        /// Time of the last change, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "UpdateDate" update_date: String,
    }
}
