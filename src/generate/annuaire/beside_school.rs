//! Those whom no académie feeds: the collectivité and its staff, companies and those who receive pupils there, people from
//! outside. Keyed in by hand, as their join keys say; unknown to the AAF and to the GAR.
//!
//! A few of each, whatever the number of pupils. Their names are of a list of our own, which no name of the feed comes from.

use super::super::Degree;
use super::super::keys::siret_of;
use super::super::record::Record as Aaf;
use super::super::rng::{Draw, Stream};
use super::super::text::{Sex, first_name, landline, mail, street};
use super::chosen::Chosen;
use super::entry::{Entry, Kind};
use super::naming::{Naming, SUFFIX};
use super::{Dialect, project, roles};

/// What the join key of an entry made by hand begins with.
const BY_HAND: &str = "ENT";
/// Identifiers of these people: further than any of the AAF and than those of the faults.
const FIRST_ID: u64 = 500_000_000;
/// Draws of these people and structures, apart from all others.
const DRAWS: u64 = 1 << 50;

/// The agent of the collectivité who keeps the ENT.
pub const AGENT: usize = 0;
/// Another, who also comes from outside.
const OTHER_AGENT: usize = 1;
/// An older account of the first.
const OLD_AGENT: usize = 2;
/// The account from outside of the other agent.
const OUTSIDE: usize = 3;
/// Somebody else from outside.
const OTHER_OUTSIDE: usize = 4;
/// The head of the first company.
pub const HEAD: usize = 5;
/// The tutors of the companies, one for each pupil in placement.
pub const TUTOR: usize = 6;

const NAMES: &[&str] = &[
    "ZELVAN", "OSTRIEUX", "YVERDOIS", "IMBRELLE", "UXELOT", "ZAMBRUC", "OLVERIN", "YSSANGUE", "IZERABLE", "OKELARD", "ZURBIAN", "UVRELLE",
];
const COMPANIES: [&str; 2] = ["ATELIERS DU VIEUX PRESSOIR", "MAISON DES QUATRE VENTS"];

/// Who these people are: one for two accounts of the same person.
fn identity(n: usize) -> usize {
    match n {
        OLD_AGENT => AGENT,
        OUTSIDE => OTHER_AGENT,
        _ => n,
    }
}

fn draw(naming: &Naming, n: usize) -> Draw {
    naming.people.world.keys.draw(Stream::Staff, DRAWS + n as u64)
}

fn person_id(n: usize) -> String {
    (FIRST_ID + n as u64).to_string()
}

/// Name of the entry of one of them.
pub fn person_dn(naming: &Naming, n: usize) -> String {
    naming.person(&person_id(n))
}

/// The agents of the collectivité.
pub fn agents(naming: &Naming) -> impl Iterator<Item = String> {
    [AGENT, OTHER_AGENT, OLD_AGENT].into_iter().map(|n| person_dn(naming, n))
}

/// One of these structures: 0 is the collectivité, then the companies.
fn siret(naming: &Naming, n: u32) -> String {
    // No department is 96: neither a commune nor an institution has such a number.
    siret_of(if n == 0 { 2_196 } else { 1_996 }, naming.people.world.uai_number(n))
}

fn structure_dn(naming: &Naming, n: u32) -> String {
    let siret = siret(naming, n);
    match naming.dialect {
        // They have no UAI to be named by.
        Dialect::Uai => format!("ou={siret},ou=structures,{SUFFIX}"),
        _ => format!("ENTStructureSIREN={siret},ou=structures,{SUFFIX}"),
    }
}

fn structure(naming: &Naming, n: u32, (kind, class): (Kind, &str), name: &str, nature: &str) -> Entry {
    let mut out = Entry::new(kind, structure_dn(naming, n), &["top", "organizationalUnit", "ENTStructure", class]);
    let (mut draw, town) = (draw(naming, 100 + n as usize), naming.people.world.town(0));
    let siret = siret(naming, n);
    out.add("ou", if naming.dialect == Dialect::Uai { siret.as_str() } else { name });
    out.add("ENTStructureNomCourant", name);
    out.add("ENTStructureSIREN", siret);
    out.add("ENTStructureJointure", format!("{BY_HAND}$S{n}"));
    out.add("ENTStructureTypeStruct", nature);
    out.add("ENTStructureEmail", format!("contact{n}@ent.example"));
    out.add("ENTStructureSiteWeb", format!("https://www{n}.ent.example/"));
    out.add("street", street(&mut draw));
    out.add("postalCode", town.postal);
    out.add("l", town.name);
    out.add("telephoneNumber", landline(&mut draw));
    out
}

/// The collectivité, and in the second degree two companies.
pub fn structures(naming: &Naming, chosen: &Chosen) -> Vec<Entry> {
    let town = naming.people.world.town(0).name;
    let second = naming.people.world.options.degree == Degree::D2;
    let name = if second { format!("DEPARTEMENT DE {town}") } else { format!("COMMUNE DE {town}") };
    let mut out = vec![structure(naming, 0, (Kind::Collectivity, "ENTCollLoc"), &name, "COLLECTIVITE LOCALE")];
    out[0].add("ENTStructureResponsable", person_dn(naming, AGENT));
    out[0].add("ENTStructureContactENT", person_dn(naming, OTHER_AGENT));
    out[0].add("ENTCollLocLieuGeographique", town);
    for (n, name) in (1..).zip(COMPANIES).filter(|_| second) {
        let mut company = structure(naming, n, (Kind::Company, "ENTEntreprise"), name, "ENTREPRISE");
        company.add("ENTEntrepriseEtabs", naming.structure(chosen.school));
        if n == 1 {
            company.add("ENTStructureResponsable", person_dn(naming, HEAD));
        }
        out.push(company);
    }
    out
}

fn person(naming: &Naming, n: usize, kind: Kind, auxiliary: &str) -> Entry {
    let who = identity(n);
    let (mut draw, mut record) = (draw(naming, who), Aaf::default());
    let sex = Sex::draw(&mut draw);
    let (first, turn) = (first_name(&mut draw, sex), self::draw(naming, usize::from(u8::MAX)).below(NAMES.len() as u32));
    let name = NAMES[(turn as usize + who) % NAMES.len()];
    record.start(super::super::record::Kind::Staff, super::super::record::Request::Add, person_id(n));
    record.one("sn", name);
    record.one("givenName", first);
    record.one("personalTitle", sex.civility());
    let mut out = project::person(naming, &record, kind, auxiliary);
    out.set("ENTPersonJointure", format!("{BY_HAND}$P{n}"));
    out.add("mail", mail(first, name, 100 + n as u64, "ent.example"));
    out
}

/// The staff of the collectivité and people from outside; in the second degree, those who receive pupils in a company.
pub fn people(naming: &Naming, chosen: &Chosen) -> Vec<Entry> {
    let mut out = vec![agent(naming, chosen, AGENT), agent(naming, chosen, OTHER_AGENT), agent(naming, chosen, OLD_AGENT)];
    out.extend([OUTSIDE, OTHER_OUTSIDE].map(|n| outsider(naming, chosen, n)));
    if naming.people.world.options.degree == Degree::D2 {
        let mut head = person(naming, HEAD, Kind::CompanyHead, "ENTAuxRespEntrp");
        head.add("ENTAuxRespEntrpSociete", structure_dn(naming, 1));
        out.push(head);
        for (at, placement) in chosen.placements.iter().enumerate() {
            let mut tutor = person(naming, TUTOR + at, Kind::Tutor, "ENTAuxTuteurStage");
            tutor.add("ENTAuxTuteurStageSociete", structure_dn(naming, 1 + at as u32 % 2));
            tutor.add("ENTAuxTuteurStageEleves", naming.person(&placement.pupil));
            out.push(tutor);
        }
    }
    out
}

fn agent(naming: &Naming, chosen: &Chosen, n: usize) -> Entry {
    let mut out = person(naming, n, Kind::CollectivityAgent, "ENTAuxNonEnsCollLoc");
    out.add("ENTPersonStructRattach", structure_dn(naming, 0));
    out.add(
        "ENTPersonProfils",
        match naming.dialect {
            Dialect::Dn | Dialect::Id => naming.profile(chosen.school, "COL"),
            Dialect::Uai | Dialect::GroupDn => roles::national_dn("COL"),
        },
    );
    out.add("ENTAuxNonEnsCollLocService", if identity(n) == AGENT { "SERVICE DU NUMERIQUE EDUCATIF" } else { "SERVICE DES BATIMENTS" });
    let school = naming.place(chosen.school);
    match n {
        AGENT => {
            out.add("ENTPersonAlias", "les-tilleuls");
            linked(naming, &mut out, "ENTPersRelFusionSecondaire", OLD_AGENT);
            // The composite values of the other dialects begin with what only a structure of the AAF has.
            if matches!(naming.dialect, Dialect::Dn | Dialect::GroupDn) {
                out.add("ENTAuxNonEnsCollLocDomaineRegroupEtabs", format!("{}$NUMERIQUE", roles::grouping_dn()));
            }
        }
        OLD_AGENT => linked(naming, &mut out, "ENTPersRelFusionPrincipal", AGENT),
        _ => {
            out.add("ENTPersonFonctions", format!("{school}$OUV$PERSONNELS OUVRIERS ET DE SERVICE$-$SANS OBJET"));
            out.add("ENTAuxNonEnsCollLocDomaineEtab", format!("{school}$ENTRETIEN"));
            linked(naming, &mut out, "ENTPersRelRapprochSecondaire", OUTSIDE);
        }
    }
    out
}

fn outsider(naming: &Naming, chosen: &Chosen, n: usize) -> Entry {
    let mut out = person(naming, n, Kind::Outsider, "ENTAuxPersExt");
    out.add("ENTAuxPersExt", if n == OUTSIDE { "ASSOCIATION SPORTIVE" } else { "COMPAGNIE DE THEATRE" });
    out.add("ENTPersonCentresInteret", format!("{}${}", naming.place(chosen.school), if n == OUTSIDE { "ESCALADE" } else { "THEATRE" }));
    if n == OUTSIDE {
        linked(naming, &mut out, "ENTPersRelRapprochPrincipal", OTHER_AGENT);
    } else {
        out.add("ENTPersonAlias", "le-petit-bois");
    }
    out
}

fn linked(naming: &Naming, out: &mut Entry, name: &'static str, other: usize) {
    // Beside the other classes: loaders lose values of one attribute that do not follow each other.
    let classes = out.values.iter().take_while(|(name, _)| name == "objectClass").count();
    out.values.insert(classes, ("objectClass".into(), "ENTPersonRelation".to_owned()));
    out.add(name, person_dn(naming, other));
}
