//! The audit of a real CAS server, django-cas-server: as a careful deployment has it, as it comes, and broken in one way at a time.
//!
//! What is shown: a conforming server is accused of nothing it has not done, each fault is found and nothing else with it, and neither
//! the transcript nor the report holds anything of the account.
#![allow(clippy::unwrap_used)]

#[path = "live_cas/server.rs"]
mod server;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use conforment::demo::ports::Reserved;
use server::{ACCOUNT, PASSWORD, Server, USER, VALUES, audit};

/// What django-cas-server does not do, however it is deployed. None is mandatory.
const KNOWN: &[(&str, &str)] = &[
    ("CAS-014-JSON", "has /p3/serviceValidate but answers in XML whatever `format` says"),
    ("CAS-018-ELEMENT", "refuses on /proxy with authenticationFailure"),
    ("CAS-036-SERVICE-INCONNU", "shows the login form beside the message that the service is not allowed"),
    ("CAS-039-RENEW", "looks at `gateway` before `renew`"),
    ("CAS-049-MAJUSCULES", "compares the address with a pattern, capitals included"),
    ("CAS-049-PORT", "compares the address with a pattern, which has no port"),
    ("CAS-105-TRENTE-DEUX", "gives tickets of 64 characters"),
    ("CAS-108-VOISINS", "repeats each attribute beside `attributes`"),
    ("CAS-131-POST", "does not know `method`"),
    ("CAS-134-FIXATION", "keeps the identifier of the session at login"),
    ("WEB-016-SAISIE-AUTO", "its password field has no autocomplete"),
];

/// What does not exist there, or is not what is judged.
const NOT_APPLICABLE: &[(&str, &str)] = &[
    ("CAS-014-REFUS", "no JSON"),
    ("CAS-058-MEMOIRE", "no box to be remembered"),
    ("CAS-123-ATTRIBUTS", "no JSON"),
    ("CAS-123-USAGER", "no JSON"),
    ("CAS-129-EN-CLAIR", "no ticket for a service in http"),
    ("TLS-005-DHE", "no suite with finite fields"),
    ("TLS-008-RSA", "the key is on an elliptic curve"),
    ("TLS-008-RSA-3072", "the key is on an elliptic curve"),
    ("TLS-010-HOTES", "one host"),
    ("WEB-019-AILLEURS", "about pages that are declared apart"),
    ("WEB-019-EN-CLAIR", "about pages that are declared apart"),
];

/// Why something may remain unknown after the audit of a conforming server: it was not asked for, or the target does not allow it.
const NOT_ASKED: &[&str] =
    &["detail.no_listener", "detail.not_asked.intrusive", "detail.not_asked.slow", "detail.manual", "detail.no_source"];

fn names(list: &[(&'static str, &str)]) -> Vec<&'static str> {
    let mut names: Vec<&str> = list.iter().map(|(id, _)| *id).collect();
    names.sort_unstable();
    names
}

#[test]
fn a_conforming_server_is_accused_of_nothing_it_has_not_done() {
    let Some(server) = Server::start(&[]) else { return };
    let target = server.target(ACCOUNT);
    let transcript = server.dir.path().join("transcript.json");
    let seen = audit(&target, true, &["--transcript", transcript.to_str().unwrap()]);
    assert!(seen.failed("obligatoire").is_empty(), "{:?}", seen.failed("obligatoire"));
    assert_eq!(seen.of("fail").into_keys().collect::<Vec<_>>(), names(KNOWN));
    assert_eq!(seen.of("not_applicable").into_keys().collect::<Vec<_>>(), names(NOT_APPLICABLE));
    let unknown: BTreeMap<&str, &str> = seen.of("undetermined").into_iter().filter(|(_, why)| !NOT_ASKED.contains(why)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    assert!(seen.of("pass").len() > 180, "{}", seen.of("pass").len());
    assert_ne!(seen.code, 1, "not non-conforming");

    let written = fs::read_to_string(&transcript).unwrap();
    nothing_secret(&server, &[&written, &seen.report, &seen.out]);

    if std::env::var_os("CONFORMENT_RECORD").is_some() {
        record(&server, &written);
    }
    // With the server gone, and without the password, the transcript says the same.
    let dir = server.stop();
    let again = audit(&dir.path().join("ent.yaml"), false, &["--replay", dir.path().join("transcript.json").to_str().unwrap()]);
    assert_eq!(seen.verdicts(), again.verdicts());
    assert_eq!(seen.code, again.code);
}

/// Neither the password, nor a ticket as the server gave it, nor a cookie, nor a value of the account.
fn nothing_secret(server: &Server, texts: &[&str]) {
    let tickets = server.log("tickets");
    assert!(tickets.lines().count() > 10, "the server tells the tickets it gives");
    let escaped: String = url::form_urlencoded::byte_serialize(PASSWORD.as_bytes()).collect();
    let secrets = tickets.lines().chain(VALUES).chain([USER, PASSWORD, &escaped]);
    for secret in secrets {
        for text in texts {
            assert!(!text.contains(secret), "{secret} is written: {}", around(text, secret));
        }
    }
}

fn around<'t>(text: &'t str, secret: &str) -> &'t str {
    let line = text.lines().find(|l| l.contains(secret)).unwrap_or_default();
    line.get(..300).unwrap_or(line)
}

const CAPTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/captures");

/// Writes the fixture: the transcript, its target file and the certificate of its authority.
fn record(server: &Server, transcript: &str) {
    let dir = Path::new(CAPTURE);
    fs::write(dir.join("cas-django.json"), transcript).unwrap();
    fs::copy(server.said("ca"), dir.join("cas-django.crt")).unwrap();
    let target = server::target(server.said("https"), server.said("http"), "cas-django.crt", ACCOUNT);
    fs::write(dir.join("cas-django.yaml"), target).unwrap();
}

#[test]
fn the_recorded_server_is_judged_alike_without_any_server() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["cas-django.json", "cas-django.crt", "cas-django.yaml"] {
        fs::copy(Path::new(CAPTURE).join(name), dir.path().join(name)).unwrap();
    }
    let transcript = dir.path().join("cas-django.json");
    let seen = audit(&dir.path().join("cas-django.yaml"), false, &["--replay", transcript.to_str().unwrap()]);
    assert!(seen.failed("obligatoire").is_empty(), "{:?}", seen.failed("obligatoire"));
    assert_eq!(seen.of("fail").into_keys().collect::<Vec<_>>(), names(KNOWN));
    assert!(seen.of("pass").len() > 180, "{}", seen.of("pass").len());
    let text = fs::read_to_string(transcript).unwrap();
    for secret in VALUES.iter().chain([&USER, &PASSWORD]) {
        assert!(!text.contains(secret), "{secret} is written: {}", around(&text, secret));
    }
}

#[test]
fn without_an_account_nobody_signs_in_and_nobody_is_accused() {
    let Some(server) = Server::start(&[]) else { return };
    let seen = audit(&server.target(""), false, &[]);
    assert!(seen.failed("obligatoire").is_empty(), "{:?}", seen.failed("obligatoire"));
    let extra: Vec<&str> = seen.of("fail").into_keys().filter(|id| !names(KNOWN).contains(id)).collect();
    assert!(extra.is_empty(), "{extra:?}");
    let unknown = seen.of("undetermined");
    for id in ["CAS-100-TICKET", "CAS-109-REJEU", "CAS-111-INVALIDE", "CAS-138-SESSION"] {
        assert_eq!(unknown.get(id), Some(&"detail.no_account"), "{id}");
    }
    assert_eq!(server.log("tickets"), "");
    let posts: Vec<String> = server.requests().into_iter().filter(|r| r.contains("\"POST /cas/login")).collect();
    assert_eq!(posts.len(), 1, "the empty form alone: {posts:?}");
}

#[test]
fn what_is_intrusive_is_asked_when_wanted_and_stands() {
    let Some(server) = Server::start(&[]) else { return };
    let transcript = server.dir.path().join("transcript.json");
    let ports = [(); 3].map(|()| Reserved::draw().unwrap());
    let more = format!("{ACCOUNT}{}{}", listener(&ports[0]), proxy(&server, &ports[1], &ports[2]));
    let seen = audit(&server.target(&more), true, &["--intrusive", "--transcript", transcript.to_str().unwrap()]);
    for id in ["CAS-135-REFUS", "CAS-135-MESSAGE", "CAS-135-ERREUR", "CAS-136-ORACLE", "CAS-137-JETON", "CAS-150-RAPPEL-EN-CLAIR"] {
        assert_eq!(seen.verdict(id), "pass", "{id}");
    }
    // Its list of proxies is that of the chain, its tickets have the forms of the protocol: nothing of proxying is refused to it.
    for id in seen.verdicts().into_keys().filter(|id| ("CAS-151".."CAS-161").contains(id)) {
        // It fails with a status of 500 on a proxy ticket given to /validate: that says neither yes nor no.
        let expected = if id == "CAS-157-VALIDATE" { "undetermined" } else { "pass" };
        assert_eq!(seen.verdict(id), expected, "{id} {:?}", seen.of(seen.verdict(id)).get(id));
    }
    assert_eq!(seen.of("fail").into_keys().collect::<Vec<_>>(), names(KNOWN));
    nothing_secret(&server, &[&fs::read_to_string(&transcript).unwrap(), &seen.report, &seen.out]);
}

/// A service that proxies, with a certificate of the authority of the tests.
fn proxy(server: &Server, own: &Reserved, other: &Reserved) -> String {
    let pki = Path::new(server.said("ca")).parent().unwrap().display();
    let (own, other) = (own.address(), other.address());
    format!(
        "    proxy:\n      bind: \"{own}\"\n      url: https://{own}/mandataire\n      certificate: {pki}/server.crt\n      key: {pki}/server.key\n      \
         unregistered: {{bind: \"{other}\", url: \"https://{other}/autre\"}}\n"
    )
}

/// A variant, the mandatory requirements it fails, and the others that it fails beyond those of [`KNOWN`].
type Broken = (&'static str, &'static [&'static str], &'static [&'static str]);

const BROKEN: &[Broken] = &[
    ("replayable-tickets", &["CAS-109-REJEU", "CAS-111-INVALIDE", "CAS-130-REJEU"], &[]),
    ("surviving-tickets", &["CAS-111-INVALIDE"], &[]),
    ("unbound-tickets", &["CAS-110-AUTRE-SERVICE"], &["CAS-112-CASSE"]),
    ("other-namespace", &["CAS-010-ESPACE"], &[]),
    (
        // Its logout knows the same list, and a service in clear gets attributes.
        "open-services",
        &["CAS-041-INCONNU", "CAS-054-SERVICE-INCONNU", "CAS-129-EN-CLAIR"],
        &[
            "CAS-042-SUFFIXE",
            "CAS-043-IDENTITE",
            "CAS-044-FRAGMENT",
            "CAS-044-REQUETE",
            "CAS-045-CLAIR",
            "CAS-046-DOUBLE-BARRE",
            "CAS-049-CHEMIN",
        ],
    ),
    ("prefix-services", &[], &["CAS-042-SUFFIXE", "CAS-043-IDENTITE", "CAS-049-CHEMIN"]),
    ("insecure-cookies", &[], &["CAS-132-HTTPONLY", "CAS-132-SECURE", "WEB-009-SECURE", "WEB-010-HTTPONLY", "WEB-011-SAMESITE"]),
    ("logout-redirect", &["CAS-054-SERVICE-INCONNU", "CAS-055-URL"], &[]),
    ("exposed-login", &[], &["WEB-004-CADRE", "WEB-008-CACHE", "WEB-022-CACHE"]),
    ("clear-too", &[], &["CAS-029-CLAIR", "WEB-001-HTTPS", "WEB-002-FORMULAIRE", "WEB-002-SESSION"]),
    ("expired-certificate", &["TLS-006-CHAINE"], &[]),
    ("wrong-host", &["TLS-006-CHAINE"], &[]),
    (
        // django-cas-server as it comes: it follows whatever address its logout is given.
        "bare",
        &["CAS-054-SERVICE-INCONNU", "CAS-055-URL"],
        &[
            "CAS-029-CLAIR",
            "CAS-132-CHEMIN",
            "CAS-132-SECURE",
            "CAS-139-COOKIE",
            "WEB-001-HTTPS",
            "WEB-002-FORMULAIRE",
            "WEB-002-SESSION",
            "WEB-003-HSTS",
            "WEB-008-CACHE",
            "WEB-009-SECURE",
            "WEB-014-DUREE",
            "WEB-015-SCRIPTS-TIERS",
        ],
    ),
];

#[test]
fn each_fault_is_found_and_nothing_else_with_it() {
    let mut wrong = Vec::new();
    for (variant, mandatory, recommended) in BROKEN {
        let Some(server) = Server::start(&[variant]) else { return };
        let seen = audit(&server.target(ACCOUNT), true, &[]);
        let mut others = seen.failed("recommande");
        others.retain(|id| !names(KNOWN).contains(id));
        if seen.failed("obligatoire") != *mandatory || others != *recommended {
            wrong.push(format!("{variant}: mandatory {:?}, others {others:?}", seen.failed("obligatoire")));
        }
        let must = if mandatory.is_empty() { seen.code != 1 } else { seen.code == 1 };
        assert!(must, "{variant}: exit code {}", seen.code);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_server_that_is_not_trusted_gets_no_password() {
    let Some(server) = Server::start(&["expired-certificate"]) else { return };
    let seen = audit(&server.target(ACCOUNT), true, &[]);
    assert_eq!(seen.verdict("CAS-100-TICKET"), "undetermined");
    let posts: Vec<String> = server.requests().into_iter().filter(|r| r.contains("\"POST ")).collect();
    assert!(posts.is_empty(), "{posts:?}");
}

#[test]
fn a_plan_tells_all_and_sends_nothing() {
    let Some(server) = Server::start(&[]) else { return };
    let ran = Command::new(env!("CARGO_BIN_EXE_conforment"))
        .args(["plan", "--lang", "en", "--intrusive"])
        .arg(server.target(ACCOUNT))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let plan = String::from_utf8(ran.stdout).unwrap();
    assert!(ran.status.success(), "{plan}");
    for class in ["GET", "NEG", "AUTH", "INT", "TLS"] {
        assert!(plan.lines().any(|l| l.starts_with(&format!("  {class} — "))), "{class}: {plan}");
    }
    for probe in ["unknown-ticket", "gateway-suffix", "logout-url", "ticket-login", "wrong-password", "handshake"] {
        assert!(plan.contains(probe), "{probe}: {plan}");
    }
    assert!(plan.contains(server.said("https")) && plan.contains(server.said("http")));
    assert_eq!(server.requests(), Vec::<String>::new());
}

/// A service that the tool plays, which the server knows.
fn listener(port: &Reserved) -> String {
    let at = port.address();
    format!("    listener: {{bind: \"{at}\", url: \"http://{at}/\"}}\n")
}

#[test]
fn logout_is_announced_to_the_service_that_the_tool_plays() {
    let Some(server) = Server::start(&[]) else { return };
    let port = Reserved::draw().unwrap();
    let seen = audit(&server.target(&format!("{ACCOUNT}{}", listener(&port))), true, &[]);
    for id in ["CAS-141-NOTIFICATION", "CAS-141-FORME", "CAS-142-DOCUMENT", "CAS-142-TICKET", "CAS-144-TOUS"] {
        assert_eq!(seen.verdict(id), "pass", "{id}");
    }
    assert!(seen.failed("obligatoire").is_empty(), "{:?}", seen.failed("obligatoire"));
}

#[test]
fn nothing_is_left_behind() {
    let Some(server) = Server::start(&[]) else { return };
    let pid = server.said("pid").to_owned();
    let ports: Vec<String> = ["https", "http"].map(|n| server.said(n).to_owned()).into_iter().collect();
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(move || {
        let _held = server;
        std::panic::resume_unwind(Box::new("a test that fails"));
    }));
    assert!(panicked.is_err());
    assert!(!Path::new("/proc").join(pid).exists());
    for url in ports {
        let port = url::Url::parse(&url).unwrap().port().unwrap();
        assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err(), "{url}");
    }
}
