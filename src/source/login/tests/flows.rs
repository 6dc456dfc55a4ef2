use super::*;

#[test]
fn a_login_gives_a_ticket_and_the_service_is_not_asked() {
    let mut fake = Fake::default()
        .to("GET https://cas.ent.example/cas/login", "/cas/form?service=s")
        .page("GET https://cas.ent.example/cas/form", FM1)
        .to("POST https://cas.ent.example/cas/login", TICKET);
    let run = log_in(&mut fake, &Login::default());
    let Outcome::Ticket { url, ticket, by: By::Redirect } = &run.outcome else { panic!("{:?}", run.outcome) };
    assert_eq!((url.as_str(), ticket.as_str()), (TICKET, "ST-1-abcDEF"));
    let sent: Vec<(String, String)> = fake.pairs(2);
    let names: Vec<&str> = sent.iter().map(|(n, _)| n.as_str()).collect();
    assert_eq!(names, ["username", "password", "execution", "_eventId", "geolocation", "submitBtn"], "in order, the box left alone");
    assert_eq!((sent[0].1.as_str(), sent[1].1.as_str(), sent[2].1.as_str()), (USER, PASSWORD, "e1s1-abc"));
    assert_eq!(fake.header(2, "Origin"), Some(CAS));
    assert_eq!(fake.header(2, "Referer"), Some("https://cas.ent.example/cas/form?service=s"));
    assert_eq!((fake.asked.len(), fake.authenticated_before), (3, Some(2)));
    assert!(fake.concealed.contains(&PASSWORD.to_owned()) && fake.concealed.contains(&USER.to_owned()));
    let facts = run.to_facts().to_string();
    assert!(!facts.contains("ST-1") && !facts.contains(USER) && facts.contains("\"kind\":\"login\""), "{facts}");
    assert!(!format!("{:?}", credentials()).contains("S3same"));
}

#[test]
fn a_look_stops_at_the_form_and_says_what_it_is_made_of() {
    let mut fake = Fake::default().page("GET https://cas.ent.example/cas/login", FM1);
    let run = look(&mut fake);
    let Outcome::Page(page) = &run.outcome else { panic!("{:?}", run.outcome) };
    assert_eq!(choose(page), Choice::Form { form: 1, user: Some(0), password: 1 });
    let facts = page.to_facts();
    let login = &facts["login"];
    assert_eq!((&login["user"], &login["token"], &login["method"]), (&"username".into(), &"execution".into(), &"POST".into()));
    assert_eq!(login["action"]["origin"], "same");
    assert_eq!(login["password"]["autocomplete"], "current-password");
    assert_eq!((&login["password"]["labelled"], &login["remember"]["present"]), (&true.into(), &true.into()));
    assert_eq!((&facts["forms"][0]["kind"], &facts["lang"], &facts["titled"]), (&"empty".into(), &"fr".into(), &true.into()));
    assert!(!facts.to_string().contains("e1s1") && !facts.to_string().contains("Aide"), "{facts}");
    assert_eq!((fake.authenticated_before, run.submitted), (None, false));
}

#[test]
fn the_same_form_again_is_a_refused_password_and_is_not_tried_twice() {
    let mut fake =
        Fake::default().page("GET https://cas.ent.example/cas/login", FM1).on("POST https://cas.ent.example/cas/login", 401, &[], FM1);
    let run = log_in(&mut fake, &Login::default());
    assert!(matches!(run.outcome, Outcome::WrongCredentials(Some(_))), "{:?}", run.outcome);
    assert_eq!(fake.asked.len(), 2);
}

#[test]
fn a_session_gives_a_ticket_at_once() {
    let mut fake = Fake::default().to("GET https://cas.ent.example/cas/login", TICKET);
    let session = Session::imported([(url(CAS), "TGC".to_owned(), "TGT-secret".to_owned())]);
    session.open(&mut fake);
    assert!(session.jar.holds(&url(LOGIN), "TGC") && fake.concealed == ["TGT-secret"] && fake.authenticated_before == Some(0));
    assert_eq!(format!("{session:?}"), "Session");
    assert!(matches!(look(&mut fake).outcome, Outcome::Ticket { by: By::Redirect, .. }));
}

#[test]
fn tickets_come_by_form_and_by_header_too() {
    let form = r#"<body onload="document.forms[0].submit()"><form method="post" action="https://app.example/home?x=1"><input type="hidden" name="ticket" value="ST-9"></form>"#;
    let mut fake = Fake::default().page("GET https://cas.ent.example/cas/login", form);
    assert!(matches!(look(&mut fake).outcome, Outcome::Ticket { by: By::Form, ref ticket, .. } if ticket == "ST-9"));
    let mut fake = Fake::default().on("GET https://cas.ent.example/cas/login", 200, &[("ticket", "ST-8")], "");
    assert!(matches!(look(&mut fake).outcome, Outcome::Ticket { by: By::Header, ref ticket, .. } if ticket == "ST-8"));
    assert_eq!(fake.asked.len(), 1);
}

#[test]
fn a_gateway_returns_without_a_ticket() {
    let mut fake = Fake::default().to("GET https://cas.ent.example/cas/login", SERVICE);
    assert!(matches!(look(&mut fake).outcome, Outcome::Returned { .. }));
    let mut fake = Fake::default().to("GET https://cas.ent.example/cas/login", "https://app.example.attacker.example/home?x=1&ticket=ST-1");
    assert!(matches!(look(&mut fake).outcome, Outcome::LeftForeign { national: false, .. }), "another host is not the service");
}

#[test]
fn without_a_service_a_new_cookie_and_no_form_make_a_session() {
    let run = |headers: &[(&str, &str)], body: &str| {
        let mut fake = Fake::default().page("GET https://cas.ent.example/cas/login", FM1).on(
            "POST https://cas.ent.example/cas/login",
            200,
            headers,
            body,
        );
        Driver::new(&Login::default()).credentials(&credentials()).run(&mut fake, &mut Jar::default(), &url(LOGIN)).outcome
    };
    let tgc = [("set-cookie", "TGC=TGC-abc; Path=/cas")];
    assert!(matches!(run(&tgc, "<p>Session ouverte"), Outcome::Session { ref cookies, .. } if cookies == &["TGC"]));
    assert!(matches!(run(&[], "<p>Session ouverte"), Outcome::Other(_)), "a status of 200 proves nothing");
    assert!(matches!(run(&tgc, "<div class=error>Compte bloqué</div>"), Outcome::Refused(_)));
    assert!(matches!(run(&tgc, FM1), Outcome::WrongCredentials(_)));
    let away = [("set-cookie", "TGC=TGC-abc; Path=/cas"), ("refresh", "0;url=https://elsewhere.example/")];
    assert!(matches!(run(&away, "<p>Redirection"), Outcome::Session { page: None, left: Some(_), .. }));
}

#[test]
fn national_and_foreign_hosts_are_left_and_told_apart() {
    let saml = r#"<form method="POST" action="https://educonnect.education.gouv.fr/idp/profile/SAML2/POST/SSO"><input type="hidden" name="SAMLRequest" value="PHNhbWw+"><input type="hidden" name="RelayState" value="rs"><noscript><input type="submit" value="Continuer"></noscript></form>"#;
    let mut fake = Fake::default().page("GET https://cas.ent.example/cas/login", saml);
    let run = look(&mut fake);
    assert!(matches!(run.outcome, Outcome::LeftForeign { national: true, by: HopKind::Message, .. }), "{:?}", run.outcome);
    let caught = &run.captured[0];
    assert_eq!((caught.name, caught.value.as_str(), caught.relay_state.as_deref()), ("SAMLRequest", "PHNhbWw+", Some("rs")));
    assert_eq!((fake.asked.len(), run.to_facts()["messages"][0]["national"].as_bool()), (1, Some(true)));
    assert!(!run.to_facts().to_string().contains("PHNhbWw"));
    let mut fake = Fake::default().to("GET https://cas.ent.example/cas/login", "https://educonnect.education.gouv.fr/idp?SAMLRequest=x");
    assert_eq!(look(&mut fake).outcome.as_str(), "left-national");
}

#[test]
fn messages_go_on_within_the_hosts_that_are_named() {
    let saml = r#"<form method="POST" action="https://idp.ent.example/sso"><input type="hidden" name="SAMLRequest" value="x"></form>"#;
    let storage = r#"<form action="/sso2" method="post"><input type="hidden" name="csrf_token" value="t"><input type="hidden" name="shib_idp_ls_supported"><input type="hidden" name="_eventId_proceed"></form>"#;
    let mut fake = Fake::default()
        .page("GET https://cas.ent.example/cas/login", saml)
        .page("POST https://idp.ent.example/sso", storage)
        .page("POST https://idp.ent.example/sso2", FM1);
    let run = look(&mut fake);
    assert_eq!((run.outcome.as_str(), fake.asked.len()), ("page", 3));
    assert_eq!(run.hops.iter().map(|h| h.kind).collect::<Vec<_>>(), [HopKind::Start, HopKind::Message, HopKind::Storage]);
    assert_eq!(fake.header(1, "Referer"), Some("https://cas.ent.example/"), "the origin only, beyond it");
    // The form there leads to another origin than that of the password.
    fake.asked.clear();
    assert!(
        matches!(log_in(&mut fake, &Login::default()).outcome, Outcome::FormLeadsElsewhere { ref origin, .. } if origin == "https://idp.ent.example")
    );
}

#[test]
fn pages_that_need_somebody_or_scripts_are_known() {
    let end = |body: &str| log_in(&mut Fake::default().page("GET https://cas.ent.example/cas/login", body), &Login::default()).outcome;
    let captcha = FM1.replace("/cas/js/a.js", "https://www.google.com/recaptcha/api.js");
    assert!(matches!(end(&captcha), Outcome::Interactive { what: Interaction::Captcha, .. }));
    let code = "<form method=post><label>Code de vérification <input name=otp></label><button>OK</button></form>";
    assert!(matches!(end(code), Outcome::Interactive { what: Interaction::Code, .. }));
    let terms = "<form method=post><p>J'accepte la charte<button name=ok>Accepter</button></form>";
    assert!(matches!(end(terms), Outcome::Interactive { what: Interaction::Terms, .. }));
    let change = "<form method=post action=/cas/login><input name=u><input type=password name=a><input type=password name=b></form>";
    assert!(matches!(end(change), Outcome::Interactive { what: Interaction::NewPassword, .. }));
    let proceed = "<form method=post><input type=hidden name=execution value=1><button name=go>Continuer</button></form>";
    assert!(matches!(end(proceed), Outcome::Interactive { what: Interaction::Proceed, .. }));
    let app = "<html><body ng-app=portal><div id=root></div><script src=/app.js></script><noscript>Activez JavaScript</noscript></body>";
    assert!(matches!(end(app), Outcome::NeedsScript(_)));
    let component = "<r-wayf></r-wayf><script type=module src=/wayf.js></script>";
    assert!(matches!(end(component), Outcome::NeedsScript(_)));
    assert!(matches!(end(&FM1.replace("action=\"login\"", "action=\"javascript:send()\"")), Outcome::NeedsScript(_)));
    assert!(matches!(end("<h1>Service non autorisé</h1>"), Outcome::Refused(_)));
    assert!(matches!(end(&format!("{FM1}{FM1}")), Outcome::Ambiguous(_)));
    assert!(matches!(end(&FM1.replace("method=\"post\"", "method=\"get\"")), Outcome::FormUnfit(_)));
    assert!(matches!(end("Bonjour"), Outcome::Other(_)));
    let wayf = "<a href='/cas/login?selection=EDU_eleve'>Élève</a><a href='/cas/login?selection=local'>Autres</a>";
    assert!(matches!(end(wayf), Outcome::Wayf(_)));
}

#[test]
fn refreshes_and_plain_scripts_are_followed() {
    let mut fake = Fake::default()
        .page("GET https://cas.ent.example/cas/login", "<meta http-equiv=Refresh content='0; url=/a'>")
        .page("GET https://cas.ent.example/a", "<script>window.location.href = '/b';</script>")
        .page("GET https://cas.ent.example/b", FM1);
    let run = look(&mut fake);
    assert_eq!((run.outcome.as_str(), run.hops[1].kind, run.hops[2].kind), ("page", HopKind::Refresh, HopKind::Script));
    assert_eq!(fake.header(1, "Referer"), Some(LOGIN));
}

#[test]
fn a_form_is_sent_in_the_encoding_of_its_page() {
    let page = FM1.replace("<head>", "<head><meta charset=iso-8859-1>");
    let mut fake =
        Fake::default().on("GET https://cas.ent.example/cas/login", 200, &[], &page).to("POST https://cas.ent.example/cas/login", TICKET);
    assert_eq!(log_in(&mut fake, &Login::default()).outcome.as_str(), "ticket");
    let body = String::from_utf8_lossy(&fake.asked[1].body).into_owned();
    assert!(body.contains("toi+%E9&"), "{body}");
}
