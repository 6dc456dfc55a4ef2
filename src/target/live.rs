//! The live sources of a target file: which servers may be asked, as whom, and how hard.
//!
//! Nothing here holds a password: a file of the target names variables of the environment, or a private file.

use std::path::PathBuf;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::source::login::Login;
use crate::source::probe::{Allowed, Limits};

/// An http or https address without credentials in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Web(Url);

impl Web {
    /// The address.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.0
    }
}

impl TryFrom<String> for Web {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let url = Url::parse(&text).map_err(|e| format!("`{text}` is no address: {e}"))?;
        match url.scheme() {
            "http" | "https" if url.has_host() && url.username().is_empty() && url.password().is_none() => Ok(Self(url)),
            "http" | "https" => {
                Err(format!("`{}`: an address without user name and password is expected", url.host_str().unwrap_or_default()))
            }
            other => Err(format!("http or https is expected, not `{other}`")),
        }
    }
}

impl From<Web> for String {
    fn from(web: Web) -> Self {
        web.0.into()
    }
}

impl JsonSchema for Web {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Web".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "pattern": "^https?://", "description": "An http or https address, without user name and password."})
    }
}

/// A CAS server.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CasSpec {
    /// Base address, what `/login` follows: `https://ent.example/cas`.
    pub url: Web,
    /// Name in the report; the host when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Versions of the protocol that the operator declares. What belongs to a version that is neither declared nor found is not applicable.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub versions: Vec<CasVersion>,
    /// Address of a service registered on the server. It is never requested.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<Web>,
    /// Another registered service, to try one's ticket on the other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_service: Option<Web>,
    /// The same base in clear, when it is not on port 80 of the same host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clear_url: Option<Web>,
    /// Test accounts; the first one goes through everything, the others through the contracts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<Account>,
    /// How to sign in, where the form alone does not tell.
    #[serde(default)]
    pub login: Login,
    /// Third-party services and what they should be told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<ServiceSpec>,
    /// Where the server may call the tool back, to see single logout.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listener: Option<Listener>,
    /// Where the server may hand proxy-granting tickets over (`--intrusive`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<Proxying>,
    /// What may be asked, of whom.
    #[serde(default)]
    pub network: Network,
}

/// A service that the tool plays itself, for the time of the audit.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Listener {
    /// Where to listen on this machine: `0.0.0.0:9100`.
    pub bind: String,
    /// The address that the server knows it by, registered as a service.
    pub url: Web,
}

/// A service that acts for its users (proxy tickets), played by the tool for the time of the audit.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Proxying {
    /// Where to listen on this machine: `0.0.0.0:9443`.
    pub bind: String,
    /// The https address that leads there, registered on the server as a callback for proxying.
    pub url: Web,
    /// Its certificate, with those that lead to an authority that the server trusts (PEM).
    pub certificate: PathBuf,
    /// The key of the certificate (PEM), in a file that nobody else can read (mode 0600).
    pub key: PathBuf,
    /// The registered service that proxies; `service` of the source when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<Web>,
    /// The registered service that a proxy ticket is asked for; the one that proxies when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Web>,
    /// Another https address that leads to this machine, and is registered for nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unregistered: Option<Listener>,
}

/// A version of the CAS protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub enum CasVersion {
    /// `/validate`.
    #[serde(rename = "1.0")]
    V1,
    /// `/serviceValidate`, `/proxyValidate`, `/proxy`.
    #[serde(rename = "2.0")]
    V2,
    /// `/p3/…`, attributes, JSON.
    #[serde(rename = "3.0")]
    V3,
}

impl CasVersion {
    /// As written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V1 => "1.0",
            Self::V2 => "2.0",
            Self::V3 => "3.0",
        }
    }
}

/// A page of the ENT whose TLS and headers are looked at: portal, identity provider…
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WebSpec {
    /// Address.
    pub url: Web,
    /// Name in the report; the host when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The same in clear, when it is not on port 80 of the same host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clear_url: Option<Web>,
    /// What may be asked, of whom.
    #[serde(default)]
    pub network: Network,
}

/// A test account: never that of a real person.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// Profile of the account, by the words of the contracts: `eleve`, `parent`, `enseignant`, `personnel`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// Name of the environment variable that holds the user name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_env: Option<String>,
    /// Name of the environment variable that holds the password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_env: Option<String>,
    /// Instead of variables: a file of two lines, user name then password, that nobody else can read (mode 0600).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
    /// The origin that the credentials may be given to, when it is not that of the source: `https://sso.ent.example`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Web>,
}

/// Why the credentials of an account cannot be read. Never what was read, nor what stands where a name is expected and is none: a
/// password may have been written there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// Neither variables nor a file, or both.
    #[error("`user_env` and `password_env` are expected, or `file`")]
    Neither,
    /// A variable.
    #[error("the environment has no variable {0}")]
    Variable(String),
    /// What is no name of a variable; the member it stands in.
    #[error("`{0}` is the name of a variable of the environment that is not empty (capitals, digits and _)")]
    NoName(&'static str),
    /// A file that is not there.
    #[error("`file` names no file")]
    NoFile,
    /// The file.
    #[error("{0}: two lines are expected, in a file that nobody else can read (mode 0600)")]
    File(String),
}

impl Account {
    /// Whether it says where its credentials are, in one way.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        matches!((&self.user_env, &self.password_env, &self.file), (Some(_), Some(_), None) | (None, None, Some(_)))
    }

    /// User name and password.
    ///
    /// # Errors
    /// They are not where the target file says.
    pub fn secret(&self) -> Result<(String, String), SecretError> {
        match (&self.user_env, &self.password_env, &self.file) {
            (Some(user), Some(password), None) => {
                let read = |member: &'static str, name: &String| {
                    // A name that the system cannot take would make it panic.
                    let sound = !name.is_empty() && !name.contains(['=', '\0']);
                    let value = std::env::var_os(name).filter(|_| sound).and_then(|v| v.into_string().ok()).filter(|v| !v.is_empty());
                    value.ok_or_else(|| if is_variable(name) { SecretError::Variable(name.clone()) } else { SecretError::NoName(member) })
                };
                Ok((read("user_env", user)?, read("password_env", password)?))
            }
            (None, None, Some(file)) if !file.exists() => Err(SecretError::NoFile),
            (None, None, Some(file)) => private_lines(file).ok_or_else(|| SecretError::File(file.display().to_string())),
            _ => Err(SecretError::Neither),
        }
    }
}

/// Whether a name is one that people give to variables.
fn is_variable(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_uppercase() || b == b'_')
        && bytes.all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

fn private_lines(file: &std::path::Path) -> Option<(String, String)> {
    let text = private_text(file)?;
    let mut lines = text.lines().filter(|l| !l.is_empty());
    Some((lines.next()?.to_owned(), lines.next()?.to_owned()))
}

/// The text of a small file that nobody else can read.
#[must_use]
pub fn private_text(file: &std::path::Path) -> Option<String> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(file).ok()?.permissions().mode();
        if mode & 0o077 != 0 {
            return None;
        }
    }
    std::fs::read_to_string(file).ok().filter(|t| t.len() < 20_000)
}

/// A third-party service.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceSpec {
    /// Name of the contract: a file of `services-tiers/contrats` of the set.
    pub contract: String,
    /// Address registered for it.
    pub url: Web,
}

/// What types alone do not say of a source: pointer and reason of the first fault.
pub(super) fn check(source: &super::SourceSpec) -> Result<(), (String, String)> {
    let hosts = |network: &Network| {
        let wrong = network.hosts.iter().position(|h| Allowed::parse(h).is_none());
        wrong.map_or(Ok(()), |i| Err((format!("/network/hosts/{i}"), "a host is expected: sso.ent.example, or 127.0.0.1:8443".to_owned())))
    };
    match source {
        super::SourceSpec::Cas(spec) => {
            hosts(&spec.network)?;
            let proxy = spec.proxy.as_ref();
            let unregistered = proxy.and_then(|p| p.unregistered.as_ref());
            let bound = [
                ("/listener", spec.listener.as_ref().map(|l| &l.bind)),
                ("/proxy", proxy.map(|p| &p.bind)),
                ("/proxy/unregistered", unregistered.map(|l| &l.bind)),
            ];
            let wrong = |bind: &String| bind.parse::<std::net::SocketAddr>().is_err();
            if let Some((at, _)) = bound.into_iter().find(|(_, bind)| bind.is_some_and(wrong)) {
                return Err((format!("{at}/bind"), "an address and a port are expected: 0.0.0.0:9100".to_owned()));
            }
            let called = [("/proxy", proxy.map(|p| &p.url)), ("/proxy/unregistered", unregistered.map(|l| &l.url))];
            if let Some((at, _)) = called.into_iter().find(|(_, url)| url.is_some_and(|u| u.url().scheme() != "https")) {
                return Err((format!("{at}/url"), "an https address is expected".to_owned()));
            }
            spec.login.check().map_err(|e| ("/login".to_owned(), e.to_string()))?;
            match spec.accounts.iter().position(|a| !a.is_complete()) {
                Some(i) => Err((format!("/accounts/{i}"), SecretError::Neither.to_string())),
                None => Ok(()),
            }
        }
        super::SourceSpec::Web(spec) => hosts(&spec.network),
        super::SourceSpec::Ldap(spec) => spec.check(),
        _ => Ok(()),
    }
}

/// What may be asked, of whom.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Network {
    /// Hosts that may be asked beside that of the address: `sso.ent.example`, `127.0.0.1:8443`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<String>,
    /// Certificates of a private authority to trust too (PEM).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<PathBuf>,
    /// Who may be written to about these requests; part of the User-Agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// Requests in all; 400 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests: Option<u32>,
    /// Least time between two requests, in milliseconds; 100 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spacing_ms: Option<u32>,
    /// Time for one exchange, in seconds; 20 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_s: Option<u32>,
    /// Time for all of them, in seconds; 1200 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_s: Option<u32>,
}

impl Network {
    /// The limits of the door.
    #[must_use]
    pub fn limits(&self) -> Limits {
        let usual = Limits::default();
        Limits {
            requests: self.requests.unwrap_or(usual.requests),
            spacing: self.spacing_ms.map_or(usual.spacing, |ms| Duration::from_millis(ms.into())),
            timeout: self.timeout_s.map_or(usual.timeout, |s| Duration::from_secs(u64::from(s).clamp(1, 600))),
            total: self.total_s.map_or(usual.total, |s| Duration::from_secs(u64::from(s).clamp(60, 24 * 3600))),
            ..usual
        }
    }

    /// The hosts that may be asked: those named, and those of `addresses`.
    ///
    /// # Errors
    /// A name that is no host.
    pub fn allowed<'u>(&self, addresses: impl Iterator<Item = &'u Url>) -> Result<Vec<Allowed>, String> {
        let named = self.hosts.iter().map(|h| Allowed::parse(h).ok_or_else(|| h.clone()));
        named.chain(addresses.filter_map(|u| Allowed::of(u).map(Ok))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_of_the_web_and_holds_no_secret() {
        for good in ["https://ent.example/cas", "http://127.0.0.1:8080"] {
            assert!(Web::try_from(good.to_owned()).is_ok(), "{good}");
        }
        for bad in ["ent.example", "ftp://ent.example", "https://user:s3cret@ent.example/", "javascript:alert(1)"] {
            let error = Web::try_from(bad.to_owned()).expect_err(bad);
            assert!(!error.contains("s3cret"), "{error}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn credentials_are_read_from_a_private_file_only() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().expect("dir");
        let file = dir.path().join("compte");
        std::fs::write(&file, "eleve\nmot de passe\n").expect("write");
        let account: Account = serde_json::from_value(serde_json::json!({"file": file})).expect("account");
        let mode = |mode| std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).expect("mode");
        mode(0o644);
        assert!(matches!(account.secret(), Err(SecretError::File(_))));
        mode(0o600);
        assert_eq!(account.secret(), Ok(("eleve".to_owned(), "mot de passe".to_owned())));
        let missing: Account = serde_json::from_value(serde_json::json!({"file": "PAROLE-123"})).expect("account");
        assert_eq!(missing.secret(), Err(SecretError::NoFile));
        let none: Account = serde_json::from_str("{}").expect("account");
        assert_eq!(none.secret(), Err(SecretError::Neither));
    }

    #[test]
    fn a_password_written_for_a_name_is_not_told() {
        let of = |user: &str, password: &str| {
            let account: Account =
                serde_json::from_value(serde_json::json!({"user_env": user, "password_env": password})).expect("account");
            account.secret().expect_err("no secret").to_string()
        };
        assert!(of("CONFORMENT_NO_SUCH", "P").contains("CONFORMENT_NO_SUCH"));
        for secret in ["PAROLE-123", "soleil", "a=b", "", "cn=lecture,dc=ent", "9A"] {
            let (user, password) = (of(secret, "P"), of("PATH", secret));
            assert!(user.contains("user_env") && password.contains("password_env"), "{user} {password}");
            assert!(secret.is_empty() || !(user.contains(secret) || password.contains(secret)), "{user} {password}");
        }
    }

    #[test]
    fn limits_are_those_of_the_file() {
        let network: Network = serde_saphyr::from_str("{requests: 10, spacing_ms: 0, timeout_s: 5}").expect("network");
        let limits = network.limits();
        assert_eq!((limits.requests, limits.spacing, limits.timeout), (10, Duration::ZERO, Duration::from_secs(5)));
        assert!(Network { hosts: vec!["a b".to_owned()], ..Network::default() }.allowed(std::iter::empty()).is_err());
    }
}
