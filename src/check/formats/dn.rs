//! `dn`: the name of an entry (RFC 4514), not empty.

use crate::source::annuaire::dn::normalised;

/// A name that is one.
pub(super) fn dn(text: &str) -> bool {
    normalised(text).is_some_and(|name| !name.is_empty())
}

#[test]
fn names() {
    for good in ["uid=a,ou=personnes,dc=ent", "OU=a\\,b , dc=x", "cn=\"a,b\""] {
        assert!(dn(good), "{good}");
    }
    for bad in ["", "0990001N", "uid=a,", "uid=a<b"] {
        assert!(!dn(bad), "{bad}");
    }
}
