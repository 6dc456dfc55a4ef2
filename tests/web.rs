//! The few requests that tell the hygiene of a web page, sent to a server of our own on loopback.
#![cfg(feature = "live")]
#![allow(clippy::unwrap_used)]

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};

use conforment::demo::ports::Reserved;
use conforment::outcome::Reason;
use conforment::source::observation::{Sight, Unseen, gives};
use conforment::source::probe::redact::Redactor;
use conforment::source::probe::wire::Wire;
use conforment::source::probe::{Allowed, Door, Limits, Unanswered};
use conforment::source::web::{self, Context};
use serde_json::{Value, json};
use url::Url;

/// A server that answers a path with what is given, and says what it was asked.
fn serve(pages: &'static [(&'static str, &'static str)]) -> (Url, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = Url::parse(&format!("http://127.0.0.1:{}/ent", listener.local_addr().unwrap().port())).unwrap();
    let (say, asked) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut reader = BufReader::new(stream);
            let (mut line, mut head) = (String::new(), String::new());
            reader.read_line(&mut line).unwrap();
            while head.is_empty() || !head.ends_with("\r\n\r\n") {
                if reader.read_line(&mut head).unwrap_or(0) == 0 {
                    break;
                }
            }
            let request = line.trim_end().trim_end_matches(" HTTP/1.1").to_owned();
            let found = pages.iter().find(|(path, _)| *path == request).map_or("HTTP/1.1 404 Not Found\r\n\r\n", |(_, answer)| *answer);
            let _ = say.send(request);
            let (head, body) = found.split_once("\r\n\r\n").unwrap();
            let answer = format!("{head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len());
            let _ = reader.get_mut().write_all(answer.as_bytes());
        }
    });
    (url, asked)
}

fn door(url: &Url) -> Door {
    let limits = Limits { spacing: std::time::Duration::ZERO, ..Limits::default() };
    let wire = Wire::new(None, "conforment-test", &limits).unwrap();
    Door::live(vec![Allowed::of(url).unwrap()], limits, wire, Redactor::new([0; 32]))
}

fn seen<'s>(sights: &'s [Sight], probe: &str) -> &'s Value {
    sights.iter().find(|s| s.probe == probe).unwrap().seen.as_ref().unwrap()
}

const NOW: Context = Context { now: 1_790_000_000 };

#[test]
fn an_address_is_observed_with_few_requests() {
    const LOGIN: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX-Frame-Options: DENY\r\nServer: essai/1.2.3\r\n\r\n\
        <form action='/entrer' method=post><input name=u><input type=password name=p></form>";
    let (url, asked) = serve(&[
        ("GET /ent", "HTTP/1.1 302 Found\r\nLocation: /login\r\nSet-Cookie: JSESSIONID=secret; Path=/\r\n\r\n"),
        ("GET /login", LOGIN),
        ("GET /.well-known/security.txt", "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nContact: mailto:a@ent.example\n"),
    ]);
    let mut door = door(&url);
    let sights = web::observe(&mut door, &url, None, &NOW);
    for sight in &sights {
        assert!(gives(sight.facts, sight.probe), "{} {}", sight.facts, sight.probe);
        assert!(sight.request.as_deref().is_some_and(|r| r.contains("127.0.0.1")), "{sight:?}");
    }
    let page = seen(&sights, "page");
    assert_eq!((&page["frames"], &page["versions"], &page["secure"]), (&json!("none"), &json!(["server"]), &json!(false)));
    assert_eq!(page["cookies"]["notSecure"], json!(["JSESSIONID"]), "set on the way");
    assert_eq!(page["marks"]["passwordForms"], json!({"count": 1, "inClear": 1, "elsewhere": 0}));
    let clear = seen(&sights, "clear");
    assert_eq!((&clear["upgraded"], &clear["credentialsForm"], &clear["refused"]), (&json!(false), &json!(true), &json!(false)));
    assert_eq!(clear["sessionCookies"], json!(["JSESSIONID"]));
    assert_eq!(seen(&sights, "security-txt")["published"], json!(true));
    assert_eq!((&seen(&sights, "trace")["traceEchoed"], &seen(&sights, "cors")["origin"]), (&json!(false), &json!("none")));
    assert!(!format!("{sights:?}").contains("secret"));
    let asked: Vec<String> = asked.try_iter().collect();
    let expected =
        ["GET /ent", "GET /login", "GET /ent", "GET /login", "GET /.well-known/security.txt", "TRACE /ent", "GET /ent"].map(str::to_owned);
    assert_eq!((asked.as_slice(), door.sent()), (expected.as_slice(), 7));
}

#[test]
fn a_redirection_elsewhere_is_told_and_not_followed() {
    let (url, asked) = serve(&[("GET /ent", "HTTP/1.1 301 Moved\r\nLocation: https://ailleurs.example/\r\n\r\n")]);
    let sights = web::observe(&mut door(&url), &url, None, &NOW);
    assert_eq!(seen(&sights, "page")["status"], json!(301));
    let clear = seen(&sights, "clear");
    assert_eq!((&clear["upgraded"], &clear["sameHostFirst"], &clear["permanent"]), (&json!(true), &json!(false), &json!(true)));
    assert_eq!(asked.try_iter().filter(|r| r == "GET /ent").count(), 3);
}

#[test]
fn a_server_that_redirects_for_ever_is_left() {
    let (url, asked) = serve(&[("GET /ent", "HTTP/1.1 302 Found\r\nLocation: /ent\r\n\r\n")]);
    let sights = web::observe(&mut door(&url), &url, None, &NOW);
    assert_eq!(seen(&sights, "page")["status"], json!(302));
    assert!(asked.try_iter().count() < 20);
}

#[test]
fn what_does_not_answer_is_told() {
    let unused = Reserved::draw().unwrap();
    let port = unused.port();
    let url = Url::parse(&format!("https://127.0.0.1:{port}/")).unwrap();
    let sights = web::observe(&mut door(&url), &url, None, &NOW);
    let Err(Unseen::Undetermined { reason, detail, blocker: None }) = &sights[0].seen else { panic!("{:?}", sights[0]) };
    assert_eq!((*reason, detail.key.as_str()), (Reason::Blocked, "detail.unanswered.unreachable"));
    assert!(matches!(&sights[1].seen, Err(Unseen::NotApplicable(m)) if m.key == "detail.no_clear"), "the port of http is not known");

    let clear = Url::parse(&format!("http://127.0.0.1:{port}/")).unwrap();
    let sight = web::observe_clear(&mut door(&clear), &url, Some(&clear), &NOW);
    assert!(matches!(&sight.seen, Err(Unseen::NotApplicable(m)) if m.key == "detail.web.clear_closed"), "nothing in clear is well");
}

#[test]
fn only_a_certificate_names_the_requirement_that_stands_in_the_way() {
    let blocker = |why| match web::unseen(why) {
        Unseen::Undetermined { blocker, .. } => blocker,
        Unseen::NotApplicable(_) => None,
    };
    assert_eq!((blocker(Unanswered::Tls), blocker(Unanswered::Timeout)), (Some("cas.untrusted"), None));
}
