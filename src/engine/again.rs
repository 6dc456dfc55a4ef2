//! The second reading of a run: groups that hold keys at fault are read once more, on as many threads as the first time.
//!
//! Must never judge what the first reading judged.

use std::sync::{Mutex, PoisonError};

use super::locate::{Lines, Locator, Seeker, Wanted};
use super::run::{Mask, Read, Reading, RunError, mask_key};
use super::worker::Entry;
use crate::source::Kind;
use crate::source::feed::{Chunk, Chunks, Fault, Parse, Prolog, Request, Sink};
use crate::source::place::Place;
use crate::source::record::{NameId, Names, Record, intern};

impl Reading<'_> {
    /// The second reading, for what relations found at fault, but for the checks that it would teach nothing about.
    pub(super) fn locate(&self, read: &mut Read, in_vain: &[bool]) -> Result<(), RunError> {
        let mut at_fault = std::mem::take(&mut read.store).at_fault(self.plan);
        at_fault.iter_mut().zip(in_vain).filter(|(_, in_vain)| **in_vain).for_each(|(keys, _)| keys.clear());
        let settings = &self.options.settings;
        let wanted = Wanted::of(at_fault);
        if wanted.is_empty() {
            return Ok(());
        }
        let (kinds, names) = (Wanted::kinds(&wanted, self.plan), Names::snapshot());
        let one = |_| -> Result<Seeking<'_>, RunError> {
            let seeker = Seeker::new(self.plan, self.schemas, settings.seed, &wanted)?;
            Ok(Seeking { seeker, parsers: self.feeds.iter().map(|f| f.parser(&names)).collect() })
        };
        let mut threads: Vec<Seeking<'_>> = (0..self.options.threads.max(1)).map(one).collect::<Result<_, _>>()?;
        let locator = Mutex::new(Locator::new(self.plan, settings.clone(), &wanted));
        let taken = Mutex::new(0);
        for (rank, (part, group)) in self.groups.iter().enumerate() {
            let feed = self.feeds[*part];
            if !read.surprised && !feed.kinds(*group).iter().any(|k| kinds.contains(k)) {
                continue;
            }
            let source = feed.open(*group);
            let share = Share {
                source: &*source,
                taken: &taken,
                locator: &locator,
                judged: &read.judged[rank],
                mask: &read.mask,
                seed: settings.seed,
                layers: feed.layers(),
                id: intern("@id"),
                group: rank as u32,
                part: *part,
            };
            std::thread::scope(|scope| {
                let running: Vec<_> = threads.iter_mut().map(|t| scope.spawn(|| t.read(&share))).collect();
                running.into_iter().try_for_each(|r| r.join().map_err(|_| RunError::Worker))
            })?;
            if !source.ended() {
                return Err(RunError::Worker);
            }
        }
        let locator = locator.into_inner().map_err(|_| RunError::Worker)?;
        for (mine, theirs) in read.joined.tallies.iter_mut().zip(locator.tallies) {
            mine.absorb(theirs, settings.cap);
        }
        Ok(())
    }
}

/// One thread of a second reading.
struct Seeking<'p> {
    seeker: Seeker<'p>,
    /// By delivery.
    parsers: Vec<Box<dyn Parse>>,
}

/// What the threads of a second reading share, of one group.
struct Share<'a, 'p> {
    source: &'a dyn Chunks,
    /// Chunks taken, those of the groups before included.
    taken: &'a Mutex<u64>,
    locator: &'a Mutex<Locator<'p>>,
    judged: &'a [bool],
    mask: &'a Mask,
    seed: u64,
    layers: u16,
    id: NameId,
    group: u32,
    part: usize,
}

impl Share<'_, '_> {
    /// The next chunk, and its number.
    fn next(&self, buffer: &mut Vec<u8>) -> Option<(u64, Chunk)> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let chunk = self.source.next(buffer)?;
        let number = *taken;
        *taken += 1;
        Some((number, chunk))
    }
}

impl<'p> Seeking<'p> {
    fn read(&mut self, share: &Share<'_, 'p>) {
        let mut buffer = Vec::new();
        while let Some((number, chunk)) = share.next(&mut buffer) {
            let decoded = chunk.encoding.decode(&buffer).0;
            let text = chunk.content(&decoded);
            let lines = Lines::new(text, Place { group: share.group, file: chunk.file, chunk: chunk.cut.chunk, line: 0 });
            let mut sink = Find { seeker: &mut self.seeker, share, lines, layer: chunk.layer };
            self.parsers[share.part].chunk(text, &chunk, &mut sink);
            share.locator.lock().unwrap_or_else(PoisonError::into_inner).take(number, self.seeker.take());
        }
    }
}

/// Looks for keys at fault.
struct Find<'f, 's, 'p> {
    seeker: &'f mut Seeker<'p>,
    share: &'f Share<'s, 'p>,
    lines: Lines<'f>,
    layer: u16,
}

impl Sink for Find<'_, '_, '_> {
    fn record(&mut self, record: &Record<'_>, kind: Option<Kind>, request: Request) {
        let (Some(kind), share) = (kind, self.share) else { return };
        let id = record.values(share.id).and_then(|v| v.get(0)).filter(|_| share.layers > 1);
        let newest = id.and_then(|id| share.mask.get(&mask_key(share.seed, kind, id)).copied());
        let superseded = newest.is_some_and(|n| n > self.layer);
        let entry = Entry { kind: kind.0, delete: request == Request::Delete, superseded, layer: self.layer };
        self.seeker.visit(record, entry, share.judged, &mut self.lines);
    }
    fn fault(&mut self, _: Fault, _: usize) {}
    fn prolog(&mut self, _: Prolog<'_>) {}
}
