//! Streams of chunks, from files or archives. Nothing of an archive is ever written to disk.
//!
//! Plain files are read by whichever worker asks; archives are decompressed by a thread of their own,
//! a few chunks ahead. Decompression is bounded: an archive that swells beyond [`MAX_RATIO`] is cut.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use jiff::civil::Date;

use super::chunk::{Chunker, Cut};
use super::encoding::Encoding;
use super::lex::Bounds;
use crate::rules::model::Degree;
use crate::source::Kind;
use crate::source::feed::{Chunk, Chunks};

/// Bytes at the start of a file that are enough to tell what it is: prolog, header comments, first record.
pub const HEAD: usize = 16 << 10;

/// Real exports compress 13 to 28 times (aaf.md §8.1).
const MAX_RATIO: u64 = 200;
/// What any archive may hold.
const FREE_SIZE: u64 = 64 << 20;
/// Most files in one archive or directory.
pub const MAX_FILES: usize = 100_000;
/// Most bytes of an extended header of a tar: room for any name.
const MAX_EXTENSION: u64 = 64 << 10;

/// What a format makes of the name of a file and of its first bytes.
pub trait Says: Clone + std::fmt::Debug + Send + Sync + 'static {
    /// Where its records start and end.
    const BOUNDS: &'static Bounds;

    /// From a name without directories, and the first bytes.
    fn of(name: &str, head: &[u8]) -> Self;
    /// Whether a file of that name may be of this format, and is worth opening.
    fn may_be(name: &str) -> bool;
    /// Whether its content is of this format.
    fn is_content(&self) -> bool;
    /// Whether its name says that it is of this format.
    fn is_named(&self) -> bool;
    /// How it is decoded.
    fn encoding(&self) -> Encoding;
    /// The encoding it declares.
    fn declared(&self) -> Option<&str>;
    /// Whether it starts with a byte order mark.
    fn bom(&self) -> bool;
    /// School level, as far as it tells.
    fn degree(&self) -> Option<Degree>;
    /// The day in its name.
    fn date(&self) -> Option<Date>;
    /// It only tells what changed.
    fn is_delta(&self) -> bool;
    /// The kinds of record it holds; `None` when it may hold any. Files that come first are referred to by the next.
    fn kinds(&self) -> Option<Vec<Kind>>;
}

/// One file of a delivery.
#[derive(Clone, Debug)]
pub struct InputFile<S> {
    /// Path shown: relative to the delivery.
    pub path: String,
    /// Size in bytes, uncompressed.
    pub size: u64,
    /// What its name and its head say.
    pub said: S,
    /// 0 for what is complete, then one a delta.
    pub layer: u16,
    /// Where its bytes are.
    pub place: Place,
    /// Why it could not be read to the end: a key of the catalogue.
    pub problem: Option<&'static str>,
}

/// Where the bytes of a file are.
#[derive(Clone, Debug)]
pub enum Place {
    /// On disk.
    Disk(PathBuf),
    /// In a zip: the archive, the rank in it.
    Zip(PathBuf, usize),
    /// In a tar.gz that is read as a stream: the archive, the rank in it.
    Tar(PathBuf, usize),
}

/// What a delivery holds: known beforehand, or found while an archive is read.
#[derive(Clone, Debug)]
pub struct Found<S> {
    /// Files of the format.
    pub files: Vec<InputFile<S>>,
    /// XML files that are not.
    pub unrecognised: Vec<String>,
    /// How the entries of a tar are laid out, once it was read.
    pub entries: Entries,
}

/// How the entries of a tar are laid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Entries {
    /// Files in a directory.
    pub nested: u64,
    /// Links, devices.
    pub irregular: u64,
    /// Names that leave the archive: absolute, or with `..`.
    pub escaping: u64,
    /// Regular files that are not of the format.
    pub foreign: u64,
}

/// Shared by those who read.
pub type Files<S> = Arc<Mutex<Found<S>>>;

fn chunk_in<S: Says>(rank: u32, file: &InputFile<S>) -> Chunk {
    Chunk { file: rank, cut: Cut::default(), encoding: file.said.encoding(), layer: file.layer }
}

/// A group of files read before the next one starts.
#[derive(Clone, Debug)]
pub enum Group {
    /// Files on disk or in a zip, by rank.
    Files(Vec<u32>),
    /// A whole tar.gz, as one layer.
    Tar(PathBuf, u16),
}

/// The reading of a group.
pub enum Source<S> {
    /// Read by the workers themselves.
    Files(Box<Mutex<FileReader<S>>>),
    /// Read by a thread.
    Thread(Mutex<Receiver<(Chunk, Vec<u8>)>>, JoinHandle<()>),
}

impl<S: Says> Source<S> {
    /// Opens a group, to be read by `size` bytes.
    #[must_use]
    pub fn open(files: &Files<S>, group: &Group, size: usize) -> Self {
        match group {
            Group::Tar(path, layer) => {
                let (path, layer, files) = (path.clone(), *layer, files.clone());
                Self::thread(move |out| read_tar(&path, layer, &files, size, out))
            }
            Group::Files(ranks) => {
                let in_zip = |rank: &u32| matches!(lock(files).files.get(*rank as usize).map(|f| f.place.clone()), Some(Place::Zip(..)));
                if ranks.iter().any(in_zip) {
                    let (ranks, files) = (ranks.clone(), files.clone());
                    return Self::thread(move |out| read_zip(&ranks, &files, size, out));
                }
                let todo = ranks.iter().rev().copied().collect();
                Self::Files(Box::new(Mutex::new(FileReader { files: files.clone(), size, todo, current: None })))
            }
        }
    }

    fn thread(read: impl FnOnce(&SyncSender<(Chunk, Vec<u8>)>) + Send + 'static) -> Self {
        let (out, chunks) = sync_channel(4);
        let reader = std::thread::spawn(move || read(&out));
        Self::Thread(Mutex::new(chunks), reader)
    }
}

impl<S: Says> Chunks for Source<S> {
    fn ended(self: Box<Self>) -> bool {
        match *self {
            Self::Files(_) => true,
            Self::Thread(chunks, reader) => {
                drop(chunks);
                reader.join().is_ok()
            }
        }
    }

    fn next(&self, buffer: &mut Vec<u8>) -> Option<Chunk> {
        match self {
            Self::Files(reader) => reader.lock().unwrap_or_else(PoisonError::into_inner).next(buffer),
            Self::Thread(chunks, _) => {
                let (chunk, bytes) = chunks.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()?;
                *buffer = bytes;
                Some(chunk)
            }
        }
    }
}

/// What a delivery holds, whatever happened to a thread that held it.
pub fn lock<S>(files: &Files<S>) -> std::sync::MutexGuard<'_, Found<S>> {
    files.lock().unwrap_or_else(PoisonError::into_inner)
}

fn problem<S>(files: &Files<S>, rank: u32, what: &'static str) {
    if let Some(file) = lock(files).files.get_mut(rank as usize) {
        file.problem = Some(what);
    }
}

/// Reads files one after the other.
pub struct FileReader<S> {
    files: Files<S>,
    size: usize,
    todo: Vec<u32>,
    current: Option<(Chunk, Chunker<Disk>)>,
}

impl<S: Says> FileReader<S> {
    fn next(&mut self, buffer: &mut Vec<u8>) -> Option<Chunk> {
        loop {
            if let Some((chunk, chunker)) = &mut self.current {
                match chunker.next(buffer) {
                    Ok(Some(cut)) => return Some(Chunk { cut, ..*chunk }),
                    Ok(None) => self.current = None,
                    Err(_) => {
                        problem(&self.files, chunk.file, "problem.read");
                        self.current = None;
                    }
                }
                continue;
            }
            let rank = self.todo.pop()?;
            let Some((chunk, path)) = lock(&self.files).files.get(rank as usize).and_then(|f| chunk_of(rank, f)) else { continue };
            match Disk::open(&path) {
                Ok(disk) => self.current = Some((chunk, Chunker::new(disk, S::BOUNDS, self.size))),
                Err(e) => problem(&self.files, rank, why_closed(&e)),
            }
        }
    }
}

fn chunk_of<S: Says>(rank: u32, file: &InputFile<S>) -> Option<(Chunk, PathBuf)> {
    if file.said.encoding() == Encoding::Unsupported {
        return None;
    }
    let path = match &file.place {
        Place::Disk(path) | Place::Zip(path, _) => path.clone(),
        Place::Tar(..) => return None,
    };
    Some((chunk_in(rank, file), path))
}

/// Opens a regular file; anything else could keep its reader waiting for ever.
///
/// # Errors
/// It cannot be opened, or is not a regular file (`InvalidInput`).
pub fn regular(path: &Path) -> io::Result<File> {
    if std::fs::metadata(path)?.is_file() { File::open(path) } else { Err(io::ErrorKind::InvalidInput.into()) }
}

/// Why a file could not be opened, as a key of the catalogue.
#[must_use]
pub fn why_closed(error: &io::Error) -> &'static str {
    if error.kind() == io::ErrorKind::InvalidInput { "problem.not_file" } else { "problem.open" }
}

/// A file read by position, so that no other user of the descriptor moves it.
pub struct Disk {
    file: File,
    #[cfg(unix)]
    position: u64,
}

impl Disk {
    fn open(path: &Path) -> io::Result<Self> {
        Ok(Self {
            file: regular(path)?,
            #[cfg(unix)]
            position: 0,
        })
    }
}

impl Read for Disk {
    #[cfg(unix)]
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = std::os::unix::fs::FileExt::read_at(&self.file, buffer, self.position)?;
        self.position += read as u64;
        Ok(read)
    }
    #[cfg(not(unix))]
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.read(buffer)
    }
}

/// An error past `left` bytes: the archive is a bomb, or looks like one.
pub struct Bounded<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Bounded<R> {
    /// Bounded by `left` bytes.
    pub fn new(inner: R, left: u64) -> Self {
        Self { inner, left }
    }
}

/// What an archive of `compressed` bytes may hold.
fn allowance(compressed: u64) -> u64 {
    FREE_SIZE.saturating_add(compressed.saturating_mul(MAX_RATIO))
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        match self.left.checked_sub(read as u64) {
            Some(left) => self.left = left,
            None => {
                self.left = 0;
                return Err(io::Error::new(io::ErrorKind::FileTooLarge, "archive swells too much"));
            }
        }
        Ok(read)
    }
}

fn reason(e: &io::Error) -> &'static str {
    match e.kind() {
        io::ErrorKind::FileTooLarge => "problem.bomb",
        io::ErrorKind::QuotaExceeded => "problem.many",
        io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied => "problem.open",
        io::ErrorKind::InvalidInput => "problem.not_file",
        _ => "problem.archive",
    }
}

/// Sends every chunk of a stream; false when nobody listens any more.
fn send_all<S: Says>(out: &SyncSender<(Chunk, Vec<u8>)>, files: &Files<S>, chunk: Chunk, size: usize, input: impl Read) -> bool {
    let mut chunker = Chunker::new(input, S::BOUNDS, size);
    loop {
        let mut buffer = Vec::new();
        match chunker.next(&mut buffer) {
            Ok(Some(cut)) => {
                if out.send((Chunk { cut, ..chunk }, buffer)).is_err() {
                    return false;
                }
            }
            Ok(None) => return true,
            Err(e) => {
                problem(files, chunk.file, reason(&e));
                return true;
            }
        }
    }
}

fn read_zip<S: Says>(ranks: &[u32], files: &Files<S>, size: usize, out: &SyncSender<(Chunk, Vec<u8>)>) {
    let mut open: Option<(PathBuf, zip::ZipArchive<File>)> = None;
    // One allowance for the whole archive: entries may share their bytes.
    let mut left = 0;
    for rank in ranks {
        let Some(file) = lock(files).files.get(*rank as usize).cloned() else { continue };
        let (Place::Zip(path, index), Some((chunk, _))) = (&file.place, chunk_of(*rank, &file)) else { continue };
        if open.as_ref().is_none_or(|(p, _)| p != path) {
            open = regular(path).ok().and_then(|f| zip::ZipArchive::new(f).ok()).map(|a| (path.clone(), a));
            left = allowance(std::fs::metadata(path).map_or(0, |m| m.len()));
        }
        let Some((_, archive)) = &mut open else {
            problem(files, *rank, "problem.archive");
            continue;
        };
        match archive.by_index(*index) {
            Ok(entry) => {
                let mut bounded = Bounded::new(entry, left);
                if !send_all(out, files, chunk, size, &mut bounded) {
                    return;
                }
                left = bounded.left;
            }
            Err(_) => problem(files, *rank, "problem.archive"),
        }
    }
}

/// One entry of a tar.
pub struct TarEntry<'a> {
    /// Rank in the archive.
    pub rank: usize,
    /// Name, without any step out of the archive.
    pub name: String,
    /// The name as written is absolute, or has `..`.
    pub escapes: bool,
    /// A regular file, not a link or a device.
    pub regular: bool,
    /// Size in bytes.
    pub size: u64,
    /// Content.
    pub content: &'a mut dyn Read,
}

/// Goes through the entries of a tar.gz as a bounded stream, until `visit` says false. Extended headers are read here, and not by the crate, which sets no bound to
/// the length of a name and makes up the holes of sparse files.
///
/// # Errors
/// The archive cannot be opened, or is damaged from there on.
pub fn walk_tar(path: &Path, mut visit: impl FnMut(TarEntry<'_>) -> io::Result<bool>) -> io::Result<()> {
    let file = regular(path)?;
    let left = allowance(file.metadata()?.len());
    let mut archive = tar::Archive::new(Bounded::new(flate2::read::MultiGzDecoder::new(io::BufReader::with_capacity(1 << 18, file)), left));
    let mut long_name: Option<Vec<u8>> = None;
    for (rank, entry) in archive.entries()?.raw(true).enumerate() {
        let mut entry = entry?;
        let kind = entry.header().entry_type();
        if kind.is_gnu_longname() || kind.is_pax_local_extensions() {
            let mut bytes = Vec::new();
            (&mut entry).take(MAX_EXTENSION).read_to_end(&mut bytes)?;
            if kind.is_gnu_longname() {
                long_name = Some(bytes.split(|b| *b == 0).next().unwrap_or_default().to_vec());
            } else {
                let records = tar::PaxExtensions::new(&bytes);
                let path = records.filter_map(Result::ok).find(|r| r.key_bytes() == b"path").map(|r| r.value_bytes().to_vec());
                long_name = path.or(long_name);
            }
            continue;
        }
        if kind.is_gnu_longlink() || kind.is_pax_global_extensions() {
            continue;
        }
        let name = long_name.take().unwrap_or_else(|| entry.path_bytes().into_owned());
        let escapes = name.starts_with(b"/") || name.split(|b| matches!(b, b'/' | b'\\')).any(|step| step == b"..");
        let Some(name) = entry_name(&name).filter(|_| !kind.is_dir()) else { continue };
        let (regular, size) = (kind.is_file(), entry.size());
        if !visit(TarEntry { rank, name, escapes, regular, size, content: &mut entry })? {
            return Ok(());
        }
    }
    // The end of the archive comes before that of its compression, which may be cut; what follows it is no fault.
    let ended = io::copy(&mut archive.into_inner(), &mut io::sink());
    ended.map(drop).or_else(|e| if e.kind() == io::ErrorKind::UnexpectedEof { Err(e) } else { Ok(()) })
}

fn read_tar<S: Says>(path: &Path, layer: u16, files: &Files<S>, size: usize, out: &SyncSender<(Chunk, Vec<u8>)>) {
    // A second reading finds the files it knows.
    let mut known = HashMap::new();
    for (rank, file) in lock(files).files.iter().enumerate() {
        if let Place::Tar(archive, entry) = &file.place
            && archive == path
        {
            known.insert(*entry, rank as u32);
        }
    }
    let add = |file: InputFile<S>| {
        let mut all = lock(files);
        all.files.push(file);
        all.files.len() as u32 - 1
    };
    let walked = walk_tar(path, |entry| {
        if entry.rank >= MAX_FILES {
            return Err(io::ErrorKind::QuotaExceeded.into());
        }
        let mut entries = Entries {
            nested: entry.name.contains('/').into(),
            irregular: (!entry.regular).into(),
            escaping: entry.escapes.into(),
            foreign: 0,
        };
        let mut note = |foreign: bool| {
            entries.foreign = (foreign && entry.regular).into();
            if known.is_empty() {
                lock(files).entries.add(entries);
            }
        };
        let mut head = Vec::new();
        if entry.regular {
            (&mut *entry.content).take(HEAD as u64).read_to_end(&mut head)?;
        }
        let place = Place::Tar(path.to_owned(), entry.rank);
        let file = match archived(entry.name, entry.size, &head, layer, place, entry.regular) {
            None => {
                note(true);
                return Ok(true);
            }
            Some(Ok(file)) => file,
            Some(Err(name)) => {
                note(true);
                if known.is_empty() {
                    lock(files).unrecognised.push(name);
                }
                return Ok(true);
            }
        };
        note(false);
        let rank = known.get(&entry.rank).copied().unwrap_or_else(|| add(file.clone()));
        if !entry.regular || file.said.encoding() == Encoding::Unsupported {
            return Ok(true);
        }
        let listened = send_all(out, files, chunk_in(rank, &file), size, io::Cursor::new(head).chain(entry.content));
        // Once the stream itself is broken, nothing after it can be trusted.
        Ok(listened && lock(files).files.get(rank as usize).is_some_and(|f| f.problem.is_none()))
    });
    if let Err(error) = walked {
        // Nothing says which files the rest of the archive held.
        if !known.contains_key(&usize::MAX) {
            let mut file = input_file(file_name(path), 0, b"", layer, Place::Tar(path.to_owned(), usize::MAX));
            file.problem = Some(reason(&error));
            add(file);
        }
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

impl Entries {
    fn add(&mut self, other: Self) {
        self.nested += other.nested;
        self.irregular += other.irregular;
        self.escaping += other.escaping;
        self.foreign += other.foreign;
    }
}

/// What an entry of an archive is: a file of the format, an XML file that is not one (its name), or nothing of interest.
#[must_use]
pub fn archived<S: Says>(
    path: String,
    size: u64,
    head: &[u8],
    layer: u16,
    place: Place,
    regular: bool,
) -> Option<Result<InputFile<S>, String>> {
    if !S::may_be(&path) {
        return None;
    }
    let mut file = input_file::<S>(path, size, head, layer, place);
    if !regular {
        // A link, a device: not what the name says.
        file.problem = Some("problem.not_file");
        return file.said.is_named().then_some(Ok(file));
    }
    Some(if file.said.is_content() || file.said.is_named() { Ok(file) } else { Err(file.path) })
}

/// The name of an archive's entry, shown only: without any step out of the archive.
#[must_use]
pub fn entry_name(path: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(path).replace('\\', "/");
    let safe: Vec<&str> = text.split('/').filter(|p| !matches!(*p, "" | "." | "..")).collect();
    (!text.ends_with('/') && !safe.is_empty()).then(|| safe.join("/"))
}

/// A file from its name and its first bytes.
#[must_use]
pub fn input_file<S: Says>(path: String, size: u64, head: &[u8], layer: u16, place: Place) -> InputFile<S> {
    let said = S::of(path.rsplit('/').next().unwrap_or_default(), head);
    InputFile { path, size, said, layer, place, problem: None }
}

/// The name without its extension, when that is `.xml` in any case.
#[must_use]
pub fn xml_stem(name: &str) -> Option<&str> {
    let at = name.len().checked_sub(4)?;
    let (stem, extension) = name.split_at_checked(at)?;
    extension.eq_ignore_ascii_case(".xml").then_some(stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_never_leave_their_archive() {
        assert_eq!(entry_name(b"../../etc/x.xml").as_deref(), Some("etc/x.xml"));
        assert_eq!(entry_name(b"..\\x.xml").as_deref(), Some("x.xml"));
        assert_eq!(entry_name(b"/abs/x.xml").as_deref(), Some("abs/x.xml"));
        assert_eq!(entry_name(b"dir/"), None);
        assert_eq!(entry_name(b".."), None);
    }

    #[test]
    fn a_stream_that_swells_is_cut() {
        let mut bounded = Bounded { inner: io::repeat(0), left: 1000 };
        let e = io::copy(&mut bounded, &mut io::sink()).expect_err("bounded");
        assert_eq!(e.kind(), io::ErrorKind::FileTooLarge);
    }
}
