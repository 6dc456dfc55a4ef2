//! A service that the tool plays itself, so that the server may call it: single logout.
//!
//! Answers 200 to whatever comes and keeps what was posted. Bounded in time, number and size; stops when dropped.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Calls kept at most.
const CALLS: usize = 50;
/// Bytes of a call at most.
const MOST: u64 = 64 << 10;

/// What was posted.
#[derive(Clone, Debug)]
pub struct Call {
    /// When.
    pub at: Instant,
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
    /// Starts listening.
    ///
    /// # Errors
    /// The address cannot be listened on.
    pub fn start(bind: &str) -> std::io::Result<Self> {
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
                        let shared = Arc::clone(&theirs);
                        busy.push(std::thread::spawn(move || drop(shared.serve(stream))));
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
    fn serve(&self, mut stream: TcpStream) -> std::io::Result<()> {
        stream.set_nonblocking(false)?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        stream.set_write_timeout(Some(Duration::from_secs(5)))?;
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
        if head.starts_with("POST ")
            && let Ok(mut calls) = self.calls.lock()
            && calls.len() < CALLS
        {
            calls.push(Call { at: Instant::now(), body: String::from_utf8_lossy(&body).into_owned() });
        }
        let until = Instant::now() + Duration::from_millis(self.delay.load(Ordering::Relaxed));
        while Instant::now() < until && !self.over.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(20));
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_posted_is_kept_and_a_stop_is_a_stop() {
        let probe = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = probe.local_addr().expect("address").to_string();
        drop(probe);
        let listening = Listening::start(&address).expect("listening");
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
