//! Published crates whose build needs more than a Rust compiler.

use workshop::package::one;

#[test]
#[ignore = "takes two minutes: make -C template test TESTS='crates:: -- --ignored'"]
fn sqlx_checks_queries_without_the_database_that_a_committed_file_names() {
    let sqlx = r#"
[dependencies.sqlx]
version = "0.8"
default-features = false
features = ["macros", "postgres", "runtime-tokio"]
"#;
    let main = r##"
let query = sqlx::query!(r#"select 7 as "seven!""#).map(|row| -> i32 { row.seven });
println!("{} bytes", std::mem::size_of_val(&query).min(1));
"##;
    let hash = "cf8de59076ce8443b873dfb795741570d3e6793a29bd3a8a6ea79966528d82ba";
    let query = r#"{
"db_name": "PostgreSQL", "query": "select 7 as \"seven!\"", "hash": "HASH", "describe": {
    "columns": [{ "ordinal": 0, "name": "seven!", "type_info": "Int4" }],
    "parameters": { "Left": [] }, "nullable": [null]
} }"#;
    let checked = format!(".sqlx/query-{hash}.json");
    let package = one().manifest(sqlx).main(main).file(&checked, &query.replace("HASH", hash));
    let project = package.file(".env", "DATABASE_URL=postgres://me@localhost/mine\n").paste();
    project.run("").prints("1 bytes");
}

/// `login_t` has another size in the headers of glibc, Debian's own C library.
const LOGIN_H: &str = r#"
#include <stddef.h>
#include <stdint.h>
#include <utmpx.h>
typedef struct { struct utmpx entry; uint32_t number; } login_t;
size_t login_size(void);
void first_login(login_t *login);
"#;

const LOGIN_C: &str = r#"
#include "login.h"
size_t login_size(void) { return sizeof(login_t); }
void first_login(login_t *login) { login->number = 7; }
"#;

const EVENT: &str = r#"
syntax = "proto3";
package calendar;
import "google/protobuf/timestamp.proto";
message Event { string title = 1; google.protobuf.Timestamp begin = 2; }
"#;

#[test]
fn bindgen_reads_the_headers_of_the_programs_libc_and_protobuf_has_its_well_known_types() {
    let tables = r#"
[build-dependencies]
bindgen = { version = "0.72", default-features = false, features = ["runtime"] }
cc = "1"
prost-build = { version = "0.14", default-features = false }
"#;
    let script = r#"
cc::Build::new().file("login.c").compile("login");
let functions = "first_login|login_size";
let builder = bindgen::Builder::default().header("login.h").allowlist_function(functions);
let file = std::env::var("OUT_DIR").unwrap() + "/login.rs";
builder.generate().unwrap().write_to_file(file).unwrap();
prost_build::compile_protos(&["proto/event.proto"], &["proto"]).unwrap();
"#;
    let main = r#"
use prost::Message;
#[allow(dead_code, non_camel_case_types, non_upper_case_globals)]
mod login { include!(concat!(env!("OUT_DIR"), "/login.rs")); }
mod calendar { include!(concat!(env!("OUT_DIR"), "/calendar.rs")); }
let mut logins: [login::login_t; 2] = unsafe { std::mem::zeroed() };
unsafe { login::first_login(&mut logins[0]) };
let bytes = unsafe { login::login_size() } as usize;
let right = bytes == size_of::<login::login_t>();
let begin = prost_types::Timestamp { seconds: 7, nanos: 0 };
let event = calendar::Event { title: "lunch".into(), begin: Some(begin) };
let read = calendar::Event::decode(&event.encode_to_vec()[..]).unwrap();
let seconds = read.begin.unwrap().seconds;
println!("{} {right}, {} at {seconds}", logins[0].number, read.title);
"#;
    let package = one().uses("prost", "0.14").uses("prost-types", "0.14").manifest(tables);
    let package = package.file("login.h", LOGIN_H).file("login.c", LOGIN_C).build_script(script);
    let project = package.file("proto/event.proto", EVENT).main(main).paste();
    let packages = "'APT_PACKAGES=clang protobuf-compiler libprotobuf-dev'";
    project.run(packages).prints("7 true, lunch at 7");
}
