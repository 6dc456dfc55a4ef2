//! A set ready for use: joined with the set it extends, tailored, every word of it checked.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::contract::Contract;
use super::directory::DirectoryModel;
use super::library::{At, Library, LibraryError, SetFiles, each_on_threads};
use super::model::{
    Basis, Check, Level, MAX_PASSED, Nomenclature, OneOrMany, RecordCheck, References, Referentiel, Requirement, Tailoring,
};
use super::schema::{self, Shape};
use super::yaml::{self, FileError};
use crate::check::schema::{Schemas, Vocabulary, fill_parameters};
use crate::check::selector::Key;
use crate::source::annuaire::model::Model;
use crate::source::{Kind, observation};

/// Facts documents that files give; those of live sources are [`observation::PROBES`].
pub const FACTS: &[&str] = &["aaf.delivery", "aaf.file", "gar.delivery", "gar.file", "annuaire.delivery", "annuaire.file"];

/// A set, complete and checked.
#[derive(Clone, Debug)]
pub struct RuleSet {
    /// What the set says of itself.
    pub referentiel: Referentiel,
    /// Requirements, tailored, parameters filled in.
    pub requirements: Vec<Requirement>,
    /// Code lists.
    pub vocabulary: Vocabulary,
    /// Code lists as written.
    pub nomenclatures: BTreeMap<String, Nomenclature>,
    /// What third-party services expect, by name.
    pub contracts: BTreeMap<String, Contract>,
    /// The reference model of the directory as written, by part.
    pub directory: BTreeMap<String, DirectoryModel>,
    /// Requirements left out by the user: reported as `excluded`.
    pub excluded: BTreeSet<String>,
    /// Values of parameters as used: requirement → name → value.
    pub parameters: BTreeMap<String, BTreeMap<String, Value>>,
    /// The profile chosen.
    pub profile: Option<String>,
    /// The tailoring applied.
    pub tailoring: Option<Tailoring>,
    /// What the tailoring changed, one line each.
    pub tailored: Vec<String>,
    /// SHA-256 of all that decides a verdict.
    pub hash: String,
}

impl RuleSet {
    /// Opens a set, with the one it extends, and applies a tailoring.
    ///
    /// # Errors
    /// Every error found in the files: place, pointer, reason.
    pub fn open(library: &Library, name: &str, tailoring: Option<(&Path, &str)>) -> Result<Self, LibraryError> {
        let mut files = joined(library, name, &mut Vec::new())?;
        let mut errors = check(&files);
        let written = std::mem::take(&mut files.requirements).into_iter();
        let (places, requirements): (Vec<At>, Vec<Requirement>) = written.map(|w| (w.at, w.requirement)).unzip();
        let mut set = Self {
            vocabulary: Vocabulary::new(files.nomenclatures.iter().map(|(_, n)| n))
                .with_directory(files.directory.iter().map(|(_, part)| part)),
            directory: files.directory.iter().map(|(_, part)| (part.id.clone(), part.clone())).collect(),
            nomenclatures: files.nomenclatures.iter().map(|(_, n)| (n.id.clone(), n.clone())).collect(),
            contracts: files.contracts.iter().map(|(_, c)| (c.id.clone(), c.clone())).collect(),
            requirements,
            referentiel: files.referentiel.clone(),
            excluded: BTreeSet::new(),
            parameters: BTreeMap::new(),
            profile: None,
            tailoring: None,
            tailored: Vec::new(),
            hash: String::new(),
        };
        if let Some((file, text)) = tailoring {
            set.tailor(file, text, &mut errors);
        }
        set.fill(&files, &places, &mut errors);
        let schemas = Schemas { vocabulary: set.vocabulary.clone(), ..Schemas::default() };
        let own = set.tailoring.as_ref().map(|t| &t.requirements);
        let touched = |id: &str| own.is_some_and(|own| own.get(id).is_some_and(|change| !change.parameters.is_empty()));
        let unsure = |(at, r): &(&At, &Requirement)| !at.embedded || touched(&r.id);
        let unsure: Vec<_> = places.iter().zip(&set.requirements).filter(unsure).collect();
        let wrong = each_on_threads(&unsure, |(_, requirement)| compiles(requirement, &schemas).err());
        for ((at, requirement), wrong) in unsure.iter().zip(wrong) {
            if let Some((pointer, why)) = wrong {
                errors.push(located(&files, at, &requirement.id, &pointer, &why));
            }
        }
        let hash = std::thread::scope(|scope| {
            let hash = scope.spawn(|| set.digest());
            for (path, contract) in &files.contracts {
                if let Some((pointer, why)) = contract.fault(&schemas) {
                    errors.push(yaml::error_at(path, files.texts.get(path).map_or("", |t| t), &pointer, &why));
                }
            }
            hash.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        });
        if !errors.is_empty() {
            return Err(LibraryError::Files(errors));
        }
        set.hash = hash;
        Ok(set)
    }

    /// The requirement of that id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Requirement> {
        self.requirements.iter().find(|r| r.id == id)
    }

    /// Whether the chosen profile keeps a requirement; without profile all are kept.
    #[must_use]
    pub fn in_profile(&self, requirement: &Requirement) -> bool {
        self.profile.as_ref().and_then(|name| self.referentiel.profiles.get(name)).is_none_or(|profile| {
            let degree = profile.degree.is_empty() || requirement.degree.iter().any(|d| profile.degree.contains(d));
            degree && !profile.excludes.contains(&requirement.id)
        })
    }

    fn tailor(&mut self, file: &Path, text: &str, errors: &mut Vec<FileError>) {
        let value = yaml::value(file, text).map_err(|e| vec![e]);
        let tailoring: Tailoring = match value.and_then(|v| schema::typed(Some(&Shape::of::<Tailoring>()), file, text, v, "")) {
            Ok(t) => t,
            Err(e) => return errors.extend(e),
        };
        if let Some(name) = &tailoring.profile {
            match self.referentiel.profiles.contains_key(name) {
                true => self.profile = Some(name.clone()),
                false => errors.push(yaml::error_at(file, text, "/profile", "the set has no such profile")),
            }
        }
        for (id, change) in tailoring.requirements.clone() {
            let pointer = format!("/requirements/{id}");
            let Some(requirement) = self.requirements.iter_mut().find(|r| r.id == id) else {
                errors.push(yaml::error_at(file, text, &pointer, "the set has no such requirement"));
                continue;
            };
            let mut said = Vec::new();
            if let Some(level) = change.level {
                said.push(format!("{} → {level}", requirement.level));
                requirement.level = level;
            }
            if let Some(severity) = change.severity {
                said.push(format!("{} → {severity}", requirement.severity));
                requirement.severity = severity;
            }
            if let Some(clause) = change.clause {
                said.push(format!("clause {clause}"));
                requirement.clause = Some(clause);
            }
            if change.exclude {
                said.push("exclude".to_owned());
                self.excluded.insert(id.clone());
            }
            for (name, value) in change.parameters {
                match requirement.parameters.contains_key(&name) {
                    true => {
                        said.push(format!("{name} = {value}"));
                        self.parameters.entry(id.clone()).or_default().insert(name, value);
                    }
                    false => errors.push(yaml::error_at(file, text, &format!("{pointer}/parameters/{name}"), "no such parameter")),
                }
            }
            let reason = change.reason.map(|r| format!(" ({r})")).unwrap_or_default();
            self.tailored.push(format!("{id}: {}{reason}", said.join(", ")));
        }
        self.tailoring = Some(tailoring);
    }

    fn fill(&mut self, files: &SetFiles, places: &[At], errors: &mut Vec<FileError>) {
        for (at, requirement) in places.iter().zip(&mut self.requirements) {
            let used = self.parameters.entry(requirement.id.clone()).or_default();
            for (name, parameter) in &requirement.parameters {
                used.entry(name.clone()).or_insert_with(|| parameter.default.clone());
            }
            for schema in schemas_of(&mut requirement.check) {
                if let Err(why) = fill_parameters(schema, used) {
                    errors.push(located(files, at, &requirement.id, "/check", &why));
                }
            }
        }
    }

    fn digest(&self) -> String {
        let mut hash = Sha256::new();
        let mut add = |part: &str| {
            hash.update(part.as_bytes());
            hash.update([0]);
        };
        add(&self.referentiel.id);
        add(&self.referentiel.edition);
        add(self.profile.as_deref().unwrap_or_default());
        for requirement in &self.requirements {
            let excluded = self.excluded.contains(&requirement.id);
            let decides = (
                &requirement.id,
                requirement.level,
                requirement.severity,
                &requirement.degree,
                &requirement.when,
                &requirement.check,
                excluded,
            );
            add(&serde_json::to_string(&decides).unwrap_or_default());
        }
        for nomenclature in self.nomenclatures.values() {
            add(&serde_json::to_string(&(&nomenclature.id, &nomenclature.codes)).unwrap_or_default());
        }
        for part in self.directory.values() {
            add(&serde_json::to_string(&(&part.id, &part.classes, &part.attributes)).unwrap_or_default());
        }
        for contract in self.contracts.values() {
            let Contract { id, shape, user, text_lists, open, profiles, profile_attribute, attributes, title: _, sources: _ } = contract;
            let decides = (id, shape, user, text_lists, open, profiles, profile_attribute, attributes);
            add(&serde_json::to_string(&decides).unwrap_or_default());
        }
        hash.finalize().iter().map(|b| format!("{b:02x}")).collect()
    }
}

fn joined(library: &Library, name: &str, seen: &mut Vec<String>) -> Result<SetFiles, LibraryError> {
    if seen.iter().any(|s| s == name) {
        return Err(LibraryError::Circle(seen.join(", ")));
    }
    seen.push(name.to_owned());
    let own = library.open(name)?;
    let Some(parent) = own.referentiel.extends.clone() else { return Ok(own) };
    let mut all = joined(library, &parent, seen)?;
    all.requirements.retain(|w| !own.referentiel.retires.contains(&w.requirement.id));
    for written in own.requirements {
        // Same id: a replacement, at the place of the one it replaces.
        match all.requirements.iter_mut().find(|w| w.requirement.id == written.requirement.id) {
            Some(old) => *old = written,
            None => all.requirements.push(written),
        }
    }
    for (path, list) in own.nomenclatures {
        all.nomenclatures.retain(|(_, n)| n.id != list.id);
        all.nomenclatures.push((path, list));
    }
    for (path, part) in own.directory {
        all.directory.retain(|(_, p)| p.id != part.id);
        all.directory.push((path, part));
    }
    for (path, contract) in own.contracts {
        all.contracts.retain(|(_, c)| c.id != contract.id);
        all.contracts.push((path, contract));
    }
    all.texts.extend(own.texts);
    let parent = all.referentiel;
    all.referentiel = own.referentiel;
    for (key, source) in parent.sources {
        all.referentiel.sources.entry(key).or_insert(source);
    }
    for (key, id) in parent.blockers {
        all.referentiel.blockers.entry(key).or_insert(id);
    }
    for (key, text) in parent.domains {
        all.referentiel.domains.entry(key).or_insert(text);
    }
    for (key, profile) in parent.profiles {
        all.referentiel.profiles.entry(key).or_insert(profile);
    }
    Ok(all)
}

fn located(files: &SetFiles, at: &At, id: &str, pointer: &str, why: &str) -> FileError {
    let text = files.texts.get(&at.file).map_or("", |t| t);
    yaml::error_at(&at.file, text, &format!("/{}{pointer}", at.index), &format!("{id}: {why}"))
}

/// What types alone do not say.
fn check(files: &SetFiles) -> Vec<FileError> {
    let mut errors = Vec::new();
    let mut seen: BTreeMap<&str, PathBuf> = BTreeMap::new();
    let ids: BTreeSet<&str> = files.requirements.iter().map(|w| w.requirement.id.as_str()).collect();
    for written in &files.requirements {
        let r = &written.requirement;
        let mut error = |pointer: &str, why: &str| errors.push(located(files, &written.at, &r.id, pointer, why));
        if let Some(other) = seen.insert(&r.id, written.at.file.clone()) {
            error("/id", &format!("already used in {}", other.display()));
        }
        if r.basis == Basis::BonnePratique && r.level == Level::Obligatoire {
            error("/level", "a good practice is never mandatory");
        }
        if let Some(source) = r.sources.iter().find(|s| !files.referentiel.sources.contains_key(*s)) {
            error("/sources", &format!("referentiel.yaml has no source `{source}`"));
        }
        if let Some(parent) = r.parent.as_ref().filter(|p| !ids.contains(p.as_str()) || **p == r.id) {
            error("/parent", &format!("no other requirement is named `{parent}`"));
        }
        if (r.examples.pass.is_empty() || r.examples.fail.is_empty()) && !matches!(r.check, Check::Attestation(_)) {
            error("/examples", "at least one passing and one failing example are expected");
        }
        if r.degree.is_empty() {
            error("/degree", "at least one school level is expected");
        }
        for text in [&r.title, &r.why, &r.fix] {
            if text.fr.trim().is_empty() || text.en.trim().is_empty() {
                error("/title", "title, why and fix are written in both languages");
            }
        }
    }
    let mut contracts: BTreeMap<&str, &Path> = BTreeMap::new();
    for (path, contract) in &files.contracts {
        let mut error = |pointer: &str, why: &str| {
            errors.push(yaml::error_at(path, files.texts.get(path).map_or("", |t| t), pointer, why));
        };
        if path.file_stem().is_none_or(|stem| stem != contract.id.as_str()) {
            error("/id", "a contract is named as its file");
        }
        if let Some(other) = contracts.insert(&contract.id, path) {
            error("/id", &format!("already used in {}", other.display()));
        }
        if let Some(source) = contract.sources.iter().find(|s| !files.referentiel.sources.contains_key(*s)) {
            error("/sources", &format!("referentiel.yaml has no source `{source}`"));
        }
    }
    let named = files.referentiel.blockers.iter().map(|(what, id)| (format!("/blockers/{what}"), id));
    let left_out = files
        .referentiel
        .profiles
        .iter()
        .flat_map(|(name, p)| p.excludes.iter().enumerate().map(move |(i, id)| (format!("/profiles/{name}/excludes/{i}"), id)));
    for (pointer, id) in named.chain(left_out).filter(|(_, id)| !ids.contains(id.as_str())) {
        let (file, text) =
            files.texts.iter().find(|(f, _)| f.ends_with("referentiel.yaml")).map_or((Path::new(""), ""), |(f, t)| (f.as_path(), t));
        errors.push(yaml::error_at(file, text, &pointer, &format!("no requirement is named `{id}`")));
    }
    for (path, part) in &files.directory {
        let text = files.texts.get(path).map_or("", |t| t);
        if let Some(source) = part.sources.iter().find(|s| !files.referentiel.sources.contains_key(*s)) {
            errors.push(yaml::error_at(path, text, "/sources", &format!("referentiel.yaml has no source `{source}`")));
        }
    }
    // Named somewhere and described nowhere: a check that rests on it could not fail.
    if let (lost @ [_, ..], Some((path, _))) = (&Model::new(files.directory.iter().map(|(_, p)| p)).dangling()[..], files.directory.first())
    {
        let text = files.texts.get(path).map_or("", |t| t);
        errors.push(yaml::error_at(path, text, "", &format!("the model names what it does not describe: {}", lost.join(", "))));
    }
    errors
}

/// The schemas of a check, parameters to be filled in.
fn schemas_of(check: &mut Check) -> Vec<&mut Value> {
    match check {
        Check::Facts(c) => c.filter.iter_mut().chain([&mut c.assert]).collect(),
        Check::Attestation(_) => Vec::new(),
        Check::Records(c) => {
            let mut all: Vec<&mut Value> = c.filter.iter_mut().chain(c.assert.iter_mut()).collect();
            if let Some(r) = &mut c.references {
                all.extend(r.filter.iter_mut().chain(&mut r.max_percent).chain(&mut r.kept));
            }
            if let Some(u) = &mut c.unique {
                all.extend(&mut u.max);
            }
            if let Some(count) = &mut c.count {
                let bounds = [&mut count.of, &mut count.min, &mut count.max, &mut count.min_percent, &mut count.max_percent];
                all.extend(bounds.into_iter().flatten());
            }
            all
        }
    }
}

type Wrong = (String, String);

fn compiles(requirement: &Requirement, schemas: &Schemas) -> Result<(), Wrong> {
    let wrong = |pointer: &str, why: &dyn ToString| (pointer.to_owned(), why.to_string());
    if let Some(when) = &requirement.when {
        schemas.facts(when).map_err(|e| wrong(&format!("/when{}", e.pointer), &e.why))?;
    }
    match &requirement.check {
        Check::Attestation(_) => Ok(()),
        Check::Facts(c) => {
            let live = observation::PROBES.iter().any(|(name, _)| *name == c.facts);
            if !live && !FACTS.contains(&c.facts.as_str()) {
                return Err(wrong("/check/facts", &format!("no source gives `{}`", c.facts)));
            }
            let asked = c.probe.as_ref().map(OneOrMany::as_slice).unwrap_or_default();
            if let Some(unknown) = asked.iter().find(|probe| !observation::gives(&c.facts, probe)) {
                return Err(wrong("/check/probe", &format!("no probe `{unknown}` gives `{}`", c.facts)));
            }
            let schemas_of = [("where", c.filter.as_ref()), ("conclusive", c.conclusive.as_ref()), ("assert", Some(&c.assert))];
            for (name, schema) in schemas_of {
                let built = schema.map(|s| schemas.facts(s)).transpose();
                built.map_err(|e| wrong(&format!("/check/{name}{}", e.pointer), &e.why))?;
            }
            Ok(())
        }
        Check::Records(c) => record_check(c, schemas),
    }
}

type Named<'a> = &'a dyn Fn(&str, &OneOrMany) -> Result<(), Wrong>;
type Selected<'a> = &'a dyn Fn(&str, &OneOrMany) -> Result<Key, Wrong>;

/// The words of a reference that is not told by its key alone.
fn passages(r: &References, parts: usize, kinds: Named<'_>, key: Selected<'_>) -> Result<(), Wrong> {
    let wrong = |pointer: &str, why: &str| Err((format!("/check/references/{pointer}"), why.to_owned()));
    let deferred = r.or.is_some() || !r.through.is_empty();
    if deferred && (r.previous || r.absent || r.kept.is_some()) {
        return wrong("", "neither `or` nor `through` goes with previous, absent or kept");
    }
    if let Some(share) = &r.kept {
        if share.as_f64().is_none_or(|p| !(0.0..=100.0).contains(&p)) {
            return wrong("kept", "a share from 0 to 100 is expected");
        }
        if r.filter.is_none() || r.known_first.is_some() || r.absent || r.previous {
            return wrong("kept", "it goes with `where`, without known_first, absent and previous");
        }
    }
    if let Some(or) = &r.or
        && key("references/or/key", &or.key)?.parts() != key("references/or/by", &or.by)?.parts()
    {
        return wrong("or", "key and by have the same number of parts");
    }
    if deferred && parts > MAX_PASSED {
        return wrong("key", "four parts at most with `or` and `through`");
    }
    if r.through.len() > 2 {
        return wrong("through", "one of each source at most");
    }
    for passage in &r.through {
        kinds("/check/references/through/records", &passage.records)?;
        for selector in [&passage.by, &passage.give] {
            if key("references/through", &OneOrMany::One(selector.clone()))?.parts() != 1 {
                return wrong("through", "selectors of one part are expected");
            }
        }
        if passage.part.is_some_and(|part| part >= parts) {
            return wrong("through/part", "the key has no such part");
        }
    }
    Ok(())
}

fn record_check(c: &RecordCheck, schemas: &Schemas) -> Result<(), Wrong> {
    let wrong = |pointer: &str, why: &dyn ToString| (pointer.to_owned(), why.to_string());
    let said =
        [c.assert.is_some(), c.unique.is_some(), c.references.is_some(), c.symmetric.is_some(), c.count.is_some(), c.determines.is_some()];
    if said.iter().filter(|s| **s).count() != 1 {
        return Err(wrong("/check", &"exactly one of assert, unique, references, symmetric, count, determines is expected"));
    }
    let kinds = |pointer: &str, names: &OneOrMany| {
        let unknown = names.as_slice().iter().find(|n| Kind::meant(n).is_empty());
        match (unknown, names.as_slice().is_empty()) {
            (Some(name), _) => Err(wrong(pointer, &format!("no source gives records `{name}`"))),
            (None, true) => Err(wrong(pointer, &"at least one kind of record is expected")),
            (None, false) => Ok(()),
        }
    };
    let schema = |pointer: &str, schema: Option<&Value>| {
        schema.map_or(Ok(()), |s| schemas.records(s).map(drop).map_err(|e| wrong(&format!("/check/{pointer}{}", e.pointer), &e.why)))
    };
    let key = |pointer: &str, selectors: &OneOrMany| Key::compile(selectors).map_err(|e| wrong(&format!("/check/{pointer}"), &e));
    kinds("/check/records", &c.records)?;
    schema("where", c.filter.as_ref())?;
    schema("assert", c.assert.as_ref())?;
    if let Some(u) = &c.unique {
        key("unique/key", &u.key)?;
        if u.max.as_ref().is_some_and(|n| n.as_u64().is_none_or(|n| n == 0)) {
            return Err(wrong("/check/unique/max", &"a whole number from 1 is expected"));
        }
    }
    if let Some(r) = &c.references {
        kinds("/check/references/to", &r.to)?;
        schema("references/where", r.filter.as_ref())?;
        let (from, to) = (key("references/key", &r.key)?, key("references/by", &r.by)?);
        if from.parts() != to.parts() {
            return Err(wrong("/check/references", &"key and by have the same number of parts"));
        }
        if r.max_percent.as_ref().is_some_and(|p| p.as_f64().is_none_or(|p| !(0.0..=100.0).contains(&p))) {
            return Err(wrong("/check/references/max_percent", &"a share from 0 to 100 is expected"));
        }
        if r.known_first.is_some_and(|n| n == 0 || n >= from.parts()) {
            return Err(wrong("/check/references/known_first", &"from 1 to one less than the number of parts"));
        }
        passages(r, from.parts(), &kinds, &key)?;
    }
    if let Some(s) = &c.symmetric {
        kinds("/check/symmetric/with", &OneOrMany::One(s.with.clone()))?;
        if Kind::named(&s.with).is_none() {
            return Err(wrong("/check/symmetric/with", &"one kind of record is expected, not a family"));
        }
        if key("symmetric/key", &s.key)?.parts() != key("symmetric/by", &s.by)?.parts() {
            return Err(wrong("/check/symmetric", &"key and by have the same number of parts"));
        }
    }
    if let Some(d) = &c.determines {
        key("determines/key", &d.key)?;
        key("determines/value", &d.value)?;
    }
    if let Some(count) = &c.count {
        schema("count/of", count.of.as_ref())?;
        let bounds = [("min", &count.min), ("max", &count.max), ("min_percent", &count.min_percent), ("max_percent", &count.max_percent)];
        if bounds.iter().all(|(_, b)| b.is_none()) {
            return Err(wrong("/check/count", &"a bound is expected: min, max, min_percent or max_percent"));
        }
        if let Some((name, _)) = bounds.iter().find(|(_, b)| b.as_ref().is_some_and(|v| !v.is_number())) {
            return Err(wrong(&format!("/check/count/{name}"), &"a number is expected"));
        }
    }
    Ok(())
}
