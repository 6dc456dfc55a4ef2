//! What the web pages of a host say of their hygiene: headers, cookies, forms, the address in clear.
//!
//! Facts come from answers by pure functions ([`page()`], [`clear()`], [`host::facts`]), so that a source that already has the
//! answers sends nothing twice; [`observe`] asks for those of a source that is nothing but an address. Must never hold a
//! requirement, and never put in a fact the value of a cookie nor a text of a page.

mod clear;
mod cookies;
mod headers;
pub mod host;
mod page;

use serde_json::Value;
use url::Url;

pub use clear::{MOST_HOPS, Start, clear, start};
pub use page::page;

use super::observation::{Sight, Unseen};
use super::probe::http::{Answer, Request};
use super::probe::jar::Jar;
use super::probe::{Ask, Door, Unanswered};
use crate::outcome::{Message, Reason};

/// What a source needs to know of what it asks for.
#[derive(Clone, Debug)]
pub struct Context {
    /// Seconds since 1970, to tell cookies that are set from those that are cleared.
    pub now: i64,
}

/// Observes an address: its page, the same in clear, and its host. `clear` is where http answers; without it, the usual port of
/// the host is asked when `base` is on the usual port of https.
pub fn observe(door: &mut Door, base: &Url, clear: Option<&Url>, context: &Context) -> Vec<Sight> {
    door.anonymous();
    let mut sights = vec![observe_page(door, "page", base, context)];
    let reached = sights[0].seen.is_ok();
    sights.push(observe_clear(door, base, clear, context));
    if reached {
        sights.extend(observe_host(door, base, std::slice::from_ref(base), context));
    }
    sights
}

/// One page, after the redirections that stay among the hosts admitted.
pub fn observe_page(door: &mut Door, probe: &'static str, url: &Url, context: &Context) -> Sight {
    door.probing(probe);
    let (mut jar, mut at) = (Jar::default(), url.clone());
    let mut hops: Vec<Answer> = Vec::new();
    let unanswered = loop {
        match door.ask(&Request::get(at.clone()), &mut jar) {
            Ok(answer) => {
                let next = answer.location().filter(|next| hops.len() < MOST_HOPS && door.admits(next).is_ok());
                hops.push(answer);
                match next {
                    Some(next) => at = next,
                    None => break None,
                }
            }
            Err(why) => break Some(why),
        }
    };
    let exchange = door.last_exchange();
    match (hops.last(), unanswered) {
        // What was reached last speaks for the page; cookies of every hop do.
        (Some(last), None) => sight(door, "web.page", probe, Ok(page(probe, last, &hops, context.now)), exchange),
        (_, why) => sight(door, "web.page", probe, Err(unseen(why.unwrap_or(Unanswered::Protocol))), exchange),
    }
}

/// The address in clear.
pub fn observe_clear(door: &mut Door, base: &Url, given: Option<&Url>, context: &Context) -> Sight {
    let probe = "clear";
    door.probing(probe);
    let start = match start(base, given) {
        Start::At(url) => url,
        Start::Unknown => return sight(door, "web.clear", probe, Err(Unseen::NotApplicable(Message::new("detail.no_clear"))), 0),
    };
    let (mut jar, mut at, mut hops) = (Jar::default(), start, Vec::<Answer>::new());
    loop {
        match door.ask(&Request::get(at.clone()), &mut jar) {
            Ok(answer) => {
                // Only what is in clear is followed: where https begins, the rest is another probe's business.
                let next = answer.location().filter(|n| n.scheme() == "http" && hops.len() < MOST_HOPS && door.admits(n).is_ok());
                hops.push(answer);
                match next {
                    Some(next) => at = next,
                    None => break,
                }
            }
            Err(_) if !hops.is_empty() => break,
            // Nothing answers in clear: there is nothing to protect.
            Err(Unanswered::Unreachable) => {
                let nothing = Unseen::NotApplicable(Message::new("detail.web.clear_closed"));
                return sight(door, "web.clear", probe, Err(nothing), door.last_exchange());
            }
            Err(why) => return sight(door, "web.clear", probe, Err(unseen(why)), door.last_exchange()),
        }
    }
    let facts = clear(&hops, context.now);
    sight(door, "web.clear", probe, Ok(facts), door.last_exchange())
}

/// What is asked of a host once; `endpoints` are the addresses whose sharing between origins matters (validation, metadata).
pub fn observe_host(door: &mut Door, base: &Url, endpoints: &[Url], context: &Context) -> Vec<Sight> {
    let asked = host::requests(base, endpoints);
    let one = |(probe, request): (&'static str, Request)| {
        door.probing(probe);
        let answer = door.ask(&request, &mut Jar::default());
        let exchange = door.last_exchange();
        sight(door, "web.host", probe, answer.map(|a| host::facts(probe, &a, context.now)).map_err(unseen), exchange)
    };
    asked.into_iter().map(one).collect()
}

fn sight(door: &Door, facts: &'static str, probe: &'static str, seen: Result<Value, Unseen>, exchange: u32) -> Sight {
    Sight { facts, probe, seen, request: door.shown(exchange) }
}

/// Why there is nothing to see.
#[must_use]
pub fn unseen(why: Unanswered) -> Unseen {
    let reason = if why.is_limit() { Reason::OutOfBudget } else { Reason::Blocked };
    let blocker = match why {
        Unanswered::Tls => Some("cas.untrusted"),
        _ => None,
    };
    let word = why.as_str();
    Unseen::Undetermined { reason, detail: Message::new(&format!("detail.unanswered.{word}")), blocker }
}

/// Another machine or another port, for a browser: not the same origin. Hosts of one site share their last two labels, which is
/// lenient where a suffix has two (`co.uk`), and accuses nobody.
fn same_site(a: &Url, b: &Url) -> bool {
    let tail = |url: &Url| {
        let host = url.host_str().unwrap_or_default().trim_end_matches('.').to_owned();
        let labels: Vec<&str> = host.rsplit('.').take(2).collect();
        labels.join(".")
    };
    match (a.host(), b.host()) {
        (Some(url::Host::Domain(_)), Some(url::Host::Domain(_))) => tail(a) == tail(b),
        (x, y) => x == y,
    }
}
