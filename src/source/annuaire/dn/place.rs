//! Where a name stands in the tree: its parent, its RDNs. Of normal names only.

/// The name of the parent of a normal name: empty under the root, `None` for the root.
#[must_use]
pub fn parent(normal: &str) -> Option<&str> {
    if normal.is_empty() {
        return None;
    }
    Some(first_rdn(normal).1)
}

/// The first RDN of a normal name, and what follows its comma.
#[must_use]
pub fn first_rdn(normal: &str) -> (&str, &str) {
    let bytes = normal.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b',' => return (&normal[..at], &normal[at + 1..]),
            _ => at += 1,
        }
    }
    (normal, "")
}

/// The RDNs of a normal name, from the entry to the root.
pub fn rdns(normal: &str) -> impl Iterator<Item = &str> {
    let mut rest = normal;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (rdn, after) = first_rdn(rest);
        rest = after;
        Some(rdn)
    })
}

/// The types of a normal RDN.
pub fn types(rdn: &str) -> impl Iterator<Item = &str> {
    // A `+` of a value has its escape before it.
    let mut rest = rdn;
    std::iter::from_fn(move || {
        let (name, value) = rest.split_once('=')?;
        let bytes = value.as_bytes();
        let plus = (0..bytes.len()).find(|i| bytes[*i] == b'+' && (*i == 0 || bytes[*i - 1] != b'\\'));
        rest = plus.map_or("", |at| &value[at + 1..]);
        Some(name)
    })
}

/// Whether a normal name stands below another one; nothing stands below itself.
#[must_use]
pub fn is_under(normal: &str, above: &str) -> bool {
    if above.is_empty() {
        return !normal.is_empty();
    }
    let Some(below) = normal.strip_suffix(above).and_then(|below| below.strip_suffix(',')) else { return false };
    // An escaped comma does not end an RDN.
    let escapes = below.bytes().rev().take_while(|b| *b == b'\\').count();
    !below.is_empty() && escapes % 2 == 0
}
