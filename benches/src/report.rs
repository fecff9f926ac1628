use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;

use crate::AnyError;
use crate::audit::{AuditFigures, BAR as AUDIT_BAR};
use crate::client::{BAR as CLIENT_BAR, ClientFigures, SIGNING_BAR};
use crate::keys::{KeysFigures, SPREAD_BAR};
use crate::load::LoadFigures;
use crate::machine::{Machine, has_core};
use crate::many::{MEMORY_BAR, ManyFigures, START_BAR};
use crate::options::Options;
use crate::scenario::Comparison;
use crate::secrets::{HOT_BAR, SecretsFigures};
use crate::series::{Series, Spread};

/// At this share of its core the driver is no longer surely faster than the server, and the run is void.
const DRIVER_BAR: f64 = 0.8;
/// Below this share of its core a server was waiting for somebody else's work, and the wall clock says little.
const ALONE: f64 = 0.75;

const BEGIN: &str =
    "<!-- figures: begin, written by `cargo xtask bench all --update docs/performance.md` -->";
const END: &str = "<!-- figures: end -->";

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) enum Verdict {
    /// The driver was too busy.
    Void,
    /// Every bar was met.
    Passed,
    /// A bar was missed.
    Missed,
}

/// Everything that a run found out.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    date: String,
    command: String,
    machine: Machine,
    rounds: u32,
    seconds: f64,
    connections: u32,
    comparisons: Vec<Comparison>,
    pub(crate) audit: Option<AuditFigures>,
    pub(crate) client: Option<ClientFigures>,
    pub(crate) load: Option<LoadFigures>,
    pub(crate) keys: Option<KeysFigures>,
    pub(crate) secrets: Option<SecretsFigures>,
    bars: Vec<Bar>,
    driver_busy_max: f64,
    verdict: Verdict,
}

/// Something that has to be reached.
#[derive(Debug, Serialize)]
struct Bar {
    what: String,
    found: String,
    met: bool,
}

impl Report {
    /// Looks at the machine, before it is put under load.
    pub(crate) fn begin(options: &Options) -> Result<Self, AnyError> {
        if options.server_core == options.driver_core {
            return Err("server and driver need a core each".into());
        }
        for core in [options.server_core, options.driver_core] {
            if !has_core(core) {
                return Err(format!("core {core} is not ours to use: two cores are needed").into());
            }
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let date = keystead_auth::format_date(i64::try_from(now)?).unwrap_or_default();
        let mut words = std::env::args().skip(1);
        let mut arguments = Vec::new();
        while let Some(word) = words.next() {
            // Where the figures went is no part of how they were found.
            if word == "--json" {
                words.next();
            } else if !word.starts_with("--json=") {
                arguments.push(word);
            }
        }
        Ok(Self {
            date: date[..date.len().min(10)].to_owned(),
            command: format!("cargo xtask bench {}", arguments.join(" ")),
            machine: Machine::look(),
            rounds: options.rounds,
            seconds: options.seconds,
            connections: options.connections,
            comparisons: Vec::new(),
            audit: None,
            client: None,
            load: None,
            keys: None,
            secrets: None,
            bars: Vec::new(),
            driver_busy_max: 0.0,
            verdict: Verdict::Void,
        })
    }

    pub(crate) fn add_comparison(&mut self, comparison: Comparison) {
        self.comparisons.push(comparison);
    }

    /// Holds the figures against the bars.
    pub(crate) fn finish(&mut self) {
        for comparison in &self.comparisons {
            if let Some(bar) = comparison.bar {
                self.bars.push(Bar {
                    what: format!("{} at least {bar:.1} of bare", comparison.operation),
                    found: format!("{:.2}", comparison.ratio.median),
                    met: comparison.ratio.median >= bar,
                });
            }
            if let Some(added) = &comparison.added {
                self.bars.push(Bar {
                    what: format!("{} adds at most one bare exchange", comparison.operation),
                    found: format!("{:.2}", added.exchanges.median),
                    met: added.exchanges.median <= 1.0,
                });
            }
        }
        if let Some(audit) = &self.audit {
            self.bars.push(Bar {
                what: format!("Encrypt with the audit log at least {AUDIT_BAR} of Encrypt without"),
                found: format!("{:.3}", audit.ratio.median),
                met: audit.ratio.median >= AUDIT_BAR,
            });
        }
        if let Some(client) = &self.client {
            self.bars.push(Bar {
                what: format!("Encrypt through the Rust client at least {CLIENT_BAR} of a bare HTTP client"),
                found: format!("{:.2}", client.ratio.median),
                met: client.ratio.median >= CLIENT_BAR,
            });
            self.bars.push(Bar {
                what: format!("a request is signed in under {SIGNING_BAR} µs"),
                found: format!("{:.2}", client.signing_us.median),
                met: client.signing_us.median < SIGNING_BAR,
            });
        }
        if let Some(keys) = &self.keys {
            let count = keys.store.count;
            self.bars.extend(of_a_store(&format!("{count} keys"), &keys.store));
            self.bars.push(Bar {
                what: format!("Encrypt over all {count} keys at least {SPREAD_BAR} of Encrypt with 10 keys"),
                found: format!("{:.2}", keys.all_ratio.median),
                met: keys.all_ratio.median >= SPREAD_BAR,
            });
        }
        if let Some(secrets) = &self.secrets {
            let count = format!("{} secrets", secrets.store.count);
            self.bars.extend(of_a_store(&count, &secrets.store));
            self.bars.push(Bar {
                what: format!(
                    "GetSecretValue over {} of {count} at least {HOT_BAR} of GetSecretValue with 10",
                    secrets.hot_secrets
                ),
                found: format!("{:.2}", secrets.hot_ratio.median),
                met: secrets.hot_ratio.median >= HOT_BAR,
            });
        }
        let busy = self.series().map(|series| series.driver_busy().max);
        self.driver_busy_max = busy.fold(0.0, f64::max);
        self.verdict = if self.driver_busy_max >= DRIVER_BAR {
            Verdict::Void
        } else if self.bars.iter().all(|bar| bar.met) {
            Verdict::Passed
        } else {
            Verdict::Missed
        };
    }

    pub(crate) fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// The figures for people, in Markdown that reads well unrendered too.
    pub(crate) fn text(&self) -> String {
        let mut out = String::new();
        // Writing into a String does not fail.
        let _ = self.write_text(&mut out);
        out
    }

    fn write_text(&self, out: &mut String) -> std::fmt::Result {
        let Machine { cpu, cores, memory_mib, kernel, load_before } = &self.machine;
        let memory = (*memory_mib as f64 / 1024.0).round();
        writeln!(out, "Measured on {} by `{}`.", self.date, self.command)?;
        writeln!(
            out,
            "{cpu}, {cores} cores, {memory} GiB, Linux {kernel}, load average before the run {load_before}."
        )?;
        writeln!(
            out,
            "{} rounds of about {} s, {} connections; medians, with the range in brackets.",
            self.rounds, self.seconds, self.connections
        )?;
        if self.series().any(|series| series.server_busy().median < ALONE) {
            writeln!(
                out,
                "**Something else ran on these cores meanwhile**: requests/s say little, CPU times still hold roughly."
            )?;
        }
        for comparison in &self.comparisons {
            let Comparison { operation, bare, ours, ratio, wall_ratio, checked, .. } = comparison;
            writeln!(out, "\n**{operation}: {} of bare.**", plain(*ratio, 2))?;
            writeln!(
                out,
                "Throughput by the wall clock: {} of bare. {checked} answers were {}.\n",
                plain(*wall_ratio, 2),
                if operation.ends_with("Encrypt") { "decrypted and compared" } else { "compared" }
            )?;
            if let Some(added) = &comparison.added {
                writeln!(
                    out,
                    "Of bare the primitive is {} µs and the exchange {} µs. The service adds {} such exchanges.\n",
                    plain(added.primitive_us, 2),
                    plain(added.exchange_us, 2),
                    plain(added.exchanges, 2)
                )?;
            }
            table(out, &[bare, ours])?;
            let (request, body) = (ours.request_bytes, ours.body_bytes);
            writeln!(out, "\nA request has {request} bytes, the body of an answer {body}.")?;
        }
        if let Some(audit) = &self.audit {
            audit.write(out)?;
        }
        if let Some(client) = &self.client {
            client.write(out)?;
        }
        if let Some(load) = &self.load {
            load.write(out)?;
        }
        if let Some(keys) = &self.keys {
            self.write_keys(out, keys)?;
        }
        if let Some(secrets) = &self.secrets {
            write_secrets(out, secrets)?;
        }
        writeln!(out, "\n| bar | found | |\n|---|---|---|")?;
        for Bar { what, found, met } in &self.bars {
            writeln!(out, "| {what} | {found} | {} |", if *met { "met" } else { "**missed**" })?;
        }
        let busy = self.driver_busy_max * 100.0;
        let valid = if self.verdict == Verdict::Void { "**void**" } else { "valid" };
        writeln!(
            out,
            "| driver below {:.0} % busy in every round | at most {busy:.0} % | {valid} |",
            DRIVER_BAR * 100.0
        )
    }

    fn write_keys(&self, out: &mut String, keys: &KeysFigures) -> std::fmt::Result {
        write_store(out, ("key", "used"), &keys.store)?;
        writeln!(
            out,
            "| Encrypt over all keys, of Encrypt in a store of 10 | {} by CPU time, {} by the wall clock |",
            plain(keys.all_ratio, 2),
            plain(keys.all_wall_ratio, 2)
        )?;
        writeln!(out, "| the same over a hot set of 1000 keys | {} by CPU time |", plain(keys.hot_ratio, 2))?;
        writeln!(
            out,
            "| the same over 10 keys of the large store | {} by CPU time |\n",
            plain(keys.few_ratio, 2)
        )?;
        table(out, &[&keys.small, &keys.all, &keys.hot, &keys.few])?;
        writeln!(out, "\n{} answers were decrypted and compared.", keys.checked)
    }

    pub(crate) fn write_json(&self, path: &Path) -> Result<(), AnyError> {
        let mut text = serde_json::to_vec_pretty(self)?;
        text.push(b'\n');
        fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()).into())
    }

    /// Puts the figures between the page's markers.
    pub(crate) fn update_page(&self, path: &Path) -> Result<(), AnyError> {
        let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let page = fs::read_to_string(path).map_err(|error| failed(&error))?;
        let page =
            with_figures(&page, &self.text()).ok_or_else(|| failed(&"it has no markers for figures"))?;
        fs::write(path, page).map_err(|error| failed(&error).into())
    }

    fn series(&self) -> impl Iterator<Item = &Series> {
        let compared = self.comparisons.iter().flat_map(|comparison| [&comparison.bare, &comparison.ours]);
        let keys = self.keys.iter().flat_map(|keys| [&keys.small, &keys.all, &keys.hot, &keys.few]);
        let secrets = self.secrets.iter().flat_map(|secrets| [&secrets.small, &secrets.hot, &secrets.all]);
        let audit = self.audit.iter().flat_map(AuditFigures::series);
        compared.chain(audit).chain(keys).chain(secrets)
    }
}

/// What is asked of a store of many, whatever they are.
fn of_a_store(what: &str, store: &ManyFigures) -> [Bar; 2] {
    let (start, peak_mib) = (store.start_seconds, store.peak_mib());
    [
        Bar {
            what: format!("start with {what} under {START_BAR} s"),
            found: format!("{:.2} s (slowest {:.2} s)", start.median, start.max),
            met: start.max < START_BAR,
        },
        Bar {
            what: format!("resident memory with {what} under {MEMORY_BAR} MiB"),
            found: format!("{peak_mib:.0} MiB"),
            met: peak_mib < MEMORY_BAR,
        },
    ]
}

/// What `one` of the many is, and what was done with each.
fn write_store(out: &mut String, (one, done): (&str, &str), store: &ManyFigures) -> std::fmt::Result {
    writeln!(out, "\n**{} {one}s in the store** (data folder: {:.0} MiB)\n", store.count, store.folder_mib)?;
    writeln!(out, "| | |\n|---|---|")?;
    writeln!(out, "| start until ready | {} s |", plain(store.start_seconds, 3))?;
    writeln!(out, "| resident once ready | {:.0} MiB |", store.ready_mib)?;
    writeln!(out, "| resident once every {one} was {done} | {:.0} MiB |", store.used_mib)?;
    writeln!(out, "| resident after all rounds | {:.0} MiB |", store.end_mib)?;
    writeln!(
        out,
        "| each {one} for the first time | {:.1} µs CPU for each request, {:.0} requests/s |",
        store.first_use.cpu_us, store.first_use.per_second
    )
}

fn write_secrets(out: &mut String, secrets: &SecretsFigures) -> std::fmt::Result {
    write_store(out, ("secret", "read"), &secrets.store)?;
    writeln!(
        out,
        "| GetSecretValue over a hot set of {}, of the same in a store of 10 | {} by CPU time, {} by the wall clock |",
        secrets.hot_secrets,
        plain(secrets.hot_ratio, 2),
        plain(secrets.hot_wall_ratio, 2)
    )?;
    writeln!(out, "| the same over all secrets, evenly | {} by CPU time |\n", plain(secrets.all_ratio, 2))?;
    table(out, &[&secrets.small, &secrets.hot, &secrets.all])?;
    writeln!(out, "\n{} answers were compared.", secrets.checked)
}

pub(crate) fn table(out: &mut String, series: &[&Series]) -> std::fmt::Result {
    writeln!(out, "| | server CPU for each request, µs | requests/s | server busy | driver busy |")?;
    writeln!(out, "|---|---|---|---|---|")?;
    for series in series {
        writeln!(
            out,
            "| {} | {} | {} | {:.0} % | {:.0} % |",
            series.name,
            plain(series.cpu_us(), 2),
            plain(series.per_second(), 0),
            series.server_busy().median * 100.0,
            series.driver_busy().median * 100.0
        )?;
    }
    Ok(())
}

pub(crate) fn plain(spread: Spread, digits: usize) -> String {
    let Spread { median, min, max } = spread;
    format!("{median:.digits$} ({min:.digits$} to {max:.digits$})")
}

fn with_figures(page: &str, figures: &str) -> Option<String> {
    let (before, rest) = page.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n\n{}\n\n{END}{after}", figures.trim()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn figures_are_replaced() {
        let page = format!("a\n{BEGIN}\nold\n{END}\nb\n");
        let once = with_figures(&page, "new\n").unwrap();
        assert_eq!(once, format!("a\n{BEGIN}\n\nnew\n\n{END}\nb\n"));
        assert_eq!(with_figures(&once, "new").unwrap(), once);
        assert_eq!(with_figures("no markers", "new"), None);
    }

    #[test]
    fn the_page_has_the_markers() {
        let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/performance.md");
        assert!(with_figures(&fs::read_to_string(page).unwrap(), "").is_some());
    }
}
