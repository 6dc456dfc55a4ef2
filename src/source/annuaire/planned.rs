//! What an audit of a directory server would ask, before it is asked. Sends nothing.

use super::searches::{FEW, KEYS, TRIES};
use super::server::NOBODY;
use crate::source::cas::plan::Planned;
use crate::source::tls;
use crate::target::ldap::LdapSpec;

/// What an audit of a server would ask: each line is a request, or says how many.
#[must_use]
pub fn planned(spec: &LdapSpec) -> Vec<Planned> {
    let one = |probe: &str, class, requests: Vec<String>, missing, count| Planned {
        probe: probe.to_owned(),
        class,
        requests,
        note: None,
        missing,
        count,
    };
    let bases: Vec<&str> = if spec.bases.is_empty() { vec!["namingContexts"] } else { spec.bases.iter().map(String::as_str).collect() };
    let many = bases.len();
    let each = |what: &str| -> Vec<String> { bases.iter().map(|base| format!("SEARCH {base} {what}")).collect() };
    let nobody = format!("{NOBODY},{}", bases[0]);
    let bind = |what: &str| vec![format!("BIND {nobody} {what}")];
    let reader = if spec.bind.is_some() { "AUTH" } else { "GET" };
    let clear = spec.clear_url.clone().or_else(|| (!spec.url.tls).then(|| spec.url.clone())).or_else(|| spec.url.usual_clear());
    let in_clear: Vec<String> = clear.iter().map(|url| format!("BIND {nobody} *** ({url})")).collect();
    let (few, tries) = (FEW as usize, TRIES as usize);
    let keys = KEYS.iter().map(|key| format!("({key}=…)")).collect::<Vec<_>>().join(" · ");
    let mut times = vec![format!("SEARCH (root DSE) × {tries}")];
    times.extend(each(&format!("{keys} × {tries}")));
    let account = spec.bind.is_none().then_some("detail.ldap.no_bind");
    let mut all = vec![
        one("root-dse", "GET", vec!["SEARCH (root DSE)".to_owned()], None, 1),
        one(
            "anonymous-people",
            "GET",
            each("(objectClass=ENTEleve) [5] · (|(objectClass=ENTPerson)(objectClass=person)) [5]"),
            None,
            2 * many,
        ),
        one("unknown-account", "NEG", bind("***"), None, 1),
        one("empty-password", "NEG", bind("\"\""), None, 1),
        one("clear-bind", "NEG", in_clear, clear.is_none().then_some("detail.ldap.no_clear"), 1),
        one("bind", "AUTH", vec!["BIND ***".to_owned()], account, 1),
        one("subschema", reader, vec!["SEARCH (subschema)".to_owned()], None, 1),
        one("timestamps", reader, each("(ENTPersonLogin=*) [3] · (modifyTimestamp>=…) [3]"), None, 2 * many),
        one(
            "login-search",
            reader,
            each(&format!("(ENTPersonLogin=*) [{few}] · (ENTPersonLogin=…) × {}", 2 * few)),
            None,
            (1 + 2 * few) * many,
        ),
        one("response-times", reader, times, None, tries * (1 + KEYS.len() * many)),
    ];
    let read = one("read", reader, each("(objectClass=*)"), None, many);
    all.push(Planned { note: Some("plan.note.ldap_read"), ..read });
    let tls = vec![format!("TLS {}:{} × {}–{}", spec.url.host(), spec.url.port(), tls::USUAL, tls::MOST)];
    all.push(one("tls", "TLS", tls, (!spec.url.tls).then_some("detail.ldap.starttls"), tls::USUAL as usize));
    all
}
