//! The bare handler: the same listener, the same request read in full, a fixed answer of the same size. It can
//! compute a primitive for each request, because an exchange costs more where requests come one by one: at saturation one
//! wake-up serves many.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use keystead_gateway::{Handler, Limits, Listener, Peer};
use serde_json::json;
use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::AnyError;
use crate::scenario::Primitive;

/// How the driver calls it.
pub(crate) const COMMAND: &str = "bare-server";

/// Between looks of a server that never sleeps: half a microsecond or so.
const PAUSES: u32 = 32;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-acs-request-id");

/// Serves until SIGTERM, on a free port, with one worker thread.
///
/// A server that is `awake` never sleeps. Who sends to one that sleeps has to wake it, at a cost of a microsecond and more, and
/// the slower he sends, the more often: that would be counted against him, and is none of his work.
pub(crate) fn serve(
    body_bytes: usize,
    primitive: Option<Primitive>,
    awake: bool,
    ready_file: &Path,
) -> Result<(), AnyError> {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate())?;
        let listener = Listener::bind(([127, 0, 0, 1], 0).into(), None, Limits::default()).await?;
        let ready = json!({"endpoints": {"shared": {"http": listener.address()?}}});
        let stop = watch::Sender::new(false);
        if awake {
            tokio::spawn(async {
                loop {
                    // Leaves what the two cores may share to the other one.
                    (0..PAUSES).for_each(|_| std::hint::spin_loop());
                    tokio::task::yield_now().await;
                }
            });
        }
        let serving =
            tokio::spawn(listener.serve(Arc::new(Bare::new(body_bytes, primitive)), stop.subscribe()));
        // Renamed into place, so that nobody reads half of it.
        let draft = ready_file.with_extension("draft");
        fs::write(&draft, ready.to_string())?;
        fs::rename(&draft, ready_file)?;
        terminate.recv().await;
        stop.send_replace(true);
        serving.await?;
        Ok(())
    })
}

struct Bare {
    body: Bytes,
    /// There is one worker thread, so nobody waits for it.
    primitive: Option<Mutex<Primitive>>,
    /// How long it has computed, in nanoseconds.
    nanoseconds: AtomicU64,
}

/// Where it tells how long it has computed, in nanoseconds.
pub(crate) const COMPUTED: &str = "/computed";

impl Bare {
    fn new(body_bytes: usize, primitive: Option<Primitive>) -> Self {
        let frame = r#"{"CiphertextBlob":""}"#.len();
        let body = format!(r#"{{"CiphertextBlob":"{}"}}"#, "x".repeat(body_bytes.saturating_sub(frame)));
        Self { body: Bytes::from(body), primitive: primitive.map(Mutex::new), nanoseconds: AtomicU64::new(0) }
    }
}

impl Handler for Bare {
    async fn handle(&self, request: Request<Incoming>, _: Peer) -> Response<Full<Bytes>> {
        if request.uri().path() == COMPUTED {
            let nanoseconds = self.nanoseconds.load(Ordering::Relaxed).to_string();
            return Response::new(Full::new(Bytes::from(nanoseconds)));
        }
        let read = request.into_body().collect().await;
        let computed = self.primitive.as_ref().is_none_or(|primitive| {
            let mut primitive = primitive.lock().unwrap_or_else(PoisonError::into_inner);
            // The clock on the wall is read: it is cheap, and when other work takes the core it counts too much here and so
            // leaves too little for the exchange, which flatters nobody.
            let started = Instant::now();
            let computed = (*primitive)().is_ok();
            let took = u64::try_from(started.elapsed().as_nanos()).unwrap_or(u64::MAX);
            self.nanoseconds.fetch_add(took, Ordering::Relaxed);
            computed
        });
        let mut response = Response::new(Full::new(self.body.clone()));
        if read.is_err() || !computed {
            *response.status_mut() = StatusCode::BAD_REQUEST;
        }
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json;charset=utf-8"));
        headers.insert(REQUEST_ID, HeaderValue::from_static("00000000-0000-0000-0000-000000000000"));
        response
    }
}
