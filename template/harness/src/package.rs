//! Packages that a test writes, and the project that becomes of them.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use crate::Project;

/// A package that is not written yet: its manifest, and the files in its folder.
#[derive(Clone)]
pub struct Package {
    /// Empty for a workspace without a root package.
    name: String,
    /// The lines under `[package]` after the name.
    keys: String,
    dependencies: String,
    tables: String,
    /// Paths and texts.
    files: Vec<(String, String)>,
}

/// The package `name`, whose program prints `main`.
pub fn program(name: &str) -> Package {
    package(name).prints(r#""main""#)
}

/// The package `one`, whose program prints `main`.
pub fn one() -> Package {
    program("one")
}

/// The package `one`, whose program prints 7 with the help of the crate `itoa`.
pub fn seven() -> Package {
    one().uses("itoa", "1").prints("itoa::Buffer::new().format(7)")
}

/// The package `name`, whose library has its name in the constant `WORD`.
pub fn library(name: &str) -> Package {
    package(name).file("src/lib.rs", &format!("pub const WORD: &str = {name:?};"))
}

/// A workspace without a root package. Each member is in a folder of its name.
pub fn workspace(members: impl IntoIterator<Item = Package>) -> Package {
    let members: Vec<_> = members.into_iter().collect();
    let names: Vec<_> = members.iter().map(|member| &member.name).collect();
    let table = format!("[workspace]\nresolver = \"3\"\nmembers = {names:?}\n");
    members.into_iter().fold(package("").manifest(&table), Package::beside)
}

/// The package `name`, without any source.
pub fn package(name: &str) -> Package {
    Package {
        name: name.to_owned(),
        keys: "version = \"0.1.0\"\nedition = \"2024\"\n".to_owned(),
        dependencies: String::new(),
        tables: String::new(),
        files: Vec::new(),
    }
}

impl Package {
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Replaces the version 0.1.0.
    pub fn version(mut self, version: &str) -> Self {
        self.keys = self.keys.replace("\"0.1.0\"", &format!("{version:?}"));
        self
    }

    /// Adds lines under `[package]`.
    pub fn keys(mut self, lines: &str) -> Self {
        self.keys += &format!("{}\n", lines.trim());
        self
    }

    /// Adds tables to the manifest.
    pub fn manifest(mut self, tables: &str) -> Self {
        self.tables += &format!("{}\n", tables.trim());
        self
    }

    /// Adds a dependency from crates.io.
    pub fn uses(mut self, name: &str, version: &str) -> Self {
        self.dependencies += &format!("{name} = {version:?}\n");
        self
    }

    /// Adds a dependency in the folder `path`.
    pub fn uses_path(mut self, name: &str, path: &str) -> Self {
        self.dependencies += &format!("{name} = {{ path = {path:?} }}\n");
        self
    }

    /// Adds a package in a folder of its name, as a dependency.
    pub fn with(self, package: Package) -> Self {
        let name = package.name.clone();
        self.uses_path(&name, &name).beside(package)
    }

    /// Adds a package in a folder of its name, which nothing depends on.
    pub fn beside(self, package: Package) -> Self {
        let folder = package.name.clone();
        self.at(&folder, package)
    }

    /// Adds a package in a folder, which nothing depends on.
    pub fn at(mut self, folder: &str, package: Package) -> Self {
        let files = package.written().into_iter();
        self.files.extend(files.map(|(file, text)| (format!("{folder}/{file}"), text)));
        self
    }

    /// Adds a crate that is in the folder `vendor`, as `cargo vendor` makes it, and not on crates.io.
    /// Nothing depends on it.
    pub fn vendors(mut self, package: Package) -> Self {
        // Projects share a cache, and Cargo knows a vendored crate by its name and version alone. So
        // the version gets a hash of the files, because other files have to be another version.
        let mut hasher = DefaultHasher::new();
        package.written().hash(&mut hasher);
        let hash = format!("+{:016x}\"\nedition", hasher.finish());
        let mut vendored = package.file(".cargo-checksum.json", r#"{"files":{},"package":null}"#);
        vendored.keys = vendored.keys.replacen("\"\nedition", &hash, 1);
        let replace = "[source.crates-io]\nreplace-with = \"vendored\"\n\
            [source.vendored]\ndirectory = \"vendor\"\n";
        if !self.files.iter().any(|(file, _)| file == CONFIG) {
            self = self.file(CONFIG, replace);
        }
        let folder = format!("vendor/{}", vendored.name);
        self.at(&folder, vendored)
    }

    /// Adds a file, or replaces it.
    pub fn file(mut self, path: &str, text: &str) -> Self {
        self.files.retain(|(file, _)| file != path);
        self.files.push((path.to_owned(), text.to_owned()));
        self
    }

    /// Makes the program print the value of a Rust expression.
    pub fn prints(self, expression: &str) -> Self {
        self.main(&format!("println!(\"{{}}\", {expression})"))
    }

    /// Makes the program run Rust statements.
    pub fn main(self, body: &str) -> Self {
        self.file("src/main.rs", &format!("fn main() {{ {body} }}\n"))
    }

    /// Makes `build.rs` run Rust statements.
    pub fn build_script(self, body: &str) -> Self {
        self.file("build.rs", &format!("fn main() {{ {body} }}\n"))
    }

    /// The project, with the template's Dockerfile, Makefile and .dockerignore, and a lock file if
    /// Cargo can make one.
    pub fn paste(self) -> Project {
        Project::pasted(|folder| self.write(folder))
    }

    /// Writes the package alone.
    pub fn write(&self, folder: &Path) {
        for (file, text) in self.written() {
            write(&folder.join(file), text);
        }
    }

    /// All files, with the manifest.
    fn written(&self) -> Vec<(String, String)> {
        let mut manifest = String::new();
        if !self.name.is_empty() {
            manifest = format!("[package]\nname = {:?}\n{}", self.name, self.keys);
        }
        if !self.dependencies.is_empty() {
            manifest += &format!("\n[dependencies]\n{}", self.dependencies);
        }
        manifest += &format!("\n{}", self.tables);
        let has_own = self.files.iter().any(|(file, _)| file == "Cargo.toml");
        let manifest = (!has_own).then(|| ("Cargo.toml".to_owned(), manifest));
        self.files.iter().cloned().chain(manifest).collect()
    }
}

/// Cargo's configuration in a project.
pub const CONFIG: &str = ".cargo/config.toml";

/// Writes a file, and the folders that it is in.
pub fn write(file: &Path, text: impl AsRef<[u8]>) {
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
}
