//! Streams of chunks, from files or archives.
//!
//! Plain files are read by whichever worker asks; archives are decompressed by a thread of their own ([`super::archive`]),
//! a few chunks ahead.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use jiff::civil::Date;

use super::archive::{decompressed, read_tar, read_zip, reason};
use super::chunk::{Chunker, Cut};
use super::encoding::Encoding;
use super::lex::Bounds;
use crate::rules::model::Degree;
use crate::source::Kind;
use crate::source::feed::{Chunk, Chunks};

/// Bytes at the start of a file that are enough to tell what it is: prolog, header comments, first record.
pub const HEAD: usize = 16 << 10;

/// Most files in one archive or directory.
pub const MAX_FILES: usize = 100_000;
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
    /// On disk, compressed by itself.
    Gz(PathBuf),
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

pub(super) fn chunk_in<S: Says>(rank: u32, file: &InputFile<S>) -> Chunk {
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

pub(super) fn problem<S>(files: &Files<S>, rank: u32, what: &'static str) {
    if let Some(file) = lock(files).files.get_mut(rank as usize) {
        file.problem = Some(what);
    }
}

/// Reads files one after the other.
pub struct FileReader<S> {
    files: Files<S>,
    size: usize,
    todo: Vec<u32>,
    current: Option<(Chunk, Chunker<Box<dyn Read + Send>>)>,
}

impl<S: Says> FileReader<S> {
    fn next(&mut self, buffer: &mut Vec<u8>) -> Option<Chunk> {
        loop {
            if let Some((chunk, chunker)) = &mut self.current {
                match chunker.next(buffer) {
                    Ok(Some(cut)) => return Some(Chunk { cut, ..*chunk }),
                    Ok(None) => self.current = None,
                    Err(e) => {
                        let compressed =
                            matches!(lock(&self.files).files.get(chunk.file as usize).map(|f| f.place.clone()), Some(Place::Gz(_)));
                        problem(&self.files, chunk.file, if compressed { reason(&e) } else { "problem.read" });
                        self.current = None;
                    }
                }
                continue;
            }
            let rank = self.todo.pop()?;
            let file = lock(&self.files).files.get(rank as usize).cloned();
            let Some((chunk, file)) = file.and_then(|f| chunk_of(rank, &f).map(|(chunk, _)| (chunk, f))) else { continue };
            match opened(&file.place) {
                Ok(input) => self.current = Some((chunk, Chunker::new(input, S::BOUNDS, self.size))),
                Err(e) => problem(&self.files, rank, why_closed(&e)),
            }
        }
    }
}

pub(super) fn chunk_of<S: Says>(rank: u32, file: &InputFile<S>) -> Option<(Chunk, PathBuf)> {
    if file.said.encoding() == Encoding::Unsupported {
        return None;
    }
    let path = match &file.place {
        Place::Disk(path) | Place::Gz(path) | Place::Zip(path, _) => path.clone(),
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

/// The bytes of a file that is read by itself.
fn opened(place: &Place) -> io::Result<Box<dyn Read + Send>> {
    match place {
        Place::Gz(path) => Ok(Box::new(decompressed(path)?)),
        Place::Disk(path) | Place::Zip(path, _) | Place::Tar(path, _) => Ok(Box::new(Disk::open(path)?)),
    }
}

/// The name of what a file holds that is compressed by itself; none for any other, archives included.
#[must_use]
pub fn compressed_name(name: &str) -> Option<&str> {
    let at = name.len().checked_sub(3)?;
    let (stem, extension) = name.split_at_checked(at)?;
    let archive = stem.get(stem.len().saturating_sub(4)..).is_some_and(|end| end.eq_ignore_ascii_case(".tar"));
    (extension.eq_ignore_ascii_case(".gz") && !archive && !stem.is_empty()).then_some(stem)
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

/// Sends every chunk of a stream; false when nobody listens any more.
pub(super) fn send_all<S: Says>(out: &SyncSender<(Chunk, Vec<u8>)>, files: &Files<S>, chunk: Chunk, size: usize, input: impl Read) -> bool {
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

impl Entries {
    pub(super) fn add(&mut self, other: Self) {
        self.nested += other.nested;
        self.irregular += other.irregular;
        self.escaping += other.escaping;
        self.foreign += other.foreign;
    }
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
