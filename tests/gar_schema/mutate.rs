//! Ways to break a sound document, or to write it otherwise.

use crate::numbers::Numbers;
use crate::tree::{Item, Node};
use crate::words::{ATTRIBUTES, DATES, EPILOGS, NAMES, PIECES, PROLOGS, XSI};

pub type Mutation = fn(&mut Draft, &mut Numbers);

pub const MUTATIONS: &[(&str, Mutation)] = &[
    ("drop", drop_one),
    ("double", double),
    ("swap", swap),
    ("move", move_one),
    ("rename", rename),
    ("insert", insert),
    ("empty", empty),
    ("length", length),
    ("length", length),
    ("date", date),
    ("date", date),
    ("attribute", attribute),
    ("attribute", attribute),
    ("prefix", prefix),
    ("piece", piece),
    ("piece", piece),
    ("piece in a value", piece_in_value),
    ("twice", twice),
    ("key", key),
    ("twice without value", twice_without_value),
    ("root", root),
    ("prolog", prolog),
    ("epilog", epilog),
    ("encoding", encoding),
    ("cut", cut),
    ("tag", tag),
    ("layout", layout),
    ("byte", byte),
];

/// A document on its way.
pub struct Draft {
    root: Node,
    prolog: String,
    epilog: String,
    encoding: Option<(&'static str, Written)>,
    /// Done to the bytes, once written.
    last: Vec<fn(&mut Vec<u8>, &mut Numbers)>,
}

#[derive(Clone, Copy)]
enum Written {
    Utf8,
    Mark,
    Latin,
    Utf16(bool),
}

impl Draft {
    pub fn of(mut root: Node) -> Self {
        root.attributes += &format!(" xmlns:xsi=\"{XSI}\"");
        let prolog = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".into();
        Self { root, prolog, epilog: String::new(), encoding: None, last: Vec::new() }
    }

    pub fn bytes(&self, numbers: &mut Numbers) -> Vec<u8> {
        let mut text = self.prolog.clone();
        self.root.write(&mut text);
        text += &self.epilog;
        let (label, how) = self.encoding.unwrap_or(("UTF-8", Written::Utf8));
        let text = text.replacen("UTF-8", label, 1);
        let mut bytes = match how {
            Written::Utf8 => text.into_bytes(),
            Written::Mark => [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
            Written::Latin => text.chars().map(|c| if c as u32 > 255 { b'?' } else { c as u8 }).collect(),
            Written::Utf16(mark) => {
                let units = mark.then_some(0xFEFF).into_iter().chain(text.encode_utf16());
                units.flat_map(u16::to_le_bytes).collect()
            }
        };
        self.last.iter().for_each(|change| change(&mut bytes, numbers));
        bytes
    }

    /// Any element but the root.
    fn any(&mut self, numbers: &mut Numbers) -> Option<Vec<usize>> {
        let paths: Vec<_> = self.root.paths().into_iter().filter(|p| !p.is_empty()).collect();
        (!paths.is_empty()).then(|| numbers.one(&paths).clone())
    }

    /// Any element that holds a value.
    fn leaf(&mut self, numbers: &mut Numbers) -> Option<Vec<usize>> {
        let mut paths = self.root.paths();
        paths.retain(|p| !p.is_empty() && !self.root.at(p).is_parent());
        (!paths.is_empty()).then(|| numbers.one(&paths).clone())
    }

    /// The items among which that element stands, and its rank.
    fn among(&mut self, path: &[usize]) -> (&mut Vec<Item>, usize) {
        let (last, above) = path.split_last().unwrap();
        (&mut self.root.at(above).items, *last)
    }
}

fn drop_one(d: &mut Draft, n: &mut Numbers) {
    let Some(path) = d.any(n) else { return };
    let (items, at) = d.among(&path);
    items.remove(at);
}

fn double(d: &mut Draft, n: &mut Numbers) {
    let Some(path) = d.any(n) else { return };
    let (items, at) = d.among(&path);
    let copy = items[at].clone();
    let to = if n.chance(3) { n.below(items.len() + 1) } else { at };
    items.insert(to, copy);
}

fn swap(d: &mut Draft, n: &mut Numbers) {
    let Some(path) = d.any(n) else { return };
    let (items, at) = d.among(&path);
    let to = if n.chance(2) { n.below(items.len()) } else { (at + 1) % items.len() };
    items.swap(at, to);
}

fn move_one(d: &mut Draft, n: &mut Numbers) {
    let Some(path) = d.any(n) else { return };
    let (items, at) = d.among(&path);
    let taken = items.remove(at);
    let to = n.one(&d.root.paths()).clone();
    let items = &mut d.root.at(&to).items;
    let at = n.below(items.len() + 1);
    items.insert(at, taken);
}

fn rename(d: &mut Draft, n: &mut Numbers) {
    let Some(path) = d.any(n) else { return };
    d.root.at(&path).name = (*n.one(NAMES)).into();
}

fn insert(d: &mut Draft, n: &mut Numbers) {
    let mut parents = d.root.paths();
    parents.retain(|p| d.root.at(p).is_parent() || n.chance(20));
    let Some(path) = (!parents.is_empty()).then(|| n.one(&parents).clone()) else { return };
    let node = {
        let name = *n.one(NAMES);
        Node::of(name, ["", "x", "2012-02-29"][n.below(3)])
    };
    let items = &mut d.root.at(&path).items;
    let at = n.below(items.len() + 1);
    items.insert(at, Item::Node(node));
}

fn empty(d: &mut Draft, n: &mut Numbers) {
    let path = if n.chance(4) { d.any(n) } else { d.leaf(n) };
    let Some(path) = path else { return };
    d.root.at(&path).items = [vec![], vec![Item::Raw(" ".into())], vec![Item::Raw("<!-- -->".into())]][n.below(3)].clone();
}

/// A value as long as a limit, or almost.
fn length(d: &mut Draft, n: &mut Numbers) {
    let Some(path) = d.leaf(n) else { return };
    let limit = match d.root.at(&path).name.as_str() {
        "GARPersonIdentifiant" => 64,
        "GARPersonProfil" | "GARGroupeStatut" => 31,
        "GARPersonCivilite" => 30,
        "GARStructureUAI" | "GARPersonStructRattach" | "GARPersonEtab" | "GARRespAffEtab" | "GARStructureContrat" => 45,
        "GARStructureTelephone" => 20,
        "GARMEFSTAT4Code" => 4,
        "GARPersonNom" | "GARPersonNomPatro" | "GARPersonPrenom" | "GARPersonAutresPrenoms" | "GARStructureNomCourant" => 500,
        _ => 255,
    };
    let size =
        [limit - 1, limit, limit, limit + 1, limit + 1, limit / 2, limit * 2 + 1, *n.one(&[4, 20, 31, 45, 64, 255, 500])][n.below(8)];
    let character = *n.one(&[
        "a",
        "é",
        "𝒳",
        "e\u{301}",
        "&#233;",
        "&amp;",
        "&#x1D4B3;",
        "<![CDATA[é]]>",
        "\u{fffd}",
        " ",
        "ﬁ",
        "\n",
        "&#13;",
        "\r\n",
        "a<!-- -->",
    ]);
    let mut text = character.repeat(if character == "e\u{301}" { size / 2 } else { size });
    if n.chance(3) {
        text = format!("x{}", character.repeat(size - 1));
    }
    d.root.at(&path).items = vec![Item::Raw(text)];
}

fn date(d: &mut Draft, n: &mut Numbers) {
    let written = (*n.one(DATES)).to_owned();
    let mut dates = d.root.paths();
    dates.retain(|p| d.root.at(p).name == "GARPersonDateNaissance");
    match dates.is_empty() {
        true => insert(d, n),
        false => {
            let path = n.one(&dates).clone();
            d.root.at(&path).items = vec![Item::Raw(written)];
        }
    }
}

fn attribute(d: &mut Draft, n: &mut Numbers) {
    let path = n.one(&d.root.paths()).clone();
    d.root.at(&path).attributes += *n.one(ATTRIBUTES);
}

fn prefix(d: &mut Draft, n: &mut Numbers) {
    let every = |d: &mut Draft, to: &str| d.root.paths().iter().for_each(|p| d.root.at(p).prefix = to.to_owned());
    let uri = d.root.attributes.replace("xmlns:men=", "xmlns:autre=");
    match n.below(6) {
        // Another prefix everywhere, or none.
        0 => {
            every(d, "autre:");
            d.root.attributes = uri;
        }
        1 => {
            every(d, "");
            d.root.attributes = d.root.attributes.replace("xmlns:men=", "xmlns=");
        }
        // An element without prefix, of another prefix, or of one nobody declared.
        2 | 3 => {
            let Some(path) = d.any(n) else { return };
            d.root.at(&path).prefix = ["", "xsi:", "nope:", "Men:", ":", "men::"][n.below(6)].into();
        }
        // Two prefixes of one namespace.
        4 => {
            let both = ["xmlns", "xmlns:b"][n.below(2)];
            let to = if both == "xmlns" { "" } else { "b:" };
            let own = d.root.attributes.split('"').nth(1).unwrap_or_default().to_owned();
            d.root.attributes += &format!(" {both}=\"{own}\"");
            let Some(path) = d.any(n) else { return };
            d.root.at(&path).prefix = to.into();
        }
        // A prefix declared where it is used.
        _ => {
            let own = d.root.attributes.split('"').nth(1).unwrap_or_default().to_owned();
            let Some(path) = d.any(n) else { return };
            let node = d.root.at(&path);
            node.prefix = "local:".into();
            node.attributes += &format!(" xmlns:local=\"{}\"", if n.chance(2) { "ailleurs" } else { &own });
        }
    }
}

fn piece(d: &mut Draft, n: &mut Numbers) {
    let path = n.one(&d.root.paths()).clone();
    let items = &mut d.root.at(&path).items;
    let at = n.below(items.len() + 1);
    items.insert(at, Item::Raw((*n.one(PIECES)).into()));
}

fn piece_in_value(d: &mut Draft, n: &mut Numbers) {
    let Some(path) = d.leaf(n) else { return };
    let items = &mut d.root.at(&path).items;
    let Some(Item::Raw(text)) = items.first().cloned() else { return };
    let at = (0..=n.below(text.len())).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0);
    items[0] = Item::Raw(format!("{}{}{}", &text[..at], n.one(PIECES), &text[at..]));
}

/// A record again, with or without a difference that keys see.
fn twice(d: &mut Draft, n: &mut Numbers) {
    let records = d.root.items.len();
    if records == 0 {
        return;
    }
    let at = n.below(records);
    let mut copy = d.root.items[at].clone();
    if let (Item::Node(node), true) = (&mut copy, n.chance(2)) {
        let leaves: Vec<_> = node.paths().into_iter().filter(|p| !p.is_empty()).collect();
        if !leaves.is_empty() {
            let path = n.one(&leaves).clone();
            if !node.at(&path).is_parent() {
                node.at(&path).items.push(Item::Raw("x".into()));
            }
        }
    }
    d.root.items.insert(at + 1, copy);
}

/// A record again, its first value written otherwise: the same for a key, or not.
fn key(d: &mut Draft, n: &mut Numbers) {
    twice(d, n);
    let Some(path) = d.leaf(n) else { return };
    let node = d.root.at(&[path[0]]);
    let mut leaves = node.paths();
    leaves.retain(|p| !p.is_empty() && !node.at(p).is_parent());
    let leaf = node.at(&leaves[n.below(leaves.len().min(3))]);
    let Some(Item::Raw(text)) = leaf.items.first().cloned() else { return };
    let first = text.chars().next().unwrap_or('x');
    let rest = &text[text.chars().next().map_or(0, char::len_utf8)..];
    leaf.items[0] = Item::Raw(match n.below(8) {
        0 => format!("{text} "),
        1 => format!(" {text}"),
        2 => format!("&#{};{rest}", first as u32),
        3 => format!("<![CDATA[{text}]]>"),
        4 => format!("{first}<!-- -->{rest}"),
        5 => text.to_uppercase(),
        6 => format!("{text}\n"),
        _ => String::new(),
    });
}

/// A record twice, both without their first value.
fn twice_without_value(d: &mut Draft, n: &mut Numbers) {
    let at = n.below(d.root.items.len());
    let Some(Item::Node(mut node)) = d.root.items.get(at).cloned() else { return };
    if let Some(Item::Node(first)) = node.items.first_mut() {
        first.items.clear();
    }
    d.root.items[at] = Item::Node(node.clone());
    d.root.items.insert(at, Item::Node(node));
}

fn root(d: &mut Draft, n: &mut Numbers) {
    let root = &mut d.root;
    match n.below(12) {
        0 => root.attributes = root.attributes.replace("Version=", ["version=", "VERSION=", "men:Version=", "Versions="][n.below(4)]),
        1 => root.attributes = root.attributes.split(" Version=").next().unwrap_or_default().into(),
        2 => {
            root.attributes = root
                .attributes
                .replace("Version=\"", ["Version=\"&amp;", "Version=\"&x;", "Version=\"<", "Version=\"é", "Version=\"\n"][n.below(5)])
        }
        3 => root.attributes = root.attributes.replace('"', "'"),
        4 => root.name = (*n.one(NAMES)).into(),
        5 => root.name = (*n.one(&["GAR-ENT-Etab", "GAR-ENT-Eleve", "GAR-ENT-Enseignant", "GAR-ENT-Groupe", "GAR-ENT-RespAff"])).into(),
        6 => root.name = root.name.to_uppercase(),
        7 => root.attributes = root.attributes.replace("ns/gar", ["ns/GAR", "ns/gar/2d", "ns/gar/", "ns/gar/1d", " ns/gar"][n.below(5)]),
        8 => root.attributes = root.attributes.replace("/gar/1d", "/gar"),
        9 => root.attributes = root.attributes.replace("ns/gar", "ns&#47;gar"),
        10 => root.items.clear(),
        _ => root.items.reverse(),
    }
}

fn prolog(d: &mut Draft, n: &mut Numbers) {
    d.prolog = (*n.one(PROLOGS)).into();
}

fn epilog(d: &mut Draft, n: &mut Numbers) {
    d.epilog = (*n.one(EPILOGS)).into();
}

fn encoding(d: &mut Draft, n: &mut Numbers) {
    d.encoding = Some(match n.below(12) {
        0 => ("ISO-8859-1", Written::Latin),
        1 => ("iso-8859-15", Written::Latin),
        2 => ("windows-1252", Written::Latin),
        3 => ("UTF-8", Written::Latin),
        4 => ("UTF-8", Written::Mark),
        5 => ("ISO-8859-1", Written::Utf8),
        6 => ("ISO-8859-1", Written::Mark),
        7 => ("UTF-16", Written::Utf16(true)),
        8 => ("UTF-16", Written::Utf8),
        9 => ("inconnu", Written::Utf8),
        10 => ("US-ASCII", Written::Utf8),
        _ => ("UTF-16LE", Written::Utf16(false)),
    });
}

fn cut(d: &mut Draft, _: &mut Numbers) {
    d.last.push(|bytes, n| match n.below(3) {
        0 => bytes.truncate(n.below(bytes.len())),
        1 => bytes.truncate(bytes.len().saturating_sub(1 + n.below(30))),
        _ => {
            let from = n.below(bytes.len());
            let to = (from + 1 + n.below(60)).min(bytes.len());
            drop(bytes.drain(from..to));
        }
    });
}

/// A byte of mark-up changed for another.
fn byte(d: &mut Draft, _: &mut Numbers) {
    d.last.push(|bytes, n| {
        let at = n.below(bytes.len());
        let marks: Vec<usize> = (at..bytes.len()).filter(|i| b"<>/\"=:? &".contains(&bytes[*i])).take(1).collect();
        let Some(at) = marks.first() else { return };
        match n.below(3) {
            0 => bytes[*at] = *n.one(b"<>/\"'=:&; !-?[]\0\xC3x"),
            1 => bytes.insert(*at, *n.one(b"<>/\"'=:&; !-?[]\0\xC3x")),
            _ => drop(bytes.remove(*at)),
        }
    });
}

/// A start or end tag that does not match.
fn tag(d: &mut Draft, n: &mut Numbers) {
    let Some(path) = d.any(n) else { return };
    let mut written = String::new();
    d.root.at(&path).write(&mut written);
    let end = written.rfind("</").unwrap();
    let written = match n.below(6) {
        0 => written[..end].to_owned(),
        1 => format!("{}</men:GARPersonNom>", &written[..end]),
        2 => written[written.find('>').unwrap() + 1..].to_owned(),
        3 => written.replacen("</", "< /", 1),
        4 => written.replace("men:", ""),
        _ => format!("{}{}", &written[..end], written[end..].replace('>', " x='1'>")),
    };
    let (items, at) = d.among(&path);
    items[at] = Item::Raw(written);
}

/// The same, laid out otherwise.
fn layout(d: &mut Draft, n: &mut Numbers) {
    match n.below(5) {
        0 => {
            // What is deepest first: ranks change.
            for path in d.root.paths().into_iter().rev() {
                let node = d.root.at(&path);
                if !node.is_parent() {
                    continue;
                }
                node.items = node.items.drain(..).flat_map(|i| [Item::Raw("\r\n\t ".into()), i]).collect();
            }
        }
        1 => d.root.paths().iter().for_each(|p| d.root.at(p).attributes += "\n "),
        2 => d.last.push(|bytes, _| {
            *bytes = String::from_utf8_lossy(bytes).replace('>', " \n>").replace("? \n>", "?>").replace("- \n>", "->").into_bytes()
        }),
        3 => d.last.push(|bytes, _| *bytes = String::from_utf8_lossy(bytes).replace("\n", "\r\n").into_bytes()),
        _ => d.last.push(|bytes, _| *bytes = String::from_utf8_lossy(bytes).replace("\n", "").into_bytes()),
    }
}
