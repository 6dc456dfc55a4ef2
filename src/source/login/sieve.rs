//! What of an HTML page a login can depend on, written again in a form whose parsing is bounded.
//!
//! HTML trees can be made to cost the square of their size (formatting elements opened again in every paragraph, depth, thousands
//! of attributes): a page of a hostile server never reaches the parser as it came. One linear pass keeps the elements that count,
//! closes what it opens, and limits their number, depth and attributes. Tables are dropped on purpose: browsers keep the fields of a
//! form that a table cuts in two, trees do not. Must never fail, whatever the page.

/// Bytes read of a page.
const READ: usize = 1 << 20;
/// Elements kept.
const ELEMENTS: usize = 8_000;
/// Elements open at once.
const DEPTH: usize = 200;
/// Attributes kept of an element, and bytes of each.
const ATTRIBUTES: usize = 48;
const VALUE: usize = 16 << 10;

/// Elements kept that are never closed.
const VOID: &[&str] = &["base", "img", "input", "link", "meta"];
/// Elements kept that hold others.
const HOLD: &[&str] = &[
    "article", "aside", "body", "button", "dialog", "div", "fieldset", "footer", "form", "head", "header", "html", "label", "legend", "li",
    "main", "nav", "option", "p", "section", "select", "span", "ul", "a",
];
/// Elements that hold text only.
const RAW: &[&str] = &["script", "style", "textarea", "title", "noscript", "template", "iframe", "xmp", "noembed", "noframes"];

/// A page that was read.
#[derive(Clone, Debug, Default)]
pub(super) struct Sieved {
    /// The page, bounded.
    pub html: String,
    /// Text of the scripts that are in the page.
    pub inline: Vec<String>,
    /// Text of `noscript` elements.
    pub noscript: bool,
    /// A title that is not empty.
    pub titled: bool,
    /// Elements of the page's own making (`<r-wayf>`): nothing without scripts.
    pub custom: usize,
    /// Something was left out because of a limit.
    pub cut: bool,
}

struct Tag<'a> {
    name: String,
    closes: bool,
    attributes: Vec<(String, &'a str)>,
}

/// Reads a page.
pub(super) fn sieve(text: &str) -> Sieved {
    let mut end = text.len().min(READ);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let mut out = Sieved { cut: end < text.len(), ..Sieved::default() };
    let mut open: Vec<String> = Vec::new();
    let (mut rest, mut elements) = (&text[..end], 0);
    while let Some(at) = rest.find('<') {
        push_text(&mut out.html, &rest[..at]);
        rest = &rest[at..];
        let second = rest.as_bytes().get(1).copied().unwrap_or_default();
        if second == b'!' || second == b'?' || (second == b'/' && !rest.as_bytes().get(2).is_some_and(u8::is_ascii_alphabetic)) {
            rest = after_comment(rest);
            continue;
        }
        if second != b'/' && !second.is_ascii_alphabetic() {
            out.html.push_str("&lt;");
            rest = &rest[1..];
            continue;
        }
        let (tag, after) = tag(rest, &mut out.cut);
        rest = after;
        let name = tag.name.as_str();
        if tag.closes {
            // Only what is open is closed, with all that it holds.
            if let Some(at) = open.iter().rposition(|o| o == name) {
                for name in open.drain(at..).rev() {
                    out.html.push_str(&format!("</{name}>"));
                }
            }
            continue;
        }
        let custom = name.contains('-');
        out.custom += usize::from(custom);
        if elements >= ELEMENTS {
            out.cut = true;
            break;
        }
        if RAW.contains(&name) {
            let (inside, after) = raw(rest, name);
            rest = after;
            match name {
                "script" => {
                    elements += 1;
                    push_tag(&mut out.html, &tag);
                    out.html.push_str("</script>");
                    if !inside.trim().is_empty() {
                        out.inline.push(inside.to_owned());
                    }
                }
                "textarea" => {
                    elements += 1;
                    push_tag(&mut out.html, &tag);
                    out.html.push_str("</textarea>");
                }
                "noscript" => out.noscript |= !inside.trim().is_empty(),
                "title" => out.titled |= !inside.trim().is_empty(),
                _ => {}
            }
        } else if VOID.contains(&name) {
            elements += 1;
            push_tag(&mut out.html, &tag);
        } else if custom || HOLD.contains(&name) {
            let alone = matches!(name, "a" | "button" | "option" | "form" | "p" | "select");
            if open.len() >= DEPTH {
                out.cut = true;
            } else if name == "form" && open.iter().any(|o| o == "form") {
                // A form in a form is none: the fields belong to the outer one.
            } else {
                elements += 1;
                if alone && let Some(at) = open.iter().rposition(|o| o == name) {
                    for name in open.drain(at..).rev() {
                        out.html.push_str(&format!("</{name}>"));
                    }
                }
                push_tag(&mut out.html, &tag);
                open.push(tag.name);
            }
        } else if !matches!(name, "b" | "i" | "em" | "strong" | "u" | "small" | "font") {
            out.html.push(' ');
        }
    }
    push_text(&mut out.html, rest.split('<').next().unwrap_or_default());
    out
}

fn push_text(out: &mut String, text: &str) {
    out.push_str(&text.replace('<', "&lt;"));
}

fn push_tag(out: &mut String, tag: &Tag<'_>) {
    out.push('<');
    out.push_str(&tag.name);
    for (name, value) in &tag.attributes {
        out.push(' ');
        out.push_str(name);
        out.push_str("=\"");
        // Character references stay as they are: the parser reads them.
        out.push_str(&value.replace('"', "&quot;"));
        out.push('"');
    }
    out.push('>');
}

/// What follows a comment, a doctype or a processing instruction.
fn after_comment(text: &str) -> &str {
    let Some(inside) = text.strip_prefix("<!--") else {
        return text.find('>').map_or("", |at| &text[at + 1..]);
    };
    if let Some(after) = inside.strip_prefix('>').or_else(|| inside.strip_prefix("->")) {
        return after;
    }
    let plain = inside.find("-->").map(|at| (at, 3));
    // `--!>` ends one too.
    let odd = inside[..plain.map_or(inside.len(), |p| p.0)].find("--!>").map(|at| (at, 4));
    odd.or(plain).map_or("", |(at, length)| &inside[at + length..])
}

/// The text of an element that holds text only, and what follows it.
fn raw<'a>(text: &'a str, name: &str) -> (&'a str, &'a str) {
    let bytes = text.as_bytes();
    let mut from = 0;
    while let Some(at) = text[from..].find("</").map(|at| from + at) {
        let after = at + 2 + name.len();
        let closes = bytes.get(at + 2..after).is_some_and(|b| b.eq_ignore_ascii_case(name.as_bytes()));
        if closes && bytes.get(after).is_none_or(|b| b.is_ascii_whitespace() || matches!(b, b'/' | b'>')) {
            return (&text[..at], text[after..].find('>').map_or("", |end| &text[after + end + 1..]));
        }
        from = at + 2;
    }
    (text, "")
}

/// Reads a tag; `text` begins with `<` and a letter, or `</` and a letter.
fn tag<'a>(text: &'a str, cut: &mut bool) -> (Tag<'a>, &'a str) {
    let closes = text.as_bytes().get(1) == Some(&b'/');
    let mut rest = &text[if closes { 2 } else { 1 }..];
    let name = take(&mut rest, |c| c.is_ascii_whitespace() || matches!(c, '/' | '>'));
    let plain = name.len() <= 64 && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':'));
    let name = if plain { name.to_ascii_lowercase() } else { String::new() };
    let mut attributes: Vec<(String, &str)> = Vec::new();
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        if let Some(after) = rest.strip_prefix('>') {
            rest = after;
            break;
        }
        if rest.is_empty() {
            break;
        }
        let first = rest.chars().next().map_or(0, char::len_utf8);
        let mut tail = &rest[first..];
        let more = take(&mut tail, |c| c.is_ascii_whitespace() || matches!(c, '/' | '>' | '='));
        let key = &rest[..first + more.len()];
        rest = tail.trim_start_matches(|c: char| c.is_ascii_whitespace());
        let mut value = "";
        if let Some(after) = rest.strip_prefix('=') {
            rest = after.trim_start_matches(|c: char| c.is_ascii_whitespace());
            match rest.chars().next() {
                Some(quote @ ('"' | '\'')) => {
                    let inside = &rest[1..];
                    let end = inside.find(quote).unwrap_or(inside.len());
                    value = &inside[..end];
                    rest = inside.get(end + 1..).unwrap_or_default();
                }
                _ => value = take(&mut rest, |c| c.is_ascii_whitespace() || c == '>'),
            }
        }
        let fine = key.len() <= 64 && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':' | '.' | '@'));
        if value.len() > VALUE || attributes.len() >= ATTRIBUTES {
            *cut = true;
        } else if fine {
            let key = key.to_ascii_lowercase();
            if attributes.iter().all(|(k, _)| *k != key) {
                attributes.push((key, value));
            }
        }
    }
    (Tag { name, closes, attributes }, rest)
}

fn take<'a>(text: &mut &'a str, stop: impl Fn(char) -> bool) -> &'a str {
    let end = text.find(stop).unwrap_or(text.len());
    let (taken, rest) = text.split_at(end);
    *text = rest;
    taken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_counts_is_kept_and_closed() {
        let page =
            sieve("<!DOCTYPE html><!--<form>--><TABLE><tr><FORM Action='a\"b'><b><input name=u value=a/b></b></tr></table></form><div");
        assert_eq!(page.html, "   <form action=\"a&quot;b\"><input name=\"u\" value=\"a/b\"></form><div>".replace("   <f", "  <f"));
        assert!(!page.cut);
        let page = sieve("<script>if (a</b>/) '<form>'</script><noscript>JS</noscript><r-wayf></r-wayf></zzz><p><p>x < y");
        assert_eq!(page.html, "<script></script><r-wayf></r-wayf><p></p><p>x &lt; y");
        assert_eq!((page.inline.len(), page.noscript, page.custom), (1, true, 1));
        assert_eq!(sieve("<!--><p>a").html, "<p>a");
        assert_eq!(sieve("a<!--b--!>c<?x?>d</ e>f").html, "acdf");
    }

    #[test]
    fn limits_hold() {
        let deep = sieve(&"<div>".repeat(100_000));
        assert!(deep.cut && deep.html.matches("<div>").count() == DEPTH);
        let wide = sieve(&"<p a=1>x".repeat(100_000));
        assert!(wide.cut && wide.html.matches("<p ").count() == ELEMENTS);
        let long = sieve(&format!("<input name=a value=\"{}\"><input name=b>", "v".repeat(900_000)));
        assert!(long.cut && long.html == "<input name=\"a\"><input name=\"b\">");
        let many: String = (0..50_000).map(|i| format!(" a{i}=1")).collect();
        assert!(sieve(&format!("<form{many}>")).html.len() < 1_000);
    }
}
