//! The lab: a given Postfix configuration runs on loopback, and a client looks at it as a stranger does.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use smtplint_tests::lab::{Lab, LabConfiguration, Prediction, STRANGER};
//! let lab = Lab::new()?;
//! let server = lab.start(&LabConfiguration::new("mx", "compatibility_level = 3.6\n", "smtp inet n - n - - smtpd\n"))?;
//! let observed = server.observe("smtp", STRANGER)?;
//! let prediction: Prediction = "entry=none required=no auth_before=no".parse()?;
//! assert_eq!(observed.disagreements(&prediction), Vec::<String>::new());
//! # Ok(()) }
//! ```

pub mod cases;
pub mod client;
pub mod configurations;
pub mod dialogue;
pub mod dovecot;
pub mod exim;
mod main_cf;
pub mod master;
mod materials;
pub mod moves;
pub mod outcomes;
mod prediction;
pub mod probed;
pub mod random;
pub mod rewrite;
pub mod scanners;
mod server;

use std::net::{IpAddr, Ipv4Addr};

pub use client::{Entry, Observed, TlsVersion};
pub use materials::{mode, self_signed};
pub use prediction::{Offer, Prediction, PredictionError};
pub use rewrite::{Certificates, Listener, Rewriting};
pub use server::{Lab, LabConfiguration, LabError, LabServer};

/// The source address the lab's servers trust: the only one in `mynetworks` when the configuration trusts loopback.
pub const TRUSTED: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));
/// A source address no configuration trusts by accident.
pub const STRANGER: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 5));
/// The user of the SASL database: log in as `alice@example.test`, since realms differ between configurations.
pub const USER: &str = "alice@example.test";
/// Her password.
pub const PASSWORD: &str = "secret";
/// The mechanisms the SASL library offers when nothing forbids one.
pub const MECHANISMS: [&str; 4] = ["PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-256"];
