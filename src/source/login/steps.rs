//! What the target file says of a login that cannot be guessed: which form, which identity provider, which steps.
//!
//! Holds no password: `${user}` and `${password}` stand for those given to the run.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How to log in, when the pages do not tell.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Login {
    /// The form, when it cannot be told from others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub form: Option<FormRule>,
    /// What to choose where identity providers are offered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wayf: Option<Wayf>,
    /// Steps, in order; each applies to the first page that it matches.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
    /// Pages that only ask to go on, and may be gone through (a message, a consent already given).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub interstitials: Vec<Interstitial>,
}

/// A form, and its fields when they cannot be told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FormRule {
    /// CSS selector of the form, or of something in it: `form#fm1`.
    pub css: String,
    /// Name of the field for the user name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Name of the button to press; the first when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub button: Option<String>,
}

/// Which identity provider to choose: one of these.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Wayf {
    /// A link, by a part of what it says; case and accents do not matter.
    Link(String),
    /// A link, by a part of its address.
    Href(String),
    /// A radio button or an option, by its id or its value.
    Radio(String),
    /// What to add to the query of the address: `idpId=local`.
    AppendQuery(String),
}

/// A step: exactly one of `post`, `append_query` and `form`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Name, for messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Address of the page it applies to; `*` stands for any characters.
    #[serde(rename = "match")]
    pub matches: String,
    /// Address to post `fields` to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post: Option<String>,
    /// Fields of `post`; `${user}`, `${password}`, `${service}` (address of the service) and `${login}` (address the login
    /// began with) are replaced.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, String>,
    /// What to add to the query of the address, which is asked again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub append_query: Option<String>,
    /// Form of the page to send.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<StepForm>,
    /// What the answer must be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect: Option<Expect>,
    /// The step is skipped when the page is another.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
}

/// A form that a step sends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StepForm {
    /// CSS selector of the form, or of something in it.
    pub css: String,
    /// Fields to fill, as in `fields`; the others are sent as they are.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub set: BTreeMap<String, String>,
    /// Name of the button to press; the first when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub button: Option<String>,
}

/// What the answer to a step must be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// Status, one of these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub status: Vec<u16>,
    /// What `Location` must not match; `*` stands for any characters. When it does after a password was sent, it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location_not: Option<String>,
}

/// A page that only asks to go on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Interstitial {
    /// Address of the page; `*` stands for any characters.
    #[serde(rename = "match")]
    pub matches: String,
    /// CSS selector of the form; the only one of the page when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub css: Option<String>,
    /// Name of the button to press; the first when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub button: Option<String>,
}

/// What is wrong with a step.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("login step {step}: {why}")]
pub struct StepError {
    /// Rank from 1, with the name of the step when it has one.
    pub step: String,
    /// Why.
    pub why: StepFault,
}

/// Why a step fails.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StepFault {
    /// Not one action.
    #[error("exactly one of post, append_query and form is expected")]
    Actions,
    /// Fields with nothing to post.
    #[error("fields go with post")]
    Fields,
    /// Not a selector.
    #[error("`{0}` is not a CSS selector")]
    Selector(String),
    /// Not a variable.
    #[error("`${{{0}}}` is not known: user, password, service and login are")]
    Variable(String),
    /// A service is wanted and none was given.
    #[error("there is no service to write in place of ${{service}}")]
    NoService,
    /// The form is not there.
    #[error("the page has no form `{0}`")]
    NoForm(String),
    /// Not an address of the web.
    #[error("what it posts to is no address of the web")]
    Address,
    /// The status.
    #[error("status {0} was not expected")]
    Status(u16),
    /// The redirection.
    #[error("the redirection is one that was not to be")]
    Location,
    /// It never applied.
    #[error("no page matched it")]
    Unreached,
}

impl Login {
    /// Checks what the types do not say.
    ///
    /// # Errors
    /// The first step that is wrong.
    pub fn check(&self) -> Result<(), StepError> {
        for (i, step) in self.steps.iter().enumerate() {
            step.check().map_err(|why| self.error(i, why))?;
        }
        let of = |step: &str, css: &str| match scraper::Selector::parse(css) {
            Ok(_) => Ok(()),
            Err(_) => Err(StepError { step: step.to_owned(), why: StepFault::Selector(css.to_owned()) }),
        };
        self.form.iter().try_for_each(|f| of("(form)", &f.css))?;
        self.interstitials.iter().filter_map(|i| i.css.as_deref()).try_for_each(|css| of("(interstitials)", css))
    }

    /// An error of the step of that rank.
    pub(super) fn error(&self, rank: usize, why: StepFault) -> StepError {
        let name = self.steps.get(rank).and_then(|s| s.name.as_ref()).map(|n| format!(" ({n})")).unwrap_or_default();
        StepError { step: format!("{}{name}", rank + 1), why }
    }
}

impl Step {
    fn check(&self) -> Result<(), StepFault> {
        let actions = [self.post.is_some(), self.append_query.is_some(), self.form.is_some()];
        if actions.iter().filter(|a| **a).count() != 1 {
            return Err(StepFault::Actions);
        }
        if self.post.is_none() && !self.fields.is_empty() {
            return Err(StepFault::Fields);
        }
        if let Some(form) = &self.form {
            scraper::Selector::parse(&form.css).map_err(|_| StepFault::Selector(form.css.clone()))?;
        }
        self.values()
            .try_for_each(|v| replace(v, |name| matches!(name, "user" | "password" | "service" | "login").then(String::new)).map(|_| ()))
    }

    /// The values it sends, as written.
    pub(super) fn values(&self) -> impl Iterator<Item = &str> {
        let set = self.form.iter().flat_map(|f| f.set.values());
        self.fields.values().chain(set).chain(&self.post).chain(&self.append_query).map(String::as_str)
    }

    /// Whether it sends that variable.
    pub(super) fn sends(&self, variable: &str) -> bool {
        let written = format!("${{{variable}}}");
        self.values().any(|v| v.contains(&written))
    }
}

/// Replaces the variables of a value.
pub(super) fn replace(value: &str, known: impl Fn(&str) -> Option<String>) -> Result<String, StepFault> {
    let (mut out, mut rest) = (String::new(), value);
    while let Some(at) = rest.find("${") {
        out.push_str(&rest[..at]);
        let Some(end) = rest[at..].find('}') else { break };
        let name = &rest[at + 2..at + end];
        out.push_str(&known(name).ok_or_else(|| StepFault::Variable(name.to_owned()))?);
        rest = &rest[at + end + 1..];
    }
    out.push_str(rest);
    Ok(out)
}

/// Whether a text is of the shape of a pattern in which `*` stands for any characters.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod unit {
    use super::*;

    fn read(yaml: &str) -> Login {
        serde_saphyr::from_str(yaml).expect("login")
    }

    #[test]
    fn a_script_is_read_and_its_errors_name_the_step() {
        let good = read(
            "form: {css: 'form#fm1'}\nwayf: {append_query: idpId=local}\nsteps:\n  - {match: 'https://a.example/*', append_query: 'x=y', optional: true}\n  - name: post\n    match: 'https://a.example/auth*'\n    post: /auth/login\n    fields: {email: '${user}', password: '${password}'}\n    expect: {status: [302], location_not: '*error*'}\n",
        );
        assert_eq!(good.check(), Ok(()));
        assert!(good.steps[1].sends("password") && !good.steps[0].sends("user"));
        let wrong = |yaml: &str| read(yaml).check().expect_err("wrong").to_string();
        assert!(wrong("steps: [{match: x}]").starts_with("login step 1: exactly one"));
        assert!(wrong("steps: [{name: a, match: x, post: y, fields: {b: '${pin}'}}]").starts_with("login step 1 (a): `${pin}`"));
        assert!(wrong("form: {css: '>>'}").contains("(form)"));
        assert!(serde_saphyr::from_str::<Login>("step: []").is_err());
        assert!(serde_json::to_string(&schemars::schema_for!(Login)).expect("schema").contains("append_query"));
    }

    #[test]
    fn patterns() {
        for (pattern, text, fits) in [
            ("https://a.example/*", "https://a.example/x", true),
            ("a", "a", true),
            ("a", "ab", false),
            ("*error*", "x?error=1", true),
            ("a*a", "a", false),
            ("a*b*c", "axbxc", true),
            ("*.example/", "https://a.example/x", false),
        ] {
            assert_eq!(matches(pattern, text), fits, "{pattern} {text}");
        }
    }
}
