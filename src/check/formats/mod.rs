//! Formats, one file each: `fn(&str) -> bool`, pure, on strings of any content.

mod adresse;
mod code_postal;
pub mod date_fr;
mod dn;
mod identifiant;
mod ine;
mod mail;
mod matiere;
mod mef;
mod oui_non;
mod siret;
mod telephone;
pub mod uai;
pub mod xs_date;

/// A format: its name in schemas and its test.
pub type Format = (&'static str, fn(&str) -> bool);

/// Every format of ours.
pub const FORMATS: &[Format] = &[
    ("aaf-id", identifiant::aaf_id),
    ("adresse-4", adresse::quatre_lignes),
    ("code-postal", code_postal::code_postal),
    ("date-fr", date_fr::date_fr),
    ("dn", dn::dn),
    ("ine", ine::ine),
    ("mail", mail::mail),
    ("matiere", matiere::matiere),
    ("mef", mef::mef),
    ("mef-annee", mef::mef_annee),
    ("oui-non", oui_non::oui_non),
    ("siret", siret::siret),
    ("telephone", telephone::telephone),
    ("uai", uai::uai),
    ("uai-forme", uai::uai_forme),
    ("xs-date", xs_date::xs_date),
];

/// Whether `text` is `min` to `max` ASCII digits.
fn digits(text: &str, min: usize, max: usize) -> bool {
    (min..=max).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

/// The 23-letter alphabet of the UAI and BEA keys: no I, O, Q.
const KEY_LETTERS: &[u8; 23] = b"ABCDEFGHJKLMNPRSTUVWXYZ";

/// Whether `text` is `digits` digits followed by their key letter (the number modulo 23).
fn has_key_letter(text: &str, digits: usize) -> bool {
    let (number, letter) = match (text.get(..digits), text.as_bytes().get(digits)) {
        (Some(number), Some(letter)) if text.len() == digits + 1 => (number, *letter),
        _ => return false,
    };
    number.bytes().all(|b| b.is_ascii_digit()) && number.parse::<u64>().is_ok_and(|n| KEY_LETTERS[(n % 23) as usize] == letter)
}
