//! What needs more than one crate, a real server or a browser.
//!
//! [`postconf`] and [`doveconf`] ask the real tools what a configuration means, [`doors`] lists what
//! clients find at Dovecot, [`corpus`] reads the configurations to ask about, `lab`
//! (feature `lab`) starts real servers on loopback and looks at them as a client does, and `browser` opens the page.

#[cfg(feature = "lab")]
pub mod browser;
#[cfg(feature = "lab")]
pub mod ciphers;
#[cfg(feature = "lab")]
pub mod command;
pub mod corpus;
pub mod defaults;
pub mod doors;
pub mod doveconf;
pub mod exim_ports;
#[cfg(feature = "lab")]
pub mod lab;
pub mod linked;
#[cfg(feature = "lab")]
pub mod names;
pub mod oracle;
pub mod postconf;
pub mod predict;
pub mod program;
pub mod upgrades;
