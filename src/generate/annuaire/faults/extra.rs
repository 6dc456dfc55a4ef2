//! Entries that a fault adds: sound but for what it then changes.

use super::super::entry::{Entry, Kind};
use super::super::naming::{SOURCE, SUFFIX};
use super::Context;

/// As LDIF.
pub fn rendered(entry: &Entry) -> Vec<u8> {
    let mut out = Vec::new();
    entry.render(&mut out);
    out
}

/// One entry more, sound but for what `change` does to it.
pub fn more(entry: Option<Entry>, change: impl FnOnce(&mut Entry)) -> Option<Vec<u8>> {
    let mut entry = entry?;
    change(&mut entry);
    Some(rendered(&entry))
}

/// The LDIF of an application more, as `change` leaves it.
pub fn text(c: &Context, change: impl FnOnce(&str) -> String) -> Option<Vec<u8>> {
    let text = String::from_utf8(rendered(&application(c)?)).ok()?;
    Some(change(&text).into_bytes())
}

/// An application.
pub fn application(c: &Context) -> Option<Entry> {
    let id = format!("outil-{}", c.rank);
    let mut out = Entry::new(Kind::Application, format!("ENTApplicationId={id},ou=applications,{SUFFIX}"), &["top", "ENTApplication"]);
    out.push("ENTApplicationId", id);
    out.push("ENTApplicationNom", format!("Outil {}", c.rank));
    out.push("ENTApplicationDesc", "Un outil de plus");
    out.push("ENTApplicationCatego", "Outils");
    Some(out)
}

/// A structure like the first of its kind, with identifiers that no other has.
pub fn structure(c: &Context, kind: Kind) -> Option<Entry> {
    let free = c.facts.free(c.rank)?;
    let mut out = c.facts.all(kind).find(|e| !e.dn.is_empty())?.clone();
    out.dn = free.structure();
    out.set("ENTStructureSIREN", free.siret.as_str());
    out.set("ENTStructureUAI", free.uai.as_str());
    out.set("ENTStructureJointure", format!("{SOURCE}${}", free.aaf));
    out.remove("ENTStructureMailSI");
    Some(out)
}

/// Somebody like the first of that kind whom nobody names, with identifiers that no other has.
pub fn person(c: &Context, kind: Kind) -> Option<Entry> {
    let free = c.facts.free(c.rank)?;
    // In the first degree, everybody teaches.
    let mut out = c.facts.all(kind).chain(c.facts.all(Kind::Teacher)).find(|e| unnamed(e))?.clone();
    out.dn = free.person();
    out.set("uid", free.uid.as_str());
    out.set("ENTPersonLogin", format!("za.{}", free.uid.to_lowercase()));
    out.set("ENTPersonJointure", format!("{SOURCE}${}", free.aaf));
    out.set("ENTPersonGARIdentifiant", free.gar.as_str());
    out.remove("mail");
    Some(out)
}

/// Whether an adult of a school leads none.
pub fn unnamed(entry: &Entry) -> bool {
    entry.all("ENTPersonFonctions").all(|f| !f.contains("$DIR$"))
}
