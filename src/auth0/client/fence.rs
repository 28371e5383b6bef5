//! Leave to write, asked for at the last moment before a write goes out.

/// Who says whether this process may still write to tenants, such as the leader's lease.
pub trait Fence: Send + Sync {
    /// Whether a write that goes out now is this process's to make. It is asked for each write,
    /// after its turn at the pacer has come, so it must answer from memory.
    fn may_write(&self) -> bool;

    /// The number of this process's tenure: later ones have higher numbers.
    fn term(&self) -> Option<u64> {
        None
    }
}
