//! Documents as trees that may be broken anywhere, and written out.

use quick_xml::Reader;
use quick_xml::events::Event;

/// What an element holds.
#[derive(Clone, Debug)]
pub enum Item {
    Node(Node),
    /// Text as it stands in the file, or any piece of XML.
    Raw(String),
}

#[derive(Clone, Debug, Default)]
pub struct Node {
    pub prefix: String,
    pub name: String,
    /// What stands in the start tag after the name.
    pub attributes: String,
    pub items: Vec<Item>,
}

impl Node {
    pub fn of(name: &str, text: &str) -> Self {
        Self { prefix: "men:".into(), name: name.into(), attributes: String::new(), items: vec![Item::Raw(text.into())] }
    }

    /// The first document of a text.
    pub fn parse(text: &str) -> Self {
        let (mut reader, mut open) = (Reader::from_str(text), vec![Self::default()]);
        loop {
            match reader.read_event().unwrap() {
                Event::Start(tag) => {
                    let written = String::from_utf8(tag.name().as_ref().to_vec()).unwrap();
                    let (prefix, name) = written.split_once(':').map_or(("", written.as_str()), |(p, n)| (p, n));
                    let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}:") };
                    let attributes = String::from_utf8(tag[written.len()..].to_vec()).unwrap();
                    open.push(Self { prefix, name: name.into(), attributes, items: Vec::new() });
                }
                Event::End(_) => {
                    let node = open.pop().unwrap();
                    open.last_mut().unwrap().items.push(Item::Node(node));
                }
                Event::Text(text) if open.len() > 1 => {
                    let text = String::from_utf8(text.to_vec()).unwrap();
                    if !text.trim().is_empty() {
                        open.last_mut().unwrap().items.push(Item::Raw(text));
                    }
                }
                Event::GeneralRef(name) => {
                    let name = String::from_utf8(name.to_vec()).unwrap();
                    open.last_mut().unwrap().items.push(Item::Raw(format!("&{name};")));
                }
                Event::Eof => break,
                _ => {}
            }
        }
        match open.pop().unwrap().items.pop() {
            Some(Item::Node(root)) => root,
            _ => panic!("no document"),
        }
    }

    pub fn nodes(&self) -> impl Iterator<Item = &Self> {
        self.items.iter().filter_map(|i| if let Item::Node(n) = i { Some(n) } else { None })
    }

    /// Holds elements.
    pub fn is_parent(&self) -> bool {
        self.nodes().next().is_some()
    }

    /// Paths, by ranks among items, of itself and everything below.
    pub fn paths(&self) -> Vec<Vec<usize>> {
        let mut all = vec![Vec::new()];
        for (i, item) in self.items.iter().enumerate() {
            if let Item::Node(node) = item {
                all.extend(node.paths().into_iter().map(|path| [vec![i], path].concat()));
            }
        }
        all
    }

    pub fn at(&mut self, path: &[usize]) -> &mut Self {
        match path.split_first() {
            None => self,
            Some((first, rest)) => match &mut self.items[*first] {
                Item::Node(node) => node.at(rest),
                Item::Raw(_) => panic!("no element there"),
            },
        }
    }

    pub fn write(&self, out: &mut String) {
        *out += &format!("<{}{}{}>", self.prefix, self.name, self.attributes);
        for item in &self.items {
            match item {
                Item::Node(node) => node.write(out),
                Item::Raw(text) => *out += text,
            }
        }
        *out += &format!("</{}{}>", self.prefix, self.name);
        if self.is_parent() {
            out.push('\n');
        }
    }
}
