//! Invented names, streets and towns, assembled from syllables of our own.
//!
//! Nobody is meant: telephone numbers come from the ranges kept for fiction, mail domains end in
//! `.example`. Depends on [`super::rng`] only.

use super::rng::{Draw, Keys, Stream};

const NAME_HEAD: &[&str] = &[
    "BEL", "MAR", "COR", "VAL", "TRE", "GAU", "LAM", "FER", "ROCH", "DEL", "PER", "MON", "BOIS", "CHAN", "GRAND", "HAU", "KER", "LOU",
    "NOR", "PLAN", "QUIN", "RIV", "SAU", "TOUR", "VER", "ARN", "BRU", "CAS", "DUR", "ESP", "FLO", "GIR", "JAU", "LEV",
];
const NAME_MIDDLE: &[&str] = &["", "", "i", "e", "a", "o", "au", "en", "in", "ou", "ar", "el"];
const NAME_TAIL: &[&str] = &[
    "MARD", "TIN", "DIER", "VAUX", "LET", "RAND", "NEL", "QUET", "BERT", "ZAC", "GNAC", "LAY", "CHON", "DOUX", "FORT", "LIEU", "SSON",
    "TEL",
];

const BOYS: &[&str] = &[
    "Aurélien",
    "Bastien",
    "Corentin",
    "Damien",
    "Éloi",
    "Fabrice",
    "Gaspard",
    "Hippolyte",
    "Ilan",
    "Jocelin",
    "Kylian",
    "Loïc",
    "Maël",
    "Noé",
    "Octave",
    "Pacôme",
    "Quentin",
    "Rémi",
    "Sandro",
    "Timéo",
    "Ulysse",
    "Valentin",
    "William",
    "Yanis",
    "Zacharie",
    "Ange-Marie",
    "Jean-Loup",
    "Tristan",
    "Côme",
    "Benoît",
    "Raphaël",
    "Soren",
];
const GIRLS: &[&str] = &[
    "Anaëlle",
    "Bérénice",
    "Célestine",
    "Domitille",
    "Élina",
    "Flavie",
    "Garance",
    "Héloïse",
    "Inaya",
    "Joséphine",
    "Kenza",
    "Lison",
    "Maëlys",
    "Noémie",
    "Ondine",
    "Philippine",
    "Romane",
    "Salomé",
    "Thaïs",
    "Ursuline",
    "Violette",
    "Wendy",
    "Yseult",
    "Zélie",
    "Anne-Lou",
    "Marie-Ève",
    "Clémence",
    "Aliénor",
    "Françoise",
    "Capucine",
    "Maïa",
    "Soline",
];

const WAYS: &[&str] = &["RUE", "AVENUE", "CHEMIN", "ALLEE", "IMPASSE", "BOULEVARD", "PLACE", "ROUTE"];
const WAY_NAMES: &[&str] = &[
    "DES TILLEULS",
    "DU LAVOIR",
    "DE L'ANCIENNE GARE",
    "DES QUATRE VENTS",
    "DU MOULIN NEUF",
    "DE LA FONTAINE",
    "DES GLYCINES",
    "DU PUITS",
    "DE L'ORANGERIE",
    "DES CHARMILLES",
    "DU VIEUX PRESSOIR",
    "DES HIRONDELLES",
    "DE LA CROIX VERTE",
    "DU CLOS JOLI",
    "DES AMANDIERS",
    "DU PONT ROMPU",
];
const COMPLEMENTS: &[&str] = &["BATIMENT A", "BATIMENT C", "RESIDENCE LES GENETS", "APPARTEMENT 12", "LIEU DIT LE BREUIL", "ESCALIER B"];

const TOWN_HEAD: &[&str] =
    &["VAL", "MONT", "CLAIR", "ROCHE", "BEAU", "FONT", "SAINTE-", "CHAM", "VILLE", "PUY", "HAUT", "BELLE", "SAVI", "COUR", "TOUR", "LONG"];
const TOWN_MIDDLE: &[&str] = &["FAU", "LIEU", "BRAI", "NOIR", "GUE", "LOU", "RAND", "SOR", "VAUD", "MER", "TREI", "PRI"];
const TOWN_TAIL: &[&str] = &["", "", "-LES-ORMES", "-SUR-ORVE", "-LE-HAUT", "-EN-BRIZE", "-SOUS-BOIS", "LLE", "GNY", "CEY"];

/// Names of schools, without the type.
pub const SCHOOL_NAMES: &[&str] = &[
    "LES TILLEULS",
    "LA GRANDE OURSE",
    "LE PRE VERT",
    "LES HIRONDELLES",
    "L'OISEAU LYRE",
    "LE CHAMP DU MOULIN",
    "LES TROIS SOURCES",
    "LA GARENNE",
    "LE BELVEDERE",
    "LES CAPUCINES",
    "LA RIVE DOUCE",
    "LE VIEUX CHENE",
    "L'ARC EN CIEL",
    "LES QUATRE VENTS",
    "LA PLAINE HAUTE",
    "LE PETIT BOIS",
    "LES AMANDIERS",
    "LA MARELLE",
    "LE CLOS DES PINS",
    "L'ETANG NEUF",
];

/// Civility of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sex {
    /// `Mme`
    F,
    /// `M.`
    M,
}

impl Sex {
    /// One or the other.
    pub fn draw(draw: &mut Draw) -> Self {
        if draw.chance(500) { Self::F } else { Self::M }
    }

    /// The civility of the feed.
    pub fn civility(self) -> &'static str {
        match self {
            Self::F => "Mme",
            Self::M => "M.",
        }
    }
}

/// A family name in capitals.
pub fn surname(draw: &mut Draw) -> String {
    let mut out = String::with_capacity(24);
    match draw.below(40) {
        0 => out.push_str("D'"),
        1 => out.push_str("LE "),
        2 => out.push_str("DE "),
        _ => {}
    }
    push_stem(&mut out, draw);
    if draw.chance(40) {
        out.push('-');
        push_stem(&mut out, draw);
    }
    out
}

fn push_stem(out: &mut String, draw: &mut Draw) {
    out.push_str(draw.pick(NAME_HEAD));
    out.extend(draw.pick(NAME_MIDDLE).chars().map(|c| c.to_ascii_uppercase()));
    out.push_str(draw.pick(NAME_TAIL));
}

/// A first name.
pub fn first_name(draw: &mut Draw, sex: Sex) -> &'static str {
    draw.pick(match sex {
        Sex::F => GIRLS,
        Sex::M => BOYS,
    })
}

/// An address of four `$`-separated lines.
pub fn address(draw: &mut Draw) -> String {
    let complement = if draw.chance(250) { draw.pick(COMPLEMENTS) } else { "" };
    format!("{complement}$${} {} {}$", draw.between(1, 180), draw.pick(WAYS), draw.pick(WAY_NAMES))
}

/// A street line.
pub fn street(draw: &mut Draw) -> String {
    format!("{} {} {}", draw.between(1, 90), draw.pick(WAYS), draw.pick(WAY_NAMES))
}

/// A town: name, postal code, INSEE code, all coherent with [`super::keys::DEPARTMENT`].
#[derive(Clone, Debug)]
pub struct Town {
    /// Name in capitals.
    pub name: String,
    /// Postal code.
    pub postal: String,
    /// INSEE code.
    pub insee: String,
}

impl Town {
    /// How many towns there are.
    pub const COUNT: u32 = 900;

    /// The town of a number.
    pub fn new(keys: Keys, number: u32) -> Self {
        let number = number % Self::COUNT;
        let mut draw = keys.draw(Stream::Town, u64::from(number));
        let name = format!("{}{}{}", draw.pick(TOWN_HEAD), draw.pick(TOWN_MIDDLE), draw.pick(TOWN_TAIL));
        Self { name, postal: format!("{}", 20_000 + number / 4 * 4 + 4), insee: format!("{}", 20_001 + number) }
    }
}

/// A landline or work number of the range kept for fiction (ARCEP, 04 65 71).
pub fn landline(draw: &mut Draw) -> String {
    format!("+33 4 65 71 {:02} {:02}", draw.below(100), draw.below(100))
}

/// A mobile number of the range kept for fiction (ARCEP, 06 39 98).
pub fn mobile(draw: &mut Draw) -> String {
    format!("+33 6 39 98 {:02} {:02}", draw.below(100), draw.below(100))
}

/// A mail address made from a name; `tag` keeps homonyms apart.
pub fn mail(first: &str, last: &str, tag: u64, domain: &str) -> String {
    fn plain(text: &str) -> impl Iterator<Item = char> {
        text.chars().flat_map(char::to_lowercase).filter_map(|c| match c {
            'a'..='z' | '-' => Some(c),
            'à' | 'â' => Some('a'),
            'é' | 'è' | 'ê' | 'ë' => Some('e'),
            'î' | 'ï' => Some('i'),
            'ô' => Some('o'),
            'ç' => Some('c'),
            ' ' | '\'' => Some('-'),
            _ => None,
        })
    }
    let mut out = String::with_capacity(48);
    out.extend(plain(first));
    out.push('.');
    out.extend(plain(last));
    out.push_str(&tag.to_string());
    out.push('@');
    out.push_str(domain);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_addresses_are_plain() {
        assert_eq!(mail("Marie-Ève", "D'ORLAY", 7, "famille.example"), "marie-eve.d-orlay7@famille.example");
    }

    #[test]
    fn addresses_have_four_lines() {
        let keys = Keys::new(3);
        for i in 0..200 {
            let text = address(&mut keys.draw(Stream::Family, i));
            assert_eq!(text.split('$').count(), 4, "{text}");
        }
    }
}
