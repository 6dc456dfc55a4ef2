//! What is timed is made once, and found again as long as the tool and what was asked stay the same.

use std::fmt::Debug;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// Makes a file or a folder, unless this build of the tool made it already: its generator may have changed.
pub fn once(out: &Path, size_mb: u64, options: &impl Debug, make: impl FnOnce() -> Result<()>) -> Result<()> {
    let (marker, wanted) = (out.with_added_extension("txt"), format!("{} {options:?}", env!("CARGO_PKG_VERSION")));
    let modified = |path: &Path| fs::metadata(path).and_then(|m| m.modified()).ok();
    let fresh = modified(&marker) > modified(Path::new(env!("CARGO_BIN_EXE_conforment")));
    if fresh && out.exists() && fs::read_to_string(&marker).is_ok_and(|found| found == wanted) {
        return Ok(());
    }
    if out.exists() {
        let gone = if out.is_dir() { fs::remove_dir_all(out) } else { fs::remove_file(out) };
        gone.with_context(|| out.display().to_string())?;
    }
    if let Some(dir) = out.parent() {
        fs::create_dir_all(dir)?;
    }
    eprint!("\rgenerating {size_mb} MB in {}…", out.display());
    make()?;
    // Last: what was not made to its end is made again.
    Ok(fs::write(&marker, wanted)?)
}
