//! Published crates whose build needs more than a Rust compiler.

use workshop::Project;
use workshop::small::with;

#[test]
#[ignore = "takes two minutes: make -C template test TESTS='crates:: -- --ignored'"]
fn sqlx_checks_queries_without_the_database_that_a_committed_file_names() {
    let project = Project::pasted(&[
        (
            "Cargo.toml",
            &with(
                r#"
[dependencies]
sqlx = { version = "0.8", default-features = false, features = ["macros", "postgres", "runtime-tokio"] }
"#,
            ),
        ),
        (
            "src/main.rs",
            r##"
fn main() {
    let query = sqlx::query!(r#"select 7 as "seven!""#).map(|row| -> i32 { row.seven });
    println!("{} bytes", std::mem::size_of_val(&query).min(1));
}
"##,
        ),
        (".env", "DATABASE_URL=postgres://me@localhost/mine\n"),
        (
            ".sqlx/query-cf8de59076ce8443b873dfb795741570d3e6793a29bd3a8a6ea79966528d82ba.json",
            r#"{
  "db_name": "PostgreSQL",
  "query": "select 7 as \"seven!\"",
  "describe": {
    "columns": [
      {
        "ordinal": 0,
        "name": "seven!",
        "type_info": "Int4"
      }
    ],
    "parameters": {
      "Left": []
    },
    "nullable": [
      null
    ]
  },
  "hash": "cf8de59076ce8443b873dfb795741570d3e6793a29bd3a8a6ea79966528d82ba"
}
"#,
        ),
    ]);
    let ran = project.make(&["run"], "").succeeds();
    assert_eq!(ran.last_line(), "1 bytes");
}

/// `login_t` has another size in the headers of glibc, Debian's own C library.
#[test]
fn bindgen_reads_the_headers_that_the_program_is_linked_for() {
    let project = Project::pasted(&[
        (
            "Cargo.toml",
            &with(
                r#"
[build-dependencies]
bindgen = { version = "0.72", default-features = false, features = ["runtime"] }
cc = "1"
"#,
            ),
        ),
        (
            "build.rs",
            r#"
use std::path::PathBuf;

fn main() {
    cc::Build::new().file("login.c").compile("login");
    bindgen::Builder::default()
        .header("login.h")
        .allowlist_function("first_login|login_size")
        .generate()
        .unwrap()
        .write_to_file(PathBuf::from(std::env::var_os("OUT_DIR").unwrap()).join("login.rs"))
        .unwrap();
}
"#,
        ),
        (
            "login.h",
            r#"
#include <stddef.h>
#include <stdint.h>
#include <utmpx.h>

typedef struct {
    struct utmpx entry;
    uint32_t number;
} login_t;

size_t login_size(void);
void first_login(login_t *login);
"#,
        ),
        (
            "login.c",
            r#"
#include "login.h"

size_t login_size(void) { return sizeof(login_t); }
void first_login(login_t *login) { login->number = 7; }
"#,
        ),
        (
            "src/main.rs",
            r#"
#[allow(dead_code, non_camel_case_types, non_upper_case_globals)]
mod login {
    include!(concat!(env!("OUT_DIR"), "/login.rs"));
}

fn main() {
    let mut logins: [login::login_t; 2] = unsafe { std::mem::zeroed() };
    unsafe { login::first_login(&mut logins[0]) };
    let bytes = unsafe { login::login_size() } as usize;
    println!("{} {}", logins[0].number, bytes == size_of::<login::login_t>());
}
"#,
        ),
    ]);
    let ran = project.make(&["run", "APT_PACKAGES=clang"], "").succeeds();
    assert_eq!(ran.last_line(), "7 true");
}

#[test]
fn protobuf_with_its_well_known_types() {
    let project = Project::pasted(&[
        (
            "Cargo.toml",
            &with(
                r#"
[dependencies]
prost = "0.14"
prost-types = "0.14"

[build-dependencies]
prost-build = { version = "0.14", default-features = false }
"#,
            ),
        ),
        (
            "build.rs",
            r#"
fn main() {
    prost_build::compile_protos(&["proto/event.proto"], &["proto"]).unwrap();
}
"#,
        ),
        (
            "proto/event.proto",
            r#"
syntax = "proto3";
package calendar;

import "google/protobuf/timestamp.proto";

message Event {
    string title = 1;
    google.protobuf.Timestamp begin = 2;
}
"#,
        ),
        (
            "src/main.rs",
            r#"
use prost::Message;

mod calendar {
    include!(concat!(env!("OUT_DIR"), "/calendar.rs"));
}

fn main() {
    let begin = prost_types::Timestamp { seconds: 7, nanos: 0 };
    let event = calendar::Event { title: "lunch".into(), begin: Some(begin) };
    let read = calendar::Event::decode(&event.encode_to_vec()[..]).unwrap();
    println!("{} at {}", read.title, read.begin.unwrap().seconds);
}
"#,
        ),
    ]);
    let ran = project
        .make(
            &["run", "APT_PACKAGES=protobuf-compiler libprotobuf-dev"],
            "",
        )
        .succeeds();
    assert_eq!(ran.last_line(), "lunch at 7");
}
