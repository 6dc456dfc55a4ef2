//! Mail addresses as real exports write them (aaf.md §3: no violation on 773 addresses).

pub(super) fn mail(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let Some((host, end)) = domain.rsplit_once('.') else { return false };
    let ok = |part: &str, extra: &[u8]| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || extra.contains(&b));
    ok(local, b"._%+'-") && ok(host, b".-") && (2..=63).contains(&end.len()) && end.bytes().all(|b| b.is_ascii_alphabetic())
}

#[test]
fn addresses() {
    assert!(mail("ce.0123456x@ac-exemple.fr") && mail("o'neil+x@a.b.org"));
    for bad in ["", "a@b", "@b.fr", "a b@c.fr", "a@c.f", "a@b@c.fr", "a@.", "é@c.fr"] {
        assert!(!mail(bad), "{bad}");
    }
}
