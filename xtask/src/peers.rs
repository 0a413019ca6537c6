//! `cargo xtask bench peers`: everything that bench/peers/run.py measures is built here, then it is started.

use crate::run::{Cmd, Failure, root, say, target_dir};
use crate::{debian, python};

/// Peers in Rust, each a package of bench/peers/rust.
const RUST_PEERS: &[&str] = &["burn", "candle"];

/// What the FANN library's headers come in.
const FANN_PACKAGE: &str = "libfann-dev";

/// Builds, and starts the driver with its own arguments.
pub(crate) fn run(args: &[&str]) -> Result<(), Failure> {
    let driver = Cmd::new(python::PEERS.interpreter()).arg(root().join("bench/peers/run.py"));
    if args.iter().any(|arg| matches!(*arg, "-h" | "--help")) {
        python::PEERS.prepare()?;
        return driver.arg("--help").run();
    }
    run_step(&Cmd::cargo("build --release -p retrograde --example epoch"))?;
    python::PEERS.prepare()?;
    for name in RUST_PEERS {
        unless_it_fails(name, build_rust(name));
    }
    unless_it_fails("fann", build_fann());
    run_step(&driver.arg("--target").arg(target_dir()).args(args.iter().copied()))
}

fn run_step(cmd: &Cmd) -> Result<(), Failure> {
    say(&format!("xtask: {cmd}"));
    cmd.run()
}

/// A peer that cannot be built is left out of the comparison, aloud; the driver finds that its program is missing.
fn unless_it_fails(name: &str, built: Result<(), Failure>) {
    if let Err(failure) = built {
        say(&format!("xtask: {name} is left out: {failure}"));
    }
}

fn build_rust(name: &str) -> Result<(), Failure> {
    // Whoever runs networks on these builds for the processor that they run on, as their documentation says.
    run_step(
        &Cmd::cargo("build --release --locked --manifest-path bench/peers/rust/Cargo.toml")
            .arg(format!("--package=peer-{name}"))
            .arg("--target-dir")
            .arg(target_dir().join("bench-rust"))
            .env("RUSTFLAGS", "-Ctarget-cpu=native"),
    )
}

fn build_fann() -> Result<(), Failure> {
    let compile = Cmd::new("cc")
        .args(["-O3", "-march=native", "bench/peers/peer_fann.c", "-o"])
        .arg(target_dir().join("bench-fann"))
        .args(["-lfloatfann", "-lm"]);
    let has_header = Cmd::new("cc").args(["-E", "-include", "floatfann.h", "-xc", "/dev/null"]).succeeds();
    if !has_header && !debian::may_install() {
        let install = debian::command(FANN_PACKAGE);
        return Err(Failure::new(format!("its header is missing. On Debian and Ubuntu: sudo {install}")));
    }
    if !has_header {
        say(&format!("xtask: {FANN_PACKAGE} is missing; installing it"));
        debian::install(FANN_PACKAGE)?;
    }
    run_step(&compile)
}
