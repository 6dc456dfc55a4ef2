//! A service that the tool plays itself, so that the server may call it: single logout, the callback of proxy tickets.
//!
//! Answers 200 to whatever comes and keeps what comes by the method that is waited for. Bounded in time, number and size; stops when dropped.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// Calls kept at most.
const CALLS: usize = 50;
/// Bytes of a call at most.
const MOST: u64 = 64 << 10;

/// What came.
#[derive(Clone, Debug)]
pub struct Call {
    /// When.
    pub at: Instant,
    /// Path and query.
    pub target: String,
    /// Body.
    pub body: String,
}

/// A listener at work.
pub struct Listening {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    calls: Mutex<Vec<Call>>,
    over: AtomicBool,
    /// Milliseconds before each answer.
    delay: AtomicU64,
}

impl Listening {
    /// Starts listening, in https with `tls`; calls of `method` are kept.
    ///
    /// # Errors
    /// The address cannot be listened on.
    pub fn start(bind: &str, method: &'static str, tls: Option<Arc<ServerConfig>>) -> std::io::Result<Self> {
        let address: SocketAddr = bind.parse().map_err(|_| std::io::Error::from(std::io::ErrorKind::InvalidInput))?;
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let shared = Arc::new(Shared::default());
        let theirs = Arc::clone(&shared);
        let thread = std::thread::spawn(move || {
            let mut busy: Vec<JoinHandle<()>> = Vec::new();
            while !theirs.over.load(Ordering::Relaxed) {
                busy.retain(|t| !t.is_finished());
                match listener.accept() {
                    Ok((stream, _)) if busy.len() < 8 => {
                        let (shared, tls) = (Arc::clone(&theirs), tls.clone());
                        busy.push(std::thread::spawn(move || drop(shared.answer(stream, method, tls))));
                    }
                    _ => std::thread::sleep(Duration::from_millis(10)),
                }
            }
            busy.into_iter().for_each(|t| drop(t.join()));
        });
        Ok(Self { shared, thread: Some(thread) })
    }

    /// Answers that late from now on.
    pub fn delay(&self, delay: Duration) {
        self.shared.delay.store(u64::try_from(delay.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Forgets what came.
    pub fn clear(&self) {
        if let Ok(mut calls) = self.shared.calls.lock() {
            calls.clear();
        }
    }

    /// What came, waiting for `count` calls as long as `patience`.
    #[must_use]
    pub fn calls(&self, count: usize, patience: Duration) -> Vec<Call> {
        let until = Instant::now() + patience;
        loop {
            let calls = self.shared.calls.lock().map(|c| c.clone()).unwrap_or_default();
            if calls.len() >= count || Instant::now() >= until {
                return calls;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn answer(&self, stream: TcpStream, method: &str, tls: Option<Arc<ServerConfig>>) -> std::io::Result<()> {
        stream.set_nonblocking(false)?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        stream.set_write_timeout(Some(Duration::from_secs(5)))?;
        match tls {
            None => self.serve(stream, method),
            Some(config) => {
                let session = ServerConnection::new(config).map_err(std::io::Error::other)?;
                self.serve(StreamOwned::new(session, stream), method)
            }
        }
    }

    fn serve(&self, mut stream: impl Read + Write, method: &str) -> std::io::Result<()> {
        let (mut head, mut byte) = (Vec::new(), [0]);
        while !head.ends_with(b"\r\n\r\n") && (head.len() as u64) < MOST && stream.read(&mut byte)? == 1 {
            head.push(byte[0]);
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        let length = |line: &str| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<u64>().ok()).flatten()
        };
        let mut body = Vec::new();
        (&mut stream).take(head.lines().find_map(length).unwrap_or(0).min(MOST)).read_to_end(&mut body)?;
        let mut line = head.split(' ');
        if line.next() == Some(method)
            && let Some(target) = line.next()
            && let Ok(mut calls) = self.calls.lock()
            && calls.len() < CALLS
        {
            calls.push(Call { at: Instant::now(), target: target.to_owned(), body: String::from_utf8_lossy(&body).into_owned() });
        }
        let until = Instant::now() + Duration::from_millis(self.delay.load(Ordering::Relaxed));
        while Instant::now() < until && !self.over.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(20));
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")?;
        stream.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_posted_is_kept_and_a_stop_is_a_stop() {
        let port = crate::demo::ports::Reserved::draw().expect("a port");
        let address = port.address().to_string();
        let listening = Listening::start(&address, "POST", None).expect("listening");
        let mut stream = TcpStream::connect(&address).expect("connect");
        stream.write_all(b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nx=y").expect("write");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("read");
        assert!(answer.starts_with("HTTP/1.1 200"));
        let calls = listening.calls(1, Duration::from_secs(2));
        assert_eq!((calls.len(), calls[0].body.as_str()), (1, "x=y"));
        listening.clear();
        assert!(listening.calls(1, Duration::ZERO).is_empty());
        drop(listening);
        assert!(TcpListener::bind(&address).is_ok());
    }
}
