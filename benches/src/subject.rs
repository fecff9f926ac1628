//! Loads that take turns on servers, and servers whose stores were filled while they stood still.

use std::fs;
use std::ops::Range;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use keystead_api::Timestamp;
use keystead_crypto::KeyMaterial;
use keystead_store::embedded::{EmbeddedOptions, EmbeddedStore};
use tokio::runtime::Runtime;

use crate::AnyError;
use crate::api::Api;
use crate::cpu::resident;
use crate::driver::{Driver, Run};
use crate::options::Options;
use crate::pool::Pool;
use crate::series::{Round, Series, Spread, measured};
use crate::server::{Folder, Server};
use crate::signer::Signer;
use crate::workload::Workload;

/// Starts that are measured.
const STARTS: usize = 5;

/// A server and what is sent to it.
pub(crate) struct Subject<S, W> {
    pub(crate) server: S,
    pub(crate) client: Client,
    pub(crate) workload: W,
    pub(crate) series: Series,
    pub(crate) checked: usize,
}

pub(crate) struct Client {
    api: Api,
    signer: Signer,
    driver: Driver,
}

impl Client {
    fn connect(server: &Server, folder: &Folder, options: &Options) -> Result<Self, AnyError> {
        Ok(Self {
            api: Api::connect(server.address, folder.credentials()?)?,
            signer: Signer::new(server.address, folder.credentials()?)?,
            driver: Driver::connect(server.address, options.connections)?,
        })
    }
}

impl<W: Workload> Subject<Server, W> {
    pub(crate) fn new(
        name: &str,
        server: Server,
        folder: &Folder,
        workload: W,
        options: &Options,
    ) -> Result<Self, AnyError> {
        let client = Client::connect(&server, folder, options)?;
        Ok(Self { server, client, workload, series: Series::new(name), checked: 0 })
    }

    /// Another load on the same server.
    pub(crate) fn sibling(
        &self,
        name: &str,
        folder: &Folder,
        workload: W,
        options: &Options,
    ) -> Result<Subject<(), W>, AnyError> {
        let client = Client::connect(&self.server, folder, options)?;
        Ok(Subject { server: (), client, workload, series: Series::new(name), checked: 0 })
    }

    pub(crate) fn warm_up(&mut self, count: usize) -> Result<Round, AnyError> {
        warm_up(&self.server, &mut self.client, &mut self.workload, count)
    }

    pub(crate) fn round(&mut self, count: usize) -> Result<(), AnyError> {
        self.checked += round(&self.server, &mut self.client, &mut self.workload, &mut self.series, count)?;
        Ok(())
    }

    /// Requests for the slices of a round.
    pub(crate) fn pool(&mut self, count: usize) -> Result<Pool, AnyError> {
        Pool::fill(count, &mut self.client.signer, &mut self.workload)
    }

    /// Some of a round's requests.
    pub(crate) fn slice(&mut self, pool: &Pool, range: Range<usize>) -> Result<(Round, Run), AnyError> {
        measured(&self.server, &mut self.client.driver, pool, range)
    }

    /// Adds a round that was made of slices.
    pub(crate) fn add(&mut self, pool: &Pool, slices: Vec<(Round, Run)>) -> Result<(), AnyError> {
        let (rounds, runs): (Vec<_>, Vec<_>) = slices.into_iter().unzip();
        self.series.rounds.push(Round::sum(&rounds));
        self.series.request_bytes = pool.request_bytes();
        self.series.body_bytes = runs.last().map_or(0, |run| run.body_bytes);
        let kept: Vec<_> = runs.into_iter().flat_map(|run| run.kept).collect();
        self.workload.check(&mut self.client.api, &kept)?;
        self.checked += kept.len();
        Ok(())
    }
}

impl<W: Workload> Subject<(), W> {
    pub(crate) fn warm_up_on(&mut self, server: &Server, count: usize) -> Result<Round, AnyError> {
        warm_up(server, &mut self.client, &mut self.workload, count)
    }

    pub(crate) fn round_on(&mut self, server: &Server, count: usize) -> Result<(), AnyError> {
        self.checked += round(server, &mut self.client, &mut self.workload, &mut self.series, count)?;
        Ok(())
    }
}

fn warm_up(
    server: &Server,
    client: &mut Client,
    workload: &mut dyn Workload,
    count: usize,
) -> Result<Round, AnyError> {
    let pool = Pool::fill(count, &mut client.signer, workload)?;
    let (round, run) = measured(server, &mut client.driver, &pool, 0..count)?;
    workload.check(&mut client.api, &run.kept)?;
    Ok(round)
}

fn round(
    server: &Server,
    client: &mut Client,
    workload: &mut dyn Workload,
    series: &mut Series,
    count: usize,
) -> Result<usize, AnyError> {
    let pool = Pool::fill(count, &mut client.signer, workload)?;
    let run = series.round(server, &mut client.driver, &pool, count)?;
    workload.check(&mut client.api, &run.kept)?;
    Ok(run.kept.len())
}

pub(crate) fn first_start(
    options: &Options,
    binary: &Path,
    dir: &Path,
) -> Result<(Server, Folder), AnyError> {
    let folder = Folder::new(binary, dir.to_owned());
    let server = folder.serve(options)?;
    Ok((server, folder))
}

/// Starts a server some times, and leaves it running the last time. Seconds until its ready file was there.
pub(crate) fn measured_starts(options: &Options, folder: &Folder) -> Result<(Server, Spread), AnyError> {
    let mut starts = Vec::new();
    loop {
        let server = folder.serve(options)?;
        starts.push(server.start.as_secs_f64());
        if starts.len() == STARTS {
            return Ok((server, Spread::of(starts.into_iter())));
        }
        server.stop()?;
    }
}

/// The store of a stopped server, to be filled past the API.
pub(crate) struct StoppedStore {
    pub(crate) store: EmbeddedStore,
    pub(crate) root_key: KeyMaterial,
    pub(crate) now: Timestamp,
    pub(crate) runtime: Runtime,
}

impl StoppedStore {
    pub(crate) fn open(data: &Path) -> Result<Self, AnyError> {
        let text = fs::read_to_string(data.join("root.key"))?;
        let digits = text.lines().nth(1).ok_or("the root key file has no key")?;
        let byte = |at| digits.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
        let key: Option<Vec<u8>> = (0..digits.len()).step_by(2).map(byte).collect();
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        Ok(Self {
            store: EmbeddedStore::open(data, EmbeddedOptions::default())?,
            root_key: KeyMaterial::from_bytes(key.ok_or("the root key is not hexadecimal")?.into()),
            now: Timestamp(i64::try_from(now)?),
            runtime: tokio::runtime::Builder::new_current_thread().enable_all().build()?,
        })
    }
}

pub(crate) fn resident_mib(server: &Server) -> Result<f64, AnyError> {
    Ok(resident(server.pid())? as f64 / f64::from(1 << 20))
}

pub(crate) fn folder_mib(data: &Path) -> Result<f64, AnyError> {
    let mut bytes = 0;
    for entry in fs::read_dir(data)? {
        bytes += entry?.metadata()?.len();
    }
    Ok(bytes as f64 / f64::from(1 << 20))
}
