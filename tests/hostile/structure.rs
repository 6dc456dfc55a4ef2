//! Every fault of structure that the facts name, and records that are not where they should be.

use conforment::outcome::Verdict;

use crate::delivery::{Parts, Sample, Seen};

fn pupils(change: impl FnOnce(&str) -> String) -> Seen {
    let sample = Sample::new();
    sample.edit("Eleve", |p| p.with(3, change));
    let seen = sample.audit();
    seen.spares(&["aaf.Eleve"]).passes("AAF-XML-BIEN-FORME");
    seen
}

fn section<'r>(request: &'r str, name: &str) -> &'r str {
    let close = format!("</{name}>");
    &request[request.find(&format!("<{name}>")).unwrap()..request.find(&close).unwrap() + close.len()]
}

#[test]
fn each_fault_of_structure_has_its_requirement() {
    type Change = fn(&str) -> String;
    let cases: [(&str, Change); 14] = [
        ("AAF-XML-ELEMENT-INATTENDU", |r| r.replacen("<identifier>", "<inconnu><a><b/></a></inconnu><identifier>", 1)),
        ("AAF-XML-ELEMENT-INATTENDU", |r| r.replacen("<attributes>", "<attributes><value>x</value>", 1)),
        ("AAF-XML-ELEMENT-MANQUANT", |r| r.replacen(section(r, "identifier"), "", 1)),
        ("AAF-XML-ELEMENT-MANQUANT", |r| r.replacen(section(r, "attributes"), "", 1)),
        ("AAF-XML-ORDRE", |r| {
            let id = section(r, "identifier").to_owned();
            r.replacen(&id, "", 1).replacen("</addRequest>", &format!("{id}</addRequest>"), 1)
        }),
        ("AAF-XML-ELEMENT-REPETE", |r| r.replacen("<attributes>", &format!("{}<attributes>", section(r, "identifier")), 1)),
        ("AAF-XML-ELEMENT-REPETE", |r| r.replacen("</id>", "</id><id>5</id>", 1)),
        ("AAF-XML-NOM-MANQUANT", |r| r.replacen("<attributes>", "<attributes><attr><value>x</value></attr>", 1)),
        ("AAF-XML-ATTRIBUT-XML", |r| r.replacen("<identifier>", "<identifier lang=\"fr\">", 1)),
        ("AAF-XML-ATTRIBUT-XML", |r| r.replacen("<id>", "<id x='1'>", 1)),
        ("AAF-XML-ATTRIBUT-XML", |r| r.replacen("name=\"sn\"", "name=\"sn\" operation=\"replace\"", 1)),
        ("AAF-XML-ELEMENT-VIDE", |r| {
            r.replacen("<attr name=\"personalTitle\"><value>M.</value></attr>", "<attr name=\"personalTitle\"/>", 1).replacen(
                "<attributes>",
                "<attributes><attr name=\"mail\"></attr>",
                1,
            )
        }),
        ("AAF-XML-TEXTE-ISOLE", |r| r.replacen("<identifier>", "texte<identifier>", 1)),
        ("AAF-XML-TEXTE-ISOLE", |r| r.replacen("<identifier>", "&amp;<identifier>", 1)),
    ];
    for (id, change) in cases {
        let seen = pupils(change);
        seen.fails(id).names(id, "_Eleve_0000.xml");
        assert_eq!(seen.records("aaf.Eleve"), 12, "{id}");
        let parts = Parts::of(&Sample::new().text("Eleve"));
        assert!(seen.lines(id).iter().all(|l| (parts.line(3)..parts.line(4)).contains(l)), "{id} {:?}", seen.lines(id));
    }
}

#[test]
fn a_modification_is_a_replacement() {
    let modify = |r: &str, operation: &str| {
        let r = r.replace("addRequest>", "modifyRequest>").replace("attributes>", "modifications>");
        let at = r.find("<modifications>").unwrap();
        let body =
            r[at..].replace("<attr name=", "<modification operation=@ name=").replace("</attr>", "</modification>").replace('@', operation);
        format!("{}{body}", &r[..at])
    };
    let seen = pupils(|r| modify(r, "\"replace\""));
    seen.passes("AAF-XML-OPERATION").fails("AAF-REQ-COMPLET-AJOUTS");
    assert_eq!(seen.records("aaf.Eleve"), 12);
    let seen = pupils(|r| modify(r, "'delete'"));
    seen.fails("AAF-XML-OPERATION").names("AAF-XML-OPERATION", "_Eleve_0000.xml");
}

#[test]
fn everything_self_closed_is_counted() {
    let sample = Sample::new();
    sample.edit("Eleve", |p| format!("{}{}{}", p.head, format!("<addRequest{}/>\n", " ".repeat(80)).repeat(100_000), p.tail));
    let seen = sample.audit();
    seen.fails("AAF-XML-ELEMENT-MANQUANT").passes("AAF-XML-BIEN-FORME").passes("AAF-XML-DEMESURE");
    assert_eq!((seen.get("AAF-XML-ELEMENT-MANQUANT").failures, seen.records("aaf.Eleve")), (100_000, 100_000));
    let first = Parts::of(&Sample::new().text("Eleve")).line(0);
    assert_eq!(seen.lines("AAF-XML-ELEMENT-MANQUANT")[..2], [first, first + 1]);

    sample.put("Eleve", "<ficAlimMENESR/>");
    let seen = sample.audit();
    seen.passes("AAF-XML-BIEN-FORME").fails("AAF-PKG-CATEGORIE-VIDE");
}

#[test]
fn records_of_another_category_are_judged_as_what_they_are() {
    let sample = Sample::new();
    let relative = Parts::of(&sample.text("PersRelEleve")).requests[0].clone();
    sample.edit("PersRelEleve", |mut p| {
        p.requests.remove(0);
        p.join()
    });
    // In the last file read, after the pupils that refer to it.
    sample.edit("PersEducNat", |p| p.with(0, |r| format!("{relative}{r}")));
    let seen = sample.audit();
    let accused = seen.failing();
    assert!(!accused.is_empty() && accused.iter().all(|id| id.starts_with("AAF-REQ-")), "{accused:?}");
    assert_eq!(seen.records("aaf.PersRelEleve"), Sample::new().audit().records("aaf.PersRelEleve"));
}

#[test]
fn an_unknown_category_is_taken_for_that_of_the_file() {
    let seen = pupils(|r| r.replacen("<value>Eleve</value>", "<value>Inconnu</value>", 1));
    assert_eq!(seen.records("aaf.Eleve"), 12);
    assert!(seen.report.requirements.iter().any(|r| r.verdict == Verdict::Fail && r.id.starts_with("AAF-REQ-")));
}

#[test]
fn the_content_tells_what_the_name_does_not() {
    let sample = Sample::new();
    std::fs::rename(sample.file("Eleve"), sample.path().join("export.xml")).unwrap();
    let seen = sample.audit();
    seen.spares(&[]).fails("AAF-PKG-NOM").passes("AAF-PKG-ELEVE");
    assert_eq!(seen.records("aaf.Eleve"), 12);
    assert!(seen.failing().iter().all(|id| id.starts_with("AAF-PKG-")), "{:?}", seen.failing());
}
