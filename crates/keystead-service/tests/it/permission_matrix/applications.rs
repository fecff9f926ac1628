//! The instance API: what the policies of an access point allow there, for every operation. These policies only allow; that a
//! request comes from elsewhere than their network rules say is what denies.

use std::cell::Cell;

use keystead_api::{AccessRule, ApiError, OperationDef, ResourceRule};

use super::strangers::{KEY_ID, KEY_RANDOM};
use crate::applications::{Application, KEY_USER, Policy, SECRET_USER, make_point, make_policy, make_rule};
use crate::harness::{Client, client};
use crate::instance_api::Desk;
use crate::isolation::account_beside;
use crate::walk::instance_api::{Request, requests};

const POINT: &str = "matrix";
const EVERYTHING: &[&str] = &["key/*", "secret/*"];
const BOTH: &[&str] = &[KEY_USER, SECRET_USER];
const DENIED: &str = "403 Forbidden.NoPermission";

/// An account with an instance, and an application whose access point gets one policy after the other.
struct Holder {
    root: Client,
    instance: String,
    application: Application,
    policies: Cell<u32>,
}

impl Holder {
    async fn new(root: Client, instance: String) -> Self {
        make_rule(&root, "elsewhere", &["192.0.2.0/24"]).await;
        let scope = instance.as_str();
        make_policy(
            &root,
            Policy { name: "p0", scope, permissions: BOTH, resources: EVERYTHING, rules: &[] },
        )
        .await;
        make_point(&root, POINT, &["p0"]).await;
        let application = Application::new(&root, POINT).await;
        Self { root, instance, application, policies: Cell::new(0) }
    }

    /// Gives the access point this policy and no other.
    async fn allow(&self, policy: Policy<'_>) {
        self.policies.set(self.policies.get() + 1);
        let name = format!("p{}", self.policies.get());
        make_policy(&self.root, Policy { name: &name, ..policy }).await;
        let policies = format!(r#"["{name}"]"#);
        self.root.ok("UpdateApplicationAccessPoint", &[("Name", POINT), ("Policies", &policies)]).await;
    }

    /// Calls at the gateway of an instance.
    async fn call(&self, instance: &str, def: &OperationDef, body: &[u8]) -> Result<Vec<u8>, ApiError> {
        let caller = self.application.client(&self.root).await.unwrap();
        caller.through(instance).call_instance(def.id, body).await
    }

    /// One call at its own instance's gateway that must be denied, with nothing changed.
    async fn denied(&self, request: &Request, policy: Policy<'_>) {
        self.allow(policy).await;
        let before = self.root.revision();
        let told = told(&self.call(&self.instance, request.def, &request.body).await);
        assert!(told.starts_with(DENIED), "{} under {policy:?}: {told}", request.def.name);
        assert_eq!(self.root.revision(), before, "{} was denied and changed something", request.def.name);
    }
}

/// `ok`, or status, code and text.
fn told(result: &Result<Vec<u8>, ApiError>) -> String {
    match result {
        Ok(_) => "ok".to_owned(),
        Err(error) => format!("{} {error}", error.status()),
    }
}

/// The template that an operation needs, and the kind of resource that it is about: as the vendor describes the templates.
fn needed(def: &OperationDef) -> (&'static str, &'static str) {
    let of_rule = |rule: &AccessRule| match rule.resource {
        ResourceRule::Secret(_) => Some((SECRET_USER, "secret")),
        // The template of secrets is enough, whichever key is above one.
        ResourceRule::KeyOfSecret(_) => None,
        ResourceRule::Key(_) | ResourceRule::KeyIfGiven(_) | ResourceRule::KeyOfCiphertext(_) => {
            Some((KEY_USER, "key"))
        }
        ResourceRule::Any => Some((KEY_USER, "*")),
        other => panic!("{}: no template is about {other:?}", def.name),
    };
    let mut needed: Vec<_> = def.access.iter().filter_map(of_rule).collect();
    needed.dedup();
    let [needed] = needed[..] else { panic!("{} needs {needed:?}", def.name) };
    needed
}

#[tokio::test]
async fn every_operation_of_the_instance_api_needs_its_template_on_its_resource() {
    let desk = Desk::new(client().await).await;
    let requests = requests(&desk).await;
    let other = desk.root.instance().await;
    let stranger = account_beside(&desk.root).await;
    let strangers_own = stranger.instance().await;
    let stranger = Holder::new(stranger, strangers_own).await;
    let all_of_strangers = Policy { permissions: BOTH, resources: EVERYTHING, ..Policy::default() };
    stranger.allow(Policy { scope: &stranger.instance, ..all_of_strangers }).await;
    let owner = Holder::new(desk.root.clone(), desk.instance.clone()).await;

    for request in &requests {
        let (template, kind) = needed(request.def);
        let wrong = if template == KEY_USER { SECRET_USER } else { KEY_USER };
        let resource = request.about.as_ref().map_or_else(String::new, |id| format!("{kind}/{id}"));
        let own = Policy { scope: &owner.instance, permissions: BOTH, ..Policy::default() };

        // No grant; the wrong one; the right one for what is nearly the resource, for another instance, for elsewhere.
        owner.denied(request, Policy { permissions: &[wrong], resources: &["key/none"], ..own }).await;
        owner.denied(request, Policy { permissions: &[wrong], resources: EVERYTHING, ..own }).await;
        for near in request.about.iter().flat_map(|id| near(kind, id)) {
            owner.denied(request, Policy { resources: &[&near], ..own }).await;
        }
        for scope in [other.as_str(), "shared"] {
            owner.denied(request, Policy { scope, resources: EVERYTHING, ..own }).await;
        }
        owner.denied(request, Policy { resources: EVERYTHING, rules: &["elsewhere"], ..own }).await;

        get_nothing(&stranger, &owner, request).await;

        let exactly = [if request.about.is_some() { resource.as_str() } else { "key/none" }];
        owner.allow(Policy { permissions: &[template], resources: &exactly, ..own }).await;
        let answer = owner.call(&owner.instance, request.def, &request.body).await;
        assert_eq!(told(&answer), "ok", "{} on {resource}", request.def.name);
        // The right one, at a gateway that is not the policy's.
        let elsewhere = told(&owner.call(&other, request.def, &request.body).await);
        assert!(elsewhere.starts_with('4'), "{}: {elsewhere}", request.def.name);
    }
}

/// Names that are nearly this one, and not it.
fn near(kind: &str, id: &str) -> [String; 4] {
    let other = if kind == "key" { "secret" } else { "key" };
    [
        format!("{kind}/{id}x"),
        format!("{kind}/{}", &id[..id.len() - 1]),
        format!("{kind}/{}", id.to_uppercase()),
        format!("{other}/{id}"),
    ]
}

/// Another account's application knows the ids of all that there is: it is let in nowhere, and through the gateway of its own
/// instance it is told what is told of nothing.
async fn get_nothing(stranger: &Holder, owner: &Holder, request: &Request) {
    let (def, before) = (request.def, owner.root.revision());
    let there = told(&stranger.call(&owner.instance, def, &request.body).await);
    assert!(there.starts_with(DENIED), "{}: {there}", def.name);
    if let Some(id) = &request.about {
        let nothing = match id.strip_prefix("key-") {
            Some(_) => format!("{}{}", &id[..KEY_RANDOM], "0".repeat(KEY_ID - KEY_RANDOM)),
            None => "x".repeat(id.len()),
        };
        let known = told(&stranger.call(&stranger.instance, def, &request.body).await);
        let unknown = replaced(&request.body, id.as_bytes(), nothing.as_bytes());
        let unknown = told(&stranger.call(&stranger.instance, def, &unknown).await);
        assert!(known.starts_with('4'), "{}: {known}", def.name);
        assert_eq!(known.replace(id.as_str(), &nothing), unknown, "{}", def.name);
    }
    assert_eq!(owner.root.revision(), before, "{} by a stranger changed something", def.name);
}

/// Bytes with each of one text replaced by another one of the same length.
fn replaced(bytes: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for at in 0..bytes.len().saturating_sub(old.len() - 1) {
        if bytes[at..].starts_with(old) {
            bytes[at..at + old.len()].copy_from_slice(new);
        }
    }
    bytes
}
