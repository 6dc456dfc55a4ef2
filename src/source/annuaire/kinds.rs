//! What an entry is: the kind of record of a list of object classes.
//!
//! A person may be several things at once; the first of the list counts, and `@classes` tells the others.

use crate::source::Kind;

/// Classes that make a kind of their own, the one that counts first. A teacher who is a parent too is a teacher.
const ORDER: &[&str] = &[
    "ENTEleve",
    "ENTAuxEnseignant",
    "ENTAuxNonEnsEtab",
    "ENTAuxNonEnsServAc",
    "ENTAuxNonEnsCollLoc",
    "ENTAuxPersExt",
    "ENTAuxTuteurStage",
    "ENTAuxRespEntrp",
    "ENTAuxPersRelEleve",
    "ENTPerson",
    "ENTEtablissement",
    "ENTServAc",
    "ENTCollLoc",
    "ENTEntreprise",
    "ENTStructure",
    "ENTClasse",
    "ENTGroupe",
    "ENTGroupementEtabs",
    "ENTProfil",
    "ENTRoleAppli",
    "ENTRelEleve",
    "ENTApplication",
    "groupOfNames",
];

/// What an entry that is none of these may still be, when it is nothing else: a branch of the tree.
const CONTAINERS: &[&str] = &["organizationalUnit", "organization", "dcObject", "domain", "country", "locality"];

/// The kind of an entry from its classes.
pub fn kind_of<'a>(classes: impl Iterator<Item = &'a str> + Clone) -> Option<Kind> {
    let has = |wanted: &str| classes.clone().any(|c| c.eq_ignore_ascii_case(wanted));
    let name = match ORDER.iter().find(|name| has(name)) {
        Some(name) => name,
        None if CONTAINERS.iter().any(|name| has(name)) && !has("person") && !has("inetOrgPerson") => "organizationalUnit",
        None => "Autre",
    };
    Kind::named(&format!("{}.{name}", super::PREFIX))
}

/// What the tree is made of, to count where each kind stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// People.
    Person,
    /// Schools and other structures.
    Structure,
    /// Groups of all kinds.
    Group,
    /// The rest.
    #[default]
    Other,
}

impl Family {
    /// Of a kind.
    #[must_use]
    pub fn of(kind: Kind) -> Self {
        match kind.info().family {
            family if family.starts_with("annuaire.personnes") => Self::Person,
            "annuaire.structures" => Self::Structure,
            "annuaire.groupes" => Self::Group,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(classes: &[&str]) -> &'static str {
        kind_of(classes.iter().copied()).expect("kind").info().name
    }

    #[test]
    fn the_most_telling_class_counts() {
        assert_eq!(kind(&["top", "entperson", "ENTEleve"]), "annuaire.ENTEleve");
        assert_eq!(kind(&["ENTPerson", "ENTAuxPersRelEleve", "ENTAuxEnseignant"]), "annuaire.ENTAuxEnseignant");
        assert_eq!(kind(&["OrganizationalUnit", "ENTStructure", "ENTEtablissement"]), "annuaire.ENTEtablissement");
        assert_eq!(kind(&["top", "groupOfNames"]), "annuaire.groupOfNames");
        assert_eq!(kind(&["top", "dcObject", "organization"]), "annuaire.organizationalUnit");
        assert_eq!(
            (kind(&["inetOrgPerson", "organizationalUnit"]), kind(&["posixAccount"]), kind(&[])),
            ("annuaire.Autre", "annuaire.Autre", "annuaire.Autre")
        );
    }

    #[test]
    fn every_class_has_its_kind() {
        for name in ORDER {
            assert_eq!(kind(&[name]), format!("annuaire.{name}"));
        }
    }
}
