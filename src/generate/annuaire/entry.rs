//! One entry of a directory, written as LDIF (RFC 2849): lines of 76 columns, base 64 where a value asks for it.
//!
//! Depends on nothing of the generator; what goes in is decided elsewhere.

use std::borrow::Cow;

/// What an entry is: where faults find it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The root of the tree.
    Root,
    /// A branch.
    Branch,
    /// An academic service.
    Office,
    /// A school.
    School,
    /// A pupil.
    Pupil,
    /// A responsible person.
    Relative,
    /// A teacher.
    Teacher,
    /// Staff of a school who do not teach.
    Staff,
    /// Staff of an academic service.
    Agent,
    /// A class.
    Class,
    /// A group of pupils.
    Group,
    /// The people of a school who have a profile.
    Profile,
    /// An application.
    Application,
    /// A collectivité.
    Collectivity,
    /// Staff of a collectivité.
    CollectivityAgent,
    /// A company.
    Company,
    /// The head of a company.
    CompanyHead,
    /// Who receives a pupil in a company.
    Tutor,
    /// Somebody from outside.
    Outsider,
    /// A role in an application.
    Role,
    /// A grouping of schools.
    Grouping,
    /// The elected parents of a school.
    Elected,
}

impl Kind {
    /// As the account of what was written names it: the class that tells most.
    pub fn name(self) -> &'static str {
        match self {
            Self::Root | Self::Branch => "organizationalUnit",
            Self::Office => "ENTServAc",
            Self::School => "ENTEtablissement",
            Self::Pupil => "ENTEleve",
            Self::Relative => "ENTAuxPersRelEleve",
            Self::Teacher => "ENTAuxEnseignant",
            Self::Staff => "ENTAuxNonEnsEtab",
            Self::Agent => "ENTAuxNonEnsServAc",
            Self::Class => "ENTClasse",
            Self::Group => "ENTGroupe",
            Self::Profile => "ENTProfil",
            Self::Application => "ENTApplication",
            Self::Collectivity => "ENTCollLoc",
            Self::CollectivityAgent => "ENTAuxNonEnsCollLoc",
            Self::Company => "ENTEntreprise",
            Self::CompanyHead => "ENTAuxRespEntrp",
            Self::Tutor => "ENTAuxTuteurStage",
            Self::Outsider => "ENTAuxPersExt",
            Self::Role => "ENTRoleAppli",
            Self::Grouping => "ENTGroupementEtabs",
            Self::Elected => "ENTRelEleve",
        }
    }
}

/// Name of an attribute.
pub type Name = Cow<'static, str>;

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it is.
    pub kind: Kind,
    /// Its name.
    pub dn: String,
    /// Attributes and values, in order.
    pub values: Vec<(Name, String)>,
}

impl Entry {
    /// An entry with its object classes, the superior ones first.
    pub fn new(kind: Kind, dn: String, classes: &[&str]) -> Self {
        let mut out = Self { kind, dn, values: Vec::with_capacity(48) };
        classes.iter().for_each(|class| out.push("objectClass", *class));
        out
    }

    /// Adds a value that is not empty, unless the attribute has it.
    pub fn add(&mut self, name: &'static str, value: impl Into<String>) {
        let value = value.into();
        if !value.is_empty() && !self.all(name).any(|v| v == value) {
            self.push(name, value);
        }
    }

    /// Adds a value, whatever it is.
    pub fn push(&mut self, name: &'static str, value: impl Into<String>) {
        self.values.push((name.into(), value.into()));
    }

    /// First value of an attribute.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// Values of an attribute.
    pub fn all<'e>(&'e self, name: &'e str) -> impl Iterator<Item = &'e str> {
        self.values.iter().filter(move |(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// Gives the first value of an attribute another text; false when there is none.
    pub fn set(&mut self, name: &str, value: impl Into<String>) -> bool {
        let Some((_, found)) = self.values.iter_mut().find(|(n, _)| n == name) else { return false };
        *found = value.into();
        true
    }

    /// Changes the first value of an attribute; false when there is none.
    pub fn change(&mut self, name: &str, change: impl FnOnce(&str) -> String) -> bool {
        let Some((_, found)) = self.values.iter_mut().find(|(n, _)| n == name) else { return false };
        *found = change(found);
        true
    }

    /// Takes an attribute away; false when there is none.
    pub fn remove(&mut self, name: &str) -> bool {
        let before = self.values.len();
        self.values.retain(|(n, _)| n != name);
        self.values.len() < before
    }

    /// What names the entry among those of its branch, and the branch.
    pub fn parts(&self) -> (&str, &str) {
        self.dn.split_once(',').unwrap_or((&self.dn, ""))
    }

    /// Writes the entry and the blank line after it.
    pub fn render(&self, out: &mut Vec<u8>) {
        line(out, "dn", &self.dn);
        for (name, value) in &self.values {
            line(out, name, value);
        }
        out.push(b'\n');
    }
}

/// Columns of a line, as OpenLDAP writes them.
const WIDTH: usize = 76;

/// Writes one value, folded.
pub fn line(out: &mut Vec<u8>, name: &str, value: &str) {
    let start = out.len();
    out.extend_from_slice(name.as_bytes());
    if is_safe(value) {
        out.push(b':');
        if !value.is_empty() {
            out.push(b' ');
            out.extend_from_slice(value.as_bytes());
        }
    } else {
        out.extend_from_slice(b":: ");
        encode(value.as_bytes(), out);
    }
    fold(out, start);
}

/// Folds the line that begins at `start`, all of ASCII, and ends it.
fn fold(out: &mut Vec<u8>, start: usize) {
    if out.len() - start > WIDTH {
        let mut rest = out.split_off(start + WIDTH);
        while !rest.is_empty() {
            let next = rest.split_off(rest.len().min(WIDTH - 1));
            out.extend_from_slice(b"\n ");
            out.append(&mut rest);
            rest = next;
        }
    }
    out.push(b'\n');
}

/// Whether a value may be written as it is (SAFE-STRING), without a space at the end that nobody would see.
fn is_safe(value: &str) -> bool {
    let bytes = value.as_bytes();
    let first = !matches!(bytes.first(), Some(b' ' | b':' | b'<'));
    first && bytes.last() != Some(&b' ') && bytes.iter().all(|b| b.is_ascii() && !matches!(b, 0 | b'\n' | b'\r'))
}

/// Base 64, padded.
pub fn encode(bytes: &[u8], out: &mut Vec<u8>) {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for three in bytes.chunks(3) {
        let bits = three.iter().fold(0_u32, |bits, b| bits << 8 | u32::from(*b)) << (8 * (3 - three.len()));
        for place in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * place)) as usize & 63];
            out.push(if place > three.len() { b'=' } else { letter });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(name: &str, value: &str) -> String {
        let mut out = Vec::new();
        line(&mut out, name, value);
        String::from_utf8(out).expect("ASCII")
    }

    #[test]
    fn values_are_plain_where_they_may_be() {
        assert_eq!(written("sn", "D'ORLAY"), "sn: D'ORLAY\n");
        assert_eq!(written("givenName", "Éloi"), "givenName:: w4lsb2k=\n");
        assert_eq!(written("sn", " A"), "sn:: IEE=\n");
        assert_eq!(written("sn", "A "), "sn:: QSA=\n");
        assert_eq!(written("description", ""), "description:\n");
        let mut out = Vec::new();
        ["", "f", "fo", "foo", "foob"].iter().for_each(|text| encode(text.as_bytes(), &mut out));
        assert_eq!(out, b"Zg==Zm8=Zm9vZm9vYg==");
    }

    #[test]
    fn long_lines_are_folded_and_lose_nothing() {
        for length in [60, 70, 71, 72, 145, 146, 147, 400] {
            let value: String = (0..length).map(|i| char::from(b'a' + (i % 26) as u8)).collect();
            let text = written("cn", &value);
            assert!(text.lines().all(|l| l.len() <= WIDTH), "{text}");
            assert_eq!(text.replace("\n ", ""), format!("cn: {value}\n"));
        }
    }

    #[test]
    fn an_entry_keeps_its_order() {
        let mut entry = Entry::new(Kind::Branch, "ou=groupes,dc=ent".to_owned(), &["top", "organizationalUnit"]);
        entry.add("ou", "groupes");
        entry.add("ou", "groupes");
        entry.add("description", "");
        let mut out = Vec::new();
        entry.render(&mut out);
        assert_eq!(out, b"dn: ou=groupes,dc=ent\nobjectClass: top\nobjectClass: organizationalUnit\nou: groupes\n\n");
        assert_eq!(entry.parts(), ("ou=groupes", "dc=ent"));
        assert!(entry.set("ou", "x") && entry.change("ou", |v| format!("{v}y")) && entry.get("ou") == Some("xy") && entry.remove("ou"));
    }
}
