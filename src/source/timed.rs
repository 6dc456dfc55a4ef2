//! A socket that is left at a given time, however little comes at a time: a timeout of the system starts again at each byte.
//!
//! Must never know what goes through it.

use std::io::{Error, ErrorKind, Read, Result, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// The socket, and when it is left.
#[derive(Debug)]
pub struct Timed {
    socket: TcpStream,
    /// When reading and writing fail with [`ErrorKind::TimedOut`].
    pub until: Instant,
}

impl Timed {
    /// To be left at that time.
    #[must_use]
    pub fn new(socket: TcpStream, until: Instant) -> Self {
        Self { socket, until }
    }

    fn left(&self) -> Result<Duration> {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(ErrorKind::TimedOut.into()) } else { Ok(left) }
    }
}

/// What a socket says when its time is over depends on the system.
fn timed_out(error: Error) -> Error {
    if error.kind() == ErrorKind::WouldBlock { ErrorKind::TimedOut.into() } else { error }
}

impl Read for Timed {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        self.socket.set_read_timeout(Some(self.left()?))?;
        self.socket.read(buffer).map_err(timed_out)
    }
}

impl Write for Timed {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        self.socket.set_write_timeout(Some(self.left()?))?;
        self.socket.write(bytes).map_err(timed_out)
    }

    fn flush(&mut self) -> Result<()> {
        self.socket.flush()
    }
}
