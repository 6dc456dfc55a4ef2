//! Names of members, interned: what requirements mention has a number, what files contain is only looked up.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, RwLock};

/// A member name that some requirement mentions; others are [`NameId::OTHER`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NameId(pub(super) u32);

impl NameId {
    /// A name no requirement mentions.
    pub const OTHER: Self = Self(u32::MAX);

    /// Its rank among the interned names.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

type Table = HashMap<Box<str>, NameId>;

/// Names are interned once, when requirements are compiled; what files contain is only looked up,
/// so that a hostile file cannot make the table grow.
static NAMES: LazyLock<RwLock<Arc<Table>>> = LazyLock::new(RwLock::default);

/// The id of a name, created if new. For names found in requirements only.
pub fn intern(name: &str) -> NameId {
    let mut table = NAMES.write().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(id) = table.get(name) {
        return *id;
    }
    let id = NameId(u32::try_from(table.len()).unwrap_or(u32::MAX - 1));
    Arc::make_mut(&mut table).insert(name.into(), id);
    id
}

/// The names interned so far, to be looked up without a lock.
#[derive(Clone, Debug)]
pub struct Names(Arc<Table>);

impl Names {
    /// A snapshot; take it once every requirement is compiled.
    #[must_use]
    pub fn snapshot() -> Self {
        Self(NAMES.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone())
    }

    /// The id of a name, [`NameId::OTHER`] when no requirement mentions it.
    #[must_use]
    pub fn get(&self, name: &str) -> NameId {
        self.0.get(name).copied().unwrap_or(NameId::OTHER)
    }

    /// How many names there are: ids are below.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no requirement was compiled.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
