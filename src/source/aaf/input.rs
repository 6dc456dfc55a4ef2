//! Streams of chunks, from files or archives. Nothing of an archive is ever written to disk.
//!
//! Plain files are read by whichever worker asks; archives are decompressed by a thread of their own,
//! a few chunks ahead. Decompression is bounded: an archive that swells beyond [`MAX_RATIO`] is cut.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use super::chunk::{Chunker, Cut};
use super::encoding::Encoding;
use super::name::{self, Category, Name};
use super::sniff::{HEAD, Head, sniff};

/// Real exports compress 13 to 28 times (aaf.md §8.1).
const MAX_RATIO: u64 = 200;
/// What any archive may hold.
const FREE_SIZE: u64 = 64 << 20;
/// Most files in one archive or directory.
pub const MAX_FILES: usize = 100_000;

/// One AAF file of a delivery.
#[derive(Clone, Debug)]
pub struct InputFile {
    /// Path shown: relative to the delivery.
    pub path: String,
    /// Size in bytes, uncompressed.
    pub size: u64,
    /// What its name says.
    pub name: Name,
    /// What its head says.
    pub head: Head,
    /// Category: of the name, else of the first request.
    pub category: Option<Category>,
    /// 0 for the Complet, then one a Delta.
    pub layer: u8,
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
    /// In a tar.gz that is read as a stream.
    Tar,
}

/// The files of a delivery: known beforehand, or found while an archive is read.
pub type Files = Arc<Mutex<Vec<InputFile>>>;

/// A chunk handed to a worker, beside its bytes.
#[derive(Clone, Copy, Debug)]
pub struct Chunk {
    /// Rank of the file.
    pub file: u32,
    /// Where it stands in the file.
    pub cut: Cut,
    /// How to decode it.
    pub encoding: Encoding,
    /// Category of the file.
    pub category: Option<Category>,
    /// Layer of the file.
    pub layer: u8,
}

/// A group of files read before the next one starts.
#[derive(Clone, Debug)]
pub enum Group {
    /// Files on disk or in a zip, by rank.
    Files(Vec<u32>),
    /// A whole tar.gz, as one layer.
    Tar(PathBuf, u8),
}

/// Gives chunks to any number of workers.
pub enum Source {
    /// Read by the workers themselves.
    Files(Box<Mutex<FileReader>>),
    /// Read by a thread.
    Thread(Mutex<Receiver<(Chunk, Vec<u8>)>>),
}

impl Source {
    /// Opens a group.
    #[must_use]
    pub fn open(files: &Files, group: &Group) -> Self {
        match group {
            Group::Tar(path, layer) => {
                let (path, layer, files) = (path.clone(), *layer, files.clone());
                Self::thread(move |out| read_tar(&path, layer, &files, out))
            }
            Group::Files(ranks) => {
                let in_zip = |rank: &u32| matches!(lock(files).get(*rank as usize).map(|f| f.place.clone()), Some(Place::Zip(..)));
                if ranks.iter().any(in_zip) {
                    let (ranks, files) = (ranks.clone(), files.clone());
                    return Self::thread(move |out| read_zip(&ranks, &files, out));
                }
                let todo = ranks.iter().rev().copied().collect();
                Self::Files(Box::new(Mutex::new(FileReader { files: files.clone(), todo, current: None })))
            }
        }
    }

    fn thread(read: impl FnOnce(&SyncSender<(Chunk, Vec<u8>)>) + Send + 'static) -> Self {
        let (out, chunks) = sync_channel(4);
        std::thread::spawn(move || read(&out));
        Self::Thread(Mutex::new(chunks))
    }

    /// Puts the next chunk into `buffer`.
    pub fn next(&self, buffer: &mut Vec<u8>) -> Option<Chunk> {
        match self {
            Self::Files(reader) => reader.lock().unwrap_or_else(PoisonError::into_inner).next(buffer),
            Self::Thread(chunks) => {
                let (chunk, bytes) = chunks.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()?;
                *buffer = bytes;
                Some(chunk)
            }
        }
    }
}

fn lock(files: &Files) -> std::sync::MutexGuard<'_, Vec<InputFile>> {
    files.lock().unwrap_or_else(PoisonError::into_inner)
}

fn problem(files: &Files, rank: u32, what: &'static str) {
    if let Some(file) = lock(files).get_mut(rank as usize) {
        file.problem = Some(what);
    }
}

/// Reads files one after the other.
pub struct FileReader {
    files: Files,
    todo: Vec<u32>,
    current: Option<(Chunk, Chunker<Disk>)>,
}

impl FileReader {
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
            let Some((chunk, path)) = lock(&self.files).get(rank as usize).and_then(|f| chunk_of(rank, f)) else { continue };
            match Disk::open(&path) {
                Ok(disk) => self.current = Some((chunk, Chunker::new(disk))),
                Err(_) => problem(&self.files, rank, "problem.open"),
            }
        }
    }
}

fn chunk_of(rank: u32, file: &InputFile) -> Option<(Chunk, PathBuf)> {
    if file.head.encoding == Encoding::Unsupported {
        return None;
    }
    let path = match &file.place {
        Place::Disk(path) | Place::Zip(path, _) => path.clone(),
        Place::Tar => return None,
    };
    let chunk = Chunk { file: rank, cut: Cut::default(), encoding: file.head.encoding, category: file.category, layer: file.layer };
    Some((chunk, path))
}

/// A file read by position, so that no other user of the descriptor moves it.
pub struct Disk {
    file: File,
    #[cfg(unix)]
    position: u64,
}

impl Disk {
    fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        if !file.metadata()?.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a file"));
        }
        Ok(Self {
            file,
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

/// The head of a file on disk.
///
/// # Errors
/// The file cannot be read.
pub fn head_of(path: &Path) -> io::Result<Head> {
    let mut head = Vec::new();
    Disk::open(path)?.take(HEAD as u64).read_to_end(&mut head)?;
    Ok(sniff(&head))
}

/// An error past `left` bytes: the archive is a bomb, or looks like one.
pub struct Bounded<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Bounded<R> {
    /// Bounded by what an archive of `compressed` bytes may hold.
    pub fn new(inner: R, compressed: u64) -> Self {
        Self { inner, left: FREE_SIZE + compressed.saturating_mul(MAX_RATIO) }
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.left =
            self.left.checked_sub(read as u64).ok_or_else(|| io::Error::new(io::ErrorKind::FileTooLarge, "archive swells too much"))?;
        Ok(read)
    }
}

fn reason(e: &io::Error) -> &'static str {
    if e.kind() == io::ErrorKind::FileTooLarge { "problem.bomb" } else { "problem.archive" }
}

/// Sends every chunk of a stream; false when nobody listens any more.
fn send_all(out: &SyncSender<(Chunk, Vec<u8>)>, files: &Files, chunk: Chunk, input: impl Read) -> bool {
    let mut chunker = Chunker::new(input);
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

fn read_zip(ranks: &[u32], files: &Files, out: &SyncSender<(Chunk, Vec<u8>)>) {
    let mut open: Option<(PathBuf, zip::ZipArchive<File>)> = None;
    for rank in ranks {
        let Some(file) = lock(files).get(*rank as usize).cloned() else { continue };
        let (Place::Zip(path, index), Some((chunk, _))) = (&file.place, chunk_of(*rank, &file)) else { continue };
        if open.as_ref().is_none_or(|(p, _)| p != path) {
            open = File::open(path).ok().and_then(|f| zip::ZipArchive::new(f).ok()).map(|a| (path.clone(), a));
        }
        let Some((_, archive)) = &mut open else {
            problem(files, *rank, "problem.archive");
            continue;
        };
        match archive.by_index(*index) {
            Ok(entry) => {
                let bounded = Bounded::new(entry, file.size / 20);
                if !send_all(out, files, chunk, bounded) {
                    return;
                }
            }
            Err(_) => problem(files, *rank, "problem.archive"),
        }
    }
}

/// Opens a tar.gz as a bounded stream.
///
/// # Errors
/// The archive cannot be opened.
pub fn open_tar(path: &Path) -> io::Result<tar::Archive<impl Read + use<>>> {
    let file = File::open(path)?;
    let size = file.metadata()?.len();
    let stream = flate2::read::MultiGzDecoder::new(io::BufReader::with_capacity(1 << 18, file));
    Ok(tar::Archive::new(Bounded::new(stream, size)))
}

fn read_tar(path: &Path, layer: u8, files: &Files, out: &SyncSender<(Chunk, Vec<u8>)>) {
    let broken = |what: &'static str| {
        // Nothing says which files the rest of the archive held: the last one read is marked.
        let mut all = lock(files);
        match all.iter_mut().rev().find(|f| f.layer == layer) {
            Some(file) => file.problem = Some(what),
            None => all.push(unread_archive(path, layer, what)),
        }
    };
    let mut archive = match open_tar(path) {
        Ok(archive) => archive,
        Err(_) => return broken("problem.open"),
    };
    let entries = match archive.entries() {
        Ok(entries) => entries,
        Err(e) => return broken(reason(&e)),
    };
    for entry in entries {
        let mut entry = match entry {
            Ok(entry) => entry,
            Err(e) => return broken(reason(&e)),
        };
        let wanted = |name: &String| name.ends_with(".xml");
        let Some(shown) = entry_name(&entry.path_bytes()).filter(|n| wanted(n) && entry.header().entry_type().is_file()) else { continue };
        let mut head = Vec::new();
        if let Err(e) = (&mut entry).take(HEAD as u64).read_to_end(&mut head) {
            return broken(reason(&e));
        }
        let file = input_file(shown, entry.size(), &head, layer, Place::Tar);
        if !file.head.aaf {
            continue;
        }
        let rank = {
            let mut all = lock(files);
            if all.len() >= MAX_FILES {
                return;
            }
            // A second reading finds the files it knows.
            match all.iter().position(|f| f.layer == layer && f.path == file.path) {
                Some(known) => known,
                None => {
                    all.push(file.clone());
                    all.len() - 1
                }
            }
        } as u32;
        if file.head.encoding == Encoding::Unsupported {
            continue;
        }
        let chunk = Chunk { file: rank, cut: Cut::default(), encoding: file.head.encoding, category: file.category, layer };
        if !send_all(out, files, chunk, io::Cursor::new(head).chain(entry)) {
            return;
        }
        if lock(files).get(rank as usize).is_some_and(|f| f.problem.is_some()) {
            return; // the stream itself is broken: nothing after it can be trusted
        }
    }
}

fn unread_archive(path: &Path, layer: u8, what: &'static str) -> InputFile {
    let shown = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut file = input_file(shown, 0, b"", layer, Place::Tar);
    file.problem = Some(what);
    file
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
pub fn input_file(path: String, size: u64, head: &[u8], layer: u8, place: Place) -> InputFile {
    let base = path.rsplit('/').next().unwrap_or_default();
    let (name, head_says) = (name::parse(base), sniff(head));
    let category = name.category.or_else(|| category_in(head));
    InputFile { path, size, name, head: head_says, category, layer, place, problem: None }
}

/// The category of the first request.
fn category_in(head: &[u8]) -> Option<Category> {
    let text = String::from_utf8_lossy(head);
    let value = text.split_once("<operationalAttributes>")?.1.split_once("<value>")?.1.split_once('<')?.0;
    Category::parse(value)
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
