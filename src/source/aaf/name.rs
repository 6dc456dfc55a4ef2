//! Names of AAF files: `<prefix>_<Complet|Delta>_<yyyymmdd>_<Category>_<nnnn>.xml` (aaf.md §1), read from
//! the right because the prefix is free text.

use jiff::civil::Date;

use crate::source::Kind;
use crate::source::files::input::xml_stem;

/// Categories in the order consumers load them: what is referred to comes first.
pub const CATEGORIES: [Category; 6] =
    [Category::EtabEducNat, Category::MefEducNat, Category::MatiereEducNat, Category::PersRelEleve, Category::Eleve, Category::PersEducNat];

/// What a file is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// Structures.
    EtabEducNat,
    /// MEF nomenclature.
    MefEducNat,
    /// Subject nomenclature.
    MatiereEducNat,
    /// Persons related to pupils.
    PersRelEleve,
    /// Pupils.
    Eleve,
    /// Staff.
    PersEducNat,
}

impl Category {
    /// As written in file names.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::EtabEducNat => "EtabEducNat",
            Self::MefEducNat => "MefEducNat",
            Self::MatiereEducNat => "MatiereEducNat",
            Self::PersRelEleve => "PersRelEleve",
            Self::Eleve => "Eleve",
            Self::PersEducNat => "PersEducNat",
        }
    }

    /// As written in the operational attribute: only the subjects differ.
    #[must_use]
    pub fn operational(self) -> &'static str {
        match self {
            Self::MatiereEducNat => "MatEducNat",
            other => other.name(),
        }
    }

    /// Name of the operational attribute.
    #[must_use]
    pub fn operational_attribute(self) -> &'static str {
        match self {
            Self::EtabEducNat => "categorieStructure",
            Self::MefEducNat => "categorieMef",
            Self::MatiereEducNat => "categorieMatiere",
            Self::PersRelEleve | Self::Eleve | Self::PersEducNat => "categoriePersonne",
        }
    }

    /// From either spelling.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        CATEGORIES.into_iter().find(|c| text == c.name() || text == c.operational())
    }

    /// The kind of its records.
    #[must_use]
    pub fn kind(self) -> Kind {
        // The first six kinds are these, in this order (a test holds it).
        Kind(self as u8)
    }
}

/// What a file name says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Name {
    /// The whole pattern was followed.
    pub conforms: bool,
    /// Free text before the mode.
    pub prefix: Option<String>,
    /// `Complet` or `Delta`.
    pub mode: Option<Mode>,
    /// Export date, when the digits are one.
    pub date: Option<Date>,
    /// Number of digits of the date: 8, but 9 is known of real files.
    pub date_digits: Option<usize>,
    /// Category.
    pub category: Option<Category>,
    /// Sequence number.
    pub sequence: Option<u32>,
}

/// Mode of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// Everything.
    Complet,
    /// What changed.
    Delta,
}

impl Mode {
    /// As written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Complet => "Complet",
            Self::Delta => "Delta",
        }
    }
}

/// Reads a file name, without its directories.
#[must_use]
pub fn parse(name: &str) -> Name {
    let Some(stem) = xml_stem(name) else { return Name::default() };
    let parts: Vec<&str> = stem.split('_').collect();
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    let mut out = Name {
        category: parts.iter().rev().find_map(|p| CATEGORIES.into_iter().find(|c| *p == c.name())),
        mode: parts.iter().rev().find_map(|p| match *p {
            "Complet" => Some(Mode::Complet),
            "Delta" => Some(Mode::Delta),
            _ => None,
        }),
        sequence: parts.last().filter(|p| digits(p) && p.len() <= 9).and_then(|p| p.parse().ok()),
        ..Name::default()
    };
    let mode_at = parts.iter().rposition(|p| matches!(*p, "Complet" | "Delta"));
    if let Some(at) = mode_at {
        out.prefix = (at > 0).then(|| parts[..at].join("_"));
        if let Some(date) = parts.get(at + 1).filter(|p| digits(p) && (8..=9).contains(&p.len())) {
            out.date_digits = Some(date.len());
            out.date = date_of(date);
        }
        out.conforms = name.ends_with(".xml")
            && parts.len() == at + 4
            && out.date_digits == Some(8)
            && out.date.is_some()
            && CATEGORIES.iter().any(|c| parts[at + 2] == c.name())
            && parts[at + 3].len() == 4
            && digits(parts[at + 3]);
    }
    out
}

fn date_of(digits: &str) -> Option<Date> {
    let number = |range: std::ops::Range<usize>| digits.get(range)?.parse::<i16>().ok();
    if digits.len() != 8 {
        return None;
    }
    Date::new(number(0..4)?, i8::try_from(number(4..6)?).ok()?, i8::try_from(number(6..8)?).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_names_from_the_right() {
        let n = parse("ENT_0690078K_Complet_20170327_MatiereEducNat_0000.xml");
        assert!(n.conforms);
        assert_eq!(
            (n.prefix.as_deref(), n.mode, n.category, n.sequence),
            (Some("ENT_0690078K"), Some(Mode::Complet), Some(Category::MatiereEducNat), Some(0))
        );
        assert_eq!(n.date, Some(jiff::civil::date(2017, 3, 27)));
    }

    #[test]
    fn survives_real_oddities() {
        let typo = parse("FULL_ENTTSSERVICES_Delta_201300408_PersEducNat_0000.xml");
        assert!(!typo.conforms && typo.date.is_none() && typo.date_digits == Some(9) && typo.category == Some(Category::PersEducNat));
        let undated = parse("ENT_IT_Complet_Eleve_0001.xml");
        assert!(!undated.conforms && undated.category == Some(Category::Eleve) && undated.sequence == Some(1));
        assert_eq!(parse("ENT_Complet_20249999_Eleve_0000.xml").date, None);
        assert_eq!(parse("readme.txt"), Name::default());
        let capitals = parse("ENT_Complet_20240916_Eleve_0000.XML");
        assert!(!capitals.conforms && capitals.category == Some(Category::Eleve));
        assert_eq!((xml_stem("é.xml"), xml_stem("éml"), xml_stem("xml")), (Some("é"), None, None));
    }

    #[test]
    fn kinds_are_in_the_order_of_categories() {
        for category in CATEGORIES {
            assert_eq!(category.kind().info().name, format!("aaf.{}", category.name()));
        }
    }
}
