//! What a directory server lets be done, asked with safe questions only: no account that exists is ever tried with a wrong password,
//! and the only values of people that cross the network are those the server itself gives to the account that reads.
//!
//! Gives facts `annuaire.server` and what was read; must never judge.

use std::sync::Arc;
use std::time::Instant;

use rustls::ClientConfig;
use serde_json::{Value, json};

use super::live::{Directory, Reading};
use super::message::{Entry, Filter, PAGED, START_TLS, Scope, Search};
use super::model::Model;
use super::searches;
use super::session::{Refusal, Session, Time, config};
use crate::outcome::{Message, Reason};
use crate::source::cas::plan::Planned;
use crate::source::observation::{self, Observed, Sight, Unseen};
use crate::target::ldap::{LdapSpec, LdapUrl};

/// Kind of the documents.
pub const FACTS: &str = "annuaire.server";
/// The probe that is asked apart.
const TLS: &str = "tls";
/// What the names of its facts start with.
const PREFIXES: &[&str] = &[super::PREFIX];
/// The entries of pupils.
const PUPILS: Filter<'static> = Filter::OfClass(&["ENTEleve"]);
/// The entries of people.
const PEOPLE: Filter<'static> = Filter::OfClass(&["ENTPerson", "person"]);
/// The name of an account that no directory has.
const NOBODY: &str = "cn=conforment-compte-inconnu";
/// Attributes whose reading by anybody is told, by name.
const SENSITIVE: &[&str] = &[
    "userPassword",
    "ENTPersonDateNaissance",
    "ENTEleveINE",
    "ENTPersonAdresse",
    "ENTPersonCodePostal",
    "homePostalAddress",
    "postalAddress",
    "mail",
    "ENTPersonAutresMails",
    "telephoneNumber",
    "homePhone",
    "mobile",
    "ENTPersonMobileSMS",
    "ENTElevePersRelEleve",
];

/// What is known of a server before any account.
#[derive(Debug, Default)]
struct RootDse {
    contexts: Vec<String>,
    paged: bool,
    subschema: Option<String>,
    document: Value,
}

impl RootDse {
    fn of(entry: Option<&Entry>, tls: bool) -> Self {
        let Some(entry) = entry else { return Self { document: json!({"rootReadable": false, "encrypted": tls}), ..Self::default() } };
        let has = |name: &str, value: &str| entry.texts(name).iter().any(|v| v == value);
        let contexts: Vec<String> = entry.texts("namingContexts").into_iter().filter(|c| !c.is_empty()).collect();
        let paged = has("supportedControl", PAGED);
        let versions = entry.texts("supportedLDAPVersion");
        let mut document = json!({"rootReadable": true, "encrypted": tls, "startTls": has("supportedExtension", START_TLS), "paging": paged,
            "contexts": contexts.len()});
        if !versions.is_empty() {
            document["version3"] = versions.iter().any(|v| v == "3").into();
        }
        Self { contexts, paged, subschema: entry.texts("subschemaSubentry").into_iter().next(), document }
    }
}

/// Observes a server, then reads its directory; `authority` is the PEM of `ca`.
pub fn observe(spec: &LdapSpec, authority: Option<&[u8]>, model: Arc<Model>, step: &dyn Fn()) -> (Observed, Result<Directory, Message>) {
    let time = Time { each: spec.timeout(), end: Instant::now() + spec.total() };
    let mut asked = Asked { spec, time, sights: Vec::new(), sent: 0, step };
    let read = asked.all(authority, model);
    if let Err(why) = &read {
        asked.rest(why);
    }
    let shown = vec![("source.url".to_owned(), spec.url.to_string())];
    let Asked { sights, sent, .. } = asked;
    let observed = Observed { label: spec.shown(), kind: "ldap", prefixes: PREFIXES, sights, shown, requests: sent, ..Observed::default() };
    (observed, read)
}

struct Asked<'a> {
    spec: &'a LdapSpec,
    time: Time,
    sights: Vec<Sight>,
    sent: u32,
    step: &'a dyn Fn(),
}

impl Asked<'_> {
    fn all(&mut self, authority: Option<&[u8]>, model: Arc<Model>) -> Result<Directory, Message> {
        let spec = self.spec;
        let secret = spec.bind.as_ref().map(|account| account.secret()).transpose();
        let secret = secret.map_err(|why| Message::new("problem.credentials").with("what", why))?;
        let config = config(authority).map_err(Refusal::message)?;
        let time = self.time;
        let open = || Session::open(&spec.url, spec.starttls, config.clone(), time);

        let mut nobody = open().map_err(Refusal::message)?;
        let tls = spec.url.tls || spec.starttls;
        let mut root = root_dse(&mut nobody, tls).map_err(Refusal::message)?;
        let mut anonymous = root.document.clone();
        let bases = |root: &RootDse| if spec.bases.is_empty() { root.contexts.clone() } else { spec.bases.clone() };
        let known = bases(&root);
        self.saw("anonymous-people", anonymous_people(&mut nobody, &known));
        self.unknown_accounts(&mut nobody, &known);
        self.clear_bind(&config, &known);
        self.done(nobody);

        let mut session = open().map_err(Refusal::message)?;
        if let Some((dn, password)) = &secret {
            match session.bind(dn, password).map_err(Refusal::message)? {
                0 => {}
                code => return Err(Message::new("problem.ldap.bind").with("code", code)),
            }
            if root.document["rootReadable"] == json!(false) {
                root = root_dse(&mut session, tls).map_err(Refusal::message)?;
                // It was the account that could read it.
                anonymous = root.document.clone();
                anonymous["rootReadable"] = false.into();
            }
        }
        self.saw("root-dse", Ok(anonymous));
        let bases = bases(&root);
        if bases.is_empty() {
            return Err(Message::new("problem.ldap.no_base"));
        }
        if secret.is_some() {
            self.saw("passwords", passwords(&mut session, &bases));
        } else {
            self.unseen("passwords", Unseen::NotApplicable(Message::new("detail.ldap.no_bind")));
        }
        self.saw("subschema", subschema(&mut session, root.subschema.as_deref()));
        self.saw("timestamps", searches::timestamps(&mut session, &bases));
        self.saw("login-search", searches::logins(&mut session, &bases));
        self.saw("response-times", searches::times(&mut session, &bases));
        let mut reading = Reading::default();
        reading.all(&mut session, &bases, spec, root.paged);
        let mut document = json!({"entries": reading.entries, "complete": reading.hidden.is_none(), "referrals": reading.referrals,
            "paged": root.paged, "account": secret.is_some()});
        if let Some(why) = reading.hidden {
            document["stopped"] = why.as_str().into();
        }
        self.saw("read", Ok(document));
        self.done(session);
        Ok(Directory::new(reading, spec, bases.len(), model))
    }

    fn done(&mut self, session: Session) {
        self.sent += session.sent;
        session.close();
    }

    fn saw(&mut self, probe: &'static str, seen: Result<Value, Refusal>) {
        (self.step)();
        let seen = match seen {
            Ok(mut document) => {
                document["probe"] = probe.into();
                Ok(document)
            }
            Err(why) => {
                let reason = if why == Refusal::OutOfTime { Reason::OutOfBudget } else { Reason::Blocked };
                Err(Unseen::Undetermined { reason, detail: why.message(), blocker: None })
            }
        };
        self.sights.push(Sight { facts: FACTS, probe, seen, request: Some(self.spec.url.to_string()) });
    }

    fn unseen(&mut self, probe: &'static str, why: Unseen) {
        self.sights.push(Sight { facts: FACTS, probe, seen: Err(why), request: None });
    }

    /// What could not be asked for the reason that stopped all.
    fn rest(&mut self, why: &Message) {
        let all = observation::PROBES.iter().filter(|(facts, _)| *facts == FACTS).flat_map(|(_, probes)| *probes).copied();
        for probe in all.filter(|p| *p != TLS && !self.sights.iter().any(|s| s.probe == *p)).collect::<Vec<_>>() {
            self.unseen(probe, Unseen::Undetermined { reason: Reason::Blocked, detail: why.clone(), blocker: None });
        }
    }

    /// An account that does not exist, with a password, then without: a server that lets it in lets anybody in.
    fn unknown_accounts(&mut self, session: &mut Session, bases: &[String]) {
        let dn = nobody(bases);
        let told = |code: u32| json!({"code": code, "accepted": code == 0});
        self.saw("unknown-account", session.bind(&dn, "conforment").map(told));
        self.saw("empty-password", session.bind(&dn, "").map(told));
    }

    /// Whether a password would be listened to in clear: that of an account that does not exist is sent.
    fn clear_bind(&mut self, config: &Arc<ClientConfig>, bases: &[String]) {
        let declared = self.spec.clear_url.clone().or_else(|| (!self.spec.url.tls).then(|| self.spec.url.clone()));
        let usual = self.spec.url.usual_clear();
        let Some(url) = declared.clone().or(usual) else {
            return self.unseen("clear-bind", Unseen::NotApplicable(Message::new("detail.ldap.no_clear")));
        };
        let seen = self.clear(&url, config, bases);
        self.saw("clear-bind", seen);
    }

    fn clear(&mut self, url: &LdapUrl, config: &Arc<ClientConfig>, bases: &[String]) -> Result<Value, Refusal> {
        let mut session = match Session::open(url, false, config.clone(), self.time) {
            Ok(session) => session,
            // A port that is closed refuses everything.
            Err(Refusal::Unreachable) => return Ok(json!({"open": false, "refused": true})),
            Err(other) => return Err(other),
        };
        let code = session.bind(&nobody(bases), "conforment");
        self.sent += session.sent;
        session.close();
        // 49: the password was listened to. 8, 13: encryption is asked for first.
        code.map(|code| json!({"open": true, "code": code, "refused": matches!(code, 8 | 13)}))
    }
}

fn nobody(bases: &[String]) -> String {
    bases.first().map_or_else(|| NOBODY.to_owned(), |base| format!("{NOBODY},{base}"))
}

fn root_dse(session: &mut Session, tls: bool) -> Result<RootDse, Refusal> {
    let attributes = &["namingContexts", "supportedLDAPVersion", "supportedExtension", "supportedControl", "subschemaSubentry"];
    let filter = Filter::Present("objectClass");
    let search = Search { base: "", scope: Scope::Base, filter, attributes, most: 0, names_only: false };
    let mut found = None;
    session.search(&search, None, &mut |entry| {
        found = Some(entry);
        true
    })?;
    Ok(RootDse::of(found.as_ref(), tls))
}

/// What somebody who has no account sees of people: how many kinds, and the names of sensitive attributes. No value is asked for.
fn anonymous_people(session: &mut Session, bases: &[String]) -> Result<Value, Refusal> {
    let mut document = json!({"people": false, "pupils": false, "attributes": []});
    let mut seen: Vec<&str> = Vec::new();
    let (mut code, mut asked) = (0, 0);
    for base in bases {
        for (member, filter) in [("pupils", PUPILS), ("people", PEOPLE)] {
            let search = Search { base, scope: Scope::Subtree, filter, attributes: SENSITIVE, most: 5, names_only: true };
            let mut any = false;
            let end = session.search(&search, None, &mut |entry| {
                any = true;
                let has = |name: &&str| entry.attributes.iter().any(|(n, _)| n.eq_ignore_ascii_case(name.as_bytes()));
                let new: Vec<&str> = SENSITIVE.iter().copied().filter(has).filter(|name| !seen.contains(name)).collect();
                seen.extend(new);
                true
            })?;
            asked += 1;
            if any {
                document[member] = true.into();
                document["people"] = true.into();
            }
            code = code.max(if matches!(end.code, 4 | 11) { 0 } else { end.code });
        }
    }
    document["code"] = code.into();
    document["searches"] = asked.into();
    document["attributes"] = seen.into();
    Ok(document)
}

/// Whether the account that reads can read passwords; their names only are asked for.
fn passwords(session: &mut Session, bases: &[String]) -> Result<Value, Refusal> {
    let mut readable = false;
    for base in bases {
        let search = Search { base, scope: Scope::Subtree, filter: PEOPLE, attributes: &["userPassword"], most: 20, names_only: true };
        session.search(&search, None, &mut |entry| {
            readable |= entry.attributes.iter().any(|(n, _)| n.to_ascii_lowercase().starts_with(b"userpassword"));
            true
        })?;
    }
    Ok(json!({"passwordsReadable": readable}))
}

fn subschema(session: &mut Session, dn: Option<&str>) -> Result<Value, Refusal> {
    let Some(dn) = dn else { return Ok(json!({"schemaReadable": false})) };
    let attributes = &["objectClasses", "attributeTypes"];
    let filter = Filter::Equal("objectClass", "subschema");
    let search = Search { base: dn, scope: Scope::Base, filter, attributes, most: 0, names_only: false };
    let (mut classes, mut types) = (Vec::new(), 0);
    session.search(&search, None, &mut |entry| {
        classes.extend(entry.texts("objectClasses"));
        types += entry.texts("attributeTypes").len();
        true
    })?;
    let ent = classes.iter().filter(|c| c.contains("'ENT")).count();
    Ok(json!({"schemaReadable": !classes.is_empty() && types > 0, "classes": classes.len(), "attributes": types, "entClasses": ent}))
}

/// What an audit of a server would ask, before it is asked.
#[must_use]
pub fn planned(spec: &LdapSpec) -> Vec<Planned> {
    let one = |probe: &str, class, requests: &[String], missing| Planned {
        probe: probe.to_owned(),
        class,
        requests: requests.to_vec(),
        note: None,
        missing,
        count: requests.len(),
    };
    let bases: Vec<&str> = if spec.bases.is_empty() { vec!["namingContexts"] } else { spec.bases.iter().map(String::as_str).collect() };
    let each = |what: &str| -> Vec<String> { bases.iter().map(|base| format!("SEARCH {base} {what}")).collect() };
    let bind = |what: &str| vec![format!("BIND {NOBODY} {what}")];
    let reader = if spec.bind.is_some() { "AUTH" } else { "GET" };
    let clear = spec.clear_url.clone().or_else(|| (!spec.url.tls).then(|| spec.url.clone())).or_else(|| spec.url.usual_clear());
    let in_clear: Vec<String> = clear.iter().map(|url| format!("BIND {NOBODY} ({url})")).collect();
    vec![
        one("root-dse", "GET", &["SEARCH (root DSE)".to_owned()], None),
        one("anonymous-people", "GET", &each("(objectClass=ENTEleve) · (objectClass=ENTPerson) [5]"), None),
        one("unknown-account", "NEG", &bind("***"), None),
        one("empty-password", "NEG", &bind("\"\""), None),
        one("clear-bind", "NEG", &in_clear, clear.is_none().then_some("detail.ldap.no_clear")),
        one("passwords", "AUTH", &each("userPassword [20]"), spec.bind.is_none().then_some("detail.ldap.no_bind")),
        one("subschema", reader, &["SEARCH (subschema)".to_owned()], None),
        one("timestamps", reader, &each("(modifyTimestamp>=…) [3]"), None),
        one("login-search", reader, &each("(ENTPersonLogin=…) [3]"), None),
        one("response-times", reader, &each("(uid=…) · (ENTPersonLogin=…) · (ENTStructureUAI=…) · (objectClass=…)"), None),
        one("read", reader, &each("(objectClass=*)"), None),
        one("tls", "TLS", &[format!("TLS {}:{}", spec.url.host(), spec.url.port())], (!spec.url.tls).then_some("detail.ldap.starttls")),
    ]
}

/// The TLS of the port, as `tls.host` tells it; of StartTLS, only that it was agreed on is known.
#[must_use]
pub fn tls_sight(url: &LdapUrl, seen: Result<Value, Unseen>) -> Sight {
    let seen = seen.map(|mut document| {
        document["probe"] = TLS.into();
        document
    });
    Sight { facts: FACTS, probe: TLS, seen, request: Some(format!("TLS {}:{}", url.host(), url.port())) }
}
