//! The layers of an image.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::sh;

/// The first bytes of what gzip has compressed.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// A file, folder or link in an image's layer.
pub struct Entry {
    /// From the root, without a leading or trailing slash.
    pub path: String,
    /// Permissions with the set-id and sticky bits, as for `chmod`.
    pub mode: u32,
    /// User and group.
    pub owner: (u64, u64),
    /// The content of a regular file. Empty for anything else.
    pub content: Vec<u8>,
    /// Is it a symbolic link? Then its mode means nothing.
    pub link: bool,
}

/// The layers of `image`, lowest first, each with its entries in the order of the archive.
pub(crate) fn layers(image: &str) -> Vec<Vec<Entry>> {
    let archives = archives(image);
    archives.iter().map(|archive| entries(archive)).collect()
}

/// Is the highest layer of `image` compressed with gzip, as Docker keeps it?
pub fn top_is_compressed(image: &str) -> bool {
    archives(image).last().unwrap().starts_with(&GZIP)
}

/// The layers of `image`, lowest first, as `docker save` gives them.
fn archives(image: &str) -> Vec<Vec<u8>> {
    let folder = TempDir::new().unwrap();
    let archive = folder.path().join("image.tar");
    sh!("/", "docker save --output {archive} {image}").succeeds();
    let manifest: Value = serde_json::from_slice(&member(&archive, "manifest.json")).unwrap();
    let layers = manifest[0]["Layers"].as_array().unwrap();
    layers.iter().map(|layer| member(&archive, layer.as_str().unwrap())).collect()
}

/// The content of the entry `name` in the tar archive at `archive`.
fn member(archive: &Path, name: &str) -> Vec<u8> {
    let mut archive = tar::Archive::new(File::open(archive).unwrap());
    let mut entry = archive
        .entries()
        .unwrap()
        .map(Result::unwrap)
        .find(|entry| entry.path().unwrap() == Path::new(name))
        .unwrap_or_else(|| panic!("no {name} in the saved image"));
    let mut content = Vec::new();
    entry.read_to_end(&mut content).unwrap();
    content
}

/// The entries of a layer, a tar archive that may be compressed with gzip.
fn entries(layer: &[u8]) -> Vec<Entry> {
    let plain: Box<dyn Read> = if layer.starts_with(&GZIP) {
        Box::new(flate2::read::GzDecoder::new(layer))
    } else {
        Box::new(layer)
    };
    let mut archive = tar::Archive::new(plain);
    let entry = |entry: std::io::Result<tar::Entry<_>>| {
        let mut entry = entry.unwrap();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        let header = entry.header();
        Entry {
            path: entry.path().unwrap().to_str().unwrap().trim_matches('/').to_owned(),
            mode: header.mode().unwrap(),
            owner: (header.uid().unwrap(), header.gid().unwrap()),
            link: header.entry_type().is_symlink(),
            content,
        }
    };
    archive.entries().unwrap().map(entry).collect()
}
