//! The searches that services make every day, tried: what changed since a date, a person by login, an answer without delay.
//!
//! A few values of people are asked for and sent back to the server that gave them, on the connection of the account that reads: none is
//! kept, none is told. Must never judge.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::message::{Filter, Scope, Search};
use super::session::{Refusal, Session};
use crate::check::text::other_case;

/// Entries that a probe looks at.
pub(super) const FEW: i32 = 3;
/// The attribute that people sign in with.
const LOGIN: &str = "ENTPersonLogin";
/// What services search by; no entry has that value.
pub(super) const KEYS: &[&str] = &["uid", LOGIN, "ENTStructureUAI", "objectClass"];
const NOTHING: &str = "conforment-inconnu";
/// How many times a search is timed.
pub(super) const TRIES: u32 = 3;

/// The code of what was not answered; 0 for success, and for the limit that the request itself sets.
fn failed(code: u32) -> u32 {
    if code == 4 { 0 } else { code }
}

/// Under a branch: entries at most `most`, `each` told how.
fn under<'a>(base: &'a str, filter: Filter<'a>, attributes: &'a [&'a str], most: i32) -> Search<'a> {
    Search { base, scope: Scope::Subtree, filter, attributes, most, names_only: false }
}

/// Whether entries tell when they were written, and can be found by it: what a service that reads only what changed does.
pub(super) fn timestamps(session: &mut Session, bases: &[String]) -> Result<Value, Refusal> {
    let (mut entries, mut told, mut found, mut code) = (0, 0, 0, 0);
    for base in bases {
        let names = &["createTimestamp", "modifyTimestamp"];
        let dated = Search { names_only: true, ..under(base, Filter::Present(LOGIN), names, FEW) };
        let end = session.search(&dated, None, &mut |entry| {
            entries += 1;
            let has = |name: &&str| entry.attributes.iter().any(|(n, _)| n.eq_ignore_ascii_case(name.as_bytes()));
            told += u32::from(names.iter().all(has));
            true
        })?;
        let since = Search { names_only: true, ..under(base, Filter::AtLeast("modifyTimestamp", "19700102000000Z"), &["1.1"], FEW) };
        let by_date = session.search(&since, None, &mut |_| {
            found += 1;
            true
        })?;
        code = code.max(failed(end.code)).max(failed(by_date.code));
    }
    Ok(json!({"code": code, "entries": entries, "dated": told == entries, "foundByDate": found > 0}))
}

/// Whether people are found by their login, as it is written and in the other case.
pub(super) fn logins(session: &mut Session, bases: &[String]) -> Result<Value, Refusal> {
    let (mut tried, mut cased, mut found, mut found_cased, mut code) = (0, 0, 0, 0, 0);
    for base in bases {
        let mut logins = Vec::new();
        let end = session.search(&under(base, Filter::Present(LOGIN), &[LOGIN], FEW), None, &mut |entry| {
            logins.extend(entry.texts(LOGIN).into_iter().find(|login| !login.trim().is_empty() && login.len() <= 256));
            true
        })?;
        code = code.max(failed(end.code));
        for login in logins.iter().take(FEW as usize) {
            (tried, found) = (tried + 1, found + u32::from(finds(session, base, login, &mut code)?));
            if let Some(other) = in_other_case(login) {
                (cased, found_cased) = (cased + 1, found_cased + u32::from(finds(session, base, &other, &mut code)?));
            }
        }
    }
    Ok(json!({"code": code, "logins": tried, "found": found == tried, "cased": cased, "foundInOtherCase": found_cased == cased}))
}

fn finds(session: &mut Session, base: &str, login: &str, code: &mut u32) -> Result<bool, Refusal> {
    let mut any = false;
    let end = session.search(&under(base, Filter::Equal(LOGIN, login), &["1.1"], FEW), None, &mut |_| {
        any = true;
        true
    })?;
    *code = (*code).max(failed(end.code));
    Ok(any)
}

/// The login in the other case, where it has letters of ASCII: accents are not what is tried.
fn in_other_case(login: &str) -> Option<String> {
    let other = other_case(login);
    (other != *login && other.chars().any(|c| c.is_ascii_alphabetic())).then_some(other)
}

/// How long the searches that services make take, for a value that nothing has: with an index, no longer than any answer.
pub(super) fn times(session: &mut Session, bases: &[String]) -> Result<Value, Refusal> {
    let (mut slowest, mut slow, mut code) = (Duration::ZERO, None, 0);
    let at_best = |session: &mut Session, search: &Search<'_>, code: &mut u32| -> Result<Duration, Refusal> {
        let mut best = Duration::MAX;
        for _ in 0..TRIES {
            let started = Instant::now();
            let end = session.search(search, None, &mut |_| true)?;
            best = best.min(started.elapsed());
            *code = (*code).max(failed(end.code));
        }
        Ok(best)
    };
    let root = Search { scope: Scope::Base, ..under("", Filter::Present("objectClass"), &["1.1"], 1) };
    let mut ignored = 0;
    let plain = at_best(session, &root, &mut ignored)?;
    for base in bases {
        for key in KEYS {
            let took = at_best(session, &under(base, Filter::Equal(key, NOTHING), &["1.1"], 1), &mut code)?;
            if took > slowest {
                (slowest, slow) = (took, Some(*key));
            }
        }
    }
    let millis = |d: Duration| u64::try_from(d.as_millis()).unwrap_or(u64::MAX);
    Ok(json!({"code": code, "millis": millis(plain), "over": millis(slowest.saturating_sub(plain)), "slowest": slow}))
}

#[cfg(test)]
mod tests {
    use super::in_other_case;

    #[test]
    fn the_other_case_is_tried_where_there_is_one() {
        assert_eq!(in_other_case("lou.Exemple1").as_deref(), Some("LOU.eXEMPLE1"));
        assert_eq!((in_other_case("12.34"), in_other_case("É")), (None, None));
    }
}
