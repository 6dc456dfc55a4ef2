//! Writes the file of an export, entry by entry, and keeps the account of what was written.
//!
//! Every entry passes through the injector of [`super::faults`] on its way. Holds one entry and a buffer.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::super::GenerateError;
use super::entry::Entry;
use super::faults::{FileFault, Injector};
use super::{Options, Summary};

/// How many entries pass between two words of progress.
const STEP: u64 = 1_000;

/// An export being written.
pub struct Delivery<'a> {
    path: PathBuf,
    name: String,
    file: BufWriter<File>,
    injector: Injector,
    progress: &'a mut dyn FnMut(u64),
    text: Vec<u8>,
    bytes: u64,
    total: u64,
    entries: BTreeMap<&'static str, u64>,
}

impl<'a> Delivery<'a> {
    /// Creates the file, which must not exist.
    pub fn create(injector: Injector, out: &Path, progress: &'a mut dyn FnMut(u64)) -> Result<Self, GenerateError> {
        let io = |path: &Path, source| GenerateError::Io { path: path.to_owned(), source };
        if let Some(parent) = out.parent().filter(|p| !p.as_os_str().is_empty()) {
            std::fs::create_dir_all(parent).map_err(|source| io(parent, source))?;
        }
        let file = File::create_new(out).map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => GenerateError::Exists { path: out.to_owned() },
            _ => io(out, source),
        })?;
        let name = out.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        let file = BufWriter::with_capacity(1 << 18, file);
        let mut new =
            Self { path: out.to_owned(), name, file, injector, progress, text: Vec::new(), bytes: 0, total: 0, entries: BTreeMap::new() };
        new.begin()?;
        Ok(new)
    }

    fn begin(&mut self) -> Result<(), GenerateError> {
        self.injector.opened(&self.name);
        if self.injector.file(FileFault::Utf16) {
            self.raw(b"\xFF\xFE")?;
        }
        if self.injector.file(FileFault::OtherVersion) {
            self.text.extend_from_slice(b"version: 2\n\n");
        }
        Ok(())
    }

    /// Writes one entry, and what faults make of it.
    pub fn emit(&mut self, entry: Entry) -> Result<(), GenerateError> {
        let mut entries = Vec::with_capacity(1);
        self.injector.entry(entry, &self.name, &mut entries);
        for entry in &entries {
            entry.render(&mut self.text);
            *self.entries.entry(entry.kind.name()).or_default() += 1;
            self.total += 1;
        }
        if self.total % STEP < entries.len() as u64 {
            (self.progress)(self.total);
        }
        self.flush()
    }

    /// Closes the file; says what was written.
    pub fn finish(mut self, options: &Options) -> Result<Summary, GenerateError> {
        self.text = self.injector.extra(&self.name);
        self.flush()?;
        self.file.flush().map_err(|source| GenerateError::Io { path: self.path.clone(), source })?;
        (self.progress)(self.total);
        Ok(Summary {
            degree: options.degree,
            date: options.date.to_string(),
            day: options.day,
            seed: options.seed,
            dialect: options.dialect,
            pupils: options.pupils,
            bytes: self.bytes,
            entries: self.entries.into_iter().map(|(name, count)| (name.to_owned(), count)).collect(),
            faults: self.injector.finish()?,
        })
    }

    fn flush(&mut self) -> Result<(), GenerateError> {
        let mut text = std::mem::take(&mut self.text);
        if self.injector.file(FileFault::CarriageReturns) {
            text = text.split_inclusive(|b| *b == b'\n').flat_map(|l| [l.strip_suffix(b"\n").unwrap_or(l), b"\r\n"].concat()).collect();
        }
        if self.injector.file(FileFault::Utf16) {
            text = text.into_iter().flat_map(|b| [b, 0]).collect();
        }
        self.raw(&text)?;
        text.clear();
        self.text = text;
        Ok(())
    }

    fn raw(&mut self, text: &[u8]) -> Result<(), GenerateError> {
        self.bytes += text.len() as u64;
        self.file.write_all(text).map_err(|source| GenerateError::Io { path: self.path.clone(), source })
    }
}
