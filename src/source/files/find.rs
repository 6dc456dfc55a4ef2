//! Finds the deliveries under a path: directories, zips, tar.gz; one a directory and a school level.
//!
//! A directory that holds a Complet and Deltas is one delivery in layers. Never reads more than heads.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use md5::{Digest, Md5};

use super::archive::{archived, decompressed, entry_name, reason, walk_tar};
use super::delivery::{Checksum, Delivery, SumForm};
use super::input::{HEAD, InputFile, MAX_FILES, Place, Says, compressed_name, input_file, regular, why_closed};
use crate::rules::model::Degree;

/// Deepest directory looked into.
pub(super) const MAX_DEPTH: usize = 4;

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
    /// It holds no file of the format.
    #[error("{}: no file of that format", .0.display())]
    Nothing(PathBuf),
}

/// The deliveries under a path.
///
/// # Errors
/// The path cannot be read, or holds no AAF file.
pub fn find<S: Says>(path: &Path) -> Result<Vec<Delivery<S>>, FindError> {
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

/// Why a path could not be looked into, as a key of the catalogue.
#[must_use]
pub fn problem(path: &Path, error: &io::Error) -> &'static str {
    if archive_kind(path).is_some() { reason(error) } else { "problem.open" }
}

/// A Complet and the Deltas that apply to it, in order.
///
/// # Errors
/// As [`find`].
pub fn chain<S: Says>(complet: &Path, deltas: &[PathBuf]) -> Result<Vec<Delivery<S>>, FindError> {
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

/// What kind of archive a file is, after its name.
pub(super) fn archive_kind(path: &Path) -> Option<&'static str> {
    let name = path.file_name()?.to_string_lossy().to_ascii_lowercase();
    if name.ends_with(".zip") {
        Some("zip")
    } else if name.ends_with(".tgz") || name.ends_with(".tar.gz") {
        Some("tar.gz")
    } else {
        None
    }
}

fn directory<S: Says>(dir: &Path, label: &str, depth: usize, found: &mut Vec<Delivery<S>>, strays: &mut Vec<String>) -> io::Result<()> {
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
            if S::of(&name, b"").is_named() {
                delivery.files.push(unread(name.clone(), &path, "problem.not_file"));
            }
            below.push((path, name));
        } else if archive_kind(&path).is_some() {
            archives.push((path, name));
        } else if S::may_be(compressed_name(&name).unwrap_or(&name)) {
            let size = fs::metadata(&path).map_or(0, |m| m.len());
            add_file(&mut delivery, &path, name, size);
        } else if name.ends_with(".md5") {
            delivery.checksums.push(md5_matches(name, &path));
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

fn add_file<S: Says>(delivery: &mut Delivery<S>, path: &Path, name: String, size: u64) {
    let mut head = Vec::with_capacity(HEAD + 1);
    let inside = compressed_name(&name).map(str::to_owned);
    let opened = match &inside {
        // What cannot be decompressed is told when it is read.
        Some(_) => decompressed(path).map(|file| file.take(HEAD as u64).read_to_end(&mut head).unwrap_or_default()),
        None => regular(path).and_then(|file| file.take(HEAD as u64).read_to_end(&mut head)),
    };
    if let Err(e) = opened {
        delivery.files.push(unread(name, path, why_closed(&e)));
        return;
    }
    let place = if inside.is_some() { Place::Gz(path.to_owned()) } else { Place::Disk(path.to_owned()) };
    let said = input_file::<S>(inside.unwrap_or_else(|| name.clone()), size, &head, 0, place);
    let file = InputFile { path: name, ..said };
    if file.said.is_content() || file.said.is_named() {
        delivery.files.push(file);
    } else {
        delivery.unrecognised.push(file.path);
    }
}

/// What could not be opened: nothing of it will be read.
fn unread<S: Says>(name: String, path: &Path, problem: &'static str) -> InputFile<S> {
    InputFile { problem: Some(problem), ..input_file(name, 0, b"", 0, Place::Disk(path.to_owned())) }
}

/// A delivery that is known by its failure only.
fn broken<S: Says>(label: String, path: &Path, container: &'static str, problem: &'static str) -> Delivery<S> {
    let mut delivery = Delivery::new(label.clone(), container);
    delivery.files.push(unread(label, path, problem));
    delivery
}

fn zip<S: Says>(path: &Path, label: &str, found: &mut Vec<Delivery<S>>) -> io::Result<()> {
    let mut archive = zip::ZipArchive::new(regular(path)?).map_err(io::Error::other)?;
    let mut by_directory: BTreeMap<String, Delivery<S>> = BTreeMap::new();
    for index in 0..archive.len().min(MAX_FILES) {
        // What cannot be decompressed (encrypted, of an unknown method, damaged) still has a name.
        let Ok(entry) = archive.by_index_raw(index) else { continue };
        let Some(shown) = entry_name(entry.name_raw()).filter(|n| !entry.is_dir() && S::may_be(n)) else { continue };
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
fn tar<S: Says>(path: &Path, label: &str) -> io::Result<Option<Delivery<S>>> {
    let mut delivery = Delivery::new(label.to_owned(), "tar.gz");
    let mut some = false;
    regular(path)?;
    let walked = walk_tar(path, |entry| {
        let mut head = Vec::with_capacity(HEAD + 1);
        if entry.regular && S::may_be(&entry.name) {
            entry.content.take(HEAD as u64).read_to_end(&mut head)?;
        }
        if let Some(Ok(file)) = archived::<S>(entry.name, entry.size, &head, 0, Place::Tar(path.to_owned(), entry.rank), entry.regular) {
            some = true;
            delivery.date = delivery.date.max(file.said.date());
            delivery.degree = file.said.degree();
        }
        Ok(delivery.degree.is_none() && entry.rank < MAX_FILES)
    });
    delivery.tars.push((path.to_owned(), 0));
    delivery.checksums.extend(sibling_md5(path));
    // Of what broke before anything was known, nothing tells that it is of this format.
    if !some {
        walked?;
    }
    Ok(some.then_some(delivery))
}

/// Splits by school level and sets the layers of what one directory holds.
fn layered<S: Says>(delivery: Delivery<S>) -> Vec<Delivery<S>> {
    let level = |f: &InputFile<S>| f.said.degree();
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
fn set_layers<S: Says>(delivery: &mut Delivery<S>) {
    let has_complet = delivery.files.iter().any(|f| !f.said.is_delta());
    let mut dates: Vec<_> = delivery.files.iter().filter(|f| f.said.is_delta()).map(|f| f.said.date()).collect();
    dates.sort();
    dates.dedup();
    let first = u16::from(has_complet);
    for file in delivery.files.iter_mut().filter(|f| f.said.is_delta()) {
        let rank = dates.iter().position(|d| *d == file.said.date()).unwrap_or(0);
        file.layer = first + u16::try_from(rank).unwrap_or(u16::MAX).min(u16::MAX - 2);
    }
    delivery.layers = delivery.files.iter().map(|f| f.layer).max().unwrap_or(0) + 1;
    delivery.previous = has_complet && !dates.is_empty();
}

/// The `.md5` of an archive, beside it.
fn sibling_md5(path: &Path) -> Option<Checksum> {
    let name = path.file_name()?.to_string_lossy().into_owned();
    let stem = name.trim_end_matches(".zip").trim_end_matches(".tgz").trim_end_matches(".tar.gz");
    let candidates = [format!("{name}.md5"), format!("{stem}.md5")];
    let found = candidates.iter().map(|c| path.with_file_name(c)).find(|p| p.is_file())?;
    let (form, sum) = sum_in(&read_small(&found).unwrap_or_default());
    Some(Checksum { name: found.file_name()?.to_string_lossy().into_owned(), form, matches: sum.and_then(|sum| matches(path, &sum)) })
}

/// A `.md5` matches the file it names, or the one it stands beside.
fn md5_matches(name: String, path: &Path) -> Checksum {
    let text = read_small(path).unwrap_or_default();
    let named = text.split_whitespace().nth(1).map(|n| n.trim_start_matches('*'));
    let beside = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let target = named.and_then(|n| Path::new(n).file_name().map(|n| n.to_string_lossy().into_owned())).unwrap_or(beside);
    let (form, sum) = sum_in(&text);
    Checksum { name, form, matches: sum.and_then(|sum| matches(&path.with_file_name(target), &sum)) }
}

/// The sum in the text of a `.md5`, and how it is written.
fn sum_in(text: &str) -> (SumForm, Option<String>) {
    let sum = text.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
    if sum.len() != 32 || !sum.bytes().all(|b| b.is_ascii_hexdigit()) {
        return (SumForm::Wrong, None);
    }
    (if text == sum { SumForm::Exact } else { SumForm::Lenient }, Some(sum))
}

fn matches(target: &Path, sum: &str) -> Option<bool> {
    let (mut file, mut hash, mut buffer) = (regular(target).ok()?, Md5::new(), vec![0; 1 << 18]);
    loop {
        match file.read(&mut buffer).ok()? {
            0 => break,
            n => hash.update(&buffer[..n]),
        }
    }
    let got: String = hash.finalize().iter().map(|b| format!("{b:02x}")).collect();
    Some(got == sum)
}

fn read_small(path: &Path) -> Option<String> {
    let mut text = String::new();
    regular(path).ok()?.take(4096).read_to_string(&mut text).ok()?;
    Some(text)
}
