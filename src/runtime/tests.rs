//! Tests of the runtime against small guests.
