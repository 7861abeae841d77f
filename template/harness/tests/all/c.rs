//! What C code, and crates from before 2023, expect of the C compiler and the C library.

use workshop::package::one;

use crate::native::{prints_on_both, with_cc};

/// Prints which flags the C compiler knows, and how many bytes functions with old names have read.
const MAIN: &str = r#"
unsafe extern "C" { fn print_parts(); }
unsafe { print_parts() };
let mut buffer = [1u8; 7];
let read = unsafe {
    let file = libc::open64(c"/dev/zero".as_ptr(), libc::O_RDONLY);
    let mut status = std::mem::zeroed::<libc::stat64>();
    assert_eq!(libc::fstat64(file, &mut status), 0);
    assert_eq!(libc::lseek64(file, 0, libc::SEEK_SET), 0);
    libc::pread64(file, buffer.as_mut_ptr().cast(), buffer.len(), 0)
};
println!("{} {read}", env!("FLAGS"));
"#;

/// Prints a protocol from a header, the sum of a thread with a large stack, and whether a file was
/// opened.
const PARTS: &str = r#"
#include <linux/if_ether.h>
#include <linux/version.h>
#include <pthread.h>
#include <stdio.h>
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 0, 0)
#error "old headers"
#endif

/* Declared here, as the headers have it only as a macro. */
int mkstemp64(char *);

static void *fill(void *sum) {
    volatile char large[3 << 20];
    for (int at = 0; at < 3 << 20; at++) large[at] = 1;
    for (int at = 0; at < 3 << 20; at += 1 << 20) *(int *)sum += large[at];
    return NULL;
}

void print_parts(void) {
    char name[] = "/tmp/XXXXXX";
    int sum = 0;
    pthread_t thread;
    pthread_create(&thread, NULL, fill, &sum);
    pthread_join(thread, NULL);
    printf("%#x %d %d\n", ETH_P_ARP, sum, mkstemp64(name) >= 0);
    fflush(stdout);
}
"#;

#[test]
fn c_code_finds_flags_kernel_headers_large_stacks_and_old_names_on_both_platforms() {
    let script = r#"
let build = cc::Build::new();
let supports = |flag| build.is_flag_supported(flag).unwrap();
println!("cargo::rustc-env=FLAGS={:?}", [supports("-fno-plt"), supports("-fno-such-flag")]);
cc::Build::new().file("parts.c").compile("parts");
// Links a program, as configure scripts do to find out what the C compiler can do.
let program = std::env::var("OUT_DIR").unwrap() + "/whole";
let mut compiler = build.get_compiler().to_command();
assert!(compiler.args(["whole.c", "-o", &program]).status().unwrap().success());
println!("cargo::rustc-link-lib=m");
"#;
    let whole = "#include <stdatomic.h>\n\
        int main() { _Atomic int n = 0; return atomic_fetch_add(&n, 1); }\n";
    let package = with_cc().file("parts.c", PARTS).file("whole.c", whole).build_script(script);
    let project = package.uses("libc", "=0.2.132").main(MAIN).paste();
    prints_on_both(&project, "", "0x806 3 1\n[true, false] 7");
}

/// This version of cc looks for the compiler only in the variables that are there for the target.
#[test]
fn a_lock_file_of_2021_with_c_in_it_builds() {
    let digest = r#"&ring::digest::digest(&ring::digest::SHA512, b"").as_ref()[..3]"#;
    let main = format!("println!(\"{{:x?}}\", {digest})");
    let project = one().uses("ring", "=0.16.20").main(&main).paste();
    project.cargo("update --quiet --package=cc --precise=1.0.69");
    prints_on_both(&project, "", "[cf, 83, e1]");
}

/// CMake asks for a C++ compiler unless the project says that it needs none.
#[test]
fn c_code_that_is_built_with_cmake() {
    let script = r#"
println!("cargo::rustc-link-search=native={}", cmake::build(".").join("lib").display());
println!("cargo::rustc-link-lib=static=seven");
"#;
    let lists = "cmake_minimum_required(VERSION 3.10)\nproject(seven)\n\
        add_library(seven STATIC seven.c)\ninstall(TARGETS seven DESTINATION lib)\n";
    let project = one()
        .manifest("[build-dependencies]\ncmake = \"0.1\"")
        .build_script(script)
        .main(r#"unsafe extern "C" { fn seven() -> i32; } println!("{}", unsafe { seven() })"#)
        .file("seven.c", "int seven(void) { return 7; }")
        .file("CMakeLists.txt", lists)
        .paste();
    project.run("APT_PACKAGES=cmake").fails(
        "error: this Dockerfile has no C++ compiler. If there is only C code, but cmake asks for \
         C++, write project(name LANGUAGES C) in CMakeLists.txt",
    );
    project.edit("CMakeLists.txt", "(seven)", "(seven LANGUAGES C)");
    project.run("APT_PACKAGES=cmake").prints("7");
}
