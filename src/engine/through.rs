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

/// What each part of a key hashes to, alone.
pub type Parts = [u64; MAX_PASSED];

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
    /// Records passed through on this side, and on that of the targets.
    pub tables: [Option<Table>; 2],
}

/// Records that a part of a key names, and what is read there instead.
#[derive(Debug)]
pub struct Table {
    /// Which records.
    pub kinds: Vec<Kind>,
    /// How they are named.
    pub by: Key,
    /// What they give.
    pub give: Key,
    /// Rank of the part.
    pub part: usize,
}

/// What a record is for such a relation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Its keys are judged.
    Ours,
    /// Its keys are what others are compared with.
    Theirs,
    /// It is passed through, on this side or on the other.
    Table(usize),
}

/// What was gathered for one relation.
#[derive(Debug, Default)]
pub struct Passed {
    /// By key as written.
    ours: HashMap<u64, Met, KeyHasher>,
    theirs: Vec<Parts>,
    /// The other keys of the targets.
    others: Keys,
    /// What each record gives, by what it is named.
    tables: [HashMap<u64, u64, KeyHasher>; 2],
    /// Names that give two things: nothing can be told by them.
    unsure: [Keys; 2],
}

/// A key that was met.
#[derive(Clone, Copy, Debug)]
struct Met {
    parts: Parts,
    times: u32,
    /// The other key of the same record; 0 when there is none.
    other: u64,
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

fn parts(seed: u64, texts: &[&str]) -> Parts {
    let mut out = [0; MAX_PASSED];
    out.iter_mut().zip(texts).for_each(|(part, text)| *part = hash(seed, &[text]));
    out
}

fn together(parts: &[u64]) -> u64 {
    parts.iter().fold(0x51_7C_C1_B7_27_22_0A_95, |all: u64, part| all.rotate_left(23).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ part)
}

impl Passed {
    /// Takes what a record tells.
    pub fn take(&mut self, through: &Through, role: Role, record: &Record<'_>, seed: u64) {
        match role {
            Role::Ours => {
                let mut other = 0;
                if let Some((key, _)) = &through.other {
                    key.each_hash(record, seed, |key| other = key);
                }
                through.key.each(record, |texts| {
                    let met = || Met { parts: parts(seed, texts), times: 0, other };
                    self.ours.entry(hash(seed, texts)).or_insert_with(met).times += 1;
                });
            }
            Role::Theirs => {
                through.by.each(record, |texts| self.theirs.push(parts(seed, texts)));
                if let Some((_, by)) = &through.other {
                    by.each_hash(record, seed, |key| _ = self.others.insert(key));
                }
            }
            Role::Table(side) => {
                let Some(table) = &through.tables[side] else { return };
                table.by.each(record, |name| {
                    let name = hash(seed, name);
                    table.give.each(record, |given| self.learn(side, name, hash(seed, given)));
                });
            }
        }
    }

    fn learn(&mut self, side: usize, name: u64, given: u64) {
        if *self.tables[side].entry(name).or_insert(given) != given {
            self.unsure[side].insert(name);
        }
    }

    /// Takes what another thread gathered.
    pub fn absorb(&mut self, other: Self) {
        for (at, met) in other.ours {
            self.ours.entry(at).and_modify(|m| m.times += met.times).or_insert(met);
        }
        self.theirs.extend(other.theirs);
        self.others.extend(other.others);
        for (side, (table, unsure)) in other.tables.into_iter().zip(other.unsure).enumerate() {
            self.unsure[side].extend(unsure);
            table.into_iter().for_each(|(name, given)| self.learn(side, name, given));
        }
    }

    /// How much was gathered.
    pub fn len(&self) -> usize {
        self.ours.len() + self.theirs.len() + self.others.len() + self.tables.iter().map(HashMap::len).sum::<usize>()
    }

    /// The parts of a key once what is passed through is replaced by what it gives; none when that is not known.
    fn resolved(&self, through: &Through, side: usize, mut parts: Parts) -> Option<Parts> {
        if let Some(table) = &through.tables[side] {
            let part = &mut parts[table.part];
            *part = *self.tables[side].get(part).filter(|_| !self.unsure[side].contains(part))?;
        }
        Some(parts)
    }

    /// Compares the two sides.
    pub fn judge(&self, through: &Through) -> Judged {
        let size = through.key.parts().min(MAX_PASSED);
        let (mut whole, mut first) = (Keys::default(), Keys::default());
        for parts in self.theirs.iter().filter_map(|parts| self.resolved(through, 1, *parts)) {
            whole.insert(together(&parts[..size]));
            first.insert(together(&parts[..through.known]));
        }
        // Whom the other side does not have cannot be named there.
        let sure = || self.tables[1].iter().filter(|(name, _)| !self.unsure[1].contains(*name)).map(|(_, given)| *given);
        let there = through.tables[1].as_ref().map(|table| (table.part, sure().collect::<Keys>()));
        let mut out = Judged { nothing: whole.is_empty() && self.others.is_empty(), ..Judged::default() };
        for (at, met) in &self.ours {
            let has = |parts: &Parts| there.as_ref().is_none_or(|(part, values)| values.contains(&parts[*part]));
            let known = |parts: &Parts| through.known == 0 || first.contains(&together(&parts[..through.known]));
            match self.resolved(through, 0, met.parts).filter(|p| !out.nothing && has(p) && known(p)) {
                None => out.passed_over += u64::from(met.times),
                Some(parts) => {
                    out.examined += u64::from(met.times);
                    if !whole.contains(&together(&parts[..size])) && !(met.other != 0 && self.others.contains(&met.other)) {
                        out.wrong.insert(*at);
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

    /// What is judged of these records, each with its role.
    fn judged(through: &Through, records: &[(Role, Value)]) -> (usize, u64, u64, bool) {
        let names = Names::snapshot();
        let halves = records.split_at(records.len() / 2);
        let mut all = Passed::default();
        for half in [halves.0, halves.1] {
            let mut one = Passed::default();
            for (role, record) in half {
                let mut read = Record::over("", Buffers::default(), &names);
                read.fill(&names, record);
                one.take(through, *role, &read, 7);
            }
            all.absorb(one);
        }
        let out = all.judge(through);
        (out.wrong.len(), out.examined, out.passed_over, out.nothing)
    }

    fn links() -> Through {
        let people = Table { kinds: Vec::new(), by: key(&["@id"]), give: key(&["J$1"]), part: 1 };
        Through {
            key: key(&["@id", "R$0"]),
            by: key(&["J$1", "R$0|dn"]),
            to: Vec::new(),
            elsewhere: None,
            known: 1,
            other: None,
            tables: [None, Some(people)],
        }
    }

    #[test]
    fn people_are_told_through_their_entries() {
        use Role::{Ours, Table, Theirs};
        let through = links();
        let pupil = |relatives: Value| (Ours, json!({"@id": "1", "R": relatives}));
        let entry = (Theirs, json!({"J": "A$1", "R": ["uid=m,dc=x$10", "uid=gone,dc=x$20"]}));
        let mother = (Table(1), json!({"@id": "uid=m,dc=x", "J": "A$7"}));
        let other = (Table(1), json!({"@id": "uid=o,dc=x", "J": "A$8"}));
        let all = |relatives| [entry.clone(), pupil(relatives), mother.clone(), other.clone()];
        assert_eq!(judged(&through, &all(json!(["7$10"]))), (0, 1, 0, false));
        assert_eq!(judged(&through, &all(json!(["7$10", "8$20"]))), (1, 2, 0, false));
        // Nobody of that key has an entry.
        assert_eq!(judged(&through, &all(json!(["9$10"]))), (0, 0, 1, false));
        // The pupil has no entry, or one that names nobody.
        assert_eq!(judged(&through, &[pupil(json!(["7$10"])), mother.clone()]), (0, 0, 1, true));
        // One entry, two keys: whom it is for is not known.
        let two = (Table(1), json!({"@id": "uid=m,dc=x", "J": ["A$7", "B$9"]}));
        assert_eq!(judged(&through, &[entry, pupil(json!(["8$10"])), two.clone(), other.clone()]), (0, 0, 1, true));
        let both = (Theirs, json!({"J": "A$1", "R": ["uid=m,dc=x$10", "uid=o,dc=x$20"]}));
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
            tables: [None, None],
            ..links()
        };
        let given = (Ours, json!({"I": "1", "N": "A", "D": "d"}));
        for (entry, wrong) in [(json!({"I": "1", "N": "B"}), 0), (json!({"N": "A", "D": "d"}), 0), (json!({"I": "2", "N": "A"}), 1)] {
            assert_eq!(judged(&through, &[given.clone(), (Theirs, entry.clone())]), (wrong, 1, 0, false), "{entry}");
        }
        assert_eq!(judged(&through, &[given, (Theirs, json!({"N": "A"}))]), (0, 0, 1, true));
    }
}
