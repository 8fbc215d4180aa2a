//! Certificates as OpenSSL reads them, and files as Postfix uses them: smtplint says the same.

#![allow(clippy::expect_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use smtplint_core::certificate::{self, Certificate, Content, Digest, KeyKind, Object, SeenFile};
use smtplint_core::dialects::postfix::Postfix;
use smtplint_core::source::{Source, SourceKind, Sources};
use smtplint_core::version::Target;
use smtplint_core::{Options, Report};
use smtplint_tests::lab::{Lab, LabConfiguration, Prediction, STRANGER};
use smtplint_tests::predict;
use smtplint_tests::program::{OPENSSL, in_parallel};

fn openssl(arguments: &[&str]) -> String {
    let mut command = OPENSSL.command().unwrap_or_else(|error| panic!("{error}"));
    command.args(arguments);
    let ran = OPENSSL
        .run(&mut command, b"", Duration::from_secs(60))
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(ran.code, Some(0), "openssl {arguments:?}: {}", ran.stderr);
    ran.stdout
}

fn argument(path: &Path) -> &str {
    path.to_str().expect("a path of letters")
}

/// Makes a key and a certificate of its own. `kind` goes behind `-newkey`, `more` stands as it is.
fn make(folder: &Path, name: &str, kind: &[&str], more: &[&str]) -> (PathBuf, PathBuf) {
    let (key, certificate) = (folder.join(format!("{name}.key")), folder.join(format!("{name}.pem")));
    let mut arguments = vec![
        "req",
        "-x509",
        "-nodes",
        "-keyout",
        argument(&key),
        "-out",
        argument(&certificate),
        "-newkey",
    ];
    arguments.extend(kind);
    arguments.extend(more);
    openssl(&arguments);
    (key, certificate)
}

fn own(path: &Path) -> Certificate {
    let text = fs::read_to_string(path).expect("a certificate");
    match certificate::read(&text).into_iter().next() {
        Some(Object::Certificate(one)) => one,
        other => panic!("{}: {other:?}", path.display()),
    }
}

/// What both are asked, one line each.
fn as_openssl_says(path: &Path) -> Vec<String> {
    let ask = |what: &[&str]| openssl(&[&["x509", "-noout", "-in", argument(path)], what].concat());
    let name = "-nameopt=dn_rev,sname,sep_comma_plus_space,utf8";
    let after = |text: String| {
        text.trim()
            .split_once('=')
            .map_or(String::new(), |(_, value)| value.to_owned())
    };
    let day = |text: String| after(text).split([' ', 'T']).next().unwrap_or("").to_owned();
    let text = ask(&["-text"]);
    let line = |start: &str| {
        text.lines()
            .map(str::trim)
            .find_map(|line| line.strip_prefix(start))
            .unwrap_or("")
            .trim()
            .to_owned()
    };
    let names = text
        .lines()
        .map(str::trim)
        .find(|line| line.contains("DNS:"))
        .unwrap_or("");
    let names: Vec<&str> = names.split(", ").filter_map(|name| name.strip_prefix("DNS:")).collect();
    vec![
        after(ask(&["-subject", name])),
        after(ask(&["-issuer", name])),
        day(ask(&["-startdate", "-dateopt=iso_8601"])),
        day(ask(&["-enddate", "-dateopt=iso_8601"])),
        names.join(" "),
        line("Public Key Algorithm:"),
        text.lines()
            .find_map(|line| line.split_once("Public-Key: ("))
            .map_or("", |(_, bits)| bits.trim_end_matches(" bit)"))
            .to_owned(),
        line("Signature Algorithm:"),
        text.contains("CA:TRUE").to_string(),
    ]
}

fn as_we_say(path: &Path, theirs: &[String]) -> Vec<String> {
    let one = own(path);
    // Names of algorithms are OpenSSL's business: one that fits what we say is repeated.
    let fits = |fits: bool, index: usize, ours: String| if fits { theirs[index].clone() } else { ours };
    let key = match one.key {
        KeyKind::Rsa => ["rsaEncryption", "rsassaPss"].contains(&theirs[5].as_str()),
        KeyKind::Ec => theirs[5] == "id-ecPublicKey",
        KeyKind::Dsa => theirs[5] == "dsaEncryption",
        KeyKind::Edwards => ["ED25519", "ED448"].contains(&theirs[5].as_str()),
        KeyKind::Other => false,
    };
    let signature = theirs[7].to_lowercase();
    let digest = match one.digest {
        Digest::Md5 => signature.contains("md5"),
        Digest::Sha1 => signature.contains("sha1"),
        Digest::Newer => !signature.contains("md5") && !signature.contains("sha1"),
    };
    vec![
        one.subject.clone(),
        one.issuer.clone(),
        certificate::day(one.not_before),
        certificate::day(one.not_after),
        one.dns_names.join(" "),
        fits(key, 5, format!("{:?}", one.key)),
        if one.bits == 0 {
            String::new()
        } else {
            one.bits.to_string()
        },
        fits(digest, 7, format!("{:?}", one.digest)),
        one.is_authority.to_string(),
    ]
}

#[test]
fn openssl_reads_the_same() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let parameters = folder.path().join("dsa.txt");
    openssl(&["dsaparam", "-out", argument(&parameters), "2048"]);
    let dsa = format!("dsa:{}", argument(&parameters));
    let long = (0..60)
        .map(|number| format!("DNS:host{number}.example.org"))
        .collect::<Vec<_>>()
        .join(",");
    let long = format!("subjectAltName=IP:192.0.2.1,email:a@example.org,{long}");
    let kinds: [(&str, &[&str], &[&str]); 10] = [
        (
            "rsa",
            &["rsa:2048"],
            &[
                "-subj",
                "/C=XX/ST=Somewhere/L=Town/O=Example, Ltd/OU=Mail/CN=mail.example.org",
                "-days",
                "90",
            ],
        ),
        ("rsa-1024-md5", &["rsa:1024"], &["-md5", "-subj", "/CN=a", "-days", "1"]),
        (
            "rsa-3072-sha1",
            &["rsa:3072"],
            &["-sha1", "-subj", "/CN=*.example.org", "-days", "36500"],
        ),
        (
            "pss",
            &["rsa-pss", "-pkeyopt", "rsa_keygen_bits:2048"],
            &["-subj", "/CN=a", "-addext", &long],
        ),
        (
            "p-256",
            &["ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
            &["-subj", "/CN=a", "-addext", "subjectAltName=DNS:*.example.org"],
        ),
        (
            "p-384",
            &["ec", "-pkeyopt", "ec_paramgen_curve:P-384"],
            &["-sha512", "-subj", "/CN=Bücher", "-utf8"],
        ),
        (
            "p-521",
            &["ec", "-pkeyopt", "ec_paramgen_curve:P-521"],
            &["-sha1", "-subj", "/O=No common name"],
        ),
        ("dsa", &[&dsa], &["-subj", "/CN=a", "-sha256"]),
        ("ed25519", &["ed25519"], &["-subj", "/CN=a"]),
        ("ed448", &["ed448"], &["-subj", "/CN=a"]),
    ];
    let mut paths: Vec<PathBuf> = kinds
        .iter()
        .map(|(name, kind, more)| make(folder.path(), name, kind, more).1)
        .collect();
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/tests/certificates");
    let entries = fs::read_dir(kept)
        .expect("the folder")
        .map(|entry| entry.expect("an entry").path());
    paths.extend(entries.filter(|path| path.extension().is_some_and(|end| end == "pem")));
    assert!(paths.len() >= 25, "only {} certificates", paths.len());
    for path in paths {
        let theirs = as_openssl_says(&path);
        assert_eq!(as_we_say(&path, &theirs), theirs, "{}", path.display());
    }
}

const COMMON: &str = "compatibility_level = 3.6\nmyhostname = mail.example.test\nsmtpd_tls_security_level = may\n\
    smtpd_tls_protocols = >=TLSv1.2\n";
const MX: &str = "smtp inet n - n - - smtpd\n";

/// What smtplint says once it has seen the files.
fn judge(main_cf: &str) -> Report {
    let mut sources = Sources::new();
    sources.add(Source::new("main.cf", main_cf, SourceKind::Authored));
    sources.add(Source::new("master.cf", MX, SourceKind::Authored));
    let mut target = Target::default();
    target.add("postfix=3.7").expect("a target");
    for file in smtplint_core::named_files(&sources, &Postfix, &target) {
        let content = match fs::read_to_string(&file.path) {
            Err(_) => Content::Missing,
            Ok(_) if file.is_key => Content::Unseen("is not opened"),
            Ok(text) => Content::Holds(certificate::read(&text)),
        };
        target.seen.files.insert(
            file.path,
            SeenFile {
                content,
                everyone_reads: Some(false),
            },
        );
    }
    smtplint_core::check(
        &sources,
        &Postfix,
        &Options {
            target,
            ..Options::default()
        },
    )
}

#[test]
fn postfix_uses_the_files_that_we_say_it_uses() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let more = [
        "-subj",
        "/CN=mail.example.test",
        "-addext",
        "subjectAltName=DNS:mail.example.test",
    ];
    let (key, certificate) = make(folder.path(), "rsa", &["rsa:2048"], &more);
    let (ec_key, ec) = make(
        folder.path(),
        "ec",
        &["ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
        &more,
    );
    let join = |name: &str, parts: &[&Path]| {
        let text: String = parts
            .iter()
            .map(|part| fs::read_to_string(part).expect("a part"))
            .collect();
        let path = folder.path().join(name);
        fs::write(&path, text).expect("it is written");
        argument(&path).to_owned()
    };
    let both = join("both", &[&key, &certificate]);
    let reversed = join("reversed", &[&certificate, &key]);
    let nothing = join("nothing", &[]);
    let two = join("two", &[&key, &certificate, &ec_key, &ec]);
    let (key, certificate, ec_key, ec) = (argument(&key), argument(&certificate), argument(&ec_key), argument(&ec));
    let chain = |files: &str| format!("smtpd_tls_chain_files = {files}\n");
    let pair =
        |certificate: &str, key: &str| format!("smtpd_tls_cert_file = {certificate}\nsmtpd_tls_key_file = {key}\n");
    let cases = [
        (pair(certificate, key), true),
        (
            pair(certificate, key) + &pair(ec, ec_key).replace("tls_", "tls_ec"),
            true,
        ),
        (
            pair(certificate, key) + &pair("/missing", ec_key).replace("tls_", "tls_ec"),
            false,
        ),
        (pair(certificate, "/missing"), false),
        (pair("/missing", key), false),
        (pair(key, key), false),
        (format!("smtpd_tls_cert_file = {certificate}\n"), false),
        (format!("smtpd_tls_cert_file = {reversed}\n"), true),
        (format!("smtpd_tls_cert_file = {both}\n"), true),
        (chain(&both), true),
        (chain(&two), true),
        (chain(&format!("{key}, {certificate}")), true),
        (chain(&format!("{key} {certificate} {ec_key} {ec}")), true),
        (chain(&format!("{certificate}, {key}")), false),
        (chain(&reversed), false),
        (chain(&format!("{both}, /missing")), true),
        (chain(&format!("/missing, {both}")), true),
        (chain(&format!("{two}, /missing")), true),
        (chain(&format!("{both}, {ec_key}")), false),
        (chain(&format!("{key} {ec_key} {ec}")), false),
        (chain(&format!("{key}, {nothing}, {certificate}")), true),
        (chain(&nothing), false),
        (chain(&both) + &pair("/missing", "/missing"), true),
    ];
    let lab = Lab::new().unwrap_or_else(|error| panic!("{error}"));
    let observed = in_parallel(&cases, 4, |(lines, _)| {
        let configuration =
            LabConfiguration::new("certificates", &format!("{COMMON}{lines}"), MX).with_certificates_as_written();
        let server = lab.start(&configuration)?;
        let observed = server.observe("smtp", STRANGER);
        server.stop()?;
        observed
    });
    for ((lines, works), observed) in cases.iter().zip(observed) {
        let observed = observed.unwrap_or_else(|error| panic!("{lines}: {error}"));
        let report = judge(&format!("{COMMON}{lines}"));
        let listener = report.server.listeners.first().expect("a listener");
        assert_eq!(
            listener.tls.works.known(),
            Some(works),
            "{lines}: {:?}",
            listener.tls.identity
        );
        let (_, prediction) = Prediction::of_service(&predict::line(listener)).expect("a prediction");
        assert_eq!(
            observed.disagreements(&prediction),
            Vec::<String>::new(),
            "{lines}: {observed}"
        );
    }
}
