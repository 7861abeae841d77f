//! Reads the headers of a compiled program.

use object::Endianness;
use object::elf::PT_INTERP;
use object::read::elf::{ElfFile64, ProgramHeader};

/// Does `program` need a dynamic loader? Images on scratch have none. Panics if it is no ELF file.
pub fn asks_for_a_loader(program: &[u8]) -> bool {
    let elf = ElfFile64::<Endianness>::parse(program).unwrap();
    let endian = elf.endian();
    elf.elf_program_headers().iter().any(|header| header.p_type(endian) == PT_INTERP)
}
