//! Names of entries, and what comes first in composite values, in each dialect.
//!
//! Public implementations differ (see [`Dialect`]); the generator writes one way of each. An identifier tells nothing of
//! the person: it is a permutation of that of the AAF.

use std::fmt::Write as _;

use super::super::gar::people::People;
use super::super::keys::{siret, uai};
use super::super::rng::Stream;
use super::Dialect;

/// What all names end with. Nobody's domain: it is that of the tests of this repository.
pub const SUFFIX: &str = "dc=ent-exemple,dc=fr";
/// What join keys begin with: who gave the key.
pub const SOURCE: &str = "AC-CONFORMENT";

/// Without vowels: no name can be read in an identifier.
const LETTERS: &[u8; 29] = b"0123456789bcdfghjkmnpqrstvwxz";
/// Identifiers of six of these letters.
const SPACE: u64 = 29 * 29 * 29 * 29 * 29 * 29;

/// Names of one directory.
pub struct Naming<'a> {
    /// Who is in it.
    pub people: &'a People<'a>,
    /// How it is written.
    pub dialect: Dialect,
    offset: u64,
}

impl<'a> Naming<'a> {
    /// The names of a directory.
    pub fn new(people: &'a People<'a>, dialect: Dialect) -> Self {
        let offset = u64::from(people.world.keys.draw(Stream::Id, 1).below(400_000_000));
        Self { people, dialect, offset }
    }

    /// Identifier in the ENT of whoever has that identifier in the AAF: `LxxCiiii`, unique, without meaning.
    pub fn uid(&self, aaf: &str) -> String {
        let number = aaf.parse::<u64>().unwrap_or_default();
        // The factor has no divisor in common with the space: no two numbers meet.
        let mut left = (number % SPACE * 271_828_183 + self.offset) % SPACE;
        let mut out = *b"E0000000";
        for place in [1, 2, 4, 5, 6, 7] {
            out[place] = LETTERS[(left % 29) as usize];
            left /= 29;
        }
        out.iter().map(|b| char::from(*b)).collect()
    }

    /// Name of somebody, from the identifier in the AAF.
    pub fn person(&self, aaf: &str) -> String {
        format!("uid={},ou=personnes,{SUFFIX}", self.uid(aaf))
    }

    /// Rank among all structures of an identifier of the AAF, as [`World`](super::super::world::World) gives them.
    pub fn rank(&self, id: &str) -> Option<u32> {
        let rank = u32::try_from(id.parse::<u64>().ok()?.checked_sub(101)? / 3).ok()?;
        (rank < self.people.world.offices + self.people.world.schools.len() as u32).then_some(rank)
    }

    /// UAI of a structure.
    pub fn uai(&self, rank: u32) -> String {
        uai(self.people.world.uai_number(rank))
    }

    /// SIRET of a structure.
    pub fn siret(&self, rank: u32) -> String {
        siret(self.people.world.uai_number(rank))
    }

    /// Name of a structure.
    pub fn structure(&self, rank: u32) -> String {
        match self.dialect {
            Dialect::Uai => format!("ou={},ou=structures,{SUFFIX}", self.uai(rank)),
            _ => format!("ENTStructureSIREN={},ou=structures,{SUFFIX}", self.siret(rank)),
        }
    }

    /// What comes first in the composite values about a structure.
    pub fn place(&self, rank: u32) -> String {
        match self.dialect {
            Dialect::Dn | Dialect::GroupDn => self.structure(rank),
            Dialect::Uai => self.uai(rank),
            Dialect::Id => self.people.world.structure_id(rank).to_string(),
        }
    }

    /// Name of the entry of a class, of a group or of a profile of a structure.
    pub fn group(&self, rank: u32, code: &str) -> String {
        format!("cn={},ou=groupes,{SUFFIX}", self.group_cn(rank, code))
    }

    /// What names it in its branch.
    pub fn group_cn(&self, rank: u32, code: &str) -> String {
        format!("{}_{code}", self.uai(rank))
    }

    /// A class or a group, as people name it.
    pub fn unit(&self, rank: u32, code: &str) -> String {
        match self.dialect {
            Dialect::GroupDn => self.group(rank, code),
            _ => format!("{}${code}", self.place(rank)),
        }
    }

    /// Profiles of somebody, as the dialect writes them: the rank of the structure and the three letters of the profile.
    pub fn profile(&self, rank: u32, profile: &str) -> String {
        match self.dialect {
            Dialect::Dn => format!("National_{profile}"),
            Dialect::Uai | Dialect::GroupDn => self.group(rank, profile),
            Dialect::Id => match profile {
                "ELV" => "eleve",
                "TUT" => "responsable",
                "ENS" | "DOC" => "enseignant",
                _ => "administratif",
            }
            .to_owned(),
        }
    }

    /// `STRUCTURE$…` of the AAF with the structure as the dialect names it.
    pub fn composite(&self, value: &str) -> Option<String> {
        let (structure, rest) = value.split_once('$')?;
        let mut out = self.place(self.rank(structure)?);
        let _ = write!(out, "${rest}");
        Some(out)
    }

    /// `STRUCTURE$CLASS…` of the AAF, the class or group as the dialect names it.
    pub fn composite_unit(&self, value: &str) -> Option<String> {
        let (structure, rest) = value.split_once('$')?;
        let (code, more) = rest.split_once('$').map_or((rest, None), |(code, more)| (code, Some(more)));
        let mut out = self.unit(self.rank(structure)?, code);
        if let Some(more) = more {
            let _ = write!(out, "${more}");
        }
        Some(out)
    }
}
