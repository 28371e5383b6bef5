//! The custom resources, one file per kind.
