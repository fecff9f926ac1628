use std::time::Duration;

use keystead_api::OperationId;
use keystead_service::audit::Stats;
use keystead_service::records::DueKind;
use prometheus::{
    Encoder, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, Opts, Registry,
    TextEncoder,
};

/// Counters of the gateways, in the Prometheus text format. Holds names of operations and codes, never a caller's data.
pub struct Metrics {
    registry: Registry,
    by_operation: Vec<ByOperation>,
    errors: IntCounterVec,
    in_flight: IntGauge,
    due: IntCounterVec,
    due_failures: IntCounterVec,
    audit: AuditMetrics,
}

/// What the audit log tells of itself when metrics are asked for.
struct AuditMetrics {
    records: IntGauge,
    counted: IntGauge,
    write_failures: IntGauge,
    sync_failures: IntGauge,
    broken: IntGauge,
}

impl AuditMetrics {
    fn new(registry: &Registry) -> Result<Self, prometheus::Error> {
        let gauge = |name, help| {
            let gauge = IntGauge::new(name, help)?;
            registry.register(Box::new(gauge.clone()))?;
            Ok::<_, prometheus::Error>(gauge)
        };
        Ok(Self {
            records: gauge("keystead_audit_records", "Records written into the audit log since the start.")?,
            counted: gauge(
                "keystead_audit_counted",
                "Requests without a caller that the audit log only counted since the start.",
            )?,
            write_failures: gauge("keystead_audit_write_failures", "Failed writes of the audit log.")?,
            sync_failures: gauge("keystead_audit_sync_failures", "Failed syncs of the audit log.")?,
            broken: gauge("keystead_audit_broken", "1 while the audit log cannot be written.")?,
        })
    }

    fn set(&self, stats: &Stats) {
        let number = |count| i64::try_from(count).unwrap_or(i64::MAX);
        self.records.set(number(stats.records));
        self.counted.set(number(stats.counted));
        self.write_failures.set(number(stats.write_failures));
        self.sync_failures.set(number(stats.sync_failures));
        self.broken.set(stats.broken.into());
    }
}

/// What every request touches; looked up by index, without a lock.
struct ByOperation {
    good: IntCounter,
    seconds: Histogram,
}

/// Counts a request as under way until it is dropped.
pub(crate) struct InFlight<'a>(&'a IntGauge);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Metrics {
    /// All counters at zero.
    ///
    /// # Errors
    /// When two counters have one name, which a test would see.
    pub fn new() -> Result<Self, prometheus::Error> {
        let registry = Registry::new();
        let good = IntCounterVec::new(
            Opts::new("keystead_requests_total", "Requests answered with 200, by operation."),
            &["operation"],
        )?;
        let errors = IntCounterVec::new(
            Opts::new(
                "keystead_request_errors_total",
                "Requests answered with an error, by operation and code.",
            ),
            &["operation", "code"],
        )?;
        let seconds = HistogramVec::new(
            HistogramOpts::new(
                "keystead_request_seconds",
                "Time from a request's head to its answer, in seconds.",
            )
            .buckets(vec![0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5]),
            &["operation"],
        )?;
        let in_flight = IntGauge::new("keystead_requests_in_flight", "Requests being worked on.")?;
        let due = IntCounterVec::new(
            Opts::new("keystead_due_work_total", "Work that fell due and was done, by kind."),
            &["kind"],
        )?;
        let due_failures = IntCounterVec::new(
            Opts::new(
                "keystead_due_work_failures_total",
                "Attempts at work that fell due which failed, by kind; it is tried again.",
            ),
            &["kind"],
        )?;
        // All kinds are there from the start, so that a rate can be taken of the first one.
        for kind in DueKind::ALL.iter().map(|kind| kind.as_str()) {
            due.with_label_values(&[kind]);
            due_failures.with_label_values(&[kind]);
        }
        registry.register(Box::new(due.clone()))?;
        registry.register(Box::new(due_failures.clone()))?;
        registry.register(Box::new(good.clone()))?;
        registry.register(Box::new(errors.clone()))?;
        registry.register(Box::new(seconds.clone()))?;
        registry.register(Box::new(in_flight.clone()))?;
        let by_operation = OperationId::all()
            .map(|def| {
                let label = def.label();
                ByOperation {
                    good: good.with_label_values(&[&label]),
                    seconds: seconds.with_label_values(&[&label]),
                }
            })
            .collect();
        let audit = AuditMetrics::new(&registry)?;
        Ok(Self { registry, by_operation, errors, in_flight, due, due_failures, audit })
    }

    /// The text that Prometheus scrapes.
    pub fn render(&self, audit: Option<Stats>) -> Vec<u8> {
        self.audit.set(&audit.unwrap_or_default());
        let mut text = Vec::new();
        // Writing into memory does not fail.
        let _ = TextEncoder::new().encode(&self.registry.gather(), &mut text);
        text
    }

    /// Counts a piece of work that fell due, by its kind.
    pub fn due_work(&self, kind: &str, done: bool) {
        let counters = if done { &self.due } else { &self.due_failures };
        counters.with_label_values(&[kind]).inc();
    }

    pub(crate) fn begin(&self) -> InFlight<'_> {
        self.in_flight.inc();
        InFlight(&self.in_flight)
    }

    pub(crate) fn good(&self, operation: OperationId, took: Duration) {
        if let Some(counters) = self.by_operation.get(operation as usize) {
            counters.good.inc();
            counters.seconds.observe(took.as_secs_f64());
        }
    }

    /// Codes are the service's own, so their number is bounded; an operation that is none is counted under no name.
    pub(crate) fn error(&self, operation: Option<OperationId>, code: &str) {
        let label = operation.map(|operation| operation.def().label()).unwrap_or_default();
        self.errors.with_label_values(&[&label, code]).inc();
    }
}
