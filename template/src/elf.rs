//! What a compiled program asks of the machine.

use object::Endianness;
use object::elf::PT_INTERP;
use object::read::elf::{ElfFile64, ProgramHeader};

/// Does `program` ask for a loader, which an image on scratch has not? Panics if it is no program.
pub fn asks_for_a_loader(program: &[u8]) -> bool {
    let elf = ElfFile64::<Endianness>::parse(program).unwrap();
    let endian = elf.endian();
    elf.elf_program_headers()
        .iter()
        .any(|header| header.p_type(endian) == PT_INTERP)
}
