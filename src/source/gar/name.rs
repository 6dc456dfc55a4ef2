//! Names of GAR-ENT files: `<ident>_GAR-ENT_Complet_<yyyyMMdd>_<HHmmss>[_1D|_2D]_<category>_<nnnn>.xml` (gar.md §1.5).

use jiff::civil::Date;

use crate::rules::model::Degree;
use crate::source::files::input::xml_stem;

/// Categories, in the order they are read: what is referred to comes first.
pub const CATEGORIES: [&str; 5] = ["Etab", "Eleve", "Enseignant", "RespAff", "Groupe"];

/// What a name says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Name {
    /// It follows the form to the letter.
    pub conforms: bool,
    /// ENT project.
    pub ident: Option<String>,
    /// `yyyyMMdd_HHmmss`, as written.
    pub timestamp: Option<String>,
    /// The day, when it exists.
    pub date: Option<Date>,
    /// The time of day exists too.
    pub exact: bool,
    /// School level.
    pub degree: Option<Degree>,
    /// Category.
    pub category: Option<&'static str>,
    /// Rank in its category.
    pub sequence: Option<u32>,
    /// What comes before the category: the name of the archive, by the same form.
    pub base: Option<String>,
}

/// Reads a name without directories.
#[must_use]
pub fn parse(name: &str) -> Name {
    let Some(stem) = xml_stem(name) else { return Name::default() };
    let Some((ident, rest)) = stem.split_once("_GAR-ENT_") else { return Name::default() };
    let digits = |s: &str, n: usize| s.len() == n && s.bytes().all(|b| b.is_ascii_digit());
    let ours = !ident.is_empty() && ident.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    let parts: Vec<&str> = rest.split('_').collect();
    let mut out = Name {
        ident: ours.then(|| ident.to_owned()),
        category: parts.iter().rev().find_map(|p| CATEGORIES.into_iter().find(|c| c == p)),
        sequence: parts.last().filter(|p| p.len() <= 9).and_then(|p| p.parse().ok()),
        ..Name::default()
    };
    let [mode, day, time, middle @ .., category, number] = parts.as_slice() else { return out };
    if digits(day, 8) && digits(time, 6) {
        out.timestamp = Some(format!("{day}_{time}"));
        out.date = date(day);
        let part = |range: std::ops::Range<usize>| time[range].parse::<u8>().unwrap_or(99);
        out.exact = part(0..2) < 24 && part(2..4) < 60 && part(4..6) < 60;
    }
    out.degree = match middle {
        ["1D"] => Some(Degree::D1),
        ["2D"] => Some(Degree::D2),
        _ => None,
    };
    out.conforms = ours
        && name.ends_with(".xml")
        && *mode == "Complet"
        && out.timestamp.is_some()
        && (middle.is_empty() || out.degree.is_some())
        && CATEGORIES.contains(category)
        && digits(number, 4);
    let tail = category.len() + number.len() + 2;
    out.base = out.conforms.then(|| stem[..stem.len() - tail].to_owned());
    out
}

fn date(digits: &str) -> Option<Date> {
    format!("{}-{}-{}", &digits[..4], &digits[4..6], &digits[6..]).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_both_forms() {
        let old = parse("U3_GAR-ENT_Complet_20190111_230002_Enseignant_0000.xml");
        assert!(old.conforms && old.exact && old.degree.is_none());
        assert_eq!((old.ident.as_deref(), old.category, old.sequence), (Some("U3"), Some("Enseignant"), Some(0)));
        assert_eq!(old.base.as_deref(), Some("U3_GAR-ENT_Complet_20190111_230002"));
        let new = parse("B0_GAR-ENT_Complet_20261123_230002_1D_Etab_0012.xml");
        assert_eq!((new.conforms, new.degree, new.sequence), (true, Some(Degree::D1), Some(12)));
        assert_eq!(new.base.as_deref(), Some("B0_GAR-ENT_Complet_20261123_230002_1D"));
    }

    #[test]
    fn survives_the_others() {
        for wrong in [
            "Z0__GAR-ENT_Complet_20190111_230002_Etab_0000.xml",
            "U3_GAR-ENT_Delta_20190111_230002_Etab_0000.xml",
            "U3_GAR-ENT_Complet_20190111_2300_Etab_0000.xml",
            "U3_GAR-ENT_Complet_20190111_230002_3D_Etab_0000.xml",
            "U3_GAR-ENT_Complet_20190111_230002_Etab_000.xml",
            "u3_GAR-ENT_Complet_20190111_230002_Etab_0000.xml",
            "U3_GAR-ENT_Complet_20190111_230002_Etab_0000.XML",
        ] {
            let name = parse(wrong);
            assert!(!name.conforms && name.category == Some("Etab"), "{wrong}");
        }
        let impossible = parse("U3_GAR-ENT_Complet_20191341_250002_Etab_0000.xml");
        assert!(impossible.conforms && impossible.date.is_none() && !impossible.exact);
        assert_eq!(parse("ENT_Complet_20240916_Eleve_0000.xml"), Name::default());
    }
}
