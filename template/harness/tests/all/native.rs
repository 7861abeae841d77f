//! Projects with C and C++ in them, for both platforms.

use workshop::container::Image;
use workshop::elf::asks_for_a_loader;
use workshop::emulator::arm64_prints;
use workshop::package::{CONFIG, Package, one};
use workshop::{Outcome, Project, base_image, read, repository, sh};

/// A package whose build script may compile C.
pub fn with_cc() -> Package {
    one().manifest("[build-dependencies]\ncc = \"1\"")
}

/// Panics unless the program, built with `arguments`, is static on both platforms and prints
/// `text` there, with the name of the architecture for `ARCH`.
pub fn prints_on_both(project: &Project, arguments: &str, text: &str) {
    project.build(&format!("BASE=scratch {arguments}")).succeeds();
    let printed = project.starts().succeeds().stdout;
    assert_eq!(printed.trim_end(), text.replace("ARCH", "x86_64"));
    assert!(!asks_for_a_loader(&project.program()), "{text}");
    prints_on_arm64(project, arguments, &text.replace("ARCH", "aarch64"));
}

/// As `prints_on_both`, for arm64 alone. Returns the outcome of the build.
fn prints_on_arm64(project: &Project, arguments: &str, text: &str) -> Outcome {
    let built = project.build(&format!("PLATFORM=linux/arm64 {arguments}")).succeeds();
    assert_eq!(arm64_prints(project).trim_end(), text);
    assert!(!asks_for_a_loader(&project.program()), "{text}");
    built
}

#[test]
fn program_is_static_on_every_platform_with_every_relocation_model() {
    for model in ["pic", "static"] {
        let config = format!("[build]\nrustflags = [\"-C\", \"relocation-model={model}\"]\n");
        let project = one().prints(&format!("{model:?}")).file(CONFIG, &config).paste();
        prints_on_both(&project, "", model);
    }
}

#[test]
fn dependencies_in_c_for_another_platform() {
    let main = r#"
let digest = ring::digest::digest(&ring::digest::SHA256, b"abc");
let packed = zstd::encode_all(&digest.as_ref()[..2], 3).unwrap();
println!("{} {:x?}", std::env::consts::ARCH, zstd::decode_all(&packed[..]).unwrap());
"#;
    let project = one().uses("ring", "0.17").uses("zstd", "0.13").main(main).paste();
    // A unique text, so that the program is compiled anew, even if its dependencies are cached.
    project.edit("src/main.rs", "fn main", &format!("// {}\nfn main", project.image));
    // The build stage does not compile the dependencies' C again.
    prints_on_arm64(&project, "", "aarch64 [ba, 78]").compiles(["one"]);
}

/// Simulates the installation of `$PACKAGES`, for both platforms, on an empty machine of the
/// architecture `$BUILDER`. apt's configuration has the architectures, which dpkg would tell it
/// otherwise.
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
set -- $COMPILERS
for TARGETARCH in amd64 arm64; do
    GCC_PACKAGE=$1 APT_PACKAGES=
    shift
    eval "apt-get --simulate install --no-install-recommends $PACKAGES" > /tmp/log &&
        grep "^Inst musl-dev.*\[$TARGETARCH\]" /tmp/log || {
        echo "for $TARGETARCH on $BUILDER:"; cat /tmp/log; exit 1
    }
    # If the machine's own architecture lacks a package, apt takes the foreign one, whose programs
    # do not run here. Only musl may be foreign, because it is linked and not run.
    ! grep "^Inst .*\[$foreign\]" /tmp/log | grep -v "^Inst musl" || exit 1
done
"#;

#[test]
fn every_package_of_the_toolchain_exists_for_builders_of_both_platforms() {
    let (dockerfile, image) = (read("Dockerfile"), base_image("rust"));
    let (_, install) = dockerfile.split_once("install --yes --no-install-recommends ").unwrap();
    let lines = install.split_once("&&").unwrap().0.lines().map(str::trim);
    let names = lines.filter(|line| !line.starts_with('#')).map(|line| line.trim_end_matches('\\'));
    let packages = format!("--env=PACKAGES={}", names.collect::<String>());
    let stages = dockerfile.lines().filter_map(|line| line.strip_prefix("ENV GCC_PACKAGE="));
    let compilers = format!("--env=COMPILERS={}", stages.collect::<Vec<_>>().join(" "));
    for builder in ["--env=BUILDER=arm64", "--env=BUILDER=amd64"] {
        let options = [builder, &packages, &compilers];
        sh!("/", "docker run --rm {options...} {image} sh -c {SIMULATE}").succeeds();
    }
}

#[test]
#[ignore = "takes ten minutes: make -C template test TESTS='native:: -- --ignored'"]
fn nine_dependencies_in_c_for_both_platforms() {
    // native-tls depends on openssl too, but does not ask for the feature vendored.
    let dependencies = r#"
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
"#;
    let main = r#"
use std::alloc::{GlobalAlloc, Layout};
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
    let place = unsafe { allocator.alloc_zeroed(Layout::new::<u64>()) };
    assert_eq!(unsafe { *place }, 0);
    unsafe { allocator.dealloc(place, Layout::new::<u64>()) };
}
let repository = git2::Repository::init_bare(std::env::temp_dir().join("one.git")).unwrap();
println!("{} {}", std::env::consts::ARCH, repository.is_empty().unwrap());
"#;
    prints_on_both(&one().manifest(dependencies).main(main).paste(), "", "ARCH true");
}

const CPP: &str = r#"
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
            const std::sregex_iterator begin(all.begin(), all.end(), word);
            found = std::distance(begin, std::sregex_iterator());
        } catch (const std::exception &error) {
            std::cout << error.what() << std::endl;
        }
    });
    counter.join();
    return found;
}
"#;

#[test]
#[ignore = "takes ten minutes and 0.9 GB: make -C template test TESTS='native:: -- --ignored'"]
fn dependencies_in_cpp_for_both_platforms() {
    let main = r#"
unsafe extern "C" { fn words(text: *const std::ffi::c_char) -> i32; }
let counts = unsafe { [words(c"".as_ptr()), words(c"three short words".as_ptr())] };
println!("{} {counts:?}", std::env::consts::ARCH);
"#;
    let profile = "[profile.release]\nlto = true\npanic = \"abort\"";
    let script = r#"cc::Build::new().cpp(true).file("one.cc").compile("one")"#;
    let package = with_cc().manifest(profile).file("one.cc", CPP).build_script(script).main(main);
    let project = package.paste();
    // Debian has no C++ compiler for musl, as docs/cpp/README.md says.
    project.build("").fails("error: this Dockerfile has no C++ compiler");
    let cpp = Image::of(&repository().join("docs/cpp"));
    let flags = format!("BUILD_FLAGS=--build-context=rust=docker-image://{}", cpp.name);
    prints_on_both(&project, &flags, "empty\nARCH [0, 3]");
}

#[test]
fn both_dockerfiles_begin_with_the_same_image() {
    let [first, other] = ["Dockerfile", "docs/cpp/Dockerfile"].map(|file| {
        let text = read(file);
        let from = text.lines().find(|line| line.starts_with("FROM")).unwrap();
        from.rsplit(' ').nth(2).unwrap().to_owned()
    });
    assert_eq!(first, other);
}
