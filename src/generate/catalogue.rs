//! Subjects, disciplines and curricula of the second degree: codes of our own with the national shapes,
//! ordinary labels of at most 40 characters.
//!
//! Data only.

use super::plan::SchoolKind;

/// A discipline of teachers: category, label of the category, post code, label of the post.
pub struct Discipline {
    /// Two characters.
    pub category: &'static str,
    /// Label of the category.
    pub category_label: &'static str,
    /// Letter and four digits.
    pub code: &'static str,
    /// Label.
    pub label: &'static str,
}

const fn discipline(category: &'static str, category_label: &'static str, code: &'static str, label: &'static str) -> Discipline {
    Discipline { category, category_label, code, label }
}

/// Disciplines; subjects name them by rank.
pub const DISCIPLINES: &[Discipline] = &[
    discipline("02", "LETTRES", "L0290", "LETTRES"),
    discipline("13", "MATHEMATIQUES", "L1390", "MATHEMATIQUES"),
    discipline("10", "HISTOIRE - GEOGRAPHIE", "L1090", "HISTOIRE GEOGRAPHIE"),
    discipline("16", "BIOLOGIE - GEOLOGIE", "L1690", "SCIENCES DE LA VIE ET DE LA TERRE"),
    discipline("15", "PHYSIQUE - CHIMIE", "L1590", "PHYSIQUE-CHIMIE"),
    discipline("14", "TECHNOLOGIE", "L1490", "TECHNOLOGIE"),
    discipline("19", "EDUCATION PHYSIQUE ET SPORTIVE", "L1990", "EDUCATION PHYSIQUE ET SPORTIVE"),
    discipline("18", "ARTS PLASTIQUES", "L1890", "ARTS PLASTIQUES"),
    discipline("17", "EDUCATION MUSICALE", "L1790", "EDUCATION MUSICALE"),
    discipline("04", "LANGUES VIVANTES", "L0491", "ANGLAIS"),
    discipline("04", "LANGUES VIVANTES", "L0492", "ALLEMAND"),
    discipline("04", "LANGUES VIVANTES", "L0493", "ESPAGNOL"),
    discipline("04", "LANGUES VIVANTES", "L0494", "ITALIEN"),
    discipline("01", "PHILOSOPHIE", "L0190", "PHILOSOPHIE"),
    discipline("11", "SCIENCES ECONOMIQUES ET SOCIALES", "L1190", "SCIENCES ECONOMIQUES ET SOCIALES"),
    discipline("80", "ECONOMIE ET GESTION", "L8090", "ECONOMIE ET GESTION"),
    discipline("14", "TECHNOLOGIE", "L1491", "SCIENCES INDUSTRIELLES"),
    discipline("02", "LETTRES", "P0290", "LETTRES HISTOIRE GEOGRAPHIE"),
    discipline("13", "MATHEMATIQUES", "P1390", "MATHS SCIENCES PHYSIQUES"),
    discipline("80", "ECONOMIE ET GESTION", "P8090", "COMMERCE ET VENTE"),
    discipline("14", "TECHNOLOGIE", "P1490", "GENIE ELECTRIQUE"),
    discipline("85", "HOTELLERIE - TOURISME", "P8590", "HOTELLERIE TECHNIQUES CULINAIRES"),
];

/// A subject.
pub struct Subject {
    /// Code of six characters.
    pub code: &'static str,
    /// Label.
    pub label: &'static str,
    /// Short form, in codes of groups.
    pub short: &'static str,
    /// Rank of the discipline that teaches it.
    pub discipline: u8,
    /// Weekly hours, for the number of teachers.
    pub hours: u8,
}

macro_rules! subjects {
    ($($name:ident = $code:literal, $label:literal, $short:literal, $discipline:literal, $hours:literal;)+) => {
        #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
        #[repr(u8)]
        enum Rank { $($name),+ }
        $(const $name: u8 = Rank::$name as u8;)+
        /// Subjects; curricula name them by rank.
        pub const SUBJECTS: &[Subject] =
            &[$(Subject { code: $code, label: $label, short: $short, discipline: $discipline, hours: $hours }),+];
    };
}

subjects! {
    FRA = "020190", "FRANCAIS", "FRA", 0, 5;
    LAT = "020290", "LANGUES ET CULTURES ANTIQUES LATIN", "LAT", 0, 2;
    GRE = "020390", "LANGUES ET CULTURES ANTIQUES GREC", "GRE", 0, 2;
    HLP = "020490", "HUMANITES, LITTERATURE ET PHILOSOPHIE", "HLP", 0, 4;
    THE = "020590", "THEATRE-EXPRESSION DRAMATIQUE", "THE", 0, 3;
    PHI = "010190", "PHILOSOPHIE", "PHI", 13, 4;
    AN1 = "030190", "ANGLAIS LV1", "AN1", 9, 4;
    AN2 = "030390", "ANGLAIS LV2", "AN2", 9, 3;
    ES2 = "030490", "ESPAGNOL LV2", "ES2", 11, 3;
    AL2 = "030590", "ALLEMAND LV2", "AL2", 10, 3;
    IT2 = "030690", "ITALIEN LV2", "IT2", 12, 3;
    LCE = "03A690", "LLCER ANGLAIS", "LCE", 9, 4;
    HIS = "040190", "HISTOIRE-GEOGRAPHIE", "HG", 2, 3;
    EMC = "040290", "ENSEIGNEMENT MORAL ET CIVIQUE", "EMC", 2, 1;
    HGG = "040390", "HIST.-GEO. GEOPOLITIQUE ET SC.POLITIQUES", "HGP", 2, 4;
    SES = "050190", "SCIENCES ECONOMIQUES ET SOCIALES", "SES", 14, 2;
    SPE = "050290", "SC. ECONOMIQUES ET SOCIALES SPECIALITE", "SPE", 14, 4;
    MAT = "060190", "MATHEMATIQUES", "MAT", 1, 4;
    SPM = "060290", "MATHEMATIQUES SPECIALITE", "SPM", 1, 4;
    MCO = "060390", "MATHEMATIQUES COMPLEMENTAIRES", "MCO", 1, 3;
    NSI = "060490", "NUMERIQUE ET SCIENCES INFORMATIQUES", "NSI", 1, 4;
    SNT = "060590", "SCIENCES NUMERIQUES ET TECHNOLOGIE", "SNT", 1, 2;
    PHY = "070190", "PHYSIQUE-CHIMIE", "PC", 4, 2;
    SPP = "070290", "PHYSIQUE-CHIMIE SPECIALITE", "SPP", 4, 4;
    ESC = "070390", "ENSEIGNEMENT SCIENTIFIQUE", "ESC", 4, 2;
    SVT = "080190", "SCIENCES DE LA VIE ET DE LA TERRE", "SVT", 3, 2;
    SPV = "080290", "SC. DE LA VIE ET DE LA TERRE SPECIALITE", "SPV", 3, 4;
    TEC = "090190", "TECHNOLOGIE", "TEC", 5, 1;
    ARP = "100190", "ARTS PLASTIQUES", "ARP", 7, 1;
    MUS = "100290", "EDUCATION MUSICALE", "MUS", 8, 1;
    EPS = "110190", "EDUCATION PHYSIQUE ET SPORTIVE", "EPS", 6, 3;
    SGN = "120190", "SCIENCES DE GESTION ET NUMERIQUE", "SGN", 15, 7;
    MGT = "120290", "MANAGEMENT", "MGT", 15, 4;
    DRE = "120390", "DROIT ET ECONOMIE", "DRE", 15, 4;
    ITE = "130190", "INNOVATION TECHNOLOGIQUE", "ITE", 16, 5;
    I2D = "130290", "INGENIERIE ET DEVELOPPEMENT DURABLE", "I2D", 16, 9;
    PMC = "130390", "PHYSIQUE-CHIMIE ET MATHEMATIQUES", "PMC", 4, 6;
    LHG = "140190", "FRANCAIS, HISTOIRE-GEOGRAPHIE", "LHG", 17, 5;
    MSC = "140290", "MATHEMATIQUES ET SCIENCES", "MSC", 18, 4;
    ECG = "140390", "ECONOMIE-GESTION", "ECG", 19, 1;
    PSE = "140490", "PREVENTION SANTE ENVIRONNEMENT", "PSE", 3, 1;
    AAP = "140590", "ARTS APPLIQUES ET CULTURE ARTISTIQUE", "AAP", 7, 1;
    ELE = "150190", "TECHNOLOGIE ET ATELIER ELECTRICITE", "ELE", 20, 11;
    VEN = "150290", "ANIMATION ET GESTION DE L'ESPACE VENTE", "VEN", 19, 11;
    CUI = "150390", "ORGANISATION ET PRODUCTION CULINAIRE", "CUI", 21, 11;
}

/// A curriculum.
pub struct Mef {
    /// Code of eleven characters.
    pub code: &'static str,
    /// Label.
    pub label: &'static str,
    /// National code it is attached to.
    pub national: &'static str,
    /// First six characters of its statistical code.
    pub statistics: &'static str,
    /// Level.
    pub level: &'static str,
    /// Stream.
    pub stream: &'static str,
    /// Age its pupils turn in the year the school year begins.
    pub age: u8,
    /// What all follow, class by class.
    pub core: &'static [u8],
    /// One of these, in groups; the first is the most frequent.
    pub language: &'static [u8],
    /// That many of these, in groups.
    pub specialities: (u8, &'static [u8]),
    /// Each of these for that many pupils in a thousand, in groups.
    pub options: &'static [(u8, u16)],
}

const fn mef(
    code: &'static str,
    label: &'static str,
    statistics: &'static str,
    levels: (&'static str, &'static str),
    age: u8,
    core: &'static [u8],
) -> Mef {
    let (level, stream) = levels;
    Mef { code, label, national: code, statistics, level, stream, age, core, language: &[], specialities: (0, &[]), options: &[] }
}

const SIXTH: &[u8] = &[FRA, MAT, HIS, EMC, SVT, PHY, TEC, EPS, ARP, MUS, AN1];
const COLLEGE: &[u8] = &[FRA, MAT, HIS, EMC, SVT, PHY, TEC, EPS, ARP, MUS, AN1];
const SEGPA: &[u8] = &[FRA, MAT, HIS, EMC, SVT, TEC, EPS, ARP, AN1];
const TENTH: &[u8] = &[FRA, MAT, HIS, EMC, SES, SVT, PHY, SNT, EPS, AN1];
const ELEVENTH: &[u8] = &[FRA, HIS, EMC, ESC, EPS, AN1];
const TWELFTH: &[u8] = &[PHI, HIS, EMC, ESC, EPS, AN1];
const STMG_1: &[u8] = &[FRA, HIS, EMC, MAT, EPS, AN1, SGN, MGT, DRE];
const STMG_T: &[u8] = &[PHI, HIS, EMC, MAT, EPS, AN1, SGN, DRE];
const STI_1: &[u8] = &[FRA, HIS, EMC, MAT, EPS, AN1, ITE, I2D, PMC];
const STI_T: &[u8] = &[PHI, HIS, EMC, MAT, EPS, AN1, I2D, PMC];
const PRO_ELE: &[u8] = &[LHG, MSC, ECG, PSE, AAP, EPS, AN1, EMC, ELE];
const PRO_VEN: &[u8] = &[LHG, MSC, ECG, PSE, AAP, EPS, AN1, EMC, VEN];
const PRO_CUI: &[u8] = &[LHG, MSC, ECG, PSE, AAP, EPS, AN1, EMC, CUI];
const LANGUAGES: &[u8] = &[ES2, AL2, IT2];
const SPECIALITIES: &[u8] = &[SPM, SPP, SPE, HGG, SPV, LCE, HLP, NSI];

/// Curricula; streams name them by rank. Increasing codes.
pub const MEFS: &[Mef] = &[
    mef("10090010110", "6EME", "211001", ("1ER CYCLE", "6EME"), 11, SIXTH),
    Mef { language: LANGUAGES, options: &[(LAT, 180)], ..mef("10190011310", "5EME", "211002", ("1ER CYCLE", "5EME"), 12, COLLEGE) },
    Mef { language: LANGUAGES, options: &[(LAT, 160)], ..mef("10190011320", "4EME", "211002", ("1ER CYCLE", "4EME"), 13, COLLEGE) },
    Mef {
        language: LANGUAGES,
        options: &[(LAT, 140), (GRE, 40)],
        ..mef("10190011330", "3EME", "211002", ("1ER CYCLE", "3EME"), 14, COLLEGE)
    },
    Mef {
        national: "10190011330",
        language: LANGUAGES,
        options: &[(LAT, 140)],
        ..mef("1019001133A", "3EME  CLASSE A PROJET", "211002", ("1ER CYCLE", "3EME"), 14, COLLEGE)
    },
    mef("16690021410", "6EME SEGPA", "216001", ("1ER CYCLE ADAPTE", "6EME SEGPA"), 11, SEGPA),
    mef("16690021420", "5EME SEGPA", "216001", ("1ER CYCLE ADAPTE", "5EME SEGPA"), 12, SEGPA),
    mef("16690021430", "4EME SEGPA", "216001", ("1ER CYCLE ADAPTE", "4EME SEGPA"), 13, SEGPA),
    mef("16690021440", "3EME SEGPA", "216001", ("1ER CYCLE ADAPTE", "3EME SEGPA"), 14, SEGPA),
    Mef {
        language: LANGUAGES,
        options: &[(LAT, 60), (THE, 70)],
        ..mef("20090110110", "2NDE GENERALE ET TECHNOLOGIQUE", "220001", ("2ND CYCLE", "2NDE GT"), 15, TENTH)
    },
    Mef {
        language: LANGUAGES,
        specialities: (3, SPECIALITIES),
        options: &[(LAT, 40), (THE, 50)],
        ..mef("20190120210", "1ERE GENERALE", "220002", ("2ND CYCLE", "1ERE GENERALE"), 16, ELEVENTH)
    },
    Mef {
        language: LANGUAGES,
        specialities: (2, SPECIALITIES),
        options: &[(MCO, 200), (LAT, 30), (THE, 40)],
        ..mef("20190120220", "TERMINALE GENERALE", "220002", ("2ND CYCLE", "TERMINALE GENERALE"), 17, TWELFTH)
    },
    Mef { language: LANGUAGES, ..mef("21190130210", "1ERE STMG", "220003", ("2ND CYCLE", "1ERE TECHNOLOGIQUE"), 16, STMG_1) },
    Mef { language: LANGUAGES, ..mef("21190130220", "TERMINALE STMG", "220003", ("2ND CYCLE", "TERMINALE TECHNOLOGIQUE"), 17, STMG_T) },
    Mef { language: LANGUAGES, ..mef("21190140210", "1ERE STI2D", "220003", ("2ND CYCLE", "1ERE TECHNOLOGIQUE"), 16, STI_1) },
    Mef { language: LANGUAGES, ..mef("21190140220", "TERMINALE STI2D", "220003", ("2ND CYCLE", "TERMINALE TECHNOLOGIQUE"), 17, STI_T) },
    mef("24190240210", "1CAP2  CUISINE", "240001", ("CAP EN 2 ANS", "1ERE ANNEE DE CAP"), 15, PRO_CUI),
    mef("24190240220", "2CAP2  CUISINE", "240001", ("CAP EN 2 ANS", "2EME ANNEE DE CAP"), 16, PRO_CUI),
    Mef {
        language: &[ES2, AN2],
        ..mef("24790210310", "2NDPRO METIERS DE L'ELECTRICITE", "240002", ("BAC PRO", "2NDE PROFESSIONNELLE"), 15, PRO_ELE)
    },
    mef("24790210320", "1ERPRO METIERS DE L'ELECTRICITE", "240002", ("BAC PRO", "1ERE PROFESSIONNELLE"), 16, PRO_ELE),
    mef("24790210330", "TLEPRO METIERS DE L'ELECTRICITE", "240002", ("BAC PRO", "TERMINALE PROFESSIONNELLE"), 17, PRO_ELE),
    mef("24790220310", "2NDPRO METIERS DU COMMERCE", "240002", ("BAC PRO", "2NDE PROFESSIONNELLE"), 15, PRO_VEN),
    mef("24790220320", "1ERPRO METIERS DU COMMERCE", "240002", ("BAC PRO", "1ERE PROFESSIONNELLE"), 16, PRO_VEN),
    mef("24790220330", "TLEPRO METIERS DU COMMERCE", "240002", ("BAC PRO", "TERMINALE PROFESSIONNELLE"), 17, PRO_VEN),
];

/// Classes of one level of a school.
pub struct Level {
    /// Ranks of its curricula, the first one for most pupils.
    pub mefs: &'static [u8],
    /// Share of the school's pupils, in a thousand.
    pub share: u32,
    /// How the codes of its classes begin.
    pub prefix: &'static str,
    /// How the codes of its groups begin.
    pub tag: &'static str,
}

const fn level(mefs: &'static [u8], share: u32, prefix: &'static str, tag: &'static str) -> Level {
    Level { mefs, share, prefix, tag }
}

const COLLEGE_LEVELS: &[Level] =
    &[level(&[0], 255, "6E", "6"), level(&[1], 250, "5E", "5"), level(&[2], 250, "4E", "4"), level(&[3, 4], 245, "3E", "3")];
const SEGPA_LEVELS: &[Level] =
    &[level(&[5], 220, "6S", "6S"), level(&[6], 240, "5S", "5S"), level(&[7], 260, "4S", "4S"), level(&[8], 280, "3S", "3S")];
const LP_LEVELS: &[Level] = &[
    level(&[16], 90, "1CAPCUI", "1K"),
    level(&[17], 80, "2CAPCUI", "2K"),
    level(&[18], 150, "2ELEC", "2E"),
    level(&[19], 140, "1ELEC", "1E"),
    level(&[20], 130, "TELEC", "TE"),
    level(&[21], 150, "2VENTE", "2V"),
    level(&[22], 130, "1VENTE", "1V"),
    level(&[23], 130, "TVENTE", "TV"),
];
const LGT_LEVELS: &[Level] = &[
    level(&[9], 355, "2GT", "2"),
    level(&[10], 220, "1G", "1G"),
    level(&[11], 205, "TG", "TG"),
    level(&[12], 70, "1STMG", "1M"),
    level(&[13], 65, "TSTMG", "TM"),
    level(&[14], 45, "1STI", "1I"),
    level(&[15], 40, "TSTI", "TI"),
];

/// Levels of a kind of school and the most pupils in a class.
pub fn levels(kind: SchoolKind) -> (&'static [Level], u32) {
    match kind {
        SchoolKind::College => (COLLEGE_LEVELS, 27),
        SchoolKind::Segpa => (SEGPA_LEVELS, 16),
        SchoolKind::Lp => (LP_LEVELS, 24),
        _ => (LGT_LEVELS, 33),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn codes_have_the_national_shapes() {
        let mef_shape = regex::Regex::new("^[0-9]{7}[0-9A-Z][0-9]{2}[0-9A-Z]$").expect("regex");
        let subject_shape = regex::Regex::new("^[0-9]{2}[0-9A-Z]{2}[0-9]{2}$").expect("regex");
        let mut seen = HashSet::new();
        for m in MEFS {
            assert!(mef_shape.is_match(m.code) && m.code[9..10] <= m.code[8..9], "{}", m.code);
            assert!(m.label.len() <= 40 && m.statistics.len() == 6 && seen.insert(m.code), "{}", m.code);
            assert_eq!(&m.code[..9], &m.national[..9]);
            assert!(MEFS.iter().any(|n| n.code == m.national && n.national == n.code));
            let lists = [m.core, m.language, m.specialities.1].into_iter().flatten().copied();
            let all: Vec<u8> = lists.chain(m.options.iter().map(|o| o.0)).collect();
            assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len(), "{}", m.code);
        }
        for s in SUBJECTS {
            assert!(subject_shape.is_match(s.code) && s.label.len() <= 40 && seen.insert(s.code), "{}", s.label);
            assert!((s.discipline as usize) < DISCIPLINES.len());
        }
        assert!(MEFS.is_sorted_by_key(|m| m.code));
    }
}
