//! Prints the public interface of a crate: the argument is rustdoc's JSON of it.

use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(path) = std::env::args_os().nth(1) else {
        eprintln!("name the JSON that rustdoc made");
        return ExitCode::FAILURE;
    };
    let interface = public_api::Builder::from_rustdoc_json(path)
        // What every type has by itself is not what a reader of a change looks for.
        .omit_blanket_impls(true)
        .omit_auto_trait_impls(true)
        .omit_auto_derived_impls(true)
        .build();
    match interface {
        Ok(interface) => {
            print!("{interface}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
