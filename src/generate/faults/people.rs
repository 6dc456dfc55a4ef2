//! Faults of pupils, responsible persons and staff.
