//! GAR deliveries in which every element of every record holds a canary, in every form a value can take.

use std::fmt::Write as _;
use std::path::Path;

use conforment::rules::model::Degree;
use conforment::source::gar::model::{Child, NAMESPACES, Record, roots};

/// One variant a record: what each element of that record holds.
const VARIANTS: &[&[&str]] = &[
    &["QZANARI Zoë"],
    &["Qzanàri"],
    &["17/03/1913"],
    &["1913-03-17"],
    &["1913-03-17+02:00"],
    &["+33 6 98 76 54 32"],
    &["zoe.qzanari@famille.example"],
    &["918273645QZ"],
    &["8273645901"],
    &[" QZANARI "],
    &["QZANARI", "Qzanari", "QZANARI"],
    &[""],
    &["QZANARI QZANARI QZANARI QZANARI QZANARI QZANARI QZANARI QZANARI QZANARI QZANARI QZANARI"],
];

/// Writes a delivery of that day; the number of canaries in it.
pub fn write(dir: &Path, degree: Degree, day: &str) -> usize {
    std::fs::create_dir_all(dir).unwrap();
    let mut written = 0;
    let namespace = NAMESPACES.iter().find(|(_, d)| *d == degree).unwrap().0;
    for root in roots(degree) {
        let mut text = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE QZANARI SYSTEM \"QZANARI.dtd\">\n<!-- Qzanàri Zoé, 918273645QZ -->\n\
             <men:{} xmlns:men=\"{namespace}\" Version=\"QZANARI Zoé\" qzanari=\"QZANARI\">\n",
            root.name
        );
        for record in root.records {
            for values in VARIANTS {
                written += one(&mut text, record, values, false);
            }
            // Out of order, with an element and an attribute that have names of people.
            written += one(&mut text, record, &["QZANARI"], true);
            let _ = writeln!(text, "<men:{0} qzanari=\"Qzanàri\"><men:QZANARI>Zoé</men:QZANARI>Qzanàri &qzanari;</men:{0}>", record.name);
        }
        let _ = writeln!(text, "</men:{}>", root.name);
        std::fs::write(dir.join(format!("B0_GAR-ENT_Complet_{day}_230002_{degree}_{}_0000.xml", root.category)), text).unwrap();
    }
    written
}

fn one(text: &mut String, record: &Record, values: &[&str], reversed: bool) -> usize {
    let _ = write!(text, "<men:{}>", record.name);
    let mut written = 0;
    let leaf = |text: &mut String, name: &str| {
        values.iter().for_each(|value| {
            let _ = write!(text, "<men:{name}>{value}</men:{name}>");
        });
        values.iter().filter(|v| !v.is_empty()).count()
    };
    let children: Vec<&Child> = if reversed { record.children.iter().rev().collect() } else { record.children.iter().collect() };
    for child in children {
        match child {
            Child::Text(name) => written += leaf(text, name),
            Child::Block(name, inner) => {
                let _ = write!(text, "<men:{name}>");
                written += inner.iter().map(|name| leaf(text, name)).sum::<usize>();
                let _ = write!(text, "</men:{name}>");
            }
        }
    }
    let _ = writeln!(text, "</men:{}>", record.name);
    written
}
