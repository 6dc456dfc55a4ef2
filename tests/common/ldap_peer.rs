//! A directory server for tests that answers whatever it is told to: BER (X.690) written by hand, no TLS, no directory.
//!
//! It is there for what a real server cannot be made to do; everything that one can is tried with OpenLDAP (`tests/live_ldap.rs`).
#![allow(dead_code)]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The branch it holds.
pub const BASE: &str = "dc=ent-exemple,dc=fr";
pub const PAGED: &str = "1.2.840.113556.1.4.319";

/// A request.
#[derive(Debug)]
pub struct Asked {
    pub id: u8,
    /// Tag of the operation (RFC 4511): 0x60 bind, 0x63 search, 0x42 unbind, 0x77 extended.
    pub op: u8,
    pub body: Vec<u8>,
    /// What comes after the operation.
    pub controls: Vec<u8>,
}

impl Asked {
    pub fn has(&self, text: &str) -> bool {
        self.body.windows(text.len()).any(|w| w == text.as_bytes())
    }
    /// The reading of the whole directory: all attributes are asked for.
    pub fn all(&self) -> bool {
        self.op == 0x63 && self.body.windows(3).any(|w| w == [4, 1, b'*'])
    }
    /// The number of entries that a page is asked for.
    pub fn page(&self) -> Option<usize> {
        let at = self.controls.windows(PAGED.len()).position(|w| w == PAGED.as_bytes())?;
        let after = &self.controls[at + PAGED.len()..];
        let at = after.iter().position(|b| *b == 2)?;
        let length = usize::from(after[at + 1]);
        Some(after[at + 2..at + 2 + length].iter().fold(0, |n, d| n << 8 | usize::from(*d)))
    }
    pub fn root(&self) -> bool {
        self.op == 0x63 && self.body.starts_with(&[4, 0])
    }
}

/// An element: tag, length, content.
pub fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let mut out = vec![tag, 0x84];
    out.extend(u32::try_from(content.len()).unwrap().to_be_bytes());
    out.extend(content);
    out
}

pub fn message(id: u8, op: &[u8]) -> Vec<u8> {
    tlv(0x30, &[&[2, 1, id], op])
}

pub fn entry(id: u8, dn: &str, attributes: &[(&str, &[&str])]) -> Vec<u8> {
    let of = |(name, values): &(&str, &[&str])| {
        let values: Vec<u8> = values.iter().flat_map(|v| tlv(4, &[v.as_bytes()])).collect();
        tlv(0x30, &[&tlv(4, &[name.as_bytes()]), &tlv(0x31, &[&values])])
    };
    let attributes: Vec<u8> = attributes.iter().flat_map(of).collect();
    message(id, &tlv(0x64, &[&tlv(4, &[dn.as_bytes()]), &tlv(0x30, &[&attributes])]))
}

pub fn unit(id: u8, name: &str) -> Vec<u8> {
    entry(id, &format!("ou={name},{BASE}"), &[("objectClass", &["top", "organizationalUnit"]), ("ou", &[name])])
}

/// A result of that operation, with what else it holds.
pub fn result(id: u8, op: u8, code: u8, more: &[u8]) -> Vec<u8> {
    message(id, &tlv(op, &[&[0x0A, 1, code, 4, 0, 4, 0], more]))
}

pub fn done(id: u8, code: u8) -> Vec<u8> {
    result(id, 0x65, code, &[])
}

/// The end of a page, with where to go on.
pub fn page(id: u8, cookie: &[u8]) -> Vec<u8> {
    let value = tlv(0x30, &[&[2, 1, 0], &tlv(4, &[cookie])]);
    let control = tlv(0x30, &[&tlv(4, &[PAGED.as_bytes()]), &tlv(4, &[&value])]);
    tlv(0x30, &[&[2, 1, id], &tlv(0x65, &[&[0x0A, 1, 0, 4, 0, 4, 0]]), &tlv(0xA0, &[&control])])
}

pub fn reference(id: u8) -> Vec<u8> {
    message(id, &tlv(0x73, &[&tlv(4, &[b"ldap://ailleurs.example/"])]))
}

/// What a server that behaves answers to all that is not the reading.
pub fn sound(asked: &Asked) -> Vec<u8> {
    let id = asked.id;
    match asked.op {
        0x60 if asked.has("cn=") => result(id, 0x61, 49, &[]),
        0x60 => result(id, 0x61, 0, &[]),
        0x63 if asked.root() => {
            let about: &[(&str, &[&str])] =
                &[("namingContexts", &[BASE]), ("supportedLDAPVersion", &["3"]), ("supportedControl", &[PAGED])];
            [entry(id, "", about), done(id, 0)].concat()
        }
        0x63 if asked.all() => {
            let root = entry(id, BASE, &[("objectClass", &["top", "dcObject", "organization"]), ("o", &["ENT"]), ("dc", &["ent-exemple"])]);
            [root, unit(id, "personnes"), unit(id, "structures"), unit(id, "groupes"), done(id, 0)].concat()
        }
        0x63 => done(id, 0),
        _ => Vec::new(),
    }
}

/// A server on a port of this machine; it ends with the tests.
pub struct Peer {
    pub port: u16,
    /// Bytes that clients took.
    pub sent: Arc<AtomicU64>,
}

/// What a connection goes through.
pub trait Wire: Read + Write + Send {}
impl<T: Read + Write + Send> Wire for T {}

/// A connection, that counts what goes through, and knows whether somebody signed in.
pub struct Line(Box<dyn Wire>, Arc<AtomicU64>, pub bool);

impl Line {
    /// Waits for what the client says next; false once it has gone.
    pub fn waits(&mut self) -> bool {
        self.0.read(&mut [0; 1 << 14]).is_ok_and(|n| n > 0)
    }
    /// Byte by byte; false once the client has gone.
    pub fn drip(&mut self, bytes: &[u8], pause: Duration) -> bool {
        bytes.iter().all(|b| {
            std::thread::sleep(pause);
            self.send(&[*b])
        })
    }

    /// False once the client has gone.
    pub fn send(&mut self, bytes: &[u8]) -> bool {
        bytes.chunks(1 << 16).all(|part| {
            self.1.fetch_add(part.len() as u64, Ordering::Relaxed);
            self.0.write_all(part).and_then(|()| self.0.flush()).is_ok()
        })
    }
}

impl Peer {
    /// `answer` returns false to hang up.
    pub fn start(answer: impl Fn(&Asked, &mut Line) -> bool + Send + Sync + 'static) -> Self {
        Self::raw(talk(answer))
    }

    /// The same, over TLS from the start.
    pub fn secure(config: Arc<rustls::ServerConfig>, answer: impl Fn(&Asked, &mut Line) -> bool + Send + Sync + 'static) -> Self {
        let over = move |stream| -> Box<dyn Wire> {
            let connection = rustls::ServerConnection::new(config.clone()).unwrap();
            Box::new(rustls::StreamOwned::new(connection, stream))
        };
        Self::through(over, talk(answer))
    }

    /// One that says this to whoever connects, and hears nothing.
    pub fn raw(speak: impl Fn(&mut Line) + Send + Sync + 'static) -> Self {
        Self::through(|stream| Box::new(stream), speak)
    }

    fn through(over: impl Fn(TcpStream) -> Box<dyn Wire> + Send + 'static, speak: impl Fn(&mut Line) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (port, sent) = (listener.local_addr().unwrap().port(), Arc::new(AtomicU64::new(0)));
        let (speak, counted) = (Arc::new(speak), sent.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (speak, mut line) = (speak.clone(), Line(over(stream), counted.clone(), false));
                std::thread::spawn(move || speak(&mut line));
            }
        });
        Self { port, sent }
    }

    /// One that behaves, but for the reading.
    pub fn reading(answer: impl Fn(u8, &mut Line) -> bool + Send + Sync + 'static) -> Self {
        Self::start(move |asked, line| if asked.all() { answer(asked.id, line) } else { line.send(&sound(asked)) })
    }
}

fn talk(answer: impl Fn(&Asked, &mut Line) -> bool + Send + Sync + 'static) -> impl Fn(&mut Line) + Send + Sync + 'static {
    move |line| while asked(&mut line.0).is_some_and(|asked| answer(&asked, line)) {}
}

fn asked(stream: &mut impl Read) -> Option<Asked> {
    let (_, body) = element(stream)?;
    let mut rest = body.as_slice();
    let (_, id) = element(&mut rest)?;
    let (op, body) = element(&mut rest)?;
    Some(Asked { id: *id.last()?, op, body, controls: rest.to_vec() })
}

fn element(from: &mut impl Read) -> Option<(u8, Vec<u8>)> {
    let mut head = [0; 2];
    from.read_exact(&mut head).ok()?;
    let mut length = usize::from(head[1]);
    if length > 0x7F {
        let mut digits = vec![0; length & 0x7F];
        from.read_exact(&mut digits).ok()?;
        length = digits.iter().fold(0, |n, d| n << 8 | usize::from(*d));
    }
    let mut content = vec![0; length];
    from.read_exact(&mut content).ok()?;
    Some((head[0], content))
}
