//! Faults of the XML of one request.
