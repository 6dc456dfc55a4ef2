//! A report of an invented audit: every verdict, every reason, every level, made by the assessment itself.

use conforment::assess::{Input, SetSize, assess};
use conforment::outcome::{Evidence, Finding, Message, Outcome, Reason, Text, Verdict};
use conforment::report::model::{
    CitedSource, PerimeterOrigin, REPORT_FORMAT, Report, RulesetSummary, SourceSummary, TargetSummary, Tool, Waiver,
};
use conforment::rules::model::{Actor, Basis, Degree, Domain, Level, Requirement, Severity, Strength};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    pub id: String,
    t: [String; 2],
    #[serde(default)]
    w: Option<[String; 2]>,
    #[serde(default)]
    f: Option<[String; 2]>,
    #[serde(default)]
    limits: Option<[String; 2]>,
    domain: Domain,
    level: Level,
    severity: Severity,
    basis: Basis,
    actor: Actor,
    strength: Strength,
    #[serde(default)]
    on: Option<String>,
    #[serde(default)]
    relation: bool,
    #[serde(default)]
    parent: Option<String>,
    #[serde(default)]
    clause: Option<String>,
    #[serde(default)]
    parameter: Option<u32>,
    verdict: Verdict,
    #[serde(default)]
    reason: Option<Reason>,
    #[serde(default)]
    evidence: Option<Evidence>,
    #[serde(default)]
    detail: Option<[String; 2]>,
    #[serde(default)]
    examined: u64,
    #[serde(default)]
    failures: u64,
    #[serde(default)]
    files: Vec<String>,
    #[serde(default)]
    attributes: Vec<String>,
}

fn text(pair: &[String; 2]) -> Text {
    Text { fr: pair[0].clone(), en: pair[1].clone() }
}

pub fn items() -> Vec<Item> {
    serde_saphyr::from_str(include_str!("sample.yaml")).unwrap()
}

impl Item {
    pub fn requirement(&self) -> Requirement {
        let check = match (&self.on, self.relation) {
            (None, _) => serde_json::json!({"attestation": {"question": {"fr": "Est-ce le cas ?", "en": "Is it so?"},
                "evidence": {"fr": "Le contrat", "en": "The contract"}, "valid_months": 12}}),
            (Some(kind), true) => serde_json::json!({"records": kind, "unique": {"key": "@id"}}),
            (Some(kind), false) if kind == "aaf.file" || kind == "aaf.delivery" => serde_json::json!({"facts": kind, "assert": {}}),
            (Some(kind), false) => serde_json::json!({"records": kind, "assert": {}}),
        };
        let why = self.w.clone().unwrap_or_else(|| {
            [
                "Les services qui s'appuient sur cette donnée ne la trouvent pas : une partie des usagers perd l'accès.".to_owned(),
                "Services that rely on this data do not find it: some users lose access.".to_owned(),
            ]
        });
        let fix = self.f.clone().unwrap_or_else(|| {
            [
                "Corriger la donnée à la source. Demander ensuite un nouvel export complet.".to_owned(),
                "Correct the data at its source. Then ask for a new full export.".to_owned(),
            ]
        });
        Requirement {
            id: self.id.clone(),
            title: text(&self.t),
            why: text(&why),
            fix: text(&fix),
            limits: self.limits.as_ref().map(text),
            domain: self.domain,
            level: self.level,
            severity: self.severity,
            basis: self.basis,
            sources: vec!["dtd".into(), "mise-en-oeuvre".into()],
            clause: self.clause.clone(),
            since: None,
            degree: vec![Degree::D2],
            actor: self.actor,
            strength: self.strength,
            when: None,
            absence: false,
            parent: self.parent.clone(),
            parameters: self
                .parameter
                .map(|n| {
                    let title = Text { fr: "Taux minimal, en pourcentage".into(), en: "Lowest share, in percent".into() };
                    ("taux".to_owned(), conforment::rules::model::Parameter { default: n.into(), title })
                })
                .into_iter()
                .collect(),
            check: serde_json::from_value(check).unwrap(),
            examples: conforment::rules::model::Examples::default(),
        }
    }

    pub fn outcome(&self) -> Outcome {
        let mut outcome = Outcome::new(&self.id, self.verdict);
        outcome.reason = self.reason;
        outcome.parent = self.reason.filter(|r| *r == Reason::ParentFailed || *r == Reason::Blocked).and(self.parent.clone());
        outcome.evidence = self.evidence.unwrap_or(if self.on.is_none() { Evidence::Attested } else { Evidence::Automated });
        outcome.detail = self.detail.as_ref().map(|[key, arg]| Message::new(key).with("what", arg));
        outcome.examined = self.examined;
        outcome.failures = self.failures;
        outcome.findings = (0..self.failures.min(40)).map(|i| self.finding(i)).collect();
        outcome
    }

    fn finding(&self, i: u64) -> Finding {
        let n = usize::try_from(i).unwrap();
        let pick = |list: &[String]| (!list.is_empty()).then(|| list[(n / 7) % list.len()].clone());
        let attribute = (!self.attributes.is_empty()).then(|| self.attributes[n % self.attributes.len()].clone());
        Finding {
            source: Some("aaf".into()),
            file: pick(&self.files),
            line: Some(17 + i * 61),
            record: self.on.clone(),
            subject: Some(format!("p-{:08x}", (i + 3).wrapping_mul(2_654_435_761) & 0xffff_ffff)),
            message: Message::new("finding.required").with("attribute", attribute.as_deref().unwrap_or("ENTPersonJointure")),
            attribute,
        }
    }
}

pub fn waivers() -> Vec<Waiver> {
    [("EX-ETB-SIRET", "2026-12-31"), ("EX-ELV-CLASSE", "2026-06-30")]
        .map(|(id, until)| Waiver {
            requirement: id.into(),
            reason: "reprise des fichiers de l'établissement en cours".into(),
            approved_by: "service numérique".into(),
            until: until.into(),
        })
        .into()
}

pub fn ruleset() -> RulesetSummary {
    let pair = |fr: &str, en: &str| Text { fr: fr.into(), en: en.into() };
    let source = |title: &str, date: Option<&str>, fr: &str, en: &str, location: &str| CitedSource {
        title: title.into(),
        title_en: None,
        date: date.map(Into::into),
        read: pair(fr, en),
        location: location.into(),
        location_en: None,
    };
    RulesetSummary {
        id: "sdet-6.3".into(),
        title: pair("Schéma directeur des ENT, version 6.3", "ENT master plan (SDET), version 6.3"),
        version: "6.3".into(),
        edition: "2026.1".into(),
        published: "2019-07".into(),
        hash: "3f9a1c2e77d04b5f8a6e1290c3d4b5a6978877665544332211ffeeddccbbaa00".into(),
        profile: None,
        statement: pair(
            "Le texte officiel du SDET 6.3 n'a pas été lu par les auteurs de ce référentiel : aucune exigence n'en cite un article. Chacune dit d'où elle vient : schéma publié, norme, ou mises en œuvre publiques. Le lecteur qui possède le texte peut renseigner la clause dans un fichier d'adaptation.",
            "The authors of this set have not read the official text of SDET 6.3: no requirement quotes one of its articles. Each says where it comes from: a published schema, a standard, or public implementations. A reader who owns the text can fill the clause in a tailoring file.",
        ),
        domains: Domain::ALL.iter().filter(|d| **d == Domain::Alimentation).map(|d| (*d, pair("Alimentation AAF", "AAF feed"))).collect(),
        sources: [
            ("dtd".to_owned(), source("ficAlimMENESR.dtd", Some("2013"), "en entier", "in full", "https://example.org/ficAlimMENESR.dtd")),
            (
                "mise-en-oeuvre".to_owned(),
                source("Code public d'un éditeur d'ENT", None, "les lecteurs de l'AAF", "the AAF readers", "https://example.org/feeder"),
            ),
        ]
        .into(),
        tailored: vec!["EX-ETB-FICHE : écartée, hors du marché (service numérique)".into()],
    }
}

/// The sample, with its ~40 requirements.
pub fn sample() -> Report {
    let items = items();
    report(&items.iter().map(Item::requirement).collect::<Vec<_>>(), &items.iter().map(Item::outcome).collect::<Vec<_>>())
}

/// A report of these requirements.
pub fn report(requirements: &[Requirement], outcomes: &[Outcome]) -> Report {
    let perimeter = [Domain::Alimentation, Domain::Annuaire, Domain::Gar, Domain::Rgpd, Domain::Educonnect];
    let assessed = assess(&Input {
        requirements: &requirements.iter().collect::<Vec<_>>(),
        tailoring: None,
        outcomes,
        waivers: &waivers(),
        perimeter: &perimeter,
        set: SetSize { requirements: 214, domains: 10 },
        today: jiff::civil::date(2026, 9, 21),
    });
    Report {
        format: REPORT_FORMAT.into(),
        tool: Tool { name: "conforment".into(), version: "0.1.0".into() },
        generated: "2026-09-21T14:32:00+02:00".into(),
        target: TargetSummary {
            name: "ENT Rivages — académie d'Armorique".into(),
            perimeter: perimeter.into(),
            perimeter_origin: PerimeterOrigin::Declared,
            sources: vec![
                SourceSummary {
                    label: "aaf".into(),
                    kind: "aaf".into(),
                    degree: Some(Degree::D2),
                    facts: vec![("source.mode".into(), "Complet".into()), ("source.date".into(), "2026-09-16".into())],
                    files: 12,
                    bytes: 27_314_000,
                    records: [("aaf.Eleve", 12_731), ("aaf.PersRelEleve", 19_975), ("aaf.PersEducNat", 1_052), ("aaf.EtabEducNat", 125)]
                        .map(|(k, n)| (k.to_owned(), n))
                        .into(),
                    problems: vec![Finding {
                        source: Some("aaf".into()),
                        file: Some("ENT_Complet_20260916_MefEducNat_0000.xml".into()),
                        line: Some(418),
                        record: None,
                        subject: None,
                        attribute: None,
                        message: Message::new("finding.required").with("attribute", "ENTMefJointure"),
                    }],
                },
                SourceSummary {
                    label: "gar".into(),
                    kind: "gar".into(),
                    degree: None,
                    facts: vec![],
                    files: 8,
                    bytes: 1_204_000,
                    records: std::collections::BTreeMap::new(),
                    problems: vec![],
                },
            ],
        },
        ruleset: ruleset(),
        assessment: assessed.assessment,
        requirements: assessed.requirements,
    }
}
