//! Generates code with the protoc that a crate brings.

fn main() -> anyhow::Result<()> {
    let mut config = prost_build::Config::new();
    config.protoc_executable(protoc_bin_vendored::protoc_bin_path()?);
    config.compile_protos(&["proto/weather.proto"], &["proto"])?;
    Ok(())
}
