//! Where records start and end in the raw bytes of an XML file: what the chunker cuts by and what parsers recover by.
//!
//! Both obey one rule, so that where a file happens to be cut changes nothing: the start tag of a record
//! always starts a record, and its end tag ends one, unless it stands in a comment, a CDATA section or
//! a processing instruction. Must never look at anything else.

use memchr::{memchr_iter, memchr2_iter, memmem, memrchr_iter};

use super::paragraph;

/// Bytes to look at again when more come: no tag that matters is longer.
pub const TAG: usize = 64;

/// The elements that are records, in one format. None is ever found inside another.
#[derive(Debug)]
pub struct Bounds {
    /// Their names; none when records are paragraphs, which an empty line ends.
    pub names: &'static [&'static str],
    /// They may have a namespace prefix.
    pub prefixed: bool,
}

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

impl Bounds {
    /// Where the name that starts at `at` ends, when it is that of a record.
    fn after_name(&self, bytes: &[u8], at: usize) -> Option<usize> {
        let rest = bytes.get(at..)?;
        if !self.prefixed {
            return self.names.iter().find(|name| rest.starts_with(name.as_bytes())).map(|name| at + name.len());
        }
        let end = rest.iter().take(TAG - 2).position(|b| is_blank(*b) || matches!(b, b'>' | b'/' | b'<'))?;
        let name = rest[..end].iter().position(|b| *b == b':').map_or(&rest[..end], |colon| &rest[colon + 1..end]);
        self.names.iter().any(|known| known.as_bytes() == name).then_some(at + end)
    }

    /// Whether the start tag of a record starts at `at`.
    #[must_use]
    pub fn is_start(&self, bytes: &[u8], at: usize) -> bool {
        let after = if bytes.get(at) == Some(&b'<') { self.after_name(bytes, at + 1) } else { None };
        after.is_some_and(|after| match bytes[after..] {
            [b'>', ..] | [b'/', b'>', ..] => true,
            [first, ..] => is_blank(first),
            [] => false,
        })
    }

    /// The end of the end tag of a record that starts at `at`.
    fn end_tag(&self, bytes: &[u8], at: usize) -> Option<usize> {
        let after = if bytes[at..].starts_with(b"</") { self.after_name(bytes, at + 2)? } else { return None };
        let close = after + bytes[after..].iter().take_while(|b| is_blank(**b)).count();
        (bytes.get(close) == Some(&b'>')).then_some(close + 1)
    }

    /// The start of the last record of `bytes` that starts neither at 0 nor before `from`. What is opaque and
    /// not closed yet hides all that follows.
    #[must_use]
    pub fn last_start(&self, bytes: &[u8], from: usize) -> Option<usize> {
        if self.names.is_empty() {
            return paragraph::last_end(bytes, from);
        }
        let mut hidden = None;
        let tags = memrchr_iter(b'<', bytes).take_while(|at| *at >= from && *at > 0);
        for start in tags.filter(|at| self.is_start(bytes, *at)) {
            let hidden: &Vec<(usize, usize)> = hidden.get_or_insert_with(|| hidden_parts(bytes));
            let before = hidden.partition_point(|(open, _)| *open <= start);
            if before == 0 || hidden[before - 1].1 <= start {
                return Some(start);
            }
        }
        None
    }

    /// Where the last record starts of many that nothing tells apart but their first line; none where records have tags.
    #[must_use]
    pub fn late_start(&self, bytes: &[u8]) -> Option<usize> {
        if self.names.is_empty() { paragraph::late_start(bytes) } else { None }
    }

    /// The first boundary from `from` on, which stands outside anything opaque. What nothing closes hides nothing:
    /// it is a fault, and what follows it is worth reading.
    #[must_use]
    pub fn next_boundary(&self, bytes: &[u8], from: usize) -> Option<Boundary> {
        if self.names.is_empty() {
            return paragraph::next_end(bytes, from).map(Boundary::End);
        }
        let mut hidden = from;
        // Once nothing closes one kind of opaque part, nothing will close the next of that kind either.
        let mut open_for_ever = [false; OPAQUE.len()];
        for at in memchr_iter(b'<', &bytes[from..]).map(|i| from + i) {
            if at < hidden {
                continue;
            }
            if let Some(end) = self.end_tag(bytes, at) {
                return Some(Boundary::End(end));
            }
            if self.is_start(bytes, at) {
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

    /// Whether what a parser takes for one declaration is not one here: a record starts or ends in it, or something
    /// opaque goes on after it.
    #[must_use]
    pub fn runs_over(&self, declaration: &[u8]) -> bool {
        self.next_boundary(declaration, 0).is_some() || hidden_parts(declaration).last().is_some_and(|(_, end)| *end == declaration.len())
    }
}

/// The end of the comment, CDATA section or instruction that starts at `at`: `Some(None)` when nothing closes it.
fn opaque(bytes: &[u8], at: usize) -> Option<Option<usize>> {
    let (open, close) = OPAQUE.iter().find(|(open, _)| bytes[at..].starts_with(open))?;
    let inside = at + open.len();
    Some(memmem::find(&bytes[inside..], close).map(|len| inside + len + close.len()))
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

#[cfg(test)]
mod tests {
    use super::*;

    const AAF: Bounds = Bounds { names: &["addRequest", "modifyRequest", "deleteRequest"], prefixed: false };

    #[test]
    fn a_prefix_changes_nothing_where_there_may_be_one() {
        let gar = Bounds { names: &["GARGroupe"], prefixed: true };
        for yes in ["<GARGroupe>", "<men:GARGroupe>", "<a-b.c:GARGroupe a='b'>", "<men:GARGroupe/>"] {
            assert!(gar.is_start(yes.as_bytes(), 0), "{yes}");
        }
        for no in ["<men:GARGroupeCode>", "<men:GARGroup>", "</men:GARGroupe>", "<men:GARGroupe", "<a:b:GARGroupe>"] {
            assert!(!gar.is_start(no.as_bytes(), 0), "{no}");
        }
        assert_eq!(gar.end_tag(b"</men:GARGroupe >x", 0), Some(17));
    }

    #[test]
    fn knows_the_tags_of_requests_and_nothing_else() {
        for yes in ["<addRequest>", "<modifyRequest >", "<deleteRequest/>", "<addRequest\n"] {
            assert!(AAF.is_start(yes.as_bytes(), 0), "{yes}");
        }
        for no in ["<addRequests>", "<addRequest", "</addRequest>", "addRequest>", "<AddRequest>", "<addRequest/x>", "<", ""] {
            assert!(!AAF.is_start(no.as_bytes(), 0), "{no}");
        }
        assert_eq!(AAF.end_tag(b"</addRequest \n>x", 0), Some(15));
        assert_eq!(AAF.end_tag(b"</addRequest x>", 0), None);
    }

    #[test]
    fn finds_the_last_start_outside_what_is_opaque() {
        let last = |text: &str| AAF.last_start(text.as_bytes(), 0);
        assert_eq!(last("<r><addRequest>a</addRequest><deleteRequest/>"), Some(29));
        assert_eq!(last("<addRequest>only at 0"), None);
        assert_eq!(last("x<addRequest><!-- <addRequest> --> <value>"), Some(1));
        assert_eq!(last("x<addRequest><![CDATA[<addRequest>]]><?p <addRequest>?>"), Some(1));
        assert_eq!(last("x<addRequest><!-- not closed <addRequest>"), Some(1));
        assert_eq!(last("<!-- a --><addRequest>"), Some(10));
    }

    #[test]
    fn a_declaration_holds_no_request_and_leaves_nothing_open() {
        let over = |text: &str| AAF.runs_over(text.as_bytes());
        assert!(!over("<!DOCTYPE a SYSTEM \"a.dtd\" [<!ENTITY b \"<c>\"><!-- <addRequest> -->]>"));
        assert!(over("<!DOCTYPE a \"<addRequest>") && over("<!DOCTYPE a [</addRequest>]>") && over("<!DOCTYPE a \"<!--\">"));
    }

    #[test]
    fn finds_the_next_boundary_even_after_what_nothing_closes() {
        let next = |text: &str| AAF.next_boundary(text.as_bytes(), 0);
        assert_eq!(next("a</value></addRequest>"), Some(Boundary::End(22)));
        assert_eq!(next("a<addRequest>"), Some(Boundary::Start(1)));
        assert_eq!(next("<!-- </addRequest> --><addRequest>"), Some(Boundary::Start(22)));
        assert_eq!(next("<!-- <![CDATA[ </addRequest>"), Some(Boundary::End(28)));
        assert_eq!(next("nothing"), None);
    }
}
