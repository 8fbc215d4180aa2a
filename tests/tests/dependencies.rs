//! What the project is built from: licences, and what the core may lean on. Asked of cargo, without a network.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on says so")]

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// The licences a dependency may come under; `deny.toml` has the same list.
const LICENCES: [&str; 10] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-3-Clause",
    "BSL-1.0",
    "ISC",
    "MIT",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Packages that may come under one more licence; `deny.toml` says why.
const EXCEPTIONS: [(&str, &str); 3] = [
    ("webdriver", "MPL-2.0"),
    ("borrow-or-share", "MIT-0"),
    ("base16", "CC0-1.0"),
];

/// What the core may use: data structures and text, nothing that reads files, sockets, clocks or the environment.
const CORE: [&str; 7] = [
    "memchr",
    "quick-xml",
    "schemars",
    "serde",
    "serde_json",
    "sha2",
    "thiserror",
];

/// What would bring files, sockets or an event loop into the core by a detour.
const WORLDLY: [&str; 12] = [
    "async-std",
    "chrono",
    "getrandom",
    "hickory-resolver",
    "hyper",
    "mio",
    "rand",
    "reqwest",
    "rustix",
    "rustls",
    "socket2",
    "tokio",
];

/// One build's packages and how they depend on each other, build and development apart.
struct Graph {
    packages: BTreeMap<String, Value>,
    nodes: BTreeMap<String, Value>,
}

impl Graph {
    /// What is built for one target with the features these tests were built with: cargo has fetched exactly that.
    fn of(target: &str) -> Self {
        let mut command = Command::new(env!("CARGO"));
        command
            .args([
                "metadata",
                "--offline",
                "--locked",
                "--format-version",
                "1",
                "--filter-platform",
                target,
            ])
            .current_dir(env!("CARGO_MANIFEST_DIR"));
        if cfg!(feature = "lab") {
            command.args(["--features", "lab"]);
        }
        let output = command.output().expect("the cargo that built this still runs");
        assert!(
            output.status.success(),
            "cargo metadata for {target}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo writes JSON");
        let by_id = |list: &Value| -> BTreeMap<String, Value> {
            let list = list.as_array().expect("a list").iter();
            list.map(|item| (item["id"].as_str().expect("an id").to_owned(), item.clone()))
                .collect()
        };
        let nodes = by_id(&metadata["resolve"]["nodes"]);
        let mut packages = by_id(&metadata["packages"]);
        packages.retain(|id, _| nodes.contains_key(id));
        Self { packages, nodes }
    }

    fn of_this_machine() -> Self {
        let output = Command::new("rustc").arg("-vV").output().expect("rustc is there");
        let text = String::from_utf8(output.stdout).expect("rustc writes text");
        let host = text.lines().find_map(|line| line.strip_prefix("host: "));
        Self::of(host.expect("rustc names its host"))
    }

    fn name(&self, id: &str) -> &str {
        self.packages[id]["name"].as_str().expect("a name")
    }

    fn id(&self, name: &str) -> &str {
        let found = self.packages.keys().find(|id| self.name(id) == name);
        found.unwrap_or_else(|| panic!("no package {name}"))
    }

    /// What a package needs when it runs: not what only its tests or its build need.
    fn needs(&self, id: &str) -> impl Iterator<Item = &str> {
        let needed = |dependency: &&Value| {
            let kinds = dependency["dep_kinds"].as_array().expect("kinds");
            kinds.iter().any(|kind| kind["kind"].is_null())
        };
        let dependencies = self.nodes[id]["deps"].as_array().expect("dependencies").iter();
        dependencies
            .filter(needed)
            .map(|dependency| dependency["pkg"].as_str().expect("an id"))
    }

    /// The names of everything a package is made of, itself included.
    fn closure(&self, name: &str) -> BTreeSet<&str> {
        let mut seen = BTreeSet::new();
        let mut open = vec![self.id(name)];
        while let Some(id) = open.pop() {
            if seen.insert(id) {
                open.extend(self.needs(id));
            }
        }
        seen.into_iter().map(|id| self.name(id)).collect()
    }
}

#[test]
fn every_dependency_has_a_licence_we_accept() {
    let graph = Graph::of_this_machine();
    assert!(
        graph.packages.len() > 20,
        "cargo named only {} packages",
        graph.packages.len()
    );
    let mut refused = Vec::new();
    for package in graph.packages.values() {
        let name = package["name"].as_str().expect("a name");
        let licence = package["license"].as_str().unwrap_or("none named");
        let accepted = |one: &str| LICENCES.contains(&one) || EXCEPTIONS.contains(&(name, one));
        if !allows(licence, &accepted) {
            refused.push(format!("  {name} {}: {licence}", package["version"]));
        }
    }
    assert!(
        refused.is_empty(),
        "these dependencies come under licences that are not on the list in this file and in deny.toml:\n{}\n\
         Use another crate, or add the licence to both lists and say why.",
        refused.join("\n")
    );
}

#[test]
fn every_dependency_comes_from_crates_io_or_from_here() {
    let graph = Graph::of_this_machine();
    for (id, package) in &graph.packages {
        let source = &package["source"];
        assert!(
            source.is_null() || source == "registry+https://github.com/rust-lang/crates.io-index",
            "{id} comes from {source}"
        );
    }
}

#[test]
fn the_core_uses_only_what_reads_nothing_of_the_world() {
    let graph = Graph::of_this_machine();
    for id in graph.needs(graph.id("smtplint-core")) {
        let name = graph.name(id);
        assert!(
            CORE.contains(&name),
            "the core uses `{name}`, which is not on its list: the core runs in a browser and in tests without \
             files, sockets, clock or environment. If `{name}` needs none of them either, add it to CORE here."
        );
    }
    let core = graph.closure("smtplint-core");
    for name in WORLDLY {
        assert!(
            !core.contains(name),
            "the core uses `{name}` by a detour: cargo tree -p smtplint-core -i {name}"
        );
    }
}

/// On the machine itself Yew brings an event loop along; in the browser there must be none.
/// In the lab, because only there the page has been built for certain.
#[cfg(feature = "lab")]
#[test]
fn the_page_has_no_event_loop_and_no_sockets() {
    let graph = Graph::of("wasm32-unknown-unknown");
    let page = graph.closure("smtplint-web");
    assert!(page.contains("yew"));
    for name in ["hickory-resolver", "hyper", "mio", "reqwest", "rustls", "socket2"] {
        assert!(!page.contains(name), "the page uses `{name}`");
    }
}

/// Whether an SPDX expression can be met with accepted licences alone. The old `A/B` means `A OR B`.
fn allows(expression: &str, accepted: &dyn Fn(&str) -> bool) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    either(&mut rest, accepted) && rest.is_empty()
}

/// `A OR B`, which binds less than `AND`.
fn either(rest: &mut &[&str], accepted: &dyn Fn(&str) -> bool) -> bool {
    let mut verdict = both(rest, accepted);
    while let ["OR", after @ ..] = *rest {
        *rest = after;
        verdict |= both(rest, accepted);
    }
    verdict
}

fn both(rest: &mut &[&str], accepted: &dyn Fn(&str) -> bool) -> bool {
    let mut verdict = one(rest, accepted);
    while let ["AND", after @ ..] = *rest {
        *rest = after;
        verdict &= one(rest, accepted);
    }
    verdict
}

fn one(rest: &mut &[&str], accepted: &dyn Fn(&str) -> bool) -> bool {
    match *rest {
        ["(", after @ ..] => {
            *rest = after;
            let verdict = either(rest, accepted);
            let [")", after @ ..] = *rest else {
                return false;
            };
            *rest = after;
            verdict
        }
        [name, "WITH", exception, after @ ..] => {
            *rest = after;
            accepted(&format!("{name} WITH {exception}"))
        }
        [name, after @ ..] => {
            *rest = after;
            accepted(name)
        }
        [] => false,
    }
}

#[test]
fn licence_expressions_are_understood() {
    let accepted = |one: &str| ["MIT", "Zlib", "Apache-2.0 WITH LLVM-exception"].contains(&one);
    for good in [
        "MIT",
        "GPL-3.0 OR MIT",
        "MIT/Apache-2.0",
        "MIT AND Zlib",
        "(GPL-3.0 OR MIT) AND Zlib",
        "Apache-2.0 WITH LLVM-exception OR GPL-3.0",
        "GPL-3.0 AND Apache-2.0 OR Zlib",
    ] {
        assert!(allows(good, &accepted), "{good}");
    }
    for bad in [
        "",
        "GPL-3.0",
        "MIT AND GPL-3.0",
        "Apache-2.0",
        "MIT WITH LLVM-exception",
        "(MIT",
        "MIT)",
        "MIT Zlib",
        "none named",
    ] {
        assert!(!allows(bad, &accepted), "{bad}");
    }
}
