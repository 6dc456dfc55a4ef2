//! Where the files of a delivery go: a directory, or the `.tar.gz` and the `.md5` beside it.
//!
//! The archive is flat and the digest bare, as the public exporters write them; the dates inside are zero, so that
//! the same files give the same bytes.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};
use md5::{Digest, Md5};

use super::super::GenerateError;

/// Faults of the archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is explained by the description of the fault that uses it")]
pub enum ArchiveFault {
    Folder,
    Link,
    Climbing,
    Foreign,
    OtherName,
    Truncated,
    WrongDigest,
    NoDigest,
    LooseDigest,
    NotDigest,
}

/// Where files go.
pub enum Sink {
    /// A directory.
    Directory(PathBuf),
    /// An archive.
    Archive(Box<Archive>),
}

/// What the archive was written as.
pub struct Written {
    /// Names of the files written into the directory.
    pub files: Vec<String>,
    /// Their size.
    pub bytes: u64,
}

impl Sink {
    /// A directory.
    pub fn directory(out: &Path) -> Self {
        Self::Directory(out.to_owned())
    }

    /// An archive `base.tar.gz` in a directory.
    pub fn archive(out: &Path, base: &str, faults: Vec<ArchiveFault>) -> Result<Self, GenerateError> {
        let base = if faults.contains(&ArchiveFault::OtherName) { format!("{base}_bis") } else { base.to_owned() };
        let path = out.join(format!("{base}.tar.gz"));
        let file = File::create(&path).map_err(|source| GenerateError::Io { path: path.clone(), source })?;
        let spool = Spool { file: BufWriter::new(file), held: Vec::new(), digest: Md5::new(), bytes: 0 };
        let gzip = GzBuilder::new().mtime(0).write(spool, Compression::new(6));
        Ok(Self::Archive(Box::new(Archive { tar: tar::Builder::new(gzip), path, base, faults })))
    }

    /// Adds a file.
    pub fn write(&mut self, name: &str, content: &[u8]) -> Result<(), GenerateError> {
        match self {
            Self::Directory(out) => {
                let path = out.join(name);
                std::fs::write(&path, content).map_err(|source| GenerateError::Io { path, source })
            }
            Self::Archive(archive) => {
                let name = if archive.has(ArchiveFault::Folder) { format!("export/{name}") } else { name.to_owned() };
                archive.add(&name, tar::EntryType::Regular, content).map_err(|source| archive.refused(source))
            }
        }
    }

    /// Closes everything; what the archive became.
    pub fn finish(self) -> Result<Option<Written>, GenerateError> {
        match self {
            Self::Directory(_) => Ok(None),
            Self::Archive(archive) => {
                let path = archive.path.clone();
                archive.finish().map(Some).map_err(|source| GenerateError::Io { path, source })
            }
        }
    }
}

/// An archive being written.
pub struct Archive {
    tar: tar::Builder<GzEncoder<Spool>>,
    path: PathBuf,
    base: String,
    faults: Vec<ArchiveFault>,
}

impl Archive {
    fn has(&self, fault: ArchiveFault) -> bool {
        self.faults.contains(&fault)
    }

    fn refused(&self, source: io::Error) -> GenerateError {
        GenerateError::Io { path: self.path.clone(), source }
    }

    /// The name is written as it is: a fault may climb out of the archive, which the library would refuse.
    fn add(&mut self, name: &str, kind: tar::EntryType, content: &[u8]) -> io::Result<()> {
        let mut header = tar::Header::new_ustar();
        let field = &mut header.as_old_mut().name;
        let name = name.as_bytes();
        let length = name.len().min(field.len());
        field[..length].copy_from_slice(&name[..length]);
        header.set_entry_type(kind);
        header.set_mode(0o644);
        header.set_size(content.len() as u64);
        if kind == tar::EntryType::Symlink {
            header.set_link_name("/etc/hostname")?;
        }
        header.set_cksum();
        self.tar.append(&header, content)
    }

    fn finish(mut self) -> io::Result<Written> {
        for (fault, name, kind) in [
            (ArchiveFault::Link, "lien.xml", tar::EntryType::Symlink),
            (ArchiveFault::Climbing, "../hors-archive.txt", tar::EntryType::Regular),
            (ArchiveFault::Foreign, "LISEZMOI.txt", tar::EntryType::Regular),
        ] {
            if self.has(fault) {
                let content: &[u8] = if kind == tar::EntryType::Symlink { b"" } else { b"Livraison de synthese.\n" };
                self.add(name, kind, content)?;
            }
        }
        let (truncated, faults) = (self.has(ArchiveFault::Truncated), self.faults.clone());
        let spool = self.tar.into_inner()?.finish()?;
        let (mut digest, mut bytes) = spool.close(truncated)?;
        let mut files = vec![format!("{}.tar.gz", self.base)];
        let has = |fault| faults.contains(&fault);
        if has(ArchiveFault::WrongDigest) {
            digest = "0".repeat(32);
        }
        if has(ArchiveFault::LooseDigest) {
            digest = format!("{digest}  {}\n", files[0]);
        }
        if has(ArchiveFault::NotDigest) {
            digest = "Archive de synthese".to_owned();
        }
        if !has(ArchiveFault::NoDigest) {
            let name = format!("{}.md5", self.base);
            std::fs::write(self.path.with_file_name(&name), &digest)?;
            bytes += digest.len() as u64;
            files.push(name);
        }
        Ok(Written { files, bytes })
    }
}

/// Writes to a file and takes the digest; the last bytes are held back, for the archive that must be cut short.
struct Spool {
    file: BufWriter<File>,
    held: Vec<u8>,
    digest: Md5,
    bytes: u64,
}

/// The end of a gzip stream is eight bytes of check; four more are data.
const TAIL: usize = 12;

impl Spool {
    fn push(&mut self, count: usize) -> io::Result<()> {
        let ready = &self.held[..count];
        self.digest.update(ready);
        self.bytes += count as u64;
        self.file.write_all(ready)?;
        self.held.drain(..count);
        Ok(())
    }

    /// The digest in hexadecimal, and the size.
    fn close(mut self, cut: bool) -> io::Result<(String, u64)> {
        if !cut {
            self.push(self.held.len())?;
        }
        self.file.flush()?;
        let hex = self.digest.finalize().iter().fold(String::with_capacity(32), |out, byte| out + &format!("{byte:02x}"));
        Ok((hex, self.bytes))
    }
}

impl Write for Spool {
    fn write(&mut self, content: &[u8]) -> io::Result<usize> {
        self.held.extend_from_slice(content);
        self.push(self.held.len().saturating_sub(TAIL))?;
        Ok(content.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
