use std::env;
use std::error::Error;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=src/distance.c");
    println!("cargo::rerun-if-changed=src/distance.h");
    cc::Build::new().file("src/distance.c").compile("distance");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    bindgen::Builder::default()
        .header("src/distance.h")
        .allowlist_function("distance")
        .generate()?
        .write_to_file(out.join("bindings.rs"))?;
    Ok(())
}
