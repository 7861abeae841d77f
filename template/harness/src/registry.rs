//! A registry of images, without any at first.

use std::fs;

use tempfile::TempDir;

use crate::ask::{get, until_it_succeeds};
use crate::container::Container;
use crate::{base_image, repository, sh};

/// Debian's docker-registry in a container. Dropping removes it and its images.
pub struct Registry {
    container: Container,
    _folder: TempDir,
}

impl Registry {
    /// Starts a registry, and waits until it answers. Panics if that fails.
    pub fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let program = sh!(repository(), "sh template/setup/registry.sh").succeeds();
        let config = "version: 0.1\nstorage: {filesystem: {rootdirectory: /var/lib/registry}}\n\
            http: {addr: ':5000'}\n";
        fs::write(folder.path().join("config.yml"), config).unwrap();
        let (program, config) = (program.stdout.trim(), folder.path().display());
        let volumes = format!("--volume {program}:/registry:ro --volume {config}:/config:ro");
        let options = format!("--publish 127.0.0.1::5000 {volumes}");
        let serve = "/registry serve /config/config.yml";
        let registry = Self {
            container: Container::start(&options, &base_image("rust"), serve),
            _folder: folder,
        };
        until_it_succeeds(|| get(&format!("http://{}/v2/", registry.here()))).unwrap();
        registry
    }

    /// The ADDRESS:PORT for this machine, where Docker asks for no certificate.
    pub fn here(&self) -> String {
        self.container.published("5000")
    }

    /// The ADDRESS:PORT for containers.
    pub fn inside(&self) -> String {
        self.container.address() + ":5000"
    }
}
