//! The faults.
use super::FaultInfo;
pub(super) const FAULTS: &[FaultInfo] = &[];
