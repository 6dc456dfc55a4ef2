//! What a directory server lets be done, asked with safe questions only: no account that exists is ever tried with a wrong password,
//! and the only values of people that cross the network are those the server itself gives to the account that reads.
//!
//! Gives facts `annuaire.server` and what was read; must never judge.

use std::sync::Arc;
use std::time::Instant;

use rustls::ClientConfig;
use serde_json::{Value, json};

use super::dn;
use super::live::Directory;
use super::message::{Entry, Filter, PAGED, START_TLS, Scope, Search};
use super::model::Model;
pub use super::planned::planned;
use super::reading::Reading;
use super::searches;
use super::session::{Refusal, Session, Time, config};

use crate::outcome::{Message, Reason};
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
pub(super) const NOBODY: &str = "cn=conforment-compte-inconnu";
/// Branches in which servers keep what is about themselves: they are announced like the others, and are no directory.
const OWN: &[&str] =
    &["cn=accesslog", "cn=auditlog", "cn=config", "cn=monitor", "cn=schema", "cn=changelog", "cn=deltalog", "o=netscaperoot"];
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
        let of_server = |context: &str| dn::normalised(context).is_some_and(|name| OWN.contains(&&*name));
        let contexts: Vec<String> = entry.texts("namingContexts").into_iter().filter(|c| !c.is_empty() && !of_server(c)).collect();
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

/// What came of a server.
#[derive(Debug)]
pub struct Met {
    /// What it lets be done.
    pub observed: Observed,
    /// Its directory, or why it was not read.
    pub read: Result<Directory, Message>,
    /// The version of TLS that the reading was made with, by its name in facts.
    pub tls: Option<&'static str>,
}

/// Observes a server, then reads its directory; `authority` is the PEM of `ca`.
pub fn observe(spec: &LdapSpec, authority: Option<&[u8]>, model: Arc<Model>, step: &dyn Fn()) -> Met {
    let time = Time { each: spec.timeout(), end: Instant::now() + spec.total() };
    let mut asked = Asked { spec, time, sights: Vec::new(), sent: 0, tls: None, step };
    let read = asked.all(authority, model);
    if let Err(why) = &read {
        asked.rest(why);
    }
    let shown = vec![("source.url".to_owned(), spec.url.to_string())];
    let Asked { sights, sent, tls, .. } = asked;
    let observed = Observed { label: spec.shown(), kind: "ldap", prefixes: PREFIXES, sights, shown, requests: sent, ..Observed::default() };
    Met { observed, read, tls }
}

struct Asked<'a> {
    spec: &'a LdapSpec,
    time: Time,
    sights: Vec<Sight>,
    sent: u32,
    tls: Option<&'static str>,
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

        let tls = spec.url.tls || spec.starttls;
        let bases = |root: &RootDse| if spec.bases.is_empty() { root.contexts.clone() } else { spec.bases.clone() };
        let mut nobody = open();
        let first = nobody.as_mut().map_err(|why| *why).and_then(|session| root_dse(session, tls));
        let (mut root, mut document) = match first {
            Ok(root) => (Some(root), None),
            // A server may hang up on whoever has no account, and answer those who have one.
            Err(Refusal::Lost | Refusal::Timeout | Refusal::Protocol) if secret.is_some() => (None, None),
            Err(why) => return Err(why.message()),
        };
        if let Some(root) = &root {
            document = Some(root.document.clone());
        }
        let known = root.as_ref().map(bases).unwrap_or_default();
        self.unknown_accounts(nobody.as_mut().map_err(|why| *why), &known);
        self.clear_bind(&config, &known);

        let mut session = open().map_err(Refusal::message)?;
        self.tls = session.version();
        if let Some((dn, password)) = &secret {
            match session.bind(dn, password).map_err(Refusal::message)? {
                0 => {}
                code => return Err(Message::new("problem.ldap.bind").with("code", code)),
            }
            if root.as_ref().is_none_or(|root| root.document["rootReadable"] == json!(false)) {
                // It is the account that can read it.
                let seen = root_dse(&mut session, tls).map_err(Refusal::message)?;
                let mut told = seen.document.clone();
                match root.is_some() {
                    true => told["rootReadable"] = false.into(),
                    // Nobody knows whether it was refused or the connection cut.
                    false => _ = told.as_object_mut().and_then(|told| told.remove("rootReadable")),
                }
                (root, document) = (Some(seen), Some(told));
            }
        }
        let root = root.unwrap_or_default();
        self.saw("root-dse", Ok(document.unwrap_or_default()));
        let bases = bases(&root);
        if bases.is_empty() {
            return Err(Message::new("problem.ldap.no_base"));
        }
        let anonymous = nobody.as_mut().map_err(|why| *why).and_then(|nobody| Anonymous::ask(nobody, &bases));
        if let Ok(nobody) = nobody {
            self.done(nobody);
        }
        self.saw("subschema", subschema(&mut session, root.subschema.as_deref()));
        self.saw("timestamps", searches::timestamps(&mut session, &bases));
        self.saw("login-search", searches::logins(&mut session, &bases));
        self.saw("response-times", searches::times(&mut session, &bases));
        let mut reading = Reading::of(secret.as_ref().map(|(dn, _)| dn.as_str()));
        reading.all(&mut session, &bases, spec, root.paged);
        self.done(session);
        self.saw("anonymous-people", anonymous.map(|asked| asked.told(&reading)));
        self.read(&reading, secret.is_some());
        Ok(Directory::new(reading, spec, model))
    }

    /// What the reading itself tells of the server.
    fn read(&mut self, reading: &Reading, account: bool) {
        let complete = reading.hidden.is_none();
        if account {
            let seen = json!({"passwordsReadable": reading.passwords, "people": reading.people, "complete": complete});
            self.saw("passwords", Ok(seen));
        } else {
            self.unseen("passwords", Unseen::NotApplicable(Message::new("detail.ldap.no_bind")));
        }
        let mut document = json!({"entries": reading.entries, "repeated": reading.repeated, "complete": complete,
            "referrals": reading.referrals, "paged": reading.page.is_some(), "account": account});
        if let Some(page) = reading.page {
            document["page"] = page.into();
        }
        if let Some(why) = reading.hidden {
            document["stopped"] = why.as_str().into();
        }
        self.saw("read", Ok(document));
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
    fn unknown_accounts(&mut self, session: Result<&mut Session, Refusal>, bases: &[String]) {
        let dn = nobody(bases);
        let told = |code: u32| json!({"code": code, "accepted": code == 0});
        let (with, without) = match session {
            Ok(session) => (session.bind(&dn, "conforment"), session.bind(&dn, "")),
            Err(why) => (Err(why), Err(why)),
        };
        self.saw("unknown-account", with.map(told));
        self.saw("empty-password", without.map(told));
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
            // A port that is closed refuses everything; one that no way leads to from here says nothing.
            Err(Refusal::Closed) => return Ok(json!({"open": false, "refused": true})),
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

/// What somebody who has no account sees of people.
#[derive(Debug, Default)]
struct Anonymous {
    people: bool,
    pupils: bool,
    /// Names of sensitive attributes.
    attributes: Vec<&'static str>,
    searches: u32,
    /// Branches, and the greatest code that came back of each.
    codes: Vec<(String, u32)>,
}

impl Anonymous {
    /// Asks for five entries at most, and for names of attributes: no value is asked for.
    fn ask(session: &mut Session, bases: &[String]) -> Result<Self, Refusal> {
        let mut asked = Self::default();
        for base in bases {
            let mut code = 0;
            for (is_pupils, filter) in [(true, PUPILS), (false, PEOPLE)] {
                let search = Search { base, scope: Scope::Subtree, filter, attributes: SENSITIVE, most: 5, names_only: true };
                let mut any = false;
                let end = session.search(&search, None, &mut |entry| {
                    any = true;
                    let has = |name: &&str| entry.attributes.iter().any(|(n, _)| n.eq_ignore_ascii_case(name.as_bytes()));
                    let new: Vec<&str> = SENSITIVE.iter().copied().filter(has).filter(|name| !asked.attributes.contains(name)).collect();
                    asked.attributes.extend(new);
                    true
                });
                asked.searches += 1;
                asked.people |= any;
                asked.pupils |= any && is_pupils;
                match end {
                    Ok(end) => code = code.max(end.code),
                    // What was seen was seen.
                    Err(_) if asked.people => return Ok(asked),
                    Err(why) => return Err(why),
                }
            }
            asked.codes.push((base.clone(), code));
        }
        Ok(asked)
    }

    /// As a document: an answer proves something where the account that reads has seen what there is.
    fn told(self, reading: &Reading) -> Value {
        // A branch that was not read apart stands in one that was.
        let apart = |(base, code): &(String, u32)| {
            let branch = reading.branches.iter().find(|branch| branch.base == *base)?;
            Some(json!({"code": code, "entries": branch.entries, "people": branch.people > 0}))
        };
        let places: Vec<Value> = self.codes.iter().filter_map(apart).collect();
        let code = self.codes.iter().map(|(_, code)| *code).max().unwrap_or(0);
        json!({"people": self.people, "pupils": self.pupils, "attributes": self.attributes, "code": code, "searches": self.searches,
            "places": places})
    }
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

/// The TLS of the port, as `tls.host` tells it; of StartTLS, only that it was agreed on is known.
#[must_use]
pub fn tls_sight(url: &LdapUrl, seen: Result<Value, Unseen>) -> Sight {
    let seen = seen.map(|mut document| {
        document["probe"] = TLS.into();
        document
    });
    Sight { facts: FACTS, probe: TLS, seen, request: Some(format!("TLS {}:{}", url.host(), url.port())) }
}
