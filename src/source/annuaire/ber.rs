//! The encoding of LDAP messages (X.690, with the restrictions of RFC 4511, 5.1): elements written, elements read.
//!
//! Reading goes as deep as what is asked for and no deeper: what a server nests costs nothing. Must never trust a length.

/// Tags of elements.
pub mod tag {
    /// A sequence.
    pub const SEQUENCE: u8 = 0x30;
    /// A set.
    pub const SET: u8 = 0x31;
    /// A boolean.
    pub const BOOLEAN: u8 = 0x01;
    /// An integer.
    pub const INTEGER: u8 = 0x02;
    /// Bytes.
    pub const OCTETS: u8 = 0x04;
    /// An enumeration.
    pub const ENUMERATED: u8 = 0x0A;
}

/// Adds an element to what is written.
pub fn put(out: &mut Vec<u8>, tag: u8, content: &[u8]) {
    out.push(tag);
    match content.len() {
        short @ 0..0x80 => out.push(short as u8),
        long => {
            let digits = long.to_be_bytes();
            let zeros = digits.iter().take_while(|d| **d == 0).count();
            out.push(0x80 | (digits.len() - zeros) as u8);
            out.extend(&digits[zeros..]);
        }
    }
    out.extend(content);
}

/// An element alone.
#[must_use]
pub fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() + 6);
    put(&mut out, tag, content);
    out
}

/// Adds an integer, or an enumeration.
pub fn put_integer(out: &mut Vec<u8>, tag: u8, value: i32) {
    let digits = value.to_be_bytes();
    // As short as the sign of the first digit allows.
    let spare = digits.windows(2).take_while(|d| matches!(d, [0, 0..=0x7F] | [0xFF, 0x80..=0xFF])).count();
    put(out, tag, &digits[spare..]);
}

/// How long the element is that starts here, its tag and length included: `None` when more bytes are needed to tell.
///
/// # Errors
/// It does not start with that tag, or its length is none that LDAP knows.
pub fn whole(expected: u8, bytes: &[u8]) -> Result<Option<usize>, NotBer> {
    match head(bytes)? {
        _ if bytes.first().is_some_and(|tag| *tag != expected) => Err(NotBer),
        None => Ok(None),
        Some((at, length)) => at.checked_add(length).map(Some).ok_or(NotBer),
    }
}

/// What is no element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotBer;

/// Where the content starts, and its length.
fn head(bytes: &[u8]) -> Result<Option<(usize, usize)>, NotBer> {
    let Some(&length) = bytes.get(1) else { return Ok(None) };
    let digits = match length {
        short @ 0..0x80 => return Ok(Some((2, short.into()))),
        long => usize::from(long & 0x7F),
    };
    if !(1..=8).contains(&digits) {
        return Err(NotBer);
    }
    let Some(digits) = bytes.get(2..2 + digits) else { return Ok(None) };
    let length = digits.iter().fold(0_u64, |n, d| n << 8 | u64::from(*d));
    usize::try_from(length).map(|length| Some((2 + digits.len(), length))).map_err(|_| NotBer)
}

/// The first element: its tag, its content, what follows.
#[must_use]
pub fn next(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (at, length) = head(bytes).ok()??;
    let (content, rest) = bytes.get(at..)?.split_at_checked(length)?;
    Some((*bytes.first()?, content, rest))
}

/// The content of the first element, when it has that tag, and what follows.
#[must_use]
pub fn take(tag: u8, bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    next(bytes).filter(|(found, ..)| *found == tag).map(|(_, content, rest)| (content, rest))
}

/// The contents of elements that all have that tag.
#[must_use]
pub fn all(tag: u8, mut bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let mut out = Vec::new();
    while !bytes.is_empty() {
        let (content, rest) = take(tag, bytes)?;
        out.push(content);
        bytes = rest;
    }
    Some(out)
}

/// The value of an integer that is not negative.
#[must_use]
pub fn natural(content: &[u8]) -> Option<u32> {
    let sound = !content.is_empty() && content.len() <= 5 && content[0] < 0x80;
    let value = content.iter().fold(0_u64, |n, d| n << 8 | u64::from(*d));
    u32::try_from(value).ok().filter(|_| sound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for length in [0, 1, 127, 128, 255, 256, 70_000] {
            let content = vec![b'x'; length];
            let bytes = element(tag::OCTETS, &content);
            assert_eq!(whole(tag::OCTETS, &bytes), Ok(Some(bytes.len())));
            assert_eq!(next(&bytes), Some((tag::OCTETS, content.as_slice(), &[][..])));
        }
        for value in [0, 1, 127, 128, 255, 256, 10_000, i32::MAX] {
            let mut out = Vec::new();
            put_integer(&mut out, tag::INTEGER, value);
            let (content, _) = take(tag::INTEGER, &out).expect("integer");
            assert_eq!(natural(content), u32::try_from(value).ok());
        }
        let mut out = Vec::new();
        [127, 128, -1, -129].into_iter().for_each(|n| put_integer(&mut out, tag::INTEGER, n));
        assert_eq!(out, [2, 1, 127, 2, 2, 0, 128, 2, 1, 0xFF, 2, 2, 0xFF, 0x7F]);
    }

    #[test]
    fn lengths_are_not_trusted() {
        assert_eq!(whole(0x30, &[0x30]), Ok(None));
        assert_eq!(whole(0x30, &[0x30, 0x82, 1]), Ok(None));
        assert_eq!(whole(0x30, &[0x30, 0x82, 1, 0]), Ok(Some(260)));
        assert_eq!(whole(0x30, b"HTTP"), Err(NotBer));
        for bad in [&[0x30, 0x80][..], &[0x30, 0x89, 0, 0, 0, 0, 0, 0, 0, 0, 1], &[0x30, 0x88, 255, 255, 255, 255, 255, 255, 255, 255]] {
            assert_eq!(whole(0x30, bad), Err(NotBer), "{bad:?}");
        }
        for bad in [&[][..], &[4], &[4, 3, 1, 2], &[4, 0x84, 255, 255, 255, 255, 1]] {
            assert_eq!(next(bad), None, "{bad:?}");
        }
        assert_eq!(all(4, &[4, 1, 7, 4, 0]), Some(vec![&[7][..], &[]]));
        assert_eq!((all(4, &[4, 1, 7, 5, 0]), all(4, &[4, 9])), (None, None));
        assert_eq!(
            (natural(&[]), natural(&[0x80]), natural(&[1, 0, 0, 0, 0]), natural(&[0, 255, 255, 255, 255])),
            (None, None, None, Some(u32::MAX))
        );
    }
}
