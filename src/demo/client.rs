//! The call-outs of the demonstration ENT: single logout and proxy callbacks, to the loopback interface only.
//!
//! One request, a short patience, only the status of the answer is read. Must never call another host.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};
use url::{Host, Url};

/// What is sent.
pub struct Call<'a> {
    pub method: &'a str,
    pub url: &'a Url,
    pub content_type: &'a str,
    pub body: &'a str,
    pub patience: Duration,
}

impl Call<'_> {
    /// Sends it; the status of the answer.
    pub fn send(&self, trust: &Arc<ClientConfig>) -> io::Result<u16> {
        let refused = |why: &str| io::Error::new(io::ErrorKind::InvalidInput, why.to_owned());
        let name = match self.url.host() {
            Some(Host::Ipv4(ip)) if ip.is_loopback() => ip.to_string(),
            Some(Host::Domain("localhost")) => "localhost".to_owned(),
            _ => return Err(refused("not the loopback interface")),
        };
        let port = self.url.port_or_known_default().ok_or_else(|| refused("no port"))?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut stream = TcpStream::connect_timeout(&address, self.patience)?;
        stream.set_read_timeout(Some(self.patience))?;
        stream.set_write_timeout(Some(self.patience))?;
        match self.url.scheme() {
            "http" => self.exchange(&mut stream),
            "https" => {
                let name = ServerName::try_from(name).map_err(|e| refused(&e.to_string()))?;
                let connection = ClientConnection::new(Arc::clone(trust), name).map_err(io::Error::other)?;
                self.exchange(&mut StreamOwned::new(connection, stream))
            }
            _ => Err(refused("neither http nor https")),
        }
    }

    fn exchange(&self, stream: &mut (impl Read + Write)) -> io::Result<u16> {
        let (Self { method, url, content_type, body, .. }, query) = (self, self.url.query());
        let target = query.map_or_else(|| url.path().to_owned(), |q| format!("{}?{q}", url.path()));
        let (authority, length) = (url.authority(), body.len());
        write!(
            stream,
            "{method} {target} HTTP/1.1\r\nHost: {authority}\r\nUser-Agent: conforment-demo\r\nContent-Type: {content_type}\r\n\
             Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        )?;
        stream.flush()?;
        let mut head = [0u8; 12];
        stream.read_exact(&mut head)?;
        let status = std::str::from_utf8(&head[9..]).ok().and_then(|s| s.parse().ok());
        status.ok_or_else(|| io::ErrorKind::InvalidData.into())
    }
}
