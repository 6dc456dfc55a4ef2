//! `ent.yaml`: what is audited, where it is, within which perimeter.
//!
//! Paths are relative to the file. Nothing is contacted or read that this file, or the command line, does not name.

#[cfg(feature = "live")]
pub mod ldap;
#[cfg(feature = "live")]
pub mod live;

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::report::model::Waiver;
use crate::rules::directory::{Dialect, Local};
use crate::rules::model::{Degree, Domain};
use crate::rules::yaml::{self, FileError};

/// A target file.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// Version of this format: 1.
    #[schemars(range(min = 1, max = 1))]
    pub version: u32,
    /// Name of the ENT, printed on the report.
    pub name: String,
    /// What kind of platform it is. Checks that could disturb users run on `recette` only.
    #[serde(default)]
    pub environment: Environment,
    /// Requirement set; `sdet-6.3` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ruleset: Option<String>,
    /// Directory of requirement sets to add to those of the tool.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<PathBuf>,
    /// Tailoring file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tailoring: Option<PathBuf>,
    /// Domains audited: everything in them is judged, what is missing is undetermined. When absent,
    /// those of the sources.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domains: Option<Vec<Domain>>,
    /// What is observed.
    pub sources: Vec<SourceSpec>,
    /// Failures accepted for a time. They stay failures.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waivers: Vec<Waiver>,
}

/// Kind of platform.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// In use.
    #[default]
    Production,
    /// For tests.
    Recette,
}

/// One source.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum SourceSpec {
    /// An AAF feed: a delivery, or a Complet with the Deltas that apply to it.
    Aaf {
        /// Directory, zip, tar.gz or file.
        path: PathBuf,
        /// Deltas to apply on it, in order.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        deltas: Vec<PathBuf>,
        /// School level, when the files do not tell it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        degree: Option<Degree>,
        /// Name in the report; the file name when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        label: Option<String>,
    },
    /// What the ENT sends to the GAR: a GAR-ENT delivery.
    Gar {
        /// Directory, tar.gz with its `.md5` beside, zip or file.
        path: PathBuf,
        /// The last delivery that was accepted, to compare with.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        previous: Option<PathBuf>,
        /// School level, when the files do not tell it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        degree: Option<Degree>,
        /// Name in the report; the file name when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        label: Option<String>,
    },
    /// The directory of the ENT: an LDIF export.
    Annuaire {
        /// LDIF file, directory, zip or tar.gz of them.
        path: PathBuf,
        /// How it is written, where that should not be left to detection.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        dialect: Option<Dialect>,
        /// Level of the schools it holds, where deliveries of both levels are audited with it: it is read with those of its level.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        degree: Option<Degree>,
        /// Classes and attributes that it has beside the model, and is known to have.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        local: Option<Local>,
        /// Name in the report; the file name when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        label: Option<String>,
    },
    /// The directory of the ENT, read from its server.
    #[cfg(feature = "live")]
    Ldap(Box<ldap::LdapSpec>),
    /// A CAS server, asked with the safe probes only unless told otherwise.
    #[cfg(feature = "live")]
    Cas(Box<live::CasSpec>),
    /// A page of the ENT: its TLS and its headers.
    #[cfg(feature = "live")]
    Web(Box<live::WebSpec>),
}

impl SourceSpec {
    /// The domains whose requirements this source feeds.
    #[must_use]
    pub fn domains(&self) -> &'static [Domain] {
        match self {
            Self::Aaf { .. } => &[Domain::Alimentation],
            Self::Gar { .. } => &[Domain::Gar],
            Self::Annuaire { .. } => &[Domain::Annuaire],
            #[cfg(feature = "live")]
            Self::Ldap(_) => &[Domain::Annuaire],
            #[cfg(feature = "live")]
            Self::Cas(spec) if spec.services.is_empty() => &[Domain::SsoCas, Domain::Securite],
            #[cfg(feature = "live")]
            Self::Cas(_) => &[Domain::SsoCas, Domain::Securite, Domain::ServicesTiers],
            #[cfg(feature = "live")]
            Self::Web(_) => &[Domain::Securite],
        }
    }

    /// Whether it gives records: a source that is only observed gives facts.
    #[must_use]
    pub fn gives_records(&self) -> bool {
        match self {
            #[cfg(feature = "live")]
            Self::Cas(_) | Self::Web(_) => false,
            _ => true,
        }
    }

    /// What it declares of a directory beside the model.
    #[must_use]
    pub fn local(&self) -> Option<&Local> {
        match self {
            Self::Annuaire { local, .. } => local.as_ref(),
            #[cfg(feature = "live")]
            Self::Ldap(spec) => spec.local.as_ref(),
            _ => None,
        }
    }

    /// Files that it names, to be found from where the target file is.
    fn paths(&mut self) -> Vec<&mut PathBuf> {
        match self {
            Self::Aaf { path, deltas, .. } => std::iter::once(path).chain(deltas).collect(),
            Self::Gar { path, previous, .. } => std::iter::once(path).chain(previous).collect(),
            Self::Annuaire { path, .. } => vec![path],
            #[cfg(feature = "live")]
            Self::Ldap(spec) => spec.bind.iter_mut().filter_map(|a| a.file.as_mut()).chain(&mut spec.ca).collect(),
            #[cfg(feature = "live")]
            Self::Cas(spec) => {
                let files = spec.accounts.iter_mut().filter_map(|a| a.file.as_mut());
                files.chain(&mut spec.network.ca).collect()
            }
            #[cfg(feature = "live")]
            Self::Web(spec) => spec.network.ca.iter_mut().collect(),
        }
    }
}

impl Target {
    /// Reads a target file; paths in it become relative to the current directory.
    ///
    /// # Errors
    /// Place, pointer and reason of what is wrong.
    pub fn parse(file: &Path, text: &str) -> Result<Self, FileError> {
        let mut target: Self = yaml::typed(file, text)?;
        if target.version != 1 {
            return Err(yaml::error_at(file, text, "/version", "this tool reads version 1"));
        }
        if target.sources.is_empty() {
            return Err(yaml::error_at(file, text, "/sources", "at least one source is expected"));
        }
        for (i, waiver) in target.waivers.iter().enumerate() {
            if waiver.until.parse::<jiff::civil::Date>().is_err() {
                return Err(yaml::error_at(file, text, &format!("/waivers/{i}/until"), "a date is expected: 2026-12-31"));
            }
        }
        for (i, source) in target.sources.iter().enumerate() {
            if let Some(pointer) = source.local().and_then(Local::fault) {
                return Err(yaml::error_at(
                    file,
                    text,
                    &format!("/sources/{i}{pointer}"),
                    "a name is expected: letters, digits and hyphens",
                ));
            }
        }
        #[cfg(feature = "live")]
        for (i, source) in target.sources.iter().enumerate() {
            if let Err((pointer, why)) = live::check(source) {
                return Err(yaml::error_at(file, text, &format!("/sources/{i}{pointer}"), &why));
            }
        }
        let base = file.parent().unwrap_or(Path::new(""));
        let rebase = |path: &mut PathBuf| *path = base.join(&*path);
        target.rules.iter_mut().for_each(rebase);
        target.tailoring.iter_mut().for_each(rebase);
        target.sources.iter_mut().flat_map(SourceSpec::paths).for_each(rebase);
        Ok(target)
    }

    /// The perimeter: declared, or that of the sources.
    #[must_use]
    pub fn perimeter(&self) -> Vec<Domain> {
        let mut domains = self.domains.clone().unwrap_or_else(|| self.sources.iter().flat_map(SourceSpec::domains).copied().collect());
        domains.sort_unstable();
        domains.dedup();
        domains
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative_to_the_file() {
        let text = "version: 1\nname: ENT\nsources:\n  - {kind: aaf, path: livraison, deltas: [delta]}\n";
        let target = Target::parse(Path::new("a/ent.yaml"), text).expect("target");
        let SourceSpec::Aaf { path, deltas, .. } = &target.sources[0] else { panic!("an AAF source") };
        assert_eq!((path.as_path(), deltas[0].as_path()), (Path::new("a/livraison"), Path::new("a/delta")));
        assert_eq!(target.perimeter(), [Domain::Alimentation]);
    }

    #[test]
    fn a_directory_may_declare_its_dialect() {
        let text =
            "version: 1\nname: ENT\nsources:\n  - {kind: annuaire, path: a.ldif, degree: 2D, dialect: {composites: uai, suffix: dc=ent}}\n";
        let target = Target::parse(Path::new("a/ent.yaml"), text).expect("target");
        let SourceSpec::Annuaire { path, dialect, degree, .. } = &target.sources[0] else { panic!("a directory") };
        assert_eq!(*degree, Some(Degree::D2));
        let composites = dialect.as_ref().and_then(|d| d.composites).map(|c| c.as_str());
        assert_eq!((path.as_path(), composites), (Path::new("a/a.ldif"), Some("uai")));
        assert_eq!(target.perimeter(), [Domain::Annuaire]);
    }

    #[test]
    fn a_dialect_may_be_one_word() {
        let text = |dialect: &str| format!("version: 1\nname: ENT\nsources:\n  - {{kind: annuaire, path: a.ldif, dialect: {dialect}}}\n");
        let target = Target::parse(Path::new("ent.yaml"), &text("group-dn")).expect("target");
        let SourceSpec::Annuaire { dialect: Some(dialect), .. } = &target.sources[0] else { panic!("a directory") };
        assert_eq!(dialect.composites.map(|c| c.as_str()), Some("group-dn"));
        assert_eq!(serde_json::to_value(dialect).expect("json"), serde_json::json!({"composites": "group-dn"}));
        let wrong = |dialect: &str| Target::parse(Path::new("ent.yaml"), &text(dialect)).expect_err("wrong").to_string();
        assert!(wrong("uia").contains("`dn`, `group-dn`, `uai`, `id`"), "{}", wrong("uia"));
        assert!(wrong("[uai]").contains("a mapping of `composites`, `profiles` and `suffix`"), "{}", wrong("[uai]"));
        assert!(wrong("{composite: uai}").contains("composite"), "{}", wrong("{composite: uai}"));
    }

    #[test]
    fn a_directory_may_declare_what_is_its_own() {
        let text = |name: &str| {
            format!(
                "version: 1\nname: ENT\nsources:\n  - {{kind: annuaire, path: a.ldif, local: {{classes: [ESCOAddons], attributes: [{name}]}}}}\n"
            )
        };
        let target = Target::parse(Path::new("a/ent.yaml"), &text("ESCOUAI")).expect("target");
        assert_eq!(target.sources[0].local().map(|l| l.attributes.as_slice()), Some(["ESCOUAI".to_owned()].as_slice()));
        let error = Target::parse(Path::new("ent.yaml"), &text("'ESCO*'")).expect_err("no name").to_string();
        assert!(error.contains("/sources/0/local/attributes/0"), "{error}");
    }

    #[test]
    fn errors_name_the_place() {
        let wrong = |text: &str| Target::parse(Path::new("ent.yaml"), text).expect_err("wrong").to_string();
        assert!(wrong("version: 2\nname: x\nsources: [{kind: aaf, path: x}]").starts_with("ent.yaml:1 (/version)"));
        assert!(wrong("version: 1\nname: x\nsources: []").contains("/sources"));
        assert!(wrong("version: 1\nname: x\nsource: []\n").contains("ent.yaml:"));
    }
}
