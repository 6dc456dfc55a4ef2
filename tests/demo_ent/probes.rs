//! For each defect, whether it shows. The match is exhaustive: a defect without a probe does not compile.

use std::io::Read;
use std::time::{Duration, Instant};

use conforment::demo::Defect as D;
use reqwest::Method;

use super::world::{Answer, World, between, code, enc};

/// Whether that defect shows in what is served.
pub fn shows(defect: D, w: &World) -> bool {
    let s = w.s();
    let valid = |service: &str, ticket: &str| w.validate("serviceValidate", service, ticket, "").success();
    let form = || w.get("/cas/login");
    let header = |name: &str| w.get("/cas/login").header(name).to_owned();
    match defect {
        D::TicketReusable => {
            let ticket = w.ticket(&s);
            valid(&s, &ticket) && valid(&s, &ticket)
        }
        D::TicketSurvivesMismatch => {
            let ticket = w.ticket(&s);
            !valid(&format!("{s}autre"), &ticket) && valid(&s, &ticket)
        }
        D::TicketNotBound => valid(&format!("{s}autre"), &w.ticket(&s)),
        D::TicketServiceCaseless => valid(&format!("{s}Page"), &w.ticket(&format!("{s}page"))),
        D::TicketPrefix => !w.ticket(&s).starts_with("ST-"),
        D::TicketCharset => w.ticket(&s).contains(['_', '.']),
        D::TicketTooLong => w.ticket(&s).len() > 256,
        D::TicketPredictable => w.ticket(&s).ends_with("-DemonstrationDemonstration"),
        D::TicketUuid => w.ticket(&s).len() == 39 && w.ticket(&s).matches('-').count() == 5,
        D::TicketLongLife => {
            let ticket = w.ticket(&s);
            std::thread::sleep(Duration::from_millis(2200));
            valid(&s, &ticket)
        }
        D::TicketAfterLogout => {
            let ticket = w.ticket(&s);
            w.get("/cas/logout");
            valid(&s, &ticket)
        }
        D::TicketBogusAccepted => {
            let everywhere = ["serviceValidate", "proxyValidate", "p3/serviceValidate"];
            everywhere.iter().all(|path| w.validate(path, "https://inconnu.example/", "ST-1", "").success())
        }
        D::RequestCode => code(&w.get("/cas/serviceValidate").body) != "INVALID_REQUEST",
        D::PrefixCode => !matches!(code(&w.validate("serviceValidate", &s, "XX-1", "").body), "INVALID_TICKET_SPEC" | "INVALID_TICKET"),
        D::ProxyTicketAnyAccepted => valid(&s, "PT-1"),
        D::XmlWrongNamespace => w.bogus().body.contains("http://www.yale.edu/tp/cas2"),
        D::XmlNoNamespace => !w.bogus().body.contains("xmlns"),
        D::XmlIllFormed => !w.bogus().body.contains("</cas:serviceResponse>"),
        D::XmlWrongEncoding => {
            let answer = w.bogus();
            answer.body.contains("UTF-8") && String::from_utf8(answer.bytes).is_err()
        }
        D::XmlTwoChildren => w.bogus().body.matches("<cas:authenticationFailure").count() == 2,
        D::XmlNoCode => code(&w.bogus().body).is_empty() && w.bogus().body.contains("authenticationFailure"),
        D::XmlContentType => w.bogus().header("content-type").starts_with("text/html") && w.bogus().body.contains("authenticationFailure"),
        D::RefusalAsPage => w.bogus().status == 200 && w.bogus().body.contains("<html"),
        D::RefusalServerError => w.bogus().status == 500,
        D::UnknownCode => code(&w.bogus().body) == "INVALID_SESSION",
        D::JsonIgnored => w.validate("serviceValidate", &s, "ST-1", "&format=JSON").body.starts_with("<?xml"),
        D::JsonDiffers => w.validate("p3/serviceValidate", &s, &w.ticket(&s), "&format=JSON").body.contains("\"DEMO0003\""),
        D::FormatAccepted => w.validate("serviceValidate", &s, &w.ticket(&s), "&format=YAML").success(),
        D::FormatServerError => w.validate("serviceValidate", &s, "ST-1", "&format=YAML").status == 500,
        D::ValidateNoBody => w.get("/cas/validate").body != "no\n",
        D::ValidateYesBody => w.validate("validate", &s, &w.ticket(&s), "").body == "OK",
        D::ValidateTwoLines => w.validate("validate", &s, &w.ticket(&s), "").body == "yes\ndemo0003\n",
        D::ProxyBogusAccepted => w.proxy("PGT-1", &s).is_some(),
        D::ProxyRequestCode => code(&w.get("/cas/proxy").body) != "INVALID_REQUEST",
        D::P3Differs => code(&w.bogus().body) != code(&w.validate("p3/serviceValidate", &s, "ST-1", "").body),
        D::P3Missing => w.get("/cas/p3/serviceValidate").status == 404 && w.get("/cas/p3/proxyValidate").status == 404,
        D::SamlNotSoap => !w.saml(&s, "ST-1").body.contains("<SOAP-ENV:Envelope"),
        D::SamlByGet => w.get("/cas/samlValidate").status != 405,
        D::SamlNoConditions => !saml_success(w, &s).contains("NotOnOrAfter"),
        D::SamlAttributesInClear => saml_success(w, &w.clear.url).contains("AttributeName=\"uid\""),
        D::SamlReplay => {
            let ticket = w.ticket(&s);
            w.saml(&s, &ticket).body.contains("saml1p:Success") && w.saml(&w.tls.url, &ticket).body.contains("saml1p:Success")
        }
        D::ParametersCaseless => code(&w.get(&format!("/cas/serviceValidate?SERVICE={}&TICKET=ST-1", enc(&s))).body) != "INVALID_REQUEST",
        D::TicketEchoed => w.validate("serviceValidate", &s, "ST-<x-probe>", "").body.contains("<x-probe>"),
        D::LongTicketServerError => w.validate("serviceValidate", &s, &format!("ST-{}", "1".repeat(4096)), "").status == 500,
        D::DuplicatesLastWins => w.validate("serviceValidate", &s, "ST-1", &format!("&ticket={}", w.ticket(&s))).success(),
        D::StackTrace => w.bogus().body.contains("Exception"),
        D::ValidationLockout => (0..12).map(|_| w.bogus().status).any(|status| status != 200),
        D::ValidationInClear => w.get(&format!("{}/cas/serviceValidate", w.ent.http())).status == 200 && clear(w).status == 308,
        D::LoginMissing => form().status == 404,
        D::LoginUnavailable => form().status == 503,
        D::LoginRedirectLoop => form().header("location").contains("/cas/login"),
        D::FormForeignHost => form().body.contains("action=\"https://collecte.invalid/"),
        D::FormInClear => form().body.contains("action=\"http://"),
        D::FormByGet => form().body.contains("method=\"get\""),
        D::TokenMissing => form().body.contains("<form") && !form().body.contains("name=\"lt\""),
        D::TokenConstant => w.token() == w.token(),
        D::TokenReusable => {
            let (token, password) = (w.token(), w.password("eleve-demo"));
            let fields = [("username", "eleve-demo"), ("password", password.as_str()), ("lt", token.as_str()), ("service", s.as_str())];
            w.post("/cas/login", &fields).ticket().is_some() && w.post("/cas/login", &fields).ticket().is_some()
        }
        D::ServiceLost => w.at_login(&s, "").body.contains("<form") && !w.at_login(&s, "").body.contains(&format!("value=\"{s}\"")),
        D::LoginCacheable => header("cache-control").is_empty(),
        D::LoginJsOnly => !form().body.contains("<form") && form().body.contains("<script"),
        D::UnregisteredServed => w.at_login("https://inconnu.example/", "").body.contains("type=\"password\""),
        D::ServiceUnescaped => w.at_login("\"><x-probe>", "").body.contains("<x-probe>"),
        D::LoginByGet => {
            let to = format!("/cas/login?username=prof-demo&password={}&service={}", w.password("prof-demo"), enc(&s));
            w.get(&to).ticket().is_some()
        }
        D::EmptyServerError => w.post("/cas/login", &[]).status == 500,
        D::RememberMeChecked => form().body.contains("name=\"rememberMe\" value=\"true\" checked"),
        D::CallbackEchoed => w.get("/cas/login?callback=https://ailleurs.example/").body.contains("value=\"https://ailleurs.example/\""),
        D::PasswordShown => form().body.contains("name=\"password\" type=\"text\""),
        D::GatewayTicket => w.at_login(&s, "&gateway=true").ticket().is_some(),
        D::GatewayServerError => w.get("/cas/login?gateway=true").status == 500,
        D::GatewayBeatsRenew => w.at_login(&s, "&gateway=true&renew=true").status == 302,
        D::GatewayMovedForEver => w.at_login(&s, "&gateway=true").status == 301,
        D::GatewayIgnored => w.at_login(&s, "&gateway=true").body.contains("type=\"password\""),
        D::RedirectAny => follows(w, "https://inconnu.example/"),
        D::RedirectSuffix => follows(w, "https://127.0.0.1.attaquant.example/"),
        D::RedirectUserinfo => {
            follows(w, "https://127.0.0.1@attaquant.example/") && follows(w, &s.replace("/service/", "@attaquant.example/"))
        }
        D::RedirectSubstring => {
            follows(w, &format!("https://attaquant.example/?u={s}")) && follows(w, &format!("https://attaquant.example/#{s}"))
        }
        D::RedirectInClear => follows(w, &s.replace("https:", "http:")),
        D::RedirectRelative => ["//attaquant.example/", "/\\attaquant.example", "https:/\\attaquant.example"].iter().all(|u| follows(w, u)),
        D::RedirectScript => follows(w, "javascript:alert(1)") && follows(w, "data:text/html,x"),
        D::RedirectCrlf => w.at_login(&format!("{s}\r\nX-Injected: 1"), "&gateway=true").header("x-injected") == "1",
        D::RedirectOffPath => follows(w, &format!("{s}..%2fautre")) && follows(w, &format!("{}/hors/", w.ent.https())),
        D::TicketMissing => w.login("prof-demo", Some(&s)).header("location") == s,
        D::QueryLost => !w.login("prof-demo", Some(&format!("{s}?a=b"))).header("location").contains("?a=b&ticket="),
        D::PasswordInUrl => w.login("prof-demo", Some(&s)).header("location").contains(&w.password("prof-demo")),
        D::UserEmpty => w.released("prof-demo", &s).contains("<cas:user></cas:user>"),
        D::SuccessOrder => w.released("prof-demo", &s).contains("</cas:attributes><cas:user>"),
        D::SsoPrompts => signed_in(w) && w.at_login(&s, "").body.contains("type=\"password\""),
        D::RenewIgnored => signed_in(w) && w.at_login(&s, "&renew=true").ticket().is_some(),
        D::RenewSsoAccepted => signed_in(w) && w.validate("serviceValidate", &s, &w.sso(&s), "&renew=true").success(),
        D::RenewFreshRefused => !w.validate("serviceValidate", &s, &w.ticket(&s), "&renew=true").success(),
        D::GatewayWithoutTicket => signed_in(w) && w.at_login(&s, "&gateway=true").ticket().is_none(),
        D::AttributesUntyped => !w.released("prof-demo", &s).contains("authenticationDate"),
        D::NewLoginConstant => signed_in(w) && w.validate("p3/serviceValidate", &s, &w.sso(&s), "").body.contains("isFromNewLogin>true"),
        D::MethodPostIgnored => signed_in(w) && w.at_login(&s, "&method=POST").ticket().is_some(),
        D::CookieNotSecure => !cookie(w).contains("; Secure"),
        D::CookieReadable => !cookie(w).contains("; HttpOnly"),
        D::CookieNoSameSite => !cookie(w).contains("; SameSite"),
        D::CookieWidePath => cookie(w).contains("; Path=/;"),
        D::CookiePersistent => cookie(w).contains("Max-Age"),
        D::CookieName => !cookie(w).starts_with("TGC"),
        D::SessionFixed => {
            let before = form().header("set-cookie").to_owned();
            !before.is_empty() && before == cookie(w)
        }
        D::WrongPasswordServerError => w.login_with("prof-demo", "faux", Some(&s), &[]).status == 500,
        D::AccountOracle => {
            let alert = |login| between(&w.login_with(login, "faux", None, &[]).body, "role=\"alert\">", "<").unwrap().to_owned();
            alert("prof-demo") != alert("inconnu")
        }
        D::PortalRedirect => w.login("prof-demo", None).status == 302,
        D::LogoutServerError => w.get("/cas/logout").status == 500,
        D::LogoutRedirectService => leaves(w, "service"),
        D::LogoutRedirectUrl => leaves(w, "url"),
        D::LogoutRedirectOther => ["destination", "redirect", "callback", "next", "RelayState"].iter().all(|name| leaves(w, name)),
        D::LogoutKeepsSession => {
            signed_in(w);
            let kept = w.jar.borrow().clone();
            w.get("/cas/logout");
            *w.jar.borrow_mut() = kept;
            w.at_login(&s, "").ticket().is_some()
        }
        D::LogoutKeepsCookie => signed_in(w) && w.get("/cas/logout").header("set-cookie").is_empty(),
        D::SloAbsent => !logged_out(w).iter().any(|seen| seen.contains("LogoutRequest")),
        D::SloRawBody => logged_out(w).iter().any(|seen| seen.contains("\r\n\r\n<samlp:LogoutRequest")),
        D::SloWrongTicket => {
            let ticket = w.ticket(&w.clear.url);
            w.get("/cas/logout");
            !w.clear.wait(1)[0].contains(&ticket)
        }
        D::SloBlocks => {
            *w.clear.delay.lock().unwrap() = Duration::from_secs(2);
            w.ticket(&w.clear.url);
            let start = Instant::now();
            w.get("/cas/logout");
            start.elapsed() > Duration::from_millis(1500)
        }
        D::SloFirstOnly => {
            w.ticket(&w.clear.url);
            w.sso(&format!("{}autre", w.clear.url));
            w.get("/cas/logout");
            w.clear.wait(2).len() == 1
        }
        D::PgtUrlInClear => w.hand(&w.clear.url).body.contains("PGTIOU-") && !w.clear.seen().is_empty(),
        D::PgtUrlUntrusted => w.hand(&w.untrusted.url).body.contains("PGTIOU-") && !w.untrusted.seen().is_empty(),
        D::PgtUrlUnregistered => w.hand(&format!("{}hors/", w.tls.root)).success() && !w.tls.seen().is_empty(),
        D::PgtUrlQueryLost => {
            w.hand(&format!("{}?a=b", w.tls.url));
            !w.tls.seen()[0].contains("?a=b&pgtId=")
        }
        D::PgtDisclosed => {
            let (granting, said) = w.granting(&w.tls.url);
            said.contains(&granting)
        }
        D::PgtPrefix => !w.granting(&w.tls.url).0.starts_with("PGT-"),
        D::ProxyRefused => w.proxy(&w.granting(&w.tls.url).0, &s).is_none(),
        D::ProxiesMissing => !w.validate("proxyValidate", &s, &proxied(w), "").body.contains("<cas:proxies>"),
        D::ProxyTicketAccepted => valid(&s, &proxied(w)),
        D::ProxyTicketReusable => {
            let ticket = proxied(w);
            (0..2).all(|_| w.validate("proxyValidate", &s, &ticket, "").success())
        }
        D::PgtAfterLogout => {
            let granting = w.granting(&w.tls.url).0;
            w.get("/cas/logout");
            w.proxy(&granting, &s).is_some()
        }
        D::AttributeMissing => {
            let pronote = w.ent.service("pronote").unwrap();
            !w.released("eleve-demo", &s).contains("Profils") && !w.released("eleve-demo", &pronote).contains("<categories>")
        }
        D::AttributesUndeclared => w.released("eleve-demo", &s).contains("eleve.demo@ent.example"),
        D::SecretReleased => w.released("eleve-demo", &s).contains("userPassword"),
        D::ListAsText => w.released("prof-demo", &s).contains("RattachUAI>[&quot;0200001T&quot;,&quot;0200002U&quot;]<"),
        D::AttributesUnbound => w.released("prof-demo", &s).contains("<uid>"),
        D::ShapeOther => w.released("prof-demo", &w.ent.service("moodle").unwrap()).contains("<cas:userAttributes>"),
        D::WholeRecord => w.released("prof-demo", &s).matches("inventé").count() > 8,
        D::UserChanges => {
            let user = || between(&w.released("prof-demo", &s), "<cas:user>", "<").unwrap().to_owned();
            user() != user()
        }
        D::ProfileVocabulary => !w.released("eleve-demo", &s).contains("National_ELV"),
        D::OneSchoolOnly => !w.released("prof-demo", &s).contains("0200002U"),
        D::UaiEchoed => w.released("prof-demo", &format!("{}?UAI=0200003V", w.ent.service("kne").unwrap())).contains("0200003V"),
        D::DoubleEncoding => w.released("eleve-demo", &s).contains("DÃ©monstration"),
        D::NotEntitledServed => w.login("parent-demo", w.ent.service("kne").as_deref()).ticket().is_some(),
        D::HttpInClear => clear(w).status == 200 && clear(w).body.contains("type=\"password\""),
        D::HstsAbsent => header("strict-transport-security").is_empty(),
        D::HstsShort => header("strict-transport-security") == "max-age=3600",
        D::FramePolicyAbsent => header("x-frame-options").is_empty() && !header("content-security-policy").contains("frame-ancestors"),
        D::CspInline => header("content-security-policy").contains("unsafe-inline"),
        D::NosniffAbsent => header("x-content-type-options").is_empty(),
        D::ReferrerLeaks => header("referrer-policy") == "unsafe-url",
        D::ValidationCacheable => w.bogus().header("cache-control").is_empty(),
        D::ThirdPartyScript => form().body.contains("<script src=\"https://"),
        D::ServerVersion => header("server").contains('/'),
        D::TraceOn => w.ask(Method::TRACE, "/cas/login", &[], String::new()).status == 200,
        D::CorsReflected => {
            let answer = w.ask(Method::GET, "/cas/serviceValidate", &[("Origin", "https://ailleurs.example")], String::new());
            answer.header("access-control-allow-origin") == "https://ailleurs.example"
        }
        D::SecurityTxtAbsent => w.get("/.well-known/security.txt").status == 404,
        D::PortalCacheable => portal(w).header("cache-control").is_empty(),
        D::PortalNoLogout => !portal(w).body.contains("/cas/logout"),
        D::CertificateExpired => refused(w, "Expired"),
        D::CertificateOtherHost => refused(w, "NotValidForName"),
        D::CertificateSelfSigned => refused(w, "UnknownIssuer"),
        D::CertificateEndsSoon => {
            let response = w.client.get(w.ent.https()).send().unwrap();
            let der = response.extensions().get::<reqwest::tls::TlsInfo>().unwrap().peer_certificate().unwrap();
            let (_, certificate) = x509_parser::parse_x509_certificate(der).unwrap();
            certificate.validity().time_to_expiration().unwrap().whole_days() < 21
        }
        D::Tls12Only => {
            let modern = World::builder(&w.ent).tls_version_min(reqwest::tls::Version::TLS_1_3).build().unwrap();
            modern.get(w.ent.https()).send().is_err() && w.client.get(w.ent.https()).send().is_ok()
        }
        D::LoginDelegated => form().body.contains("idp=local") && w.get("/cas/login?idp=local").body.contains("type=\"password\""),
        D::DecoyForm => form().body.matches("<form").count() == 2,
        D::XmlNoDeclaration => !w.bogus().body.starts_with("<?xml"),
        D::SlowBody => {
            let start = Instant::now();
            w.get("/cas/envoi.js");
            start.elapsed() > Duration::from_millis(1500)
        }
        D::EndlessBody => {
            let mut some = Vec::new();
            let response = w.send(Method::GET, "/cas/login", &[], String::new()).unwrap();
            response.take(1024 * 1024).read_to_end(&mut some).unwrap() == 1024 * 1024
        }
        D::CutBody => w.send(Method::GET, "/cas/login", &[], String::new()).unwrap().bytes().is_err(),
        D::TooManyRequests => form().status == 429,
    }
}

/// Opens a session.
fn signed_in(w: &World) -> bool {
    w.login("prof-demo", None).status == 200
}

/// The cookie of the session.
fn cookie(w: &World) -> String {
    w.login("prof-demo", None).header("set-cookie").to_owned()
}

/// Whether gateway redirects there.
fn follows(w: &World, service: &str) -> bool {
    w.at_login(service, "&gateway=true").header("location") == service
}

/// Whether the logout redirects off-site by that parameter.
fn leaves(w: &World, name: &str) -> bool {
    w.get(&format!("/cas/logout?{name}=https://inconnu.example/")).header("location") == "https://inconnu.example/"
}

fn clear(w: &World) -> Answer {
    w.get(&format!("{}/cas/login", w.ent.http()))
}

/// What the service in clear was sent after a logout.
fn logged_out(w: &World) -> Vec<String> {
    w.ticket(&w.clear.url);
    w.get("/cas/logout");
    w.clear.wait(1)
}

fn proxied(w: &World) -> String {
    w.proxy(&w.granting(&w.tls.url).0, &w.s()).unwrap()
}

fn saml_success(w: &World, service: &str) -> String {
    let body = w.saml(service, &w.ticket(service)).body;
    assert!(body.contains("saml1p:Success") && body.contains("<saml1:NameIdentifier>demo0003<"), "{body}");
    body
}

fn portal(w: &World) -> Answer {
    let back = w.login("prof-demo", Some(&format!("{}/portail/", w.ent.https())));
    w.get(back.header("location"));
    let page = w.get("/");
    assert!(page.body.contains("Bonjour"), "{}", page.body);
    page
}

/// Whether the certificate is refused for that reason.
fn refused(w: &World, reason: &str) -> bool {
    let Err(error) = w.client.get(w.ent.https()).send() else { return false };
    let chain = std::iter::successors(Some(&error as &dyn std::error::Error), |e| e.source());
    let told: String = chain.map(|e| format!("{e:?} ")).collect();
    told.contains(reason)
}
