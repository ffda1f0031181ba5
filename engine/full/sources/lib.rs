//! Empty: this package exists for its dependencies, which are C sources.
