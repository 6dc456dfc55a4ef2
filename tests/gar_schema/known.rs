//! Differences with xmllint that are known, wanted, and explained. Anything else is a bug of ours until proven otherwise.

use conforment::source::files::log::Damage;

use crate::judge::Judged;
use crate::samples::Mutated;

/// Cases of the table that we accept though libxml2 refuses them with the schema that was read: see [`refused`].
pub fn of_case(name: &str) -> bool {
    ["pupil-date-padded", "pupil-date-padded-by-a-line", "1d-staff-mail", "etab-twice-without-uai"].contains(&name)
}

/// The class of a disagreement: what xmllint has against the file, none when it accepts it, and what we say.
pub fn class(m: &Mutated, theirs: Option<&str>, ours: &Judged) -> Option<&'static str> {
    match theirs {
        None => accepted(m, ours),
        Some(told) => refused(m, told, ours),
    }
}

/// What libxml2 accepts and we do not.
fn accepted(m: &Mutated, ours: &Judged) -> Option<&'static str> {
    let encoding = &ours.facts["encoding"];
    let declared = encoding["declared"].as_str().unwrap_or("UTF-8");
    let only = |id: &str| ours.faults.iter().all(|(fault, _)| fault == id);
    let holds = |bytes: &[u8]| memchr::memmem::find(&m.bytes, bytes).is_some();
    match ours.damage {
        // Not read, and said so by a requirement of its own: nothing is accused.
        Some(Damage::Undecoded) if ours.faults.is_empty() && (holds(b"\0 \0") || holds(b" \0")) => Some("UTF-16"),
        // XML asks the two to agree; libxml2 follows the mark.
        None if only("GAR-XML-01-ENCODAGE") && encoding["bom"] == true && !declared.eq_ignore_ascii_case("UTF-8") => {
            Some("byte order mark under another encoding")
        }
        // XML forbids the character; libxml2 takes it for the end of the file when it comes after the root.
        Some(Damage::Malformed) if m.bytes.ends_with(b"\0") && only("GAR-XML-01-BIEN-FORME") => Some("NUL at the end"),
        // Namespaces in XML 1.0 forbid it; libxml2 says so and goes on with the former binding.
        None if holds(b" xmlns:men=''") => Some("prefix unbound"),
        _ => None,
    }
}

/// What libxml2 refuses and we do not.
fn refused(m: &Mutated, told: &str, ours: &Judged) -> Option<&'static str> {
    let errors = || told.lines().filter(|l| l.contains("Schemas validity error"));
    let all = |what: &str| errors().next().is_some() && errors().all(|l| l.contains(what));
    if ours.facts["doctype"]["present"] == true {
        // Said by a requirement of its own; what it declares is not read.
        return Some("document type declaration");
    }
    if ours.facts["structure"]["xsiType"]["count"].as_u64().is_some_and(|n| n > 0) && errors().any(|l| l.contains("type': ")) {
        // Said by a requirement of its own; whether the type is the right one is not checked.
        return Some("xsi:type");
    }
    if padded_date(&m.bytes) && told.contains("GARPersonDateNaissance") && !told.contains("parser error") {
        // XML Schema collapses spaces around a date, libxml2 does not: a requirement of its own says so.
        return Some("date between spaces");
    }
    if all("Character content other than whitespace")
        && [&b"<![CDATA[]]>"[..], b"<![CDATA[ ]]>"].iter().any(|c| memchr::memmem::find(&m.bytes, c).is_some())
    {
        // XML Schema allows spaces among elements however they are written; libxml2 no CDATA section.
        return Some("CDATA of spaces among elements");
    }
    if all("key-sequence") && told.contains("''") {
        // Keys with an empty part are never judged: that the value is missing is what is said.
        return Some("key with an empty part");
    }
    if m.file.contains("_1D_Enseignant_") && all("GARPersonMail': This element is not expected") {
        // The later schema of the primary level, which producers use, has it.
        return Some("mail of primary teachers");
    }
    None
}

/// Whether some date of birth has spaces around it, by whatever way they are written.
fn padded_date(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let values = text.split("GARPersonDateNaissance").filter_map(|t| t.split_once('>')).filter_map(|(_, t)| t.split_once("</"));
    let spaces = |v: String| v.trim_matches([' ', '\t', '\r', '\n']).len() < v.len();
    values.map(|(v, _)| v.replace("&#32;", " ").replace("&#10;", "\n").replace("&#x20;", " ").replace("&#9;", "\t")).any(spaces)
}
