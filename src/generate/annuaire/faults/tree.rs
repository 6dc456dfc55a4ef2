//! Faults of the tree: what stands where, and under which name.

use super::super::entry::{Entry, Kind};
use super::super::naming::SUFFIX;
use super::extra::{application, more, person, structure};
use super::{Context, Effect, FaultInfo, fault};

/// Puts an entry under another.
fn under(entry: &mut Entry, parent: &str) {
    entry.dn = format!("{},{parent}", entry.parts().0);
}

fn branch(name: &str) -> String {
    format!("ou={name},{SUFFIX}")
}

fn staff_under(c: &Context, parent: &str) -> Option<Vec<u8>> {
    more(person(c, Kind::Staff), |e| under(e, parent))
}

fn office_under(c: &Context, parent: &str) -> Option<Vec<u8>> {
    more(structure(c, Kind::Office), |e| under(e, parent))
}

/// A group like the first class, with a name of its own.
pub(super) fn group(c: &Context) -> Option<Entry> {
    let mut out = c.facts.all(Kind::Class).next()?.clone();
    let name = format!("ateliers-{}", c.rank);
    out.dn = format!("cn={name},{}", branch("groupes"));
    out.set("cn", name);
    Some(out)
}

/// All of them.
pub fn faults() -> Vec<FaultInfo> {
    vec![
        fault(
            "personne-nommee-cn",
            &["ANN-DIT-PERSONNE-RDN"],
            Effect::Extra(|c| {
                more(person(c, Kind::Staff), |e| e.dn = format!("cn={},{}", e.get("cn").unwrap_or_default(), branch("personnes")))
            }),
        ),
        fault("personne-hors-branche", &["ANN-DIT-PERSONNE-BRANCHE"], Effect::Extra(|c| staff_under(c, &branch("applications")))),
        fault(
            "personne-sous-structure",
            &["ANN-DIT-PERSONNE-BRANCHE", "ANN-DIT-PERSONNE-HORS-GROUPES", "ANN-DIT-PERSONNE-SOUS-STRUCTURE"],
            Effect::Extra(|c| staff_under(c, &c.facts.all(Kind::School).next()?.dn)),
        ),
        fault(
            "personne-chez-les-groupes",
            &["ANN-DIT-PERSONNE-BRANCHE", "ANN-DIT-PERSONNE-HORS-GROUPES"],
            Effect::Extra(|c| staff_under(c, &branch("groupes"))),
        ),
        fault(
            "entree-sous-personne",
            &["ANN-DIT-SOUS-PERSONNE"],
            Effect::Extra(|c| {
                let parent = &c.facts.all(Kind::Relative).next()?.dn;
                more(application(c), |e| under(e, parent))
            }),
        ),
        fault("groupe-hors-branche", &["ANN-DIT-GROUPE-BRANCHE"], Effect::Extra(|c| more(group(c), |e| under(e, &branch("applications"))))),
        fault(
            "groupe-chez-les-personnes",
            &["ANN-DIT-GROUPE-BRANCHE", "ANN-DIT-GROUPE-HORS-PERSONNES"],
            Effect::Extra(|c| more(group(c), |e| under(e, &branch("personnes")))),
        ),
        fault(
            "groupe-nomme-ou",
            &["ANN-DIT-GROUPE-RDN"],
            Effect::Extra(|c| {
                more(group(c), |e| {
                    e.dn = e.dn.replacen("cn=", "ou=", 1);
                    e.push("ou", e.get("cn").unwrap_or_default().to_owned());
                })
            }),
        ),
        fault(
            "structure-nommee-par-rue",
            &["ANN-DIT-STRUCTURE-RDN"],
            Effect::Extra(|c| {
                more(structure(c, Kind::Office), |e| {
                    e.dn = format!("street={},{}", e.get("street").unwrap_or_default(), branch("structures"))
                })
            }),
        ),
        fault("structure-hors-branche", &["ANN-DIT-STRUCTURE-BRANCHE"], Effect::Extra(|c| office_under(c, &branch("applications")))),
        fault(
            "structure-chez-les-personnes",
            &["ANN-DIT-STRUCTURE-BRANCHE", "ANN-DIT-STRUCTURE-HORS-PERSONNES"],
            Effect::Extra(|c| office_under(c, &branch("personnes"))),
        ),
        fault(
            "enseignants-absents",
            &["ANN-DIT-ENSEIGNANTS", "ANN-REF-ENS-RESP-STAGE", "ANN-REF-ENS-TUT-STAGE", "ANN-REF-MEMBRE"],
            Effect::Drop(Kind::Teacher),
        )
        .second_degree(),
    ]
}
