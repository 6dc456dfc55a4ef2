//! Turns what is compiled into the binary (the requirement sets, the catalogues of messages) from YAML, which people write, into JSON,
//! which is read many times faster: the tool reads all of it at each start. Must never change what a file says: a test compares.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(env::var("OUT_DIR")?);
    for from in ["rules", "src/i18n"] {
        println!("cargo::rerun-if-changed={from}");
        let to = out.join(Path::new(from).file_name().ok_or("no name")?);
        // A file that is no more must not stay in the binary.
        if to.exists() {
            fs::remove_dir_all(&to)?;
        }
        convert(Path::new(from), &to)?;
    }
    Ok(())
}

fn convert(from: &Path, to: &Path) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let Some(name) = path.file_name() else { continue };
        if path.is_dir() {
            convert(&path, &to.join(name))?;
        } else if path.extension().is_some_and(|e| e == "yaml") {
            // As `rules::yaml::value` reads it: codes keep their zeros.
            let options = serde_saphyr::options! { leading_zero_numbers_as_strings: true };
            let value: serde_json::Value = serde_saphyr::from_str_with_options(&fs::read_to_string(&path)?, options)
                .map_err(|e| format!("{}: {e}", path.display()))?;
            fs::write(to.join(name).with_extension("json"), serde_json::to_vec(&value)?)?;
        }
    }
    Ok(())
}
