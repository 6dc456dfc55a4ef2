//! The defects of the demonstration ENT: a table of switches the server looks at, each with the rules it breaks.
//!
//! Their descriptions are in the catalogue (`demo.defect.*`). A defect that breaks nothing is either a
//! peculiarity that real servers have and that nothing forbids, or an incident from which nothing may be
//! concluded: an audit that accuses it is wrong. Must never be read by anything but the demonstration ENT.

use std::str::FromStr;

use super::Error;
use crate::i18n::{Lang, t};

macro_rules! defects {
    ($($variant:ident $name:literal [$($row:literal)*])*) => {
        /// Something the demonstration ENT does otherwise than it should, or than most do.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Defect {
            $(#[doc = $name] $variant),*
        }

        impl Defect {
            /// Every defect, in the order of the list.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// Its name on the command line.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name),*
                }
            }

            /// The rules it breaks, by their rows in the domain notes (CAS-…, SVC-…, WEB-…, TLS-…).
            #[must_use]
            pub fn breaks(self) -> &'static [&'static str] {
                match self {
                    $(Self::$variant => &[$($row),*]),*
                }
            }
        }
    };
}

defects! {
    // Tickets.
    TicketReusable "ticket-reusable" ["CAS-109"]
    TicketSurvivesMismatch "ticket-survives-mismatch" ["CAS-111"]
    TicketNotBound "ticket-not-bound" ["CAS-110"]
    TicketServiceCaseless "ticket-service-caseless" ["CAS-112"]
    TicketPrefix "ticket-prefix" ["CAS-103"]
    TicketCharset "ticket-charset" ["CAS-104"]
    TicketTooLong "ticket-too-long" ["CAS-105"]
    TicketPredictable "ticket-predictable" ["CAS-106"]
    TicketLongLife "ticket-long-life" ["CAS-114"]
    TicketAfterLogout "ticket-after-logout" ["CAS-140"]
    // Validation, without an account.
    TicketBogusAccepted "ticket-bogus-accepted" ["CAS-006" "CAS-007" "CAS-017" "CAS-020"]
    RequestCode "request-code" ["CAS-003" "CAS-004" "CAS-005"]
    PrefixCode "prefix-code" ["CAS-008"]
    ProxyTicketAnyAccepted "proxy-ticket-any-accepted" ["CAS-009"]
    XmlWrongNamespace "xml-wrong-namespace" ["CAS-010"]
    XmlNoNamespace "xml-no-namespace" ["CAS-010"]
    XmlIllFormed "xml-ill-formed" ["CAS-010"]
    XmlWrongEncoding "xml-wrong-encoding" ["CAS-010"]
    XmlTwoChildren "xml-two-children" ["CAS-011"]
    XmlNoCode "xml-no-code" ["CAS-011"]
    XmlContentType "xml-content-type" ["CAS-012"]
    RefusalAsPage "refusal-as-page" ["CAS-010" "CAS-012"]
    RefusalServerError "refusal-server-error" ["CAS-012"]
    UnknownCode "unknown-code" ["CAS-013"]
    JsonIgnored "json-ignored" ["CAS-014" "CAS-123"]
    FormatAccepted "format-accepted" ["CAS-015"]
    FormatServerError "format-server-error" ["CAS-015"]
    ValidateNoBody "validate-no-body" ["CAS-016"]
    ProxyBogusAccepted "proxy-bogus-accepted" ["CAS-019"]
    ProxyRequestCode "proxy-request-code" ["CAS-018"]
    P3Differs "p3-differs" ["CAS-020"]
    P3Missing "p3-missing" ["CAS-002" "CAS-020"]
    SamlNotSoap "saml-not-soap" ["CAS-021"]
    SamlByGet "saml-by-get" ["CAS-022"]
    ParametersCaseless "parameters-caseless" ["CAS-023"]
    TicketEchoed "ticket-echoed" ["CAS-024"]
    LongTicketServerError "long-ticket-server-error" ["CAS-025"]
    DuplicatesLastWins "duplicates-last-wins" ["CAS-026"]
    StackTrace "stack-trace" ["CAS-027"]
    ValidationLockout "validation-lockout" ["CAS-028"]
    ValidationInClear "validation-in-clear" ["CAS-029" "WEB-001"]
    // The login page.
    LoginMissing "login-missing" ["CAS-001" "CAS-002"]
    LoginUnavailable "login-unavailable" ["CAS-001"]
    LoginRedirectLoop "login-redirect-loop" ["CAS-001"]
    FormForeignHost "form-foreign-host" ["CAS-030" "WEB-019"]
    FormInClear "form-in-clear" ["CAS-030" "WEB-019"]
    FormByGet "form-by-get" ["CAS-030" "CAS-102"]
    TokenMissing "token-missing" ["CAS-031"]
    TokenConstant "token-constant" ["CAS-032"]
    TokenReusable "token-reusable" ["CAS-137"]
    ServiceLost "service-lost" ["CAS-033"]
    LoginCacheable "login-cacheable" ["CAS-034" "WEB-008"]
    LoginJsOnly "login-js-only" ["CAS-035"]
    UnregisteredServed "unregistered-served" ["CAS-036"]
    ServiceUnescaped "service-unescaped" ["CAS-050"]
    LoginByGet "login-by-get" ["CAS-051"]
    EmptyServerError "empty-server-error" ["CAS-052"]
    RememberMeChecked "remember-me-checked" ["CAS-058"]
    CallbackEchoed "callback-echoed" ["CAS-059"]
    PasswordShown "password-shown" ["WEB-016"]
    // Gateway and redirections.
    GatewayTicket "gateway-ticket" ["CAS-037"]
    GatewayServerError "gateway-server-error" ["CAS-038"]
    GatewayBeatsRenew "gateway-beats-renew" ["CAS-039"]
    GatewayMovedForEver "gateway-moved-for-ever" ["CAS-040"]
    RedirectAny "redirect-any" ["CAS-041"]
    RedirectSuffix "redirect-suffix" ["CAS-042"]
    RedirectUserinfo "redirect-userinfo" ["CAS-043"]
    RedirectSubstring "redirect-substring" ["CAS-044"]
    RedirectInClear "redirect-in-clear" ["CAS-045"]
    RedirectRelative "redirect-relative" ["CAS-046"]
    RedirectScript "redirect-script" ["CAS-047"]
    RedirectCrlf "redirect-crlf" ["CAS-048"]
    RedirectOffPath "redirect-off-path" ["CAS-049"]
    // With an account.
    TicketMissing "ticket-missing" ["CAS-100"]
    QueryLost "query-lost" ["CAS-101"]
    PasswordInUrl "password-in-url" ["CAS-102"]
    UserEmpty "user-empty" ["CAS-107"]
    SuccessOrder "success-order" ["CAS-108"]
    SsoPrompts "sso-prompts" ["CAS-115"]
    RenewIgnored "renew-ignored" ["CAS-116"]
    RenewSsoAccepted "renew-sso-accepted" ["CAS-117"]
    RenewFreshRefused "renew-fresh-refused" ["CAS-118"]
    GatewayWithoutTicket "gateway-without-ticket" ["CAS-119"]
    ValidateYesBody "validate-yes-body" ["CAS-120"]
    AttributesUntyped "attributes-untyped" ["CAS-121"]
    NewLoginConstant "new-login-constant" ["CAS-122"]
    JsonDiffers "json-differs" ["CAS-123"]
    SamlNoConditions "saml-no-conditions" ["CAS-128"]
    SamlAttributesInClear "saml-attributes-in-clear" ["CAS-129"]
    SamlReplay "saml-replay" ["CAS-130"]
    MethodPostIgnored "method-post-ignored" ["CAS-131"]
    CookieNotSecure "cookie-not-secure" ["CAS-132" "WEB-009"]
    CookieReadable "cookie-readable" ["CAS-132" "WEB-010"]
    CookieNoSameSite "cookie-no-samesite" ["WEB-011"]
    CookieWidePath "cookie-wide-path" ["CAS-132" "WEB-013"]
    CookiePersistent "cookie-persistent" ["CAS-132" "WEB-014"]
    CookieName "cookie-name" ["CAS-133"]
    SessionFixed "session-fixed" ["CAS-134"]
    WrongPasswordServerError "wrong-password-server-error" ["CAS-135"]
    AccountOracle "account-oracle" ["CAS-136"]
    PortalRedirect "portal-redirect" ["CAS-145"]
    // Logout.
    LogoutServerError "logout-server-error" ["CAS-053"]
    LogoutRedirectService "logout-redirect-service" ["CAS-054"]
    LogoutRedirectUrl "logout-redirect-url" ["CAS-055"]
    LogoutRedirectOther "logout-redirect-other" ["CAS-056"]
    LogoutKeepsSession "logout-keeps-session" ["CAS-138"]
    LogoutKeepsCookie "logout-keeps-cookie" ["CAS-139"]
    SloAbsent "slo-absent" ["CAS-141" "CAS-144"]
    SloRawBody "slo-raw-body" ["CAS-141"]
    SloWrongTicket "slo-wrong-ticket" ["CAS-142"]
    SloBlocks "slo-blocks" ["CAS-143"]
    SloFirstOnly "slo-first-only" ["CAS-144"]
    // Proxy tickets.
    PgtUrlInClear "pgt-url-in-clear" ["CAS-150"]
    PgtUrlUntrusted "pgt-url-untrusted" ["CAS-151"]
    PgtUrlQueryLost "pgt-url-query-lost" ["CAS-152"]
    PgtDisclosed "pgt-disclosed" ["CAS-153"]
    PgtPrefix "pgt-prefix" ["CAS-154"]
    ProxyRefused "proxy-refused" ["CAS-155"]
    ProxiesMissing "proxies-missing" ["CAS-156"]
    ProxyTicketAccepted "proxy-ticket-accepted" ["CAS-157"]
    ProxyTicketReusable "proxy-ticket-reusable" ["CAS-158"]
    PgtAfterLogout "pgt-after-logout" ["CAS-159"]
    PgtUrlUnregistered "pgt-url-unregistered" ["CAS-160"]
    // What is released.
    AttributeMissing "attribute-missing" ["CAS-124" "SVC-001"]
    AttributesUndeclared "attributes-undeclared" ["CAS-124" "SVC-004"]
    SecretReleased "secret-released" ["CAS-125" "CAS-124" "SVC-004"]
    ListAsText "list-as-text" ["CAS-126" "SVC-012"]
    AttributesUnbound "attributes-unbound" ["CAS-127"]
    ShapeOther "shape-other" ["SVC-003"]
    WholeRecord "whole-record" ["SVC-005" "SVC-004" "CAS-124"]
    UserChanges "user-changes" ["SVC-007"]
    ProfileVocabulary "profile-vocabulary" ["SVC-002" "SVC-008" "CAS-124"]
    OneSchoolOnly "one-school-only" ["SVC-009"]
    UaiEchoed "uai-echoed" ["SVC-010"]
    DoubleEncoding "double-encoding" ["SVC-011"]
    NotEntitledServed "not-entitled-served" ["SVC-013"]
    // HTTP.
    HttpInClear "http-in-clear" ["WEB-001" "WEB-002" "CAS-029"]
    HstsAbsent "hsts-absent" ["WEB-003"]
    HstsShort "hsts-short" ["WEB-003"]
    FramePolicyAbsent "frame-policy-absent" ["WEB-004"]
    CspInline "csp-inline" ["WEB-005"]
    NosniffAbsent "nosniff-absent" ["WEB-006"]
    ReferrerLeaks "referrer-leaks" ["WEB-007"]
    ValidationCacheable "validation-cacheable" ["WEB-008"]
    ThirdPartyScript "third-party-script" ["WEB-015"]
    ServerVersion "server-version" ["WEB-017"]
    TraceOn "trace-on" ["WEB-018"]
    CorsReflected "cors-reflected" ["WEB-020"]
    SecurityTxtAbsent "security-txt-absent" ["WEB-021"]
    PortalCacheable "portal-cacheable" ["WEB-022" "WEB-008"]
    PortalNoLogout "portal-no-logout" ["WEB-022"]
    // TLS.
    CertificateExpired "certificate-expired" ["TLS-006" "TLS-007"]
    CertificateEndsSoon "certificate-ends-soon" ["TLS-007"]
    CertificateOtherHost "certificate-other-host" ["TLS-006"]
    CertificateSelfSigned "certificate-self-signed" ["TLS-006"]
    Tls12Only "tls-1-2-only" ["TLS-003"]
    // Nothing may be concluded from these.
    GatewayIgnored "gateway-ignored" []
    LoginDelegated "login-delegated" []
    DecoyForm "decoy-form" []
    XmlNoDeclaration "xml-no-declaration" []
    ValidateTwoLines "validate-two-lines" []
    TicketUuid "ticket-uuid" []
    SlowBody "slow-body" []
    EndlessBody "endless-body" []
    CutBody "cut-body" []
    TooManyRequests "too-many-requests" []
}

impl Defect {
    /// What it does, for people.
    #[must_use]
    pub fn description(self, lang: Lang) -> &'static str {
        let key = format!("demo.defect.{}", self.name());
        crate::i18n::catalogue(lang).get(&key).map_or_else(|| self.name(), String::as_str)
    }

    /// The title of the rules it breaks, for people: their rows, or that there are none.
    #[must_use]
    pub fn breaks_told(self, lang: Lang) -> String {
        if self.breaks().is_empty() { t(lang, "demo.tolerated").to_owned() } else { self.breaks().join(" ") }
    }
}

impl FromStr for Defect {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Self::ALL.iter().copied().find(|d| d.name() == name).ok_or_else(|| Error::Defect(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_told_in_both_languages_and_distinct() {
        for lang in Lang::ALL {
            let untold: Vec<_> = Defect::ALL.iter().filter(|d| d.description(lang) == d.name()).map(|d| d.name()).collect();
            assert!(untold.is_empty(), "{}: {untold:?}", lang.code());
        }
        let names: BTreeSet<_> = Defect::ALL.iter().map(|d| d.name()).collect();
        assert_eq!(names.len(), Defect::ALL.len());
        assert!(names.iter().all(|n| n.parse::<Defect>().is_ok_and(|d| d.name() == *n)));
        assert!("no-such-defect".parse::<Defect>().is_err());
    }
}
