//! References that pass through another record, or go by one key or another: a directory names people by the name of their
//! entry where the feed names them by their key, so that the one is told from the other by the entry itself.
//!
//! Everything waits for the end of the reading: hashes only, never texts.

use hashbrown::HashMap;

use super::store::{KeyHasher, Keys};
use crate::check::selector::{Key, hash};
use crate::rules::model::MAX_PASSED;
use crate::source::Kind;
use crate::source::record::Record;

/// A relation that passes through other records.
#[derive(Debug)]
pub struct Through {
    /// Keys here.
    pub key: Key,
    /// Keys of the targets.
    pub by: Key,
    /// What the targets are.
    pub to: Vec<Kind>,
    /// What the targets are of, when it is another source.
    pub elsewhere: Option<&'static str>,
    /// How many of the first parts the targets must know; 0 when it does not matter.
    pub known: usize,
    /// Another key, here and there, that is as good.
    pub other: Option<(Key, Key)>,
    /// What is passed through on this side, and on that of the targets.
    pub passages: [Option<Passage>; 2],
}

/// A part of a key that is replaced.
#[derive(Clone, Copy, Debug)]
pub struct Passage {
    /// Rank of the table, among those of the plan.
    pub table: usize,
    /// Rank of the part.
    pub part: usize,
}

/// Records that a part of a key names, and what is read there instead: one for all the relations that pass through them.
#[derive(Debug, PartialEq)]
pub struct Table {
    /// Which records.
    pub kinds: Vec<Kind>,
    /// How they are named.
    pub by: Key,
    /// What they give.
    pub give: Key,
}

/// What a record is for such a relation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Its keys are judged.
    Ours,
    /// Its keys are what others are compared with.
    Theirs,
}

/// What each record of a table gives, by what it is named, as it is read.
pub type Learned = Vec<(u64, u64)>;

impl Table {
    /// Takes what a record tells.
    pub fn take(&self, learned: &mut Learned, record: &Record<'_>, seed: u64) {
        self.by.each_hash(record, seed, |name| self.give.each_hash(record, seed, |given| learned.push((name, given))));
    }
}

/// The same, put together.
#[derive(Debug, Default)]
pub struct Given {
    by_name: HashMap<u64, u64, KeyHasher>,
    /// Names that give two things: nothing can be told by them.
    unsure: Keys,
    /// All that is given, once asked.
    all: Keys,
}

impl Given {
    /// Takes what a thread learned.
    pub fn absorb(&mut self, learned: Learned) {
        self.by_name.reserve(learned.len());
        for (name, given) in learned {
            if *self.by_name.entry(name).or_insert(given) != given {
                self.unsure.insert(name);
            }
        }
    }

    /// Ends the reading.
    pub fn settle(&mut self) {
        let sure = self.by_name.iter().filter(|(name, _)| !self.unsure.contains(*name));
        self.all = sure.map(|(_, given)| *given).collect();
    }

    fn get(&self, name: u64) -> Option<u64> {
        self.by_name.get(&name).copied().filter(|_| !self.unsure.contains(&name))
    }
}

/// What was gathered for one relation: hashes one after the other, as many for each key as it has parts.
#[derive(Debug, Default)]
pub struct Passed {
    /// Each key as written, the other key of the same record (0 when there is none), then its parts.
    ours: Vec<u64>,
    theirs: Vec<u64>,
    /// The other keys of the targets.
    others: Keys,
}

/// What comes out of it.
#[derive(Debug, Default)]
pub struct Judged {
    /// Keys as written that are missing.
    pub wrong: Keys,
    /// How many could be compared.
    pub examined: u64,
    /// How many had nothing to be compared with.
    pub passed_over: u64,
    /// There is nothing on the other side.
    pub nothing: bool,
}

fn together(parts: &[u64]) -> u64 {
    parts.iter().fold(0x51_7C_C1_B7_27_22_0A_95, |all: u64, part| all.rotate_left(23).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ part)
}

impl Passed {
    /// Takes what a record tells.
    pub fn take(&mut self, through: &Through, role: Role, record: &Record<'_>, seed: u64) {
        let each = |texts: &[&str], to: &mut Vec<u64>| to.extend(texts.iter().map(|text| hash(seed, &[text])));
        match role {
            Role::Ours => {
                let mut other = 0;
                if let Some((key, _)) = &through.other {
                    key.each_hash(record, seed, |key| other = key);
                }
                through.key.each(record, |texts| {
                    self.ours.extend([hash(seed, texts), other]);
                    each(texts, &mut self.ours);
                });
            }
            Role::Theirs => {
                through.by.each(record, |texts| each(texts, &mut self.theirs));
                if let Some((_, by)) = &through.other {
                    by.each_hash(record, seed, |key| _ = self.others.insert(key));
                }
            }
        }
    }

    /// Takes what another thread gathered.
    pub fn absorb(&mut self, other: Self) {
        self.ours.extend(other.ours);
        self.theirs.extend(other.theirs);
        self.others.extend(other.others);
    }

    /// How much was gathered.
    pub fn size(&self) -> usize {
        (self.ours.len() + self.theirs.len()) / 4 + self.others.len()
    }

    /// Compares the two sides.
    pub fn judge(&self, through: &Through, tables: &[Given]) -> Judged {
        let size = through.key.parts().min(MAX_PASSED);
        let table = |side: usize| through.passages[side].and_then(|p| Some((p.part, tables.get(p.table)?)));
        // The parts of a key once what is passed through is replaced by what it gives; none when that is not known.
        let resolved = |side: usize, written: &[u64]| {
            let mut parts = [0; MAX_PASSED];
            parts[..size].copy_from_slice(written);
            if let Some((part, given)) = table(side) {
                parts[part] = given.get(parts[part])?;
            }
            Some(parts)
        };
        let (mut whole, mut first) = (Keys::default(), Keys::default());
        for parts in self.theirs.chunks_exact(size.max(1)).filter_map(|written| resolved(1, written)) {
            whole.insert(together(&parts[..size]));
            first.insert(together(&parts[..through.known]));
        }
        let mut out = Judged { nothing: whole.is_empty() && self.others.is_empty(), ..Judged::default() };
        // Whom the other side does not have cannot be named there.
        let has = |parts: &[u64]| table(1).is_none_or(|(part, given)| given.all.contains(&parts[part]));
        let known = |parts: &[u64]| through.known == 0 || first.contains(&together(&parts[..through.known]));
        for met in self.ours.chunks_exact(size + 2) {
            let (at, other) = (met[0], met[1]);
            match resolved(0, &met[2..]).filter(|p| !out.nothing && has(p) && known(p)) {
                None => out.passed_over += 1,
                Some(parts) => {
                    out.examined += 1;
                    let as_good = other != 0 && self.others.contains(&other);
                    if !as_good && !whole.contains(&together(&parts[..size])) {
                        out.wrong.insert(at);
                    }
                }
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::model::OneOrMany;
    use crate::source::record::{Buffers, Names};
    use serde_json::{Value, json};

    fn key(selectors: &[&str]) -> Key {
        Key::compile(&OneOrMany::Many(selectors.iter().map(|s| (*s).to_owned()).collect())).expect("selectors")
    }

    /// What is judged of these records, each with its role; those without one are passed through.
    fn judged(through: &Through, records: &[(Option<Role>, Value)]) -> (usize, u64, u64, bool) {
        let names = Names::snapshot();
        let halves = records.split_at(records.len() / 2);
        let people = Table { kinds: Vec::new(), by: key(&["@id"]), give: key(&["J$1"]) };
        let (mut all, mut given) = (Passed::default(), Given::default());
        for half in [halves.0, halves.1] {
            let (mut one, mut learned) = (Passed::default(), Learned::default());
            for (role, record) in half {
                let mut read = Record::over("", Buffers::default(), &names);
                read.fill(&names, record);
                match role {
                    Some(role) => one.take(through, *role, &read, 7),
                    None => people.take(&mut learned, &read, 7),
                }
            }
            all.absorb(one);
            given.absorb(learned);
        }
        given.settle();
        let out = all.judge(through, &[given]);
        (out.wrong.len(), out.examined, out.passed_over, out.nothing)
    }

    fn links() -> Through {
        Through {
            key: key(&["@id", "R$0"]),
            by: key(&["J$1", "R$0|dn"]),
            to: Vec::new(),
            elsewhere: None,
            known: 1,
            other: None,
            passages: [None, Some(Passage { table: 0, part: 1 })],
        }
    }

    #[test]
    fn people_are_told_through_their_entries() {
        use Role::{Ours, Theirs};
        let through = links();
        let pupil = |relatives: Value| (Some(Ours), json!({"@id": "1", "R": relatives}));
        let entry = (Some(Theirs), json!({"J": "A$1", "R": ["uid=m,dc=x$10", "uid=gone,dc=x$20"]}));
        let mother = (None, json!({"@id": "uid=m,dc=x", "J": "A$7"}));
        let other = (None, json!({"@id": "uid=o,dc=x", "J": "A$8"}));
        let all = |relatives| [entry.clone(), pupil(relatives), mother.clone(), other.clone()];
        assert_eq!(judged(&through, &all(json!(["7$10"]))), (0, 1, 0, false));
        assert_eq!(judged(&through, &all(json!(["7$10", "8$20"]))), (1, 2, 0, false));
        // Nobody of that key has an entry.
        assert_eq!(judged(&through, &all(json!(["9$10"]))), (0, 0, 1, false));
        // The pupil has no entry, or one that names nobody.
        assert_eq!(judged(&through, &[pupil(json!(["7$10"])), mother.clone()]), (0, 0, 1, true));
        // One entry, two keys: whom it is for is not known.
        let two = (None, json!({"@id": "uid=m,dc=x", "J": ["A$7", "B$9"]}));
        assert_eq!(judged(&through, &[entry, pupil(json!(["8$10"])), two.clone(), other.clone()]), (0, 0, 1, true));
        let both = (Some(Theirs), json!({"J": "A$1", "R": ["uid=m,dc=x$10", "uid=o,dc=x$20"]}));
        assert_eq!(judged(&through, &[both, pupil(json!(["7$10", "8$20"])), two, other]), (0, 1, 1, false));
    }

    #[test]
    fn another_key_is_as_good() {
        use Role::{Ours, Theirs};
        let through = Through {
            key: key(&["I"]),
            by: key(&["I"]),
            known: 0,
            other: Some((key(&["N", "D"]), key(&["N", "D"]))),
            passages: [None, None],
            ..links()
        };
        let given = (Some(Ours), json!({"I": "1", "N": "A", "D": "d"}));
        for (entry, wrong) in [(json!({"I": "1", "N": "B"}), 0), (json!({"N": "A", "D": "d"}), 0), (json!({"I": "2", "N": "A"}), 1)] {
            assert_eq!(judged(&through, &[given.clone(), (Some(Theirs), entry.clone())]), (wrong, 1, 0, false), "{entry}");
        }
        assert_eq!(judged(&through, &[given, (Some(Theirs), json!({"N": "A"}))]), (0, 0, 1, true));
    }
}
