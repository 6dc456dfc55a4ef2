//! Booleans `O` / `N` (aaf.md §3).

pub(super) fn oui_non(text: &str) -> bool {
    matches!(text, "O" | "N")
}

#[test]
fn letters() {
    assert!(oui_non("O") && oui_non("N") && !oui_non("o") && !oui_non(""));
}
