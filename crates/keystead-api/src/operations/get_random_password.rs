use crate::{SecretText, operation, types::{BoolText, IntText}};

operation! {
    /// Makes a random password of 8 to 128 characters; the service keeps no copy.
    GetRandomPassword ("get_random_password"), GetRandomPasswordRequest -> GetRandomPasswordResponse;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["kms:GetRandomPassword" on Any];
    errors: [InvalidParameter];
    required {
    }
    optional {
        /// Characters to leave out, any of the printable ones of ASCII but space; none by default.
        "ExcludeCharacters" exclude_characters: String,
        /// `true` leaves lower-case letters out; `false` by default.
        "ExcludeLowercase" exclude_lowercase: BoolText,
        /// `true` leaves digits out; `false` by default.
        "ExcludeNumbers" exclude_numbers: BoolText,
        /// `true` leaves punctuation out; `false` by default.
        "ExcludePunctuation" exclude_punctuation: BoolText,
        /// `true` leaves upper-case letters out; `false` by default.
        "ExcludeUppercase" exclude_uppercase: BoolText,
        /// Length in characters, 8 to 128; 32 by default.
        "PasswordLength" password_length: IntText,
        /// `true` (default) puts in at least one character of each type that is not left out; `false`
        /// leaves it to chance.
        "RequireEachIncludedType" require_each_included_type: BoolText,
    }
    response {
        /// The password.
        "RandomPassword" random_password: SecretText,
    }
}
