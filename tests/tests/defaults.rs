//! The table of defaults against what `postconf -d` printed on real systems of three releases, kept beside the project.

#![allow(clippy::panic, reason = "helpers of tests fail as tests do")]
#![allow(clippy::print_stdout, reason = "the counts are the test's report")]

use std::fs;
use std::path::Path;

use smtplint_core::version::Version;
use smtplint_tests::defaults::compare;

#[test]
fn the_table_is_what_postconf_prints() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/lab/defaults");
    if !folder.is_dir() {
        println!("no recordings beside the project; lab_oracle asks the installed Postfix");
        return;
    }
    for (file, version) in [
        ("postfix-3.5.25.txt", Version::new(3, 5, 25)),
        ("postfix-3.7.11.txt", Version::new(3, 7, 11)),
        ("postfix-3.10.13.txt", Version::new(3, 10, 13)),
    ] {
        let printed = fs::read_to_string(folder.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        let (equal, wrong) = compare(version, &printed);
        println!("{file}: {equal} defaults equal");
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert!(equal > 800, "{file}: only {equal} compared");
    }
}
