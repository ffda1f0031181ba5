//! Nothing: the comparison is a test.
