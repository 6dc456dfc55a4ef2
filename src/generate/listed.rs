//! One entry of a fixed list, known by its identifier: what the faults of each kind of delivery share.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use super::GenerateError;

/// What a list holds.
pub trait List: Sized + Sync + 'static {
    /// All of it, in the order in which it is offered.
    fn all() -> &'static [Self];
    /// Identifier, stable.
    fn id(&self) -> &'static str;
}

/// One entry of a [`List`].
pub struct Listed<I>(usize, PhantomData<fn() -> I>);

impl<I: List> Listed<I> {
    /// Every one.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..I::all().len()).map(|rank| Self(rank, PhantomData))
    }

    /// What is known of it.
    #[must_use]
    pub fn info(self) -> &'static I {
        &I::all()[self.0]
    }

    /// Its rank in the list.
    #[must_use]
    pub fn rank(self) -> usize {
        self.0
    }

    /// Its identifier.
    #[must_use]
    pub fn id(self) -> &'static str {
        self.info().id()
    }
}

impl<I> Clone for Listed<I> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<I> Copy for Listed<I> {}

impl<I> PartialEq for Listed<I> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<I> Eq for Listed<I> {}

impl<I: List> fmt::Debug for Listed<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl<I: List> FromStr for Listed<I> {
    type Err = GenerateError;

    fn from_str(id: &str) -> Result<Self, GenerateError> {
        Self::all().find(|one| one.id() == id).ok_or_else(|| GenerateError::UnknownFault { id: id.to_owned() })
    }
}
