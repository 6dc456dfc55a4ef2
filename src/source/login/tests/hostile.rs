use std::time::{Duration, Instant};

use proptest::prelude::*;
use url::form_urlencoded;

use super::*;

#[test]
fn pages_made_to_exhaust_a_parser_are_read_in_no_time() {
    let attributes: String = (0..200_000).map(|i| format!(" a{i}=1")).collect();
    let bold: String = (0..60_000).map(|i| format!("<b id={i}>")).collect();
    let custom: String = (0..60_000).map(|i| format!("<x-{i}>")).collect();
    let fields: String = (0..20_000).map(|i| format!("<form><input type=password name=p{i}>")).collect();
    for page in [
        "<div>".repeat(100_000),
        "<form>".repeat(100_000),
        "<form></form>".repeat(100_000),
        "<a href=x>".repeat(100_000),
        "<select><option>".repeat(60_000),
        "<button>".repeat(100_000),
        "<table><td>".repeat(60_000),
        "<p>x<label>".repeat(60_000),
        "</p>".repeat(200_000),
        "<!--".repeat(200_000),
        "</script".repeat(100_000),
        "<script>location='/a';</script>".repeat(30_000),
        "<".repeat(2_000_000),
        format!("<input value=\"{}\">", "x".repeat(2_000_000)),
        format!("<form{attributes}>"),
        format!("{bold}{}", "<p>x".repeat(60_000)),
        custom,
        fields,
        "\u{0}\u{fffd}é<é é='".repeat(50_000),
    ] {
        let started = Instant::now();
        let read = Page::parse(&url(LOGIN), &page);
        let _ = (read.to_facts(), choose(&read));
        assert!(started.elapsed() < Duration::from_secs(5), "{:?} for {}", started.elapsed(), &page[..20]);
    }
}

#[test]
fn a_run_has_an_end() {
    let mut fake = Fake::default().to("GET https://cas.ent.example/cas/login", "/cas/login?again");
    assert!(matches!(look(&mut fake).outcome, Outcome::Endless));
    assert_eq!(fake.asked.len(), 20);
    let mut fake = Fake::default().on("GET https://cas.ent.example/cas/login", 302, &[], "");
    assert!(matches!(look(&mut fake).outcome, Outcome::Broken { exchange: 1 }));
    assert!(matches!(look(&mut Fake::default()).outcome, Outcome::Unanswered { why: Unanswered::Unreachable, .. }));
    let storage = "<form method=post action=/s><input type=hidden name=shib_idp_ls_x></form>";
    let mut fake = Fake::default().page("GET https://cas.ent.example/cas/login", storage).page("POST https://cas.ent.example/s", storage);
    assert!(matches!(look(&mut fake).outcome, Outcome::Endless));
}

#[test]
fn a_form_that_leads_elsewhere_gets_nothing() {
    for (from, to, other) in [
        ("action=\"login\"", "action=\"https://portal.ent.example/x\"", "https://portal.ent.example"),
        ("<head>", "<head><base href=//evil.example/>", "https://evil.example"),
        ("type=\"submit\"", "type=\"submit\" formaction=\"//evil.example/\"", "https://evil.example"),
        ("action=\"login\"", "action=\"http://cas.ent.example/\"", "http://cas.ent.example"),
        ("action=\"login\"", "action=\"https://cas.ent.example:8443/\"", "https://cas.ent.example:8443"),
        ("action=\"login\"", "action=\"https://cas.ent.example@evil.example/\"", "https://evil.example"),
    ] {
        let mut fake = Fake::default().page("GET https://cas.ent.example/cas/login", &FM1.replace(from, to));
        let run = log_in(&mut fake, &Login::default());
        assert!(matches!(&run.outcome, Outcome::FormLeadsElsewhere { origin, .. } if origin == other), "{to}: {:?}", run.outcome);
        assert_eq!((fake.asked.len(), fake.authenticated_before, run.submitted), (1, None, false));
    }
}

#[test]
fn a_server_that_gives_the_password_away_is_not_helped() {
    let encoded: String = form_urlencoded::byte_serialize(PASSWORD.as_bytes()).collect();
    let leaks = [
        (302, vec![("location".to_owned(), format!("https://portal.ent.example/?p={encoded}"))], String::new()),
        (307, vec![("location".to_owned(), "https://portal.ent.example/".to_owned())], String::new()),
        (308, vec![("location".to_owned(), "/cas/again".to_owned())], String::new()),
        (302, vec![("location".to_owned(), format!("https://portal.ent.example/x/{}", encoded.replace('+', "%20")))], String::new()),
        (
            200,
            vec![],
            format!(
                "<form method=post action=https://portal.ent.example/><input type=hidden name=SAMLResponse value=\"{}\"></form>",
                PASSWORD.replace('&', "&amp;")
            ),
        ),
    ];
    for (status, headers, body) in leaks {
        let headers: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let mut fake = Fake::default().page("GET https://cas.ent.example/cas/login", FM1).on(
            "POST https://cas.ent.example/cas/login",
            status,
            &headers,
            &body,
        );
        let run = log_in(&mut fake, &Login::default());
        assert!(matches!(run.outcome, Outcome::CarriesPassword { .. }), "{status} {headers:?}: {:?}", run.outcome);
        assert_eq!(fake.asked.len(), 2, "the password is posted once");
    }
}

#[test]
fn credentials_are_for_an_origin() {
    for bad in ["cas.ent.example", "https://cas.ent.example/cas", "javascript:x", "https://u:p@cas.ent.example", "data:,x", ""] {
        assert_eq!(Credentials::new(bad, "a", "b").expect_err("bad"), CredentialsError::Origin, "{bad}");
    }
    assert_eq!(Credentials::new(CAS, "", "b").expect_err("bad"), CredentialsError::Empty);
}

fn pieces() -> impl Strategy<Value = String> {
    let address = prop::sample::select(vec![
        "",
        "login",
        "/x",
        "//portal.ent.example/",
        "https://portal.ent.example/a",
        "https://evil.example/",
        "http://cas.ent.example/",
        "javascript:a()",
        "?ticket=ST-1",
        "https://app.example/home?ticket=ST-2",
        "https://cas.ent.example/x",
        "https://educonnect.education.gouv.fr/",
    ]);
    let piece = (0..14usize, address).prop_map(|(kind, to)| match kind {
        0 => format!("<form method=post action=\"{to}\">"),
        1 => format!("<form action=\"{to}\">"),
        2 => "<input type=password name=password>".to_owned(),
        3 => "<input name=username>".to_owned(),
        4 => "<input type=hidden name=execution value=e1>".to_owned(),
        5 => format!("<button formaction=\"{to}\" name=b>go</button>"),
        6 => format!("<base href=\"{to}\">"),
        7 => "<input type=hidden name=SAMLResponse value=x>".to_owned(),
        8 => format!("<meta http-equiv=refresh content=\"0;url={to}\">"),
        9 => format!("<script>location='{to}';</script>"),
        10 => "</form>".to_owned(),
        11 => format!("<input type=hidden name=shib_idp_ls_a value=\"{PASSWORD}\">"),
        12 => format!("<a href=\"{to}?idp={PASSWORD}\">x</a>"),
        _ => format!("<input type=hidden name=ticket value=\"{PASSWORD}\">"),
    });
    prop::collection::vec(piece, 0..10).prop_map(|all| all.concat())
}

/// A server that answers anything with its pages in turn; some answers redirect.
struct Chaos {
    pages: Vec<(u16, String, String)>,
    asked: Vec<Request>,
}

impl Ask for Chaos {
    fn ask(&mut self, request: &Request, _: &mut Jar) -> Result<Answer, Unanswered> {
        self.asked.push(request.clone());
        let (status, to, body) = self.pages[self.asked.len() % self.pages.len()].clone();
        let headers = vec![("location".to_owned(), to)];
        Ok(Answer { exchange: 1, url: request.url.clone(), status, headers, body: body.into_bytes(), cut: false, millis: 0 })
    }

    fn conceal(&mut self, _: &str) {}

    fn authenticated(&mut self) {}
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Even where the door admits every host, and whatever pages come.
    #[test]
    fn a_password_goes_to_its_origin_only_and_once(
        pages in prop::collection::vec(
            (prop::sample::select(vec![200u16, 200, 200, 302, 307, 500]),
             prop::sample::select(vec!["/a", "https://portal.ent.example/b", "https://portal.ent.example/?p=S3same-ouvre%26toi%20%C3%A9", "https://evil.example/"]),
             pieces()),
            1..5),
        config in prop::sample::select(vec!["{}", "wayf: {href: idp}", "form: {css: form}",
            "steps: [{match: '*', post: 'https://portal.ent.example/', fields: {a: '${user}'}, optional: true}]",
            "steps: [{match: '*cas*', form: {css: form, set: {password: '${password}'}}, optional: true}]",
            "steps: [{match: '*', append_query: 'p=${password}', optional: true}]"]),
    ) {
        let config: Login = serde_saphyr::from_str(config).expect("config");
        let pages = pages.into_iter().map(|(s, to, body)| (s, to.to_owned(), body)).collect();
        let mut chaos = Chaos { pages, asked: Vec::new() };
        let credentials = credentials();
        let run = Driver::new(&config).service(&url(SERVICE)).credentials(&credentials).run(&mut chaos, &mut Jar::default(), &url(LOGIN));
        prop_assert!(chaos.asked.len() <= 20);
        let holds = |r: &Request, secret: &str| {
            let all = form_urlencoded::parse(&r.body).chain(r.url.query_pairs()).any(|(n, v)| n.contains(secret) || v.contains(secret));
            all || r.url.as_str().contains("S3same") || r.headers.iter().any(|(_, v)| v.contains("S3same") || v.contains(USER))
        };
        for request in &chaos.asked {
            if origin(&request.url) != CAS {
                prop_assert!(!holds(request, PASSWORD) && !holds(request, USER), "{request:?}");
            }
            prop_assert!(request.url.path() != "/home" || request.url.host_str() != Some("app.example"), "the service was asked");
        }
        let posted = chaos.asked.iter().filter(|r| form_urlencoded::parse(&r.body).any(|(n, v)| n == "password" && v == PASSWORD)).count();
        prop_assert!(posted <= 1 && (posted == 0 || run.submitted));
    }
}
