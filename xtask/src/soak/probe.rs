//! A port before `smtplint probe`, and before others that look at ports.

use crate::lab::{self, python};
use crate::run::{cargo, run, step};
use crate::{Error, binary};

/// Shows how long each of them takes for one port of Postfix.
///
/// # Errors
///
/// [`Error::Missing`] naming what is not there, or the failing step's error.
pub fn probe() -> Result<(), Error> {
    for package in [
        "postfix",
        "sasl2-bin",
        "libsasl2-modules",
        "openssl",
        "sslscan",
        "testssl.sh",
    ] {
        lab::require_package(package)?;
    }
    python::installed()?;
    step("the command", binary::build)?;
    let mut command = cargo(&[
        "test",
        "--package",
        "smtplint-tests",
        "--features",
        "lab",
        "--test",
        "soak_probe",
    ]);
    command.args(["--", "--nocapture"]);
    step("side by side", || run("side by side", &mut command))
}
