//! Archives written byte by byte, with what no sound tool would write.
#![allow(dead_code, missing_docs, clippy::unwrap_used)]

use std::io::Write;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};

/// A zip whose entries are whatever is asked.
#[derive(Default)]
pub struct Zip {
    body: Vec<u8>,
    directory: Vec<u8>,
    entries: u16,
}

impl Zip {
    pub fn file(self, name: &str, bytes: &[u8]) -> Self {
        self.entry(name, bytes, 0, 8)
    }

    /// Flags: bit 0 says encrypted. Method: 8 is deflate.
    pub fn entry(mut self, name: &str, bytes: &[u8], flags: u16, method: u16) -> Self {
        let mut deflate = DeflateEncoder::new(Vec::new(), Compression::best());
        deflate.write_all(bytes).unwrap();
        let (packed, offset) = (deflate.finish().unwrap(), self.body.len() as u32);
        let mut crc = flate2::Crc::new();
        crc.update(bytes);
        let mut common = Vec::new();
        for short in [20, flags, method, 0, 0] {
            common.extend_from_slice(&short.to_le_bytes());
        }
        for long in [crc.sum(), packed.len() as u32, bytes.len() as u32] {
            common.extend_from_slice(&long.to_le_bytes());
        }
        common.extend_from_slice(&(name.len() as u16).to_le_bytes());
        common.extend_from_slice(&0u16.to_le_bytes());
        self.body.extend_from_slice(b"PK\x03\x04");
        self.body.extend_from_slice(&common);
        self.body.extend_from_slice(name.as_bytes());
        self.body.extend_from_slice(&packed);
        self.directory.extend_from_slice(b"PK\x01\x02\x14\x03");
        self.directory.extend_from_slice(&common);
        self.directory.extend_from_slice(&[0; 10]);
        self.directory.extend_from_slice(&offset.to_le_bytes());
        self.directory.extend_from_slice(name.as_bytes());
        self.entries += 1;
        self
    }

    pub fn bytes(mut self) -> Vec<u8> {
        let at = self.body.len() as u32;
        self.body.extend_from_slice(&self.directory);
        self.body.extend_from_slice(b"PK\x05\x06\0\0\0\0");
        self.body.extend_from_slice(&self.entries.to_le_bytes());
        self.body.extend_from_slice(&self.entries.to_le_bytes());
        self.body.extend_from_slice(&(self.directory.len() as u32).to_le_bytes());
        self.body.extend_from_slice(&at.to_le_bytes());
        self.body.extend_from_slice(&0u16.to_le_bytes());
        self.body
    }
}

/// A tar, compressed at the end.
#[derive(Default)]
pub struct Tar {
    bytes: Vec<u8>,
}

impl Tar {
    pub fn file(self, name: &str, bytes: &[u8]) -> Self {
        self.entry(name, bytes, b'0')
    }

    /// Kinds: `0` file, `1` and `2` links, `5` directory, `L` long name, `x` extended header.
    pub fn entry(mut self, name: &str, bytes: &[u8], kind: u8) -> Self {
        let mut header = [0u8; 512];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[100..108].copy_from_slice(b"0000644\0");
        header[124..136].copy_from_slice(format!("{:011o}\0", bytes.len()).as_bytes());
        header[136..148].copy_from_slice(b"00000000000\0");
        header[148..156].fill(b' ');
        header[156] = kind;
        header[257..265].copy_from_slice(b"ustar\x0000");
        let sum: u32 = header.iter().map(|b| u32::from(*b)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        self.bytes.extend_from_slice(&header);
        self.bytes.extend_from_slice(bytes);
        self.bytes.resize(self.bytes.len().next_multiple_of(512), 0);
        self
    }

    /// A file whose name is told by an extended header.
    pub fn pax(self, name: &str, bytes: &[u8]) -> Self {
        let mut record = String::new();
        for digits in 1..6 {
            record = format!("{} path={name}\n", digits + " path=\n".len() + name.len());
            if record.len() == digits + " path=\n".len() + name.len() {
                break;
            }
        }
        self.entry("pax", record.as_bytes(), b'x').file("short.xml", bytes)
    }

    pub fn gnu(self, name: &str, bytes: &[u8]) -> Self {
        self.entry("././@LongLink", format!("{name}\0").as_bytes(), b'L').file("short.xml", bytes)
    }

    pub fn gz(mut self) -> Vec<u8> {
        self.bytes.resize(self.bytes.len() + 1024, 0);
        self.unended()
    }

    pub fn unended(self) -> Vec<u8> {
        let mut gz = GzEncoder::new(Vec::new(), Compression::best());
        gz.write_all(&self.bytes).unwrap();
        gz.finish().unwrap()
    }
}
