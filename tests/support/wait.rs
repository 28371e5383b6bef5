//! Waiting for something to come true.

use std::fmt::Display;
use std::time::Duration;

use tokio::time::{Instant, sleep};

/// Generous, since it only passes where something is wrong.
const PATIENCE: Duration = Duration::from_mins(1);

const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// Calls `condition` until it is fulfilled, and gives what it found.
///
/// A condition that is not fulfilled says what it saw instead; after a minute that becomes the
/// failure of the test.
pub async fn wait_until<T, E: Display>(
    what: &str,
    mut condition: impl AsyncFnMut() -> Result<T, E>,
) -> T {
    let start = Instant::now();
    loop {
        match condition().await {
            Ok(found) => return found,
            Err(seen) if start.elapsed() > PATIENCE => {
                panic!("waited {PATIENCE:?} for {what}; last seen: {seen}")
            }
            Err(_) => sleep(BETWEEN_LOOKS).await,
        }
    }
}
