//! What C code, and crates from before 2023, expect of the C compiler and the C library.

use workshop::Project;
use workshop::emulator::arm64_prints;
use workshop::small::with;

/// Prints whether a flag of the C compiler is known, the name of a header's protocol, the sum of a
/// thread with a large stack, and how many bytes functions with old names have read.
const MAIN: &str = r#"
use std::ffi::{c_int, c_long};

unsafe extern "C" {
    fn opens_a_temporary_file() -> c_int;
    fn protocol() -> c_int;
    fn sum_in_a_thread() -> c_long;
}

fn bytes_of_null() -> isize {
    let mut buffer = [1u8; 7];
    unsafe {
        let file = libc::open64(c"/dev/zero".as_ptr(), libc::O_RDONLY);
        let read = libc::pread64(file, buffer.as_mut_ptr().cast(), buffer.len(), 0);
        let mut status = std::mem::zeroed::<libc::stat64>();
        assert_eq!(libc::fstat64(file, &mut status), 0);
        assert_eq!(libc::lseek64(file, 0, libc::SEEK_SET), 0);
        read
    }
}

fn main() {
    let [protocol, sum] = unsafe { [protocol() as c_long, sum_in_a_thread()] };
    let opened = unsafe { opens_a_temporary_file() };
    println!("{} {protocol:#x} {sum} {opened} {}", env!("FLAGS"), bytes_of_null());
}
"#;

const BUILD: &str = r#"
fn main() {
    let build = cc::Build::new();
    let supports = |flag| build.is_flag_supported(flag).unwrap();
    let flags = [supports("-fno-plt"), supports("-fno-such-flag")];
    println!("cargo::rustc-env=FLAGS={flags:?}");
    cc::Build::new().file("src/parts.c").compile("parts");
}
"#;

const PARTS: &str = r#"
#include <linux/if_ether.h>
#include <linux/version.h>
#include <pthread.h>
#include <string.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 0, 0)
#error "old headers"
#endif

int protocol(void) { return ETH_P_ARP; }

static void *fill(void *result) {
    volatile char large[3 << 20];
    memset((char *)large, 1, sizeof large);
    for (size_t at = 0; at < sizeof large; at += 1 << 20) *(long *)result += large[at];
    return NULL;
}

/* Declared here, as the headers have it only as a macro. */
int mkstemp64(char *);

int opens_a_temporary_file(void) {
    char name[] = "/tmp/XXXXXX";
    return mkstemp64(name) >= 0;
}

long sum_in_a_thread(void) {
    pthread_t thread;
    long result = 0;
    pthread_create(&thread, NULL, fill, &result);
    pthread_join(thread, NULL);
    return result;
}
"#;

#[test]
fn c_code_finds_flags_kernel_headers_large_stacks_and_old_names_on_both_platforms() {
    let manifest = with(
        r#"
[dependencies]
libc = "=0.2.132"
[build-dependencies]
cc = "1"
"#,
    );
    let project = Project::pasted(&[
        ("Cargo.toml", &manifest),
        ("src/main.rs", MAIN),
        ("build.rs", BUILD),
        ("src/parts.c", PARTS),
    ]);
    let expected = "[true, false] 0x806 3 1 7";
    let ran = project.make(&["run"], "").succeeds();
    assert_eq!(ran.last_line(), expected);
    let arm64 = ["build", "PLATFORM=linux/arm64"];
    project.make(&arm64, "").succeeds();
    assert_eq!(arm64_prints(&project).trim(), expected);
}

/// This version of cc looks for the compiler only in the variables that are there for the target.
#[test]
fn a_lock_file_of_2021_with_c_in_it_builds() {
    let manifest = with("[dependencies]\nring = \"=0.16.20\"\n");
    let main = r#"
fn main() {
    let digest = ring::digest::digest(&ring::digest::SHA512, b"");
    println!("{:x?}", &digest.as_ref()[..3]);
}
"#;
    let project = Project::pasted(&[("Cargo.toml", &manifest), ("src/main.rs", main)]);
    let old = ["update", "--quiet", "--package=cc", "--precise=1.0.69"];
    project.cargo(&old).succeeds();
    let ran = project.make(&["run"], "").succeeds();
    assert_eq!(ran.last_line(), "[cf, 83, e1]");
    project
        .make(&["build", "PLATFORM=linux/arm64"], "")
        .succeeds();
    assert_eq!(arm64_prints(&project).trim(), "[cf, 83, e1]");
}

/// CMake asks for a C++ compiler unless the project says that it needs none.
#[test]
fn c_code_that_is_built_with_cmake() {
    let script = r#"
fn main() {
    println!("cargo::rustc-link-search=native={}", cmake::build(".").join("lib").display());
    println!("cargo::rustc-link-lib=static=seven");
}
"#;
    let main = r#"
unsafe extern "C" { fn seven() -> i32; }
fn main() { println!("{}", unsafe { seven() }) }
"#;
    let lists = r#"
cmake_minimum_required(VERSION 3.10)
project(seven)
add_library(seven STATIC seven.c)
install(TARGETS seven DESTINATION lib)
"#;
    let project = Project::pasted(&[
        (
            "Cargo.toml",
            &with("[build-dependencies]\ncmake = \"0.1\"\n"),
        ),
        ("build.rs", script),
        ("src/main.rs", main),
        ("seven.c", "int seven(void) { return 7; }"),
        ("CMakeLists.txt", lists),
    ]);
    let run = ["run", "APT_PACKAGES=cmake"];
    project.make(&run, "").fails_with(
        "error: this Dockerfile has no C++ compiler. If there is only C code, but cmake asks for \
         C++, write project(name LANGUAGES C) in CMakeLists.txt",
    );
    project.edit("CMakeLists.txt", "(seven)", "(seven LANGUAGES C)");
    assert_eq!(project.make(&run, "").succeeds().last_line(), "7");
}
