//! Directory servers that misbehave: each is left in time and within memory, for a reason that is told, and is never mistaken for a
//! directory that was read to its end. What a real server can be made to do is in `live_ldap.rs`.
#![cfg(feature = "live")]
#![allow(missing_docs, clippy::unwrap_used)]

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use conforment::audit::Options;
use conforment::outcome::{Reason, Verdict};
use conforment::report::model::Report;
use conforment::rules::model::Level;
use conforment::target::SourceSpec;

#[path = "common/audited.rs"]
mod audited;
use audited::{DAY, set};
#[path = "common/ldap_peer.rs"]
mod peer;
use peer::{Asked, BASE, Peer, done, entry, message, page, reference, result, sound, tlv, unit};

/// What an audit of this server says, with one second to wait for an answer; it lasts less than `seconds`.
fn audited(peer: &Peer, more: &str, seconds: u64) -> Report {
    audited_at(&format!("ldap://127.0.0.1:{}", peer.port), more, seconds)
}

fn audited_at(url: &str, more: &str, seconds: u64) -> Report {
    let spec = format!("{{kind: ldap, label: annuaire, url: '{url}', timeout_s: 1{more}}}");
    let source: SourceSpec = serde_saphyr::from_str(&spec).unwrap();
    let (set, options) = (set(), Options { max_findings: 5, ..audited::options(DAY) });
    let started = Instant::now();
    let report = audited::report(vec![source], set, &options);
    assert!(started.elapsed() < Duration::from_secs(seconds), "{:?}", started.elapsed());
    report
}

fn verdict(report: &Report, id: &str) -> Verdict {
    audited::result(report, id).verdict
}

/// Nothing passes of what was not read to its end, and this is the reason.
#[track_caller]
fn hidden(report: &Report, problem: &str) {
    let problems: Vec<&str> = report.target.sources[0].problems.iter().map(|p| p.message.key.as_str()).collect();
    assert!(problems.contains(&problem), "{problems:?}");
    assert_ne!(verdict(report, "ANN-SRV-LECTURE"), Verdict::Pass);
    let mut undetermined = 0;
    for r in report.requirements.iter().filter(|r| !r.id.starts_with("ANN-SRV-")) {
        assert_ne!(r.verdict, Verdict::Pass, "{}", r.id);
        if r.verdict == Verdict::Undetermined {
            undetermined += 1;
            assert!(
                matches!(r.reason, Some(Reason::Blocked | Reason::ParentFailed | Reason::ManualPending | Reason::OutOfBudget)),
                "{}",
                r.id
            );
        }
    }
    assert!(undetermined > 50, "{undetermined}");
}

/// Nothing at all passes, and this is the reason.
#[track_caller]
fn unseen(report: &Report, problem: &str) {
    assert_eq!(report.target.sources[0].problems[0].message.key, problem);
    let passed: Vec<&str> = report.requirements.iter().filter(|r| r.verdict == Verdict::Pass).map(|r| r.id.as_str()).collect();
    assert!(passed.is_empty(), "{passed:?}");
    assert!(report.requirements.iter().filter(|r| r.verdict == Verdict::Undetermined).count() > 50);
}

#[test]
fn a_server_that_behaves_is_read_to_its_end() {
    let report = audited(&Peer::reading(|id, line| line.send(&[unit(id, "personnes"), done(id, 0)].concat())), "", 10);
    assert_eq!(verdict(&report, "ANN-SRV-LECTURE"), Verdict::Pass);
    assert_eq!(report.target.sources[0].records["annuaire.organizationalUnit"], 1);
    let report = audited(&Peer::start(|asked, line| line.send(&sound(asked))), "", 10);
    assert_eq!((verdict(&report, "ANN-SRV-LECTURE"), verdict(&report, "ANN-SRV-RENVOIS")), (Verdict::Pass, Verdict::Pass));
    assert_eq!(verdict(&report, "ANN-LDIF-DN-UNIQUE"), Verdict::NotApplicable, "a server has no two entries of one name");
    // Answers that came byte by byte, in time, are answers.
    let bytes = |id: u8| [unit(id, "personnes"), done(id, 0)].concat();
    let report = audited(&Peer::reading(move |id, line| bytes(id).iter().all(|b| line.send(&[*b]))), "", 10);
    assert_eq!(verdict(&report, "ANN-SRV-LECTURE"), Verdict::Pass);
}

#[test]
fn a_part_that_is_elsewhere_is_not_the_end() {
    let references = Peer::reading(|id, line| line.send(&[unit(id, "personnes"), reference(id), done(id, 0)].concat()));
    let report = audited(&references, "", 10);
    hidden(&report, "problem.ldap.referral");
    assert_eq!(verdict(&report, "ANN-SRV-RENVOIS"), Verdict::Fail);
    let elsewhere = tlv(0xA3, &[&tlv(4, &[b"ldap://ailleurs.example/"])]);
    let code = Peer::reading(move |id, line| line.send(&[unit(id, "personnes"), result(id, 0x65, 10, &elsewhere)].concat()));
    let report = audited(&code, "", 10);
    hidden(&report, "problem.ldap.referral");
    assert_eq!(verdict(&report, "ANN-SRV-RENVOIS"), Verdict::Fail);
}

#[test]
fn a_limit_or_a_refusal_is_not_the_end() {
    for (code, problem) in [(4, "size"), (11, "size"), (3, "time"), (32, "branch"), (50, "refused"), (51, "failed"), (80, "failed")] {
        let peer = Peer::reading(move |id, line| line.send(&[unit(id, "personnes"), done(id, code)].concat()));
        let report = audited(&peer, "", 10);
        hidden(&report, &format!("problem.ldap.{problem}"));
        // A failure that passes accuses nobody.
        let expected = if problem == "failed" { Verdict::Undetermined } else { Verdict::Fail };
        assert_eq!(verdict(&report, "ANN-SRV-LECTURE"), expected, "{code}");
    }
}

#[test]
fn a_connection_that_is_cut_is_not_the_end() {
    let between = Peer::reading(|id, line| {
        line.send(&unit(id, "personnes"));
        false
    });
    hidden(&audited(&between, "", 10), "problem.ldap.cut");
    let within = Peer::reading(|id, line| {
        let bytes = unit(id, "personnes");
        line.send(&bytes[..bytes.len() / 2]);
        false
    });
    hidden(&audited(&within, "", 10), "problem.ldap.cut");
    // The server says that it ends (RFC 4511, 4.4.1).
    let notice = tlv(0x78, &[&[0x0A, 1, 52, 4, 0, 4, 0], &tlv(0x8A, &[b"1.3.6.1.4.1.1466.20036"])]);
    let said = Peer::reading(move |id, line| line.send(&[unit(id, "personnes"), message(0, &notice)].concat()));
    hidden(&audited(&said, "", 10), "problem.ldap.cut");
    // Notices of another kind are passed over (RFC 4511, 4.4).
    let notice = tlv(0x78, &[&[0x0A, 1, 0, 4, 0, 4, 0], &tlv(0x8A, &[b"1.3.6.1.1.21.4"])]);
    let said = Peer::reading(move |id, line| line.send(&[message(0, &notice), unit(id, "personnes"), done(id, 0)].concat()));
    assert_eq!(verdict(&audited(&said, "", 10), "ANN-SRV-LECTURE"), Verdict::Pass);
}

#[test]
fn a_server_that_answers_byte_by_byte_is_left_in_time() {
    let pause = Duration::from_millis(300);
    let peer = Peer::reading(move |id, line| line.drip(&unit(id, "personnes"), pause));
    hidden(&audited(&peer, "", 10), "problem.ldap.cut");
    // From the very first answer on: nothing is seen at all.
    let peer = Peer::start(move |asked, line| line.drip(&sound(asked), pause));
    let report = audited(&peer, "", 15);
    assert!(report.requirements.iter().filter(|r| r.verdict == Verdict::Pass).count() == 0);
    assert_eq!(report.target.sources[0].problems[0].message.key, "problem.ldap.timeout");
}

#[test]
fn a_server_without_end_is_left_in_time() {
    // Whole entries, one after the other, for ever, each in time.
    let peer = Peer::reading(|id, line| {
        (0..).all(|i| {
            std::thread::sleep(Duration::from_millis(100));
            line.send(&unit(id, &format!("u{i}")))
        })
    });
    hidden(&audited(&peer, ", total_s: 3", 15), "problem.ldap.out_of_time");
    // References, as fast as they go.
    let peer = Peer::reading(|id, line| (0..).all(|_: u64| line.send(&reference(id))));
    let report = audited(&peer, ", total_s: 3", 15);
    hidden(&report, "problem.ldap.out_of_time");
    assert_eq!(verdict(&report, "ANN-SRV-RENVOIS"), Verdict::Fail, "those that came were seen");
    // Pages that hold nothing and say that there is more.
    let peer = Peer::reading(|id, line| line.send(&page(id, b"encore")));
    hidden(&audited(&peer, "", 15), "problem.ldap.protocol");
}

#[test]
fn a_directory_larger_than_the_memory_allowed_is_left() {
    let long = "x".repeat(100_000);
    let peer = Peer::reading(move |id, line| {
        (0..).all(|i| line.send(&entry(id, &format!("ou=u{i},dc=ent-exemple,dc=fr"), &[("description", &[long.as_str()])])))
    });
    hidden(&audited(&peer, ", memory_mb: 2", 15), "problem.ldap.memory");
    assert!(peer.sent.load(Ordering::Relaxed) < 64 << 20);
}

#[test]
fn a_message_without_bound_is_left_before_it_fills_the_memory() {
    // Two gigabytes are announced, and bytes come as fast as they go.
    let peer = Peer::reading(|_, line| {
        line.send(&[0x30, 0x84, 0x7F, 0xFF, 0xFF, 0xFF, 2, 1, 3, 0x64, 0x84, 0x7F, 0xFF, 0xFF, 0xF0, 4, 0x84, 0x7F, 0xFF, 0xFF, 0x00]);
        (0..32_000).all(|_| line.send(&[b'x'; 1 << 16]))
    });
    hidden(&audited(&peer, "", 15), "problem.ldap.oversized");
    let sent = peer.sent.load(Ordering::Relaxed);
    assert!(sent < 64 << 20, "{sent}");
    // The same instead of the first answer.
    let peer = Peer::start(|_, line| {
        line.send(&[0x30, 0x88, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]);
        (0..32_000).all(|_| line.send(&[b'x'; 1 << 16]))
    });
    let report = audited(&peer, "", 15);
    assert_eq!(report.requirements.iter().filter(|r| r.verdict == Verdict::Pass).count(), 0);
    assert!(peer.sent.load(Ordering::Relaxed) < 64 << 20);
}

#[test]
fn what_is_not_ldap_is_said_to_be_none() {
    let nested = (0..200_000).fold((Vec::new(), 0_u32), |(mut heads, inside), _| {
        heads.extend([&[0x30, 0x84][..], &inside.to_be_bytes()].concat().iter().rev());
        (heads, inside + 6)
    });
    let nested: Vec<u8> = nested.0.into_iter().rev().collect();
    let wrong: [Box<dyn Fn(u8) -> Vec<u8> + Send + Sync>; 6] = [
        Box::new(|_| b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()),
        // Sequences within sequences.
        Box::new(move |_| nested.clone()),
        // An entry whose inside is longer than itself.
        Box::new(|id| message(id, &[0x64, 4, 4, 0x7F, b'a', b'b'])),
        // A message of nothing; an answer to another kind of request; a number of message that was never sent.
        Box::new(|_| vec![0x30, 0]),
        Box::new(|id| result(id, 0x61, 0, &[])),
        Box::new(|id| done(id.wrapping_add(90), 0)),
    ];
    for (rank, bytes) in wrong.into_iter().enumerate() {
        eprintln!("{rank}");
        let peer = Peer::reading(move |id, line| line.send(&[unit(id, "personnes"), bytes(id)].concat()));
        hidden(&audited(&peer, "", 15), "problem.ldap.protocol");
    }
}

/// A server that never comes to the end of TLS, over `ldaps` or after StartTLS: nothing is seen, and it is left in time.
#[test]
fn tls_that_does_not_come_to_its_end_is_left_in_time() {
    // A record of a handshake that announces sixteen kilobytes, and one that announces a message of sixteen megabytes.
    let (record, message) = ([0x16, 3, 3, 0x40, 0], [0x16, 3, 3, 0x40, 0, 2, 0xFF, 0xFF, 0xFF]);
    let silent = |line: &mut peer::Line| while line.waits() {};
    let ways: [(&str, fn(&mut peer::Line) -> bool); 4] = [
        ("problem.ldap.timeout", |_| true),
        ("problem.ldap.tls", |line| line.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")),
        ("problem.ldap.handshake", |_| false),
        // A warning that says nothing, for ever.
        ("problem.ldap.tls", |line| (0..1_000_000).all(|_| line.send(&[0x15, 3, 3, 0, 2, 1, 90]))),
    ];
    for (problem, speak) in ways {
        let peer = Peer::raw(move |line| {
            if speak(line) {
                silent(line);
            }
        });
        unseen(&audited_at(&format!("ldaps://127.0.0.1:{}", peer.port), "", 15), problem);
        let peer = Peer::start(move |asked, line| {
            if asked.op != 0x77 {
                return line.send(&sound(asked));
            }
            line.send(&result(asked.id, 0x78, 0, &[]));
            // The greeting of the client comes first: what came before it would be in clear.
            if line.waits() && speak(line) {
                silent(line);
            }
            false
        });
        unseen(&audited(&peer, ", starttls: true", 15), problem);
        assert!(peer.sent.load(Ordering::Relaxed) < 64 << 20);
    }
    let dripped = Peer::raw(move |line| _ = line.drip(&[&record[..], &[2; 300]].concat(), Duration::from_millis(200)));
    unseen(&audited_at(&format!("ldaps://127.0.0.1:{}", dripped.port), "", 15), "problem.ldap.timeout");
    let endless = Peer::raw(move |line| {
        line.send(&message);
        (0..32_000).all(|_| line.send(&[b'x'; 1 << 16]));
    });
    unseen(&audited_at(&format!("ldaps://127.0.0.1:{}", endless.port), "", 15), "problem.ldap.tls");
    assert!(endless.sent.load(Ordering::Relaxed) < 64 << 20);
}

/// The answer of a server that behaves, but for what `other` says.
fn but(other: impl Fn(&Asked) -> Option<Vec<u8>> + Send + Sync + 'static) -> Peer {
    Peer::start(move |asked, line| line.send(&other(asked).unwrap_or_else(|| sound(asked))))
}

#[test]
fn a_directory_that_gives_nothing_is_not_an_empty_one() {
    for code in [0, 32, 52] {
        let report = audited(&Peer::reading(move |id, line| line.send(&done(id, code))), "", 10);
        for id in ["ANN-SRV-RENVOIS", "ANN-DIT-ELEVES", "ANN-DIT-ENSEIGNANTS", "ANN-DIT-RESPONSABLES", "ANN-DIT-ETABLISSEMENTS"] {
            assert_eq!(verdict(&report, id), Verdict::Undetermined, "{id} {code}");
        }
        assert_eq!(verdict(&report, "ANN-DIT-VIDE"), Verdict::NotApplicable, "{code}");
        assert_ne!(verdict(&report, "ANN-SRV-LECTURE"), Verdict::Pass, "{code}");
        if code == 0 {
            hidden(&report, "problem.ldap.empty");
        }
        let accused: Vec<&str> = report
            .requirements
            .iter()
            .filter(|r| r.verdict == Verdict::Fail && r.level == Level::Obligatoire)
            .map(|r| r.id.as_str())
            .collect();
        assert!(accused.is_empty(), "{code} {accused:?}");
    }
    // Read to its end, it has no pupil.
    let report = audited(&Peer::reading(|id, line| line.send(&[unit(id, "personnes"), done(id, 0)].concat())), "", 10);
    assert_eq!(verdict(&report, "ANN-DIT-ELEVES"), Verdict::Fail);
}

#[test]
fn what_is_missing_behind_a_server_may_be_hidden() {
    let nameless =
        |id: u8| entry(id, &format!("uid=a,ou=personnes,{BASE}"), &[("objectClass", &["top", "person", "inetOrgPerson", "ENTPerson"])]);
    let report = audited(&Peer::reading(move |id, line| line.send(&[unit(id, "personnes"), nameless(id), done(id, 0)].concat())), "", 10);
    assert_eq!(verdict(&report, "ANN-SRV-LECTURE"), Verdict::Pass);
    for id in ["ANN-SCH-OBLIGATOIRES-NORME", "ANN-SCH-OBLIGATOIRES"] {
        assert_eq!(verdict(&report, id), Verdict::Undetermined, "{id}");
    }
    let classless = |id: u8| entry(id, &format!("uid=a,ou=personnes,{BASE}"), &[("uid", &["a"])]);
    let report = audited(&Peer::reading(move |id, line| line.send(&[unit(id, "personnes"), classless(id), done(id, 0)].concat())), "", 10);
    for id in ["ANN-SCH-OBLIGATOIRES-NORME", "ANN-SCH-STRUCTURELLE"] {
        assert_eq!(verdict(&report, id), Verdict::Undetermined, "{id}");
    }
}

#[test]
fn an_entry_that_is_given_twice_is_one() {
    // By pages that repeat each other, and by branches that stand one in the other.
    let report = audited(
        &but(|asked| {
            asked
                .all()
                .then(|| [unit(asked.id, "personnes"), unit(asked.id, "Personnes"), unit(asked.id, "groupes"), done(asked.id, 0)].concat())
        }),
        &format!(", bases: ['{BASE}', 'ou=personnes,{BASE}', '{}']", BASE.to_uppercase()),
        10,
    );
    assert_eq!(report.target.sources[0].records["annuaire.organizationalUnit"], 2);
    assert_eq!(verdict(&report, "ANN-SRV-LECTURE"), Verdict::Pass);
}

#[test]
fn what_nobody_was_shown_proves_something_only_where_there_is_something() {
    let anonymous = ["ANN-SRV-ANONYME-ELEVES", "ANN-SRV-ANONYME-PERSONNES", "ANN-SRV-ANONYME-ATTRIBUTS"];
    for (code, expected) in [
        (0, Verdict::Pass),
        (4, Verdict::Undetermined),
        (11, Verdict::Undetermined),
        (32, Verdict::Undetermined),
        (50, Verdict::Undetermined),
        (53, Verdict::Undetermined),
    ] {
        let report = audited(
            &but(move |asked| (asked.op == 0x63 && (asked.has("ENTPerson") || asked.has("ENTEleve"))).then(|| done(asked.id, code))),
            "",
            10,
        );
        for id in anonymous {
            assert_eq!(verdict(&report, id), expected, "{id} {code}");
        }
    }
    // A branch that the server does not hold; a description that nobody reads.
    let elsewhere = but(|asked| (asked.op == 0x63 && !asked.root()).then(|| done(asked.id, 32)));
    let closed = but(|asked| asked.root().then(|| done(asked.id, 0)));
    for report in [audited(&elsewhere, "", 10), audited(&closed, "", 10)] {
        assert!(anonymous.iter().all(|id| verdict(&report, id) == Verdict::Undetermined));
    }
}

#[test]
fn an_account_is_refused_by_an_answer_that_says_so() {
    let accounts = ["ANN-SRV-COMPTE-INCONNU", "ANN-SRV-MOT-DE-PASSE-VIDE"];
    for (code, expected) in
        [(49, Verdict::Pass), (0, Verdict::Fail), (51, Verdict::Undetermined), (80, Verdict::Undetermined), (2, Verdict::Undetermined)]
    {
        let report = audited(&but(move |asked| (asked.op == 0x60).then(|| result(asked.id, 0x61, code, &[]))), "", 10);
        for id in accounts {
            assert_eq!(verdict(&report, id), expected, "{id} {code}");
        }
    }
}

#[test]
fn pages_are_made_smaller_where_the_server_wants_them_so() {
    let at_most = |most: usize| {
        but(move |asked| {
            asked.all().then(|| {
                if asked.page().is_some_and(|page| page > most) {
                    done(asked.id, 11)
                } else {
                    [unit(asked.id, "personnes"), done(asked.id, 0)].concat()
                }
            })
        })
    };
    for most in [100, 10, 0] {
        let report = audited(&at_most(most), "", 10);
        assert_eq!(verdict(&report, "ANN-SRV-LECTURE"), Verdict::Pass, "{most}");
    }
}

#[test]
fn a_part_of_the_values_is_not_all_of_them() {
    let group = |id: u8, range: &str| {
        entry(id, &format!("cn=g,{BASE}"), &[("objectClass", &["top", "groupOfNames"]), ("cn", &["g"]), (range, &["uid=a"])])
    };
    let part = Peer::reading(move |id, line| line.send(&[group(id, "member;range=0-4"), done(id, 0)].concat()));
    let report = audited(&part, "", 10);
    hidden(&report, "problem.ldap.range");
    assert_eq!(report.target.sources[0].records["annuaire.groupOfNames"], 1);
    let whole = Peer::reading(move |id, line| line.send(&[group(id, "member;range=0-*"), done(id, 0)].concat()));
    assert_eq!(verdict(&audited(&whole, "", 10), "ANN-SRV-LECTURE"), Verdict::Pass);
}

#[test]
fn more_answers_than_were_asked_for_are_not_listened_to() {
    let long = "x".repeat(100_000);
    for word in ["subschema", "ENTPersonLogin"] {
        let long = long.clone();
        let peer = Peer::start(move |asked, line| {
            if asked.root() {
                let about: &[(&str, &[&str])] =
                    &[("namingContexts", &[BASE]), ("supportedControl", &[peer::PAGED]), ("subschemaSubentry", &["cn=Subschema"])];
                return line.send(&[entry(asked.id, "", about), done(asked.id, 0)].concat());
            }
            if asked.op == 0x63 && asked.has(word) && !asked.all() {
                return (0..).all(|i: u64| {
                    line.send(&entry(
                        asked.id,
                        &format!("cn={i}"),
                        &[("objectClasses", &[long.as_str()]), ("ENTPersonLogin", &[long.as_str()])],
                    ))
                });
            }
            line.send(&sound(asked))
        });
        let report = audited(&peer, "", 20);
        hidden(&report, "problem.ldap.protocol");
        assert!(peer.sent.load(Ordering::Relaxed) < 64 << 20, "{word}");
    }
}

#[test]
fn what_servers_say_of_themselves_is_no_directory() {
    let peer = but(|asked| {
        let contexts: &[&str] = &["cn=accesslog", "CN=Monitor", BASE];
        let root =
            || [entry(asked.id, "", &[("namingContexts", contexts), ("supportedControl", &[peer::PAGED])]), done(asked.id, 0)].concat();
        let foreign = asked.op == 0x63 && !asked.root() && !asked.has(BASE) && !asked.has("subschema");
        asked.root().then(root).or_else(|| foreign.then(|| done(asked.id, 50)))
    });
    assert_eq!(verdict(&audited(&peer, "", 10), "ANN-SRV-LECTURE"), Verdict::Pass);
}

#[cfg(unix)]
#[test]
fn a_server_that_hangs_up_on_who_has_no_account_is_read_with_one() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let mut authority = rcgen::CertificateParams::default();
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority = rcgen::CertifiedIssuer::self_signed(authority, rcgen::KeyPair::generate().unwrap()).unwrap();
    let key = rcgen::KeyPair::generate().unwrap();
    let own = rcgen::CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = rustls::ServerConfig::builder_with_provider(std::sync::Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![own.der().clone()], key)
        .unwrap();
    let peer = Peer::secure(std::sync::Arc::new(config), |asked, line| {
        if asked.op == 0x60 && asked.has("cn=lecture") {
            line.2 = true;
            return line.send(&result(asked.id, 0x61, 0, &[]));
        }
        line.2 && line.send(&sound(asked))
    });
    let (ca, secret) = (dir.path().join("ca.crt"), dir.path().join("secret"));
    std::fs::write(&ca, authority.pem()).unwrap();
    std::fs::write(&secret, format!("cn=lecture,{BASE}\nmot de passe\n")).unwrap();
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o600)).unwrap();
    let report = audited_at(&format!("ldaps://127.0.0.1:{}", peer.port), &format!(", ca: {ca:?}, bind: {{file: {secret:?}}}"), 30);
    assert_eq!(verdict(&report, "ANN-SRV-LECTURE"), Verdict::Pass);
    for id in ["ANN-SRV-RACINE", "ANN-SRV-ANONYME-ELEVES", "ANN-SRV-COMPTE-INCONNU"] {
        assert_eq!(verdict(&report, id), Verdict::Undetermined, "{id}");
    }
    for id in ["ANN-SRV-TLS-MODERNE", "ANN-SRV-VERSION", "ANN-SRV-CERTIFICAT"] {
        assert_eq!(verdict(&report, id), Verdict::Pass, "{id}");
    }
}
