//! Any bytes as a policy of each kind: none may panic, and what is accepted decides alike when it is written anew.

use keystead_auth::policy::{
    Caller, CallerKind, Context, IdentityPolicy, PolicyDocument, PolicyError, Resource, Target, TrustPolicy,
    Verdict, decide, decide_role,
};

/// One case.
pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    kind(
        text,
        |text| IdentityPolicy::parse(text, 6_144),
        |policy, target, context| {
            let decision = decide([policy], Some(policy), None, target, context);
            let verdict = policy.evaluate(target, context);
            // A user of the owner's account has here what its one policy says.
            if let CallerKind::User { .. } = context.caller.kind {
                let own = target.account() == context.caller.account;
                assert_eq!(decision.allowed, own && matches!(verdict, Verdict::Allow(_)), "{decision:?}");
            }
            verdict
        },
    );
    kind(text, PolicyDocument::parse, |policy, target, context| {
        let decision = decide([], None, Some(policy), target, context);
        let verdict = policy.evaluate(target, context);
        let denied = matches!(verdict, Verdict::Deny(_));
        assert!(!denied || !decision.allowed || target.action() == "kms:SetKeyPolicy", "{decision:?}");
        verdict
    });
    kind(text, TrustPolicy::parse, |policy, target, context| {
        let decision = decide_role([], None, policy, target, context);
        let verdict = policy.evaluate(target, context);
        assert!(!decision.allowed || matches!(verdict, Verdict::Allow(_)), "{decision:?}");
        verdict
    });
}

fn kind<P>(
    text: &str,
    parse: impl Fn(&str) -> Result<P, PolicyError>,
    evaluate: impl Fn(&P, &Target<'_>, &Context<'_>) -> Verdict,
) {
    let policy = match parse(text) {
        Ok(policy) => policy,
        Err(error) => {
            let shown = error.to_string();
            assert!(shown.len() < 4_096 && !shown.contains(char::is_control), "{shown:?}");
            return;
        }
    };
    // Spaces and escapes are gone; what remains must mean the same, if it is not longer than before.
    let anew = serde_json::from_str::<serde_json::Value>(text).expect("it was read as JSON").to_string();
    let anew = (anew.len() <= text.len()).then(|| parse(&anew).expect("it means the same"));
    for_each_call(&mut |target, context| {
        let verdict = evaluate(&policy, target, context);
        if let Some(anew) = &anew {
            assert_eq!(verdict, evaluate(anew, target, context));
        }
    });
}

fn for_each_call(ask: &mut dyn FnMut(&Target<'_>, &Context<'_>)) {
    let callers = [
        Caller { account: "1", arn: "acs:ram::1:root", kind: CallerKind::Root },
        Caller { account: "1", arn: "acs:ram::1:user/alice", kind: CallerKind::User { name: "alice" } },
        Caller {
            account: "2",
            arn: "acs:ram::2:role/ops",
            kind: CallerKind::Role { name: "ops", session_arn: "acs:ram::2:assumed-role/ops/s" },
        },
    ];
    let targets = [
        ("kms:Encrypt", "kms", "cn-hangzhou", "key/key-a"),
        ("kms:SetKeyPolicy", "kms", "cn-hangzhou", "key/key-a"),
        ("kms:CreateSecret", "kms", "cn-hangzhou", "secret"),
        ("ram:GetUser", "ram", "", "user/alice"),
        ("sts:AssumeRole", "ram", "", "role/ops"),
    ];
    for caller in callers {
        let context = Context {
            caller,
            now: 1_795_544_940,
            source: Some(std::net::Ipv4Addr::new(10, 0, 0, 1).to_ipv6_mapped().into()),
            secure_transport: true,
            mfa: false,
            source_vpc: Some("vpc-1"),
            vpc_source: None,
            extra: &[("oidc:aud", "a"), ("sts:ExternalId", "b")],
        };
        for (action, service, region, path) in targets {
            let tags = [("team", "blue"), ("level", "3")];
            let resource = Resource { service, region, account: "1", path };
            ask(&Target::new(action, resource, &tags), &context);
        }
    }
}
