//! The command: parses arguments, calls `cli`, maps the exit code; nothing else.

fn main() -> std::process::ExitCode {
    conforment::cli::main()
}
