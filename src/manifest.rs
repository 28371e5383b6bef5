//! Reads manifests from files, directories and standard input, and says what is wrong with them.
