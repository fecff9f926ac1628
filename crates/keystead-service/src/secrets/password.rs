use keystead_api::operations::{GetRandomPasswordRequest, GetRandomPasswordResponse};
use keystead_api::{ApiError, SecretText};
use keystead_crypto::Random;

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
    let random_password = draw(&*call.engine.random, &classes, len, require_each)?;
    Ok(GetRandomPasswordResponse { random_password, ..GetRandomPasswordResponse::default() })
}

/// A password for an account in another system: 32 letters, digits, `-` and `_`, which every system takes and no quoting
/// bends, with at least one of each kind, which some ask for. 192 bits.
pub(crate) fn for_account(random: &dyn Random) -> Result<SecretText, ApiError> {
    let (small, capital, digit) = (b'a'..=b'z', b'A'..=b'Z', b'0'..=b'9');
    let classes = [small.collect(), capital.collect(), digit.collect(), b"-_".to_vec()];
    draw(random, &classes, 32, true)
}

/// Draws a password out of classes of characters that are not empty.
fn draw(
    random: &dyn Random,
    classes: &[Vec<u8>],
    len: usize,
    require_each: bool,
) -> Result<SecretText, ApiError> {
    let alphabet = classes.concat();
    loop {
        // Drawing the whole password again keeps every allowed one equally likely; putting a missing character in
        // somewhere would not. With eight characters or more a few draws are enough, even for a class of one.
        let text = pick(random, &alphabet, len).map_err(no_randomness)?;
        let has = |class: &Vec<u8>| text.bytes().any(|byte| class.contains(&byte));
        if !require_each || classes.iter().all(has) {
            return Ok(SecretText::new(text.as_str()));
        }
    }
}
