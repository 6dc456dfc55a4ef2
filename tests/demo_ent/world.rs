//! A demonstration ENT, a browser that keeps cookies by hand, and listeners that services would be.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, Once};
use std::time::{Duration, Instant};

use conforment::demo::{Defect, Ent, Options};
use reqwest::blocking::{Client, ClientBuilder, Response};
use reqwest::{Certificate, Method, header::HeaderMap};

pub fn enc(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// The code of a refusal.
pub fn code(body: &str) -> &str {
    body.split("code=\"").nth(1).and_then(|s| s.split('"').next()).unwrap_or_default()
}

/// What stands between two texts.
pub fn between<'a>(text: &'a str, from: &str, to: &str) -> Option<&'a str> {
    text.split_once(from)?.1.split_once(to).map(|(found, _)| found)
}

pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default()
    }

    pub fn ticket(&self) -> Option<String> {
        let (_, query) = self.header("location").split_once('?')?;
        url::form_urlencoded::parse(query.as_bytes()).find(|(n, _)| n == "ticket").map(|(_, v)| v.into_owned())
    }

    pub fn success(&self) -> bool {
        self.body.contains("authenticationSuccess")
    }
}

/// A service that records what it is sent.
pub struct Listener {
    pub url: String,
    pub root: String,
    pub pem: String,
    seen: Arc<Mutex<Vec<String>>>,
    pub delay: Arc<Mutex<Duration>>,
}

impl Listener {
    fn start(tls: bool, path: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let root = format!("{}://{}/", if tls { "https" } else { "http" }, listener.local_addr().unwrap());
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate = rcgen::CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap().self_signed(&key).unwrap();
        let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key.serialize_der().try_into().unwrap())
            .map(Arc::new)
            .unwrap();
        let (seen, delay) = (Arc::<Mutex<Vec<String>>>::default(), Arc::<Mutex<Duration>>::default());
        let (record, slow) = (Arc::clone(&seen), Arc::clone(&delay));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
                let answer = |stream: &mut dyn ReadWrite| {
                    let mut text = Vec::new();
                    let mut block = [0u8; 4096];
                    while !complete(&text) {
                        match stream.read(&mut block) {
                            Ok(n) if n > 0 => text.extend_from_slice(&block[..n]),
                            _ => return,
                        }
                    }
                    record.lock().unwrap().push(String::from_utf8_lossy(&text).into_owned());
                    std::thread::sleep(*slow.lock().unwrap());
                    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                    let _ = stream.flush();
                };
                if tls {
                    let connection = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
                    answer(&mut rustls::StreamOwned::new(connection, stream));
                } else {
                    let mut stream = stream;
                    answer(&mut stream);
                }
            }
        });
        Self { url: format!("{root}{path}"), root, pem: certificate.pem(), seen, delay }
    }

    pub fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }

    /// What was received, once it is so much; waits a little.
    pub fn wait(&self, count: usize) -> Vec<String> {
        let start = Instant::now();
        while self.seen().len() < count && start.elapsed() < Duration::from_secs(3) {
            std::thread::sleep(Duration::from_millis(10));
        }
        self.seen()
    }
}

trait ReadWrite: Read + Write {}
impl<T: Read + Write> ReadWrite for T {}

fn complete(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = between(&format!("{head}\r\n"), "Content-Length: ", "\r\n").map_or(0, |l| l.parse().unwrap());
    body.len() >= length
}

pub struct World {
    pub ent: Ent,
    pub client: Client,
    /// Registered on http; registered and trusted on https; registered and not trusted.
    pub clear: Listener,
    pub tls: Listener,
    pub untrusted: Listener,
    pub jar: RefCell<BTreeMap<String, String>>,
}

impl World {
    pub fn new(defects: &[Defect]) -> Self {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| rustls::crypto::ring::default_provider().install_default().unwrap());
        let (clear, tls, untrusted) = (Listener::start(false, "app/"), Listener::start(true, "app/"), Listener::start(true, "app/"));
        let ent = Ent::start(Options {
            defects: defects.to_vec(),
            services: vec![clear.url.clone(), tls.url.clone(), untrusted.url.clone()],
            trust: vec![tls.pem.clone()],
            ticket_life: Some(Duration::from_secs(2)),
            ..Options::default()
        })
        .unwrap();
        let client = Self::builder(&ent).build().unwrap();
        Self { ent, client, clear, tls, untrusted, jar: RefCell::default() }
    }

    pub fn builder(ent: &Ent) -> ClientBuilder {
        let root = Certificate::from_pem(ent.authority().as_bytes()).unwrap();
        let none = reqwest::redirect::Policy::none();
        Client::builder().tls_certs_only([root]).redirect(none).timeout(Duration::from_secs(8)).tls_info(true)
    }

    /// A connection in clear.
    pub fn raw(&self) -> TcpStream {
        TcpStream::connect(self.ent.http().strip_prefix("http://").unwrap()).unwrap()
    }

    pub fn send(&self, method: Method, url: &str, headers: &[(&str, &str)], body: String) -> reqwest::Result<Response> {
        let url = if url.starts_with('/') { format!("{}{url}", self.ent.https()) } else { url.to_owned() };
        let cookies: Vec<String> = self.jar.borrow().iter().map(|(n, v)| format!("{n}={v}")).collect();
        let mut request = self.client.request(method, url).header("Cookie", cookies.join("; ")).body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send()?;
        for cookie in response.headers().get_all("set-cookie") {
            let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            if rest.contains("Max-Age=0") {
                self.jar.borrow_mut().remove(name);
            } else {
                self.jar.borrow_mut().insert(name.to_owned(), value.to_owned());
            }
        }
        Ok(response)
    }

    pub fn ask(&self, method: Method, url: &str, headers: &[(&str, &str)], body: String) -> Answer {
        let response = self.send(method, url, headers, body).unwrap();
        let (status, headers, bytes) = (response.status().as_u16(), response.headers().clone(), response.bytes().unwrap().to_vec());
        let body = String::from_utf8_lossy(&bytes).into_owned();
        Answer { status, headers, bytes, body }
    }

    pub fn get(&self, url: &str) -> Answer {
        self.ask(Method::GET, url, &[], String::new())
    }

    pub fn post(&self, url: &str, fields: &[(&str, &str)]) -> Answer {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.ask(Method::POST, url, &[("Content-Type", "application/x-www-form-urlencoded")], body)
    }

    /// The generic service.
    pub fn s(&self) -> String {
        self.ent.service("service").unwrap()
    }

    pub fn password(&self, login: &str) -> String {
        self.ent.accounts().into_iter().find(|a| a.login == login).unwrap().password
    }

    /// The token of the login page.
    pub fn token(&self) -> String {
        between(&self.get("/cas/login?renew=true").body, "name=\"lt\" value=\"", "\"").unwrap_or_default().to_owned()
    }

    /// Presents credentials.
    pub fn login_with(&self, login: &str, password: &str, service: Option<&str>, more: &[(&str, &str)]) -> Answer {
        let token = self.token();
        let mut fields = vec![("username", login), ("password", password), ("lt", token.as_str())];
        fields.extend(service.map(|s| ("service", s)));
        fields.extend_from_slice(more);
        self.post("/cas/login", &fields)
    }

    pub fn login(&self, login: &str, service: Option<&str>) -> Answer {
        self.login_with(login, &self.password(login), service, &[])
    }

    /// A ticket got with credentials.
    pub fn ticket(&self, service: &str) -> String {
        self.ticket_of("prof-demo", service)
    }

    pub fn ticket_of(&self, login: &str, service: &str) -> String {
        self.login(login, Some(service)).ticket().unwrap()
    }

    /// A ticket got with the session.
    pub fn sso(&self, service: &str) -> String {
        self.at_login(service, "").ticket().unwrap()
    }

    pub fn at_login(&self, service: &str, more: &str) -> Answer {
        self.get(&format!("/cas/login?service={}{more}", enc(service)))
    }

    pub fn validate(&self, path: &str, service: &str, ticket: &str, more: &str) -> Answer {
        self.get(&format!("/cas/{path}?service={}&ticket={}{more}", enc(service), enc(ticket)))
    }

    /// The refusal of an invented ticket.
    pub fn bogus(&self) -> Answer {
        self.validate("serviceValidate", &self.s(), "ST-1-invente", "")
    }

    /// The answer of `/p3/serviceValidate` for a service and a person.
    pub fn released(&self, login: &str, service: &str) -> String {
        self.validate("p3/serviceValidate", service, &self.ticket_of(login, service), "").body
    }

    pub fn saml(&self, target: &str, artifact: &str) -> Answer {
        let body = format!(
            r#"<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><p:Request xmlns:p="urn:oasis:names:tc:SAML:1.0:protocol" MajorVersion="1" MinorVersion="1" RequestID="_1" IssueInstant="2026-01-01T00:00:00Z"><p:AssertionArtifact>{artifact}</p:AssertionArtifact></p:Request></s:Body></s:Envelope>"#
        );
        self.ask(Method::POST, &format!("/cas/samlValidate?TARGET={}", enc(target)), &[("Content-Type", "text/xml")], body)
    }

    /// The granting ticket that a callback on the trusted listener received, and what the validation said.
    pub fn granting(&self, callback: &str) -> (String, String) {
        let said = self.hand(callback).body;
        let seen = self.tls.seen().pop().unwrap();
        (between(&seen, "pgtId=", "&").unwrap().to_owned(), said)
    }

    /// Validates a ticket with a callback.
    pub fn hand(&self, callback: &str) -> Answer {
        let s = self.s();
        self.validate("serviceValidate", &s, &self.ticket(&s), &format!("&pgtUrl={}", enc(callback)))
    }

    pub fn proxy(&self, granting: &str, target: &str) -> Option<String> {
        let body = self.get(&format!("/cas/proxy?pgt={granting}&targetService={}", enc(target))).body;
        between(&body, "<cas:proxyTicket>", "<").map(str::to_owned)
    }
}
