//! What to do with a page: steps of the configuration first, then what the page itself tells.

use url::Url;

use super::choose::{Choice, choose};
use super::driver::{Next, Walk};
use super::facts::MESSAGES;
use super::fill;
use super::outcome::{HopKind, Interaction, Outcome};
use super::page::Page;
use super::scan;
use super::steps::{self, Step, StepFault, Wayf};
use crate::source::probe::http::{Answer, origin};

/// A refresh further away than this waits for somebody to read, or for a session to end.
const SOON: u32 = 15;

impl Walk<'_, '_> {
    /// What an awaited answer says of the step that asked for it.
    pub(super) fn expected(&mut self, answer: &Answer) -> Option<Outcome> {
        let rank = self.expecting.take()?;
        let step = self.driver.config.steps.get(rank)?;
        let expect = step.expect.as_ref()?;
        let to = answer.location().map(|u| u.to_string()).or_else(|| answer.header("location").map(str::to_owned));
        if let (Some(pattern), Some(to)) = (&expect.location_not, to)
            && steps::matches(pattern, &to)
        {
            return Some(match step.sends("password") {
                true => Outcome::WrongCredentials(None),
                false => self.fault(rank, StepFault::Location),
            });
        }
        let fits = expect.status.is_empty() || expect.status.contains(&answer.status);
        (!fits).then(|| self.fault(rank, StepFault::Status(answer.status)))
    }

    fn fault(&self, rank: usize, why: StepFault) -> Outcome {
        Outcome::Step(self.driver.config.error(rank, why))
    }

    /// What to do with a page.
    pub(super) fn decide(&mut self, page: Page) -> Next {
        if let Some(next) = self.script(&page) {
            return next;
        }
        let next = self.generic(page);
        // A script that was meant to be followed, and ends on a page that it does not know, explains that end.
        let left = self.driver.config.steps.get(self.step..).unwrap_or_default().iter().position(|s| !s.optional);
        match (next, left) {
            (Next::End(Outcome::Other(_) | Outcome::NeedsScript(_) | Outcome::Ambiguous(_)), Some(left))
                if self.driver.wanted().is_some() =>
            {
                self.fault(self.step + left, StepFault::Unreached).into()
            }
            (next, _) => next,
        }
    }

    /// The next step of the script, when it is for this page.
    fn script(&mut self, page: &Page) -> Option<Next> {
        loop {
            let rank = self.step;
            let step = self.driver.config.steps.get(rank)?;
            if !steps::matches(&step.matches, page.url.as_str()) {
                if !step.optional {
                    return None;
                }
                self.step += 1;
                continue;
            }
            let secret = step.sends("user") || step.sends("password");
            if secret && self.driver.wanted().is_none() {
                return None;
            }
            self.step += 1;
            return Some(self.play(page, rank, step).unwrap_or_else(|why| self.fault(rank, why).into()));
        }
    }

    fn play(&mut self, page: &Page, rank: usize, step: &Step) -> Result<Next, StepFault> {
        if step.sends("service") && self.driver.service.is_none() {
            return Err(StepFault::NoService);
        }
        let credentials = self.driver.wanted();
        let value = |written: &str| {
            steps::replace(written, |name| match name {
                "user" => credentials.map(|c| c.user.clone()),
                "password" => credentials.map(|c| c.password.clone()),
                "service" => self.driver.service.map(Url::to_string),
                "login" => Some(self.start.to_string()),
                _ => None,
            })
        };
        let request = if let Some(query) = &step.append_query {
            self.visit(appended(&page.url, &value(query)?))
        } else if let Some(to) = &step.post {
            let to = page.base.join(&value(to)?).ok().filter(|u| matches!(u.scheme(), "http" | "https")).ok_or(StepFault::Address)?;
            let mut body = url::form_urlencoded::Serializer::new(String::new());
            for (name, written) in &step.fields {
                body.append_pair(name, &value(written)?);
            }
            fill::post(to, Some(&page.url), body.finish())
        } else {
            let form = step.form.as_ref().ok_or(StepFault::Actions)?;
            let rank = page.form_at(&form.css).map_err(|()| StepFault::Selector(form.css.clone()))?;
            let found = rank.and_then(|r| page.forms.get(r)).ok_or_else(|| StepFault::NoForm(form.css.clone()))?;
            let to = fill::action(page, found, form.button.as_deref()).ok_or(StepFault::Address)?;
            let set = form.set.iter().map(|(n, v)| Ok((n.clone(), value(v)?))).collect::<Result<Vec<_>, StepFault>>()?;
            if step.sends("password") && (!found.post || found.other_encoding) {
                return Ok(Outcome::FormUnfit(Box::new(page.clone())).into());
            }
            fill::request(page, found, to, &fill::pairs(found, &set, form.button.as_deref()))
        };
        let secret = step.sends("user") || step.sends("password");
        if credentials.is_some_and(|c| secret && c.origin != request.url.origin()) {
            return Ok(Outcome::FormLeadsElsewhere { origin: origin(&request.url), page: None }.into());
        }
        if step.sends("password") {
            if self.submitted_at.is_some() {
                return Ok(Outcome::WrongCredentials(Some(Box::new(page.clone()))).into());
            }
            self.submitting();
        }
        self.expecting = Some(rank);
        Ok(Next::send(request, HopKind::Step))
    }

    fn generic(&mut self, page: Page) -> Next {
        for (rank, form) in page.forms.iter().enumerate() {
            let carried =
                MESSAGES.iter().find(|m| form.fields.iter().any(|f| f.name == **m && f.kind != "password" && !f.value.is_empty()));
            if let Some(name) = carried.filter(|_| form.kind() == "message") {
                return self.message(&page, rank, name);
            }
            let ticket = form.action.as_ref().filter(|_| form.fields.iter().any(|f| f.name == "ticket" && f.kind == "hidden"));
            if let Some(to) = ticket.filter(|_| form.kind() == "proceed" && self.driver.service.is_some()) {
                return Next::send(fill::request(&page, form, to.clone(), &fill::pairs(form, &[], None)), HopKind::Message);
            }
            if form.kind() == "storage"
                && let Some(to) = fill::action(&page, form, Some("_eventId_proceed")).or_else(|| form.action.clone())
            {
                return Next::send(fill::request(&page, form, to, &fill::pairs(form, &[], Some("_eventId_proceed"))), HopKind::Storage);
            }
        }
        if let Some(next) = self.wayf(&page) {
            return next;
        }
        if choose(&page) != Choice::None || self.named_form(&page) {
            return self.log_in(page);
        }
        if let Some(next) = self.interstitial(&page) {
            return next;
        }
        if let Some((_, to)) = page.refresh.as_ref().filter(|(delay, to)| *delay <= SOON && *to != page.url) {
            return Next::send(self.visit(to.clone()), HopKind::Refresh);
        }
        let mut jumps = page.jumps.clone();
        jumps.dedup();
        if let ([to], true) = (jumps.as_slice(), page.forms.is_empty() && page.text < 500 && page.jumps[..] != [page.url.clone()]) {
            return Next::send(self.visit(to.clone()), HopKind::Script);
        }
        self.end(page)
    }

    fn named_form(&self, page: &Page) -> bool {
        let named = self.driver.config.form.as_ref().and_then(|r| page.form_at(&r.css).ok().flatten());
        named.is_some_and(|rank| super::choose::of(page, rank) != Choice::None)
    }

    /// The end that a page tells when there is nothing to do on it.
    fn end(&self, page: Page) -> Next {
        let cookies = self.cookies();
        let blocked =
            [(page.words.captcha, Interaction::Captcha), (page.words.code, Interaction::Code), (page.words.terms, Interaction::Terms)];
        let asks = page.forms.iter().any(|f| matches!(f.kind(), "text" | "proceed") && f.post);
        if let Some((_, what)) = blocked.into_iter().find(|(word, _)| *word && asks) {
            return self.interactive(page, what);
        }
        // A short page that speaks of a failure is about that failure; a portal may speak of anything.
        let refuses = page.words.error && (page.status >= 400 || page.text < 600);
        let logged_in = self.submitted_at.is_some() && self.driver.service.is_none() && !cookies.is_empty() && page.status < 400;
        if logged_in && !refuses {
            return Outcome::Session { page: Some(Box::new(page)), left: None, cookies }.into();
        }
        if refuses && page.status >= 400 {
            return Outcome::Refused(Box::new(page)).into();
        }
        if offers(&page) {
            return Outcome::Wayf(Box::new(page)).into();
        }
        if page.needs_script {
            return Outcome::NeedsScript(Box::new(page)).into();
        }
        if refuses {
            return Outcome::Refused(Box::new(page)).into();
        }
        let proceed = page.forms.len() == 1 && page.forms.iter().all(|f| f.kind() == "proceed" && f.post && !f.buttons.is_empty());
        if proceed {
            return self.interactive(page, Interaction::Proceed);
        }
        Outcome::Other(Box::new(page)).into()
    }

    fn interstitial(&self, page: &Page) -> Option<Next> {
        let named = self.driver.config.interstitials.iter().find(|i| steps::matches(&i.matches, page.url.as_str()))?;
        let rank = match &named.css {
            Some(css) => page.form_at(css).ok().flatten()?,
            None => (page.forms.len() == 1).then_some(0)?,
        };
        let form = page.forms.get(rank).filter(|f| f.kind() == "proceed")?;
        let to = fill::action(page, form, named.button.as_deref())?;
        let pairs = fill::pairs(form, &[], named.button.as_deref());
        Some(Next::send(fill::request(page, form, to, &pairs), HopKind::Interstitial))
    }

    /// The choice of the configuration, once.
    fn wayf(&mut self, page: &Page) -> Option<Next> {
        let wayf = self.driver.config.wayf.as_ref().filter(|_| !self.wayf_done && self.submitted_at.is_none())?;
        let request = match wayf {
            Wayf::Link(said) => {
                let said = scan::plain(said);
                self.visit(page.links.iter().find(|l| l.said.contains(&said))?.url.clone())
            }
            Wayf::Href(part) => self.visit(page.links.iter().find(|l| l.url.as_str().contains(part.as_str()))?.url.clone()),
            Wayf::Radio(chosen) => {
                let of = |f: &super::page::Form| {
                    f.fields
                        .iter()
                        .find(|x| x.kind == "radio" && (x.id == *chosen || x.value == *chosen))
                        .map(|x| (x.name.clone(), x.value.clone()))
                };
                let (form, set) = page.forms.iter().filter(|f| f.kind() == "radios").find_map(|f| Some((f, of(f)?)))?;
                let to = fill::action(page, form, None)?;
                fill::request(page, form, to, &fill::pairs(form, &[set], None))
            }
            Wayf::AppendQuery(query) => {
                let to = appended(&page.url, query);
                // With a login form there, nothing is left to choose.
                (to != page.url && choose(page) == Choice::None).then(|| self.visit(to))?
            }
        };
        self.wayf_done = true;
        Some(Next::send(request, HopKind::Wayf))
    }
}

/// An address with more in its query, unless it is there already.
fn appended(url: &Url, query: &str) -> Url {
    let mut out = url.clone();
    out.set_fragment(None);
    let before = url.query().unwrap_or_default();
    if !before.split('&').any(|pair| pair == query) {
        let joined = if before.is_empty() { query.to_owned() } else { format!("{before}&{query}") };
        out.set_query(Some(&joined));
    }
    out
}

/// Whether a page offers identity providers: radios of one form, or two links that lead to some.
fn offers(page: &Page) -> bool {
    let leads = |url: &Url| {
        let text = url.as_str().to_ascii_lowercase();
        ["idp", "wayf", "selection=", "saml", "educonnect", "entityid=", "oauth", "client_name="].iter().any(|w| text.contains(w))
    };
    let radios = page.forms.iter().any(|f| f.fields.iter().filter(|x| x.kind == "radio").count() > 1);
    radios || page.links.iter().filter(|l| leads(&l.url)).count() > 1
}
