//! Packages of Debian and Ubuntu: installed where nobody has to be asked, else named.

use crate::run::{Cmd, Failure};

/// Whether this is root on a system with apt-get.
pub(crate) fn may_install() -> bool {
    let root_user = Cmd::new("id").arg("-u").output().is_ok_and(|o| o.stdout.trim_ascii() == b"0");
    root_user && Cmd::new("apt-get").arg("--version").succeeds()
}

/// The command that installs a package.
pub(crate) fn command(package: &str) -> Cmd {
    Cmd::new("apt-get").args(["install", "-y", package])
}

/// Installs a package.
pub(crate) fn install(package: &str) -> Result<(), Failure> {
    Cmd::new("apt-get").args(["update", "--quiet"]).run()?;
    command(package).env("DEBIAN_FRONTEND", "noninteractive").run()
}
