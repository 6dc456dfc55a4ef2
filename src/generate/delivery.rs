//! Writes the files of a delivery, one category after the other, and keeps the account of what was written.
//!
//! Every record passes through the injector of [`super::faults`] on its way. Holds one file buffer and
//! nothing of the people written.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::faults::{FileFault, Injector, Places};
use super::record::{Kind, Record};
use super::world::World;
use super::{Degree, Encoding, GenerateError, Mode, Options, Summary};

const DTD_NAME: &str = "ficAlimMENESR.dtd";
const DTD: &str = include_str!("ficAlimMENESR.dtd");
const BUFFER: usize = 256 * 1024;

/// A delivery being written.
pub struct Delivery<'a> {
    options: &'a Options,
    out: &'a Path,
    progress: &'a mut dyn FnMut(u64),
    injector: Injector,
    file: Option<Open>,
    buffer: Vec<u8>,
    files: u64,
    bytes: u64,
    total: u64,
    records: BTreeMap<String, u64>,
}

struct Open {
    kind: Kind,
    sequence: u32,
    records: u64,
    path: PathBuf,
    name: String,
    handle: File,
    bytes: u64,
}

/// How many records of a category a file holds before the next one is begun.
fn records_per_file(kind: Kind) -> u64 {
    match kind {
        Kind::Eleve => 3_300,
        Kind::Relative => 4_500,
        _ => 5_000,
    }
}

impl<'a> Delivery<'a> {
    /// Prepares the directory. It must be absent or empty: a delivery is never mixed with another.
    pub fn create(world: &World<'a>, out: &'a Path, progress: &'a mut dyn FnMut(u64)) -> Result<Self, GenerateError> {
        let options = world.options;
        let io = |source| GenerateError::Io { path: out.to_owned(), source };
        std::fs::create_dir_all(out).map_err(io)?;
        if std::fs::read_dir(out).map_err(io)?.next().is_some() {
            return Err(GenerateError::NotEmpty { path: out.to_owned() });
        }
        let places = Places { office: world.structure_id(3).to_string(), relative: world.relative_id(0, 0).to_string() };
        let mut delivery = Self {
            options,
            out,
            progress,
            injector: Injector::new(options, places),
            file: None,
            buffer: Vec::with_capacity(BUFFER + 16 * 1024),
            files: 0,
            bytes: 0,
            total: 0,
            records: BTreeMap::new(),
        };
        delivery.write_beside(DTD_NAME, DTD.as_bytes())?;
        Ok(delivery)
    }

    /// Begins a category; its first file exists even without records.
    pub fn begin(&mut self, kind: Kind) -> Result<(), GenerateError> {
        self.close()?;
        self.open(kind, 0)
    }

    /// Writes one record.
    pub fn emit(&mut self, record: &mut Record) -> Result<(), GenerateError> {
        let Some(file) = &self.file else { return Ok(()) };
        if file.records >= records_per_file(file.kind) {
            let (kind, sequence) = (file.kind, file.sequence + 1);
            self.close()?;
            self.open(kind, sequence)?;
        }
        let Some(file) = &mut self.file else { return Ok(()) };
        let start = self.buffer.len();
        let copies = self.injector.record(record, &file.name);
        for _ in 0..copies {
            record.render(&mut self.buffer, self.options.encoding);
            file.records += 1;
            self.total += 1;
            *self.records.entry(file.kind.file_category().to_owned()).or_default() += 1;
        }
        self.injector.bytes(record, &mut self.buffer, start, &file.name);
        if self.buffer.len() >= BUFFER {
            flush(file, &mut self.buffer)?;
            (self.progress)(self.total);
        }
        Ok(())
    }

    /// Closes everything; says what was written.
    pub fn finish(mut self) -> Result<Summary, GenerateError> {
        self.close()?;
        (self.progress)(self.total);
        let faults = self.injector.finish()?;
        Ok(Summary {
            degree: self.options.degree,
            mode: self.options.mode,
            date: self.options.date.to_string(),
            seed: self.options.seed,
            pupils: self.options.pupils,
            files: self.files,
            bytes: self.bytes,
            records: self.records,
            faults,
        })
    }

    fn open(&mut self, kind: Kind, sequence: u32) -> Result<(), GenerateError> {
        let faults = |fault| self.injector.file(kind, sequence, fault);
        let name = file_name(self.options, kind, sequence, &faults);
        let path = self.out.join(&name);
        let handle = File::create(&path).map_err(|source| GenerateError::Io { path: path.clone(), source })?;
        prologue(&mut self.buffer, self.options, &faults);
        self.injector.opened(kind, sequence, &name);
        self.file = Some(Open { kind, sequence, records: 0, path, name, handle, bytes: 0 });
        Ok(())
    }

    fn close(&mut self) -> Result<(), GenerateError> {
        let Some(mut file) = self.file.take() else { return Ok(()) };
        let is = |fault| self.injector.file(file.kind, file.sequence, fault);
        if is(FileFault::Malformed) {
            self.buffer.extend_from_slice(b"<addRequest>\n");
        }
        if is(FileFault::Truncated) {
            let cut = self.buffer.len().saturating_sub(100);
            self.buffer.truncate(cut);
        } else {
            let root = root(is(FileFault::WrongRoot));
            self.buffer.extend_from_slice(format!("</{root}>\n").as_bytes());
        }
        let (absent, digest) = (is(FileFault::Absent), is(FileFault::WrongDigest));
        flush(&mut file, &mut self.buffer)?;
        if absent {
            std::fs::remove_file(&file.path).map_err(|source| GenerateError::Io { path: file.path.clone(), source })?;
            self.records.remove(file.kind.file_category());
            return Ok(());
        }
        self.files += 1;
        self.bytes += file.bytes;
        if digest {
            let text = format!("{:032x}  {}\n", 0, file.name);
            self.write_beside(&format!("{}.md5", file.name), text.as_bytes())?;
        }
        Ok(())
    }

    fn write_beside(&mut self, name: &str, content: &[u8]) -> Result<(), GenerateError> {
        let path = self.out.join(name);
        std::fs::write(&path, content).map_err(|source| GenerateError::Io { path, source })
    }
}

fn flush(file: &mut Open, buffer: &mut Vec<u8>) -> Result<(), GenerateError> {
    file.handle.write_all(buffer).map_err(|source| GenerateError::Io { path: file.path.clone(), source })?;
    file.bytes += buffer.len() as u64;
    buffer.clear();
    Ok(())
}

fn file_name(options: &Options, kind: Kind, sequence: u32, is: &dyn Fn(FileFault) -> bool) -> String {
    let mut date = options.delivery_date();
    if is(FileFault::OtherDate) {
        date = date.yesterday().unwrap_or(date);
    }
    let mut date = date.strftime("%Y%m%d").to_string();
    if is(FileFault::NineDigitDate) {
        date.insert(4, '0');
    }
    let prefix = match (options.degree, is(FileFault::OtherPrefix)) {
        (Degree::D1, false) => "ENT1DVA-CONFORMENT",
        (Degree::D2, false) => "ENT2DVA-CONFORMENT",
        (_, true) => "ENTAUTRE-CONFORMENT",
    };
    let mode = match (options.mode, is(FileFault::OtherMode)) {
        (Mode::Complet, false) | (Mode::Delta, true) => "Complet",
        _ => "Delta",
    };
    let category = kind.file_category();
    let shown = sequence + u32::from(is(FileFault::SequenceGap));
    match (is(FileFault::NameWithoutDate), is(FileFault::UnknownName)) {
        (true, _) => format!("{prefix}_{mode}_{category}_{shown:04}.xml"),
        (_, true) => format!("personnels-{shown}.xml"),
        _ => format!("{prefix}_{mode}_{date}_{category}_{shown:04}.xml"),
    }
}

fn prologue(out: &mut Vec<u8>, options: &Options, is: &dyn Fn(FileFault) -> bool) {
    if is(FileFault::ByteOrderMark) {
        out.extend_from_slice(b"\xEF\xBB\xBF");
    }
    let declared = match options.encoding {
        _ if is(FileFault::UnknownEncoding) => "EBCDIC-FR",
        Encoding::Utf8 => "UTF-8",
        Encoding::Iso885915 => "ISO-8859-15",
    };
    let mut text = String::new();
    if !is(FileFault::NoDeclaration) {
        text.push_str(&format!("<?xml version=\"1.0\" encoding=\"{declared}\"?>\n"));
    }
    if is(FileFault::DeclaredEntity) {
        text.push_str("<!DOCTYPE ficAlimMENESR SYSTEM \"ficAlimMENESR.dtd\" [<!ENTITY academie \"CORSE\">]>\n");
    } else if is(FileFault::OtherDoctype) {
        text.push_str("<!DOCTYPE ficAlimMENESR SYSTEM \"alimentation.dtd\">\n");
    } else if !is(FileFault::NoDoctype) {
        text.push_str("<!DOCTYPE ficAlimMENESR SYSTEM \"ficAlimMENESR.dtd\">\n");
    }
    text.push_str(&format!("<{}>\n", root(is(FileFault::WrongRoot))));
    let other_degree = is(FileFault::OtherAnnex);
    let annex = match (options.degree, other_degree) {
        (Degree::D1, false) | (Degree::D2, true) => "Annexe 1",
        _ => "Annexe 4bis",
    };
    let version = match () {
        () if is(FileFault::OtherVersion) => "AAF-VE1806",
        () if is(FileFault::VersionShape) => "AAF 6.3",
        () => "AAF-VE2003",
    };
    if !is(FileFault::NoHeader) {
        text.push_str(&format!("<!-- versionAF=\"{version}\" -->\n<!-- versionSDET=\"{annex} version 6.3\" -->\n"));
    }
    if is(FileFault::OtherHeaderDegree) {
        let other = if options.degree == Degree::D1 { "2D" } else { "1D" };
        text.push_str(&format!("<!-- degre=\"{other}\" -->\n"));
    }
    if is(FileFault::OtherHeaderDate) {
        // No delivery is that old.
        text.push_str("<!-- dateGenerationExport=\"01/09/2001\" -->\n");
    }
    out.extend_from_slice(text.as_bytes());
}

fn root(wrong: bool) -> &'static str {
    if wrong { "alimentation" } else { "ficAlimMENESR" }
}
