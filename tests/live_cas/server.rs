//! The real server of scripts/live, for the time of a test: nothing of it outlives the value that stands for it.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// Invented, as scripts/live/cas_django/project.py has them.
pub const USER: &str = "zelie.trouvaille";
pub const PASSWORD: &str = "Pluie&Vent <7> été";
/// What the server releases of that account, but for words that say nothing of anybody: a national profile, a school code.
pub const VALUES: [&str; 6] = ["zelie.trouvaille", "Trouvaille", "Zélie", "17/11/2012", "QUARTZ", "CHORALE"];

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/live/cas-django.sh");

/// Whether the server is installed. Where it cannot be, these tests say so and are passed over, except where that is forbidden.
static INSTALLED: LazyLock<bool> = LazyLock::new(|| {
    let out = Command::new(SCRIPT).arg("install").stdin(Stdio::null()).output();
    let why = match out {
        Ok(out) if out.status.success() => return true,
        Ok(out) => String::from_utf8_lossy(&out.stderr).lines().last().unwrap_or("no reason given").to_owned(),
        Err(error) => error.to_string(),
    };
    let required = ["CI", "CONFORMENT_REQUIRE_LIVE"].iter().any(|name| std::env::var_os(name).is_some());
    assert!(!required, "django-cas-server is required here, and cannot be installed: {why}");
    eprintln!("passed over: django-cas-server cannot be installed: {why}");
    false
});

pub struct Server {
    child: Child,
    said: BTreeMap<String, String>,
    /// Its files, and what is written about it.
    pub dir: TempDir,
}

impl Server {
    /// Starts a variant; `None` where the server cannot be installed.
    pub fn start(variants: &[&str]) -> Option<Self> {
        if !*INSTALLED {
            return None;
        }
        let dir = tempfile::tempdir().unwrap();
        let errors = fs::File::create(dir.path().join("errors")).unwrap();
        let mut child = Command::new(SCRIPT)
            .arg("run")
            .arg(dir.path().join("server"))
            .args(variants)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(errors)
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        // From here on, the end of this value ends the server, whatever fails.
        let mut server = Self { child, said: BTreeMap::new(), dir };
        let errors = fs::read_to_string(server.dir.path().join("errors")).unwrap();
        let said = line.trim().strip_prefix("READY ").unwrap_or_else(|| panic!("{variants:?} did not start: {errors}"));
        server.said = said.split(' ').filter_map(|pair| pair.split_once('=')).map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
        Some(server)
    }

    pub fn said(&self, name: &str) -> &str {
        &self.said[name]
    }

    pub fn log(&self, name: &str) -> String {
        fs::read_to_string(Path::new(self.said("log")).join(name)).unwrap_or_default()
    }

    /// Requests received, but for those that ask whether it is up.
    pub fn requests(&self) -> Vec<String> {
        let both = self.log("https-access.log") + &self.log("http-access.log");
        both.lines().filter(|l| !l.contains(" /pret ")).map(str::to_owned).collect()
    }

    /// Writes a target file about it; `more` are lines of the source.
    pub fn target(&self, more: &str) -> PathBuf {
        let path = self.dir.path().join("ent.yaml");
        fs::write(&path, target(self.said("https"), self.said("http"), self.said("ca"), more)).unwrap();
        path
    }

    /// Ends it; gives what it left.
    pub fn stop(mut self) -> TempDir {
        self.end();
        std::mem::replace(&mut self.dir, tempfile::tempdir().unwrap())
    }

    fn end(&mut self) {
        // The server ends with its standard input.
        drop(self.child.stdin.take());
        let late = Instant::now() + Duration::from_secs(15);
        while Instant::now() < late {
            if self.child.try_wait().is_ok_and(|ended| ended.is_some()) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}

/// A target file. The account is read in the environment.
pub const ACCOUNT: &str = "    accounts: [{profile: eleve, user_env: ESSAI_USER, password_env: ESSAI_PASSWORD}]\n";

pub fn target(https: &str, http: &str, ca: &str, more: &str) -> String {
    format!(
        "# A django-cas-server on loopback, made by scripts/live/cas-django.sh. Invented account.\n\
         version: 1\nname: Portail d’essai\nenvironment: recette\nruleset: sdet-6.3\ndomains: [sso-cas, securite]\nsources:\n  - kind: cas\n    \
         url: {https}\n    clear_url: {http}\n    versions: [\"1.0\", \"2.0\"]\n    service: https://cahier.example/accueil\n    \
         other_service: https://mediatheque.example/\n    network: {{ca: {ca}, spacing_ms: 0}}\n{more}"
    )
}

/// What an audit said.
pub struct Audit {
    pub code: i32,
    pub out: String,
    pub report: String,
    requirements: BTreeMap<String, Value>,
}

impl Audit {
    pub fn verdict(&self, id: &str) -> &str {
        self.requirements[id]["verdict"].as_str().unwrap()
    }

    pub fn verdicts(&self) -> BTreeMap<&str, &str> {
        self.requirements.keys().map(|id| (id.as_str(), self.verdict(id))).collect()
    }

    /// The key of the reason of each requirement of this verdict.
    pub fn of(&self, verdict: &str) -> BTreeMap<&str, &str> {
        let found = self.requirements.iter().filter(|(id, _)| self.verdict(id) == verdict);
        found.map(|(id, r)| (id.as_str(), r["detail"]["key"].as_str().unwrap_or_default())).collect()
    }

    /// Those failed at a level.
    pub fn failed(&self, level: &str) -> Vec<&str> {
        let found = self.requirements.iter().filter(|(id, r)| self.verdict(id) == "fail" && r["level"] == level);
        found.map(|(id, _)| id.as_str()).collect()
    }
}

/// Audits a target file. `account`: the environment holds its password.
pub fn audit(target: &Path, account: bool, more: &[&str]) -> Audit {
    let report = target.with_file_name("report.json");
    let mut command = Command::new(env!("CARGO_BIN_EXE_conforment"));
    command.args(["audit", "--lang", "en", "-o"]).arg(&report).arg(target).args(more);
    command.env_remove("ESSAI_USER").env_remove("ESSAI_PASSWORD").stdin(Stdio::null());
    if account {
        command.env("ESSAI_USER", USER).env("ESSAI_PASSWORD", PASSWORD);
    }
    let ran = command.output().unwrap();
    let out = String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr);
    let text = fs::read_to_string(&report).unwrap_or_else(|_| panic!("no report: {out}"));
    let whole: Value = serde_json::from_str(&text).unwrap();
    let all = whole["requirements"].as_array().unwrap();
    let requirements = all.iter().map(|r| (r["id"].as_str().unwrap().to_owned(), r.clone())).collect();
    Audit { code: ran.status.code().unwrap(), out, report: text, requirements }
}
