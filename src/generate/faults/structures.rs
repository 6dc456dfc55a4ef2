//! Faults of structures and nomenclatures.
