//! The binary: hands the command line to [`rentomatic::cli`], and its result to the shell.

use std::process::ExitCode;

/// A request makes many small allocations, on one thread and freed on another.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    rentomatic::cli::run()
}
