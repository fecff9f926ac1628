//! Files and answers with anything in them are errors at worst, and no error quotes them.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use http::Response;
use keystead_auth::Credentials;
use keystead_auth::credentials::providers::{
    BoxFuture, CliProfile, CredentialsUri, EcsRamRole, Effects, Files, Fixed, Http, HttpFault, HttpRequest,
    IniProfile, RamRoleArn, RoleSettings, Source,
};
use proptest::prelude::*;
use zeroize::Zeroizing;

use crate::CANARY;
use crate::world::{START, World};

/// Every file and every answer is this.
struct Same(Vec<u8>);

impl Files for Same {
    fn read<'a>(&'a self, _: &'a str) -> BoxFuture<'a, io::Result<Zeroizing<Vec<u8>>>> {
        Box::pin(std::future::ready(Ok(Zeroizing::new(self.0.clone()))))
    }
}

impl Http for Same {
    fn send(&self, _: HttpRequest) -> BoxFuture<'_, Result<Response<Zeroizing<Vec<u8>>>, HttpFault>> {
        Box::pin(std::future::ready(Ok(Response::new(Zeroizing::new(self.0.clone())))))
    }
}

const CLI: &str = r#"{"current":"a","profiles":[{"name":"a","mode":"ChainableRamRoleArn","source_profile":"b",
    "ram_role_arn":"acs:ram::1:role/r","expired_seconds":900},{"name":"b","mode":"StsToken","access_key_id":"the-id",
    "access_key_secret":"hush","sts_token":"hush-token"}]}"#;
const INI: &str =
    "[default]\ntype=ram_role_arn\naccess_key_id=the-id\naccess_key_secret=hush # x\nrole_arn=r\n";
const ISSUED: &str = r#"{"Code":"Success","AccessKeyId":"a","AccessKeySecret":"hush","SecurityToken":"hush",
    "Expiration":"2026-01-02T09:04:05Z","Credentials":{"AccessKeyId":"a","AccessKeySecret":"hush","SecurityToken":"hush",
    "Expiration":"2026-01-02T09:04:05Z"}}"#;

fn fetch_all(bytes: &[u8]) {
    let world =
        Arc::new(World { now: AtomicI64::new(START), home: Some("/h".to_owned()), ..World::default() });
    let same = Arc::new(Same(bytes.to_vec()));
    let effects = Effects { files: same.clone(), http: same, ..world.effects() };
    let base = Fixed::new(Credentials::access_key("id", "hush"));
    let sources: [Box<dyn Source>; 5] = [
        Box::new(CliProfile::default()),
        Box::new(IniProfile::default()),
        Box::new(RamRoleArn::new(base, RoleSettings::of("r"))),
        Box::new(EcsRamRole { role_name: Some("r".to_owned()), require_token: None }),
        Box::new(CredentialsUri::new("http://localhost/")),
    ];
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for source in sources {
        if let Err(error) = runtime.block_on(source.fetch(&effects)) {
            let shown = format!("{error} {error:?}");
            assert!(!shown.contains(CANARY), "{shown}");
        }
    }
}

#[test]
fn every_cut() {
    for text in [CLI, INI, ISSUED] {
        (0..=text.len()).for_each(|end| fetch_all(&text.as_bytes()[..end]));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        fetch_all(&bytes);
    }

    #[test]
    fn a_byte_changed(which in 0..3_usize, at in any::<prop::sample::Index>(), to in any::<u8>()) {
        let mut bytes = [CLI, INI, ISSUED][which].as_bytes().to_vec();
        let at = at.index(bytes.len());
        bytes[at] = to;
        fetch_all(&bytes);
    }
}
