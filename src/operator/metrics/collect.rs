//! From what is kept to the exposition, metric by metric.

use std::fmt;
use std::sync::Arc;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _, NoLabelSet};
use prometheus_client::metrics::histogram::Histogram;

use super::family::{self, Family};
use super::{Inner, TenantState, lock};

/// Encodes everything at each scrape.
pub(super) struct Exposition(pub(super) Arc<Inner>);

impl fmt::Debug for Exposition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Exposition")
    }
}

/// One sample without its labels.
enum Value {
    Count(u64),
    Seconds(f64),
    Gauge(i64),
    Histogram(Histogram),
    Info,
}

type Labels = Vec<String>;
type Samples = Vec<(Labels, Value)>;

impl Collector for Exposition {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        for family in family::FAMILIES {
            if family == family::CONDITION {
                write_conditions(&mut encoder, &family, &self.0)?;
            } else {
                write(&mut encoder, &family, self.samples(&family))?;
            }
        }
        Ok(())
    }
}

impl Exposition {
    fn samples(&self, family: &Family) -> Samples {
        let inner = &self.0;
        match *family {
            family::BUILD => vec![(vec![env!("CARGO_PKG_VERSION").to_owned()], Value::Info)],
            family::LEADER => vec![(Vec::new(), Value::Gauge(i64::from(inner.leads())))],
            family::REQUEST_DURATION => {
                let durations = lock(&inner.call_durations);
                let sample = |((endpoint, method), histogram): (&(_, _), &Histogram)| {
                    (
                        texts([*endpoint, *method]),
                        Value::Histogram(histogram.clone()),
                    )
                };
                durations.iter().map(sample).collect()
            }
            family::PASS_DURATION => {
                let durations = lock(&inner.pass_durations);
                let sample = |(result, histogram): (&super::PassEnd, &Histogram)| {
                    let value = Value::Histogram(histogram.clone());
                    (texts([result.as_str()]), value)
                };
                durations.iter().map(sample).collect()
            }
            family::WRITES => {
                let writes = lock(&inner.writes);
                let sample = |(what, count): (&super::ApiWrite, &u64)| {
                    (texts([what.as_str()]), Value::Count(*count))
                };
                writes.iter().map(sample).collect()
            }
            family::WATCH_FAILURES => {
                let failures = lock(&inner.watch_failures);
                let sample =
                    |(resource, count): (&&str, &u64)| (texts([*resource]), Value::Count(*count));
                failures.iter().map(sample).collect()
            }
            _ => of_tenants(inner, family),
        }
    }
}

/// Writes one sample after the other: there may be as many as five times the objects.
fn write_conditions(
    encoder: &mut DescriptorEncoder<'_>,
    family: &Family,
    inner: &Inner,
) -> fmt::Result {
    let kind = family.kind.metric();
    let mut metric = encoder.encode_descriptor(family.name, family.help, family.unit(), kind)?;
    for (object, conditions) in lock(&inner.objects).iter() {
        for (name, status) in conditions {
            let kind = object.kind.as_str();
            let values = [kind, &object.namespace, &object.name, name.as_str(), status];
            let labels: Vec<(&str, &str)> = family.labels.iter().copied().zip(values).collect();
            metric.encode_family(&labels)?.encode_gauge(&1_i64)?;
        }
    }
    Ok(())
}

/// The metrics that have a tenant as their first label.
fn of_tenants(inner: &Inner, family: &Family) -> Samples {
    let tenants = lock(&inner.tenants);
    let mut samples = Samples::new();
    for (tenant, state) in tenants.iter() {
        for (rest, value) in of_tenant(&lock(state), family) {
            let mut labels = vec![tenant.clone()];
            labels.extend(rest);
            samples.push((labels, value));
        }
    }
    samples
}

fn of_tenant(state: &TenantState, family: &Family) -> Samples {
    let alone = |value: Value| vec![(Labels::new(), value)];
    match *family {
        family::REQUESTS => {
            let sample = |((endpoint, method, status), count): (&(_, _, _), &u64)| {
                (texts([*endpoint, *method, *status]), Value::Count(*count))
            };
            state.requests.iter().map(sample).collect()
        }
        family::REMAINING => state
            .remaining
            .map_or_else(Samples::new, |left| alone(Value::Gauge(i64::from(left)))),
        family::THROTTLED => alone(Value::Seconds(state.throttled.as_secs_f64())),
        family::HELD_BACK => alone(Value::Count(state.held_back)),
        family::PASSES => {
            let sample = |(result, count): (&super::PassEnd, &u64)| {
                (texts([result.as_str()]), Value::Count(*count))
            };
            state.passes.iter().map(sample).collect()
        }
        family::PLANNED => {
            let sample = |((action, withheld), count): (&(&str, bool), &i64)| {
                let withheld = if *withheld { "true" } else { "false" };
                (texts([*action, withheld]), Value::Gauge(*count))
            };
            state.planned.iter().map(sample).collect()
        }
        family::DRIFT => state
            .drift
            .map_or_else(Samples::new, |it| alone(Value::Gauge(it))),
        family::HAZARDS => state.hazards.map_or_else(Samples::new, |it| {
            vec![
                (texts(["true"]), Value::Gauge(it.withheld)),
                (texts(["false"]), Value::Gauge(it.let_through)),
            ]
        }),
        _ => Samples::new(),
    }
}

fn texts<const N: usize>(values: [&str; N]) -> Labels {
    values.into_iter().map(str::to_owned).collect()
}

fn write(encoder: &mut DescriptorEncoder<'_>, family: &Family, samples: Samples) -> fmt::Result {
    let kind = family.kind.metric();
    let mut metric = encoder.encode_descriptor(family.name, family.help, family.unit(), kind)?;
    for (values, value) in samples {
        let labels: Vec<(&str, String)> = family.labels.iter().copied().zip(values).collect();
        if matches!(value, Value::Info) {
            metric.encode_info(&labels)?;
            continue;
        }
        if labels.is_empty() {
            // An empty set of labels would be written as braces round nothing.
            if let Value::Gauge(value) = value {
                metric.encode_gauge(&value)?;
            }
            continue;
        }
        let mut sample = metric.encode_family(&labels)?;
        match value {
            Value::Count(count) => sample.encode_counter::<NoLabelSet, _, u64>(&count, None)?,
            Value::Seconds(sum) => sample.encode_counter::<NoLabelSet, _, f64>(&sum, None)?,
            Value::Gauge(value) => sample.encode_gauge(&value)?,
            Value::Histogram(histogram) => histogram.encode(sample)?,
            Value::Info => {}
        }
    }
    Ok(())
}
