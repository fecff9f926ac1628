//! Wildcards, against a matcher that tries everything.

use std::time::{Duration, Instant};

use keystead_auth::policy::Pattern;
use proptest::prelude::*;

use crate::naive::like;

#[test]
fn wildcards() {
    for (pattern, text, expected) in [
        ("", "", true),
        ("", "a", false),
        ("*", "", true),
        ("**", "x/y:z", true),
        ("a*", "a", true),
        ("a*", "ba", false),
        ("*a", "ba", true),
        ("a?", "a", false),
        ("a?", "aé", true),
        ("?", "é", true),
        ("??", "é", false),
        ("*?", "é", true),
        ("*?", "", false),
        ("*??dx", "€dx", false),
        ("a*b*c", "a/b/b/c", true),
        ("a*b*c", "a/b/b/cd", false),
        ("acs:kms:*:*:key/*", "acs:kms:cn-hangzhou:1:key/key-a", true),
        ("acs:kms:*:1:key/*", "acs:kms:cn-hangzhou:2:key/x:1:key/x", true),
        ("acs:kms:*:*:key", "acs:kms:cn-hangzhou:1:key/key-a", false),
        ("acs:*", "acs:kms::1:key", true),
    ] {
        assert_eq!(Pattern::new(pattern).matches(text), expected, "{pattern} {text}");
        assert_eq!(like(pattern, text), expected, "{pattern} {text}");
    }
    assert!(Pattern::new("KMS:Get*").matches_ignoring_case("kms:getSecretValue"));
    assert!(!Pattern::new("KMS:Get*").matches("kms:GetSecretValue"));
}

/// What takes an exponential time with a matcher that tries everything.
#[test]
fn many_stars_take_no_time() {
    let pattern = Pattern::new(&format!("{}b", "a*".repeat(2_000)));
    let text = "a".repeat(4_000);
    let start = Instant::now();
    assert!(!pattern.matches(&text));
    assert!(start.elapsed() < Duration::from_secs(5));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn as_if_everything_were_tried(pattern in "[aAbé€*?*]{0,8}", text in "[aAbé€]{0,10}") {
        prop_assert_eq!(Pattern::new(&pattern).matches(&text), like(&pattern, &text));
        let lower = |text: &str| text.to_ascii_lowercase();
        prop_assert_eq!(
            Pattern::new(&pattern).matches_ignoring_case(&text),
            like(&lower(&pattern), &lower(&text))
        );
    }
}
