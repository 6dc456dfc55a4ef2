//! A small conforming delivery to break, and what an audit says of it.
#![allow(dead_code, missing_docs, clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use conforment::audit::Options;
use conforment::generate::{self, Degree, Encoding, Mode};
use conforment::i18n::Lang;
use conforment::outcome::{Reason, Verdict};
use conforment::report::model::{Report, RequirementResult};
use conforment::report::terminal::{TerminalOptions, render};
use conforment::rules::model::{Check, Level, OneOrMany};
use conforment::target::SourceSpec;

use crate::audited::{self, DAY, set};

/// The files of a generated delivery, by name.
pub fn generated(degree: Degree, mode: Mode) -> &'static BTreeMap<String, Vec<u8>> {
    static ALL: OnceLock<Vec<BTreeMap<String, Vec<u8>>>> = OnceLock::new();
    let kinds = [(Degree::D2, Mode::Complet), (Degree::D1, Mode::Complet), (Degree::D2, Mode::Delta)];
    let all = ALL.get_or_init(|| {
        let files = |(degree, mode)| {
            let dir = tempfile::tempdir().unwrap();
            let date = jiff::civil::date(2026, 9, 14);
            let options = generate::Options { pupils: 12, degree, mode, seed: 5, faults: vec![], date, encoding: Encoding::Utf8 };
            generate::generate(&options, dir.path(), &mut |_| {}).unwrap();
            fs::read_dir(dir.path())
                .unwrap()
                .flatten()
                .map(|e| (e.file_name().into_string().unwrap(), fs::read(e.path()).unwrap()))
                .collect()
        };
        kinds.map(files).into()
    });
    &all[kinds.iter().position(|k| *k == (degree, mode)).unwrap()]
}

/// A delivery in a directory of its own.
pub struct Sample {
    pub dir: tempfile::TempDir,
}

impl Sample {
    /// The conforming one.
    pub fn new() -> Self {
        let sample = Self::empty();
        sample.add_all(generated(Degree::D2, Mode::Complet));
        sample
    }

    pub fn empty() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn add(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    pub fn add_all(&self, files: &BTreeMap<String, Vec<u8>>) {
        files.iter().for_each(|(name, bytes)| drop(self.add(name, bytes)));
    }

    /// The first file of a category.
    pub fn file(&self, category: &str) -> PathBuf {
        let mut all: Vec<PathBuf> = fs::read_dir(self.path()).unwrap().flatten().map(|e| e.path()).collect();
        all.sort();
        all.into_iter().find(|p| p.to_string_lossy().contains(&format!("_{category}_"))).unwrap()
    }

    pub fn text(&self, category: &str) -> String {
        fs::read_to_string(self.file(category)).unwrap()
    }

    pub fn put(&self, category: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.file(category), bytes).unwrap();
    }

    pub fn edit(&self, category: &str, change: impl FnOnce(Parts) -> String) {
        self.put(category, change(Parts::of(&self.text(category))));
    }

    pub fn audit(&self) -> Seen {
        Seen::of(self.path())
    }
}

/// Without spaces, signs and mark-up of signs.
fn letters(text: &str) -> String {
    text.replace("&quot;", "").replace("&lt;", "").replace("&gt;", "").chars().filter(|c| c.is_alphanumeric()).collect()
}

/// A file cut into what stands before, in and after its requests.
#[derive(Clone)]
pub struct Parts {
    pub head: String,
    pub requests: Vec<String>,
    pub tail: String,
}

impl Parts {
    pub fn of(text: &str) -> Self {
        let start = text.find("<addRequest>").unwrap();
        let end = text.rfind("</ficAlimMENESR>").unwrap();
        let requests = text[start..end].split_inclusive("</addRequest>\n").map(str::to_owned).collect();
        Self { head: text[..start].to_owned(), requests, tail: text[end..].to_owned() }
    }

    pub fn join(&self) -> String {
        format!("{}{}{}", self.head, self.requests.concat(), self.tail)
    }

    /// Changes one request.
    pub fn with(mut self, rank: usize, change: impl FnOnce(&str) -> String) -> String {
        self.requests[rank] = change(&self.requests[rank]);
        self.join()
    }

    /// The line, from 1, where a request starts.
    pub fn line(&self, rank: usize) -> u64 {
        let before = self.head.len() + self.requests[..rank].concat().len();
        self.join()[..before].matches('\n').count() as u64 + 1
    }
}

/// What an audit says.
pub struct Seen {
    pub report: Report,
}

impl Seen {
    pub fn of(path: &Path) -> Self {
        Self::with(path, &[], 2)
    }

    pub fn with(path: &Path, deltas: &[PathBuf], threads: usize) -> Self {
        let spec = SourceSpec::Aaf { path: path.to_owned(), deltas: deltas.to_vec(), degree: None, label: Some("livraison".into()) };
        let options = Options { threads, ..audited::options(DAY) };
        let seen = Self { report: audited::report(vec![spec], set(), &options) };
        seen.is_sound();
        seen
    }

    /// Holds for whatever was audited: every requirement has a verdict with its cause, a cause that is no pass,
    /// and both languages say it.
    fn is_sound(&self) {
        assert_eq!(self.report.requirements.len(), set().requirements.iter().filter(|r| r.domain.as_str() == "alimentation").count());
        for r in &self.report.requirements {
            assert_eq!(r.reason.is_some(), r.verdict == Verdict::Undetermined, "{}", r.id);
            assert_ne!(r.reason, Some(Reason::ToolError), "{}", r.id);
            if r.reason == Some(Reason::ParentFailed) {
                let parent = r.parent.as_deref().unwrap_or_else(|| panic!("{} has no parent", r.id));
                let parent = self.get(parent);
                assert!(matches!(parent.verdict, Verdict::Fail | Verdict::Undetermined), "{} is blamed by {} and passes", parent.id, r.id);
            }
            for finding in &r.findings {
                assert!(finding.line != Some(0), "{}: {finding:?}", r.id);
            }
        }
        for lang in [Lang::Fr, Lang::En] {
            let text = self.text(lang);
            for problem in self.report.target.sources.iter().flat_map(|s| &s.problems) {
                let said = conforment::i18n::message(lang, &problem.message);
                assert!(said != problem.message.key && said.len() > 20, "{said}");
                let flat = |s: &str| s.split_whitespace().collect::<String>();
                assert!(flat(&text).contains(&flat(&said)), "{lang:?}: {said}\n{text}");
                assert!(problem.file.as_ref().is_none_or(|f| flat(&text).contains(&flat(f))), "{lang:?}: {problem:?}\n{text}");
            }
        }
    }

    pub fn get(&self, id: &str) -> &RequirementResult {
        audited::result(&self.report, id)
    }

    pub fn verdict(&self, id: &str) -> Verdict {
        self.get(id).verdict
    }

    pub fn fails(&self, id: &str) -> &Self {
        assert_eq!(self.verdict(id), Verdict::Fail, "{id} {:?}", self.get(id).detail);
        self
    }

    pub fn passes(&self, id: &str) -> &Self {
        assert_eq!(self.verdict(id), Verdict::Pass, "{id} {:?} {:?}", self.get(id).findings, self.get(id).detail);
        self
    }

    pub fn unknown(&self, id: &str, parent: &str) -> &Self {
        assert_eq!((self.verdict(id), self.get(id).parent.as_deref()), (Verdict::Undetermined, Some(parent)), "{id}");
        self
    }

    /// What fails, beside what only informs.
    pub fn failing(&self) -> Vec<&str> {
        let all = self.report.requirements.iter().filter(|r| r.verdict == Verdict::Fail && r.level != Level::Information);
        all.map(|r| r.id.as_str()).collect()
    }

    /// Files and lines of the findings of a requirement.
    pub fn lines(&self, id: &str) -> Vec<u64> {
        self.get(id).findings.iter().filter_map(|f| f.line).collect()
    }

    /// The finding names the file, and the report says in both languages what to do.
    pub fn names(&self, id: &str, file: &str) -> &Self {
        let result = self.get(id);
        assert!(result.findings.iter().any(|f| f.file.as_deref().is_some_and(|f| f.contains(file))), "{id}: {:?}", result.findings);
        for (lang, fix) in [(Lang::Fr, &result.fix.fr), (Lang::En, &result.fix.en)] {
            let page = letters(&conforment::report::html::render(&self.report, lang));
            assert!(page.contains(&letters(id)) && page.contains(&letters(file)) && page.contains(&letters(fix)), "{lang:?} {id}");
        }
        self
    }

    pub fn records(&self, kind: &str) -> u64 {
        self.report.target.sources.iter().filter_map(|s| s.records.get(kind)).sum()
    }

    /// Keys of the problems, with their files.
    pub fn problems(&self) -> Vec<(&str, &str)> {
        let all = self.report.target.sources.iter().flat_map(|s| &s.problems);
        all.map(|p| (p.message.key.as_str(), p.file.as_deref().unwrap_or_default())).collect()
    }

    pub fn text(&self, lang: Lang) -> String {
        render(&self.report, lang, TerminalOptions { width: 100, color: false, verbose: true })
    }

    /// What does not look at those kinds of record, nor at files, ends as it does for the conforming delivery.
    pub fn spares(&self, hurt: &[&str]) -> &Self {
        static CLEAN: OnceLock<BTreeMap<String, Verdict>> = OnceLock::new();
        let clean = CLEAN.get_or_init(|| Sample::new().audit().report.requirements.iter().map(|r| (r.id.clone(), r.verdict)).collect());
        let mut spared = 0;
        for r in set().requirements.iter().filter(|r| r.domain.as_str() == "alimentation") {
            let Check::Records(check) = &r.check else { continue };
            let named = |o: &OneOrMany| o.as_slice().iter().any(|k| hurt.contains(&k.as_str()));
            let looks = named(&check.records)
                || check.references.as_ref().is_some_and(|x| named(&x.to))
                || check.symmetric.as_ref().is_some_and(|x| hurt.contains(&x.with.as_str()));
            if !looks {
                assert_eq!(self.verdict(&r.id), clean[&r.id], "{} {:?}", r.id, self.get(&r.id).findings);
                spared += usize::from(clean[&r.id] == Verdict::Pass);
            }
        }
        assert!(spared > 20, "only {spared} requirements were spared");
        self
    }
}
