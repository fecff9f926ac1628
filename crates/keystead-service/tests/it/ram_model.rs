//! Random operations on identities against a small model: names, who is in which group, what is attached to what.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::harness::{Client, client, sequences, texts};

const DOCUMENT: &str = r#"{"Version":"1","Statement":[{"Effect":"Allow","Action":"kms:*","Resource":"*"}]}"#;

/// Names in two spellings: small numbers, so that they meet.
#[derive(Clone, Copy, Debug)]
struct Name(u8, bool);

impl Name {
    fn sent(self, prefix: &str) -> String {
        let name = format!("{prefix}{}", self.0);
        if self.1 { name.to_uppercase() } else { name }
    }
}

#[derive(Clone, Debug)]
enum Step {
    CreateUser(Name),
    DeleteUser(Name),
    RenameUser(Name, Name),
    CreateGroup(Name),
    DeleteGroup(Name),
    RenameGroup(Name, Name),
    CreatePolicy(Name),
    DeletePolicy(Name),
    Add(Name, Name),
    Remove(Name, Name),
    Attach(bool, Name, Name),
    Detach(bool, Name, Name),
}

fn step() -> impl Strategy<Value = Step> {
    let name = || (0..3u8, any::<bool>()).prop_map(|(number, upper)| Name(number, upper));
    let two = || (name(), name());
    prop_oneof![
        3 => name().prop_map(Step::CreateUser),
        1 => name().prop_map(Step::DeleteUser),
        2 => two().prop_map(|(a, b)| Step::RenameUser(a, b)),
        3 => name().prop_map(Step::CreateGroup),
        1 => name().prop_map(Step::DeleteGroup),
        2 => two().prop_map(|(a, b)| Step::RenameGroup(a, b)),
        2 => name().prop_map(Step::CreatePolicy),
        1 => name().prop_map(Step::DeletePolicy),
        4 => two().prop_map(|(a, b)| Step::Add(a, b)),
        1 => two().prop_map(|(a, b)| Step::Remove(a, b)),
        4 => (any::<bool>(), two()).prop_map(|(user, (a, b))| Step::Attach(user, a, b)),
        1 => (any::<bool>(), two()).prop_map(|(user, (a, b))| Step::Detach(user, a, b)),
    ]
}

/// Who is in which groups, and has which policies, by numbers.
#[derive(Default)]
struct Model {
    users: BTreeMap<u8, (BTreeSet<u8>, BTreeSet<u8>)>,
    groups: BTreeMap<u8, BTreeSet<u8>>,
    policies: BTreeSet<u8>,
}

impl Model {
    fn attached(&mut self, user: bool, name: u8) -> Option<&mut BTreeSet<u8>> {
        match user {
            true => self.users.get_mut(&name).map(|(_, policies)| policies),
            false => self.groups.get_mut(&name),
        }
    }

    /// The outcome of a step.
    fn take(&mut self, step: &Step) -> &'static str {
        match *step {
            Step::CreateUser(name) if self.users.contains_key(&name.0) => "409 EntityAlreadyExists.User",
            Step::CreateUser(name) => {
                self.users.insert(name.0, Default::default());
                "ok"
            }
            Step::DeleteUser(name) => match self.users.get(&name.0) {
                None => "404 EntityNotExist.User",
                Some((_, policies)) if !policies.is_empty() => "409 DeleteConflict.User.Policy",
                Some((groups, _)) if !groups.is_empty() => "409 DeleteConflict.User.Group",
                Some(_) => {
                    self.users.remove(&name.0);
                    "ok"
                }
            },
            Step::RenameUser(from, to) => {
                if !self.users.contains_key(&from.0) {
                    return "404 EntityNotExist.User";
                }
                if from.0 != to.0 && self.users.contains_key(&to.0) {
                    return "409 EntityAlreadyExists.User";
                }
                let user = self.users.remove(&from.0).unwrap_or_default();
                self.users.insert(to.0, user);
                "ok"
            }
            Step::CreateGroup(name) if self.groups.contains_key(&name.0) => "409 EntityAlreadyExists.Group",
            Step::CreateGroup(name) => {
                self.groups.insert(name.0, BTreeSet::new());
                "ok"
            }
            Step::DeleteGroup(name) => match self.groups.get(&name.0) {
                None => "404 EntityNotExist.Group",
                Some(_) if self.users.values().any(|(groups, _)| groups.contains(&name.0)) => {
                    "409 DeleteConflict.Group.User"
                }
                Some(policies) if !policies.is_empty() => "409 DeleteConflict.Group.Policy",
                Some(_) => {
                    self.groups.remove(&name.0);
                    "ok"
                }
            },
            Step::RenameGroup(from, to) => {
                if !self.groups.contains_key(&from.0) {
                    return "404 EntityNotExist.Group";
                }
                if from.0 != to.0 && self.groups.contains_key(&to.0) {
                    return "409 EntityAlreadyExists.Group";
                }
                let group = self.groups.remove(&from.0).unwrap_or_default();
                self.groups.insert(to.0, group);
                for (groups, _) in self.users.values_mut() {
                    if groups.remove(&from.0) {
                        groups.insert(to.0);
                    }
                }
                "ok"
            }
            Step::CreatePolicy(name) if self.policies.insert(name.0) => "ok",
            Step::CreatePolicy(_) => "409 EntityAlreadyExists.Policy",
            Step::DeletePolicy(name) => {
                if !self.policies.contains(&name.0) {
                    "404 EntityNotExist.Policy"
                } else if self.groups.values().any(|policies| policies.contains(&name.0)) {
                    // Groups stand before users in the index.
                    "409 DeleteConflict.Policy.Group"
                } else if self.users.values().any(|(_, policies)| policies.contains(&name.0)) {
                    "409 DeleteConflict.Policy.User"
                } else {
                    self.policies.remove(&name.0);
                    "ok"
                }
            }
            Step::Add(user, group) => match (self.users.get_mut(&user.0), self.groups.get(&group.0)) {
                (None, _) => "404 EntityNotExist.User",
                (_, None) => "404 EntityNotExist.Group",
                (Some((groups, _)), Some(_)) => {
                    if groups.insert(group.0) {
                        "ok"
                    } else {
                        "409 EntityAlreadyExists.User.Group"
                    }
                }
            },
            Step::Remove(user, group) => match (self.users.get_mut(&user.0), self.groups.get(&group.0)) {
                (None, _) => "404 EntityNotExist.User",
                (_, None) => "404 EntityNotExist.Group",
                (Some((groups, _)), Some(_)) => {
                    if groups.remove(&group.0) {
                        "ok"
                    } else {
                        "404 EntityNotExist.User.Group"
                    }
                }
            },
            Step::Attach(user, policy, holder) => {
                if !self.policies.contains(&policy.0) {
                    return "404 EntityNotExist.Policy";
                }
                match self.attached(user, holder.0) {
                    None if user => "404 EntityNotExist.User",
                    None => "404 EntityNotExist.Group",
                    Some(policies) => match (policies.insert(policy.0), user) {
                        (true, _) => "ok",
                        (false, true) => "409 EntityAlreadyExists.User.Policy",
                        (false, false) => "409 EntityAlreadyExists.Group.Policy",
                    },
                }
            }
            Step::Detach(user, policy, holder) => {
                if !self.policies.contains(&policy.0) {
                    return "404 EntityNotExist.Policy";
                }
                match self.attached(user, holder.0) {
                    None if user => "404 EntityNotExist.User",
                    None => "404 EntityNotExist.Group",
                    Some(policies) => match (policies.remove(&policy.0), user) {
                        (true, _) => "ok",
                        (false, true) => "404 EntityNotExist.User.Policy",
                        (false, false) => "404 EntityNotExist.Group.Policy",
                    },
                }
            }
        }
    }
}

async fn take(client: &Client, step: &Step) -> String {
    let (user, group, policy) = ("UserName", "GroupName", "PolicyName");
    let (operation, params) = match step {
        Step::CreateUser(name) => ("CreateUser".to_owned(), vec![(user, name.sent("u"))]),
        Step::DeleteUser(name) => ("DeleteUser".to_owned(), vec![(user, name.sent("u"))]),
        Step::RenameUser(from, to) => {
            ("UpdateUser".to_owned(), vec![(user, from.sent("u")), ("NewUserName", to.sent("u"))])
        }
        Step::CreateGroup(name) => ("CreateGroup".to_owned(), vec![(group, name.sent("g"))]),
        Step::DeleteGroup(name) => ("DeleteGroup".to_owned(), vec![(group, name.sent("g"))]),
        Step::RenameGroup(from, to) => {
            ("UpdateGroup".to_owned(), vec![(group, from.sent("g")), ("NewGroupName", to.sent("g"))])
        }
        Step::CreatePolicy(name) => (
            "CreatePolicy".to_owned(),
            vec![(policy, name.sent("p")), ("PolicyDocument", DOCUMENT.to_owned())],
        ),
        Step::DeletePolicy(name) => ("DeletePolicy".to_owned(), vec![(policy, name.sent("p"))]),
        Step::Add(name, to) => {
            ("AddUserToGroup".to_owned(), vec![(user, name.sent("u")), (group, to.sent("g"))])
        }
        Step::Remove(name, from) => {
            ("RemoveUserFromGroup".to_owned(), vec![(user, name.sent("u")), (group, from.sent("g"))])
        }
        Step::Attach(to_user, name, holder) | Step::Detach(to_user, name, holder) => {
            let verb = if matches!(step, Step::Attach(..)) { "AttachPolicyTo" } else { "DetachPolicyFrom" };
            let (kind, param, prefix) = if *to_user { ("User", user, "u") } else { ("Group", group, "g") };
            let params = vec![
                (policy, name.sent("p")),
                ("PolicyType", "Custom".to_owned()),
                (param, holder.sent(prefix)),
            ];
            (format!("{verb}{kind}"), params)
        }
    };
    let params: Vec<_> = params.iter().map(|(name, value)| (*name, value.as_str())).collect();
    client.outcome(&format!("ram:{operation}"), &params).await
}

fn numbers(list: &serde_json::Value, name: &str) -> BTreeSet<u8> {
    texts(list, name).iter().map(|text| text[1..].parse().unwrap()).collect()
}

/// Both directions of every reference are as the model has them.
async fn compare(client: &Client, model: &Model) {
    let listed = client.ok("ram:ListUsers", &[]).await;
    assert_eq!(numbers(&listed["Users"]["User"], "UserName"), model.users.keys().copied().collect());
    for (number, (groups, policies)) in &model.users {
        let name = [("UserName", &*format!("u{number}"))];
        let listed = client.ok("ram:ListGroupsForUser", &name).await;
        assert_eq!(numbers(&listed["Groups"]["Group"], "GroupName"), *groups);
        let listed = client.ok("ram:ListPoliciesForUser", &name).await;
        assert_eq!(numbers(&listed["Policies"]["Policy"], "PolicyName"), *policies);
    }
    for (number, policies) in &model.groups {
        let name = [("GroupName", &*format!("g{number}"))];
        let listed = client.ok("ram:ListUsersForGroup", &name).await;
        let members = model.users.iter().filter(|(_, (groups, _))| groups.contains(number));
        assert_eq!(numbers(&listed["Users"]["User"], "UserName"), members.map(|(user, _)| *user).collect());
        let listed = client.ok("ram:ListPoliciesForGroup", &name).await;
        assert_eq!(numbers(&listed["Policies"]["Policy"], "PolicyName"), *policies);
    }
    for number in &model.policies {
        let name = [("PolicyName", &*format!("p{number}")), ("PolicyType", "Custom")];
        let listed = client.ok("ram:ListEntitiesForPolicy", &name).await;
        let users = model.users.iter().filter(|(_, (_, policies))| policies.contains(number));
        assert_eq!(numbers(&listed["Users"]["User"], "UserName"), users.map(|(user, _)| *user).collect());
        let groups = model.groups.iter().filter(|(_, policies)| policies.contains(number));
        assert_eq!(
            numbers(&listed["Groups"]["Group"], "GroupName"),
            groups.map(|(group, _)| *group).collect()
        );
    }
}

#[test]
fn random_operations_leave_nothing_dangling() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let result = TestRunner::new(sequences()).run(&prop::collection::vec(step(), 1..60), |steps| {
        runtime.block_on(async {
            let client = client().await;
            let mut model = Model::default();
            for step in &steps {
                assert_eq!(take(&client, step).await, model.take(step), "{step:?}");
            }
            compare(&client, &model).await;
        });
        Ok(())
    });
    result.unwrap();
}
