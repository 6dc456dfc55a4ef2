//! What exists in a delivery and what does not: where faults find somebody to point at.

use super::super::super::GenerateError;
use super::super::census::{classes, groups};
use super::super::people::{People, Walk};
use super::super::project::{self, Teaching, home, leads};
use super::super::record::Record;

/// Found in one walk through the people, before anything is written.
#[derive(Default)]
pub struct Facts {
    /// A valid UAI that no school has.
    pub free_uai: String,
    /// Identifiers that nobody has.
    pub spares: Vec<String>,
    /// A pupil in no group.
    pub pupil: Pupil,
    /// A pupil of another school than that one.
    pub stranger: Option<Pupil>,
    /// A subject taught to a class.
    pub class_subject: Option<Record>,
    /// A subject taught to a group.
    pub group_subject: Option<Record>,
    /// Somebody who teaches curricula in one school and works in another: identifier, both UAI.
    pub itinerant: Option<(String, String, String)>,
    /// A pupil too young to work: name, first name, date of birth.
    pub child: Option<[String; 3]>,
    /// Somebody of the staff young enough to be a pupil, who assigns no resources.
    pub member: Option<Member>,
}

/// Somebody of the staff.
#[derive(Clone, Default)]
pub struct Member {
    /// Identifier in the AAF.
    pub aaf: String,
    /// Identifier in the ENT.
    pub id: String,
    /// Name, first name, date of birth.
    pub told: [String; 3],
}

/// Whether somebody born on that day is less than so many years old on the first day.
fn under(people: &People, birth: &str, years: i16) -> bool {
    birth.get(..4).and_then(|y| y.parse::<i16>().ok()).is_some_and(|y| people.world.options.date.year() - y < years)
}

/// A pupil.
#[derive(Clone, Default)]
pub struct Pupil {
    /// Identifier in the AAF.
    pub aaf: String,
    /// Identifier in the ENT.
    pub id: String,
    /// UAI of the school.
    pub uai: String,
    /// Class.
    pub division: String,
    /// First name and name.
    pub name: (String, String),
    /// Rank of the school.
    pub school: u32,
}

impl Facts {
    /// The facts of a delivery.
    pub fn of(people: &People) -> Result<Self, GenerateError> {
        let mut out = Self { free_uai: people.free_uai(), ..Self::default() };
        out.spares = (0..60).map(|n| people.id(&format!("spare {n}"))).collect();
        let mut found = None;
        people.each_pupil(&mut |plan, record| {
            let Some((division, _)) = classes(record).next() else { return Ok(()) };
            let told = project::pupil(people, plan, record);
            let of = |name| told.get(name).unwrap_or_default().to_owned();
            let pupil = Pupil {
                aaf: record.id.clone(),
                id: people.id(&record.id),
                uai: people.uai(plan),
                division: division.to_owned(),
                name: (of("GARPersonPrenom"), of("GARPersonNom")),
                school: plan.rank,
            };
            let birth = of("GARPersonDateNaissance");
            if out.child.is_none() && under(people, &birth, 14) {
                out.child = Some([pupil.name.1.clone(), pupil.name.0.clone(), birth]);
            }
            if found.is_none() && groups(record).next().is_none() {
                found = Some(pupil.clone());
            }
            if out.stranger.is_none() && found.as_ref().is_some_and(|f| f.uai != pupil.uai) {
                out.stranger = Some(pupil.clone());
            }
            Ok(())
        })?;
        out.pupil = found.unwrap_or_default();
        out.find_teachers(people)?;
        Ok(out)
    }

    fn find_teachers(&mut self, people: &People) -> Result<(), GenerateError> {
        let mut walk = Walk::default();
        let mut next = 0;
        people.each_member(&mut |class, record| {
            let Some(plan) = home(people, record) else { return Ok(()) };
            // The first of a school assigns its resources.
            let assigns = plan.rank >= next || leads(record);
            next = next.max(plan.rank + 1);
            let told = project::staff(people, record);
            let of = |name| told.get(name).unwrap_or_default().to_owned();
            let birth = of("GARPersonDateNaissance");
            if self.member.is_none() && !assigns && under(people, &birth, 38) {
                let told = [of("GARPersonNom"), of("GARPersonPrenom"), birth];
                self.member = Some(Member { aaf: record.id.clone(), id: people.id(&record.id), told });
            }
            let missing = self.class_subject.is_none() || self.group_subject.is_none() || self.itinerant.is_none();
            if !missing {
                return Ok(());
            }
            let teaching = Teaching::new(people, (plan, walk.census(people, plan)?), record, class);
            self.class_subject = self.class_subject.take().or_else(|| teaching.class_subjects().into_iter().next());
            self.group_subject = self.group_subject.take().or_else(|| teaching.group_subjects().into_iter().next());
            let mut schools = told.all("GARPersonEtab").map(str::to_owned);
            if let (Some(from), Some(to)) = (schools.next(), schools.next())
                && self.itinerant.is_none()
                && !teaching.mefs(people).is_empty()
            {
                self.itinerant = Some((people.id(&record.id), from, to));
            }
            Ok(())
        })
    }
}
