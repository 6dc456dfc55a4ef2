use super::*;

fn config(yaml: &str) -> Login {
    let config: Login = serde_saphyr::from_str(yaml).expect("config");
    config.check().expect("fine");
    config
}

const APP: &str = "<body><div id=root></div><script src=/app.js></script><noscript>JavaScript</noscript>";
const POST: &str = "steps:
  - {match: '*/never', append_query: a=b, optional: true}
  - name: post
    match: 'https://cas.ent.example/cas/login*'
    post: /auth/login
    fields: {email: '${user}', password: '${password}', callBack: '${login}'}
    expect: {status: [302], location_not: '*error*'}
";

#[test]
fn a_page_made_by_scripts_is_posted_to_by_a_step() {
    let config = config(POST);
    let server = || Fake::default().page("GET https://cas.ent.example/cas/login", APP);
    let mut fake = server().to("POST https://cas.ent.example/auth/login", TICKET);
    assert_eq!(log_in(&mut fake, &config).outcome.as_str(), "ticket");
    let sent = fake.pairs(1);
    assert_eq!(sent, [("callBack", LOGIN), ("email", USER), ("password", PASSWORD)].map(|(n, v)| (n.to_owned(), v.to_owned())));
    assert_eq!(fake.authenticated_before, Some(1));
    let mut fake = server().to("POST https://cas.ent.example/auth/login", "/auth/login?error=auth.error");
    assert!(matches!(log_in(&mut fake, &config).outcome, Outcome::WrongCredentials(None)));
    let mut fake = server().page("POST https://cas.ent.example/auth/login", "");
    let Outcome::Step(error) = log_in(&mut fake, &config).outcome else { panic!("a step") };
    assert_eq!(error.to_string(), "login step 2 (post): status 200 was not expected");
    // Without credentials the step does not apply: the page is what it is.
    let run = Driver::new(&config).look(&mut server(), &mut Jar::default(), &url(LOGIN));
    assert_eq!(run.outcome.as_str(), "needs-script");
}

#[test]
fn a_step_posts_a_password_nowhere_else() {
    let mut fake = Fake::default().page("GET https://cas.ent.example/cas/login", APP);
    let elsewhere = config(&POST.replace("/auth/login", "https://portal.ent.example/auth/login"));
    assert!(
        matches!(log_in(&mut fake, &elsewhere).outcome, Outcome::FormLeadsElsewhere { ref origin, .. } if origin == "https://portal.ent.example")
    );
    let form = config("steps: [{match: '*', form: {css: '#fm1', set: {username: '${user}', password: '${password}'}}}]");
    let body = FM1.replace("action=\"login\"", "action=\"https://portal.ent.example/x\"");
    let mut fake = Fake::default().page("GET https://cas.ent.example/cas/login", &body);
    assert!(matches!(log_in(&mut fake, &form).outcome, Outcome::FormLeadsElsewhere { .. }));
    assert_eq!(fake.asked.len(), 1);
}

#[test]
fn steps_choose_forms_and_add_to_queries() {
    let steps = config(
        "steps:
  - {match: '*/cas/login?service*', append_query: 'idpId=local'}
  - {match: '*/cas/login*', form: {css: '#password', set: {username: '${user}', password: '${password}'}, button: submitBtn}}
",
    );
    let mut fake = Fake::default().page("GET https://cas.ent.example/cas/login", FM1).to("POST https://cas.ent.example/cas/login", TICKET);
    assert_eq!(log_in(&mut fake, &steps).outcome.as_str(), "ticket");
    assert_eq!(fake.asked[1].url.as_str(), format!("{LOGIN}&idpId=local"));
    assert_eq!(fake.pairs(2).len(), 6);
    let missing = config("steps: [{match: '*', form: {css: '#other'}}]");
    let Outcome::Step(error) = log_in(&mut fake, &missing).outcome else { panic!("a step") };
    assert_eq!(error.to_string(), "login step 1: the page has no form `#other`");
    let mut fake = Fake::default().page("GET https://cas.ent.example/cas/login", "Bonjour");
    let never = config("steps: [{match: 'https://x.example/', append_query: a=b}]");
    let Outcome::Step(error) = log_in(&mut fake, &never).outcome else { panic!("a step") };
    assert!(error.to_string().ends_with("no page matched it"), "{error}");
}

#[test]
fn an_identity_provider_is_chosen_by_the_configuration() {
    let links = "<p><a href='/edu?idp=1'>Élève ou parent</a><a href='/cas/local?idp=2'>Personnel de la collectivité</a>";
    let radios = "<form action=/cas/choose method=get><input type=radio name=idp id=idp-EDU value=E checked><input type=radio name=idp id=idp-loc value=L><button id=button-submit>OK</button></form>";
    for (yaml, page, key) in [
        ("wayf: {link: collectivite}", links, "GET https://cas.ent.example/cas/local"),
        ("wayf: {href: 'idp=2'}", links, "GET https://cas.ent.example/cas/local"),
        ("wayf: {radio: idp-loc}", radios, "GET https://cas.ent.example/cas/choose"),
        ("wayf: {append_query: idpId=local}", "<r-wayf></r-wayf><script src=/w.js></script>", "GET https://cas.ent.example/cas/login"),
    ] {
        let mut fake = Fake::default()
            .page("GET https://cas.ent.example/cas/login", page)
            .page(key, FM1)
            .to("POST https://cas.ent.example/cas/login", TICKET);
        fake = fake.to("POST https://cas.ent.example/cas/login", TICKET);
        let run = Driver::new(&config(yaml)).look(&mut fake, &mut Jar::default(), &url(LOGIN));
        assert_eq!((run.outcome.as_str(), run.hops[1].kind), ("page", HopKind::Wayf), "{yaml}");
        if yaml.contains("radio") {
            assert_eq!(fake.asked[1].url.query(), Some("idp=L"));
        }
    }
}

#[test]
fn interstitials_are_gone_through_when_named_only() {
    let page = "<form method=post action=/cas/go><input type=hidden name=e value=1><button name=no>Non</button><button name=yes value=1>Oui</button></form>";
    let server = || Fake::default().page("GET https://cas.ent.example/cas/login", page).page("POST https://cas.ent.example/cas/go", FM1);
    assert_eq!(look(&mut server()).outcome.as_str(), "interactive");
    let mut fake = server();
    let named = config("interstitials: [{match: '*/cas/login*', button: 'yes'}]");
    let run = Driver::new(&named).look(&mut fake, &mut Jar::default(), &url(LOGIN));
    assert_eq!(run.outcome.as_str(), "page");
    assert_eq!(String::from_utf8_lossy(&fake.asked[1].body), "e=1&yes=1");
}

#[test]
fn the_form_of_the_configuration_is_taken_when_two_look_alike() {
    let two = format!("{}{FM1}", FM1.replace("fm1", "other").replace("name=\"username\"", "name=\"u\""));
    let mut fake = Fake::default().page("GET https://cas.ent.example/cas/login", &two).to("POST https://cas.ent.example/cas/login", TICKET);
    assert_eq!(log_in(&mut fake, &config("form: {css: 'form#fm1'}")).outcome.as_str(), "ticket");
    assert_eq!(fake.pairs(1)[0].0, "username");
}
