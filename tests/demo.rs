//! The demonstration ENT conforms without defect, and each defect changes what is served.
#![allow(clippy::unwrap_used)]

#[path = "demo_ent/probes.rs"]
mod probes;
#[path = "demo_ent/world.rs"]
mod world;

use conforment::demo::{Defect, Ent, Error, Options};
use world::World;

#[test]
fn a_conforming_login_and_validation() {
    let w = World::new(&[]);
    let s = w.s();
    let page = w.get(&format!("/cas/login?service={}", world::enc(&s)));
    assert_eq!(page.status, 200);
    assert!(page.body.contains("type=\"password\"") && page.body.contains(&format!("name=\"service\" value=\"{s}\"")), "{}", page.body);
    let sent = w.login("prof-demo", Some(&s));
    assert_eq!(sent.status, 302);
    let cookie = sent.header("set-cookie");
    assert!(cookie.starts_with("TGC-DEMO=TGT-") && cookie.ends_with("; Path=/cas; Secure; HttpOnly; SameSite=Lax"), "{cookie}");
    let ticket = sent.ticket().unwrap();
    assert_eq!(sent.header("location"), format!("{s}?ticket={ticket}"));

    let xml = w.validate("p3/serviceValidate", &s, &ticket, "").body;
    assert!(xml.contains("<cas:serviceResponse xmlns:cas=\"http://www.yale.edu/tp/cas\"><cas:authenticationSuccess><cas:user>demo0003</cas:user><cas:attributes><cas:authenticationDate>"), "{xml}");
    for part in [
        "<cas:longTermAuthenticationRequestTokenUsed>false</cas:longTermAuthenticationRequestTokenUsed>",
        "<cas:isFromNewLogin>true</cas:isFromNewLogin>",
        "<cas:ENTPersonStructRattachUAI>0200001T</cas:ENTPersonStructRattachUAI><cas:ENTPersonStructRattachUAI>0200002U</cas:ENTPersonStructRattachUAI>",
        "<cas:ENTPersonNom>L’Exemple</cas:ENTPersonNom>",
    ] {
        assert!(xml.contains(part), "{part} in {xml}");
    }
    let cas2 = w.validate("serviceValidate", &s, &w.sso(&s), "").body;
    assert!(cas2.contains("<cas:authenticationSuccess><cas:user>demo0003</cas:user></cas:authenticationSuccess>"), "{cas2}");
    assert_eq!(w.validate("validate", &s, &w.sso(&s), "").body, "yes\n");
    assert_eq!(w.validate("validate", &s, "ST-inconnu", "").body, "no\n");
    let json: serde_json::Value = serde_json::from_str(&w.validate("p3/serviceValidate", &s, &w.sso(&s), "&format=JSON").body).unwrap();
    let found = &json["serviceResponse"]["authenticationSuccess"];
    assert_eq!((found["user"].as_str(), found["attributes"]["uid"][0].as_str()), (Some("demo0003"), Some("demo0003")));
    assert_eq!(found["attributes"]["isFromNewLogin"], false);
}

#[test]
fn the_codes_of_the_protocol() {
    let w = World::new(&[]);
    let s = w.s();
    let code = |path: &str| world::code(&w.get(path).body).to_owned();
    let es = world::enc(&s);
    assert_eq!(code("/cas/serviceValidate"), "INVALID_REQUEST");
    assert_eq!(code(&format!("/cas/serviceValidate?service={es}")), "INVALID_REQUEST");
    assert_eq!(code("/cas/serviceValidate?ticket=ST-1"), "INVALID_REQUEST");
    assert_eq!(code(&format!("/cas/serviceValidate?service={es}&ticket=ST-1")), "INVALID_TICKET");
    assert_eq!(code(&format!("/cas/proxyValidate?service={es}&ticket=PT-1")), "INVALID_TICKET");
    assert_eq!(code(&format!("/cas/serviceValidate?service={es}&ticket=PT-1")), "INVALID_TICKET_SPEC");
    assert_eq!(code(&format!("/cas/serviceValidate?service={es}&ticket=XX-1")), "INVALID_TICKET_SPEC");
    assert_eq!(code(&format!("/cas/serviceValidate?service={es}&ticket=ST-1&format=YAML")), "INVALID_REQUEST");
    assert_eq!(code(&format!("/cas/serviceValidate?service={es}&ticket=ST-1&ticket=ST-2")), "INVALID_REQUEST");
    assert_eq!(code("/cas/proxy"), "INVALID_REQUEST");
    assert_eq!(code(&format!("/cas/proxy?pgt=PGT-1&targetService={es}")), "INVALID_TICKET");
    let ticket = w.ticket(&s);
    assert_eq!(world::code(&w.validate("serviceValidate", &format!("{s}autre"), &ticket, "").body), "INVALID_SERVICE");
    assert_eq!(world::code(&w.validate("serviceValidate", &s, &ticket, "").body), "INVALID_TICKET");
}

#[test]
fn hostile_input_is_answered_well() {
    let w = World::new(&[]);
    for value in ["<&]]>\"'", &"A".repeat(4096), "é\u{0}\u{1}", "%", "a\r\nb"] {
        for path in ["serviceValidate", "p3/proxyValidate"] {
            let answer = w.validate(path, value, value, "");
            let mut reader = quick_xml::Reader::from_str(&answer.body);
            while reader.read_event().unwrap() != quick_xml::events::Event::Eof {}
            assert!(answer.status == 200 && answer.body.contains("authenticationFailure"), "{}", answer.body);
        }
        let page = w.get(&format!("/cas/login?service={}", world::enc(value)));
        assert!(page.status == 403 && !page.body.contains("<&"), "{}", page.body);
        assert!(page.headers.get("b").is_none());
    }
    for bad in ["../", "..%2f", "%2e%2e/", "\\..\\", "a/../../"] {
        let page = w.get(&format!("/cas/login?gateway=true&service={}", world::enc(&format!("{}{bad}", w.s()))));
        assert_eq!(page.status, 403, "{bad}");
    }
    let (mut long, host) = (World::raw(&w), "GET /");
    std::io::Write::write_all(&mut long, format!("{host}{}", "a".repeat(70_000)).as_bytes()).unwrap();
    let mut said = String::new();
    let _ = std::io::Read::read_to_string(&mut long, &mut said);
    assert!(said.is_empty() || said.starts_with("HTTP/1.1 413"), "{said}");
}

#[test]
fn every_answer_has_good_headers() {
    let w = World::new(&[]);
    for path in [
        "/",
        "/cas/login",
        "/cas/logout",
        "/cas/serviceValidate",
        "/service/",
        "/saml/metadata",
        "/nulle-part",
        "/.well-known/security.txt",
    ] {
        let answer = w.get(path);
        assert_eq!(answer.header("strict-transport-security"), "max-age=31536000", "{path}");
        assert_eq!((answer.header("x-content-type-options"), answer.header("x-frame-options")), ("nosniff", "DENY"), "{path}");
        assert_eq!((answer.header("cache-control"), answer.header("referrer-policy")), ("no-store", "no-referrer"), "{path}");
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(answer.header("server"), "");
        let clear = w.get(&format!("{}{path}?a=b", w.ent.http()));
        assert_eq!((clear.status, clear.header("location")), (308, format!("{}{path}?a=b", w.ent.https()).as_str()));
        assert_eq!((clear.header("strict-transport-security"), clear.header("set-cookie")), ("", ""));
    }
}

#[test]
fn the_portal_is_a_service_of_its_own() {
    let w = World::new(&[]);
    assert!(w.get("/").header("location").contains("/cas/login?service="));
    let back = w.login("eleve-demo", Some(&format!("{}/portail/", w.ent.https())));
    let entered = w.get(back.header("location"));
    assert_eq!(entered.header("location"), format!("{}/", w.ent.https()));
    assert!(w.get("/").body.contains("Bonjour Éloïse"));
    w.get("/cas/logout");
    assert_eq!(w.get("/").status, 302);
}

#[test]
fn a_textbook_service_is_refused_to_a_guardian() {
    let w = World::new(&[]);
    let refused = w.login("parent-demo", w.ent.service("kne").as_deref());
    assert!(refused.status == 403 && refused.ticket().is_none());
}

#[test]
fn metadata_are_well_formed_and_hold_the_certificate() {
    let w = World::new(&[]);
    let body = w.get("/saml/metadata").body;
    let mut reader = quick_xml::Reader::from_str(&body);
    while reader.read_event().unwrap() != quick_xml::events::Event::Eof {}
    assert!(body.contains(&format!("entityID=\"{}/saml/metadata\"", w.ent.https())) && body.contains("<ds:X509Certificate>MII"), "{body}");
}

#[test]
fn a_logout_tells_the_services() {
    let w = World::new(&[]);
    w.login("eleve-demo", Some(&w.clear.url));
    let ticket = w.sso(&w.tls.url);
    w.get("/cas/logout");
    for listener in [&w.clear, &w.tls] {
        let seen = listener.wait(1);
        assert!(seen[0].starts_with("POST ") && seen[0].contains("\r\n\r\nlogoutRequest=%3Csamlp%3ALogoutRequest"), "{seen:?}");
    }
    assert!(w.tls.wait(1)[0].contains(&ticket));
}

#[test]
fn a_proxy_ticket_from_end_to_end() {
    let w = World::new(&[]);
    let (s, callback) = (w.s(), format!("{}rappel?a=b", w.tls.url));
    let (granting, said) = w.granting(&callback);
    assert!(said.contains("<cas:proxyGrantingTicket>PGTIOU-") && !said.contains(&granting), "{said}");
    let ticket = w.proxy(&granting, &s).unwrap();
    assert!(ticket.starts_with("PT-"));
    let answer = w.validate("proxyValidate", &s, &ticket, "").body;
    assert!(answer.contains(&format!("<cas:proxies><cas:proxy>{callback}</cas:proxy></cas:proxies>")), "{answer}");
}

#[test]
fn each_defect_changes_what_is_served() {
    let next = std::sync::atomic::AtomicUsize::new(0);
    let wrong = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some(&defect) = Defect::ALL.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) {
                    for (defects, expected) in [(vec![], false), (vec![defect], true)] {
                        let seen = std::panic::catch_unwind(|| probes::shows(defect, &World::new(&defects)));
                        if !matches!(seen, Ok(seen) if seen == expected) {
                            wrong.lock().unwrap().push((defect.name(), expected, seen.is_err()));
                        }
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "(defect, expected, panicked): {wrong:#?}");
}

#[test]
fn rows_are_rows_of_the_rules() {
    let row = regex::Regex::new("^(CAS|SVC|WEB|TLS)-[0-9]{3}$").unwrap();
    assert!(Defect::ALL.iter().flat_map(|d| d.breaks()).all(|r| row.is_match(r)));
    let tolerated = Defect::ALL.iter().filter(|d| d.breaks().is_empty()).count();
    assert!(Defect::ALL.len() - tolerated > 60 && tolerated >= 5);
}

#[test]
fn it_stops_when_dropped_and_refuses_what_is_not_loopback() {
    let ent = Ent::start(Options::default()).unwrap();
    let port: u16 = ent.https().rsplit(':').next().unwrap().parse().unwrap();
    let _idle = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
    let start = std::time::Instant::now();
    drop(ent);
    assert!(start.elapsed().as_secs() < 3, "an idle client must not hold the end back");
    assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err());
    for service in ["https://ent.example/", "http://127.0.0.1:8080/sans-fin", "ftp://127.0.0.1/", "n’importe quoi"] {
        let options = Options { services: vec![service.to_owned()], ..Options::default() };
        assert!(matches!(Ent::start(options), Err(Error::Service(s)) if s == service));
    }
}
