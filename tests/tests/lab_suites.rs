//! Cipher suites, held against live servers one by one: what a client can negotiate is what smtplint predicts.
//!
//! Whatever the client's library knows is tried, with each version of TLS apart, so a suite that is offered and not predicted
//! is found as well as one that is predicted and not offered.

#![allow(clippy::expect_used, clippy::panic, reason = "helpers of tests fail as tests do")]
#![allow(clippy::print_stdout, reason = "the counts are the test's report")]

use std::collections::BTreeSet;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use smtplint_core::certificate::{self, Content, SeenFile};
use smtplint_core::dialects::postfix::Postfix;
use smtplint_core::facts::{Entry, Fact, Listener, TlsVersion};
use smtplint_core::intake;
use smtplint_core::report::{Options, Report};
use smtplint_core::source::{Source, Sources};
use smtplint_core::tls::openssl::Release;
use smtplint_core::tls::{Suite, suite};
use smtplint_core::version::{Target, Version};
use smtplint_tests::lab::{Lab, LabConfiguration, LabError, self_signed};
use smtplint_tests::program::{OPENSSL, in_parallel};

/// One configuration.
struct Live {
    name: &'static str,
    /// The keys of its certificates, which stand in front of the other lines.
    keys: &'static [&'static str],
    main_cf: &'static str,
}

const COMMON: &str = "compatibility_level = 2\nmyhostname = mail.example.test\nmydestination = example.test\n";
const SUBMISSION: &str = "submission inet n - n - - smtpd\n  -o smtpd_tls_security_level=encrypt\n";
/// The versions that the older releases are told to speak as well.
const ALL_VERSIONS: &str = "smtpd_tls_mandatory_protocols = !SSLv2, !SSLv3\n";

const LIVE: [Live; 16] = [
    Live {
        name: "stock, RSA",
        keys: &["rsa"],
        main_cf: "",
    },
    Live {
        name: "stock, ECDSA",
        keys: &["ecdsa"],
        main_cf: "",
    },
    Live {
        name: "stock, both keys",
        keys: &["rsa", "ecdsa"],
        main_cf: "",
    },
    Live {
        name: "grade high",
        keys: &["rsa"],
        main_cf: "smtpd_tls_mandatory_ciphers = high\n",
    },
    Live {
        name: "exclusions",
        keys: &["rsa"],
        main_cf: "smtpd_tls_exclude_ciphers = aNULL, MD5 DES\nsmtpd_tls_mandatory_exclude_ciphers = kRSA:CAMELLIA\n",
    },
    Live {
        name: "what is advised",
        keys: &["rsa", "ecdsa"],
        main_cf: "smtpd_tls_mandatory_exclude_ciphers = aNULL, kRSA, kDHE, SHA1, SHA256, SHA384\n",
    },
    Live {
        name: "a list of names",
        keys: &["rsa"],
        main_cf: "smtpd_tls_mandatory_ciphers = high\ntls_preempt_cipherlist = yes\n\
            tls_high_cipherlist = ECDHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-SHA:AES128-SHA:ECDHE-ECDSA-AES128-SHA:DES-CDC3\n",
    },
    Live {
        name: "a level in the list",
        keys: &["rsa"],
        main_cf: "tls_medium_cipherlist = ALL:@SECLEVEL=2\n",
    },
    Live {
        name: "certificates are asked for",
        keys: &["ecdsa"],
        main_cf: "smtpd_tls_ask_ccert = yes\n",
    },
    Live {
        name: "certificates are a must",
        keys: &["rsa"],
        main_cf: "smtpd_tls_req_ccert = yes\ntls_medium_cipherlist = ALL:@SECLEVEL=0\n",
    },
    Live {
        name: "nothing hidden",
        keys: &["rsa"],
        main_cf: "smtpd_tls_mandatory_ciphers = null\n",
    },
    Live {
        name: "versions with a hole",
        keys: &["rsa"],
        main_cf: "smtpd_tls_mandatory_protocols = !SSLv2, !SSLv3, !TLSv1.1\n",
    },
    Live {
        name: "no suite for the key",
        keys: &["ecdsa"],
        main_cf: "tls_medium_cipherlist = ECDHE-RSA-AES128-GCM-SHA256:AES128-SHA\n",
    },
    Live {
        name: "no certificate",
        keys: &[],
        main_cf: "smtpd_tls_cert_file = none\n",
    },
    Live {
        name: "a level above the key",
        keys: &["rsa"],
        main_cf: "tls_medium_cipherlist = HIGH:!aNULL:@SECLEVEL=3\n",
    },
    Live {
        name: "an exclusion with a sign",
        keys: &["rsa"],
        main_cf: "smtpd_tls_exclude_ciphers = !aNULL\n",
    },
];

/// Runs the client's program to its end; whether it succeeded, and what it said.
fn openssl(arguments: &[&str], input: &[u8]) -> (bool, String) {
    let mut command = OPENSSL.command().unwrap_or_else(|error| panic!("{error}"));
    command.args(arguments);
    match OPENSSL.run(&mut command, input, Duration::from_secs(30)) {
        Ok(finished) => (finished.code == Some(0), finished.stdout + &finished.stderr),
        Err(error) => panic!("{error}"),
    }
}

/// A key and its certificate in one file, the key first.
fn chain(folder: &Path, kind: &str) -> PathBuf {
    let (key, own) = (folder.join(format!("{kind}.key")), folder.join(format!("{kind}.crt")));
    let new: &[&str] = match kind {
        "rsa" => &["-newkey", "rsa:2048"],
        _ => &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
    };
    self_signed(&key, &own, new).unwrap_or_else(|error| panic!("{error}"));
    let text = [&key, &own]
        .map(|one| fs::read_to_string(one).expect("what was just made"))
        .concat();
    let chain = folder.join(format!("{kind}.pem"));
    fs::write(&chain, text).expect("a file beside them");
    chain
}

/// The release of the library that client and server share.
fn release() -> (Release, String) {
    let (_, said) = openssl(&["version"], b"");
    let number = said.split(' ').nth(1).unwrap_or_default();
    let digits = number.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let version: Version = digits.parse().unwrap_or_else(|error| panic!("{said}: {error}"));
    let release = Release::of(version).unwrap_or_else(|| panic!("nothing is claimed about OpenSSL {version}"));
    (release, digits.to_owned())
}

/// One suite with one version.
type Pair = (TlsVersion, &'static str);

fn predicted(report: &Report) -> Option<BTreeSet<Pair>> {
    let listener: &Listener = report.server.listeners.first()?;
    assert_eq!(listener.tls.entry.known(), Some(&Entry::Starttls));
    if listener.tls.works.surely_not() {
        return Some(BTreeSet::new());
    }
    let suites = listener.tls.suites.as_ref().and_then(Fact::known)?;
    let [reading] = suites.readings.as_slice() else {
        return None;
    };
    let usable = suites.which(|_| true);
    let offered = reading
        .offered
        .as_ref()
        .ok()?
        .iter()
        .filter(|one| usable.contains(&one.suite));
    Some(
        offered
            .flat_map(|one| {
                one.versions
                    .iter()
                    .map(|version| (version, one.suite.openssl.unwrap_or("?")))
            })
            .collect(),
    )
}

/// Everything that the client's library has, with every version.
fn candidates(release: Release) -> Vec<(TlsVersion, &'static Suite)> {
    let versions = [
        TlsVersion::Tls10,
        TlsVersion::Tls11,
        TlsVersion::Tls12,
        TlsVersion::Tls13,
    ];
    let known = suite::all()
        .iter()
        .filter(|suite| suite.is_in(release) && suite.openssl.is_some());
    known
        .flat_map(|suite| {
            versions
                .into_iter()
                .filter(|version| suite.works_with(*version))
                .map(move |version| (version, suite))
        })
        .collect()
}

/// Whether a handshake with this suite and version comes about.
fn negotiates(address: SocketAddr, version: TlsVersion, name: &str) -> bool {
    let option = match version {
        TlsVersion::Tls10 => "-tls1",
        TlsVersion::Tls11 => "-tls1_1",
        TlsVersion::Tls12 => "-tls1_2",
        _ => "-tls1_3",
    };
    let address = address.to_string();
    let list = format!("{name}:@SECLEVEL=0");
    let mut arguments = vec![
        "s_client",
        "-connect",
        &address,
        "-starttls",
        "smtp",
        "-name",
        "client.example.org",
        option,
    ];
    if version == TlsVersion::Tls13 {
        arguments.extend(["-ciphersuites", name]);
    } else {
        arguments.extend(["-cipher", &list]);
    }
    let (_, said) = openssl(&arguments, b"");
    // With TLS 1.3 the suite is told before the server shows its certificate, which may fail.
    let is_shown = version < TlsVersion::Tls13 || !said.contains("no peer certificate available");
    is_shown && said.contains(&format!("Cipher is {name}\n"))
}

fn compare(lab: &Lab, live: &Live, folder: &Path, postfix: &str) -> Result<(usize, Vec<String>), LabError> {
    let (release, openssl) = release();
    let chains: Vec<String> = live
        .keys
        .iter()
        .map(|kind| folder.join(format!("{kind}.pem")).display().to_string())
        .collect();
    let named = if chains.is_empty() {
        String::new()
    } else {
        format!("smtpd_tls_chain_files = {}\n", chains.join(", "))
    };
    let main_cf = format!("{COMMON}{ALL_VERSIONS}{named}{}", live.main_cf);
    let mut target = Target::default();
    for word in [format!("postfix={postfix}"), format!("openssl={openssl}")] {
        assert_eq!(target.add(&word), Ok(()), "{word}");
    }
    for path in &chains {
        let text = fs::read_to_string(path).expect("a chain that was just made");
        let content = Content::Holds(certificate::read(&text));
        let seen = SeenFile {
            content,
            everyone_reads: Some(false),
        };
        target.seen.files.insert(path.clone(), seen);
    }
    let mut sources = Sources::new();
    sources.add(Source::new("main.cf", &main_cf, intake::kind(&main_cf)));
    sources.add(Source::new("master.cf", SUBMISSION, intake::kind(SUBMISSION)));
    let report = smtplint_core::check(
        &sources,
        &Postfix,
        &Options {
            target,
            ..Options::default()
        },
    );
    let server = lab.start(&LabConfiguration::new(live.name, &main_cf, SUBMISSION).with_certificates_as_written())?;
    let address = server.address("submission")?;
    let Some(predicted) = predicted(&report) else {
        return Ok((0, vec![format!("{}: nothing is predicted", live.name)]));
    };
    let candidates = candidates(release);
    let wrong = candidates.iter().filter_map(|(version, suite)| {
        let name = suite.openssl?;
        let seen = negotiates(address, *version, name);
        let expected = predicted.contains(&(*version, name));
        (seen != expected).then(|| {
            format!(
                "{}: {name} with {version}: predicted {expected}, seen {seen}",
                live.name
            )
        })
    });
    let mut wrong: Vec<String> = wrong.collect();
    let unknown = predicted.iter().filter(|(version, name)| {
        !candidates
            .iter()
            .any(|(one, suite)| one == version && suite.openssl == Some(name))
    });
    wrong.extend(unknown.map(|pair| format!("{}: {pair:?} is predicted, and no candidate", live.name)));
    println!(
        "{:<28} {:>3} of {} negotiated",
        live.name,
        predicted.len(),
        candidates.len()
    );
    server.stop()?;
    Ok((candidates.len(), wrong))
}

#[test]
fn what_is_negotiated_one_by_one_is_what_is_predicted() {
    let lab = Lab::new().unwrap_or_else(|error| panic!("{error}"));
    let postfix = lab.release().unwrap_or_else(|error| panic!("{error}"));
    let folder = std::env::temp_dir().join(format!("smtplint-suites-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder for keys");
    for kind in ["rsa", "ecdsa"] {
        chain(&folder, kind);
    }
    let results = in_parallel(&LIVE, 2, |live| compare(&lab, live, &folder, &postfix));
    fs::remove_dir_all(&folder).expect("the folder is ours");
    let (mut tried, mut failed) = (0, Vec::new());
    for (live, result) in LIVE.iter().zip(results) {
        match result {
            Ok((count, wrong)) => {
                tried += count;
                failed.extend(wrong);
            }
            Err(error) => failed.push(format!("{}: {error}", live.name)),
        }
    }
    println!(
        "Postfix {postfix}, OpenSSL {}: {tried} handshakes tried, {} wrong",
        release().1,
        failed.len()
    );
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
