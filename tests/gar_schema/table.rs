//! Cases whose verdict by the official schemas is known (gar.md §9), each a few edits away from a full document.
//!
//! Documents are written `{name content}` for an element, `{name@attributes content}` where it has some.

use conforment::generate::Degree;

pub struct Case {
    pub name: &'static str,
    pub root: &'static str,
    pub valid: bool,
    pub bytes: Vec<u8>,
}

impl Case {
    pub fn file(&self, degree: Degree, rank: usize) -> String {
        let category = self.root.strip_prefix("GAR-ENT-").unwrap();
        format!("B0_GAR-ENT_Complet_20260914_230000_{degree}_{category}_{rank:04}.xml")
    }
}

type Edits<'e> = &'e [(&'e str, &'e str)];

const ETAB: &str = "{GAREtab {GARStructureUAI 0990001N}{GARStructureNomCourant Collège des Essais}{GAREtablissementStructRattachFctl 0990002P}\
{GARStructureContrat PU}{GARStructureTelephone 0100000000}{GARStructureEmail essai@exemple.test}}\n";
const MEFS: &str = "{GARMEF {GARStructureUAI 0990001N}{GARMEFCode 10010012110}{GARMEFLibelle 6EME}{GARMEFRattach 10010012110}{GARMEFSTAT11 21160010019}}\n\
{GARMatiere {GARStructureUAI 0990001N}{GARMatiereCode 020700}{GARMatiereLibelle FRANCAIS}}\n";
const ELEVE: &str = "{GAREleve {GARPersonIdentifiant e1}{GARPersonProfils {GARStructureUAI 0990001N}{GARPersonProfil National_elv}}\
{GARPersonNomPatro Vernet}{GARPersonNom Vernet}{GARPersonPrenom Zoé}{GARPersonAutresPrenoms Zoé}{GARPersonAutresPrenoms Lou}\
{GARPersonCivilite Mme}{GARPersonStructRattach 0990001N}{GARPersonEtab 0990001N}{GARPersonDateNaissance 2012-02-29}}\n";
const LINKS: &str = "{GARPersonMEF {GARStructureUAI 0990001N}{GARPersonIdentifiant e1}{GARMEFCode 10010012110}}\n\
{GAREleveEnseignement {GARStructureUAI 0990001N}{GARPersonIdentifiant e1}{GARMatiereCode 020700}}\n";
const ENS: &str = "{GAREnseignant {GARPersonIdentifiant p1}{GARPersonProfils {GARStructureUAI 0990001N}{GARPersonProfil National_ens}}\
{GARPersonNom Alard}{GARPersonPrenom Ugo}{GARPersonAutresPrenoms Ugo}{GARPersonCivilite M.}{GARPersonEtab 0990001N}\
{GARPersonDateNaissance 1980-05-04}POSTES}\n";
const DISC: &str = "{GAREnsDisciplinesPostes {GARStructureUAI 0990001N}{GAREnsDisciplinePosteCode L0202}}";
const SPEC: &str = "{GAREnsSpecialitesPostes {GARStructureUAI 0990001N}{GAREnsSpecialitePosteCode G0000}}";
const MAIL: &str = "{GARPersonMail ugo.alard@exemple.test}";
const STAFF_MEF: &str = "{GARPersonMEF {GARStructureUAI 0990001N}{GARPersonIdentifiant p1}{GARMEFCode 10010012110}}\n";
const LEVEL: &str = "{GARPersonMEFSTAT4 {GARStructureUAI 0990001N}{GARPersonIdentifiant e1}{GARMEFSTAT4Code 1112}}\n";
const RESP: &str = "{GARRespAff {GARPersonIdentifiant p1}{GARPersonNom Alard}{GARPersonPrenom Ugo}{GARPersonCivilite M.}\
{GARPersonMail ugo.alard@exemple.test}{GARRespAffEtab 0990001N}}\n";
const GROUPS: &str = "{GARGroupe {GARGroupeCode 6A}{GARStructureUAI 0990001N}{GARGroupeLibelle Sixième A}{GARGroupeStatut DIVISION}}\n\
{GARGroupe {GARGroupeCode 6GR1}{GARStructureUAI 0990001N}{GARGroupeLibelle Latin}{GARGroupeStatut GROUPE}{GARGroupeDivAppartenance 6A}}\n\
{GARPersonGroupe {GARStructureUAI 0990001N}{GARPersonIdentifiant e1}{GARGroupeCode 6A}}\n";
const EGM: &str = "{GAREnsGroupeMatiere {GARStructureUAI 0990001N}{GARPersonIdentifiant p1}{GARGroupeCode 6GR1}{GARMatiereCode 020700}}\n";
const ECM: &str = "{GAREnsClasseMatiere {GARStructureUAI 0990001N}{GARPersonIdentifiant p1}{GARGroupeCode 6A}{GARMatiereCode 020700}}\n";

/// `{name content}` into XML.
fn expanded(text: &str) -> String {
    let (mut out, mut open, mut rest) = (String::new(), Vec::new(), text);
    while let Some(at) = rest.find(['{', '}']) {
        out += &rest[..at];
        if rest[at..].starts_with('}') {
            out += &format!("</{}>", open.pop().unwrap());
            rest = &rest[at + 1..];
            continue;
        }
        rest = &rest[at + 1..];
        let end = rest.find([' ', '}']).unwrap();
        let (name, attributes) = rest[..end].split_once('@').unwrap_or((&rest[..end], ""));
        out += &format!("<{name}{}{}>", if attributes.is_empty() { "" } else { " " }, attributes.replace('~', " "));
        open.push(name.to_owned());
        rest = &rest[end + usize::from(rest[end..].starts_with(' '))..];
    }
    assert!(open.is_empty(), "{text}");
    out + rest
}

struct Cases {
    degree: Degree,
    all: Vec<Case>,
}

impl Cases {
    fn base(&self, root: &str) -> String {
        let second = self.degree == Degree::D2;
        let body = match root {
            "Etab" if second => [ETAB, MEFS].concat(),
            "Etab" => ETAB.replace("{GAREtablissementStructRattachFctl 0990002P}", ""),
            "Eleve" => [ELEVE, if second { LINKS } else { LEVEL }].concat(),
            "Enseignant" if second => [&ENS.replace("POSTES", &[DISC, MAIL].concat()), STAFF_MEF].concat(),
            "Enseignant" => [ENS.replace("POSTES", SPEC), LEVEL.replace("e1", "p1")].concat(),
            "RespAff" => RESP.to_owned(),
            "Groupe" if second => [GROUPS, EGM, ECM].concat(),
            _ => GROUPS.to_owned(),
        };
        let namespace = if second { "http://data.education.fr/ns/gar" } else { "http://data.education.fr/ns/gar/1d" };
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<GAR-ENT-{root} xmlns=\"{namespace}\" \
             xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" Version=\"1.0\">\n{body}</GAR-ENT-{root}>\n"
        )
    }

    fn put(&mut self, valid: bool, name: &'static str, root: &'static str, bytes: Vec<u8>) {
        self.all.push(Case { name, root, valid, bytes });
    }

    fn add(&mut self, valid: bool, name: &'static str, root: &'static str, edits: Edits<'_>) -> &mut Self {
        let mut text = self.base(root.strip_prefix("GAR-ENT-").unwrap());
        for (from, to) in edits {
            assert!(text.contains(from), "{name}: {from}");
            text = text.replacen(from, to, 1);
        }
        self.put(valid, name, root, expanded(&text).into_bytes());
        self
    }

    fn ok(&mut self, name: &'static str, root: &'static str, edits: Edits<'_>) -> &mut Self {
        self.add(true, name, root, edits)
    }

    fn no(&mut self, name: &'static str, root: &'static str, edits: Edits<'_>) -> &mut Self {
        self.add(false, name, root, edits)
    }
}

const R_ETAB: &str = "GAR-ENT-Etab";
const R_ELEVE: &str = "GAR-ENT-Eleve";
const R_ENS: &str = "GAR-ENT-Enseignant";
const R_RESP: &str = "GAR-ENT-RespAff";
const R_GRP: &str = "GAR-ENT-Groupe";
const NO_ETAB: (&str, &str) = ("{GARPersonEtab 0990001N}", "");
const NO_OTHERS: (&str, &str) = ("{GARPersonAutresPrenoms Ugo}", "");

fn value(name: &str, value: &str) -> String {
    format!("{{{name} {value}}}")
}

/// All the cases of a degree.
pub fn cases(degree: Degree) -> Vec<Case> {
    let mut cases = Cases { degree, all: Vec::new() };
    if degree == Degree::D2 {
        schools(&mut cases);
        pupils(&mut cases);
        staff(&mut cases);
        managers(&mut cases);
        groups(&mut cases);
        others(&mut cases);
        lengths_and_dates(&mut cases);
    } else {
        primary(&mut cases);
    }
    cases.all
}

fn schools(c: &mut Cases) {
    let two = [ETAB, &ETAB.replace("Essais", "Autres").replace("0990001N", "0990001N ")].concat();
    c.ok("etab-full", R_ETAB, &[]).ok("etab-empty-root", R_ETAB, &[(ETAB, ""), (MEFS, "")]);
    c.no("etab-no-version", R_ETAB, &[(" Version=\"1.0\"", "")]).ok("etab-version-empty", R_ETAB, &[("\"1.0\">", "\"\">")]);
    c.no("etab-extra-root-attribute", R_ETAB, &[("Version=", "Date='x' Version=")]);
    c.no("etab-namespace-1d", R_ETAB, &[("ns/gar\"", "ns/gar/1d\""), ("{GAREtablissementStructRattachFctl 0990002P}", ""), (MEFS, "")]);
    c.no("etab-no-name", R_ETAB, &[("{GARStructureNomCourant Collège des Essais}", "")]);
    c.ok("etab-name-empty", R_ETAB, &[("Collège des Essais", "")]);
    c.no("etab-after-mef", R_ETAB, &[(ETAB, ""), (MEFS, &[MEFS, ETAB].concat())]);
    c.no(
        "etab-subject-before-mef",
        R_ETAB,
        &[("{GARMEF {", "{GARMatiere {GARStructureUAI 0}{GARMatiereCode 0}{GARMatiereLibelle L}}{GARMEF {")],
    );
    c.no("etab-twice", R_ETAB, &[(ETAB, &[ETAB, &ETAB.replace("Essais", "Autres")].concat())]);
    c.no("etab-twice-without-uai", R_ETAB, &[(ETAB, &ETAB.replace("0990001N", "").repeat(2))]);
    c.ok("etab-twice-but-for-a-space", R_ETAB, &[(ETAB, &two)]);
    c.no(
        "etab-mef-twice-other-label",
        R_ETAB,
        &[(MEFS, &[MEFS.split_once("{GARMat").unwrap().0.replace("6EME", "SIXIEME").as_str(), MEFS].concat())],
    );
    c.no(
        "etab-subject-twice",
        R_ETAB,
        &[("</GAR-ENT-Etab>", &["{GARMat", MEFS.split_once("{GARMat").unwrap().1, "</GAR-ENT-Etab>"].concat())],
    );
    c.ok("etab-mef-of-unknown-school", R_ETAB, &[("{GARMEF {GARStructureUAI 0990001N}", "{GARMEF {GARStructureUAI 0990009X}")]);
    c.ok("etab-uai-garbage", R_ETAB, &[("0990001N", "bonjour")]).ok("etab-uai-empty", R_ETAB, &[("0990001N", "")]);
    c.ok("etab-uai-45", R_ETAB, &[("0990001N", &"9".repeat(45))]).no("etab-uai-46", R_ETAB, &[("0990001N", &"9".repeat(46))]);
    c.ok("etab-phone-20", R_ETAB, &[("0100000000", &"0".repeat(20))]).no("etab-phone-21", R_ETAB, &[("0100000000", &"0".repeat(21))]);
    c.no(
        "etab-contract-before-head-school",
        R_ETAB,
        &[
            ("{GARStructureContrat PU}", ""),
            ("{GAREtablissementStructRattachFctl", "{GARStructureContrat PU}{GAREtablissementStructRattachFctl"),
        ],
    );
    c.ok(
        "etab-comment-instruction-space",
        R_ETAB,
        &[("{GAREtab {", "<!-- un -->\n{GAREtab \t<?deux trois?>\n{"), ("Collège", "Coll<!-- x -->ège")],
    );
    c.no(
        "etab-stat11-before-head-mef",
        R_ETAB,
        &[("{GARMEFRattach 10010012110}", ""), ("{GARMEFSTAT11 21160010019}", "{GARMEFSTAT11 1}{GARMEFRattach 1}")],
    );
    c.ok("etab-uai-inner-line-feed", R_ETAB, &[("0990001N", "0990\n001N")]);
    c.no("etab-text-among-elements", R_ETAB, &[(ETAB, &["texte", ETAB].concat())]);
    c.no("etab-attribute-on-a-record", R_ETAB, &[("{GAREtab {", "{GAREtab@id='x' {")]);
    c.ok("etab-key-like-numbers", R_ETAB, &[(ETAB, &[ETAB.replace("0990001N", "1"), ETAB.replace("0990001N", "01")].concat())]);
}

fn pupils(c: &mut Cases) {
    let again = |id: &str| [ELEVE, &ELEVE.replace(" e1}", id)].concat();
    c.ok("pupil-full", R_ELEVE, &[]).ok("pupil-id-64", R_ELEVE, &[("e1", &"e".repeat(64))]).no(
        "pupil-id-65",
        R_ELEVE,
        &[("e1", &"e".repeat(65))],
    );
    c.ok("pupil-id-empty", R_ELEVE, &[(" e1}", "}")]).no("pupil-twice", R_ELEVE, &[(ELEVE, &again(" e1}"))]);
    c.no("pupil-no-profile", R_ELEVE, &[("{GARPersonProfils {GARStructureUAI 0990001N}{GARPersonProfil National_elv}}", "")]);
    c.ok("pupil-profile-unknown", R_ELEVE, &[("National_elv", "National_xyz")]).ok(
        "pupil-profile-capitals",
        R_ELEVE,
        &[("National_elv", "NATIONAL_ELV")],
    );
    c.no("pupil-profile-32", R_ELEVE, &[("National_elv", &"p".repeat(32))]).ok(
        "pupil-profile-31",
        R_ELEVE,
        &[("National_elv", &"p".repeat(31))],
    );
    let profile = "{GARPersonProfils {GARStructureUAI 0990001N}{GARPersonProfil National_elv}}";
    c.ok("pupil-profile-twice", R_ELEVE, &[(profile, &profile.repeat(2))]);
    c.no("pupil-no-other-first-name", R_ELEVE, &[("{GARPersonAutresPrenoms Zoé}{GARPersonAutresPrenoms Lou}", "")]);
    c.no("pupil-no-school", R_ELEVE, &[NO_ETAB]).ok(
        "pupil-school-twice",
        R_ELEVE,
        &[("{GARPersonEtab 0990001N}", &"{GARPersonEtab 0990001N}".repeat(2))],
    );
    c.ok("pupil-no-date", R_ELEVE, &[("{GARPersonDateNaissance 2012-02-29}", "")]);
    c.ok("pupil-title-free", R_ELEVE, &[("Mme", "Mademoiselle")]).ok("pupil-title-empty", R_ELEVE, &[("Mme", "")]);
    c.ok("pupil-home-school-empty", R_ELEVE, &[("{GARPersonStructRattach 0990001N}", "{GARPersonStructRattach }")]);
    c.no("pupil-name-501", R_ELEVE, &[("{GARPersonNom Vernet}", &value("GARPersonNom", &"N".repeat(501)))]);
    let mef = LINKS.split_once("{GAREleve").unwrap().0;
    let subject = &LINKS[mef.len()..];
    c.no("pupil-mef-twice", R_ELEVE, &[(mef, &mef.repeat(2))]).ok("pupil-mef-of-nobody", R_ELEVE, &[(mef, &mef.replace("e1", "e9"))]);
    c.ok("pupil-two-mefs", R_ELEVE, &[(mef, &[mef, &mef.replace("10010012110", "1")].concat())]);
    c.no("pupil-subject-twice", R_ELEVE, &[(subject, &subject.repeat(2))]).no(
        "pupil-subject-before-mef",
        R_ELEVE,
        &[(LINKS, &[subject, mef].concat())],
    );
    c.no("pupil-teacher-inside", R_ELEVE, &[(ELEVE, &[ELEVE, &ENS.replace("POSTES", "")].concat())]);
    c.no(
        "pupil-date-before-school",
        R_ELEVE,
        &[("{GARPersonDateNaissance 2012-02-29}", ""), ("{GARPersonEtab", "{GARPersonDateNaissance 2012-02-29}{GARPersonEtab")],
    );
    c.no("pupil-mail", R_ELEVE, &[("{GARPersonDateNaissance 2012-02-29}", MAIL)]);
    c.ok("pupil-second-id", R_ELEVE, &[("{GARPersonNomPatro", "{GARPersonIdSecondaire s1}{GARPersonNomPatro")]);
}

fn staff(c: &mut Cases) {
    c.ok("staff-full", R_ENS, &[]).no("staff-mail-before-disciplines", R_ENS, &[(DISC, ""), (MAIL, &[MAIL, DISC].concat())]);
    c.no("staff-discipline-without-code", R_ENS, &[("{GAREnsDisciplinePosteCode L0202}", "")]);
    c.ok("staff-discipline-twice-one-school", R_ENS, &[(DISC, &DISC.repeat(2))]).ok("staff-discipline-code-empty", R_ENS, &[("L0202", "")]);
    c.ok("staff-discipline-two-codes", R_ENS, &[("{GAREnsDisciplinePosteCode L0202}", &"{GAREnsDisciplinePosteCode L0202}".repeat(2))]);
    c.ok("staff-mail-odd", R_ENS, &[("ugo.alard@exemple.test", "pas une adresse")]).no(
        "staff-mail-256",
        R_ENS,
        &[("ugo.alard@exemple.test", &"m".repeat(256))],
    );
    let profile = "{GARPersonProfils {GARStructureUAI 0990001N}{GARPersonProfil National_ens}}";
    c.ok("staff-two-profiles", R_ENS, &[(profile, &[profile, &profile.replace("_ens", "_doc")].concat())]);
    c.no("staff-pupils-subject", R_ENS, &[(STAFF_MEF, &[STAFF_MEF, LINKS.split_once('\n').unwrap().1].concat())]);
    c.no("staff-no-other-first-name", R_ENS, &[NO_OTHERS]).no("staff-mef-twice", R_ENS, &[(STAFF_MEF, &STAFF_MEF.repeat(2))]);
    c.no("staff-no-school", R_ENS, &[NO_ETAB, ("{GARPersonDateNaissance 1980-05-04}", ""), (DISC, ""), (MAIL, "")]);
}

fn managers(c: &mut Cases) {
    let etab = "{GARRespAffEtab 0990001N}";
    c.ok("manager-full", R_RESP, &[]).no("manager-no-mail", R_RESP, &[(MAIL, "")]).ok(
        "manager-mail-empty",
        R_RESP,
        &[("ugo.alard@exemple.test", "")],
    );
    c.no("manager-no-school", R_RESP, &[(etab, "")]).ok("manager-title-empty", R_RESP, &[("M.", "")]);
    c.no("manager-profile", R_RESP, &[("{GARPersonNom", "{GARPersonProfils {GARStructureUAI 0}{GARPersonProfil p}}{GARPersonNom")]);
    c.no("manager-twice", R_RESP, &[(RESP, &RESP.repeat(2))]).ok("manager-50-times-one-school", R_RESP, &[(etab, &etab.repeat(50))]);
    let many = (0..20).map(|i| format!("{{GARRespAffEtab 099{i:04}N}}")).collect::<String>();
    c.ok("manager-many-schools-some-twice", R_RESP, &[(etab, &many.repeat(2))]);
    c.no("manager-mail-before-title", R_RESP, &[("{GARPersonCivilite M.}", ""), (MAIL, &[MAIL, "{GARPersonCivilite M.}"].concat())]);
}

fn groups(c: &mut Cases) {
    let person = "{GARPersonGroupe {GARStructureUAI 0990001N}{GARPersonIdentifiant e1}{GARGroupeCode 6A}}\n";
    let class = GROUPS.split_once('\n').unwrap().0;
    c.ok("group-full", R_GRP, &[]).ok("group-status-free", R_GRP, &[("DIVISION", "CLASSE")]);
    c.ok(
        "group-division-of-a-division",
        R_GRP,
        &[("{GARGroupeStatut DIVISION}", "{GARGroupeStatut DIVISION}{GARGroupeDivAppartenance 6A}")],
    );
    c.no("group-one-code-for-both", R_GRP, &[("6GR1", "6A")]);
    c.ok("group-one-code-two-schools", R_GRP, &[(class, &[class, &class.replace("0990001N", "0990002P")].concat())]);
    c.ok("group-label-empty", R_GRP, &[("Sixième A", "")]).no("group-code-256", R_GRP, &[("6GR1", &"6".repeat(256))]);
    c.no("group-person-twice", R_GRP, &[(person, &person.repeat(2))]).ok(
        "group-person-of-unknown-group",
        R_GRP,
        &[(person, &person.replace("6A", "6Z"))],
    );
    c.no("group-classes-before-groups", R_GRP, &[(ECM, ""), (EGM, &[ECM, EGM].concat())]);
    c.no("group-service-without-subject", R_GRP, &[("{GARGroupeCode 6GR1}{GARMatiereCode 020700}", "{GARGroupeCode 6GR1}")]);
    c.no("group-service-twice-other-subject", R_GRP, &[(EGM, &[EGM, &EGM.replace("020700", "030201")].concat())]);
    c.ok(
        "group-service-one-subject-twice",
        R_GRP,
        &[("6GR1}{GARMatiereCode 020700}", "6GR1}{GARMatiereCode 020700}{GARMatiereCode 020700}")],
    );
    c.no(
        "group-school-before-code",
        R_GRP,
        &[("{GARGroupeCode 6A}{GARStructureUAI 0990001N}", "{GARStructureUAI 0990001N}{GARGroupeCode 6A}")],
    );
    c.ok(
        "group-codes-differ-by-case",
        R_GRP,
        &[(
            "{GARGroupeCode 6GR1}{GARStructureUAI 0990001N}{GARGroupeLibelle",
            "{GARGroupeCode 6a}{GARStructureUAI 0990001N}{GARGroupeLibelle",
        )],
    );
    c.ok("group-one-service-in-both", R_GRP, &[(EGM, &EGM.replace("6GR1", "6A"))]);
}

/// Namespaces, prefixes, encodings, characters.
fn others(c: &mut Cases) {
    let text = expanded(&c.base("Etab"));
    let latin = |label: &str| text.replacen("UTF-8", label, 1).chars().map(|c| c as u8).collect::<Vec<u8>>();
    c.put(true, "etab-iso-8859-15", R_ETAB, latin("ISO-8859-15"));
    c.put(false, "etab-latin-bytes-in-utf8", R_ETAB, latin("UTF-8"));
    c.put(true, "etab-mark", R_ETAB, [b"\xEF\xBB\xBF", text.as_bytes()].concat());
    c.put(true, "etab-prefix", R_ETAB, prefixed(&text, "men").into_bytes());
    c.put(false, "etab-undeclared-prefix", R_ETAB, prefixed(&text, "men").replacen("xmlns:men", "xmlns:man", 1).into_bytes());
    c.ok("etab-extra-namespaces", R_ETAB, &[("Version=", "xmlns:xalan='http://xml.apache.org/xalan' xmlns:f='f' Version=")]);
    c.no("etab-no-namespace", R_ETAB, &[("xmlns=\"http://data.education.fr/ns/gar\"", "")]);
    c.no("etab-control-character", R_ETAB, &[("Collège", "Coll\u{1}ège")]);
    c.no("etab-other-root", R_ETAB, &[("<GAR-ENT-Etab", "<GAR-ENT-Etablissement"), ("</GAR-ENT-Etab>", "</GAR-ENT-Etablissement>")]);
    c.ok("etab-schema-location", R_ETAB, &[("{GAREtab ", "{GAREtab@xsi:schemaLocation='a~b' ")]);
    c.ok(
        "pupil-type-said-again",
        R_ELEVE,
        &[("{GARPersonDateNaissance ", "{GARPersonDateNaissance@xsi:type='xs:date'~xmlns:xs='http://www.w3.org/2001/XMLSchema' ")],
    );
    c.no("pupil-nil", R_ELEVE, &[("{GARPersonDateNaissance 2012-02-29}", "{GARPersonDateNaissance@xsi:nil='true' }")]);
}

/// The same with that prefix on every element.
fn prefixed(text: &str, prefix: &str) -> String {
    let text = text.replace("</GAR", &format!("</{prefix}:GAR")).replace("<GAR", &format!("<{prefix}:GAR"));
    text.replacen("xmlns=", &format!("xmlns:{prefix}="), 1)
}

fn lengths_and_dates(c: &mut Cases) {
    for (valid, name, text) in [
        (true, "pupil-id-64-accents", "é".repeat(64)),
        (false, "pupil-id-65-accents", "é".repeat(65)),
        (true, "pupil-id-64-astral", "𝒳".repeat(64)),
        (false, "pupil-id-65-astral", "𝒳".repeat(65)),
        (true, "pupil-id-64-references", "&#233;".repeat(64)),
    ] {
        c.add(valid, name, R_ELEVE, &[("e1", &text)]);
    }
    for (valid, name, text) in [
        (false, "pupil-date-empty", ""),
        (false, "pupil-date-french", "29/02/2012"),
        (false, "pupil-date-with-time", "2012-02-29T00:00:00"),
        (true, "pupil-date-with-zone", "2012-02-29+01:00"),
        (false, "pupil-date-impossible", "2012-02-30"),
        (true, "pupil-date-future", "2999-01-01"),
        (false, "pupil-date-padded", " 2012-02-29 "),
        (false, "pupil-date-padded-by-a-line", "\n2012-02-29"),
        (true, "pupil-date-year-of-five", "12012-02-29"),
        (false, "pupil-date-year-0000", "0000-02-28"),
        (true, "pupil-date-before-christ", "-0044-03-15"),
    ] {
        c.add(valid, name, R_ELEVE, &[("2012-02-29", text)]);
    }
}

fn primary(c: &mut Cases) {
    c.ok("1d-etab", R_ETAB, &[]).no(
        "1d-etab-mef",
        R_ETAB,
        &[("</GAR-ENT-Etab>", &[MEFS.split_once("{GARMat").unwrap().0, "</GAR-ENT-Etab>"].concat())],
    );
    c.no("1d-etab-head-school", R_ETAB, &[("{GARStructureContrat", "{GAREtablissementStructRattachFctl 0}{GARStructureContrat")]);
    c.no("1d-etab-namespace-2d", R_ETAB, &[("ns/gar/1d", "ns/gar")]).ok("1d-pupil", R_ELEVE, &[]);
    c.no("1d-pupil-level-5", R_ELEVE, &[("1112", "11121")]).ok("1d-pupil-level-3", R_ELEVE, &[("1112", "111")]);
    c.no("1d-pupil-no-school", R_ELEVE, &[NO_ETAB]).no("1d-pupil-mef", R_ELEVE, &[(LEVEL, LINKS.split_once("{GAREleve").unwrap().0)]);
    c.no("1d-pupil-level-twice", R_ELEVE, &[(LEVEL, &LEVEL.repeat(2))]).ok("1d-pupil-empty-root", R_ELEVE, &[(ELEVE, ""), (LEVEL, "")]);
    c.ok("1d-staff", R_ENS, &[]).no("1d-staff-mail", R_ENS, &[(SPEC, &[SPEC, MAIL].concat())]).no(
        "1d-staff-discipline",
        R_ENS,
        &[(SPEC, DISC)],
    );
    c.no("1d-staff-speciality-without-code", R_ENS, &[("{GAREnsSpecialitePosteCode G0000}", "")]);
    c.ok("1d-manager", R_RESP, &[]).no("1d-manager-no-mail", R_RESP, &[(MAIL, "")]).ok("1d-group", R_GRP, &[]);
    c.no("1d-group-group-service", R_GRP, &[("</GAR-ENT-Groupe>", &[EGM, "</GAR-ENT-Groupe>"].concat())]);
    c.no("1d-group-class-service", R_GRP, &[("</GAR-ENT-Groupe>", &[ECM, "</GAR-ENT-Groupe>"].concat())]);
}
