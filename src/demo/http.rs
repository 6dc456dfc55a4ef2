//! A minimal HTTP/1.1 server of the demonstration ENT: one thread a connection, one request a connection.
//!
//! Everything is bounded: connections, sizes, waiting. It may send badly what it is told to send badly. Must
//! never listen elsewhere than on the loopback interface.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{JoinHandle, sleep, spawn};
use std::time::{Duration, Instant};

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use url::form_urlencoded;

const MAX_CONNECTIONS: usize = 64;
const MAX_HEAD: usize = 64 * 1024;
const MAX_BODY: usize = 256 * 1024;
const PATIENCE: Duration = Duration::from_secs(10);
/// An endless body ends somewhere: a demonstration fills no memory.
const ENDLESS: usize = 256 * 1024 * 1024;

/// A request that was read whole.
#[derive(Debug, Default, Clone)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub query: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// Whether it came over TLS.
    pub secure: bool,
}

impl Request {
    /// A header, whatever the case of its name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    /// The parameters of the URL, decoded.
    pub fn query(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(self.query.as_bytes()).into_owned().collect()
    }

    /// The fields of the form that was posted, decoded.
    pub fn form(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(&self.body).into_owned().collect()
    }

    /// A cookie.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let all = self.headers.iter().filter(|(n, _)| n.eq_ignore_ascii_case("cookie"));
        all.flat_map(|(_, v)| v.split(';')).filter_map(|c| c.trim().split_once('=')).find(|(n, _)| *n == name).map(|(_, v)| v)
    }
}

/// How the body is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// As it should.
    Plain,
    /// A byte at a time.
    Slow,
    /// Without end.
    Endless,
    /// The connection closes before the announced length.
    Cut,
}

/// What is answered.
#[derive(Debug, Clone)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub manner: Manner,
}

impl Response {
    /// A body of some type.
    pub fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![("Content-Type".to_owned(), content_type.to_owned())];
        Self { status, headers, body: body.into(), manner: Manner::Plain }
    }

    /// A text.
    pub fn text(status: u16, body: &str) -> Self {
        Self::new(status, "text/plain; charset=utf-8", body)
    }

    /// A redirection.
    pub fn redirect(status: u16, to: &str) -> Self {
        Self::text(status, "").with("Location", to)
    }

    /// With one more header; what would break the line is left out.
    pub fn with(self, name: &str, value: &str) -> Self {
        self.with_raw(name, &value.replace(['\r', '\n', '\0'], ""))
    }

    /// With one more header, as it is: for the defect that lets a header be injected.
    pub fn with_raw(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    fn send(&self, out: &mut dyn Write, head_only: bool, stop: &AtomicBool) -> io::Result<()> {
        let mut head = format!("HTTP/1.1 {} {}\r\n", self.status, reason(self.status));
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        match self.manner {
            Manner::Endless => {}
            Manner::Cut => head.push_str(&format!("Content-Length: {}\r\n", self.body.len() + 1)),
            Manner::Plain | Manner::Slow => head.push_str(&format!("Content-Length: {}\r\n", self.body.len())),
        }
        head.push_str("Connection: close\r\n\r\n");
        out.write_all(head.as_bytes())?;
        if head_only {
            return out.flush();
        }
        match self.manner {
            Manner::Plain => out.write_all(&self.body)?,
            Manner::Cut => out.write_all(&self.body[..self.body.len() / 2])?,
            Manner::Slow => {
                for byte in self.body.chunks(1).take_while(|_| !stop.load(Ordering::Relaxed)) {
                    out.write_all(byte)?;
                    out.flush()?;
                    sleep(Duration::from_millis(100));
                }
            }
            Manner::Endless => {
                out.write_all(&self.body)?;
                let filler = [b' '; 16 * 1024];
                for _ in (0..ENDLESS / filler.len()).take_while(|_| !stop.load(Ordering::Relaxed)) {
                    out.write_all(&filler)?;
                }
            }
        }
        out.flush()
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        413 => "Content Too Large",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        _ => "Other",
    }
}

/// What answers.
pub type Handler = Arc<dyn Fn(&Request) -> Response + Send + Sync>;

/// A listener and its threads; dropping it stops and joins them.
pub struct Server {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// A listener on the loopback interface; port 0 takes any.
pub fn listen(port: u16) -> io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
}

impl Server {
    /// Starts answering, in clear or over TLS.
    pub fn start(listener: TcpListener, tls: Option<Arc<ServerConfig>>, handler: Handler) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = spawn(move || accept(&listener, tls.as_ref(), &handler, &stopped));
        Ok(Self { address, stop, thread: Some(thread) })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // Wakes the thread that accepts.
        drop(TcpStream::connect_timeout(&self.address, Duration::from_secs(1)));
        if let Some(thread) = self.thread.take() {
            // A panic of a connection was told on its own thread.
            let _ = thread.join();
        }
    }
}

fn accept(listener: &TcpListener, tls: Option<&Arc<ServerConfig>>, handler: &Handler, stop: &Arc<AtomicBool>) {
    let open: Arc<Mutex<HashMap<u64, TcpStream>>> = Arc::default();
    let mut threads: Vec<JoinHandle<()>> = Vec::new();
    for (number, stream) in (0u64..).zip(listener.incoming()) {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        threads.retain(|t| !t.is_finished());
        let Ok(stream) = stream else { continue };
        let Ok(twin) = stream.try_clone() else { continue };
        if threads.len() >= MAX_CONNECTIONS {
            continue;
        }
        open.lock().unwrap_or_else(PoisonError::into_inner).insert(number, twin);
        let (open, tls, handler, stop) = (Arc::clone(&open), tls.cloned(), Arc::clone(handler), Arc::clone(stop));
        threads.push(spawn(move || {
            // A client that goes away is no event.
            let _ = converse(stream, tls, &handler, &stop);
            open.lock().unwrap_or_else(PoisonError::into_inner).remove(&number);
        }));
    }
    for stream in open.lock().unwrap_or_else(PoisonError::into_inner).values() {
        let _ = stream.shutdown(Shutdown::Both);
    }
    for thread in threads {
        let _ = thread.join();
    }
}

fn converse(stream: TcpStream, tls: Option<Arc<ServerConfig>>, handler: &Handler, stop: &AtomicBool) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.set_nodelay(true)?;
    match tls {
        None => {
            let mut stream = stream;
            exchange(&mut stream, false, handler, stop)?;
            stream.shutdown(Shutdown::Write)
        }
        Some(config) => {
            let connection = ServerConnection::new(config).map_err(io::Error::other)?;
            let mut stream = StreamOwned::new(connection, stream);
            exchange(&mut stream, true, handler, stop)?;
            stream.conn.send_close_notify();
            stream.flush()
        }
    }
}

fn exchange(stream: &mut (impl Read + Write), secure: bool, handler: &Handler, stop: &AtomicBool) -> io::Result<()> {
    let (response, head_only) = match read(stream, secure)? {
        Ok(request) => (handler(&request), request.method == "HEAD"),
        Err(status) => (Response::text(status, reason(status)), false),
    };
    response.send(stream, head_only, stop)
}

/// The request, or the status that refuses it.
fn read(stream: &mut impl Read, secure: bool) -> io::Result<Result<Request, u16>> {
    let until = Instant::now() + PATIENCE;
    let (mut bytes, mut block) = (Vec::new(), [0u8; 8 * 1024]);
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            break end;
        }
        if bytes.len() > MAX_HEAD {
            return Ok(Err(413));
        }
        more(stream, &mut bytes, &mut block, until)?;
    };
    let Some(mut request) = head(&String::from_utf8_lossy(&bytes[..end])) else { return Ok(Err(400)) };
    let length = request.header("content-length").map_or(Some(0), |v| v.trim().parse::<usize>().ok());
    let Some(length) = length else { return Ok(Err(400)) };
    if length > MAX_BODY || request.header("transfer-encoding").is_some() {
        return Ok(Err(413));
    }
    let start = end + 4;
    while bytes.len() < start + length {
        more(stream, &mut bytes, &mut block, until)?;
    }
    request.body = bytes[start..start + length].to_vec();
    request.secure = secure;
    Ok(Ok(request))
}

fn more(stream: &mut impl Read, bytes: &mut Vec<u8>, block: &mut [u8], until: Instant) -> io::Result<()> {
    let count = stream.read(block)?;
    if count == 0 || Instant::now() > until {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    bytes.extend_from_slice(&block[..count]);
    Ok(())
}

fn head(text: &str) -> Option<Request> {
    let mut lines = text.split("\r\n");
    let mut first = lines.next()?.split(' ');
    let (method, target, version) = (first.next()?, first.next()?, first.next()?);
    if !version.starts_with("HTTP/1.") || !target.starts_with('/') {
        return None;
    }
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let headers = lines.map(|l| l.split_once(':').map(|(n, v)| (n.to_owned(), v.trim().to_owned()))).collect::<Option<_>>()?;
    Some(Request { method: method.to_owned(), path: path.to_owned(), query: query.to_owned(), headers, ..Request::default() })
}
