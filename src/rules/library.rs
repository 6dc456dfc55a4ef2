//! The sets that exist: those compiled into the binary and those of `--rules` directories.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use include_dir::{Dir, include_dir};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::contract::Contract;
use super::directory::DirectoryModel;
use super::model::{Nomenclature, Referentiel, Requirement};
use super::schema::{self, Shape};
use super::yaml::{self, FileError};

/// The sets of the repository as written, to name places in them.
static EMBEDDED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/rules");
/// The same turned into JSON by `build.rs`.
static JSON: Dir<'_> = include_dir!("$OUT_DIR/rules");

/// A set that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
    /// A directory or file that cannot be read.
    #[error("{}: {source}", .path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// No set of that name.
    #[error("no requirement set is named `{name}` (known: {known})")]
    Unknown {
        /// The name asked for.
        name: String,
        /// Those that exist.
        known: String,
    },
    /// A directory without `referentiel.yaml`.
    #[error("{}: no referentiel.yaml here nor in its sub-directories", .0.display())]
    NoSet(PathBuf),
    /// Errors in the files of a set.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Files(Vec<FileError>),
    /// Sets that extend one another in a circle.
    #[error("the sets {0} extend one another")]
    Circle(String),
}

/// A requirement with the place it was written at.
#[derive(Clone, Debug)]
pub struct Written {
    /// The requirement.
    pub requirement: Requirement,
    /// The place.
    pub at: At,
}

/// Where a requirement was written.
#[derive(Clone, Debug)]
pub struct At {
    /// Its file.
    pub file: PathBuf,
    /// Its rank in the file.
    pub index: usize,
    /// Compiled into the binary: the tests compile its check, no need to at each start.
    pub embedded: bool,
}

/// The files of one set, parsed, not yet joined with the set it extends.
#[derive(Clone, Debug)]
pub struct SetFiles {
    /// `referentiel.yaml`.
    pub referentiel: Referentiel,
    /// Requirements in the order of the files.
    pub requirements: Vec<Written>,
    /// Code lists.
    pub nomenclatures: Vec<(PathBuf, Nomenclature)>,
    /// What third-party services expect.
    pub contracts: Vec<(PathBuf, Contract)>,
    /// Parts of the reference model of the directory.
    pub directory: Vec<(PathBuf, DirectoryModel)>,
    /// Texts by file, to locate later errors.
    pub texts: BTreeMap<PathBuf, Cow<'static, str>>,
}

/// All the sets at hand.
#[derive(Debug, Default)]
pub struct Library {
    sets: BTreeMap<String, BTreeMap<PathBuf, File>>,
}

/// A file of a set.
#[derive(Debug)]
struct File {
    /// As written.
    yaml: Cow<'static, str>,
    /// The same in JSON when it is compiled in: a test holds it against its schema, no need to at each start.
    json: Option<&'static [u8]>,
}

/// The schemas of the kinds of file.
struct Shapes {
    referentiel: Shape,
    nomenclature: Shape,
    contract: Shape,
    requirement: Shape,
    directory: Shape,
}

impl Shapes {
    fn new() -> Self {
        Self {
            referentiel: Shape::of::<Referentiel>(),
            nomenclature: Shape::of::<Nomenclature>(),
            contract: Shape::of::<Contract>(),
            requirement: Shape::of::<Requirement>(),
            directory: Shape::of::<DirectoryModel>(),
        }
    }
}

impl Library {
    /// The sets compiled into the binary.
    #[must_use]
    pub fn embedded() -> Self {
        let mut library = Self::default();
        for dir in EMBEDDED.dirs() {
            let mut files = BTreeMap::new();
            collect(dir, &mut files);
            if let Some(name) = dir.path().file_name().filter(|_| files.keys().any(|f| is_referentiel(f))) {
                library.sets.insert(name.to_string_lossy().into_owned(), files);
            }
        }
        library
    }

    /// Adds the sets of a directory: itself a set, or a directory of sets. A set of the same name is replaced.
    ///
    /// # Errors
    /// What cannot be read, or holds no set.
    pub fn add(&mut self, dir: &Path) -> Result<(), LibraryError> {
        let read = |path: &Path| std::fs::read_dir(path).map_err(|source| LibraryError::Read { path: path.to_owned(), source });
        let mut roots = Vec::new();
        if dir.join("referentiel.yaml").is_file() {
            roots.push(dir.to_owned());
        } else {
            roots.extend(read(dir)?.flatten().map(|e| e.path()).filter(|p| p.join("referentiel.yaml").is_file()));
        }
        if roots.is_empty() {
            return Err(LibraryError::NoSet(dir.to_owned()));
        }
        for root in roots {
            let mut files = BTreeMap::new();
            let mut todo = vec![root.clone()];
            while let Some(dir) = todo.pop() {
                for path in read(&dir)?.flatten().map(|e| e.path()) {
                    if path.is_dir() {
                        todo.push(path);
                    } else if path.extension().is_some_and(|e| e == "yaml") {
                        let text = std::fs::read_to_string(&path).map_err(|source| LibraryError::Read { path: path.clone(), source })?;
                        files.insert(path, File { yaml: Cow::Owned(text), json: None });
                    }
                }
            }
            // The set is named by its referentiel; a wrong one is reported when the set is opened.
            let main = root.join("referentiel.yaml");
            let named = yaml::value(&main, &files[&main].yaml).ok().and_then(|v| v["id"].as_str().map(str::to_owned));
            let name = named.unwrap_or_else(|| root.file_name().unwrap_or_default().to_string_lossy().into_owned());
            self.sets.insert(name, files);
        }
        Ok(())
    }

    /// Names of the sets.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.sets.keys().map(String::as_str)
    }

    /// Parses the files of a set.
    ///
    /// # Errors
    /// Every error of every file, or an unknown name.
    pub fn open(&self, name: &str) -> Result<SetFiles, LibraryError> {
        let files = self
            .sets
            .get(name)
            .ok_or_else(|| LibraryError::Unknown { name: name.to_owned(), known: self.names().collect::<Vec<_>>().join(", ") })?;
        let shapes = files.values().any(|f| f.json.is_none()).then(Shapes::new);
        let files_of: Vec<(&PathBuf, &File)> = files.iter().collect();
        let parsed = each_on_threads(&files_of, |(path, file)| Parsed::of(path, file, shapes.as_ref()));
        let mut errors = Vec::new();
        let (mut referentiel, mut requirements, mut nomenclatures) = (None, Vec::new(), Vec::new());
        let (mut contracts, mut directory) = (Vec::new(), Vec::new());
        for ((path, _), parsed) in files_of.into_iter().zip(parsed) {
            match parsed {
                Ok(Parsed::Referentiel(r)) => referentiel = Some(*r),
                Ok(Parsed::Nomenclature(n)) => nomenclatures.push((path.clone(), n)),
                Ok(Parsed::Contract(c)) => contracts.push((path.clone(), c)),
                Ok(Parsed::Directory(part)) => directory.push((path.clone(), part)),
                Ok(Parsed::Requirements(all)) => requirements.extend(all),
                Err(e) => errors.extend(e),
            }
        }
        match referentiel {
            Some(referentiel) if errors.is_empty() => {
                let texts = files.iter().map(|(path, file)| (path.clone(), file.yaml.clone())).collect();
                Ok(SetFiles { referentiel, requirements, nomenclatures, contracts, directory, texts })
            }
            None if errors.is_empty() => Err(LibraryError::NoSet(PathBuf::from(name))),
            _ => Err(LibraryError::Files(errors)),
        }
    }
}

fn is_referentiel(path: &Path) -> bool {
    path.file_name().is_some_and(|n| n == "referentiel.yaml")
}

fn collect(dir: &'static Dir<'_>, files: &mut BTreeMap<PathBuf, File>) {
    for file in dir.files().filter(|f| f.path().extension().is_some_and(|e| e == "yaml")) {
        let json = JSON.get_file(file.path().with_extension("json")).map(include_dir::File::contents);
        let yaml = Cow::Borrowed(file.contents_utf8().unwrap_or_default());
        files.insert(Path::new("rules").join(file.path()), File { yaml, json });
    }
    for dir in dir.dirs() {
        collect(dir, files);
    }
}

/// What a file holds.
enum Parsed {
    Referentiel(Box<Referentiel>),
    Nomenclature(Nomenclature),
    Contract(Contract),
    Directory(DirectoryModel),
    Requirements(Vec<Written>),
}

impl Parsed {
    /// By its name and its folder; every error of it.
    fn of(path: &Path, file: &File, shapes: Option<&Shapes>) -> Result<Self, Vec<FileError>> {
        let folder = path.parent().and_then(Path::file_name).and_then(|f| f.to_str());
        match folder {
            _ if is_referentiel(path) => whole(shapes.map(|s| &s.referentiel), path, file).map(|r| Self::Referentiel(Box::new(r))),
            Some("contrats") => whole(shapes.map(|s| &s.contract), path, file).map(Self::Contract),
            Some("nomenclatures") => whole(shapes.map(|s| &s.nomenclature), path, file).map(Self::Nomenclature),
            Some("modele") => whole(shapes.map(|s| &s.directory), path, file).map(Self::Directory),
            _ => requirements_of(shapes.map(|s| &s.requirement), path, file).map(Self::Requirements),
        }
    }
}

fn whole<T: DeserializeOwned>(shape: Option<&Shape>, path: &Path, file: &File) -> Result<T, Vec<FileError>> {
    if let Some(json) = file.json {
        return compiled_in(path, json);
    }
    let value = yaml::value(path, &file.yaml).map_err(|e| vec![e])?;
    schema::typed(shape, path, &file.yaml, value, "")
}

fn compiled_in<T: DeserializeOwned>(path: &Path, json: &[u8]) -> Result<T, Vec<FileError>> {
    serde_json::from_slice(json).map_err(|e| vec![yaml::error_at(path, "", "", &e.to_string())])
}

fn requirements_of(shape: Option<&Shape>, path: &Path, file: &File) -> Result<Vec<Written>, Vec<FileError>> {
    let written = |embedded| move |(index, requirement)| Written { requirement, at: At { file: path.to_owned(), index, embedded } };
    if let Some(json) = file.json {
        return Ok(compiled_in::<Vec<Requirement>>(path, json)?.into_iter().enumerate().map(written(true)).collect());
    }
    let text = &file.yaml;
    let Value::Array(items) = yaml::value(path, text).map_err(|e| vec![e])? else {
        return Err(vec![yaml::error_at(path, text, "", "a list of requirements is expected")]);
    };
    let (mut all, mut errors) = (Vec::new(), Vec::new());
    for (index, item) in items.into_iter().enumerate() {
        match schema::typed(shape, path, text, item, &format!("/{index}")) {
            Ok(requirement) => all.push(written(false)((index, requirement))),
            Err(e) => errors.extend(e),
        }
    }
    if errors.is_empty() { Ok(all) } else { Err(errors) }
}

/// `f` of each item, in order, on as many threads as there are cores: reading and compiling a set is most of the start.
pub(super) fn each_on_threads<T: Sync, R: Send>(items: &[T], f: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(items.len());
    let next = AtomicUsize::new(0);
    // Items are of all sizes: whoever is free takes the next one.
    let some = || {
        let taken = std::iter::from_fn(|| Some(next.fetch_add(1, Ordering::Relaxed)).filter(|rank| *rank < items.len()));
        taken.map(|rank| (rank, f(&items[rank]))).collect::<Vec<(usize, R)>>()
    };
    let mut all: Vec<(usize, R)> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(some)).collect();
        running.into_iter().flat_map(|part| part.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    });
    all.sort_unstable_by_key(|(rank, _)| *rank);
    all.into_iter().map(|(_, made)| made).collect()
}
