//! Who is in the directory and who is not: where faults find somebody to point at.

use jiff::civil::Date;

use super::super::super::GenerateError;
use super::super::entry::{Entry, Kind};
use super::super::naming::{Naming, SUFFIX};
use super::super::write;

/// Entries of a kind that are kept.
const KEPT: usize = 40;
/// How many that do not exist are invented.
const FREE: u32 = 600;

/// Found in one walk through the entries, before anything is written.
#[derive(Default)]
pub struct Facts {
    /// The first entries of each kind.
    entries: Vec<Entry>,
    /// Somebody or something that does not exist, for each fault.
    free: Vec<Free>,
}

/// Identifiers that nobody has.
pub struct Free {
    /// In the AAF.
    pub aaf: String,
    /// In the ENT.
    pub uid: String,
    /// In the GAR.
    pub gar: String,
    /// Of a structure.
    pub uai: String,
    /// Of a structure.
    pub siret: String,
}

impl Free {
    /// The name that a person of that identifier would have.
    pub fn person(&self) -> String {
        format!("uid={},ou=personnes,{SUFFIX}", self.uid)
    }

    /// The name that a structure of that identifier would have.
    pub fn structure(&self) -> String {
        format!("ENTStructureSIREN={},ou=structures,{SUFFIX}", self.siret)
    }
}

impl Facts {
    /// The facts of a directory.
    pub fn of(naming: &Naming, today: Date) -> Result<Self, GenerateError> {
        let structures = naming.people.world.offices + naming.people.world.schools.len() as u32;
        let free = |n: u32| {
            let aaf = (400_000_000 + u64::from(n)).to_string();
            Free {
                uid: naming.uid(&aaf),
                gar: naming.people.id(&aaf),
                uai: naming.uai(structures + n),
                siret: naming.siret(structures + n),
                aaf,
            }
        };
        let mut out = Self { entries: Vec::new(), free: (0..FREE).map(free).collect() };
        write::write(naming, today, &mut |entry| {
            if out.all(entry.kind).count() < KEPT {
                out.entries.push(entry);
            }
            Ok(())
        })?;
        Ok(out)
    }

    /// The first entries of a kind.
    pub fn all(&self, kind: Kind) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |e| e.kind == kind)
    }

    /// What is invented for the fault of that rank.
    pub fn free(&self, rank: usize) -> Option<&Free> {
        self.free.get(rank)
    }

    /// A school that is not of that name.
    pub fn other_school(&self, dn: &str) -> Option<&Entry> {
        self.all(Kind::School).find(|e| e.dn != dn)
    }

    /// The entry of that name, if it was kept.
    pub fn entry(&self, dn: &str) -> Option<&Entry> {
        self.entries.iter().find(|e| e.dn == dn)
    }
}
