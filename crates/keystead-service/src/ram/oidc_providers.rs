use std::net::Ipv6Addr;
use std::sync::Arc;

use keystead_api::operations::ims::{
    AddClientIdToOIDCProviderOIDCProvider, AddClientIdToOIDCProviderRequest,
    AddClientIdToOIDCProviderResponse, AddFingerprintToOIDCProviderOIDCProvider,
    AddFingerprintToOIDCProviderRequest, AddFingerprintToOIDCProviderResponse,
    CreateOIDCProviderOIDCProvider, CreateOIDCProviderRequest, CreateOIDCProviderResponse,
    DeleteOIDCProviderRequest, DeleteOIDCProviderResponse, GetOIDCProviderOIDCProvider,
    GetOIDCProviderRequest, GetOIDCProviderResponse, ListOIDCProvidersOIDCProviders,
    ListOIDCProvidersOIDCProvidersOIDCProvider, ListOIDCProvidersRequest, ListOIDCProvidersResponse,
    RemoveClientIdFromOIDCProviderOIDCProvider, RemoveClientIdFromOIDCProviderRequest,
    RemoveClientIdFromOIDCProviderResponse, RemoveFingerprintFromOIDCProviderOIDCProvider,
    RemoveFingerprintFromOIDCProviderRequest, RemoveFingerprintFromOIDCProviderResponse,
    UpdateOIDCProviderOIDCProvider, UpdateOIDCProviderRequest, UpdateOIDCProviderResponse,
};
use keystead_api::{ApiError, ErrorCode, Flaw};
use keystead_store::Batch;

use super::paging::Page;
use super::{Current, commit, current, limits, names};
use crate::call::Call;
use crate::engine::{CommitError, retrying};
use crate::image::Versioned;
use crate::keys::create::put_new;
use crate::records::{OidcProviderRecord, path};

/// Characters of an issuer's URL at most (IMS API reference, CreateOIDCProvider).
const MAX_ISSUER: usize = 255;
/// Characters of a client id at most.
const MAX_CLIENT_ID: usize = 128;
/// Client ids of a provider.
const MAX_CLIENT_IDS: usize = 50;
/// Fingerprints of a provider.
const MAX_FINGERPRINTS: usize = 5;
/// Hex digits of a SHA-1 fingerprint.
const FINGERPRINT_DIGITS: usize = 40;
/// Characters of a description at most.
const MAX_DESCRIPTION: usize = 256;
/// Hours after which a token is too old: the least, the usual and the most.
const ISSUANCE_HOURS: (i64, i64, i64) = (1, 12, 168);
/// Entries of a page at most (IMS API reference, ListOIDCProviders).
const MOST: i64 = 100;

/// The provider that `OIDCProviderName` names, which the caller may use this operation on.
async fn named(call: &Call<'_>, name: &str) -> Result<Arc<Versioned<OidcProviderRecord>>, ApiError> {
    const PARAM: &str = "OIDCProviderName";
    names::oidc_provider(PARAM, name)?;
    let place = path::oidc_provider(call.account(), name);
    let found = call.engine.image.get::<OidcProviderRecord>(&place).await?;
    call.named("oidc-provider", PARAM, found.as_ref().map_or(name, |provider| &provider.value.name))?;
    found.ok_or_else(|| ErrorCode::EntityNotExistOidcProvider.into())
}

/// Changes a provider that was found; one that is as it should be already is left alone.
async fn change(
    call: &Call<'_>,
    name: &str,
    change: impl Fn(&mut OidcProviderRecord) -> Result<(), ApiError> + Send + Sync,
) -> Result<OidcProviderRecord, ApiError> {
    let seen = named(call, name).await?;
    let place = path::oidc_provider(call.account(), &seen.value.name);
    retrying!({
        let provider: Option<Current<OidcProviderRecord>> = current(call, &place).await?;
        let mut provider = provider.ok_or(ApiError::new(ErrorCode::EntityNotExistOidcProvider))?;
        let before = provider.value.clone();
        change(&mut provider.value)?;
        if provider.value != before {
            provider.value.updated = call.now;
            let mut batch = Batch::new();
            provider.write(&mut batch)?;
            commit(call, batch).await?;
        }
        Ok::<_, CommitError>(provider.value)
    })
}

/// An `https` URL with a host, without query, fragment and login: exactly as tokens will name it.
fn check_issuer(text: &str) -> Result<(), ApiError> {
    const PARAM: &str = "IssuerUrl";
    if text.chars().count() > MAX_ISSUER {
        return Err(names::invalid(PARAM, Flaw::Length));
    }
    let invalid = || names::invalid(PARAM, Flaw::Format);
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) || text.contains(['?', '#', '@', '\\']) {
        return Err(invalid());
    }
    let rest = text.strip_prefix("https://").ok_or_else(invalid)?;
    let authority = rest.split('/').next().unwrap_or_default();
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !authority.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let name = |host: &str| {
        !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte))
    };
    let address = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let host_is_one = match address {
        Some(address) => address.parse::<Ipv6Addr>().is_ok(),
        None => name(host),
    };
    let port_is_one = port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port != 0));
    if host_is_one && port_is_one { Ok(()) } else { Err(invalid()) }
}

/// Letters, digits and `. - _ : /`; the first one a letter or digit.
fn check_client_id(param: &'static str, text: &str) -> Result<(), ApiError> {
    if text.is_empty() || text.len() > MAX_CLIENT_ID {
        return Err(names::invalid(param, Flaw::Length));
    }
    let valid = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:/".contains(&byte);
    let begins = text.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric);
    if begins && text.bytes().all(valid) { Ok(()) } else { Err(names::invalid(param, Flaw::Chars)) }
}

/// A SHA-1 fingerprint in lower case.
fn fingerprint(param: &'static str, text: &str) -> Result<String, ApiError> {
    if text.len() != FINGERPRINT_DIGITS {
        return Err(names::invalid(param, Flaw::Length));
    }
    if !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(names::invalid(param, Flaw::Chars));
    }
    Ok(text.to_ascii_lowercase())
}

/// `ClientIds`: with commas between; each once.
fn client_ids(text: Option<&str>) -> Result<Vec<String>, ApiError> {
    let ids = distinct(text);
    ids.iter().try_for_each(|id| check_client_id("ClientIds", id))?;
    match ids.len() > MAX_CLIENT_IDS {
        true => Err(ErrorCode::LimitExceededOidcProviderClientId.into()),
        false => Ok(ids),
    }
}

/// `Fingerprints`: with commas between; each once.
fn fingerprints(text: Option<&str>) -> Result<Vec<String>, ApiError> {
    let text = text.map(str::to_ascii_lowercase);
    let found: Vec<String> = distinct(text.as_deref());
    found.iter().try_for_each(|text| fingerprint("Fingerprints", text).map(drop))?;
    match found.len() > MAX_FINGERPRINTS {
        true => Err(ErrorCode::LimitExceededOidcProviderFingerprint.into()),
        false => Ok(found),
    }
}

fn distinct(text: Option<&str>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for part in text.filter(|text| !text.is_empty()).into_iter().flat_map(|text| text.split(',')) {
        if !found.iter().any(|known| known == part.trim()) {
            found.push(part.trim().to_owned());
        }
    }
    found
}

fn issuance_hours(hours: Option<i64>) -> Result<Option<i64>, ApiError> {
    match hours {
        Some(hours) if !(ISSUANCE_HOURS.0..=ISSUANCE_HOURS.2).contains(&hours) => {
            Err(names::invalid("IssuanceLimitTime", Flaw::Value))
        }
        given => Ok(given),
    }
}

/// What answers show of a provider; the same fields in each of them.
macro_rules! shown {
    ($object:ident, $provider:expr) => {{
        let provider: &OidcProviderRecord = &$provider;
        // Milliseconds since 1970.
        let stamp = |time: keystead_api::Timestamp| time.0.saturating_mul(1000).to_string();
        $object {
            arn: format!("acs:ram::{}:oidc-provider/{}", provider.account, provider.name),
            client_ids: provider.client_ids.join(",").into(),
            create_date: provider.created.to_string(),
            description: provider.description.clone(),
            fingerprints: provider.fingerprints.join(",").into(),
            gmt_create: stamp(provider.created),
            gmt_modified: stamp(provider.updated),
            issuance_limit_time: provider.issuance_limit_hours,
            issuer_url: provider.issuer_url.clone(),
            oidc_provider_name: provider.name.clone(),
            update_date: provider.updated.to_string(),
        }
    }};
}

/// `CreateOIDCProvider`
pub(crate) async fn create(
    call: &Call<'_>,
    request: CreateOIDCProviderRequest,
) -> Result<CreateOIDCProviderResponse, ApiError> {
    names::oidc_provider("OIDCProviderName", &request.oidc_provider_name)?;
    check_issuer(&request.issuer_url)?;
    let client_ids = client_ids(request.client_ids.as_deref())?;
    let fingerprints = fingerprints(request.fingerprints.as_deref())?;
    let description = request.description.unwrap_or_default();
    names::free_text("Description", &description, MAX_DESCRIPTION)?;
    let hours = issuance_hours(request.issuance_limit_time)?.unwrap_or(ISSUANCE_HOURS.1);
    call.named("oidc-provider", "OIDCProviderName", &request.oidc_provider_name)?;
    let provider = OidcProviderRecord {
        account: call.account().to_owned(),
        name: request.oidc_provider_name,
        issuer_url: request.issuer_url,
        client_ids,
        fingerprints,
        issuance_limit_hours: hours,
        description,
        created: call.now,
        updated: call.now,
    };
    let place = path::oidc_provider(call.account(), &provider.name);
    let prefix = path::oidc_provider(call.account(), "");
    let everything = Page::new(None, Some(MOST), MOST)?;
    retrying!({
        if current::<OidcProviderRecord>(call, &place).await?.is_some() {
            return Err(ApiError::new(ErrorCode::EntityAlreadyExistsOidcProvider).into());
        }
        let mut batch = Batch::new();
        limits::one_more(call, &mut batch, prefix.clone(), limits::OIDC_PROVIDERS).await?;
        // A token's issuer must lead to one provider. All of them are on the one page.
        let same = |known: &OidcProviderRecord| known.issuer_url == provider.issuer_url;
        if !everything.read::<OidcProviderRecord>(call, &prefix, same).await?.found.is_empty() {
            let text = "The issuer URL already exists in another OIDC provider of the account.";
            return Err(ApiError::with_message(ErrorCode::EntityAlreadyExistsOidcProvider, text).into());
        }
        put_new(&mut batch, place.clone(), &provider)?;
        commit(call, batch).await?;
        Ok::<_, CommitError>(())
    })?;
    let oidc_provider = shown!(CreateOIDCProviderOIDCProvider, provider);
    Ok(CreateOIDCProviderResponse { oidc_provider, ..CreateOIDCProviderResponse::default() })
}

/// `GetOIDCProvider`
pub(crate) async fn get(
    call: &Call<'_>,
    request: GetOIDCProviderRequest,
) -> Result<GetOIDCProviderResponse, ApiError> {
    let provider = named(call, &request.oidc_provider_name).await?;
    let oidc_provider = shown!(GetOIDCProviderOIDCProvider, provider.value);
    Ok(GetOIDCProviderResponse { oidc_provider, ..GetOIDCProviderResponse::default() })
}

/// `ListOIDCProviders`
pub(crate) async fn list(
    call: &Call<'_>,
    request: ListOIDCProvidersRequest,
) -> Result<ListOIDCProvidersResponse, ApiError> {
    call.container("oidc-provider")?;
    let page = Page::new(request.marker.as_deref(), request.max_items, MOST)?;
    let prefix = path::oidc_provider(call.account(), "");
    let listed = page.read::<OidcProviderRecord>(call, &prefix, |_| true).await?;
    let shown = |(_, provider): &(String, OidcProviderRecord)| {
        shown!(ListOIDCProvidersOIDCProvidersOIDCProvider, *provider)
    };
    Ok(ListOIDCProvidersResponse {
        is_truncated: listed.marker.is_some(),
        oidc_providers: ListOIDCProvidersOIDCProviders {
            oidc_provider: listed.found.iter().map(shown).collect(),
        },
        marker: listed.marker,
        ..ListOIDCProvidersResponse::default()
    })
}

/// `UpdateOIDCProvider`
pub(crate) async fn update(
    call: &Call<'_>,
    request: UpdateOIDCProviderRequest,
) -> Result<UpdateOIDCProviderResponse, ApiError> {
    let ids = request.client_ids.as_deref().map(|text| client_ids(Some(text))).transpose()?;
    let hours = issuance_hours(request.issuance_limit_time)?;
    let description = request.new_description;
    description
        .as_deref()
        .map_or(Ok(()), |text| names::free_text("NewDescription", text, MAX_DESCRIPTION))?;
    let provider = change(call, &request.oidc_provider_name, |provider| {
        if let Some(ids) = &ids {
            provider.client_ids.clone_from(ids);
        }
        if let Some(hours) = hours {
            provider.issuance_limit_hours = hours;
        }
        if let Some(description) = &description {
            provider.description.clone_from(description);
        }
        Ok(())
    })
    .await?;
    let oidc_provider = shown!(UpdateOIDCProviderOIDCProvider, provider);
    Ok(UpdateOIDCProviderResponse { oidc_provider, ..UpdateOIDCProviderResponse::default() })
}

/// `DeleteOIDCProvider`
pub(crate) async fn delete(
    call: &Call<'_>,
    request: DeleteOIDCProviderRequest,
) -> Result<DeleteOIDCProviderResponse, ApiError> {
    let seen = named(call, &request.oidc_provider_name).await?;
    let place = path::oidc_provider(call.account(), &seen.value.name);
    retrying!({
        let provider: Option<Current<OidcProviderRecord>> = current(call, &place).await?;
        let provider = provider.ok_or(ApiError::new(ErrorCode::EntityNotExistOidcProvider))?;
        let mut batch = Batch::new();
        provider.remove(&mut batch);
        commit(call, batch).await?;
        Ok::<_, CommitError>(())
    })?;
    Ok(DeleteOIDCProviderResponse::default())
}

/// `AddClientIdToOIDCProvider`
pub(crate) async fn add_client_id(
    call: &Call<'_>,
    request: AddClientIdToOIDCProviderRequest,
) -> Result<AddClientIdToOIDCProviderResponse, ApiError> {
    check_client_id("ClientId", &request.client_id)?;
    let provider = change(call, &request.oidc_provider_name, |provider| {
        let code = ErrorCode::LimitExceededOidcProviderClientId;
        add(&mut provider.client_ids, &request.client_id, (MAX_CLIENT_IDS, code))
    })
    .await?;
    let oidc_provider = shown!(AddClientIdToOIDCProviderOIDCProvider, provider);
    Ok(AddClientIdToOIDCProviderResponse { oidc_provider, ..AddClientIdToOIDCProviderResponse::default() })
}

/// `RemoveClientIdFromOIDCProvider`
pub(crate) async fn remove_client_id(
    call: &Call<'_>,
    request: RemoveClientIdFromOIDCProviderRequest,
) -> Result<RemoveClientIdFromOIDCProviderResponse, ApiError> {
    check_client_id("ClientId", &request.client_id)?;
    let provider = change(call, &request.oidc_provider_name, |provider| {
        provider.client_ids.retain(|known| *known != request.client_id);
        Ok(())
    })
    .await?;
    let oidc_provider = shown!(RemoveClientIdFromOIDCProviderOIDCProvider, provider);
    Ok(RemoveClientIdFromOIDCProviderResponse {
        oidc_provider,
        ..RemoveClientIdFromOIDCProviderResponse::default()
    })
}

/// `AddFingerprintToOIDCProvider`
pub(crate) async fn add_fingerprint(
    call: &Call<'_>,
    request: AddFingerprintToOIDCProviderRequest,
) -> Result<AddFingerprintToOIDCProviderResponse, ApiError> {
    let text = fingerprint("Fingerprint", &request.fingerprint)?;
    let provider = change(call, &request.oidc_provider_name, |provider| {
        let code = ErrorCode::LimitExceededOidcProviderFingerprint;
        add(&mut provider.fingerprints, &text, (MAX_FINGERPRINTS, code))
    })
    .await?;
    let oidc_provider = shown!(AddFingerprintToOIDCProviderOIDCProvider, provider);
    Ok(AddFingerprintToOIDCProviderResponse {
        oidc_provider,
        ..AddFingerprintToOIDCProviderResponse::default()
    })
}

/// `RemoveFingerprintFromOIDCProvider`
pub(crate) async fn remove_fingerprint(
    call: &Call<'_>,
    request: RemoveFingerprintFromOIDCProviderRequest,
) -> Result<RemoveFingerprintFromOIDCProviderResponse, ApiError> {
    let text = fingerprint("Fingerprint", &request.fingerprint)?;
    let provider = change(call, &request.oidc_provider_name, |provider| {
        provider.fingerprints.retain(|known| *known != text);
        Ok(())
    })
    .await?;
    let oidc_provider = shown!(RemoveFingerprintFromOIDCProviderOIDCProvider, provider);
    Ok(RemoveFingerprintFromOIDCProviderResponse {
        oidc_provider,
        ..RemoveFingerprintFromOIDCProviderResponse::default()
    })
}

/// One that is there already stays as it is.
fn add(list: &mut Vec<String>, entry: &str, (most, full): (usize, ErrorCode)) -> Result<(), ApiError> {
    if list.iter().any(|known| known == entry) {
        return Ok(());
    }
    if list.len() >= most {
        return Err(full.into());
    }
    list.push(entry.to_owned());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issuers() {
        for good in [
            "https://idp.example",
            "https://idp.example:8443/realms/a",
            "https://[::1]:8443/x",
            "https://[::1]",
            "https://token.actions.githubusercontent.com",
        ] {
            assert!(check_issuer(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "http://idp.example",
            "https://",
            "https://:443",
            "https://idp:x",
            "https://[::1",
            "https://idp:0/",
            "https:///path",
            "https://u@idp.example",
            "https://idp.example?x=1",
            "https://idp.example#x",
            "https://idp example",
            "HTTPS//x",
            "https://i\u{e9}.example",
        ] {
            assert!(check_issuer(bad).is_err(), "{bad}");
        }
        assert!(check_issuer(&format!("https://{}", "a".repeat(248))).is_err());
    }

    #[test]
    fn lists_hold_each_entry_once() {
        assert_eq!(client_ids(Some("a,b, a")).ok(), Some(vec!["a".to_owned(), "b".to_owned()]));
        assert!(client_ids(Some("a,,b")).is_err() && client_ids(Some("-a")).is_err());
        let many: Vec<_> = (0..51).map(|n| n.to_string()).collect();
        assert!(client_ids(Some(&many.join(","))).is_err());
        let (upper, lower) = ("AB".repeat(20), "ab".repeat(20));
        assert_eq!(fingerprints(Some(&format!("{upper},{lower}"))).ok(), Some(vec![lower]));
        assert!(fingerprints(Some("ab")).is_err() && fingerprints(Some(&"zz".repeat(20))).is_err());
    }
}
