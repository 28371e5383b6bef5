//! The simulated tenant: answers the Management API as Auth0 did in the recordings.
