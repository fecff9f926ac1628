//! Tests of the engine through its one way in: a signed request is authenticated, and its caller calls operations.
#![allow(clippy::unwrap_used)]

mod harness;

mod aliases;
mod asymmetric_ciphers;
mod authentication;
mod ciphertexts;
mod concurrency;
mod data_keys;
mod due_work;
mod exports;
mod heavy_load;
mod isolation;
mod key_deletion;
mod key_lists;
mod key_model;
mod key_rotation;
mod key_specs;
mod key_states;
mod keys;
mod macs;
mod nodes;
mod overtaken;
mod passwords;
mod re_encryption;
mod secret_batch;
mod secret_deletion;
mod secret_lists;
mod secret_model;
mod secret_policies;
mod secret_rotation;
mod secret_scale;
mod secret_stages;
mod secret_types;
mod secret_versions;
mod secrets;
mod signatures;
mod state_table;
mod storage;
mod system;
mod usage_states;
mod walk;
