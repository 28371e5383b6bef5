//! What is logged, in which form, and how that is changed while the program runs.

use std::fmt;
use std::io::IsTerminal as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tracing::Subscriber;
use tracing::field::{Field, Visit};
use tracing_subscriber::field::{RecordFields, VisitOutput as _};
use tracing_subscriber::filter::EnvFilter;
use tracing_subscriber::fmt::FormatFields;
use tracing_subscriber::fmt::format::{DefaultVisitor, Writer};
use tracing_subscriber::layer::{Layer, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::{SubscriberInitExt as _, TryInitError};
use tracing_subscriber::{fmt as log, registry, reload};

use super::trace::Traces;

/// The form of log lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line, for collectors.
    Json,
}

/// A filter that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadFilter(String);

/// Logging cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The filter is none.
    #[error(transparent)]
    Filter(#[from] BadFilter),
    /// Somebody has begun already.
    #[error(transparent)]
    Taken(#[from] TryInitError),
}

type Replace = dyn Fn(EnvFilter) -> Result<(), reload::Error> + Send + Sync;

/// The filter of what is logged. Clones change the same one.
#[derive(Clone)]
pub struct LogLevel {
    current: Arc<Mutex<String>>,
    replace: Arc<Replace>,
}

impl LogLevel {
    /// The filter as it was given.
    #[must_use]
    pub fn current(&self) -> String {
        self.lock().clone()
    }

    /// Logs by this filter from now on: `info`, or `warn,dialtone::auth0=debug`.
    ///
    /// # Errors
    ///
    /// [`BadFilter`] where it is none; what was is kept.
    pub fn set(&self, filter: &str) -> Result<(), BadFilter> {
        let filter = filter.trim();
        let parsed = parse(filter)?;
        let mut current = self.lock();
        (self.replace)(parsed).map_err(|error| BadFilter(error.to_string()))?;
        filter.clone_into(&mut current);
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, String> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for LogLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LogLevel").field(&self.current()).finish()
    }
}

/// Begins to log to what stands for standard error, and to record traces where they are wanted.
///
/// # Errors
///
/// [`LogError`] where the filter is none, or the process logs already.
pub fn start<W>(
    filter: &str,
    format: LogFormat,
    traces: Option<&Traces>,
    writer: W,
) -> Result<LogLevel, LogError>
where
    W: for<'a> log::MakeWriter<'a> + Send + Sync + 'static,
{
    let ansi = std::io::stderr().is_terminal();
    let (lines, level) = layer(filter, format, ansi, writer)?;
    registry()
        .with(lines)
        .with(traces.map(Traces::layer))
        .try_init()?;
    Ok(level)
}

/// Lines of this form to a writer, filtered by what the second value says.
///
/// # Errors
///
/// [`BadFilter`] where the filter is none.
pub fn layer<S, W>(
    filter: &str,
    format: LogFormat,
    ansi: bool,
    writer: W,
) -> Result<(Box<dyn Layer<S> + Send + Sync>, LogLevel), BadFilter>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'a> log::MakeWriter<'a> + Send + Sync + 'static,
{
    let (parsed, handle) = reload::Layer::new(parse(filter)?);
    let level = LogLevel {
        current: Arc::new(Mutex::new(filter.to_owned())),
        replace: Arc::new(move |filter| handle.reload(filter)),
    };
    let lines = log::layer().with_writer(writer);
    let lines = match format {
        LogFormat::Text => lines
            .with_ansi(ansi)
            .fmt_fields(WithoutTraces)
            .with_filter(parsed)
            .boxed(),
        LogFormat::Json => lines
            .json()
            .flatten_event(true)
            .with_span_list(false)
            .with_filter(parsed)
            .boxed(),
    };
    Ok((lines, level))
}

/// Reads a filter, and refuses what would pass for one but is a slip: a lone word that is no level
/// is taken by the syntax for the name of a module whose everything is wanted, and turns all the
/// rest off.
fn parse(filter: &str) -> Result<EnvFilter, BadFilter> {
    const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
    if filter.trim().is_empty() {
        return Err(BadFilter("the filter is empty".to_owned()));
    }
    for part in filter.split(',').map(str::trim) {
        let lone = part
            .chars()
            .all(|letter| letter.is_alphanumeric() || letter == '_');
        if lone && !LEVELS.contains(&part.to_ascii_lowercase().as_str()) {
            let levels = LEVELS.join(", ");
            return Err(BadFilter(format!(
                "{part:?} is no level ({levels}); for a module write MODULE=LEVEL"
            )));
        }
    }
    EnvFilter::try_new(filter).map_err(|error| BadFilter(error.to_string()))
}

/// Fields as usual, but for those that are meant for traces only.
#[derive(Debug)]
struct WithoutTraces;

impl<'writer> FormatFields<'writer> for WithoutTraces {
    fn format_fields<R: RecordFields>(&self, writer: Writer<'writer>, fields: R) -> fmt::Result {
        let mut visitor = Skipping(DefaultVisitor::new(writer, true));
        fields.record(&mut visitor);
        visitor.0.finish()
    }
}

struct Skipping<'a>(DefaultVisitor<'a>);

impl Visit for Skipping<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if !field.name().starts_with("otel.") {
            self.0.record_debug(field, value);
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if !field.name().starts_with("otel.") {
            self.0.record_str(field, value);
        }
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        self.0.record_error(field, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_read_and_slips_are_refused() {
        for good in [
            "info",
            "WARN",
            "warn,dialtone::auth0=debug",
            "off,hyper=info",
            " info ",
        ] {
            assert!(parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "  ",
            "debgu",
            "info,",
            "info,dialtone=loud",
            "warn,hyper",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
        let error = parse("debgu").unwrap_err().to_string();
        assert!(error.contains("\"debgu\" is no level"), "{error}");
    }
}
