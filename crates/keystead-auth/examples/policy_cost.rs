//! Prints what deciding about one permission costs. Run with `--release`.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::hint::black_box;
use std::time::Instant;

use keystead_auth::policy::{
    Caller, CallerKind, Context, IdentityPolicy, PolicyDocument, Resource, Target, Verdict, decide,
};

fn main() {
    let context = Context {
        caller: Caller {
            account: "1",
            arn: "acs:ram::1:user/alice",
            kind: CallerKind::User { name: "alice" },
        },
        now: 1_795_544_940,
        source: Some("10.1.2.3".parse().unwrap()),
        secure_transport: true,
        mfa: false,
        source_vpc: None,
        vpc_source: None,
        extra: &[],
    };
    let tags = [("team", "payments"), ("stage", "production")];
    let target = || {
        let path = "key/key-hzz64b9d0e1f2a3b4c5d6";
        Target::new(
            "kms:Encrypt",
            Resource { service: "kms", region: "cn-hangzhou", account: "1", path },
            &tags,
        )
    };
    measure("compose the target", || target().arn().len());

    let target = target();
    let short = identity((0..3).map(other_key).chain([allow("kms:Encrypt", "acs:kms:*:1:key/*")]));
    let all = |policies: &[IdentityPolicy], key: Option<&PolicyDocument>| {
        usize::from(decide(policies, None, key, &target, &context).allowed)
    };
    measure("4 statements, the last allows", || all(black_box(std::slice::from_ref(&short)), None));

    let key = PolicyDocument::parse(
        r#"{"Version":"1","Statement":[{"Effect":"Allow","Principal":{"RAM":["acs:ram::1:*"]},"Action":["kms:*"],"Resource":["*"]}]}"#,
    )
    .unwrap();
    measure("the same and a key's default policy", || {
        all(black_box(std::slice::from_ref(&short)), Some(black_box(&key)))
    });

    // Each of these must be looked at to its end: the action and the resource match, the last condition does not.
    let near = (0..99).map(|n| {
        format!(
            r#"{{"Effect":"Deny","Action":["kms:Decrypt","kms:E*t"],"Resource":"acs:kms:*:*:key/*","Condition":{{
                "IpAddress":{{"acs:SourceIp":["172.16.{n}.0/24","192.168.0.0/16"]}},
                "StringLike":{{"kms:tag/stage":"*test*"}}}}}}"#
        )
    });
    let hundred = [identity(near.chain([allow("kms:*", "*")]))];
    measure("100 statements, 99 refused by a condition", || all(black_box(&hundred), None));
    let others = [identity((0..99).map(other_key).chain([allow("kms:*", "*")]))];
    measure("100 statements, 99 about other keys", || all(black_box(&others), None));
    measure("the same, with wildcards inside", {
        let inside = [identity(
            (0..99)
                .map(|n| allow("kms:*crypt", &format!("acs:kms:*:*:key/*-{n}")))
                .chain([allow("kms:*", "*")]),
        )];
        move || all(black_box(&inside), None)
    });
    measure("one permission, a policy alone", || {
        usize::from(matches!(short.evaluate(black_box(&target), &context), Verdict::Allow(_)))
    });
}

fn allow(action: &str, resource: &str) -> String {
    format!(r#"{{"Effect":"Allow","Action":"{action}","Resource":"{resource}"}}"#)
}

fn other_key(n: usize) -> String {
    allow("kms:Encrypt", &format!("acs:kms:cn-hangzhou:1:key/key-hzz64b9d0e1f2a3b4c{n:04}"))
}

fn identity(statements: impl Iterator<Item = String>) -> IdentityPolicy {
    let statements: Vec<_> = statements.collect();
    let text = format!(r#"{{"Version":"1","Statement":[{}]}}"#, statements.join(","));
    IdentityPolicy::parse(&text, usize::MAX).unwrap()
}

fn measure(what: &str, work: impl Fn() -> usize) {
    const ROUNDS: u32 = 20_000;
    let mut best = f64::INFINITY;
    for _ in 0..9 {
        let start = Instant::now();
        for _ in 0..ROUNDS {
            assert!(black_box(work()) > 0);
        }
        best = best.min(start.elapsed().as_secs_f64() * 1e9 / f64::from(ROUNDS));
    }
    println!("{what}: {best:.0} ns");
}
