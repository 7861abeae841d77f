//! Other ways to build an image, as their authors publish them.

use std::path::PathBuf;

use workshop::{base_image, build_flags, repository, sh};

/// The Dockerfile of a peer.
pub fn dockerfile(peer: &str) -> PathBuf {
    repository().join(format!("template/bench/peers/{peer}.Dockerfile"))
}

/// The option that tells `docker buildx build` which image the peers with cargo-chef start from.
/// Builds that image if it does not exist.
pub fn chef_context() -> String {
    let file = dockerfile("chef-image");
    let folder = file.parent().unwrap();
    let hash = sh!(folder, "git hash-object {file}").succeeds();
    let base = base_image("rust");
    let (tag, hash) = (base.rsplit(':').next().unwrap(), &hash.stdout[..12]);
    let image = format!("template-standin/chef:{tag}-{hash}");
    if !sh!("/", "docker image inspect {image}").success {
        eprintln!("building {image}, about ten minutes");
        let output = format!("type=image,name={image},compression=uncompressed,unpack=true");
        let bases = build_flags();
        let build = sh!(folder, "docker buildx build --output {output} --file {file} {bases...} .");
        build.succeeds();
    }
    format!("--build-context=chef=docker-image://{image}")
}
