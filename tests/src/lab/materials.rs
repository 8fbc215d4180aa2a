//! What all servers of a run share: a certificate and a SASL user.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{LabError, MECHANISMS, PASSWORD, USER};
use crate::program::{Finished, OPENSSL, Program, SASLPASSWD2};

/// Paths of the shared files.
#[derive(Debug)]
pub(super) struct Materials {
    /// Key and self-signed certificate for mail.example.test in one PEM file, the key first, as
    /// `smtpd_tls_chain_files` wants it; the other parameters take it as well.
    pub(super) chain: PathBuf,
    /// The SASL user database, readable by the mail owner.
    database: PathBuf,
}

impl Materials {
    /// Makes the files within `directory`; `group` is the group of the mail owner, which reads the SASL database.
    pub(super) fn make(directory: &Path, group: u32) -> Result<Self, LabError> {
        let made = Self {
            chain: directory.join("chain.pem"),
            database: directory.join("sasldb2"),
        };
        made.certificate()?;
        made.user(group)?;
        Ok(made)
    }

    fn certificate(&self) -> Result<(), LabError> {
        let (key, certificate) = (
            self.chain.with_file_name("key.pem"),
            self.chain.with_file_name("cert.pem"),
        );
        let more = ["-newkey", "rsa:2048", "-addext", "subjectAltName=DNS:mail.example.test"];
        self_signed(&key, &certificate, &more)?;
        let read = |path: &PathBuf| fs::read(path).map_err(LabError::at(path));
        let mut chain = read(&key)?;
        chain.extend(read(&certificate)?);
        fs::write(&self.chain, chain).map_err(LabError::at(&self.chain))?;
        mode(&self.chain, 0o600)
    }

    /// Writes `smtpd.conf` into a directory of an instance. It must be `sasl` within `config_directory`: Debian's
    /// Postfix looks there whatever `cyrus_sasl_config_path` says.
    pub(super) fn write_sasl(&self, directory: &Path) -> Result<(), LabError> {
        let path = directory.join("smtpd.conf");
        let text = format!(
            "pwcheck_method: auxprop\nauxprop_plugin: sasldb\nsasldb_path: {}\nmech_list: {}\n",
            self.database.display(),
            MECHANISMS.join(" ")
        );
        fs::write(&path, text).map_err(LabError::at(&path))?;
        mode(&path, 0o644)
    }

    fn user(&self, group: u32) -> Result<(), LabError> {
        let (user, realm) = USER.split_once('@').unwrap_or((USER, ""));
        let mut command = SASLPASSWD2.command()?;
        command
            .args(["-p", "-c", "-f"])
            .arg(&self.database)
            .args(["-u", realm, user]);
        let input = format!("{PASSWORD}\n");
        succeeded(
            SASLPASSWD2,
            SASLPASSWD2.run(&mut command, input.as_bytes(), Duration::from_secs(20))?,
        )?;
        chown(&self.database, Some(0), Some(group)).map_err(LabError::at(&self.database))?;
        mode(&self.database, 0o640)
    }
}

/// Makes a key and a certificate of its own for mail.example.test, which lasts a month. `more` are further arguments of
/// `openssl req`, the kind of the key among them.
///
/// # Errors
/// What went wrong with openssl.
pub fn self_signed(key: &Path, certificate: &Path, more: &[&str]) -> Result<(), LabError> {
    let mut command = OPENSSL.command()?;
    command
        .args([
            "req",
            "-x509",
            "-nodes",
            "-days",
            "30",
            "-subj",
            "/CN=mail.example.test",
        ])
        .arg("-keyout")
        .arg(key)
        .arg("-out")
        .arg(certificate)
        .args(more);
    succeeded(OPENSSL, OPENSSL.run(&mut command, b"", Duration::from_secs(60))?)
}

/// Sets a file's or folder's permissions: servers run as other users.
///
/// # Errors
/// What the operating system said.
pub fn mode(path: &Path, bits: u32) -> Result<(), LabError> {
    fs::set_permissions(path, fs::Permissions::from_mode(bits)).map_err(LabError::at(path))
}

fn succeeded(program: Program, finished: Finished) -> Result<(), LabError> {
    match finished.code {
        Some(0) => Ok(()),
        code => Err(LabError::Tool {
            path: program.path,
            code,
            said: finished.stdout + &finished.stderr,
        }),
    }
}
