//! Programs for another platform, run on this machine as `docker/setup-qemu-action` lets it.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;

use crate::container::{Container, Image, report};
use crate::{Project, base_image, sh};

/// Lets this machine's containers run programs for arm64. Dropping undoes it.
///
/// There is one at a time, because dropping it would take it from the others.
pub struct Emulator {
    registered: Option<(Container, Image)>,
    _lock: File,
}

impl Emulator {
    /// Registers Debian's qemu with the kernel, unless the machine runs such programs already.
    pub fn start() -> Self {
        let lock = std::env::temp_dir().join("rust-docker-template-emulator.lock");
        let lock = File::create(lock).unwrap();
        lock.lock().unwrap();
        let mut emulator = Self { registered: None, _lock: lock };
        let image = base_image("alpine");
        if sh!("/", "docker run --rm --platform linux/arm64 {image} true").success {
            return emulator;
        }
        let image = Image::with("qemu-user-binfmt");
        let container = Container::start("--privileged", &image.name, "sleep infinity");
        let mount = "mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc";
        let register =
            "cat /usr/lib/binfmt.d/qemu-aarch64.conf > /proc/sys/fs/binfmt_misc/register";
        container.exec(&format!("sh -c '{mount} && {register}'"));
        emulator.registered = Some((container, image));
        emulator
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        if let Some((container, _)) = &self.registered {
            let remove = "echo -1 > /proc/sys/fs/binfmt_misc/qemu-aarch64";
            report(&container.run(&format!("sh -c '{remove}'")));
        }
    }
}

/// Runs a program that was built for arm64, and returns what it prints.
pub fn arm64_prints(project: &Project) -> String {
    assert_eq!(project.inspect()["Architecture"], "arm64");
    let emulator = Image::with("qemu-user");
    let file = project.path.with_extension("program");
    fs::write(&file, project.program()).unwrap();
    fs::set_permissions(&file, Permissions::from_mode(0o755)).unwrap();
    let (volume, image) = (format!("{}:/program:ro", file.display()), &emulator.name);
    let run = sh!("/", "docker run --rm --volume {volume} {image} qemu-aarch64 /program");
    run.succeeds().stdout
}
