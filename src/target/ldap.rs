//! A directory server in a target file: where it is, as whom it is read, and within which bounds.
//!
//! A password is never sent in clear: what would do so is refused when the file is read.

use std::path::PathBuf;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use url::Url;

use super::live::{Account, SecretError};
use crate::rules::directory::{Dialect, Local};
use crate::source::annuaire::dn;
use crate::source::probe::is_national;

/// An ldap or ldaps address: a host and a port, nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LdapUrl {
    /// Whether TLS comes first.
    pub tls: bool,
    /// The same host and port under https: what rules about hosts are written for.
    web: Url,
}

impl LdapUrl {
    /// The host.
    #[must_use]
    pub fn host(&self) -> &str {
        self.web.host_str().unwrap_or_default()
    }

    /// The port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.web.port_or_known_default().unwrap_or(636)
    }

    /// Host and port as an https address: for handshakes.
    #[must_use]
    pub fn web(&self) -> &Url {
        &self.web
    }

    /// In clear, on the usual port of the same host; `None` where the port is not the usual one of ldaps.
    #[must_use]
    pub fn usual_clear(&self) -> Option<Self> {
        let mut web = self.web.clone();
        (self.tls && self.port() == 636 && web.set_port(Some(389)).is_ok()).then_some(Self { tls: false, web })
    }
}

impl std::fmt::Display for LdapUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}://{}:{}", if self.tls { "ldaps" } else { "ldap" }, self.host(), self.port())
    }
}

impl TryFrom<String> for LdapUrl {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let url = Url::parse(&text).map_err(|e| format!("this is no address: {e}"))?;
        let (tls, usual) = match url.scheme() {
            "ldap" => (false, 389),
            "ldaps" => (true, 636),
            other => return Err(format!("ldap or ldaps is expected, not `{other}`")),
        };
        let bare = url.username().is_empty() && url.password().is_none() && url.query().is_none() && matches!(url.path(), "" | "/");
        let host = url.host_str().filter(|host| bare && !host.is_empty()).ok_or("a host and a port are expected, and nothing else")?;
        // Hosts of ldap addresses are taken as they are written; those of https are read and put in lower case.
        let web = Url::parse(&format!("https://{host}:{}/", url.port().unwrap_or(usual))).map_err(|e| format!("this is no host: {e}"))?;
        if is_national(&web) {
            return Err("national services are never contacted".to_owned());
        }
        Ok(Self { tls, web })
    }
}

impl From<LdapUrl> for String {
    fn from(url: LdapUrl) -> Self {
        url.to_string()
    }
}

impl JsonSchema for LdapUrl {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "LdapUrl".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "pattern": "^ldaps?://", "description": "An ldap or ldaps address: a host and a port."})
    }
}

/// A directory server, read through the protocol.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LdapSpec {
    /// Address: `ldaps://ldap.ent.example`.
    pub url: LdapUrl,
    /// TLS is agreed on after the connection (StartTLS), on an `ldap://` address.
    #[serde(default)]
    pub starttls: bool,
    /// The same server in clear, when it is not on port 389 of the same host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clear_url: Option<LdapUrl>,
    /// Name in the report; the host when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Branches to read; all those that the server says it holds when absent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bases: Vec<String>,
    /// The account that reads: its user name is the name of its entry (DN). Nobody when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bind: Option<Account>,
    /// Certificates of a private authority to trust too (PEM).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<PathBuf>,
    /// How the directory is written, where that should not be left to detection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dialect: Option<Dialect>,
    /// Classes and attributes that it has beside the model, and is known to have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub local: Option<Local>,
    /// Entries asked for at a time; 500 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 10000))]
    pub page: Option<u32>,
    /// Time to wait for one answer, in seconds; 20 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 600))]
    pub timeout_s: Option<u32>,
    /// Time for all that is asked of the server, the reading included, in seconds; 1,200 when absent. Beyond, the directory is not read
    /// to its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 86400))]
    pub total_s: Option<u32>,
    /// Megabytes of entries kept in memory, packed to about a tenth of what they are as text; 2,048 when absent. Beyond, the directory is
    /// not read to its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub memory_mb: Option<u32>,
}

impl LdapSpec {
    /// Entries asked for at a time.
    #[must_use]
    pub fn page(&self) -> i32 {
        self.page.and_then(|n| i32::try_from(n).ok()).unwrap_or(500).clamp(1, 10_000)
    }

    /// Time to wait for one answer.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        Duration::from_secs(u64::from(self.timeout_s.unwrap_or(20)).clamp(1, 600))
    }

    /// Time for all that is asked.
    #[must_use]
    pub fn total(&self) -> Duration {
        Duration::from_secs(u64::from(self.total_s.unwrap_or(1200)).clamp(1, 86_400))
    }

    /// Bytes of entries kept.
    #[must_use]
    pub fn memory(&self) -> usize {
        usize::try_from(self.memory_mb.unwrap_or(2048).max(1)).unwrap_or(usize::MAX).saturating_mul(1 << 20)
    }

    /// Name in the report.
    #[must_use]
    pub fn shown(&self) -> String {
        self.label.clone().unwrap_or_else(|| self.url.host().to_owned())
    }

    /// Pointer and reason of the first fault.
    pub(super) fn check(&self) -> Result<(), (String, String)> {
        let wrong = |pointer: &str, why: &str| Err((pointer.to_owned(), why.to_owned()));
        if self.starttls && self.url.tls {
            return wrong("/starttls", "an ldaps address has TLS from the start");
        }
        if self.clear_url.as_ref().is_some_and(|clear| clear.tls || clear.host() != self.url.host()) {
            return wrong("/clear_url", "an ldap address of the same host is expected");
        }
        if let Some(i) = self.bases.iter().position(|base| base.is_empty() || dn::normalised(base).is_none()) {
            return wrong(&format!("/bases/{i}"), "the name of a branch is expected: ou=personnes,dc=ent,dc=example");
        }
        match &self.bind {
            Some(account) if !account.is_complete() => wrong("/bind", &SecretError::Neither.to_string()),
            Some(_) if !self.url.tls && !self.starttls => {
                wrong("/bind", "a password is never sent in clear: ldaps or starttls is expected")
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Result<LdapUrl, String> {
        LdapUrl::try_from(text.to_owned())
    }

    fn fault(yaml: &str) -> Option<(String, String)> {
        serde_saphyr::from_str::<LdapSpec>(yaml).expect("spec").check().err()
    }

    #[test]
    fn an_address_is_a_host_and_a_port() {
        assert_eq!(url("ldap://ldap.ent.example").expect("url").to_string(), "ldap://ldap.ent.example:389");
        assert_eq!(url("ldaps://LDAP.ent.example").expect("url").to_string(), "ldaps://ldap.ent.example:636");
        assert_eq!(url("ldaps://127.0.0.1:1636/").expect("url").port(), 1636);
        for bad in ["ldap://", "https://ent.example", "ldap://cn=a:s3cret@ent.example", "ldap://ent.example/dc=ent", "ldapi:///run/x"] {
            let error = url(bad).expect_err(bad);
            assert!(!error.contains("s3cret"), "{error}");
        }
    }

    #[test]
    fn national_services_are_refused_however_they_are_written() {
        for bad in ["ldaps://ldap.education.gouv.fr", "ldap://ANNUAIRE.EDUCATION.GOUV.FR:1389", "ldaps://education.gouv.fr."] {
            assert!(url(bad).is_err_and(|e| e.contains("national")), "{bad}");
        }
        assert!(url("ldaps://noteducation.gouv.fr.example").is_ok());
    }

    #[test]
    fn the_clear_port_is_told_where_it_is_usual() {
        let clear = |text: &str| url(text).expect("url").usual_clear().map(|c| c.to_string());
        assert_eq!(clear("ldaps://ent.example").as_deref(), Some("ldap://ent.example:389"));
        assert_eq!(clear("ldaps://ent.example:1636"), None);
    }

    #[test]
    fn a_password_is_never_sent_in_clear() {
        let bind = "bind: {user_env: U, password_env: P}";
        assert_eq!(fault(&format!("{{url: 'ldap://ent.example', {bind}}}")).map(|f| f.0).as_deref(), Some("/bind"));
        assert_eq!(fault(&format!("{{url: 'ldap://ent.example', starttls: true, {bind}}}")), None);
        assert_eq!(fault(&format!("{{url: 'ldaps://ent.example', {bind}}}")), None);
        assert_eq!(fault("{url: 'ldap://ent.example', bases: ['ou=personnes,dc=ent']}"), None);
        for (pointer, bad) in [
            ("/starttls", "{url: 'ldaps://ent.example', starttls: true}"),
            ("/clear_url", "{url: 'ldaps://ent.example', clear_url: 'ldap://other.example'}"),
            ("/bases/0", "{url: 'ldaps://ent.example', bases: ['personnes']}"),
            ("/bind", "{url: 'ldaps://ent.example', bind: {user_env: U}}"),
        ] {
            assert_eq!(fault(bad).map(|f| f.0).as_deref(), Some(pointer), "{bad}");
        }
    }
}
