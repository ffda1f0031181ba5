//! The `afmpeg` command.

fn main() -> std::process::ExitCode {
    afmpeg::cli::main(None)
}
