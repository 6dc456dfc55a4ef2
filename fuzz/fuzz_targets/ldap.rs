#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| conforment_fuzz::targets::ldap(bytes));
