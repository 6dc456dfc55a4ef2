//! Where requests start and end in raw bytes: what the chunker cuts by and what the front end recovers by.
//!
//! Both obey one rule, so that where a file happens to be cut changes nothing: the start tag of a request
//! always starts a request, and its end tag ends one, unless it stands in a comment, a CDATA section or
//! a processing instruction. Must never look at anything else.

use memchr::{memchr_iter, memchr2_iter, memmem};

/// Bytes to look at again when more come: no tag that matters is longer.
pub const TAG: usize = 64;

const NAMES: [&[u8]; 3] = [b"addRequest", b"modifyRequest", b"deleteRequest"];
const OPAQUE: [(&[u8], &[u8]); 3] = [(b"<!--", b"-->"), (b"<![CDATA[", b"]]>"), (b"<?", b"?>")];

/// Where a request starts or ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Boundary {
    /// A start tag starts here.
    Start(usize),
    /// An end tag ends here.
    End(usize),
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

fn after_name(bytes: &[u8], at: usize) -> Option<usize> {
    NAMES.iter().find(|name| bytes.get(at..).is_some_and(|rest| rest.starts_with(name))).map(|name| at + name.len())
}

/// Whether the start tag of a request starts at `at`.
#[must_use]
pub fn is_start(bytes: &[u8], at: usize) -> bool {
    let after = if bytes.get(at) == Some(&b'<') { after_name(bytes, at + 1) } else { None };
    after.is_some_and(|after| match bytes[after..] {
        [b'>', ..] | [b'/', b'>', ..] => true,
        [first, ..] => is_blank(first),
        [] => false,
    })
}

/// The end of the end tag of a request that starts at `at`.
fn end_tag(bytes: &[u8], at: usize) -> Option<usize> {
    let after = if bytes[at..].starts_with(b"</") { after_name(bytes, at + 2)? } else { return None };
    let close = after + bytes[after..].iter().take_while(|b| is_blank(**b)).count();
    (bytes.get(close) == Some(&b'>')).then_some(close + 1)
}

/// The end of the comment, CDATA section or instruction that starts at `at`: `Some(None)` when nothing closes it.
fn opaque(bytes: &[u8], at: usize) -> Option<Option<usize>> {
    let (open, close) = OPAQUE.iter().find(|(open, _)| bytes[at..].starts_with(open))?;
    let inside = at + open.len();
    Some(memmem::find(&bytes[inside..], close).map(|len| inside + len + close.len()))
}

/// The start of the last request of `bytes` that starts neither at 0 nor before `from`. What is opaque and
/// not closed yet hides all that follows.
#[must_use]
pub fn last_start(bytes: &[u8], from: usize) -> Option<usize> {
    let mut hidden = None;
    let starts = memmem::rfind_iter(bytes, b"Request").filter_map(|at| {
        let open = [4, 7].into_iter().filter_map(|len| at.checked_sub(len)).find(|open| bytes[*open] == b'<')?;
        is_start(bytes, open).then_some(open)
    });
    for start in starts.take_while(|start| *start >= from && *start > 0) {
        let hidden: &Vec<(usize, usize)> = hidden.get_or_insert_with(|| hidden_parts(bytes));
        let before = hidden.partition_point(|(open, _)| *open <= start);
        if before == 0 || hidden[before - 1].1 <= start {
            return Some(start);
        }
    }
    None
}

/// The opaque parts, in order; `bytes` starts outside any.
fn hidden_parts(bytes: &[u8]) -> Vec<(usize, usize)> {
    let (mut parts, mut end) = (Vec::new(), 0);
    for mark in memchr2_iter(b'!', b'?', bytes) {
        let Some(open) = mark.checked_sub(1).filter(|open| *open >= end && bytes[*open] == b'<') else { continue };
        if let Some(closed) = opaque(bytes, open) {
            end = closed.unwrap_or(bytes.len());
            parts.push((open, end));
        }
    }
    parts
}

/// The first boundary from `from` on, which stands outside anything opaque. What nothing closes hides nothing:
/// it is a fault, and what follows it is worth reading.
#[must_use]
pub fn next_boundary(bytes: &[u8], from: usize) -> Option<Boundary> {
    let mut hidden = from;
    // Once nothing closes one kind of opaque part, nothing will close the next of that kind either.
    let mut open_for_ever = [false; OPAQUE.len()];
    for at in memchr_iter(b'<', &bytes[from..]).map(|i| from + i) {
        if at < hidden {
            continue;
        }
        if let Some(end) = end_tag(bytes, at) {
            return Some(Boundary::End(end));
        }
        if is_start(bytes, at) {
            return Some(Boundary::Start(at));
        }
        let kind = OPAQUE.iter().position(|(open, _)| bytes[at..].starts_with(open));
        if let Some(kind) = kind.filter(|kind| !open_for_ever[*kind]) {
            match opaque(bytes, at).flatten() {
                Some(end) => hidden = end,
                None => open_for_ever[kind] = true,
            }
        }
    }
    None
}

/// Whether what the front end takes for one declaration is not one here: a request starts or ends in it, or something
/// opaque goes on after it.
#[must_use]
pub fn runs_over(declaration: &[u8]) -> bool {
    next_boundary(declaration, 0).is_some() || hidden_parts(declaration).last().is_some_and(|(_, end)| *end == declaration.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_tags_of_requests_and_nothing_else() {
        for yes in ["<addRequest>", "<modifyRequest >", "<deleteRequest/>", "<addRequest\n"] {
            assert!(is_start(yes.as_bytes(), 0), "{yes}");
        }
        for no in ["<addRequests>", "<addRequest", "</addRequest>", "addRequest>", "<AddRequest>", "<addRequest/x>", "<", ""] {
            assert!(!is_start(no.as_bytes(), 0), "{no}");
        }
        assert_eq!(end_tag(b"</addRequest \n>x", 0), Some(15));
        assert_eq!(end_tag(b"</addRequest x>", 0), None);
    }

    #[test]
    fn finds_the_last_start_outside_what_is_opaque() {
        let last = |text: &str| last_start(text.as_bytes(), 0);
        assert_eq!(last("<r><addRequest>a</addRequest><deleteRequest/>"), Some(29));
        assert_eq!(last("<addRequest>only at 0"), None);
        assert_eq!(last("x<addRequest><!-- <addRequest> --> <value>"), Some(1));
        assert_eq!(last("x<addRequest><![CDATA[<addRequest>]]><?p <addRequest>?>"), Some(1));
        assert_eq!(last("x<addRequest><!-- not closed <addRequest>"), Some(1));
        assert_eq!(last("<!-- a --><addRequest>"), Some(10));
    }

    #[test]
    fn a_declaration_holds_no_request_and_leaves_nothing_open() {
        let over = |text: &str| runs_over(text.as_bytes());
        assert!(!over("<!DOCTYPE a SYSTEM \"a.dtd\" [<!ENTITY b \"<c>\"><!-- <addRequest> -->]>"));
        assert!(over("<!DOCTYPE a \"<addRequest>") && over("<!DOCTYPE a [</addRequest>]>") && over("<!DOCTYPE a \"<!--\">"));
    }

    #[test]
    fn finds_the_next_boundary_even_after_what_nothing_closes() {
        let next = |text: &str| next_boundary(text.as_bytes(), 0);
        assert_eq!(next("a</value></addRequest>"), Some(Boundary::End(22)));
        assert_eq!(next("a<addRequest>"), Some(Boundary::Start(1)));
        assert_eq!(next("<!-- </addRequest> --><addRequest>"), Some(Boundary::Start(22)));
        assert_eq!(next("<!-- <![CDATA[ </addRequest>"), Some(Boundary::End(28)));
        assert_eq!(next("nothing"), None);
    }
}
