//! The policy language: what is read, what it decides, against a second evaluator, and what is refused.
#![allow(clippy::unwrap_used)]

mod conditions;
mod decisions;
mod documents;
mod hostile;
mod identity;
mod metamorphic;
mod naive;
mod patterns;
mod random;
mod second;
mod system;
mod trust;
