//! xmllint with the official GAR-ENT schemas, where both are at hand: the schemas are not ours to publish.
#![allow(dead_code, missing_docs, clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use conforment::generate::Degree;

/// The schema of a degree; says why it is not used where it is not.
pub fn schema(degree: Degree) -> Option<PathBuf> {
    let folder = std::env::var_os("CONFORMENT_GAR_XSD").map_or_else(|| PathBuf::from("/work/shared/data/gar/xsd"), PathBuf::from);
    let name = if degree == Degree::D1 { "GAR-ENT-1D.xsd" } else { "GAR-ENT.xsd" };
    let path = folder.join(name);
    if Command::new("xmllint").arg("--version").output().is_err() || !path.exists() {
        eprintln!("skipped: xmllint or the GAR-ENT schemas are not here (CONFORMENT_GAR_XSD names their folder)");
        return None;
    }
    Some(path)
}

/// The files of a directory that xmllint refuses, and what it has against them.
pub fn refused(schema: &Path, dir: &Path, files: &[String]) -> BTreeMap<String, String> {
    let mut all: BTreeMap<String, String> = files.iter().map(|f| (f.clone(), String::new())).collect();
    for part in files.chunks(1000) {
        let run =
            Command::new("xmllint").current_dir(dir).args(["--nonet", "--noout", "--schema"]).arg(schema).args(part).output().unwrap();
        for line in String::from_utf8_lossy(&run.stderr).lines() {
            if let Some(valid) = line.strip_suffix(" validates") {
                all.remove(valid);
            } else if let Some(told) = line.split(':').next().and_then(|name| all.get_mut(name)) {
                told.push_str(line);
                told.push('\n');
            }
        }
    }
    all
}
