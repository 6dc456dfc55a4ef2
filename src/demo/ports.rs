//! Ports of the loopback interface that others will listen on later: the services that an audit plays, the servers that tests start.
//!
//! A port that was only found free may be given to any connection before its turn comes, and an audit that cannot listen shows less.
//! Must never listen itself.

use std::io::Result;
use std::net::{Ipv4Addr, SocketAddr};

use socket2::{Domain, Socket, Type};

/// A port kept aside as long as this lives: the system gives it to nobody who asks for any port, and still to whoever asks for this one
/// (with `SO_REUSEADDR`, as servers do). Kept on Linux only: elsewhere that option does not share, and the port is merely free when drawn.
#[derive(Debug)]
pub struct Reserved {
    address: SocketAddr,
    _held: Option<Socket>,
}

impl Reserved {
    /// Draws one.
    ///
    /// # Errors
    /// No port is left.
    pub fn draw() -> Result<Self> {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        // Before the port is bound: sharing is decided then.
        socket.set_reuse_address(cfg!(target_os = "linux"))?;
        socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
        let address = socket.local_addr()?.as_socket().ok_or(std::io::ErrorKind::AddrNotAvailable)?;
        Ok(Self { address, _held: Some(socket).filter(|_| cfg!(target_os = "linux")) })
    }

    /// Where to listen, and what to connect to: `127.0.0.1:PORT`.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The port alone.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.address.port()
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;

    #[test]
    fn a_port_kept_aside_goes_to_whoever_names_it() {
        let kept = Reserved::draw().expect("port");
        assert!(TcpStream::connect(kept.address()).is_err(), "nobody listens yet");
        for _ in 0..2 {
            let listener = TcpListener::bind(kept.address()).expect("listening");
            drop(TcpStream::connect(kept.address()).expect("connected"));
            drop(listener);
        }
        // What the system does when it looks for any port: without sharing.
        let other = Socket::new(Domain::IPV4, Type::STREAM, None).expect("socket");
        assert!(other.bind(&kept.address().into()).is_err(), "it could be given away");
    }
}
