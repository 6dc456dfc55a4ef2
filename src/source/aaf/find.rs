//! Finds the deliveries under a path: directories, zips, tar.gz; one a directory and a school level.
//!
//! A directory that holds a Complet and Deltas is one delivery in layers. Never reads more than heads.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use md5::{Digest, Md5};

use super::chunk::CHUNK;
use super::input::{Group, InputFile, MAX_FILES, Place, archived, entry_name, input_file, regular, walk_tar, why_closed};
use super::name::{self, CATEGORIES, Mode};
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
    pub tars: Vec<(PathBuf, u16)>,
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
    pub layers: u16,
    /// Date in the names of an archive read as a stream, as far as its beginning tells.
    pub date: Option<Date>,
    /// Bytes read at a time; only tests change it.
    pub chunk: usize,
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
            date: None,
            chunk: CHUNK,
        }
    }

    /// The groups to read, one after the other: the newest layer first, else what it says would come too late;
    /// targets of references first where no archive is to be read as a stream.
    #[must_use]
    pub fn groups(&self) -> Vec<Group> {
        let mut plain: BTreeMap<_, Vec<u32>> = BTreeMap::new();
        for (rank, file) in self.files.iter().enumerate().filter(|(_, f)| f.problem.is_none()) {
            let category = file.category.and_then(|c| CATEGORIES.iter().position(|k| *k == c)).unwrap_or(CATEGORIES.len());
            let newest_first = self.layers - file.layer.min(self.layers);
            let order = if self.tars.is_empty() { (category, newest_first) } else { (0, newest_first) };
            plain.entry(order).or_default().push(rank as u32);
        }
        let mut groups: Vec<_> = plain.into_iter().map(|((category, age), ranks)| ((category, age), Group::Files(ranks))).collect();
        groups.extend(self.tars.iter().map(|(path, layer)| ((0, self.layers - layer.min(&self.layers)), Group::Tar(path.clone(), *layer))));
        groups.sort_by_key(|(order, _)| *order);
        groups.into_iter().map(|(_, group)| group).collect()
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
    let (mut found, mut strays) = (Vec::new(), Vec::new());
    if meta.is_file() {
        match archive_kind(path) {
            Some("zip") => zip(path, &label, &mut found).map_err(read)?,
            Some(_) => found.extend(tar(path, &label).map_err(read)?),
            None => {
                let mut delivery = Delivery::new(label.clone(), "file");
                add_file(&mut delivery, path, label, meta.len());
                if delivery.files.is_empty() {
                    return Err(FindError::Nothing(path.to_owned()));
                }
                found.extend(layered(delivery));
            }
        }
    } else {
        directory(path, &label, 0, &mut found, &mut strays).map_err(read)?;
    }
    // A directory of other XML files is no delivery, and is not passed over in silence.
    if let Some(first) = found.first_mut() {
        first.unrecognised.extend(strays);
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
        let layer = u16::try_from(i + 1).unwrap_or(u16::MAX - 1);
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
            base.date = base.date.max(newer.date);
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

fn directory(dir: &Path, label: &str, depth: usize, found: &mut Vec<Delivery>, strays: &mut Vec<String>) -> io::Result<()> {
    let mut entries: Vec<PathBuf> = fs::read_dir(dir)?.flatten().map(|e| e.path()).take(MAX_FILES + 1).collect();
    let mut delivery = Delivery::new(label.to_owned(), "directory");
    if entries.len() > MAX_FILES {
        delivery.files.push(unread(label.to_owned(), dir, "problem.many"));
        entries.truncate(MAX_FILES);
    }
    entries.sort();
    let (mut archives, mut below) = (Vec::new(), Vec::new());
    for path in entries {
        let Ok(meta) = fs::symlink_metadata(&path) else { continue };
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if meta.is_dir() {
            if name::parse(&name).category.is_some() {
                delivery.files.push(unread(name.clone(), &path, "problem.not_file"));
            }
            below.push((path, name));
        } else if archive_kind(&path).is_some() {
            archives.push((path, name));
        } else if name::stem(&name).is_some() {
            let size = fs::metadata(&path).map_or(0, |m| m.len());
            add_file(&mut delivery, &path, name, size);
        } else if name.ends_with(".md5") {
            delivery.checksums.push((name, md5_matches(&path)));
        }
    }
    let plain = !delivery.files.is_empty();
    if plain {
        found.extend(layered(delivery));
    } else {
        strays.extend(delivery.unrecognised.iter().map(|name| if depth == 0 { name.clone() } else { format!("{label}/{name}") }));
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
                found.push(broken(name, &path, "zip", "problem.archive"));
            }
        }
    }
    if depth < MAX_DEPTH {
        for (path, name) in below {
            let label = if depth == 0 { name } else { format!("{label}/{name}") };
            // A sub-directory that cannot be read is said where it stands too.
            if let Err(e) = directory(&path, &label, depth + 1, found, strays) {
                found.push(broken(label, &path, "directory", why_closed(&e)));
            }
        }
    }
    Ok(())
}

fn add_file(delivery: &mut Delivery, path: &Path, name: String, size: u64) {
    let mut head = Vec::new();
    let opened = regular(path).and_then(|file| file.take(HEAD as u64).read_to_end(&mut head));
    if let Err(e) = opened {
        delivery.files.push(unread(name, path, why_closed(&e)));
        return;
    }
    let file = input_file(name, size, &head, 0, Place::Disk(path.to_owned()));
    if file.head.aaf || file.name.category.is_some() {
        delivery.files.push(file);
    } else {
        delivery.unrecognised.push(file.path);
    }
}

/// What could not be opened: nothing of it will be read.
fn unread(name: String, path: &Path, problem: &'static str) -> InputFile {
    InputFile { problem: Some(problem), ..input_file(name, 0, b"", 0, Place::Disk(path.to_owned())) }
}

/// A delivery that is known by its failure only.
fn broken(label: String, path: &Path, container: &'static str, problem: &'static str) -> Delivery {
    let mut delivery = Delivery::new(label.clone(), container);
    delivery.files.push(unread(label, path, problem));
    delivery
}

fn zip(path: &Path, label: &str, found: &mut Vec<Delivery>) -> io::Result<()> {
    let mut archive = zip::ZipArchive::new(regular(path)?).map_err(io::Error::other)?;
    let mut by_directory: BTreeMap<String, Delivery> = BTreeMap::new();
    for index in 0..archive.len().min(MAX_FILES) {
        // What cannot be decompressed (encrypted, of an unknown method, damaged) still has a name.
        let Ok(entry) = archive.by_index_raw(index) else { continue };
        let Some(shown) = entry_name(entry.name_raw()).filter(|n| !entry.is_dir() && name::stem(n).is_some()) else { continue };
        let (size, regular) = (entry.size(), entry.is_file());
        drop(entry);
        let (mut head, directory) = (Vec::new(), shown.rsplit_once('/').map_or(String::new(), |(d, _)| d.to_owned()));
        let read = archive.by_index(index).map_err(io::Error::other).and_then(|entry| entry.take(HEAD as u64).read_to_end(&mut head));
        let delivery = by_directory.entry(directory).or_insert_with(|| Delivery::new(label.to_owned(), "zip"));
        match archived(shown, size, &head, 0, Place::Zip(path.to_owned(), index), regular) {
            Some(Ok(file)) if read.is_err() => delivery.files.push(InputFile { problem: Some("problem.archive"), ..file }),
            Some(Ok(file)) => delivery.files.push(file),
            Some(Err(name)) if read.is_err() => {
                delivery.files.push(InputFile {
                    problem: Some("problem.archive"),
                    ..input_file(name, size, b"", 0, Place::Zip(path.to_owned(), index))
                });
            }
            Some(Err(name)) => delivery.unrecognised.push(name),
            None => {}
        }
    }
    if archive.len() > MAX_FILES || archive.has_duplicate_names() {
        let problem = if archive.len() > MAX_FILES { "problem.many" } else { "problem.same_names" };
        let delivery = by_directory.entry(String::new()).or_insert_with(|| Delivery::new(label.to_owned(), "zip"));
        delivery.files.push(unread(label.to_owned(), path, problem));
    }
    let several = by_directory.values().filter(|d| !d.files.is_empty()).count() > 1;
    let mut strays: Vec<String> = by_directory.values().filter(|d| d.files.is_empty()).flat_map(|d| d.unrecognised.clone()).collect();
    for (directory, mut delivery) in by_directory.into_iter().filter(|(_, d)| !d.files.is_empty()) {
        delivery.unrecognised.append(&mut strays);
        if several {
            delivery.label = format!("{label}/{directory}");
        }
        delivery.checksums.extend(sibling_md5(path));
        found.extend(layered(delivery));
    }
    Ok(())
}

/// A tar.gz is one delivery; only its beginning is read here, for the level. `None` when it was read to its end and
/// holds no AAF file.
fn tar(path: &Path, label: &str) -> io::Result<Option<Delivery>> {
    let mut delivery = Delivery::new(label.to_owned(), "tar.gz");
    let mut some = false;
    regular(path)?;
    let walked = walk_tar(path, |entry| {
        let mut head = Vec::new();
        if entry.regular && name::stem(&entry.name).is_some() {
            entry.content.take(HEAD as u64).read_to_end(&mut head)?;
        }
        if let Some(Ok(file)) = archived(entry.name, entry.size, &head, 0, Place::Tar(path.to_owned(), entry.rank), entry.regular) {
            some = true;
            delivery.date = delivery.date.max(file.name.date);
            delivery.degree = file.head.content_degree.or(file.head.header_degree);
        }
        Ok(delivery.degree.is_none() && entry.rank < MAX_FILES)
    });
    delivery.tars.push((path.to_owned(), 0));
    delivery.checksums.extend(sibling_md5(path));
    Ok((some || walked.is_err()).then_some(delivery))
}

/// Splits by school level and sets the layers of what one directory holds.
fn layered(delivery: Delivery) -> Vec<Delivery> {
    // A header says what it likes: what tells the level is the content, where it does.
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
    let first = u16::from(has_complet);
    for file in delivery.files.iter_mut().filter(|f| f.name.mode == Some(Mode::Delta)) {
        let rank = dates.iter().position(|d| *d == file.name.date).unwrap_or(0);
        file.layer = first + u16::try_from(rank).unwrap_or(u16::MAX).min(u16::MAX - 2);
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
    let (mut file, mut hash, mut buffer) = (regular(target).ok()?, Md5::new(), vec![0; 1 << 18]);
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
    regular(path).ok()?.take(4096).read_to_string(&mut text).ok()?;
    Some(text)
}
