//! Which form of a page is the one to log in with, and which of its fields takes the name.

use super::page::{Form, Page};

/// Names that fields for the name have.
const NAMES: &[&str] = &["username", "j_username", "email", "login", "identifiant", "user", "uid", "userid"];
/// Names that one-shot tokens have.
const TOKENS: &[&str] = &["lt", "execution", "state", "session_code", "_token", "authenticity_token", "nonce"];

/// What a page offers to log in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// No form to log in.
    None,
    /// A form, by its rank; the ranks of its fields for the name and for the password.
    Form {
        /// Rank of the form.
        form: usize,
        /// Rank of the field for the name.
        user: Option<usize>,
        /// Rank of the field for the password.
        password: usize,
    },
    /// Several forms that look as good.
    Ambiguous,
    /// Forms with passwords, but to register or to change one.
    Other,
}

/// Chooses the form of a page.
#[must_use]
pub fn choose(page: &Page) -> Choice {
    let scored: Vec<(i32, usize)> = page.forms.iter().enumerate().filter_map(|(i, f)| Some((score(f)?, i))).collect();
    let Some(best) = scored.iter().map(|(s, _)| *s).max() else { return Choice::None };
    let mut at_best = scored.iter().filter(|(s, _)| *s == best);
    match (at_best.next(), at_best.next()) {
        (Some((score, form)), None) if *score > 0 => of(page, *form),
        (Some((score, _)), Some(_)) if *score > 0 => Choice::Ambiguous,
        _ => Choice::Other,
    }
}

/// The fields of a form that is known to be the one.
pub(super) fn of(page: &Page, form: usize) -> Choice {
    let fields = page.forms.get(form).map(|f| f.fields.as_slice()).unwrap_or_default();
    match fields.iter().position(|f| f.kind == "password" && !f.disabled) {
        Some(password) => Choice::Form { form, user: page.forms.get(form).and_then(|f| user_field(f, password)), password },
        None => Choice::None,
    }
}

/// The field for the name: what can be typed in just before the password, or a known name.
fn user_field(form: &Form, password: usize) -> Option<usize> {
    let usable = |i: &usize| form.fields.get(*i).is_some_and(|f| f.is_text() && !f.disabled && !f.name.is_empty());
    let known = |i: &usize| form.fields.get(*i).is_some_and(|f| NAMES.contains(&f.name.to_ascii_lowercase().as_str()));
    let all = || (0..form.fields.len()).filter(usable);
    (0..password).rev().find(usable).or_else(|| all().find(known))
}

/// How much a form looks like one to log in; `None` without a password.
fn score(form: &Form) -> Option<i32> {
    let passwords: Vec<usize> =
        form.fields.iter().enumerate().filter(|(_, f)| f.kind == "password" && !f.disabled).map(|(i, _)| i).collect();
    let first = *passwords.first()?;
    let mut score = if passwords.len() == 1 { 5 } else { -5 };
    score += if user_field(form, first).is_some() { 2 } else { 0 };
    score += if form.post { 2 } else { 0 };
    let path = form.action.as_ref().map(|u| u.path().to_ascii_lowercase()).unwrap_or_default();
    score += i32::from(["login", "cas", "auth", "connexion", "signin"].iter().any(|w| path.contains(w)));
    score += i32::from(token(form).is_some());
    let shown = form.fields.iter().filter(|f| f.shows()).count();
    score -= if form.hidden || shown < 2 { 3 } else { 0 };
    Some(score)
}

/// The name of the one-shot token of a form.
pub fn token(form: &Form) -> Option<&str> {
    let is = |name: &str| TOKENS.contains(&name) || name.contains("csrf") || name.contains("xsrf");
    let found = form.fields.iter().find(|f| f.kind == "hidden" && !f.value.is_empty() && is(&f.name.to_ascii_lowercase()));
    found.map(|f| f.name.as_str())
}
