//! Writes the files of a delivery, one category after the other, and keeps the account of what was written.
//!
//! Every record passes through the injector of [`super::faults`] on its way. Holds the file being written, of at
//! most [`RECORDS_PER_FILE`] records, and nothing else of the people.

use std::collections::BTreeMap;
use std::path::Path;

use super::super::{Degree, GenerateError};
use super::archive::Sink;
use super::faults::{FileFault, Injector};
use super::record::{Category, Kind, Record};
use super::{Options, Summary};

/// Records of the first level in a file, after which the next one is begun.
pub const RECORDS_PER_FILE: u64 = 10_000;

/// A delivery being written.
pub struct Delivery<'a> {
    options: &'a Options,
    stamp: String,
    sink: Sink,
    progress: &'a mut dyn FnMut(u64),
    injector: Injector,
    file: Option<Open>,
    text: String,
    next: BTreeMap<Category, u32>,
    late: Option<(Kind, Record)>,
    files: u64,
    bytes: u64,
    total: u64,
    records: BTreeMap<String, u64>,
}

struct Open {
    category: Category,
    records: u64,
    name: String,
    kinds: BTreeMap<&'static str, u64>,
    fault: Option<FileFault>,
}

impl<'a> Delivery<'a> {
    /// Prepares the directory. It must be absent or empty: a delivery is never mixed with another.
    pub fn create(
        options: &'a Options,
        mut injector: Injector,
        out: &Path,
        progress: &'a mut dyn FnMut(u64),
    ) -> Result<Self, GenerateError> {
        let io = |source| GenerateError::Io { path: out.to_owned(), source };
        std::fs::create_dir_all(out).map_err(io)?;
        if std::fs::read_dir(out).map_err(io)?.next().is_some() {
            return Err(GenerateError::NotEmpty { path: out.to_owned() });
        }
        let stamp = options.stamp(injector.days());
        let sink = if options.archive {
            let base = format!("{}_GAR-ENT_Complet_{stamp}_{}", options.ident, options.degree);
            let faults = injector.archive(&format!("{base}.tar.gz"));
            Sink::archive(out, &base, faults)?
        } else {
            Sink::directory(out)
        };
        Ok(Self {
            options,
            stamp,
            sink,
            progress,
            injector,
            file: None,
            text: String::new(),
            next: BTreeMap::new(),
            late: None,
            files: 0,
            bytes: 0,
            total: 0,
            records: BTreeMap::new(),
        })
    }

    /// Begins a category; its first file exists even without records.
    pub fn begin(&mut self, category: Category) -> Result<(), GenerateError> {
        self.open(category, None)
    }

    /// Writes one record, and what faults make of it.
    pub fn emit(&mut self, record: Record) -> Result<(), GenerateError> {
        let Some(file) = &self.file else { return Ok(()) };
        if self.injector.idle() {
            return self.put(&record);
        }
        let kind = record.kind;
        let mut now = Vec::with_capacity(1);
        let late = self.injector.record(record, &file.name, &mut now);
        for record in &now {
            self.put(record)?;
        }
        if let Some((held, record)) = self.late.take() {
            if held == kind {
                self.late = Some((held, record));
            } else {
                self.put(&record)?;
            }
        }
        if let Some(record) = late {
            self.late = Some((kind, record));
        }
        Ok(())
    }

    fn put(&mut self, record: &Record) -> Result<(), GenerateError> {
        let Some(file) = &self.file else { return Ok(()) };
        let category = file.category;
        let full = file.records >= RECORDS_PER_FILE && !self.injector.unsplit(category, &file.name);
        if full {
            self.close()?;
            self.open(category, None)?;
        }
        let Some(file) = &mut self.file else { return Ok(()) };
        let start = self.text.len();
        record.render(self.options.degree, &mut self.text);
        self.injector.bytes(record, &mut self.text, start, &file.name);
        file.records += 1;
        *file.kinds.entry(record.kind.element(self.options.degree)).or_default() += 1;
        self.total += 1;
        if self.total.is_multiple_of(1_000) {
            (self.progress)(self.total);
        }
        Ok(())
    }

    /// Ends a category. Records that faults put elsewhere get a file of their own, as do faults of a file.
    pub fn end(&mut self) -> Result<(), GenerateError> {
        let Some(category) = self.file.as_ref().map(|f| f.category) else { return Ok(()) };
        if let Some((_, record)) = self.late.take() {
            self.put(&record)?;
        }
        self.close()?;
        let elsewhere = self.injector.elsewhere();
        if !elsewhere.is_empty() {
            self.open(category, None)?;
            for record in &elsewhere {
                self.put(record)?;
            }
            self.close()?;
        }
        if category == Category::RespAff {
            for fault in self.injector.files() {
                self.open(category, Some(fault))?;
                self.close()?;
            }
        }
        Ok(())
    }

    /// Closes everything; says what was written.
    pub fn finish(self) -> Result<Summary, GenerateError> {
        (self.progress)(self.total);
        let (mut files, mut bytes) = (self.files, self.bytes);
        if let Some(written) = self.sink.finish()? {
            (files, bytes) = (written.files.len() as u64, written.bytes);
        }
        Ok(Summary {
            degree: self.options.degree,
            date: self.options.date.to_string(),
            day: self.options.day,
            seed: self.options.seed,
            ident: self.options.ident.clone(),
            pupils: self.options.pupils,
            files,
            bytes,
            records: self.records,
            faults: self.injector.finish()?,
        })
    }

    fn open(&mut self, category: Category, fault: Option<FileFault>) -> Result<(), GenerateError> {
        // A file that says it is of another category takes the next number there.
        let named = if fault == Some(FileFault::OtherCategory) { Category::Groupe } else { category };
        let next = self.next.entry(named).or_default();
        let name = self.options.file_name(&self.stamp, named, *next, fault);
        *next += 1;
        self.injector.opened(category, &name, fault);
        self.text.clear();
        prologue(&mut self.text, self.options.degree, category, fault);
        self.file = Some(Open { category, records: 0, name, kinds: BTreeMap::new(), fault });
        Ok(())
    }

    fn close(&mut self) -> Result<(), GenerateError> {
        let Some(file) = self.file.take() else { return Ok(()) };
        match file.fault {
            Some(FileFault::Malformed) => self.text.push_str("<men:GARRespAff>\n"),
            Some(FileFault::StrayText) => self.text.push_str("RespAff\n"),
            _ => {}
        }
        let prefix = prefix(file.fault);
        let root = root(file.category, file.fault);
        match file.fault {
            Some(FileFault::Truncated) => self.text.truncate(self.text.len() - 2),
            _ => self.text.push_str(&format!("</{prefix}:{root}>\n")),
        }
        if self.injector.absent(file.category, &file.name) {
            return Ok(());
        }
        for (element, count) in file.kinds {
            *self.records.entry(element.to_owned()).or_default() += count;
        }
        let content = match file.fault {
            Some(FileFault::LyingEncoding | FileFault::OtherEncoding) => latin1(&self.text),
            _ => std::mem::take(&mut self.text).into_bytes(),
        };
        self.sink.write(&file.name, &content)?;
        self.files += 1;
        self.bytes += content.len() as u64;
        Ok(())
    }
}

fn prologue(out: &mut String, degree: Degree, category: Category, fault: Option<FileFault>) {
    let is = |f| fault == Some(f);
    let encoding = match fault {
        Some(FileFault::OtherEncoding) => "ISO-8859-1",
        Some(FileFault::UnknownEncoding) => "x-conforment",
        _ => "UTF-8",
    };
    out.push_str(&format!("<?xml version=\"1.0\" encoding=\"{encoding}\"?>\n"));
    if is(FileFault::LyingEncoding) || is(FileFault::OtherEncoding) {
        out.push_str("<!-- responsables délégués -->\n");
    }
    let (prefix, root) = (prefix(fault), root(category, fault));
    if is(FileFault::Doctype) {
        out.push_str(&format!("<!DOCTYPE {prefix}:{root}>\n"));
    }
    if is(FileFault::Entity) {
        out.push_str(&format!("<!DOCTYPE {prefix}:{root} [<!ENTITY ecole \"conforment\">]>\n"));
    }
    let other = if degree == Degree::D1 { Degree::D2 } else { Degree::D1 };
    let namespace = match fault {
        Some(FileFault::OtherNamespace | FileFault::Foreign) => "http://data.education.fr/ns/gar/essai",
        Some(FileFault::OtherDegree) => namespace(other),
        _ => namespace(degree),
    };
    let version = match fault {
        Some(FileFault::NoVersion) => "",
        Some(FileFault::EmptyVersion) => " Version=\"\"",
        _ => " Version=\"1.0\"",
    };
    out.push_str(&format!("<{prefix}:{root} xmlns:men=\"{namespace}\"{version}>\n"));
}

/// Namespace of the schema of a degree.
fn namespace(degree: Degree) -> &'static str {
    match degree {
        Degree::D1 => "http://data.education.fr/ns/gar/1d",
        Degree::D2 => "http://data.education.fr/ns/gar",
    }
}

fn prefix(fault: Option<FileFault>) -> &'static str {
    if fault == Some(FileFault::OtherPrefix) { "man" } else { "men" }
}

fn root(category: Category, fault: Option<FileFault>) -> String {
    match fault {
        Some(FileFault::OtherRoot) => "GAR-ENT-Responsable".to_owned(),
        Some(FileFault::Foreign) => "inventaire".to_owned(),
        _ => format!("GAR-ENT-{}", category.name()),
    }
}

fn latin1(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect()
}
