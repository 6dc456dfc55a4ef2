//! What both degrees share: the plan, identifiers, the calendar.

use jiff::civil::Date;

use super::plan::{SchoolPlan, Sector, plan};
use super::rng::{Draw, Keys, Stream};
use super::text::Town;
use super::{Degree, Options};

/// Label of the académie. Its department number is one that no structure carries any more.
pub const ACADEMY: &str = "CORSE";
/// Code of the académie, as it begins the codes of basins.
pub const ACADEMY_CODE: &str = "27";

/// Everything that does not depend on a person.
pub struct World<'a> {
    /// What was asked.
    pub options: &'a Options,
    /// Source of every draw.
    pub keys: Keys,
    /// Schools.
    pub schools: Vec<SchoolPlan>,
    /// Sectors, as ranges of schools.
    pub sectors: Vec<Sector>,
    /// Year in which the school year began.
    pub year: i16,
    /// How many structures that are not schools come first.
    pub offices: u32,
    /// As in real deliveries, some pupils of the second degree have no responsible person.
    pub pupils_alone: bool,
    /// As in real deliveries, some responsible persons have no telephone number.
    pub no_telephone: bool,
}

impl<'a> World<'a> {
    /// Plans an académie.
    pub fn new(options: &'a Options) -> Self {
        let degree = match options.degree {
            Degree::D1 => 1,
            Degree::D2 => 2,
        };
        let keys = Keys::new(options.seed.wrapping_mul(4).wrapping_add(degree));
        let (schools, sectors) = plan(keys, options);
        let year = if options.date.month() >= 9 { options.date.year() } else { options.date.year() - 1 };
        let offices = 3 + sectors.len().div_ceil(Self::sectors_per_office(options.degree)) as u32;
        let asked = |id| options.faults.iter().any(|f| f.id() == id);
        let (pupils_alone, no_telephone) = (asked("eleves-sans-responsable"), asked("responsables-injoignables"));
        Self { options, keys, schools, sectors, year, offices, pupils_alone, no_telephone }
    }

    fn sectors_per_office(degree: Degree) -> usize {
        match degree {
            Degree::D1 => 5,
            Degree::D2 => 3,
        }
    }

    /// Rank of the local office of a sector: the CIO (2D), the circonscription (1D).
    pub fn office_of(&self, sector: u32) -> u32 {
        3 + sector / Self::sectors_per_office(self.options.degree) as u32
    }

    /// Identifier of a structure, by its rank among all: offices first, then schools.
    pub fn structure_id(&self, rank: u32) -> u64 {
        101 + u64::from(rank) * 3 + u64::from(self.draw_id(1, u64::from(rank)).below(3))
    }

    /// The school that an identifier of structure belongs to, if it is one.
    pub fn school_of(&self, id: &str) -> Option<&SchoolPlan> {
        let rank = id.parse::<u64>().ok()?.checked_sub(101)? / 3;
        self.schools.get((rank as usize).checked_sub(self.offices as usize)?)
    }

    /// Rank among all structures of a school.
    pub fn school_rank(&self, school: &SchoolPlan) -> u32 {
        self.offices + school.rank
    }

    /// Identifier of a school.
    pub fn school_id(&self, school: &SchoolPlan) -> u64 {
        self.structure_id(self.school_rank(school))
    }

    /// Number in the UAI of a structure: unique in the department, and never that of the other degree.
    pub fn uai_number(&self, rank: u32) -> u32 {
        let offset = self.keys.draw(Stream::Structure, u64::MAX).below(5_000);
        let half = (offset + rank * 1_777) % 5_000;
        half * 2 + u32::from(self.options.degree == Degree::D1)
    }

    /// Identifier of a pupil; increases with the index.
    pub fn pupil_id(&self, index: u64) -> u64 {
        self.base(10_000_000) + index * 3 + u64::from(self.draw_id(2, index).below(3))
    }

    /// The school of the pupil of an identifier, newcomers included.
    pub fn school_of_pupil(&self, id: &str) -> Option<&SchoolPlan> {
        let index = id.parse::<u64>().ok()?.checked_sub(self.base(10_000_000))? / 3;
        let rank = match index < self.options.pupils {
            true => self.schools.partition_point(|s| s.first <= index).checked_sub(1)?,
            false => index as usize % self.schools.len(),
        };
        self.schools.get(rank)
    }

    /// Identifier of a responsible person: of a family, by rank.
    pub fn relative_id(&self, family: u64, rank: u8) -> u64 {
        self.base(20_000_000) + family * 4 + u64::from(rank)
    }

    /// Identifier of a member of staff, by order of writing.
    pub fn staff_id(&self, index: u64) -> u64 {
        self.base(30_000_000) + index * 5 + u64::from(self.draw_id(3, index).below(5))
    }

    fn base(&self, second: u64) -> u64 {
        match self.options.degree {
            Degree::D2 => second,
            Degree::D1 => second + 50_000_000,
        }
    }

    fn draw_id(&self, what: u64, index: u64) -> Draw {
        self.keys.draw(Stream::Id, what << 40 | index)
    }

    /// Rank of an INE: unique, and never that of the other degree.
    pub fn ine_rank(&self, index: u64) -> u64 {
        let offset = u64::from(self.keys.draw(Stream::Id, 0).below(400_000_000));
        (offset + index) * 2 % 1_000_000_000 + u64::from(self.options.degree == Degree::D1)
    }

    /// The town of a sector.
    pub fn town(&self, sector: u32) -> Town {
        Town::new(self.keys, sector)
    }

    /// The sector's schools, their first pupil and their number of pupils.
    pub fn sector(&self, rank: usize) -> (&[SchoolPlan], u64, u32) {
        let schools = &self.schools[self.sectors[rank].clone()];
        let first = schools.first().map_or(0, |s| s.first);
        (schools, first, schools.iter().map(|s| s.size).sum())
    }

    /// A date of birth for somebody who turns `age` in the calendar year in which the school year began.
    pub fn birth(&self, draw: &mut Draw, age: u32) -> Date {
        let day = draw.between(1, 28) as i8;
        let month = draw.between(1, 12) as i8;
        jiff::civil::date(self.year - age as i16, month, day)
    }
}

/// `dd/mm/yyyy`.
pub struct French(pub Date);

impl std::fmt::Display for French {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:02}/{:02}/{:04}", self.0.day(), self.0.month(), self.0.year())
    }
}
