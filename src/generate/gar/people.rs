//! Who is in the delivery: the pupils and the staff of the AAF académie of the same options, from its own records.
//!
//! A GAR export is drawn here from what the académie would have sent to the ENT, which is what keeps both coherent.
//! From the second day on, the changes of the Delta of the AAF have happened. Keeps one sector and one school in
//! memory. Must never derive an identifier from a name.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::super::change::Change;
use super::super::family::{Family, Siblings, links};
use super::super::keys::uai;
use super::super::plan::SchoolPlan;
use super::super::record::{Record, Request};
use super::super::world::World;
use super::super::{Degree, GenerateError, first, second};
use super::census::Census;

/// What is done with every pupil who passes, and the school.
pub type VisitPupil<'v> = &'v mut dyn FnMut(&SchoolPlan, &Record) -> Result<(), GenerateError>;
/// What is done with every responsible person who passes.
pub type VisitRelative<'v> = &'v mut dyn FnMut(&Record) -> Result<(), GenerateError>;
/// What is done with every member of staff who passes, and the identifier of the class taught (1D).
pub type VisitMember<'v> = &'v mut dyn FnMut(Option<u64>, &Record) -> Result<(), GenerateError>;

/// What a fault changes in the whole delivery.
#[derive(Default)]
pub struct Twist {
    /// Three pupils in ten are missing.
    pub fewer: bool,
    /// Three members of staff in ten are missing.
    pub fewer_staff: bool,
    /// One school in three, and whoever works nowhere else, is missing.
    pub fewer_schools: bool,
    /// That school, and whoever works nowhere else, is missing.
    pub gone: Option<u32>,
    /// The pupils of that school have other identifiers.
    pub renewed: Option<u32>,
    /// The person with that AAF identifier has this one.
    pub named: Option<(String, String)>,
}

impl Twist {
    fn lacks(&self, school: u32) -> bool {
        self.gone == Some(school) || self.fewer_schools && school % 3 == 1
    }
}

/// The people of a delivery.
pub struct People<'a> {
    /// The académie.
    pub world: &'a World<'a>,
    /// What a fault changes.
    pub twist: Twist,
    change: Option<Change>,
    key: Hmac<Sha256>,
}

impl<'a> People<'a> {
    /// The people of an académie, `day` days after.
    pub fn new(world: &'a World<'a>, day: u16, twist: Twist) -> Self {
        let mut secret = [0; 64];
        secret[..8].copy_from_slice(&world.options.seed.to_le_bytes());
        let change = (day > 0).then(|| Change::new(world.options.pupils));
        Self { world, twist, change, key: Hmac::new(&secret.into()) }
    }

    /// The identifier of somebody in the ENT: opaque, and the same in every file of every day.
    pub fn id(&self, aaf: &str) -> String {
        if let Some((_, id)) = self.twist.named.as_ref().filter(|(who, _)| who == aaf) {
            return id.clone();
        }
        let renewed = self.twist.renewed.and_then(|rank| {
            let plan = self.world.schools.get(rank as usize)?;
            let pupils = self.world.pupil_id(plan.first)..self.world.pupil_id(plan.first + u64::from(plan.size));
            aaf.parse::<u64>().ok().filter(|id| pupils.contains(id))
        });
        let mut mac = self.key.clone();
        mac.update(aaf.as_bytes());
        if renewed.is_some() {
            mac.update(b" renewed");
        }
        uuid(&mac.finalize().into_bytes())
    }

    /// Schools of the delivery, in order.
    pub fn schools(&self) -> impl Iterator<Item = &'a SchoolPlan> {
        self.world.schools.iter().filter(|s| !self.twist.lacks(s.rank))
    }

    /// The school of an AAF identifier of structure, if it is one of the delivery.
    pub fn school(&self, structure: &str) -> Option<&'a SchoolPlan> {
        self.world.school_of(structure).filter(|s| !self.twist.lacks(s.rank))
    }

    /// UAI of a school.
    pub fn uai(&self, plan: &SchoolPlan) -> String {
        uai(self.world.uai_number(self.world.school_rank(plan)))
    }

    /// A valid UAI that nobody has.
    pub fn free_uai(&self) -> String {
        uai(self.world.uai_number(self.world.offices + self.world.schools.len() as u32))
    }

    /// Fills the AAF record of a school.
    pub fn structure(&self, plan: &SchoolPlan, record: &mut Record) {
        match self.world.options.degree {
            Degree::D2 => second::etab::fill(self.world, plan, record),
            Degree::D1 => first::etab::fill(self.world, plan, record),
        }
    }

    /// Fills the AAF record of an office, by its rank among the structures.
    pub fn office(&self, rank: u32, record: &mut Record) {
        match self.world.options.degree {
            Degree::D2 => second::etab::office(self.world, rank, record),
            Degree::D1 => first::etab::office(self.world, rank, record),
        }
    }

    /// Every pupil, with the school.
    pub fn each_pupil(&self, visit: VisitPupil) -> Result<(), GenerateError> {
        for sector in 0..self.world.sectors.len() {
            let (schools, first, count) = self.world.sector(sector);
            let siblings = Siblings::new(self.world.keys, first, count);
            for plan in schools {
                self.pupils_of(plan, &siblings, visit)?;
            }
        }
        Ok(())
    }

    /// Every pupil of a school.
    pub fn each_pupil_of(&self, plan: &SchoolPlan, visit: VisitPupil) -> Result<(), GenerateError> {
        let (_, first, count) = self.world.sector(plan.sector as usize);
        self.pupils_of(plan, &Siblings::new(self.world.keys, first, count), visit)
    }

    fn pupils_of(&self, plan: &SchoolPlan, siblings: &Siblings, visit: VisitPupil) -> Result<(), GenerateError> {
        if self.twist.lacks(plan.rank) {
            return Ok(());
        }
        let school = Inside::new(self.world, plan);
        let mut record = Record::default();
        for position in 0..plan.size {
            let index = plan.first + u64::from(position);
            let family = siblings.of(index);
            let request = self.change.and_then(|c| c.pupil(index, family)).unwrap_or(Request::Add);
            if request == Request::Delete || self.twist.fewer && index % 10 < 3 {
                continue;
            }
            school.fill(self.world, (index, position), family, request, &mut record);
            visit(plan, &record)?;
        }
        let schools = self.world.schools.len() as u64;
        let newcomers = self.change.iter().flat_map(|c| c.newcomers()).filter(|i| i % schools == u64::from(plan.rank));
        for index in newcomers {
            let position = (index % u64::from(plan.size)) as u32;
            school.fill(self.world, (index, position), Family::single(index), Request::Add, &mut record);
            visit(plan, &record)?;
        }
        Ok(())
    }

    /// Every responsible person.
    pub fn each_relative(&self, visit: VisitRelative) -> Result<(), GenerateError> {
        let world = self.world;
        let mut record = Record::default();
        let mut of_family = |family: Family<'_>, request| {
            links(world, family).into_iter().try_for_each(|link| {
                match world.options.degree {
                    Degree::D2 => second::relative::fill(world, family, link, request, &mut record),
                    Degree::D1 => first::relative::fill(world, family, link, request, &mut record),
                }
                visit(&record)
            })
        };
        for sector in 0..world.sectors.len() {
            let (_, first, count) = world.sector(sector);
            let siblings = Siblings::new(world.keys, first, count);
            for family in (0..siblings.len()).map(|rank| siblings.family(rank)) {
                match self.change.and_then(|c| c.family(family)).unwrap_or(Request::Add) {
                    Request::Delete => {}
                    request => of_family(family, request)?,
                }
            }
        }
        self.change.iter().flat_map(|c| c.newcomers()).try_for_each(|index| of_family(Family::single(index), Request::Add))
    }

    /// Every member of staff who holds a post in a school.
    pub fn each_member(&self, visit: VisitMember) -> Result<(), GenerateError> {
        let present = |record: &Record| record.values_of("ENTPersonFonctions").any(|f| self.school(before(f)).is_some());
        self.each_staff(&mut |class, record| if present(record) { visit(class, record) } else { Ok(()) })
    }

    /// Every member of staff, those of the offices too.
    pub fn each_staff(&self, visit: VisitMember) -> Result<(), GenerateError> {
        let world = self.world;
        let mut record = Record::default();
        let request = |index| match self.change.and_then(|c| c.staff(index)) {
            _ if self.twist.fewer_staff && index % 10 < 3 => None,
            Some(Request::Delete) => None,
            changed => Some(changed.unwrap_or(Request::Add)),
        };
        match world.options.degree {
            Degree::D2 => second::staff::each(world, &mut |index, post| {
                let Some(request) = request(index) else { return Ok(()) };
                second::staff::fill(world, index, post, request, &mut record);
                visit(None, &record)
            })?,
            Degree::D1 => first::staff::each(world, &mut |index, post| {
                let Some(request) = request(index) else { return Ok(()) };
                first::staff::fill(world, index, post, request, &mut record);
                visit(post.class, &record)
            })?,
        }
        let Some(change) = self.change else { return Ok(()) };
        match world.options.degree {
            Degree::D2 => second::staff::newcomer(world, change.new_staff(), &mut record),
            Degree::D1 => first::staff::newcomer(world, change.new_staff(), &mut record),
        }
        visit(None, &record)
    }
}

/// What precedes the first `$`.
pub fn before(value: &str) -> &str {
    value.split('$').next().unwrap_or(value)
}

enum Inside {
    First(first::school::School),
    Second(second::school::School),
}

impl Inside {
    fn new(world: &World, plan: &SchoolPlan) -> Self {
        match world.options.degree {
            Degree::D1 => Self::First(first::school::School::new(world, plan)),
            Degree::D2 => Self::Second(second::school::School::new(world, plan)),
        }
    }

    fn fill(&self, world: &World, (index, position): (u64, u32), family: Family<'_>, request: Request, record: &mut Record) {
        match self {
            Self::First(school) => first::pupil::fill(world, school, (index, position), family, request, record),
            Self::Second(school) => {
                let pupil = second::pupil::Pupil { index, position, family };
                second::pupil::fill(world, school, &pupil, request, record);
            }
        }
    }
}

/// Counts schools, keeping the last one: people come school by school.
#[derive(Default)]
pub struct Walk {
    sector: Option<(u32, Siblings)>,
    school: Option<(u32, Census)>,
}

impl Walk {
    /// What is in a school.
    pub fn census(&mut self, people: &People, plan: &SchoolPlan) -> Result<&Census, GenerateError> {
        if self.school.as_ref().is_none_or(|(rank, _)| *rank != plan.rank) {
            if self.sector.as_ref().is_none_or(|(sector, _)| *sector != plan.sector) {
                let (_, first, count) = people.world.sector(plan.sector as usize);
                self.sector = Some((plan.sector, Siblings::new(people.world.keys, first, count)));
            }
            let mut census = Census::new(people, plan);
            if let Some((_, siblings)) = &self.sector {
                people.pupils_of(plan, siblings, &mut |_, pupil| {
                    census.count(pupil);
                    Ok(())
                })?;
            }
            self.school = Some((plan.rank, census.finish(people, plan)));
        }
        // Just filled: the default is never used.
        Ok(&self.school.get_or_insert_with(Default::default).1)
    }
}

/// Sixteen bytes as an UUID of version 4.
fn uuid(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(36);
    for (rank, byte) in bytes.iter().take(16).enumerate() {
        if matches!(rank, 4 | 6 | 8 | 10) {
            out.push('-');
        }
        let byte = match rank {
            6 => 0x40 | byte & 0x0f,
            8 => 0x80 | byte & 0x3f,
            _ => *byte,
        };
        out.push_str(&format!("{byte:02x}"));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_have_the_shape_of_an_uuid() {
        let id = uuid(&[0xff; 32]);
        assert_eq!(id, "ffffffff-ffff-4fff-bfff-ffffffffffff");
    }
}
