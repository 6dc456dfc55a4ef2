//! Archives read as bounded streams: nothing of them is ever written to disk.
//!
//! One that swells beyond [`MAX_RATIO`] is cut; names are shown and never followed.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::mpsc::SyncSender;

use super::encoding::Encoding;
use super::input::{
    Entries, Files, HEAD, InputFile, MAX_FILES, Place, Says, chunk_in, chunk_of, input_file, lock, problem, regular, send_all,
};
use crate::source::feed::Chunk;

/// Real exports compress 13 to 28 times (aaf.md §8.1).
const MAX_RATIO: u64 = 200;
/// What any archive may hold.
const FREE_SIZE: u64 = 64 << 20;
/// Most bytes of an extended header of a tar: room for any name.
const MAX_EXTENSION: u64 = 64 << 10;

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

/// Why an archive could not be read to its end, as a key of the catalogue.
pub(super) fn reason(e: &io::Error) -> &'static str {
    match e.kind() {
        io::ErrorKind::FileTooLarge => "problem.bomb",
        io::ErrorKind::QuotaExceeded => "problem.many",
        io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied => "problem.open",
        io::ErrorKind::InvalidInput => "problem.not_file",
        _ => "problem.archive",
    }
}

/// Sends the chunks of those files of a zip.
pub(super) fn read_zip<S: Says>(ranks: &[u32], files: &Files<S>, size: usize, out: &SyncSender<(Chunk, Vec<u8>)>) {
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

/// What a file holds that is compressed by itself, bounded as archives are.
///
/// # Errors
/// It cannot be opened.
pub fn decompressed(path: &Path) -> io::Result<impl Read + Send + use<>> {
    let file = regular(path)?;
    let left = allowance(file.metadata()?.len());
    Ok(Bounded::new(flate2::read::MultiGzDecoder::new(io::BufReader::with_capacity(1 << 18, file)), left))
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

/// Sends the chunks of all files of a tar.gz, which are known as they are met.
pub(super) fn read_tar<S: Says>(path: &Path, layer: u16, files: &Files<S>, size: usize, out: &SyncSender<(Chunk, Vec<u8>)>) {
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
