//! What is gathered of a host before any HTTP, held against servers of our own on loopback: the library's, with certificates made
//! here, and those of `openssl s_server`, which still speaks what must not be accepted.
#![cfg(feature = "live")]
#![allow(clippy::unwrap_used)]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use conforment::demo::ports::Reserved;
use conforment::source::probe::redact::Redactor;
use conforment::source::probe::transcript::Transcript;
use conforment::source::probe::{Allowed, Door, Limits, Unanswered};
use conforment::source::tls;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, Issuer, KeyPair};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, SupportedProtocolVersion};
use serde_json::{Value, json};
use url::Url;

const TIMEOUT: Duration = Duration::from_secs(5);

/// A door that admits these hosts. What it would do with a request does not matter here: none is made.
fn door(hosts: &[String]) -> Door {
    let allowed = hosts.iter().map(|h| Allowed::parse(h).unwrap()).collect();
    Door::replay(allowed, Limits::default(), Transcript::default(), Redactor::new([0; 32]))
}

fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap()
}

struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        Self { issuer: CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap() }
    }

    fn pem(&self) -> String {
        self.issuer.pem()
    }

    fn certificate(&self, names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> Identity {
        signed(&self.issuer, names, change)
    }
}

struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

fn params(names: &[&str]) -> CertificateParams {
    let mut params = CertificateParams::new(names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>()).unwrap();
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(2090, 1, 1);
    params
}

fn signed(issuer: &Issuer<'_, KeyPair>, names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> Identity {
    let (mut params, key) = (params(names), KeyPair::generate().unwrap());
    change(&mut params);
    let certificate = params.signed_by(&key, issuer).unwrap();
    Identity { chain: vec![certificate.der().clone()], key: PrivateKeyDer::try_from(key.serialize_der()).unwrap() }
}

/// A server of the library on loopback that shakes hands with whoever comes, and notes what it is told afterwards.
fn serve(identity: Identity, versions: &'static [&'static SupportedProtocolVersion]) -> (Url, std::sync::mpsc::Receiver<usize>) {
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(identity.chain, identity.key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = Url::parse(&format!("https://127.0.0.1:{}/cas", listener.local_addr().unwrap().port())).unwrap();
    let (say, said) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let _ = say.send(shake(&config, stream));
        }
    });
    (url, said)
}

/// Bytes of application data that the client sent.
fn shake(config: &Arc<ServerConfig>, mut stream: TcpStream) -> usize {
    stream.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
    let mut connection = ServerConnection::new(config.clone()).unwrap();
    let mut told = 0;
    loop {
        match connection.complete_io(&mut stream) {
            Ok((0, 0)) | Err(_) => return told,
            Ok(_) => {
                let mut buffer = [0; 100];
                while let Ok(read @ 1..) = connection.reader().read(&mut buffer) {
                    told += read;
                }
            }
        }
    }
}

fn host(url: &Url) -> String {
    format!("{}:{}", url.host_str().unwrap(), url.port().unwrap())
}

fn facts(url: &Url, authority: Option<&str>, at: i64) -> Value {
    let capture = tls::gather(&door(&[host(url)]), url, TIMEOUT).unwrap();
    assert!(capture.handshakes <= 14, "{}", capture.handshakes);
    let kept: tls::Capture = serde_json::from_str(&serde_json::to_string(&capture).unwrap()).unwrap();
    assert_eq!(kept, capture, "a capture can be kept");
    tls::facts(&kept, authority.map(str::as_bytes), at)
}

const ONLY_13: &[&SupportedProtocolVersion] = &[&rustls::version::TLS13];
const BOTH: &[&SupportedProtocolVersion] = &[&rustls::version::TLS12, &rustls::version::TLS13];

#[test]
fn a_careful_server_is_seen_as_such_and_is_told_nothing() {
    let authority = Authority::new("Autorité d’essai");
    let (url, said) = serve(authority.certificate(&["127.0.0.1", "ent.example"], |_| {}), BOTH);
    let seen = facts(&url, Some(&authority.pem()), now());
    assert_eq!(seen["versions"], json!({"tls11": false, "tls10": false, "ssl3": false, "tls12": true, "tls13": true}), "{seen:#}");
    let weak = ["cbc", "rsaKeyExchange", "tripleDes", "rc4", "nullOrExport", "dhe"];
    assert!(weak.iter().all(|class| seen["suites"][class] == json!(false)), "{seen:#}");
    assert_eq!((&seen["modern"], &seen["compression"], &seen["smallCurve"]), (&json!(true), &json!(false), &json!(false)));
    assert_eq!(seen["secureRenegotiation"], json!(true));
    let certificate = &seen["certificate"];
    assert_eq!((&certificate["trusted"], &certificate["key"]), (&json!(true), &json!({"kind": "ec", "bits": 256})));
    assert!(certificate["refused"].as_object().unwrap().values().all(|v| v == false) && certificate["daysLeft"].as_i64().unwrap() > 1000);
    assert_eq!(said.try_iter().sum::<usize>(), 0, "not a byte after the handshake");
}

#[test]
fn each_fault_of_a_certificate_is_named() {
    let authority = Authority::new("Autorité d’essai");
    let pem = authority.pem();
    let good = ["127.0.0.1"];
    let alone = || {
        let key = KeyPair::generate().unwrap();
        let chain = vec![params(&good).self_signed(&key).unwrap().der().clone()];
        Identity { chain, key: PrivateKeyDer::try_from(key.serialize_der()).unwrap() }
    };
    let expired = authority.certificate(&good, |p| p.not_after = rcgen::date_time_ymd(2021, 1, 1));
    let future = authority.certificate(&good, |p| p.not_before = rcgen::date_time_ymd(2080, 1, 1));
    let other = authority.certificate(&["autre.example"], |_| {});
    let unknown = Authority::new("Autorité inconnue");
    let lonely = unknown.certificate(&good, |_| {});
    let mut with_issuer = unknown.certificate(&good, |_| {});
    with_issuer.chain.push(unknown.issuer.der().clone());
    for (fault, identity) in [
        ("expired", expired),
        ("notYetValid", future),
        ("wrongName", other),
        ("selfSigned", alone()),
        ("incomplete", lonely),
        ("unknownIssuer", with_issuer),
    ] {
        let (url, _) = serve(identity, BOTH);
        let certificate = facts(&url, Some(&pem), now())["certificate"].clone();
        let faults: Vec<&String> =
            certificate["refused"].as_object().unwrap().iter().filter(|(_, v)| **v == true).map(|(k, _)| k).collect();
        assert_eq!((&certificate["trusted"], faults), (&json!(false), vec![&fault.to_owned()]), "{certificate:#}");
    }
}

#[test]
fn a_capture_is_judged_on_the_day_one_asks_for() {
    let authority = Authority::new("Autorité d’essai");
    let identity = authority.certificate(&["127.0.0.1"], |p| p.not_after = rcgen::date_time_ymd(2027, 1, 1));
    let (url, _) = serve(identity, BOTH);
    let capture = tls::gather(&door(&[host(&url)]), &url, TIMEOUT).unwrap();
    let end = 1_798_761_600; // 2027-01-01
    let on = |at| tls::facts(&capture, Some(authority.pem().as_bytes()), at)["certificate"].clone();
    assert_eq!((&on(end - 86_400)["daysLeft"], &on(end - 86_400)["trusted"]), (&json!(1), &json!(true)));
    assert_eq!((&on(end + 86_400)["daysLeft"], &on(end + 86_400)["refused"]["expired"]), (&json!(-1), &json!(true)));
}

#[test]
fn a_server_of_tls_13_only_has_no_suite_of_12() {
    let authority = Authority::new("Autorité d’essai");
    let (url, _) = serve(authority.certificate(&["127.0.0.1"], |_| {}), ONLY_13);
    let seen = facts(&url, Some(&authority.pem()), now());
    assert_eq!((&seen["versions"]["tls12"], &seen["versions"]["tls13"], &seen["modern"]), (&json!(false), &json!(true), &json!(true)));
    assert_eq!((&seen["suites"]["cbc"], seen.get("secureRenegotiation")), (&json!(false), None), "{seen:#}");
    assert_eq!(seen["certificate"]["trusted"], json!(true));
}

/// A server of the library that hangs up without a word where `drops` says so, of the rank of a connection and the version it offers.
fn cutting(identity: Identity, drops: impl Fn(usize, u16) -> bool + Send + 'static) -> Url {
    let (inside, _) = serve(identity, BOTH);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = Url::parse(&format!("https://127.0.0.1:{}/", listener.local_addr().unwrap().port())).unwrap();
    std::thread::spawn(move || {
        for (rank, mut from) in listener.incoming().flatten().enumerate() {
            let mut head = [0; 11];
            if from.read_exact(&mut head).is_err() || drops(rank + 1, u16::from_be_bytes([head[9], head[10]])) {
                // Whatever else was said is heard: the end is then an end, and no reset.
                from.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
                let _ = from.read(&mut [0; 4096]);
                continue;
            }
            let mut to = TcpStream::connect(("127.0.0.1", inside.port().unwrap())).unwrap();
            to.write_all(&head).unwrap();
            let (mut back, mut forth) = (to.try_clone().unwrap(), from.try_clone().unwrap());
            std::thread::spawn(move || std::io::copy(&mut back, &mut forth).and_then(|_| forth.shutdown(std::net::Shutdown::Both)));
            std::thread::spawn(move || std::io::copy(&mut from, &mut to).and_then(|_| to.shutdown(std::net::Shutdown::Write)));
        }
    });
    url
}

#[test]
fn a_host_that_hangs_up_has_refused_where_it_does_so_again() {
    let authority = Authority::new("Autorité d’essai");
    let seen = |drops: fn(usize, u16) -> bool| {
        let url = cutting(authority.certificate(&["127.0.0.1"], |_| {}), drops);
        let capture = tls::gather(&door(&[host(&url)]), &url, TIMEOUT).unwrap();
        assert!(capture.handshakes <= tls::MOST, "{}", capture.handshakes);
        tls::facts(&capture, Some(authority.pem().as_bytes()), now())
    };
    let careful = json!({"tls11": false, "tls10": false, "ssl3": false, "tls12": true, "tls13": true});
    // It refuses old versions without an alert; some connections are lost on the way, be it all those of TLS 1.2.
    assert_eq!(seen(|_, version| version < 0x0303)["versions"], careful);
    assert_eq!(seen(|rank, _| (3..=6).contains(&rank))["versions"], careful);
    assert_eq!(seen(|rank, _| (2..=3).contains(&rank))["modern"], json!(true));
    // All are, from the fourth on: nothing is known of what was not tried.
    let lost = seen(|rank, _| rank > 3);
    assert_eq!(lost["versions"], json!({"tls12": true, "tls13": true}), "{lost:#}");
    assert_eq!((&lost["suites"], &lost["modern"]), (&json!({}), &json!(true)));
    let lost = seen(|rank, _| rank > 1);
    assert_eq!((&lost["versions"], &lost["modern"]), (&json!({"tls13": true}), &json!(true)), "{lost:#}");
}

#[test]
fn nothing_is_sent_to_a_host_that_is_not_named() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = Url::parse(&format!("https://127.0.0.1:{}/", listener.local_addr().unwrap().port())).unwrap();
    assert_eq!(tls::gather(&door(&["127.0.0.1:1".to_owned()]), &url, TIMEOUT), Err(Unanswered::Foreign));
    let national = Url::parse("https://educonnect.education.gouv.fr/").unwrap();
    assert_eq!(tls::gather(&door(&["educonnect.education.gouv.fr".to_owned()]), &national, TIMEOUT), Err(Unanswered::National));
    assert!(listener.accept().is_err(), "no connection");
}

#[test]
fn what_does_not_answer_or_is_not_tls_is_told() {
    let unused = Reserved::draw().unwrap();
    let url = Url::parse(&format!("https://{}/", unused.address())).unwrap();
    assert_eq!(tls::gather(&door(&[host(&url)]), &url, TIMEOUT), Err(Unanswered::Unreachable));

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = Url::parse(&format!("https://127.0.0.1:{}/", listener.local_addr().unwrap().port())).unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 600]);
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
        }
    });
    assert_eq!(tls::gather(&door(&[host(&url)]), &url, TIMEOUT), Err(Unanswered::Protocol));
}

/// A front end that refuses whoever it does not know: neither that it refuses what is old nor that it refuses what is new is shown.
#[test]
fn a_server_that_refuses_everything_shows_nothing() {
    for refusal in [&[21, 3, 3, 0, 2, 2, 112][..], &[]] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = Url::parse(&format!("https://127.0.0.1:{}/", listener.local_addr().unwrap().port())).unwrap();
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let _ = stream.read(&mut [0; 1 << 14]);
                let _ = stream.write_all(refusal);
            }
        });
        assert_eq!(tls::gather(&door(&[host(&url)]), &url, TIMEOUT).unwrap_err(), Unanswered::Tls);
    }
}

#[test]
fn a_server_that_says_nothing_is_left_in_time() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = Url::parse(&format!("https://127.0.0.1:{}/", listener.local_addr().unwrap().port())).unwrap();
    std::thread::spawn(move || {
        let kept: Vec<_> = listener.incoming().collect();
        drop(kept);
    });
    let started = std::time::Instant::now();
    assert_eq!(tls::gather(&door(&[host(&url)]), &url, Duration::from_millis(100)), Err(Unanswered::Timeout));
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
}

// openssl

/// Whether there is openssl here; without it these tests say so and are passed over, except where that is forbidden.
fn openssl() -> bool {
    let there = Command::new("openssl").arg("version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|s| s.success());
    let required = std::env::var_os("CI").is_some() || std::env::var_os("CONFORMENT_REQUIRE_LIVE").is_some();
    assert!(there || !required, "openssl is required here, and is not installed");
    if !there {
        eprintln!("passed over: openssl is not installed");
    }
    there
}

struct Served {
    child: Child,
    url: Url,
    pem: String,
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn run(dir: &Path, arguments: &str) {
    let out = Command::new("openssl").args(arguments.split_ascii_whitespace()).current_dir(dir).output().unwrap();
    assert!(out.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&out.stderr));
}

/// A server with a key and a certificate made by `making`, that runs with `options`.
fn openssl_server(dir: &Path, making: &str, options: &str) -> Served {
    let subject = "-subj /CN=essai -addext subjectAltName=IP:127.0.0.1 -days 90 -nodes";
    run(dir, &format!("req -x509 {making} {subject} -keyout key.pem -out cert.pem"));
    let port = Reserved::draw().unwrap();
    let at = port.address();
    let mut child = Command::new("openssl")
        .args(["s_server", "-quiet", "-accept", &at.to_string(), "-key", "key.pem", "-cert", "cert.pem"])
        .args(options.split_ascii_whitespace())
        .current_dir(dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let up = (0..100).any(|_| {
        std::thread::sleep(Duration::from_millis(50));
        TcpStream::connect(at).is_ok()
    });
    assert!(up && child.try_wait().unwrap().is_none(), "openssl s_server {options}");
    let url = Url::parse(&format!("https://{at}/")).unwrap();
    Served { child, url, pem: std::fs::read_to_string(dir.join("cert.pem")).unwrap() }
}

#[test]
fn old_versions_and_weak_suites_are_seen() {
    if !openssl() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let all = "-cipher ALL:COMPLEMENTOFALL:@SECLEVEL=0 -min_protocol TLSv1 -legacy_renegotiation";
    let served = openssl_server(dir.path(), "-newkey rsa:2048", all);
    let seen = facts(&served.url, None, now());
    assert_eq!(seen["versions"], json!({"tls11": true, "tls10": true, "ssl3": false, "tls12": true, "tls13": true}), "{seen:#}");
    for class in ["rsaKeyExchange", "nullOrExport", "dhe"] {
        assert_eq!(seen["suites"][class], json!(true), "{class}: {seen:#}");
    }
    assert_eq!(seen["suites"]["cbc"], json!(false), "openssl computes the code after encryption: {seen:#}");
    assert!(seen["dhBits"].as_u64().unwrap() >= 1024, "{seen:#}");
    assert_eq!(seen["certificate"]["key"], json!({"kind": "rsa", "bits": 2048}));
    assert_eq!((&seen["certificate"]["trusted"], &seen["certificate"]["refused"]["selfSigned"]), (&json!(false), &json!(true)));
    assert_eq!(seen["certificate"]["signature"], json!("sha256"));
}

#[test]
fn a_small_key_a_weak_hash_and_a_small_prime_are_measured() {
    if !openssl() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    run(dir.path(), "dhparam -dsaparam -out dh.pem 1024");
    let served = openssl_server(dir.path(), "-newkey rsa:1024 -sha1", "-cipher ALL:@SECLEVEL=0 -tls1_2 -dhparam dh.pem");
    assert!(served.pem.starts_with("-----BEGIN"));
    let seen = facts(&served.url, None, now());
    assert_eq!((&seen["dhBits"], &seen["versions"]["tls13"]), (&json!(1024), &json!(false)), "{seen:#}");
    assert_eq!(seen["certificate"]["key"], json!({"kind": "rsa", "bits": 1024}));
    assert_eq!((&seen["certificate"]["signature"], &seen["certificate"]["weakSignatures"]), (&json!("sha1"), &json!(0)), "its own");
}

#[test]
fn cbc_without_its_remedy_and_old_only_are_seen() {
    if !openssl() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let served = openssl_server(dir.path(), "-newkey rsa:2048", "-cipher AES128-SHA:ECDHE-RSA-AES128-SHA:@SECLEVEL=0 -tls1");
    let seen = facts(&served.url, None, now());
    assert_eq!((&seen["versions"]["tls10"], &seen["versions"]["tls11"], &seen["modern"]), (&json!(true), &json!(false), &json!(false)));
    assert_eq!((&seen["certificate"]["sent"], &seen["suites"]["cbc"]), (&json!(1), &json!(false)), "{seen:#}");
}

#[test]
fn hosts_are_compared() {
    let host = |tls10: bool, trusted: bool| json!({"versions": {"tls10": tls10}, "certificate": {"trusted": trusted}});
    assert_eq!(tls::consistency(&[host(false, true)]), None);
    let same = tls::consistency(&[host(false, true), host(false, true)]).unwrap();
    assert_eq!(same, json!({"probe": "consistency", "hosts": 2, "sameVersions": true, "sameTrust": true}));
    assert_eq!(tls::consistency(&[host(false, true), host(true, true)]).unwrap()["sameVersions"], json!(false));
}
