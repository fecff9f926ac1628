//! What somebody may do, asked without doing it.
