//! The thread that writes: lines from the buffer into their segment, heads, turning over, retention.
//!
//! No request waits for it, unless records are to be durable at once, the buffer is full, or the last write failed.

use std::sync::{Arc, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::chain::{End, Intake, MANY, Mood, State};
use super::log::Log;
use super::sync::Syncer;

/// How long records wait in the buffer.
const DELAY: Duration = Duration::from_millis(20);
/// How often heads, turning over and retention are looked at.
const TICK: Duration = Duration::from_secs(1);

/// The thread.
pub(super) struct Writer {
    intake: Arc<Intake>,
    syncer: Arc<Syncer>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(log: Log) -> std::io::Result<Self> {
        let (intake, syncer) = (log.intake().clone(), log.syncer().clone());
        let thread = thread::Builder::new().name("audit-write".to_owned()).spawn(move || run(log))?;
        Ok(Self { intake, syncer, thread: Some(thread) })
    }

    pub(super) fn intake(&self) -> &Intake {
        &self.intake
    }

    pub(super) fn syncer(&self) -> &Syncer {
        &self.syncer
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.intake.abandon();
        if let Some(thread) = self.thread.take() {
            // It panicked; the panic hook has told the log.
            let _ = thread.join();
        }
    }
}

fn run(mut log: Log) {
    let intake = log.intake().clone();
    let mut tick = Instant::now() + TICK;
    let mut state = intake.lock();
    loop {
        // While the log cannot be written it is tried when somebody asks, or with the next tick.
        let idle = |state: &mut State| {
            let nothing = state.chain.buffer.len() == 0 || state.mood == Mood::Broken;
            nothing && state.waiting.is_empty() && state.end.is_none()
        };
        let left = tick.saturating_duration_since(Instant::now());
        (state, _) =
            intake.changed.wait_timeout_while(state, left, idle).unwrap_or_else(PoisonError::into_inner);
        let patient = |state: &mut State| {
            state.chain.buffer.len() < MANY && state.waiting.is_empty() && state.end.is_none()
        };
        (state, _) =
            intake.changed.wait_timeout_while(state, DELAY, patient).unwrap_or_else(PoisonError::into_inner);
        let (waiting, end) = (std::mem::take(&mut state.waiting), state.end.take());
        drop(state);
        if Instant::now() >= tick {
            log.tick();
            tick = Instant::now() + TICK;
        }
        let written = log.drain();
        for waits in waiting {
            // Whoever asked may have gone.
            let _ = waits.send(written);
        }
        match end {
            Some(End::Sealed(done)) => {
                log.end();
                let _ = done.send(());
                return;
            }
            Some(End::Dropped) => return,
            None => {}
        }
        state = intake.lock();
    }
}
