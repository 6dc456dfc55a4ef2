//! What the demonstration ENT remembers: sessions, tickets, tokens. In memory, forgotten when it stops.

use std::collections::{HashMap, HashSet};
use std::time::Instant;

use jiff::Timestamp;

use super::people::Person;

/// A single sign-on session.
#[derive(Debug, Clone)]
pub struct Session {
    pub person: &'static Person,
    pub since: Timestamp,
    /// Services that got a ticket, with it: those to tell at logout.
    pub told: Vec<(String, String)>,
}

/// A service ticket or a proxy ticket.
#[derive(Debug, Clone)]
pub struct Ticket {
    pub person: &'static Person,
    pub session: String,
    pub service: String,
    pub since: Timestamp,
    pub made: Instant,
    /// Whether credentials were presented for it.
    pub fresh: bool,
    pub used: bool,
    /// Callbacks of the proxies it went through, the most recent first; empty for a service ticket.
    pub proxies: Vec<String>,
}

/// A proxy-granting ticket.
#[derive(Debug, Clone)]
pub struct Granting {
    pub person: &'static Person,
    pub session: String,
    pub since: Timestamp,
    pub proxies: Vec<String>,
}

/// Everything.
#[derive(Debug, Default)]
pub struct State {
    pub sessions: HashMap<String, Session>,
    pub tickets: HashMap<String, Ticket>,
    pub granting: HashMap<String, Granting>,
    pub tokens: HashSet<String>,
    /// Sessions of the portal page, with the single sign-on session they hang on.
    pub portal: HashMap<String, String>,
    pub count: u64,
    pub refusals: u32,
}

/// So many things of a kind are kept: a demonstration that runs for days stays small.
const KEPT: usize = 20_000;

impl State {
    /// Forgets everything of a kind that grew too much.
    pub fn bound(&mut self) {
        if self.tokens.len() > KEPT {
            self.tokens.clear();
        }
        if self.tickets.len() > KEPT {
            self.tickets.clear();
        }
        if self.sessions.len() > KEPT {
            self.sessions.clear();
            self.granting.clear();
            self.portal.clear();
        }
    }
}

/// A secret of so many letters and digits.
pub fn secret(length: usize) -> String {
    const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut out = String::with_capacity(length);
    let mut block = [0u8; 64];
    while out.len() < length {
        // Without randomness of the system nothing here would be worth serving.
        getrandom::fill(&mut block).expect("randomness of the system");
        let fair = block.iter().filter(|b| **b < 248).map(|b| char::from(LETTERS[usize::from(*b % 62)]));
        out.extend(fair.take(length - out.len()));
    }
    out
}
