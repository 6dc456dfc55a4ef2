//! The first degree: four categories.
use super::GenerateError;
use super::delivery::Delivery;
use super::world::World;
/// Writes every category.
pub fn write(_world: &World, _delivery: &mut Delivery) -> Result<(), GenerateError> { Ok(()) }
