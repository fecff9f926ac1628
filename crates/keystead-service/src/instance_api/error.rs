use std::borrow::Cow;

use keystead_api::{ApiError, ErrorCode};

use crate::origin::{Gateway, Origin};

/// What is missing.
pub(crate) fn missing(parameter: &str) -> ApiError {
    let message = format!("Parameter {parameter} does not exist in http header or body.");
    ApiError::with_message(ErrorCode::MissingParameter, message)
}

/// An error with the codes and texts of the instance API (KMS instance API reference, error codes). `shown` are the texts of the
/// request, in which its key or secret is named.
pub(crate) fn shown(
    error: ApiError,
    shown: &[(Cow<'_, str>, Cow<'_, str>)],
    origin: &Origin<'_>,
) -> ApiError {
    let named = shown.iter().find(|(name, _)| name == "KeyId" || name == "SecretName");
    let named = named.map(|(_, text)| text.as_ref());
    match error.code() {
        ErrorCode::ForbiddenNoPermission => {
            let named = named.unwrap_or("*");
            let message = format!("This operation for \"{named}\" is forbidden by permission system.");
            ApiError::with_message(ErrorCode::ForbiddenNoPermission, message)
        }
        // There is no code of its own for aliases and versions.
        ErrorCode::ForbiddenKeyNotFound
        | ErrorCode::ForbiddenAliasNotFound
        | ErrorCode::ForbiddenKeyVersionNotFound => {
            let message = match (named, origin.gateway) {
                (Some(key), Gateway::Dedicated(instance)) => {
                    format!("The key {key} does not exist in the key store \"{instance}\".")
                }
                _ => "The specified key does not exist.".to_owned(),
            };
            ApiError::with_message(ErrorCode::ForbiddenKeyNotFound, message)
        }
        ErrorCode::RejectedUnsupportedOperation | ErrorCode::UnsupportedOperation => {
            ApiError::with_message(ErrorCode::UnsupportedOperation, "Rejected.UnsupportedOperation")
        }
        _ => error,
    }
}
