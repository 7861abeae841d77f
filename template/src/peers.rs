//! Other ways to build an image, as their authors publish them.

use std::path::PathBuf;

use crate::{base_image, build_flags, command, docker, repository, run};

/// The Dockerfile of a peer.
pub fn dockerfile(peer: &str) -> PathBuf {
    repository().join(format!("template/bench/peers/{peer}.Dockerfile"))
}

/// The option that tells `docker buildx build` which image the peers with cargo-chef start from.
/// Builds that image if it does not exist.
pub fn chef_context() -> String {
    let file = dockerfile("chef-image");
    let folder = file.parent().unwrap();
    let hash = run(command(folder, "git", &["hash-object"]).arg(&file)).succeeds();
    let base = base_image("rust");
    let image = format!(
        "template-standin/chef:{}-{}",
        base.rsplit(':').next().unwrap(),
        &hash.stdout[..12]
    );
    let inspect = ["image", "inspect", "--format={{.Id}}", &image];
    if !docker(&inspect).success {
        eprintln!("building {image}, about ten minutes");
        let output = format!("type=image,name={image},compression=uncompressed,unpack=true");
        let build = ["buildx", "build", "--output", &output, "--file"];
        run(command(folder, "docker", &build)
            .arg(&file)
            .args(build_flags())
            .arg("."))
        .succeeds();
    }
    format!("--build-context=chef=docker-image://{image}")
}
