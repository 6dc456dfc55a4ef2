//! The contracts of third-party services: those of the set, and what the loader refuses.

use conforment::rules::contract::{Account, Contract, Shape};
use conforment::rules::library::{Library, LibraryError};
use conforment::rules::set::RuleSet;

use super::{SETS, embedded, line_of, write};

const REFERENTIEL: &str = "\
id: essai
title: {fr: Essai, en: Trial}
version: '1'
edition: '1'
published: '2026-01'
statement: {fr: Rien n’a été lu., en: Nothing was read.}
sources:
  code:
    title: Du code
    read: {fr: Tout., en: All of it.}
    location: ici
";

const CONTRACT: &str = "\
# a comment, so that lines are not ranks
id: service
title: {fr: Un service, en: A service}
sources: [code]
shape: [A, C]
user: {minItems: 1}
profiles:
  eleve: [National_1]
profileAttribute: profil
attributes:
  nom: {required: true, personal: true, values: {maxItems: 1}}
  profil: {values: {items: {pattern: '^National_[1-4]$'}}}
";

fn open(contract: &str) -> Result<RuleSet, LibraryError> {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), &[("referentiel.yaml", REFERENTIEL), ("services-tiers/contrats/service.yaml", contract)]);
    let mut library = Library::embedded();
    library.add(dir.path()).unwrap();
    RuleSet::open(&library, "essai", None)
}

/// One change to the contract is refused, at a line, with a pointer, for a reason.
fn refused(from: &str, to: &str, marker: &str, pointer: &str, why: &str) {
    assert!(CONTRACT.contains(from), "no `{from}` in the model");
    let text = CONTRACT.replacen(from, to, 1);
    let Err(LibraryError::Files(errors)) = open(&text) else { panic!("`{to}` is accepted") };
    let line = line_of(&text, marker) as u64;
    let hit = errors.iter().any(|e| e.file.ends_with("service.yaml") && e.line == line && e.pointer == pointer && e.why.contains(why));
    assert!(hit, "`{to}`: expected service.yaml:{line} ({pointer}) … {why}, got {errors:#?}");
    assert_eq!(errors.len(), 1, "`{to}` is one fault: {errors:#?}");
}

#[test]
fn a_contract_is_read_whole() {
    let set = open(CONTRACT).unwrap();
    let contract: &Contract = &set.contracts["service"];
    assert_eq!(contract.shape, [Shape::A, Shape::C]);
    assert_eq!(contract.profiles[&Account::Eleve], ["National_1"]);
    let (nom, profil) = (&contract.attributes["nom"], &contract.attributes["profil"]);
    assert!(nom.required && nom.personal && nom.values.is_some());
    assert!(!profil.required && !profil.personal && !contract.open);
}

#[test]
fn wrong_contracts_are_refused_with_their_place() {
    refused("id: service", "id: autre", "id: autre", "/id", "named as its file");
    refused("shape: [A, C]", "forme: [A, C]\nshape: [A, C]", "forme:", "/forme", "not a member");
    refused("sources: [code]", "sources: [inconnue]", "sources:", "/sources", "no source `inconnue`");
    refused("{minItems: 1}", "{minimum_items: 1}", "user:", "/user/minimum_items", "not a word of the vocabulary");
    refused("values: {maxItems: 1}", "values: {maxItems: un}", "  nom:", "/attributes/nom/values/maxItems", "");
    refused("{pattern: '^National_[1-4]$'}", "{format: profil}", "  profil:", "/attributes/profil/values/items/format", "profil");
    refused("profileAttribute: profil", "profileAttribute: role", "profileAttribute:", "/profileAttribute", "no attribute `role`");
    refused("profileAttribute: profil\n", "", "profiles:", "/profiles", "no profileAttribute");
    refused("  eleve: [National_1]", "  professeur: [National_3]", "profiles:", "/profiles", "");
}

#[test]
fn a_contract_is_part_of_what_decides_a_verdict() {
    let hash = |text: &str| open(text).unwrap().hash;
    let same = CONTRACT.replace("en: A service", "en: Some service");
    assert_eq!(hash(CONTRACT), hash(&same), "a title decides nothing");
    for (from, to) in
        [("shape: [A, C]", "shape: [A]"), ("required: true", "required: false"), ("[1-4]", "[1-3]"), ("National_1]", "National_2]")]
    {
        assert_ne!(hash(CONTRACT), hash(&CONTRACT.replacen(from, to, 1)), "{to}");
    }
}

#[test]
fn the_contracts_of_the_sets_say_something() {
    for name in SETS {
        let set = embedded(name);
        assert!(set.contracts.len() >= 20, "{name}: {}", set.contracts.len());
        for contract in set.contracts.values() {
            let id = &contract.id;
            assert!(!contract.title.fr.is_empty() && !contract.title.en.is_empty(), "{id}");
            assert!(contract.sources.iter().all(|s| set.referentiel.sources.contains_key(s)), "{id}");
            // The layout of the protocol itself is never held against an ENT.
            assert!(contract.shape.contains(&Shape::C), "{id}");
            assert!(
                !contract.attributes.is_empty() && (contract.user.is_some() || contract.attributes.values().any(|a| a.required)),
                "{id}"
            );
            for (account, words) in &contract.profiles {
                assert!(!words.is_empty(), "{id}: {}", account.as_str());
            }
        }
    }
}
