//! XML that is broken, or that uses what no export uses.

use crate::delivery::{Parts, Sample, Seen};

const FILE: &str = "_Eleve_0000.xml";

fn pupils(change: impl FnOnce(Parts) -> String) -> Seen {
    let sample = Sample::new();
    sample.edit("Eleve", change);
    let seen = sample.audit();
    seen.spares(&["aaf.Eleve"]);
    seen
}

fn sane() -> Parts {
    Parts::of(&Sample::new().text("Eleve"))
}

/// Changes one request; the faults cost it, and no other.
fn one_lost(change: impl FnOnce(&str) -> String) -> Seen {
    let seen = pupils(|p| p.with(3, change));
    seen.fails("AAF-XML-BIEN-FORME").names("AAF-XML-BIEN-FORME", FILE);
    assert_eq!(seen.records("aaf.Eleve"), 11);
    let lines = sane().line(3)..sane().line(5);
    assert!(seen.lines("AAF-XML-BIEN-FORME").iter().all(|l| lines.contains(l)), "{:?} {lines:?}", seen.lines("AAF-XML-BIEN-FORME"));
    seen.unknown("AAF-2D-ELV-IDENTITE", "AAF-XML-BIEN-FORME");
    seen
}

#[test]
fn mismatched_tags_cost_their_request_only() {
    one_lost(|r| r.replacen("</value>", "</valeur>", 1));
    one_lost(|r| r.replacen("</identifier>", "", 1));
    one_lost(|r| r.replacen("</attributes>", "</attributes></attributes>", 1));
    one_lost(|r| r.replacen("</addRequest>", "", 1));
    one_lost(|r| r.replacen("<addRequest>", "", 1));
    one_lost(|r| r.replacen("<value>", "<value", 1));
    one_lost(|r| r.replacen("name=\"sn\"", "name=\"sn", 1));
    one_lost(|r| r.replacen("name=\"sn\"", "name=sn", 1));
    one_lost(|r| r.replacen("name=\"sn\"", "name=\"sn\" name=\"sn\"", 1));
    one_lost(|r| r.replacen("<identifier>", "<identifier a='1' a='1'>", 1));
    one_lost(|r| r.replacen("<value>", "<value><!-- never closed", 1));
    one_lost(|r| r.replacen("<value>", "<value><![CDATA[ never closed", 1));
    one_lost(|r| r.replacen("<value>", "<value>&#0;", 1));
    one_lost(|r| r.replacen("<value>", "<value>Dupont & fils", 1));
    one_lost(|r| r.replacen("<value>", "<value>&#x110000;", 1));
}

/// Any reader of XML 1.0 stops there; here every request is read all the same, and the file is not called well-formed.
#[test]
fn what_quick_xml_lets_through_is_a_fault_all_the_same() {
    for inside in ["&#1;", "&#xFFFE;", "\u{1}", "\u{FFFF}", "]]>", "a]]>b", "<!-- a--b -->", "<!-- a --->", "<?XML a?>", "<?1 a?>"] {
        let seen = pupils(|p| p.with(3, |r| r.replacen("<value>", &format!("<value>{inside}"), 1)));
        seen.fails("AAF-XML-BIEN-FORME").names("AAF-XML-BIEN-FORME", FILE);
        assert_eq!(seen.records("aaf.Eleve"), 12, "{inside}");
        let lines = sane().line(3)..sane().line(4);
        assert!(seen.lines("AAF-XML-BIEN-FORME").iter().all(|l| lines.contains(l)), "{inside}");
    }
    let whole = |head: &str| {
        let sample = Sample::new();
        let text = sample.text("Eleve");
        sample.put("Eleve", text.replacen(text.split_inclusive("?>").next().unwrap(), head, 1));
        sample.audit()
    };
    for head in ["<?xml encoding=\"UTF-8\" version=\"1.0\"?>", "<?xml version=\"1.0\"?><!doctype a>", "<?xml version=\"1.0\"?><![CDATA[]]>"]
    {
        let seen = whole(head);
        seen.fails("AAF-XML-BIEN-FORME");
        assert_eq!(seen.records("aaf.Eleve"), 12, "{head}");
    }
    whole("<?xml version='1.0' encoding='utf-8' standalone='no' ?>").passes("AAF-XML-BIEN-FORME");
}

#[test]
fn ends_of_lines_are_those_of_xml() {
    let seen = pupils(|p| p.join().replace('\n', "\r\n"));
    seen.passes("AAF-XML-BIEN-FORME");
    assert_eq!(seen.records("aaf.Eleve"), 12);
}

#[test]
fn faults_between_requests_cost_none() {
    for (between, id) in [
        ("</value>", "AAF-XML-BIEN-FORME"),
        ("</addRequest>", "AAF-XML-BIEN-FORME"),
        ("lost words", "AAF-XML-TEXTE-ISOLE"),
        ("<!DOCTYPE x>", "AAF-XML-BIEN-FORME"),
        ("<?xml version=\"1.0\"?>", "AAF-XML-BIEN-FORME"),
        ("<other><deep/></other>", "AAF-XML-ELEMENT-INATTENDU"),
        ("<other>", "AAF-XML-BIEN-FORME"),
    ] {
        let seen = pupils(|p| p.with(3, |r| format!("{between}\n{r}")));
        seen.fails(id).names(id, FILE);
        assert_eq!(seen.records("aaf.Eleve"), 12, "{between}");
        assert!(seen.lines(id).iter().all(|l| [sane().line(3), sane().line(3) + 1].contains(l)), "{between} {:?}", seen.lines(id));
    }
}

#[test]
fn a_request_inside_a_value_starts_a_request() {
    let seen = pupils(|p| p.with(3, |r| r.replacen("<value>", "<value><addRequest>", 1)));
    seen.fails("AAF-XML-BIEN-FORME").names("AAF-XML-BIEN-FORME", FILE);
    assert_eq!(seen.records("aaf.Eleve"), 11);
}

#[test]
fn comments_cdata_and_instructions_hide_what_they_hold() {
    let seen = pupils(|p| {
        p.with(3, |r| {
            r.replacen("<attributes>", "<!-- </addRequest> <addRequest> --><?pi <addRequest> ?><attributes>", 1).replacen(
                "<value>Eleve</value>",
                "<value><![CDATA[El]]><!-- </value> -->e<?x?>ve</value>",
                1,
            )
        })
    });
    seen.passes("AAF-XML-BIEN-FORME").passes("AAF-XML-ELEMENT-INATTENDU").passes("AAF-XML-TEXTE-ISOLE").passes("AAF-2D-ELV-IDENTITE");
    assert_eq!(seen.records("aaf.Eleve"), 12);
}

#[test]
fn blanks_in_end_tags_and_windows_line_ends_change_nothing() {
    for change in [
        |p: Parts| p.join().replace("</addRequest>", "</addRequest \t>").replace("</value>", "</value >"),
        |p: Parts| p.join().replace('\n', "\r\n"),
        |p: Parts| p.join().replace('\n', ""),
        |p: Parts| p.join().replace("<value></value>", "<value/>").replace("<addRequest>", "<addRequest >"),
    ] {
        let seen = pupils(change);
        assert!(seen.failing().is_empty(), "{:?}", seen.failing());
        assert_eq!(seen.records("aaf.Eleve"), 12);
    }
}

#[test]
fn entities_are_never_expanded() {
    let laughs: String = (1..20).map(|i| format!("<!ENTITY l{i} \"{}\">\n", format!("&l{};", i - 1).repeat(10))).collect();
    let subset = format!("<!DOCTYPE ficAlimMENESR SYSTEM \"ficAlimMENESR.dtd\" [\n<!ENTITY l0 \"ha\">\n{laughs}]>");
    let seen = pupils(|p| {
        let text = p.with(3, |r| r.replacen("<value>", "<value>&l19;", 1));
        text.replacen("<!DOCTYPE ficAlimMENESR SYSTEM \"ficAlimMENESR.dtd\">", &subset, 1)
    });
    seen.fails("AAF-XML-ENTITES").names("AAF-XML-ENTITES", FILE).fails("AAF-XML-SOUS-ENSEMBLE").fails("AAF-XML-ENTITE-INCONNUE");
    assert_eq!(seen.records("aaf.Eleve"), 12);

    let seen = pupils(|p| {
        let text = p.with(3, |r| r.replacen("<value>", "<value>&secret;", 1));
        text.replacen("\"ficAlimMENESR.dtd\">", "\"ficAlimMENESR.dtd\" [<!ENTITY secret SYSTEM \"file:///etc/hostname\">]>", 1)
    });
    seen.fails("AAF-XML-ENTITES");
    let report = conforment::report::json::write(&seen.report).unwrap();
    assert!(!report.contains(std::fs::read_to_string("/etc/hostname").unwrap_or("@".into()).trim()));
}

#[test]
fn undeclared_entities_are_said_and_the_request_kept() {
    let seen = pupils(|p| p.with(3, |r| r.replacen("<attr name=\"sn\"><value>", "<attr name=\"sn\"><value>B&eacute;N", 1)));
    seen.fails("AAF-XML-ENTITE-INCONNUE").names("AAF-XML-ENTITE-INCONNUE", FILE).passes("AAF-XML-BIEN-FORME");
    let within = sane().requests[3][..sane().requests[3].find("name=\"sn\"").unwrap()].matches('\n').count() as u64;
    assert_eq!((seen.lines("AAF-XML-ENTITE-INCONNUE"), seen.records("aaf.Eleve")), (vec![sane().line(3) + within], 12));
}

#[test]
fn a_doctype_that_holds_requests_hides_none() {
    let seen = pupils(|p| p.join().replacen("<!DOCTYPE ficAlimMENESR", "<!DOCTYPE ficAlimMENESR [<!ENTITY a \"<addRequest>\"", 1));
    seen.fails("AAF-XML-BIEN-FORME");
    assert_eq!(seen.records("aaf.Eleve"), 12);
}

#[test]
fn what_surrounds_the_root_is_said() {
    for (before, after) in
        [("text", ""), ("", "text"), ("&amp;", ""), ("", "<![CDATA[x]]>"), ("\n", ""), ("", "<ficAlimMENESR/>"), ("", "</ficAlimMENESR>")]
    {
        let seen = pupils(|p| format!("{before}{}{after}", p.join()));
        seen.fails("AAF-XML-BIEN-FORME").names("AAF-XML-BIEN-FORME", FILE).passes("AAF-XML-ENTIER");
        assert_eq!(seen.records("aaf.Eleve"), 12, "{before} {after}");
        let line = if after.is_empty() { 1..=2 } else { sane().line(12)..=sane().line(12) + 1 };
        assert!(seen.lines("AAF-XML-BIEN-FORME").iter().all(|l| line.contains(l)), "{:?}", seen.lines("AAF-XML-BIEN-FORME"));
    }
    let seen = pupils(|p| format!("{}{}", p.join(), &p.join()[p.join().find("<ficAlim").unwrap()..]));
    seen.fails("AAF-XML-BIEN-FORME");
    assert_eq!(seen.records("aaf.Eleve"), 24);
}

#[test]
fn another_root_or_none_loses_nothing() {
    let seen = pupils(|p| p.join().replace("ficAlimMENESR>", "autre>"));
    seen.fails("AAF-XML-RACINE").names("AAF-XML-RACINE", FILE).passes("AAF-XML-BIEN-FORME");
    assert_eq!(seen.records("aaf.Eleve"), 12);

    let seen = pupils(|p| p.requests.concat());
    seen.fails("AAF-XML-RACINE").fails("AAF-XML-BIEN-FORME");
    assert_eq!((seen.records("aaf.Eleve"), seen.lines("AAF-XML-RACINE")), (12, vec![1]));
}
