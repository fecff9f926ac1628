//! The database client's pools under load, while a started server rotates their logins at real databases.
//!
//! Twenty callers borrow, ask and give back without a break; each opens a new connection after every tenth question. A rotation
//! begins when all of them have been served since the one before. `KEYSTEAD_TEST_ROTATIONS` sets how many there are of each kind.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use keystead_client::operations::RotateSecretRequest;
use keystead_client::{Client, Credentials};
use keystead_secrets::{CachedSecretSource as _, SecretClient};
use keystead_secrets_db::deadpool::managed::Object;
use keystead_secrets_db::mysql::Mysql;
use keystead_secrets_db::postgres::Postgres;
use keystead_secrets_db::{Connector, DatabaseUrl, Figures, Pool, Pooled, Roots, Settings, pool};
use mysql_async::prelude::Queryable as _;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::server::{ACCESS_KEY_ID, ACCESS_KEY_SECRET, Home, Server};
use crate::signed::Call;
use servers::{ADMIN, ADMIN_PASSWORD};

#[allow(dead_code)] // some are for other tests
#[path = "../../../keystead-rotation/tests/it/servers.rs"]
mod servers;

const CALLERS: usize = 20;
/// As many as an ordinary run has time for.
const ROTATIONS: usize = 8;
/// How many questions a caller asks on one connection.
const QUESTIONS: usize = 10;
/// Anything that takes longer hangs.
const HANGS: Duration = Duration::from_secs(60);

fn rotations() -> usize {
    std::env::var("KEYSTEAD_TEST_ROTATIONS").map_or(ROTATIONS, |count| count.parse().unwrap())
}

/// A question to a database, answered with the account that asks.
trait Asked: Connector + Sized {
    fn ask(connection: &mut Pooled<Self>) -> impl Future<Output = Result<String, String>> + Send;
}

impl Asked for Postgres {
    async fn ask(connection: &mut Pooled<Self>) -> Result<String, String> {
        let row = connection.query_one("SELECT current_user::text", &[]).await;
        row.map(|row| row.get(0)).map_err(|error| error.to_string())
    }
}

impl Asked for Mysql {
    async fn ask(connection: &mut Pooled<Self>) -> Result<String, String> {
        let user =
            connection.query_first::<String, _>("SELECT SUBSTRING_INDEX(CURRENT_USER(), '@', 1)").await;
        user.map(Option::unwrap).map_err(|error| error.to_string())
    }
}

/// A server with a target `db`, and the secrets of two accounts and of one.
struct World {
    server: Server,
    kms: Client,
}

/// A round of rotations and what came of it.
struct Round {
    queries: usize,
    failed: Vec<String>,
    accounts: Vec<String>,
    figures: Figures,
    reads: u64,
    took: Duration,
}

fn create(server: &Server, name: &str, kind: &str, data: &Value, config: Option<&Value>) {
    let mut call = Call::new("CreateSecret").query("SecretName", name).query("SecretType", kind);
    if let Some(config) = config {
        call = call.query("ExtendedConfig", config.to_string());
    }
    call.query("VersionId", "v0").query("SecretData", data.to_string()).send(server).good();
}

impl World {
    fn new(kind: &str, database: &servers::Server) -> Self {
        let home = Home::new();
        let target = format!(
            "[rotation.targets.\"db\"]\nkind = \"{kind}\"\naddress = \"{}\"\nadmin_secret = \"admin\"\n\
             timeout_seconds = 12\n",
            database.address()
        );
        let file = home.path("keystead.toml");
        fs::write(&file, target).unwrap();
        let server = home.start_with(home.serve().arg("--config").arg(&file).env("KEYSTEAD_LOG", "info"));
        let account = |name: &str, password: &str| json!({"AccountName": name, "AccountPassword": password});
        create(&server, "admin", "Generic", &account(ADMIN, ADMIN_PASSWORD), None);
        let rds = |name: &str, sub_type: &str, accounts: Vec<Value>| {
            let config = json!({"SecretSubType": sub_type, "DBInstanceId": "db"});
            create(&server, name, "Rds", &json!({ "Accounts": accounts }), Some(&config));
        };
        rds("two", "DoubleUsers", vec![account("app_a", "first-a"), account("app_b", "first-b")]);
        rds("one", "SingleUser", vec![account("one", "first-one")]);
        let kms = Client::builder().endpoint(server.https().to_string()).ca_file(server.ca_file());
        let kms = kms.credentials(Credentials::access_key(ACCESS_KEY_ID, ACCESS_KEY_SECRET)).build().unwrap();
        Self { server: server.with_home(home), kms }
    }

    /// Rotates under load. A `told` pool learns of each rotation before the next, as one does whose secrets are renewed in time;
    /// otherwise only refusals tell it.
    async fn round<C: Asked>(&self, connector: C, secret: &str, first: usize, told: bool) -> Round {
        let secrets = SecretClient::builder().endpoint("here", self.kms.clone()).build().unwrap();
        let settings = Settings { max_size: CALLERS, ..Settings::default() };
        let pool = pool(Arc::new(secrets.clone()), secret, connector, &settings).unwrap();
        let (done, stop) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let (mut callers, mut served) = (JoinSet::new(), Vec::new());
        let begun = Instant::now();
        for _ in 0..CALLERS {
            let sender = watch::Sender::new(None);
            served.push(sender.subscribe());
            callers.spawn(caller(pool.clone(), done.clone(), stop.clone(), sender));
        }
        for number in 0..=rotations() {
            for served in &mut served {
                let wait = served.wait_for(|seen| *seen >= Some(number));
                timeout(HANGS, wait).await.expect("a caller is not served").unwrap();
            }
            if number < rotations() {
                let version = format!("v{}", first + number);
                self.kms.rotate_secret(RotateSecretRequest::new(secret, version)).await.unwrap();
                if told {
                    secrets.refresh_now(secret).await.unwrap();
                }
                done.store(number + 1, Ordering::SeqCst);
            }
        }
        stop.store(true, Ordering::SeqCst);
        let took = begun.elapsed();
        let (figures, reads) = (pool.manager().figures(), secrets.stats().fetches);
        let mut round = Round { queries: 0, failed: Vec::new(), accounts: Vec::new(), figures, reads, took };
        for (queries, failed, accounts) in callers.join_all().await {
            round.queries += queries;
            round.failed.extend(failed);
            round.accounts.extend(accounts);
        }
        round.accounts.sort_unstable();
        round.accounts.dedup();
        println!(
            "{secret}, told: {told}: {} rotations in {:.1} s, {} queries, {} failed, {} reads; {:?}",
            rotations(),
            round.took.as_secs_f64(),
            round.queries,
            round.failed.len(),
            round.reads,
            round.figures
        );
        round
    }

    /// All of what the client's page promises of rotations.
    async fn hold<C: Asked>(&self, connector: impl Fn() -> C) {
        let count = u64::try_from(rotations()).unwrap();
        // Two accounts, and the pool is told: nobody is ever refused.
        let round = self.round(connector(), "two", 1, true).await;
        assert_eq!(round.failed, [""; 0]);
        assert_eq!(round.accounts, ["app_a", "app_b"]);
        let Figures { refused, refreshed, retried, changed, .. } = round.figures;
        assert_eq!((refused, refreshed, retried, changed), (0, 0, 0, count));

        // Two accounts, and it is not: refusals are met, and no caller notices.
        let round = self.round(connector(), "two", 1 + rotations(), false).await;
        assert_eq!(round.failed, [""; 0]);
        bounded(&round, 4);
        assert!(round.figures.retried > 0, "{:?}", round.figures);

        // One account: what is refused is tried once more, with the new password.
        let round = self.round(connector(), "one", 1, false).await;
        assert_eq!(round.failed, [""; 0]);
        assert_eq!(round.accounts, ["one"]);
        bounded(&round, 8);
        assert!(round.figures.retried > 0, "{:?}", round.figures);
        self.server.assert_well();
    }
}

/// No storm: for each rotation as many refused attempts as connections are opened at once, and few reads of the secret.
fn bounded(round: &Round, refreshes: u64) {
    let (count, figures) = (u64::try_from(rotations()).unwrap(), round.figures);
    let at_once = u64::try_from(Settings::default().connects_at_once).unwrap();
    assert!(figures.refused <= at_once * count, "{figures:?}");
    assert!(figures.refreshed <= refreshes * count, "{figures:?}");
    // What the service was asked: once at first, and then because of refusals only.
    assert!(round.reads <= 1 + figures.refreshed, "{} reads, {figures:?}", round.reads);
}

/// Asks until it is stopped. Gives the number of answers, what failed, and the accounts that it asked with.
async fn caller<C: Asked>(
    pool: Pool<C>,
    done: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
    served: watch::Sender<Option<usize>>,
) -> (usize, Vec<String>, Vec<String>) {
    let (mut queries, mut failed, mut accounts) = (0, Vec::new(), Vec::<String>::new());
    while !stop.load(Ordering::SeqCst) {
        let since = done.load(Ordering::SeqCst);
        match pool.get().await {
            Ok(mut connection) => match C::ask(&mut connection).await {
                Ok(account) => {
                    queries += 1;
                    if !accounts.contains(&account) {
                        accounts.push(account);
                    }
                    if queries % QUESTIONS == 0 {
                        drop(Object::take(connection));
                    }
                }
                Err(error) => failed.push(error),
            },
            Err(error) => failed.push(format!("{error}: {:?}", std::error::Error::source(&error))),
        }
        served.send_replace(Some(since));
        // What a program does between two questions.
        sleep(Duration::from_millis(1)).await;
    }
    (queries, failed, accounts)
}

fn url(scheme: &str, database: &servers::Server, name: &str) -> DatabaseUrl {
    format!("secrets-manager+{scheme}://{}/{name}?secret=here", database.address()).parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_under_load() {
    let roles = "CREATE ROLE app_a LOGIN PASSWORD 'first-a'; CREATE ROLE app_b LOGIN PASSWORD 'first-b'; \
                 CREATE ROLE one LOGIN PASSWORD 'first-one';";
    let Some(database) = servers::postgres(roles) else { return };
    let world = World::new("postgres", &database);
    let url = url("postgres", &database, "postgres");
    world.hold(|| Postgres::from_url(&url, &Roots::public()).unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mariadb_under_load() {
    let users = ["app_a", "app_b", "one"].map(|name| {
        let password = format!("first-{}", name.trim_start_matches("app_"));
        format!(
            "CREATE USER '{name}'@'%' IDENTIFIED BY '{password}';\nGRANT ALL ON shop.* TO '{name}'@'%';\n"
        )
    });
    let Some(database) = servers::mariadb(&users.concat()) else { return };
    let world = World::new("mysql", &database);
    let url = url("mysql", &database, "shop");
    world.hold(|| Mysql::from_url(&url, &Roots::public()).unwrap()).await;
}
