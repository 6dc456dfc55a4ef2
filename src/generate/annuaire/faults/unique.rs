//! Faults of uniqueness and of secrets.

use super::super::entry::{Entry, Kind};
use super::extra::{application, more, structure};
use super::persons::push;
use super::{Change, Context, Effect, FaultInfo, fault};

const HASHED: &str = "{SSHA512}AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+P/8B/wI=";

const fn pupil(id: &'static str, requirements: &'static [&'static str], change: Change) -> FaultInfo {
    fault(id, requirements, Effect::Change(Kind::Pupil, change))
}

const fn relative(id: &'static str, requirements: &'static [&'static str], change: Change) -> FaultInfo {
    fault(id, requirements, Effect::Change(Kind::Relative, change))
}

/// Gives somebody what another of that kind has.
fn copy(entry: &mut Entry, c: &Context, kind: Kind, name: &'static str) -> bool {
    let value = c.facts.all(kind).filter(|o| o.dn != entry.dn).find_map(|o| o.get(name));
    value.is_some_and(|value| entry.set(name, value))
}

/// Gives a second person the value of the first.
fn shared(entry: &mut Entry, c: &mut Context, name: &'static str, value: &str) -> bool {
    let second = !c.memory.is_empty();
    c.memory.push('x');
    entry.push(name, value);
    second
}

fn uniqueness() -> Vec<FaultInfo> {
    vec![
        relative("connexion-partagee", &["ANN-UNQ-LOGIN"], |e, c| copy(e, c, Kind::Relative, "ENTPersonLogin")),
        relative("alias-connexion", &["ANN-UNQ-ALIAS-LOGIN"], |e, c| {
            let login = c.facts.all(Kind::Relative).filter(|o| o.dn != e.dn).find_map(|o| o.get("ENTPersonLogin")).map(str::to_owned);
            login.is_some_and(|login| push(e, "ENTPersonAlias", login))
        }),
        relative("jointure-partagee", &["ANN-UNQ-JOINTURE"], |e, c| copy(e, c, Kind::Relative, "ENTPersonJointure")),
        relative("uid-partage", &["ANN-UNQ-UID", "ANN-PER-UID"], |e, c| {
            let other = c.facts.all(Kind::Relative).filter(|o| o.dn != e.dn).find_map(|o| o.get("uid")).map(str::to_owned);
            other.is_some_and(|uid| push(e, "uid", uid))
        }),
        pupil("gar-partage-eleves", &["ANN-UNQ-GAR-ELEVES"], |e, c| copy(e, c, Kind::Pupil, "ENTPersonGARIdentifiant")),
        fault(
            "gar-partage-adultes",
            &["ANN-UNQ-GAR-ADULTES"],
            Effect::Change(Kind::Teacher, |e, c| copy(e, c, Kind::Teacher, "ENTPersonGARIdentifiant")),
        ),
        pupil("gar-eleve-d-adulte", &["ANN-UNQ-GAR-ELEVE-ADULTE"], |e, c| copy(e, c, Kind::Teacher, "ENTPersonGARIdentifiant")),
        pupil("ine-partage", &["ANN-UNQ-INE"], |e, c| copy(e, c, Kind::Pupil, "ENTEleveINE")),
        pupil("numero-eleve-partage", &["ANN-UNQ-STRUCT-ID"], |e, c| {
            let school = e.get("ENTPersonStructRattach");
            let mates = c.facts.all(Kind::Pupil).filter(|o| o.dn != e.dn && o.get("ENTPersonStructRattach") == school);
            let value = mates.filter_map(|o| o.get("ENTEleveStructRattachId")).next().map(str::to_owned);
            value.is_some_and(|value| e.set("ENTEleveStructRattachId", value))
        })
        .second_degree(),
        fault(
            "uai-partage",
            &["ANN-UNQ-UAI"],
            Effect::Extra(|c| {
                let uai = c.facts.all(Kind::Office).next()?.get("ENTStructureUAI")?;
                more(structure(c, Kind::Office), |e| _ = e.set("ENTStructureUAI", uai))
            }),
        ),
        fault(
            "structure-jointure-partagee",
            &["ANN-UNQ-STR-JOINTURE"],
            Effect::Extra(|c| {
                let key = c.facts.all(Kind::Office).next()?.get("ENTStructureJointure")?;
                more(structure(c, Kind::Office), |e| _ = e.set("ENTStructureJointure", key))
            }),
        ),
        fault(
            "application-nom-partage",
            &["ANN-UNQ-APP-NOM"],
            Effect::Extra(|c| more(application(c), |e| _ = e.set("ENTApplicationNom", "Messagerie"))),
        ),
    ]
}

fn secrets() -> Vec<FaultInfo> {
    vec![
        relative("mot-de-passe-clair", &["ANN-SEC-CLAIR", "ANN-SEC-EXPORT"], |e, _| push(e, "userPassword", "un mot de passe invente")),
        relative("mot-de-passe-etiquete", &["ANN-SEC-CLAIR", "ANN-SEC-EXPORT"], |e, _| {
            push(e, "userPassword;x-reprise", "un mot de passe invente")
        }),
        relative("procede-inconnu", &["ANN-SEC-PROCEDE", "ANN-SEC-EXPORT"], |e, _| push(e, "userPassword", "{MAISON}AAECAwQF")),
        relative("mot-de-passe-faible", &["ANN-SEC-FAIBLE", "ANN-SEC-EXPORT"], |e, _| {
            push(e, "userPassword", "{MD5}AAECAwQFBgcICQoLDA0ODw==")
        }),
        relative("mots-de-passe-deux", &["ANN-SEC-UNIQUE", "ANN-SEC-EXPORT", "ANN-SEC-ANCIEN"], |e, _| {
            push(e, "userPassword", format!("{HASHED}AA==")) && push(e, "userPassword", format!("{HASHED}AQ=="))
        }),
        fault(
            "mot-de-passe-partage",
            &["ANN-SEC-PARTAGE", "ANN-SEC-EXPORT", "ANN-SEC-ANCIEN"],
            Effect::Change(Kind::Relative, |e, c| shared(e, c, "userPassword", HASHED)),
        ),
        relative("mot-de-passe-nt", &["ANN-SEC-NT", "ANN-SCH-ATTRIBUTS-LOCAUX"], |e, _| {
            push(e, "sambaNTPassword", "000102030405060708090A0B0C0D0E0F")
        }),
        relative("mot-de-passe-lm", &["ANN-SEC-LM", "ANN-SCH-ATTRIBUTS-LOCAUX"], |e, _| {
            push(e, "sambaLMPassword", "000102030405060708090A0B0C0D0E0F")
        }),
        relative("mot-de-passe-ailleurs", &["ANN-SEC-AUTRES-SECRETS", "ANN-SCH-ATTRIBUTS-LOCAUX"], |e, _| {
            push(e, "sambaClearTextPassword", "un mot invente")
        }),
        relative("mots-de-passe-anciens", &["ANN-SEC-HISTORIQUE"], |e, _| push(e, "pwdHistory", "20260901000000Z#{SSHA}AAEC")),
        fault(
            "mot-de-passe-de-structure",
            &["ANN-SEC-BRANCHES", "ANN-SEC-EXPORT"],
            Effect::Change(Kind::Office, |e, _| {
                push(e, "userPassword", "{ARGON2}$argon2id$v=19$m=65536,t=2,p=1$AAECAwQFBgc$AAECAwQFBgcICQoL")
            }),
        ),
        pupil("connexion-ine", &["ANN-SEC-INE-LOGIN"], |e, _| {
            let ine = e.get("ENTEleveINE").map(str::to_owned);
            ine.is_some_and(|ine| e.set("ENTPersonLogin", ine))
        }),
    ]
}

/// All of them.
pub fn faults() -> Vec<FaultInfo> {
    [uniqueness(), secrets()].into_iter().flatten().collect()
}
