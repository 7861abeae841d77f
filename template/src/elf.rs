//! Reads the headers of a compiled program.

use object::elf::{EM_AARCH64, EM_X86_64, PT_INTERP};
use object::read::elf::{ElfFile64, FileHeader, ProgramHeader};
use object::{Endianness, Object};

/// Does `program` need a dynamic loader? Images on scratch have none. Panics if it is no ELF file.
pub fn asks_for_a_loader(program: &[u8]) -> bool {
    let elf = ElfFile64::<Endianness>::parse(program).unwrap();
    let endian = elf.endian();
    elf.elf_program_headers()
        .iter()
        .any(|header| header.p_type(endian) == PT_INTERP)
}

/// The processors that run `program`, in Rust's words. Panics if it is no ELF file.
pub fn architecture(program: &[u8]) -> &'static str {
    let elf = ElfFile64::<Endianness>::parse(program).unwrap();
    match elf.elf_header().e_machine(elf.endian()) {
        EM_AARCH64 => "aarch64",
        EM_X86_64 => "x86_64",
        _ => "another processor",
    }
}

/// Has `program` the list of its crates that cargo-auditable adds? Panics if it is no ELF file.
pub fn lists_its_crates(program: &[u8]) -> bool {
    let elf = ElfFile64::<Endianness>::parse(program).unwrap();
    elf.section_by_name(".dep-v0").is_some()
}
