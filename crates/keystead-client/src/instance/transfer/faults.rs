//! Errors of the instance's API as the OpenAPI has them.

use crate::error::Error;

/// Code, and text where it counts, at the instance; code and text at the OpenAPI. It is the table of the official transfer
/// SDKs; those break on every other text of `InvalidParam`, which here stays as it is.
const TABLE: [(&str, Option<&str>, &str, &str); 7] = [
    (
        "InvalidParam",
        Some("The Param Date is invalid."),
        "IllegalTimestamp",
        "The input parameter \"Timestamp\" that is mandatory for processing this request is not supplied.",
    ),
    (
        "InvalidParam",
        Some("The Param Authorization is invalid."),
        "IncompleteSignature",
        "The request signature does not conform to Aliyun standards.",
    ),
    (
        "Unauthorized",
        None,
        "InvalidAccessKeyId.NotFound",
        "The Access Key ID provided does not exist in our records.",
    ),
    ("Forbidden.KeyNotFound", None, "Forbidden.KeyNotFound", "The specified Key is not found."),
    (
        "Forbidden.NoPermission",
        None,
        "Forbidden.NoPermission",
        "This operation is forbidden by permission system.",
    ),
    ("InternalFailure", None, "InternalFailure", "Internal Failure"),
    ("Rejected.Throttling", None, "Rejected.Throttling", "QPS Limit Exceeded"),
];

/// The error with the code and text of the OpenAPI.
pub(super) fn as_openapi(mut error: Error) -> Error {
    if let Error::Service { code, message, .. } = &mut error {
        let fits = |(from, text, ..): &&(&str, Option<&str>, &str, &str)| {
            from == code && text.is_none_or(|text| text == message)
        };
        if let Some((_, _, to, text)) = TABLE.iter().find(fits) {
            (*code, *message) = ((*to).to_owned(), (*text).to_owned());
        }
    }
    error
}
