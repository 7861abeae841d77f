//! Reads the headers of a compiled program.

use object::elf::PT_INTERP;
use object::read::elf::{ElfFile64, ProgramHeader};
use object::{Endianness, Object};

/// Does `program` need a dynamic loader? Images on scratch have none. Panics if it is no ELF file.
pub fn asks_for_a_loader(program: &[u8]) -> bool {
    let elf = ElfFile64::<Endianness>::parse(program).unwrap();
    let endian = elf.endian();
    elf.elf_program_headers()
        .iter()
        .any(|header| header.p_type(endian) == PT_INTERP)
}

/// Has `program` the list of its crates that cargo-auditable adds? Panics if it is no ELF file.
pub fn lists_its_crates(program: &[u8]) -> bool {
    let elf = ElfFile64::<Endianness>::parse(program).unwrap();
    elf.section_by_name(".dep-v0").is_some()
}
