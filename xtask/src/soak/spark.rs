//! The example of `smtplint mx` on Spark, run as it stands: what comes of it is what comes of one run of the command.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::bulk::{FLAGS, NameServer, asking, domain, fresh, server_flag, written};
use crate::Error;
use crate::run::{cargo, find, root, run, step, target_directory};

/// The release that the example is run with.
const RELEASE: &str = "pyspark==4.3.0";

/// How many times the command runs on the list.
const PARTITIONS: &str = "7";

/// A program that the example needs.
fn needed(name: &'static str, package: &str) -> Result<PathBuf, Error> {
    find(name).ok_or_else(|| Error::Missing {
        list: format!("  {name:<18} the example on Spark"),
        remedy: format!("On Debian: apt-get install --no-install-recommends {package}"),
    })
}

/// A Python that has Spark, made where it is not there yet.
fn python(folder: &Path) -> Result<PathBuf, Error> {
    needed("java", "default-jre-headless")?;
    let system = needed("python3", "python3-venv")?;
    let place = folder.join("spark-python");
    let python = place.join("bin/python");
    let has_spark = || {
        let asked = Command::new(&python).args(["-c", "import pyspark"]).output();
        asked.is_ok_and(|output| output.status.success())
    };
    if !has_spark() {
        run("an environment", Command::new(system).args(["-m", "venv"]).arg(&place))?;
        run(
            "Spark",
            Command::new(&python).args(["-m", "pip", "install", "--quiet", RELEASE]),
        )?;
    }
    Ok(python)
}

/// Records by their domains, without the time at which they were made; what stands there twice or is none is wrong.
fn records(paths: &[PathBuf], wrong: &mut Vec<String>) -> Result<BTreeMap<String, Value>, Error> {
    let mut all = BTreeMap::new();
    for path in paths {
        let file = File::open(path).map_err(Error::file("open", path))?;
        for line in BufReader::new(file).lines() {
            let line = line.map_err(Error::file("read", path))?;
            let mut record: Value = serde_json::from_str(&line).map_err(|error| Error::Answer {
                program: "smtplint mx",
                why: error.to_string(),
            })?;
            record["at"] = Value::Null;
            let domain = record["domain"].as_str().unwrap_or("none").to_owned();
            if all.insert(domain.clone(), record).is_some() {
                wrong.push(format!("{domain} has two records"));
            }
        }
    }
    Ok(all)
}

/// The files that Spark wrote, one for each partition.
fn parts(results: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut parts = Vec::new();
    for entry in fs::read_dir(results).map_err(Error::file("read", results))? {
        let path = entry.map_err(Error::file("read", results))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with("part-") {
            parts.push(path);
        }
    }
    Ok(parts)
}

/// Asks about so many domains in one run, and once more in partitions on Spark.
///
/// # Errors
///
/// [`Error::Soak`] when a domain is lost or repeated, or has another record; [`Error::Missing`] when Java, Python or NSD is;
/// the failing step's error.
pub fn spark(domains: u64) -> Result<(), Error> {
    let target = target_directory()?;
    let folder = target.join("soak");
    fs::create_dir_all(&folder).map_err(Error::file("create", &folder))?;
    let python = step("Spark", || python(&folder))?;
    // How fast it is matters to other soaks.
    step("the command", || {
        run("the command", &mut cargo(&["build", "--package", "smtplint"]))
    })?;
    let command = target.join("debug/smtplint");
    let folder = folder.join("spark");
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(Error::file("remove", &folder))?;
    }
    fs::create_dir_all(&folder).map_err(Error::file("create", &folder))?;
    let server = step("the name server", || NameServer::start(&folder, domains))?;
    let list = folder.join("list");
    // Both forms of a line, and some of them twice.
    let lines = (0..domains).flat_map(|number| {
        let name = domain(number);
        let line = if number % 2 == 0 {
            name
        } else {
            format!("{{\"domain\":\"{name}\",\"rank\":{number}}}")
        };
        std::iter::repeat_n(line, if number % 10 == 0 { 2 } else { 1 })
    });
    written(&list, lines)?;
    let (plain, results) = (folder.join("plain"), folder.join("results"));
    let names = folder.join("names");
    written(&names, (0..domains).map(domain))?;
    step("one run", || {
        fresh(&plain)?;
        run("one run", &mut asking(&command, &names, &plain)?)
    })?;
    step("on Spark", || {
        let mut example = Command::new(&python);
        example
            .arg(root().join("docs/mx-on-spark.py"))
            .args([&list, &results])
            .args(["--partitions", PARTITIONS])
            .args(FLAGS)
            .args(server_flag())
            .env("SMTPLINT", &command)
            .env("PYSPARK_PYTHON", &python)
            .env("SPARK_LOCAL_IP", "127.0.0.1");
        run("the example", &mut example)
    })?;
    drop(server);
    let mut wrong = Vec::new();
    let expected = records(&[plain], &mut wrong)?;
    let parts = parts(&results)?;
    let got = records(&parts, &mut wrong)?;
    let differ = expected
        .iter()
        .filter(|(domain, record)| got.get(*domain) != Some(*record));
    let differ: Vec<&String> = differ.map(|(domain, _)| domain).collect();
    println!(
        "    {} domains in one run, {} in {} parts; {} differ",
        expected.len(),
        got.len(),
        parts.len(),
        differ.len()
    );
    if (expected.len() as u64, got.len() as u64) != (domains, domains) {
        wrong.push(format!(
            "of {domains} domains {} and {} have a record",
            expected.len(),
            got.len()
        ));
    }
    if let Some(first) = differ.first() {
        wrong.push(format!("{} domains have other records, such as {first}", differ.len()));
    }
    if expected
        .values()
        .any(|record| !record["error"].is_null() || record["mx"]["status"] != "found")
    {
        wrong.push("the name server did not answer for all".to_owned());
    }
    fs::remove_dir_all(&folder).map_err(Error::file("remove", &folder))?;
    if wrong.is_empty() {
        return Ok(());
    }
    Err(Error::Soak {
        list: wrong.join("\n  "),
    })
}
