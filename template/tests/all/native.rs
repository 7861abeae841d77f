//! Projects with C and C++ in them.

use std::fs;

use workshop::container::Image;
use workshop::elf::asks_for_a_loader;
use workshop::emulator::arm64_prints;
use workshop::small::{MAIN, MANIFEST, with};
use workshop::{Outcome, Project, base_image, docker, repository};

const AMD64: &[&str] = &["BASE=scratch"];
const ARM64: &[&str] = &["BASE=alpine", "PLATFORM=linux/arm64"];

/// Builds the project with `arguments` and `flags`. Panics if that fails.
fn build(project: &Project, arguments: &[&str], flags: &str) -> Outcome {
    let arguments = [&["build"], arguments].concat();
    project.make(&arguments, flags).succeeds()
}

#[test]
fn dependencies_in_c_for_another_platform() {
    let manifest = with(
        r#"
[dependencies]
ring = "0.17"
zstd = "0.13"
[build-dependencies]
cc = "1"
"#,
    );
    let main = r#"
fn main() {
    let digest = ring::digest::digest(&ring::digest::SHA256, b"abc");
    let packed = zstd::encode_all(&digest.as_ref()[..2], 3).unwrap();
    println!("{} {:x?}", std::env::consts::ARCH, zstd::decode_all(&packed[..]).unwrap());
}
"#;
    // Links a program, as configure scripts do to find out what the C compiler can do.
    let script = r#"
fn main() {
    println!("cargo::rustc-link-lib=m");
    let program = format!("{}/one", std::env::var("OUT_DIR").unwrap());
    let mut compiler = cc::Build::new().get_compiler().to_command();
    assert!(compiler.args(["one.c", "-o", &program]).status().unwrap().success());
}
"#;
    let c = r#"
#include <stdatomic.h>
int main() { _Atomic int n = 0; return atomic_fetch_add(&n, 1); }
"#;
    let files = [
        ("Cargo.toml", manifest.as_str()),
        ("src/main.rs", main),
        ("build.rs", script),
        ("one.c", c),
    ];
    let project = Project::pasted(&files);
    // A unique text, so that the program is compiled anew, even if its dependencies are cached.
    let never = format!("// {}\nfn main", project.image);
    project.edit("src/main.rs", "fn main", &never);
    let built = build(&project, ARM64, "");
    assert_eq!(arm64_prints(&project), "aarch64 [ba, 78]\n");
    // The build stage does not compile the dependencies' C again.
    assert_eq!(built.compiled("build"), ["one"], "{built}");
}

#[test]
fn program_is_static_on_every_platform_with_every_relocation_model() {
    for model in ["pic", "static"] {
        let config = format!(
            r#"
[build]
rustflags = ["-C", "relocation-model={model}"]
"#
        );
        let project = Project::pasted(&[MANIFEST, MAIN, (".cargo/config.toml", &config)]);
        for platform in [AMD64, ARM64] {
            build(&project, platform, "");
            let loader = asks_for_a_loader(&project.program());
            assert!(!loader, "{model} {platform:?}");
            if platform == ARM64 {
                assert_eq!(arm64_prints(&project), "main\n", "{model}");
            } else {
                let ran = project.container(&[], &[]).succeeds();
                assert_eq!(ran.last_line(), "main", "{model}");
            }
        }
    }
}

/// The Debian packages that the Dockerfile installs, as words for a shell, and a function that
/// returns the `GCC_PACKAGE` of a platform.
fn packages() -> (String, impl Fn(&str) -> String) {
    let text = fs::read_to_string(repository().join("Dockerfile")).unwrap();
    let (_, after) = text
        .split_once("apt-get install --yes --no-install-recommends ")
        .expect("the Dockerfile should install packages");
    let lines = after.split_once("&&").unwrap().0.lines().map(str::trim);
    let packages: Vec<_> = lines
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.trim_end_matches('\\'))
        .collect();
    let packages = packages.concat();
    let compiler = move |platform: &str| {
        let (_, after) = text.split_once(&format!("AS rust-{platform}\n")).unwrap();
        let (_, after) = after.split_once("GCC_PACKAGE=").unwrap();
        after.split_whitespace().next().unwrap().to_owned()
    };
    (packages, compiler)
}

/// Simulates the installation of `$PACKAGES` on an empty machine of the architecture `$BUILDER`.
/// apt's configuration has the architectures, which dpkg would tell it otherwise.
const SIMULATE: &str = r#"
set -eu
foreign=amd64
[ "$BUILDER" = arm64 ] || foreign=arm64
cat > /etc/apt/apt.conf.d/builder <<EOF
#clear APT::Architectures;
APT::Architecture "$BUILDER";
APT::Architectures { "$BUILDER"; "$foreign"; };
Dir::State::Status "/dev/null";
EOF
apt-get update > /dev/null
for TARGETARCH in amd64 arm64; do
    GCC_PACKAGE=$amd64 APT_PACKAGES=
    [ "$TARGETARCH" = amd64 ] || GCC_PACKAGE=$arm64
    eval "apt-get --simulate install --no-install-recommends $PACKAGES" > /tmp/log || {
        echo "for $TARGETARCH on $BUILDER:"; cat /tmp/log; exit 1
    }
    grep "^Inst musl-dev" /tmp/log
    # If the machine's own architecture lacks a package, apt takes the foreign one, whose programs
    # do not run here. Only musl may be foreign, because it is linked and not run.
    ! grep "^Inst .*\[$foreign\]" /tmp/log | grep -v "^Inst musl" || exit 1
done
"#;

#[test]
fn every_package_of_the_toolchain_exists_for_builders_of_both_platforms() {
    let (packages, compiler) = packages();
    let packages = format!("--env=PACKAGES={packages}");
    let compilers = ["amd64", "arm64"].map(|name| format!("--env={name}={}", compiler(name)));
    for builder in ["arm64", "amd64"] {
        let builder = format!("--env=BUILDER={builder}");
        let image = base_image("rust");
        let options = [
            "run",
            "--rm",
            &packages,
            &compilers[0],
            &compilers[1],
            &builder,
        ];
        let arguments = [&options[..], &[&image, "sh", "-c", SIMULATE]].concat();
        let simulated = docker(&arguments).succeeds();
        let installed: Vec<_> = simulated.stdout.lines().collect();
        let [of_amd64, of_arm64] = installed[..] else {
            panic!("{simulated}")
        };
        assert!(of_amd64.contains("[amd64]"), "{simulated}");
        assert!(of_arm64.contains("[arm64]"), "{simulated}");
    }
}

#[test]
#[ignore = "takes ten minutes: make -C template test TESTS='native:: -- --ignored'"]
fn nine_dependencies_in_c_for_both_platforms() {
    // native-tls depends on openssl too, but does not ask for the feature vendored.
    let manifest = with(
        r#"
[dependencies]
aws-lc-rs = "1"
git2 = { version = "0.21", default-features = false, features = ["vendored-libgit2"] }
mimalloc = "0.1"
native-tls = "0.2"
onig = { version = "6", default-features = false }
openssl = { version = "0.10", features = ["vendored"] }
ring = "0.17"
rusqlite = { version = "0.43", features = ["bundled"] }
tikv-jemallocator = "0.7"
zstd = "0.14"
"#,
    );
    let main = r#"
use std::alloc::{GlobalAlloc, Layout};
fn main() {
    let digest = openssl::sha::sha256(b"abc");
    assert_eq!(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, b"abc").as_ref(), digest);
    assert_eq!(ring::digest::digest(&ring::digest::SHA256, b"abc").as_ref(), digest);
    native_tls::TlsConnector::new().unwrap();
    let packed = zstd::encode_all(&digest[..], 3).unwrap();
    assert_eq!(zstd::decode_all(&packed[..]).unwrap(), digest);
    let database = rusqlite::Connection::open_in_memory().unwrap();
    let hex: String = database.query_row("select hex(x'ba78')", [], |row| row.get(0)).unwrap();
    assert_eq!(hex, "BA78");
    assert_eq!(onig::Regex::new("b+").unwrap().find("abba"), Some((1, 3)));
    for allocator in [&mimalloc::MiMalloc as &dyn GlobalAlloc, &tikv_jemallocator::Jemalloc] {
        let layout = Layout::new::<u64>();
        unsafe {
            let place = allocator.alloc(layout) as *mut u64;
            *place = 9;
            assert_eq!(*place, 9);
            allocator.dealloc(place as *mut u8, layout);
        }
    }
    let repository = git2::Repository::init_bare(std::env::temp_dir().join("one.git")).unwrap();
    println!("{} {}", std::env::consts::ARCH, repository.is_empty().unwrap());
}
"#;
    let project = Project::pasted(&[("Cargo.toml", &manifest), ("src/main.rs", main)]);
    build(&project, AMD64, "");
    assert_eq!(
        project.container(&[], &[]).succeeds().stdout,
        "x86_64 true\n"
    );
    build(&project, ARM64, "");
    assert_eq!(arm64_prints(&project), "aarch64 true\n");
}

#[test]
#[ignore = "takes ten minutes and 0.9 GB: make -C template test TESTS='native:: -- --ignored'"]
fn dependencies_in_cpp_for_both_platforms() {
    let manifest = with(
        r#"
[build-dependencies]
cc = "1"
[profile.release]
lto = true
panic = "abort"
"#,
    );
    let files = [
        ("Cargo.toml", manifest.as_str()),
        (
            "build.rs",
            "fn main() { cc::Build::new().cpp(true).file(\"src/one.cc\").compile(\"one\") }",
        ),
        (
            "src/one.cc",
            r#"
#include <iostream>
#include <regex>
#include <stdexcept>
#include <string>
#include <thread>
extern "C" int words(const char *text) {
    int found = 0;
    std::thread counter([&] {
        try {
            const std::string all(text);
            if (all.empty()) throw std::runtime_error("empty");
            const std::regex word("\\w+");
            found = std::distance(std::sregex_iterator(all.begin(), all.end(), word), std::sregex_iterator());
        } catch (const std::exception &error) {
            std::cout << error.what() << std::endl;
        }
    });
    counter.join();
    return found;
}
"#,
        ),
        (
            "src/main.rs",
            r#"
unsafe extern "C" { fn words(text: *const std::ffi::c_char) -> i32; }
fn main() {
    let counts = unsafe { [words(c"".as_ptr()), words(c"three short words".as_ptr())] };
    println!("{} {counts:?}", std::env::consts::ARCH);
}
"#,
        ),
    ];
    let project = Project::pasted(&files);
    // Debian has no C++ compiler for musl, as template/cpp/README.md says.
    project
        .make(&["build"], "")
        .fails_with("error: this Dockerfile has no C++ compiler");
    let cpp = Image::of(&repository().join("template/cpp"));
    let flags = format!("--build-context rust=docker-image://{}", cpp.name);
    build(&project, AMD64, &flags);
    let printed = project.container(&[], &[]).succeeds().stdout;
    assert_eq!(printed, "empty\nx86_64 [0, 3]\n");
    build(&project, ARM64, &flags);
    assert_eq!(arm64_prints(&project), "empty\naarch64 [0, 3]\n");
}

#[test]
fn both_dockerfiles_begin_with_the_same_image() {
    let first = |file| {
        let text = fs::read_to_string(repository().join(file)).unwrap();
        let from = text.lines().find(|line| line.starts_with("FROM")).unwrap();
        from.rsplit(' ').nth(2).unwrap().to_owned()
    };
    assert_eq!(first("template/cpp/Dockerfile"), first("Dockerfile"));
}
