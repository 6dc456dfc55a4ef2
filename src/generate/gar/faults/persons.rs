//! Faults of pupils and staff.

use super::super::super::Degree;
use super::super::record::{Kind, Record, block, field};
use super::{Context, Effect, FaultInfo, fault};

const UAI: &str = "GARStructureUAI";
const ID: &str = "GARPersonIdentifiant";
const PROFILES: &str = "GARPersonProfils";
const PROFILE: &str = "GARPersonProfil";
const SCHOOL: &str = "GARPersonEtab";
const BIRTH: &str = "GARPersonDateNaissance";
const MAIL: &str = "GARPersonMail";
const POSTS: &[&str] = &["GAREnsDisciplinesPostes", "GAREnsSpecialitesPostes"];

/// A change of one pupil.
const fn pupil(id: &'static str, change: fn(&mut Record, &mut Context) -> bool) -> FaultInfo {
    fault(id, Effect::Change(Kind::Eleve, change))
}

/// A change of one member of staff.
const fn member(id: &'static str, change: fn(&mut Record, &mut Context) -> bool) -> FaultInfo {
    fault(id, Effect::Change(Kind::Enseignant, change))
}

/// A school that the delivery declares and where the person does not work.
fn foreign(record: &Record, c: &Context) -> Option<String> {
    let candidates = [Some(&c.facts.pupil), c.facts.stranger.as_ref()];
    candidates.into_iter().flatten().map(|p| &p.uai).find(|uai| !record.all(SCHOOL).any(|s| s == *uai)).cloned()
}

fn repeat(record: &mut Record, name: &str) -> bool {
    let Some(found) = record.fields.iter().find(|f| f.name == name).cloned() else { return false };
    record.put_after(&[name], found)
}

fn profile(record: &mut Record, value: &str) -> bool {
    let slot = record.fields.iter_mut().filter(|f| f.name == PROFILES).flat_map(|f| f.inner.iter_mut()).find(|(n, _)| *n == PROFILE);
    slot.map(|(_, text)| value.clone_into(text)).is_some()
}

/// Whether somebody would still have the profile of a teacher without the first one, or never had a use for it.
fn apart(record: &Record) -> bool {
    let profiles = record.fields.iter().filter(|f| f.name == PROFILES).count();
    profiles > 1 || record.fields.iter().all(|f| !POSTS.contains(&f.name))
}

pub(super) fn somebody_else(record: &Record, id: &str) -> Option<Record> {
    let mut out = record.clone();
    let renamed = out.set("GARPersonNom", "HOMONYMIE") && out.set("GARPersonPrenom", "Ambre");
    out.remove("GARPersonNomPatro");
    out.remove("GARPersonAutresPrenoms");
    let told = out.put_after(&["GARPersonPrenom"], field("GARPersonAutresPrenoms", "Ambre"));
    (renamed && told && out.set(ID, id)).then_some(out)
}

/// Gives somebody the name and the date of birth of another person.
pub(super) fn named(record: &mut Record, [name, first, birth]: [&str; 3]) -> bool {
    record.remove("GARPersonNomPatro");
    record.remove("GARPersonAutresPrenoms");
    let told = record.put_after(&["GARPersonPrenom"], field("GARPersonAutresPrenoms", first));
    told && record.set("GARPersonNom", name) && record.set("GARPersonPrenom", first) && record.set(BIRTH, birth)
}

/// Gives somebody the name and the date of birth of the first person, of the same school or of another.
fn namesake(record: &mut Record, c: &mut Context, same_school: bool) -> bool {
    let schools: Vec<&str> = record.all(SCHOOL).collect();
    if c.memory.is_empty() {
        let told = ["GARPersonNom", "GARPersonPrenom", BIRTH].map(|n| record.get(n).unwrap_or_default());
        *c.memory = format!("{}${}", told.join("$"), schools.join(" "));
        return false;
    }
    let memory = c.memory.clone();
    let parts: Vec<&str> = memory.split('$').collect();
    let [name, first, birth, theirs] = parts[..] else { return false };
    let met = theirs.split(' ').any(|s| schools.contains(&s));
    met == same_school && named(record, [name, first, birth])
}

/// A block of posts in another school.
fn post(record: &mut Record, uai: &str) -> bool {
    let Some(found) = record.fields.iter().find(|f| POSTS.contains(&f.name)).cloned() else { return false };
    let mut other = found;
    for (_, text) in other.inner.iter_mut().filter(|(n, _)| *n == UAI) {
        uai.clone_into(text);
    }
    record.put_after(POSTS, other)
}

fn mail(record: &mut Record, change: fn(&str) -> String) -> bool {
    let Some(text) = record.get(MAIL).map(change) else { return false };
    record.set(MAIL, text)
}

/// Faults of pupils, or of either.
pub fn faults() -> Vec<FaultInfo> {
    vec![
        fault("identifiant-double", Effect::Elsewhere(Kind::Eleve, |r, _| somebody_else(r, r.id()))),
        fault("identifiant-partage", Effect::Add(Kind::Enseignant, 1, |r, c| somebody_else(r, &c.facts.pupil.id))),
        fault("identifiant-espace", Effect::Twist(|f, t| t.named = Some((f.pupil.aaf.clone(), "2b7c 41d0".into())))),
        fault(
            "identifiant-parlant",
            Effect::Twist(|f, t| {
                let (first, name) = &f.pupil.name;
                let plain: String = format!("{first}.{name}").to_lowercase().chars().filter(|c| !c.is_whitespace()).collect();
                t.named = Some((f.pupil.aaf.clone(), plain));
            }),
        ),
        fault("identifiant-ine", Effect::Twist(|f, t| t.named = Some((f.pupil.aaf.clone(), "061803398AB".into())))),
        fault("identifiant-vide", Effect::Twist(|f, t| t.named = Some((f.pupil.aaf.clone(), String::new())))),
        fault("identifiant-mail", Effect::Twist(|f, t| t.named = Some((f.pupil.aaf.clone(), "c4177@ent.example".into())))),
        pupil("etablissement-inconnu", |r, c| r.put_after(&[SCHOOL], field(SCHOOL, c.facts.free_uai.as_str()))),
        member("etablissement-inconnu-personnel", |r, c| r.put_after(&[SCHOOL], field(SCHOOL, c.facts.free_uai.as_str()))),
        member("profil-etablissement-inconnu", |r, c| {
            r.put_after(&[PROFILES], block(PROFILES, &[(UAI, c.facts.free_uai.as_str()), (PROFILE, "National_eta")]))
        }),
        member("etablissement-sans-profil", |r, c| {
            let Some(uai) = foreign(r, c) else { return false };
            r.put_after(&[SCHOOL], field(SCHOOL, uai))
        }),
        pupil("profil-repete", |r, _| repeat(r, PROFILES)),
        pupil("etablissement-repete", |r, _| repeat(r, SCHOOL)),
        pupil("prenom-usuel-absent", |r, _| {
            r.remove("GARPersonAutresPrenoms") && r.put_after(&["GARPersonPrenom"], field("GARPersonAutresPrenoms", "Zéphyr"))
        }),
        pupil("civilite-inconnue", |r, _| r.set("GARPersonCivilite", "Mlle")),
        pupil("rattachement-vide", |r, _| r.set("GARPersonStructRattach", "")),
        pupil("rattachement-personne-forme", |r, _| r.set("GARPersonStructRattach", "RECTORAT")),
        pupil("naissance-invraisemblable", |r, _| r.set(BIRTH, "1930-01-15")),
        pupil("naissance-future", |r, _| r.set(BIRTH, "2199-01-15")),
        pupil("naissance-fuseau", |r, _| {
            let Some(text) = r.get(BIRTH).map(|d| format!("{d}+01:00")) else { return false };
            r.set(BIRTH, text)
        }),
        pupil("naissance-absente", |r, _| r.remove(BIRTH)),
        pupil("identifiant-secondaire", |r, _| r.put_after(&[PROFILES], field("GARPersonIdSecondaire", "20260914"))),
        pupil("profil-casse", |r, _| profile(r, "National_ELV")),
        pupil("profil-eleve-inconnu", |r, _| profile(r, "National_delegue")),
        pupil("homonyme-eleve", |r, c| namesake(r, c, true)),
        pupil("homonyme-eleve-ailleurs", |r, c| namesake(r, c, false)),
        pupil("profil-eleve-autre", |r, _| profile(r, "National_tut")),
        fault("eleve-sans-division", Effect::Drop(Kind::PersonGroupe, |r, f| r.id() == f.pupil.id)),
        fault("eleve-sans-mef", Effect::Drop(Kind::EleveMef, |r, f| r.id() == f.pupil.id)),
    ]
}

/// Faults of staff.
pub fn staff() -> Vec<FaultInfo> {
    let both = [
        fault(
            "compte-double",
            Effect::Add(Kind::Enseignant, 1, |r, c| {
                let mut out = r.clone();
                out.set(ID, c.facts.spares.first()?.as_str()).then_some(out)
            }),
        ),
        member("homonyme-personnel-ailleurs", |r, c| namesake(r, c, false)),
        member("naissance-invraisemblable-personnel", |r, _| r.set(BIRTH, "1901-01-15")),
        member("date-impossible-personnel", |r, _| r.set(BIRTH, "1980-02-30")),
        member("personnel-profil-eleve", |r, _| profile(r, "National_elv")),
        member("personnel-profil-inconnu", |r, _| apart(r) && profile(r, "National_tut")),
        member("discipline-etablissement-inconnu", |r, c| post(r, &c.facts.free_uai.clone())),
        member("discipline-autre-etablissement", |r, c| foreign(r, c).is_some_and(|uai| post(r, &uai))),
        member("discipline-repetee", |r, _| {
            let Some(uai) = r.all(SCHOOL).next().map(str::to_owned) else { return false };
            post(r, &uai)
        }),
        member("discipline-minuscules", |r, _| {
            let slot = r.fields.iter_mut().find(|f| POSTS.contains(&f.name)).and_then(|f| f.inner.last_mut());
            slot.map(|(_, code)| code.make_ascii_lowercase()).is_some()
        }),
    ];
    let second = [
        member("enseignant-sans-profil", |r, c| {
            c.degree == Degree::D2 && c.facts.class_subject.as_ref().is_some_and(|t| t.id() == r.id()) && profile(r, "National_evs")
        }),
        member("personnel-mail-forme", |r, _| mail(r, |m| m.replace('@', ".arobase."))),
        member("personnel-mail-double", |r, _| repeat(r, MAIL)),
        member("personnel-mail-personnel", |r, _| mail(r, |m| format!("{}@laposte.example", m.split('@').next().unwrap_or_default()))),
    ];
    both.into_iter().chain(second.map(FaultInfo::second_degree)).collect()
}
