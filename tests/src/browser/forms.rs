//! Where the two forms of the built page are.

use std::thread;

use xtask::serve::Server;

use super::{Trouble, built_page};

/// The addresses of both forms of the page; the hosted one is served as long as the process runs.
#[derive(Debug)]
pub struct Forms {
    /// The form for a server, on loopback.
    pub hosted: String,
    /// The single file, from the disk.
    pub single: String,
}

impl Forms {
    /// Starts serving the page that has been built.
    ///
    /// # Errors
    ///
    /// [`Trouble::NotBuilt`] when there is none, [`Trouble::Serve`] when no port is free.
    pub fn built() -> Result<Self, Trouble> {
        let directory = built_page()?;
        let single = format!("file://{}", directory.join(xtask::page::SINGLE).display());
        let server = Server::bind(directory, 0).map_err(|error| Trouble::Serve(error.to_string()))?;
        let hosted = format!("http://{}/", server.address());
        thread::spawn(move || server.run());
        Ok(Self { hosted, single })
    }

    /// Both addresses.
    #[must_use]
    pub fn both(&self) -> [&str; 2] {
        [&self.hosted, &self.single]
    }
}
