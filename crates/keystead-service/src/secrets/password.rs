use keystead_api::operations::{GetRandomPasswordRequest, GetRandomPasswordResponse};
use keystead_api::{ApiError, SecretText};

use crate::call::Call;
use crate::ids::pick;
use crate::keys::create::no_randomness;
use crate::secrets::describe::flag;

/// Lengths that are allowed, in characters (KMS API reference, GetRandomPassword).
const LENGTHS: std::ops::RangeInclusive<usize> = 8..=128;
const PUNCTUATION: &[u8] = b"!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

/// `GetRandomPassword`
pub(crate) async fn generate(
    call: &Call<'_>,
    request: GetRandomPasswordRequest,
) -> Result<GetRandomPasswordResponse, ApiError> {
    call.anything()?;
    let len = match request.password_length.as_deref() {
        None | Some("") => 32,
        Some(text) => text
            .parse()
            .ok()
            .filter(|len| LENGTHS.contains(len))
            .ok_or_else(|| ApiError::invalid_parameter("PasswordLength"))?,
    };
    let excluded = request.exclude_characters.unwrap_or_default();
    if !excluded.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(ApiError::invalid_parameter("ExcludeCharacters"));
    }
    let class = |name: &'static str, exclude: Option<&str>, characters: &mut dyn Iterator<Item = u8>| {
        let exclude = flag(name, exclude)?;
        let kept = characters.filter(|c| !exclude && !excluded.as_bytes().contains(c));
        Ok::<Vec<u8>, ApiError>(kept.collect())
    };
    let classes: Vec<Vec<u8>> = [
        class("ExcludeLowercase", request.exclude_lowercase.as_deref(), &mut (b'a'..=b'z'))?,
        class("ExcludeUppercase", request.exclude_uppercase.as_deref(), &mut (b'A'..=b'Z'))?,
        class("ExcludeNumbers", request.exclude_numbers.as_deref(), &mut (b'0'..=b'9'))?,
        class(
            "ExcludePunctuation",
            request.exclude_punctuation.as_deref(),
            &mut PUNCTUATION.iter().copied(),
        )?,
    ]
    .into_iter()
    .filter(|class| !class.is_empty())
    .collect();
    if classes.is_empty() {
        return Err(ApiError::invalid_parameter("ExcludeCharacters"));
    }
    let require_each = match request.require_each_included_type.as_deref() {
        None | Some("") => true,
        text => flag("RequireEachIncludedType", text)?,
    };
    let alphabet = classes.concat();
    let random_password = loop {
        // Drawing the whole password again keeps every allowed one equally likely; putting a missing character in
        // somewhere would not. With eight characters or more a few draws are enough, even for a class of one.
        let text = pick(&*call.engine.random, &alphabet, len).map_err(no_randomness)?;
        let has = |class: &Vec<u8>| text.bytes().any(|byte| class.contains(&byte));
        if !require_each || classes.iter().all(has) {
            break SecretText::new(text.as_str());
        }
    };
    Ok(GetRandomPasswordResponse { random_password, ..GetRandomPasswordResponse::default() })
}
