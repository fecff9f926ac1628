//! GetRandomPassword.

use std::collections::HashMap;

use crate::harness::{Client, check, client, text};

const PUNCTUATION: &str = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

async fn password(client: &Client, params: &[(&str, &str)]) -> String {
    text(&client.ok("GetRandomPassword", params).await["RandomPassword"])
}

fn classes(password: &str) -> [usize; 4] {
    let count = |is: fn(&char) -> bool| password.chars().filter(is).count();
    [
        count(char::is_ascii_lowercase),
        count(char::is_ascii_uppercase),
        count(char::is_ascii_digit),
        count(|c| PUNCTUATION.contains(*c)),
    ]
}

#[tokio::test]
async fn lengths() {
    let client = client().await;
    for (text, len) in [("8", 8), ("9", 9), ("32", 32), ("128", 128), ("", 32)] {
        assert_eq!(password(&client, &[("PasswordLength", text)]).await.len(), len, "{text}");
    }
    assert_eq!(password(&client, &[]).await.len(), 32);
    let invalid = "400 InvalidParameter PasswordLength";
    check(
        &client,
        &[
            ("GetRandomPassword", &[("PasswordLength", "7")], invalid),
            ("GetRandomPassword", &[("PasswordLength", "129")], invalid),
            ("GetRandomPassword", &[("PasswordLength", "0")], invalid),
            ("GetRandomPassword", &[("PasswordLength", "-8")], invalid),
            ("GetRandomPassword", &[("PasswordLength", "x")], invalid),
            ("GetRandomPassword", &[("PasswordLength", "99999999999999999999")], invalid),
        ],
    )
    .await;
}

/// By default every class is in every password, and every character turns up as often as any other.
#[tokio::test]
async fn two_thousand_draws() {
    let client = client().await;
    let mut counts = HashMap::new();
    for _ in 0..2000 {
        let password = password(&client, &[]).await;
        assert!(classes(&password).iter().all(|count| *count > 0), "a class is missing");
        assert_eq!(classes(&password).iter().sum::<usize>(), 32);
        password.chars().for_each(|c| *counts.entry(c).or_insert(0usize) += 1);
    }
    assert_eq!(counts.len(), 94);
    // 64,000 draws of 94 characters: 681 of each on average, and 6 standard deviations are 156. Digits stand a little
    // higher, because passwords without one are drawn again.
    for (character, count) in counts {
        assert!((480..920).contains(&count), "{character:?} came {count} times");
    }
}

#[tokio::test]
async fn classes_can_be_excluded() {
    let client = client().await;
    let options = ["ExcludeLowercase", "ExcludeUppercase", "ExcludeNumbers", "ExcludePunctuation"];
    for chosen in 0..15u32 {
        let params: Vec<_> = options
            .iter()
            .enumerate()
            .map(|(i, option)| (*option, if chosen & 1 << i != 0 { "true" } else { "false" }))
            .collect();
        for _ in 0..50 {
            let counts = classes(&password(&client, &params).await);
            for (i, count) in counts.into_iter().enumerate() {
                assert_eq!(count == 0, chosen & 1 << i != 0, "{params:?}");
            }
        }
    }
    let all = options.map(|option| (option, "true"));
    check(&client, &[("GetRandomPassword", &all, "400 InvalidParameter")]).await;
    for option in options.iter().chain(&["RequireEachIncludedType"]) {
        let invalid = format!("400 InvalidParameter {option}");
        check(&client, &[("GetRandomPassword", &[(option, "yes")], &invalid)]).await;
    }
}

#[tokio::test]
async fn characters_can_be_excluded() {
    let client = client().await;
    let excluded = "abcdefghijklmABC0123456789\"\\'`";
    for _ in 0..500 {
        let password = password(&client, &[("ExcludeCharacters", excluded)]).await;
        assert!(!password.chars().any(|c| excluded.contains(c)), "{password}");
        let counts = classes(&password);
        // The digits are all excluded, which empties their class; the others are still required.
        assert!(counts[0] > 0 && counts[1] > 0 && counts[2] == 0 && counts[3] > 0, "{password}");
    }
    // A class of one character is in every password.
    for _ in 0..50 {
        let params = [("ExcludeCharacters", "012345678"), ("PasswordLength", "8")];
        assert!(password(&client, &params).await.contains('9'));
    }
    let printable: String = ('!'..='~').collect();
    let all_but_one: String = ('!'..'~').collect();
    let invalid = "400 InvalidParameter ExcludeCharacters";
    check(
        &client,
        &[
            ("GetRandomPassword", &[("ExcludeCharacters", &printable)], invalid),
            ("GetRandomPassword", &[("ExcludeCharacters", " ")], invalid),
            ("GetRandomPassword", &[("ExcludeCharacters", "a\u{e9}")], invalid),
            ("GetRandomPassword", &[("ExcludeCharacters", "\n")], invalid),
            ("GetRandomPassword", &[("ExcludeCharacters", "")], "ok"),
        ],
    )
    .await;
    let params = [("ExcludeCharacters", all_but_one.as_str()), ("PasswordLength", "8")];
    assert_eq!(password(&client, &params).await, "~~~~~~~~");
}

#[tokio::test]
async fn classes_need_not_be_required() {
    let client = client().await;
    let params = [("RequireEachIncludedType", "false"), ("PasswordLength", "8")];
    let mut without_digit = 0;
    for _ in 0..300 {
        without_digit += usize::from(classes(&password(&client, &params).await)[2] == 0);
    }
    // 41 % on average.
    assert!((60..200).contains(&without_digit), "{without_digit}");
}
