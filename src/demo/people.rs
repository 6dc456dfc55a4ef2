//! The invented accounts of the demonstration ENT, its services, and what each service is given of an account.
//!
//! Every person, school and value here is invented. Must never hold a password: they are drawn at start.

use super::defects::Defect;

/// A person.
#[derive(Debug)]
pub struct Person {
    pub login: &'static str,
    /// What services are given as `user`.
    pub id: &'static str,
    pub nom: &'static str,
    pub prenom: &'static str,
    /// Profile in letters (`National_ELV`…) and in numbers (`National_1`…).
    pub profile: (&'static str, &'static str),
    pub birth: &'static str,
    pub mail: &'static str,
    pub classes: &'static [&'static str],
    /// UAI and type of each school.
    pub schools: &'static [(&'static str, &'static str)],
}

/// Everybody.
pub const PEOPLE: &[Person] = &[
    Person {
        login: "eleve-demo",
        id: "demo0001",
        nom: "Démonstration",
        prenom: "Éloïse",
        profile: ("National_ELV", "National_1"),
        birth: "14/03/2013",
        mail: "eleve.demo@ent.example",
        classes: &["5A", "5A-LATIN"],
        schools: &[("0200001T", "CLG")],
    },
    Person {
        login: "parent-demo",
        id: "demo0002",
        nom: "Démonstration",
        prenom: "Noël",
        profile: ("National_TUT", "National_2"),
        birth: "02/11/1981",
        mail: "parent.demo@ent.example",
        classes: &[],
        schools: &[("0200001T", "CLG")],
    },
    Person {
        login: "prof-demo",
        id: "demo0003",
        nom: "L’Exemple",
        prenom: "Gaël",
        profile: ("National_ENS", "National_3"),
        birth: "27/06/1975",
        mail: "prof.demo@ent.example",
        classes: &["5A", "2GT1"],
        schools: &[("0200001T", "CLG"), ("0200002U", "LYC")],
    },
    Person {
        login: "direction-demo",
        id: "demo0004",
        nom: "Modèle & Fils",
        prenom: "Inès",
        profile: ("National_DIR", "National_4"),
        birth: "09/09/1969",
        mail: "direction.demo@ent.example",
        classes: &[],
        schools: &[("0200001T", "CLG")],
    },
];

/// Where the attributes are, in an answer: the three shapes met in the wild.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Beside `user`, in the namespace of CAS.
    A,
    /// In `cas:attributes`, in a `userAttributes` without namespace.
    B,
    /// In `cas:attributes`, as in appendix A.
    C,
}

/// What a service is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contract {
    /// The generic service, and the services added by the options.
    Generic,
    Moodle,
    Kne,
    Gepi,
    Pronote,
    Elea,
    /// The portal itself.
    Portal,
}

impl Contract {
    /// The services of the ENT: their path, their contract.
    pub const PATHS: &[(&str, Self)] = &[
        ("/service/moodle/", Self::Moodle),
        ("/service/kne/", Self::Kne),
        ("/service/gepi/", Self::Gepi),
        ("/service/pronote/", Self::Pronote),
        ("/service/elea/", Self::Elea),
        ("/service/", Self::Generic),
        ("/portail/", Self::Portal),
    ];

    /// The shape of its answers.
    pub fn shape(self) -> Shape {
        match self {
            Self::Moodle | Self::Kne | Self::Gepi => Shape::A,
            Self::Pronote | Self::Elea => Shape::B,
            Self::Generic | Self::Portal => Shape::C,
        }
    }

    /// Whether that person may use it: textbooks are not for guardians.
    pub fn entitles(self, person: &Person) -> bool {
        self != Self::Kne || person.profile.0 != "National_TUT"
    }
}

/// An attribute: its name, its values.
pub type Attribute = (&'static str, Vec<String>);

/// What a service is given of a person, with the defects that change it.
pub fn released(person: &Person, contract: Contract, asked_uai: Option<&str>, has: &dyn Fn(Defect) -> bool) -> Vec<Attribute> {
    let one = |value: &str| vec![value.to_owned()];
    let uais: Vec<String> = person.schools.iter().map(|(uai, _)| (*uai).to_owned()).collect();
    let uais = if has(Defect::OneSchoolOnly) { uais[..1].to_vec() } else { uais };
    let classes: Vec<String> = person.classes.iter().map(|c| (*c).to_owned()).collect();
    let (letters, number) = if has(Defect::ProfileVocabulary) { ("Eleve", "Eleve") } else { person.profile };
    let mut out: Vec<Attribute> = match contract {
        Contract::Portal => vec![("uid", one(person.id))],
        Contract::Moodle => vec![("uid", one(person.id))],
        Contract::Gepi => vec![("uid", one(person.id)), ("ENTPersonProfils", one(number))],
        Contract::Generic => vec![
            ("uid", one(person.id)),
            ("ENTPersonProfils", one(letters)),
            ("ENTPersonStructRattachUAI", uais),
            ("ENTPersonNom", one(person.nom)),
            ("ENTPersonPrenom", one(person.prenom)),
        ],
        Contract::Kne => {
            let mine = |uai: &str| person.schools.iter().find(|(u, _)| *u == uai);
            let schools = match asked_uai {
                Some(uai) if has(Defect::UaiEchoed) => vec![uai.to_owned()],
                Some(uai) if mine(uai).is_some() => vec![uai.to_owned()],
                _ => uais,
            };
            let types = schools.iter().filter_map(|u| mine(u)).map(|(_, t)| (*t).to_owned()).collect();
            let mut all = vec![
                ("ENTPersonStructRattachUAI", schools),
                ("ENTStructureTypeStruct", types),
                ("ENTPersonProfils", one(letters)),
                ("ENTPersonNom", one(person.nom)),
                ("ENTPersonPrenom", one(person.prenom)),
            ];
            if letters == "National_ELV" {
                all.push(("ENTEleveMEF", one("10110001110")));
                all.push(("ENTEleveClasses", classes));
            }
            all
        }
        Contract::Pronote => vec![
            ("nom", one(person.nom)),
            ("prenom", one(person.prenom)),
            ("dateNaissance", one(person.birth)),
            ("codePostal", one("20999")),
            ("categories", one(number)),
        ],
        // The contract of Elea asks for lists as JSON texts.
        Contract::Elea => vec![
            ("externalId", one(person.id)),
            ("lastName", one(person.nom)),
            ("firstName", one(person.prenom)),
            ("profiles", vec![json(&[number.to_owned()])]),
            ("classes", vec![json(&classes)]),
            ("structures", vec![json(&uais)]),
        ],
    };
    if contract == Contract::Portal {
        return out;
    }
    if has(Defect::AttributeMissing) {
        out.retain(|(name, _)| !matches!(*name, "ENTPersonProfils" | "categories" | "profiles"));
    }
    if has(Defect::AttributesUndeclared) {
        out.push(("ENTPersonMail", one(person.mail)));
    }
    if has(Defect::SecretReleased) {
        out.push(("userPassword", one("{SSHA}aW52ZW50ZQ==")));
    }
    if has(Defect::WholeRecord) {
        let record = ["telephone", "adresse", "codePostal", "ville", "sexe", "nationalite", "regime", "boursier", "tuteur", "allergies"];
        out.extend(record.map(|name| (name, one("inventé"))));
        out.extend([("ENTPersonMail", one(person.mail)), ("ENTPersonDateNaissance", one(person.birth))]);
    }
    if has(Defect::ListAsText) {
        out.iter_mut().filter(|(_, values)| values.len() > 1).for_each(|(_, values)| *values = vec![json(values)]);
    }
    if has(Defect::DoubleEncoding) {
        // As if UTF-8 had been read as Latin-1.
        out.iter_mut().flat_map(|(_, values)| values).for_each(|v| *v = v.bytes().map(char::from).collect());
    }
    out
}

fn json(values: &[String]) -> String {
    serde_json::Value::from(values.to_vec()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schools_have_valid_uais_of_no_real_department() {
        let format = crate::check::formats::FORMATS.iter().find(|(name, _)| *name == "uai").expect("format").1;
        for (uai, _) in PEOPLE.iter().flat_map(|p| p.schools) {
            assert!(format(uai) && uai.starts_with("020"), "{uai}");
        }
    }
}
