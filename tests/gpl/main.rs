//! What only the engines of the GPL variant can do. All of it is ignored by default: `cargo xtask test --gpl` builds
//! the lean one of them and runs it.

#[allow(
    dead_code,
    reason = "each test binary uses a part of the shared support"
)]
#[path = "../support/mod.rs"]
mod support;

mod deep;
mod events;
mod filters;
mod settings;
mod x264;

use support::runtime;

#[test]
#[ignore = "needs an engine of the GPL variant: cargo xtask test --gpl"]
fn the_engine_says_under_which_licence_it_is() {
    let info = runtime().engine_info().expect("every engine has it");
    assert_eq!(info.variant.as_deref(), Some("gpl"));
}
