//! Finds the deliveries under a path: directories, zips, tar.gz; one a directory and a school level.
//!
//! A directory that holds a Complet and Deltas is one delivery in layers. Never reads more than heads.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use md5::{Digest, Md5};

use super::input::{Group, InputFile, MAX_FILES, Place, entry_name, head_of, input_file, open_tar};
use super::name::{CATEGORIES, Mode};
use super::sniff::HEAD;
use crate::rules::model::Degree;

/// Deepest directory looked into.
const MAX_DEPTH: usize = 4;

/// Why a path gives no delivery.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// It cannot be read.
    #[error("{}: {source}", .path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It holds no AAF file.
    #[error("{}: no AAF file found (names end with _Eleve_0000.xml, and the root is ficAlimMENESR)", .0.display())]
    Nothing(PathBuf),
}

/// What is delivered together.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Short name for reports.
    pub label: String,
    /// `directory`, `zip`, `tar.gz` or `file`.
    pub container: &'static str,
    /// Files known before reading.
    pub files: Vec<InputFile>,
    /// Archives read as streams, with their layer.
    pub tars: Vec<(PathBuf, u8)>,
    /// XML files that are not AAF.
    pub unrecognised: Vec<String>,
    /// `.md5` files: name, whether it matches (`None`: could not be checked).
    pub checksums: Vec<(String, Option<bool>)>,
    /// Level, as far as heads tell.
    pub degree: Option<Degree>,
    /// The Complet that a Delta applies to was given.
    pub previous: bool,
    /// It was given as such: the layers are deliveries of their own, each with its mode and date.
    pub chained: bool,
    /// Number of layers.
    pub layers: u8,
}

impl Delivery {
    fn new(label: String, container: &'static str) -> Self {
        Self {
            label,
            container,
            files: Vec::new(),
            tars: Vec::new(),
            unrecognised: Vec::new(),
            checksums: Vec::new(),
            degree: None,
            previous: false,
            chained: false,
            layers: 1,
        }
    }

    /// The groups to read, one after the other: targets of references first, newest layer first.
    #[must_use]
    pub fn groups(&self) -> Vec<Group> {
        if !self.tars.is_empty() {
            let mut tars = self.tars.clone();
            tars.sort_by_key(|(_, layer)| std::cmp::Reverse(*layer));
            let mut groups: Vec<Group> = tars.into_iter().map(|(path, layer)| Group::Tar(path, layer)).collect();
            let plain: Vec<u32> = (0..self.files.len() as u32).collect();
            if !plain.is_empty() {
                groups.push(Group::Files(plain));
            }
            return groups;
        }
        let mut groups = Vec::new();
        for category in CATEGORIES.into_iter().map(Some).chain([None]) {
            for layer in (0..self.layers).rev() {
                let ranks: Vec<u32> = (0..self.files.len())
                    .filter(|i| self.files[*i].category == category && self.files[*i].layer == layer)
                    .map(|i| i as u32)
                    .collect();
                if !ranks.is_empty() {
                    groups.push(Group::Files(ranks));
                }
            }
        }
        groups
    }
}

/// The deliveries under a path.
///
/// # Errors
/// The path cannot be read, or holds no AAF file.
pub fn find(path: &Path) -> Result<Vec<Delivery>, FindError> {
    let read = |source| FindError::Read { path: path.to_owned(), source };
    let meta = fs::metadata(path).map_err(read)?;
    let label = path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned());
    let mut found = Vec::new();
    if meta.is_file() {
        match archive_kind(path) {
            Some("zip") => zip(path, &label, &mut found).map_err(read)?,
            Some(_) => found.extend(tar(path, &label).map_err(read)?),
            None => {
                let mut delivery = Delivery::new(label.clone(), "file");
                add_file(&mut delivery, path, label, meta.len()).map_err(read)?;
                found.extend(layered(delivery));
            }
        }
    } else {
        directory(path, &label, 0, &mut found).map_err(read)?;
    }
    if found.is_empty() { Err(FindError::Nothing(path.to_owned())) } else { Ok(found) }
}

/// A Complet and the Deltas that apply to it, in order.
///
/// # Errors
/// As [`find`].
pub fn chain(complet: &Path, deltas: &[PathBuf]) -> Result<Vec<Delivery>, FindError> {
    let mut all = find(complet)?;
    for (i, delta) in deltas.iter().enumerate() {
        let layer = u8::try_from(i + 1).unwrap_or(u8::MAX);
        for newer in find(delta)? {
            let base = all.iter_mut().find(|d| d.degree == newer.degree || d.degree.is_none() || newer.degree.is_none());
            let Some(base) = base else {
                all.push(newer);
                continue;
            };
            base.layers = base.layers.max(layer + 1);
            base.previous = true;
            base.chained = true;
            base.files.extend(newer.files.into_iter().map(|f| InputFile { layer, path: format!("{}/{}", newer.label, f.path), ..f }));
            base.tars.extend(newer.tars.into_iter().map(|(path, _)| (path, layer)));
            base.checksums.extend(newer.checksums);
            base.unrecognised.extend(newer.unrecognised);
        }
    }
    Ok(all)
}

fn archive_kind(path: &Path) -> Option<&'static str> {
    let name = path.file_name()?.to_string_lossy().to_ascii_lowercase();
    if name.ends_with(".zip") {
        Some("zip")
    } else if name.ends_with(".tgz") || name.ends_with(".tar.gz") {
        Some("tar.gz")
    } else {
        None
    }
}

fn directory(dir: &Path, label: &str, depth: usize, found: &mut Vec<Delivery>) -> io::Result<()> {
    let mut entries: Vec<PathBuf> = fs::read_dir(dir)?.flatten().map(|e| e.path()).take(MAX_FILES).collect();
    entries.sort();
    let mut delivery = Delivery::new(label.to_owned(), "directory");
    let (mut archives, mut below) = (Vec::new(), Vec::new());
    for path in entries {
        let Ok(meta) = fs::symlink_metadata(&path) else { continue };
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if meta.is_dir() {
            below.push((path, name));
        } else if archive_kind(&path).is_some() {
            archives.push((path, name));
        } else if name.ends_with(".xml") {
            let size = fs::metadata(&path).map_or(0, |m| m.len());
            add_file(&mut delivery, &path, name, size)?;
        } else if name.ends_with(".md5") {
            delivery.checksums.push((name, md5_matches(&path)));
        }
    }
    let plain = !delivery.files.is_empty();
    if plain || !delivery.unrecognised.is_empty() {
        found.extend(layered(delivery));
    }
    if !plain {
        for (path, name) in archives {
            // An archive that cannot be opened is said where it stands, and the others are read.
            let before = found.len();
            let opened = match archive_kind(&path) {
                Some("zip") => zip(&path, &name, found),
                _ => tar(&path, &name).map(|d| found.extend(d)),
            };
            if opened.is_err() {
                found.truncate(before);
                let mut broken = Delivery::new(name.clone(), "zip");
                let mut file = input_file(name, 0, b"", 0, Place::Disk(path));
                file.problem = Some("problem.archive");
                broken.files.push(file);
                found.push(broken);
            }
        }
    }
    if depth < MAX_DEPTH {
        for (path, name) in below {
            let label = if depth == 0 { name } else { format!("{label}/{name}") };
            // A sub-directory that cannot be read is passed over: what was found elsewhere stands.
            let _ = directory(&path, &label, depth + 1, found);
        }
    }
    Ok(())
}

fn add_file(delivery: &mut Delivery, path: &Path, name: String, size: u64) -> io::Result<()> {
    match head_of(path) {
        Ok(head) if head.aaf || super::name::parse(&name).category.is_some() => {
            let mut start = Vec::new();
            fs::File::open(path)?.take(HEAD as u64).read_to_end(&mut start)?;
            delivery.files.push(input_file(name, size, &start, 0, Place::Disk(path.to_owned())));
        }
        Ok(_) => delivery.unrecognised.push(name),
        Err(_) => {
            let mut file = input_file(name, size, b"", 0, Place::Disk(path.to_owned()));
            file.problem = Some("problem.open");
            delivery.files.push(file);
        }
    }
    Ok(())
}

fn zip(path: &Path, label: &str, found: &mut Vec<Delivery>) -> io::Result<()> {
    let mut archive = zip::ZipArchive::new(fs::File::open(path)?).map_err(io::Error::other)?;
    let mut by_directory: BTreeMap<String, Delivery> = BTreeMap::new();
    for index in 0..archive.len().min(MAX_FILES) {
        let Ok(entry) = archive.by_index(index) else { continue };
        let Some(shown) = entry.name().ok().and_then(|n| entry_name(n.as_bytes())).filter(|n| entry.is_file() && n.ends_with(".xml"))
        else {
            continue;
        };
        let size = entry.size();
        let (mut head, directory) = (Vec::new(), shown.rsplit_once('/').map_or(String::new(), |(d, _)| d.to_owned()));
        let read = entry.take(HEAD as u64).read_to_end(&mut head);
        let delivery = by_directory.entry(directory).or_insert_with(|| Delivery::new(label.to_owned(), "zip"));
        let mut file = input_file(shown.clone(), size, &head, 0, Place::Zip(path.to_owned(), index));
        if read.is_err() {
            file.problem = Some("problem.archive");
        }
        if file.head.aaf || file.name.category.is_some() {
            delivery.files.push(file);
        } else {
            delivery.unrecognised.push(shown);
        }
    }
    let several = by_directory.values().filter(|d| !d.files.is_empty()).count() > 1;
    for (directory, mut delivery) in by_directory.into_iter().filter(|(_, d)| !d.files.is_empty()) {
        if several {
            delivery.label = format!("{label}/{directory}");
        }
        delivery.checksums.extend(sibling_md5(path));
        found.extend(layered(delivery));
    }
    Ok(())
}

/// A tar.gz is one delivery; only its beginning is read here, for the level.
fn tar(path: &Path, label: &str) -> io::Result<Option<Delivery>> {
    let mut delivery = Delivery::new(label.to_owned(), "tar.gz");
    let mut archive = open_tar(path)?;
    for entry in archive.entries()?.take(MAX_FILES) {
        let Ok(mut entry) = entry else { break };
        let mut head = Vec::new();
        let Some(name) = entry_name(&entry.path_bytes()).filter(|n| n.ends_with(".xml")) else { continue };
        if (&mut entry).take(HEAD as u64).read_to_end(&mut head).is_err() {
            break;
        }
        let file = input_file(name, 0, &head, 0, Place::Tar);
        if file.head.aaf {
            delivery.degree = file.head.content_degree.or(file.head.header_degree);
            if delivery.degree.is_some() {
                break;
            }
        }
    }
    delivery.tars.push((path.to_owned(), 0));
    delivery.checksums.extend(sibling_md5(path));
    Ok(Some(delivery))
}

/// Splits by school level and sets the layers of what one directory holds.
fn layered(delivery: Delivery) -> Vec<Delivery> {
    // What the attributes show is surer than what a comment says.
    let level = |f: &InputFile| f.head.content_degree.or(f.head.header_degree);
    let mut levels: Vec<Option<Degree>> = delivery.files.iter().map(level).filter(Option::is_some).collect();
    levels.sort();
    levels.dedup();
    if levels.len() < 2 {
        let mut one = delivery;
        one.degree = levels.first().copied().flatten();
        set_layers(&mut one);
        return vec![one];
    }
    let mut all = Vec::new();
    for (i, degree) in levels.iter().enumerate() {
        let mut part = Delivery { files: Vec::new(), degree: *degree, ..delivery.clone() };
        // What tells no level goes with the first.
        part.files = delivery.files.iter().filter(|f| level(f) == *degree || (i == 0 && level(f).is_none())).cloned().collect();
        part.label = format!("{} ({})", delivery.label, degree.map_or("?", Degree::as_str));
        if i > 0 {
            part.unrecognised.clear();
            part.checksums.clear();
        }
        set_layers(&mut part);
        all.push(part);
    }
    all
}

/// A Complet is layer 0; the Deltas follow by date. Without Complet, the Deltas start at 0.
fn set_layers(delivery: &mut Delivery) {
    let has_complet = delivery.files.iter().any(|f| f.name.mode != Some(Mode::Delta));
    let mut dates: Vec<_> = delivery.files.iter().filter(|f| f.name.mode == Some(Mode::Delta)).map(|f| f.name.date).collect();
    dates.sort();
    dates.dedup();
    let first = u8::from(has_complet);
    for file in delivery.files.iter_mut().filter(|f| f.name.mode == Some(Mode::Delta)) {
        let rank = dates.iter().position(|d| *d == file.name.date).unwrap_or(0);
        file.layer = first + u8::try_from(rank).unwrap_or(u8::MAX - 1);
    }
    delivery.layers = delivery.files.iter().map(|f| f.layer).max().unwrap_or(0) + 1;
    delivery.previous = has_complet && !dates.is_empty();
}

fn sibling_md5(path: &Path) -> Option<(String, Option<bool>)> {
    let name = path.file_name()?.to_string_lossy().into_owned();
    let stem = name.trim_end_matches(".zip").trim_end_matches(".tgz").trim_end_matches(".tar.gz");
    let candidates = [format!("{name}.md5"), format!("{stem}.md5")];
    let found = candidates.iter().map(|c| path.with_file_name(c)).find(|p| p.is_file())?;
    Some((found.file_name()?.to_string_lossy().into_owned(), md5_of(&found, path)))
}

/// Whether a `.md5` matches the file it names, or the one it stands beside.
fn md5_matches(path: &Path) -> Option<bool> {
    let text = read_small(path)?;
    let named = text.split_whitespace().nth(1).map(|n| n.trim_start_matches('*'));
    let beside = path.file_stem()?.to_string_lossy().into_owned();
    let target = named.and_then(|n| Path::new(n).file_name().map(|n| n.to_string_lossy().into_owned())).unwrap_or(beside);
    md5_of(path, &path.with_file_name(target))
}

fn md5_of(md5: &Path, target: &Path) -> Option<bool> {
    let expected = read_small(md5)?.split_whitespace().next()?.to_ascii_lowercase();
    if expected.len() != 32 || !expected.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let (mut file, mut hash, mut buffer) = (fs::File::open(target).ok()?, Md5::new(), vec![0; 1 << 18]);
    loop {
        match file.read(&mut buffer).ok()? {
            0 => break,
            n => hash.update(&buffer[..n]),
        }
    }
    let got: String = hash.finalize().iter().map(|b| format!("{b:02x}")).collect();
    Some(got == expected)
}

fn read_small(path: &Path) -> Option<String> {
    let mut text = String::new();
    fs::File::open(path).ok()?.take(4096).read_to_string(&mut text).ok()?;
    Some(text)
}
