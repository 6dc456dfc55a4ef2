//! The sets that exist: those compiled into the binary and those of `--rules` directories.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::contract::Contract;
use super::directory::DirectoryModel;
use super::model::{Nomenclature, Referentiel, Requirement};
use super::schema::{self, Shape};
use super::yaml::{self, FileError};

static EMBEDDED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/rules");

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
    /// Its file.
    pub file: PathBuf,
    /// Its rank in the file.
    pub index: usize,
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
    pub texts: BTreeMap<PathBuf, String>,
}

/// All the sets at hand.
#[derive(Debug, Default)]
pub struct Library {
    sets: BTreeMap<String, Texts>,
}

/// The files of a set, as written.
#[derive(Debug)]
struct Texts {
    files: BTreeMap<PathBuf, String>,
    /// Compiled in: a test holds these against their schemas, no need to at each start.
    embedded: bool,
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
                library.sets.insert(name.to_string_lossy().into_owned(), Texts { files, embedded: true });
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
                        files.insert(path, text);
                    }
                }
            }
            // The set is named by its referentiel; a wrong one is reported when the set is opened.
            let main = root.join("referentiel.yaml");
            let named = yaml::value(&main, &files[&main]).ok().and_then(|v| v["id"].as_str().map(str::to_owned));
            let name = named.unwrap_or_else(|| root.file_name().unwrap_or_default().to_string_lossy().into_owned());
            self.sets.insert(name, Texts { files, embedded: false });
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
        let Texts { files, embedded } = self
            .sets
            .get(name)
            .ok_or_else(|| LibraryError::Unknown { name: name.to_owned(), known: self.names().collect::<Vec<_>>().join(", ") })?;
        let shapes = (!embedded).then(Shapes::new);
        let mut errors = Vec::new();
        let (mut referentiel, mut requirements, mut nomenclatures) = (None, Vec::new(), Vec::new());
        let (mut contracts, mut directory) = (Vec::new(), Vec::new());
        for (path, text) in files {
            let folder = path.parent().and_then(Path::file_name);
            if is_referentiel(path) {
                match whole::<Referentiel>(shapes.as_ref().map(|s| &s.referentiel), path, text) {
                    Ok(r) => referentiel = Some(r),
                    Err(e) => errors.extend(e),
                }
            } else if folder.is_some_and(|d| d == "contrats") {
                match whole(shapes.as_ref().map(|s| &s.contract), path, text) {
                    Ok(c) => contracts.push((path.clone(), c)),
                    Err(e) => errors.extend(e),
                }
            } else if folder.is_some_and(|d| d == "nomenclatures") {
                match whole(shapes.as_ref().map(|s| &s.nomenclature), path, text) {
                    Ok(n) => nomenclatures.push((path.clone(), n)),
                    Err(e) => errors.extend(e),
                }
            } else if folder.is_some_and(|d| d == "modele") {
                match whole(shapes.as_ref().map(|s| &s.directory), path, text) {
                    Ok(part) => directory.push((path.clone(), part)),
                    Err(e) => errors.extend(e),
                }
            } else {
                requirements_of(shapes.as_ref().map(|s| &s.requirement), path, text, &mut requirements, &mut errors);
            }
        }
        match referentiel {
            Some(referentiel) if errors.is_empty() => {
                Ok(SetFiles { referentiel, requirements, nomenclatures, contracts, directory, texts: files.clone() })
            }
            None if errors.is_empty() => Err(LibraryError::NoSet(PathBuf::from(name))),
            _ => Err(LibraryError::Files(errors)),
        }
    }
}

fn is_referentiel(path: &Path) -> bool {
    path.file_name().is_some_and(|n| n == "referentiel.yaml")
}

fn collect(dir: &Dir<'_>, files: &mut BTreeMap<PathBuf, String>) {
    for file in dir.files().filter(|f| f.path().extension().is_some_and(|e| e == "yaml")) {
        let text = file.contents_utf8().unwrap_or_default().to_owned();
        files.insert(Path::new("rules").join(file.path()), text);
    }
    for dir in dir.dirs() {
        collect(dir, files);
    }
}

fn whole<T: DeserializeOwned>(shape: Option<&Shape>, path: &Path, text: &str) -> Result<T, Vec<FileError>> {
    let value = yaml::value(path, text).map_err(|e| vec![e])?;
    schema::typed(shape, path, text, value, "")
}

fn requirements_of(shape: Option<&Shape>, path: &Path, text: &str, out: &mut Vec<Written>, errors: &mut Vec<FileError>) {
    let items = match yaml::value(path, text) {
        Ok(Value::Array(items)) => items,
        Ok(_) => return errors.push(yaml::error_at(path, text, "", "a list of requirements is expected")),
        Err(e) => return errors.push(e),
    };
    for (index, item) in items.into_iter().enumerate() {
        match schema::typed(shape, path, text, item, &format!("/{index}")) {
            Ok(requirement) => out.push(Written { requirement, file: path.to_owned(), index }),
            Err(e) => errors.extend(e),
        }
    }
}
