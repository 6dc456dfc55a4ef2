//! Which formats the files under a path are of, so that a path given alone is audited as what it is.
//!
//! One walk for all formats, over names and heads only: what [`super::find`] reads to say how a delivery is made (every
//! entry of an archive, checksums) is not needed here. What cannot be read is of the format its name says, or of none.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::archive::{decompressed, entry_name, walk_tar};
use super::delivery::Format;
use super::find::{MAX_DEPTH, archive_kind};
use super::input::{HEAD, MAX_FILES, Says, compressed_name, regular};

/// A format, as far as telling its files from others goes.
#[derive(Clone, Copy, Debug)]
pub struct Recogniser {
    /// What the names of its kinds and facts start with.
    pub prefix: &'static str,
    may_be: fn(&str) -> bool,
    is: fn(&str, &[u8]) -> bool,
}

impl Recogniser {
    /// Of a format.
    #[must_use]
    pub const fn of<F: Format>() -> Self {
        Self { prefix: F::PREFIX, may_be: F::may_be, is: is::<F> }
    }
}

fn is<S: Says>(name: &str, head: &[u8]) -> bool {
    let said = S::of(name, head);
    said.is_content() || said.is_named()
}

/// Those of the formats that files under `path` are of, in the order given. Of an archive read as a stream, the first file
/// that is of one decides.
#[must_use]
pub fn recognised(path: &Path, formats: &[Recogniser]) -> Vec<&'static str> {
    let mut search = Search { formats, found: vec![false; formats.len()] };
    if path.is_dir() {
        search.directory(path, 0);
    } else {
        search.plain_or_archive(path);
    }
    formats.iter().zip(search.found).filter(|(_, found)| *found).map(|(format, _)| format.prefix).collect()
}

struct Search<'f> {
    formats: &'f [Recogniser],
    /// Which of them were seen.
    found: Vec<bool>,
}

impl Search<'_> {
    fn is_over(&self) -> bool {
        self.found.iter().all(|found| *found)
    }

    /// One file, of which `read` gives the bytes; whether it is of a format.
    fn file(&mut self, path: &str, read: impl FnOnce(&mut Vec<u8>) -> io::Result<usize>) -> bool {
        let name = path.rsplit('/').next().unwrap_or_default();
        if !self.formats.iter().any(|format| (format.may_be)(name)) {
            return false;
        }
        let mut head = Vec::with_capacity(HEAD + 1);
        // What was read before an error counts; without any, the name alone does.
        let _ = read(&mut head);
        let mut any = false;
        for (format, found) in self.formats.iter().zip(&mut self.found) {
            if (format.may_be)(name) && (format.is)(name, &head) {
                (any, *found) = (true, true);
            }
        }
        any
    }

    fn plain_or_archive(&mut self, path: &Path) {
        // An archive that is damaged is of the format of what could be read of it.
        let _ = match archive_kind(path) {
            Some("zip") => self.zip(path),
            Some(_) => self.tar(path),
            None => {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                match compressed_name(&name) {
                    Some(inside) => self.file(inside, |head| decompressed(path)?.take(HEAD as u64).read_to_end(head)),
                    None => self.file(&name, |head| regular(path)?.take(HEAD as u64).read_to_end(head)),
                };
                Ok(())
            }
        };
    }

    /// The files of a directory first, then its archives, then what is below.
    fn directory(&mut self, dir: &Path, depth: usize) {
        let Ok(entries) = fs::read_dir(dir) else { return };
        let mut paths: Vec<(u8, PathBuf)> = entries.flatten().take(MAX_FILES).map(|e| (rank(&e), e.path())).collect();
        paths.sort();
        for (rank, path) in paths {
            if self.is_over() {
                return;
            }
            if rank < DIRECTORY {
                self.plain_or_archive(&path);
            } else {
                // A directory that has the name of a file is a file that cannot be read.
                self.file(&path.file_name().unwrap_or_default().to_string_lossy(), |_| Ok(0));
                if depth < MAX_DEPTH {
                    self.directory(&path, depth + 1);
                }
            }
        }
    }

    fn zip(&mut self, path: &Path) -> io::Result<()> {
        let mut archive = zip::ZipArchive::new(regular(path)?).map_err(io::Error::other)?;
        for index in 0..archive.len().min(MAX_FILES) {
            let Ok(entry) = archive.by_index_raw(index) else { continue };
            let Some(name) = entry_name(entry.name_raw()).filter(|_| !entry.is_dir()) else { continue };
            drop(entry);
            self.file(&name, |head| archive.by_index(index).map_err(io::Error::other)?.take(HEAD as u64).read_to_end(head));
            if self.is_over() {
                break;
            }
        }
        Ok(())
    }

    fn tar(&mut self, path: &Path) -> io::Result<()> {
        walk_tar(path, |entry| {
            let known =
                self.file(&entry.name, |head| if entry.regular { entry.content.take(HEAD as u64).read_to_end(head) } else { Ok(0) });
            Ok(!known && entry.rank < MAX_FILES)
        })
    }
}

const DIRECTORY: u8 = 2;

/// Files come before archives, which cost more, and archives before directories.
fn rank(entry: &fs::DirEntry) -> u8 {
    let path = entry.path();
    // A link to a directory is not followed: it could lead anywhere.
    if fs::symlink_metadata(&path).is_ok_and(|meta| meta.is_dir()) { DIRECTORY } else { u8::from(archive_kind(&path).is_some()) }
}
