//! The borrowed record: one entry of a source, seen as a JSON object whose members are lists of
//! strings, without building any JSON.
//!
//! Values are spans of the chunk they were read from, or of the record's own slab when an entity had
//! to be decoded. A record is reused from one entry to the next: no allocation in the steady state.
//! Must never outlive its chunk (the compiler sees to it) nor be printed: it holds people.

mod json;
mod names;

use std::cell::Cell;

use serde_json::Value;

use crate::check::selector::hash;

pub use json::{Elements, Fields, List, Members, NoNumber, Node, Rec};
pub use names::{NameId, Names, intern};

/// A piece of text: in the chunk, or in the slab when the top bit of `start` is set.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    start: u32,
    len: u32,
}

const IN_SLAB: u32 = 1 << 31;
/// A block: `start` is then its rank among those of the record.
const IN_BLOCK: u32 = 1 << 30;

impl Span {
    /// A span of the chunk. Chunks are below 1 GiB.
    #[must_use]
    pub fn of_chunk(start: usize, len: usize) -> Self {
        debug_assert!(start + len < IN_BLOCK as usize);
        Self { start: start as u32, len: len as u32 }
    }

    /// Whether it is the empty text.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len == 0 && !self.is_block()
    }

    /// Its last `len` bytes.
    #[must_use]
    pub fn last(self, len: usize) -> Self {
        let cut = self.len.saturating_sub(len as u32);
        Self { start: self.start + cut, len: self.len - cut }
    }

    fn is_block(self) -> bool {
        self.start & (IN_SLAB | IN_BLOCK) == IN_BLOCK
    }
}

#[derive(Clone, Copy, Debug)]
struct Member {
    id: NameId,
    name: Span,
    first: u32,
    len: u32,
    offset: u32,
}

/// The buffers of a record, kept from one chunk to the next.
#[derive(Debug, Default)]
pub struct Buffers {
    slab: String,
    members: Vec<Member>,
    meta: usize,
    values: Vec<Span>,
    slots: Vec<u32>,
    /// Blocks: first child and number of children, in `children`.
    blocks: Vec<(u32, u32)>,
    children: Vec<Member>,
    child_values: Vec<Span>,
    /// Values of members that were left and came again, by rank of the member, until they are gathered.
    late: Vec<(u32, Span)>,
    /// The member that is filled again.
    again: Option<u32>,
}

/// One entry, over the text of a chunk.
#[derive(Debug)]
pub struct Record<'c> {
    text: &'c str,
    b: Buffers,
    /// Offset of the entry in the chunk.
    pub offset: u32,
    /// Its shape, once asked, and by which member.
    shape: Cell<Option<(NameId, u64)>>,
}

impl<'c> Record<'c> {
    /// An empty record over a chunk.
    #[must_use]
    pub fn over(text: &'c str, mut buffers: Buffers, names: &Names) -> Self {
        buffers.slots.resize(names.len(), 0);
        let mut record = Self { text, b: buffers, offset: 0, shape: Cell::new(None) };
        record.clear();
        record
    }

    /// Gives the buffers back for the next chunk.
    #[must_use]
    pub fn into_buffers(mut self) -> Buffers {
        self.clear();
        self.b
    }

    /// Forgets the entry.
    pub fn clear(&mut self) {
        for member in &self.b.members {
            if member.id != NameId::OTHER {
                self.b.slots[member.id.0 as usize] = 0;
            }
        }
        self.b.members.clear();
        self.b.values.clear();
        self.b.slab.clear();
        self.b.blocks.clear();
        self.b.children.clear();
        self.b.child_values.clear();
        self.b.late.clear();
        self.b.again = None;
        self.b.meta = 0;
        self.shape.set(None);
    }

    /// A hash of what the record is made of: the names of its attributes in order, whether each has no value, one or more,
    /// and one that is not empty; and the values of the member `telling`. Asked once the record is whole:
    /// what depends on nothing else has the same answer for all records of one shape.
    #[must_use]
    pub fn shape(&self, telling: NameId) -> u64 {
        if let Some((_, shape)) = self.shape.get().filter(|(by, _)| *by == telling) {
            return shape;
        }
        let many = |values: Values<'_>| ["0", "1", "2"][values.len().min(2)];
        let filled = |values: Values<'_>| if values.iter().any(|v| !v.is_empty()) { "+" } else { "-" };
        let mut shape = self.named_members().fold(0, |h, (_, name, values)| hash(h, &[name, many(values), filled(values)]));
        let told = self.values(telling).into_iter().flat_map(|values| values.iter());
        shape = told.fold(shape, |h, value| hash(h, &[value])) | 1;
        self.shape.set(Some((telling, shape)));
        shape
    }

    /// Starts a block, as a value of the member being filled.
    pub fn open_block(&mut self) {
        let block = Span { start: self.b.blocks.len() as u32 | IN_BLOCK, len: 0 };
        self.b.blocks.push((self.b.children.len() as u32, 0));
        self.push(block);
    }

    /// Adds a value to a child of the block that was started last.
    pub fn push_child(&mut self, id: NameId, name: Span, offset: usize, value: Span) {
        let Some((first, len)) = self.b.blocks.last().copied() else { return };
        let known = (first..first + len).find(|i| {
            let child = self.b.children[*i as usize];
            child.id == id && (id != NameId::OTHER || self.str(child.name) == self.str(name))
        });
        let end = self.b.child_values.len() as u32;
        let Some(known) = known else {
            self.b.children.push(Member { id, name, first: end, len: 1, offset: offset as u32 });
            self.b.child_values.push(value);
            if let Some(block) = self.b.blocks.last_mut() {
                block.1 += 1;
            }
            return;
        };
        // Its values stay side by side: they move to the end when others came after them.
        let child = &mut self.b.children[known as usize];
        if child.first + child.len != end {
            let (from, to) = (child.first as usize, (child.first + child.len) as usize);
            child.first = end;
            self.b.child_values.extend_from_within(from..to);
        }
        child.len += 1;
        self.b.child_values.push(value);
    }

    /// Starts a member; `offset` is its place in the chunk. Returns true when the record already had
    /// one of that name: its values so far are kept in front of the new ones.
    pub fn open(&mut self, id: NameId, name: Span, offset: usize) -> bool {
        let Some(old) = self.rank_of(id, name) else {
            self.add_member(id, name, offset);
            return false;
        };
        let first = self.b.values.len() as u32;
        // The member being filled is always the last one: move it there with its values.
        let mut member = self.b.members.remove(old);
        let (from, to) = (member.first as usize, (member.first + member.len) as usize);
        self.b.values.extend_from_within(from..to);
        member.first = first;
        self.b.members.push(member);
        for (i, m) in self.b.members.iter().enumerate().skip(old) {
            if m.id != NameId::OTHER {
                self.b.slots[m.id.0 as usize] = i as u32 + 1;
            }
        }
        true
    }

    /// As [`Self::open`], for a format where members are left and come again as often as it pleases: values of one that comes again
    /// are put aside, and [`Self::gather`] puts them with the others.
    pub fn open_again(&mut self, id: NameId, name: Span, offset: usize) {
        let known = self.rank_of(id, name);
        self.b.again = known.filter(|known| known + 1 < self.b.members.len()).map(|known| known as u32);
        if known.is_none() {
            self.add_member(id, name, offset);
        }
    }

    /// The rank of the member of that name.
    fn rank_of(&self, id: NameId, name: Span) -> Option<usize> {
        if id != NameId::OTHER {
            return (self.b.slots[id.0 as usize] as usize).checked_sub(1);
        }
        let wanted = self.str(name);
        self.b.members.iter().position(|m| m.id == NameId::OTHER && self.str(m.name) == wanted)
    }

    fn add_member(&mut self, id: NameId, name: Span, offset: usize) {
        self.b.members.push(Member { id, name, first: self.b.values.len() as u32, len: 0, offset: offset as u32 });
        if id != NameId::OTHER {
            self.b.slots[id.0 as usize] = self.b.members.len() as u32;
        }
    }

    /// Puts the values of members that came again behind those they already had.
    pub fn gather(&mut self) {
        if self.b.late.is_empty() {
            return;
        }
        let mut late = std::mem::take(&mut self.b.late);
        late.sort_by_key(|(member, _)| *member);
        let values = std::mem::take(&mut self.b.values);
        let mut rest = late.as_slice();
        for (rank, member) in self.b.members.iter_mut().enumerate() {
            let first = self.b.values.len();
            self.b.values.extend_from_slice(&values[member.first as usize..(member.first + member.len) as usize]);
            let more = rest.iter().take_while(|(of, _)| *of as usize == rank).count();
            self.b.values.extend(rest[..more].iter().map(|(_, span)| *span));
            rest = &rest[more..];
            (member.first, member.len) = (first as u32, (self.b.values.len() - first) as u32);
        }
        late.clear();
        (self.b.late, self.b.again) = (late, None);
    }

    /// How many values it holds, in all.
    #[must_use]
    pub fn size(&self) -> usize {
        self.b.values.len() + self.b.child_values.len() + self.b.late.len()
    }

    /// How many attributes it has.
    #[must_use]
    pub fn attributes_len(&self) -> usize {
        self.b.members.len() - self.b.meta
    }

    /// Adds a value to the member being filled.
    pub fn push(&mut self, value: Span) {
        if let Some(member) = self.b.again {
            self.b.late.push((member, value));
            return;
        }
        self.b.values.push(value);
        if let Some(member) = self.b.members.last_mut() {
            member.len += 1;
        }
    }

    /// Ends the member: a single empty value among `added` new ones means "no value" (aaf.md REQ-07).
    pub fn close(&mut self, added: usize) {
        if added == 1 && self.b.values.last().is_some_and(|v| v.is_empty()) {
            self.b.values.pop();
            if let Some(member) = self.b.members.last_mut() {
                member.len -= 1;
            }
        }
    }

    /// Copies text to the slab.
    pub fn store(&mut self, text: &str) -> Span {
        let start = self.b.slab.len() as u32 | IN_SLAB;
        self.b.slab.push_str(text);
        Span { start, len: text.len() as u32 }
    }

    /// Adds text to a span: in place when it ends the slab, in a new copy otherwise.
    pub fn join(&mut self, span: Span, more: &str) -> Span {
        let ends_slab = span.start & IN_SLAB != 0 && (span.start & !IN_SLAB) as usize + span.len as usize == self.b.slab.len();
        if ends_slab {
            self.b.slab.push_str(more);
            return Span { start: span.start, len: span.len + more.len() as u32 };
        }
        let start = self.b.slab.len();
        if span.start & IN_SLAB == 0 {
            self.b.slab.push_str(&self.text[span.start as usize..(span.start + span.len) as usize]);
        } else {
            let from = (span.start & !IN_SLAB) as usize;
            let copy = self.b.slab[from..from + span.len as usize].to_owned();
            self.b.slab.push_str(&copy);
        }
        self.b.slab.push_str(more);
        Span { start: start as u32 | IN_SLAB, len: (self.b.slab.len() - start) as u32 }
    }

    /// As [`Self::push_meta`], with one text of ours.
    pub fn push_meta_text(&mut self, id: NameId, name: &str, text: &str) {
        self.push_meta_texts(id, name, std::iter::once(text));
    }

    /// As [`Self::push_meta`], with texts of ours.
    pub fn push_meta_texts<'a>(&mut self, id: NameId, name: &str, texts: impl Iterator<Item = &'a str>) {
        if id == NameId::OTHER {
            return; // no requirement looks at it
        }
        let first = self.b.values.len();
        for text in texts {
            let span = self.store(text);
            self.b.values.push(span);
        }
        self.end_meta(id, name, first);
    }

    /// Adds a member that is about the request, not an attribute (`@id`…). All of them come last.
    pub fn push_meta(&mut self, id: NameId, name: &str, values: &[Span]) {
        if id == NameId::OTHER {
            return;
        }
        let first = self.b.values.len();
        self.b.values.extend_from_slice(values);
        self.end_meta(id, name, first);
    }

    fn end_meta(&mut self, id: NameId, name: &str, first: usize) {
        let (name, len) = (self.store(name), self.b.values.len() - first);
        self.b.members.push(Member { id, name, first: first as u32, len: len as u32, offset: self.offset });
        self.b.slots[id.0 as usize] = self.b.members.len() as u32;
        self.b.meta += 1;
    }

    /// The member being filled.
    #[must_use]
    pub fn last_member(&self) -> Option<NameId> {
        self.b.members.last().map(|m| m.id)
    }

    /// The values of a member.
    #[must_use]
    pub fn spans(&self, id: NameId) -> &[Span] {
        let range = self.member(id).map_or(0..0, |m| m.first as usize..(m.first + m.len) as usize);
        &self.b.values[range]
    }

    /// The values of a child of all the blocks of a member.
    pub fn child_spans(&self, id: NameId, child: NameId) -> impl Iterator<Item = Span> {
        let blocks = self.spans(id).iter().filter(|s| s.is_block()).map(|s| self.b.blocks[(s.start & !IN_BLOCK) as usize]);
        let children = blocks.flat_map(|(first, len)| &self.b.children[first as usize..(first + len) as usize]);
        let values =
            children.filter(move |c| c.id == child).flat_map(|c| &self.b.child_values[c.first as usize..(c.first + c.len) as usize]);
        values.copied()
    }

    /// The text of a span of this record.
    #[must_use]
    pub fn str(&self, span: Span) -> &str {
        if span.is_block() {
            return "";
        }
        let from: &str = if span.start & IN_SLAB == 0 { self.text } else { &self.b.slab };
        let start = (span.start & !IN_SLAB) as usize;
        &from[start..start + span.len as usize]
    }

    fn member(&self, id: NameId) -> Option<&Member> {
        let slot = *self.b.slots.get(id.0 as usize)?;
        self.b.members.get((slot as usize).checked_sub(1)?)
    }

    /// The values of a member; `None` when it is absent.
    #[must_use]
    pub fn values(&self, id: NameId) -> Option<Values<'_>> {
        self.member(id).map(|m| self.list(m))
    }

    /// Where a member starts in the chunk; the entry itself when there is no such member.
    #[must_use]
    pub fn offset_of(&self, name: &str) -> u32 {
        let found = self.attributes().chain(&self.b.children).find(|m| self.str(m.name) == name);
        found.map_or(self.offset, |m| m.offset)
    }

    fn list(&self, m: &Member) -> Values<'_> {
        Values { record: self, first: m.first, len: m.len, of_child: false }
    }

    fn pool(&self, of_child: bool) -> &[Span] {
        if of_child { &self.b.child_values } else { &self.b.values }
    }

    fn attributes(&self) -> impl Iterator<Item = &Member> {
        self.b.members[..self.b.members.len() - self.b.meta].iter()
    }

    /// The attributes with their ids, in the order of the file.
    pub fn members(&self) -> impl Iterator<Item = (NameId, Values<'_>)> {
        self.attributes().map(|m| (m.id, self.list(m)))
    }

    /// The attributes with their names.
    pub fn named_members(&self) -> impl Iterator<Item = (NameId, &str, Values<'_>)> {
        self.attributes().map(|m| (m.id, self.str(m.name), self.list(m)))
    }

    /// The values of the attributes of that name, whatever its case.
    pub fn named<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r str> {
        self.named_members().filter(move |(_, member, _)| member.eq_ignore_ascii_case(name)).flat_map(|(_, _, values)| values.iter())
    }

    /// Fills a record from JSON, for examples and tests: a string stands for a list of one, `""` for none, an object for
    /// a list of one block.
    pub fn fill(&mut self, names: &Names, json: &Value) {
        self.clear();
        let Some(object) = json.as_object() else { return };
        let (meta, plain): (Vec<_>, Vec<_>) = object.iter().partition(|(name, _)| name.starts_with('@'));
        for (name, value) in plain {
            let name_span = self.store(name);
            self.open(names.get(name), name_span, 0);
            let blocks: Vec<_> = std::slice::from_ref(value).iter().chain(value.as_array().into_iter().flatten()).collect();
            let blocks: Vec<_> = blocks.into_iter().filter_map(Value::as_object).collect();
            for block in &blocks {
                self.open_block();
                for (child, value) in *block {
                    let child_span = self.store(child);
                    for text in strings(value) {
                        let span = self.store(&text);
                        self.push_child(names.get(child), child_span, 0, span);
                    }
                }
            }
            if !blocks.is_empty() {
                continue;
            }
            for text in strings(value) {
                let span = self.store(&text);
                self.push(span);
            }
            if !value.is_array() {
                self.close(strings(value).len());
            }
        }
        for (name, value) in meta {
            let spans: Vec<Span> = strings(value).iter().map(|s| self.store(s)).collect();
            self.push_meta(names.get(name), name, &spans);
        }
    }
}

fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(strings).collect(),
        Value::String(s) => vec![s.clone()],
        Value::Null => Vec::new(),
        other => vec![other.to_string()],
    }
}

/// The values of one member.
#[derive(Clone, Copy, Debug)]
pub struct Values<'a> {
    record: &'a Record<'a>,
    first: u32,
    len: u32,
    of_child: bool,
}

impl<'a> Values<'a> {
    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len as usize
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The texts; `""` for a block.
    pub fn iter(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let record = self.record;
        self.spans().iter().map(move |span| record.str(*span))
    }

    fn spans(&self) -> &'a [Span] {
        let (first, len) = (self.first as usize, self.len as usize);
        &self.record.pool(self.of_child)[first..first + len]
    }

    /// The blocks among them.
    pub fn blocks(&self) -> impl Iterator<Item = Block<'a>> + use<'a> {
        let record = self.record;
        self.spans().iter().filter(|span| span.is_block()).map(move |span| Block { record, rank: span.start & !IN_BLOCK })
    }

    /// Every text there is, with marks where blocks and their children start: what makes two lists equal. No text of a
    /// sound file holds the character of the marks.
    pub fn each_text(&self, f: &mut impl FnMut(&str)) {
        for span in self.spans() {
            if span.is_block() {
                let block = Block { record: self.record, rank: span.start & !IN_BLOCK };
                f("\0block");
                for child in block.children() {
                    f("\0child");
                    f(self.record.str(child.name));
                    block.list(child).iter().for_each(&mut *f);
                }
            } else {
                f(self.record.str(*span));
            }
        }
    }

    /// The one at `index`.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<&'a str> {
        self.spans().get(index).map(|span| self.record.str(*span))
    }

    fn node(&self, index: usize) -> Option<Node<'a>> {
        let span = self.spans().get(index)?;
        Some(match span.is_block() {
            true => Node::Block(Block { record: self.record, rank: span.start & !IN_BLOCK }),
            false => Node::Str(self.record.str(*span)),
        })
    }
}

/// A value that has children of its own, each a list of texts: `GARPersonProfils`.
#[derive(Clone, Copy, Debug)]
pub struct Block<'a> {
    record: &'a Record<'a>,
    rank: u32,
}

impl<'a> Block<'a> {
    fn children(&self) -> &'a [Member] {
        let (first, len) = self.record.b.blocks[self.rank as usize];
        &self.record.b.children[first as usize..(first + len) as usize]
    }

    fn list(&self, child: &Member) -> Values<'a> {
        Values { record: self.record, first: child.first, len: child.len, of_child: true }
    }

    /// The values of a child; `None` when it is absent.
    #[must_use]
    pub fn values(&self, id: NameId) -> Option<Values<'a>> {
        self.children().iter().find(|child| child.id == id).map(|child| self.list(child))
    }
}
