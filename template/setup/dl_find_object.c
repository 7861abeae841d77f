/*
 * _dl_find_object for musl, which GCC's unwinder asks for and glibc alone has: finds the loaded
 * object that holds pc, and its .eh_frame_hdr. Returns 0, or -1 if there is none.
 */
#define _GNU_SOURCE
#include <link.h>
#include <string.h>

struct dl_find_object {
    unsigned long long flags;
    void *map_start, *map_end, *link_map, *eh_frame;
    unsigned long long reserved[7];
};

struct query {
    char *pc;
    struct dl_find_object *result;
};

static int visit(struct dl_phdr_info *info, size_t size, void *data)
{
    struct query *query = data;
    char *start = 0, *end = 0, *eh_frame = 0;
    int hit = 0;

    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        char *address = (char *)info->dlpi_addr + header->p_vaddr;
        if (header->p_type == PT_GNU_EH_FRAME)
            eh_frame = address;
        if (header->p_type != PT_LOAD)
            continue;
        if (!start || address < start)
            start = address;
        if (address + header->p_memsz > end)
            end = address + header->p_memsz;
        if (query->pc >= address && query->pc < address + header->p_memsz)
            hit = 1;
    }
    if (!hit || !eh_frame)
        return 0;
    memset(query->result, 0, sizeof *query->result);
    query->result->map_start = start;
    query->result->map_end = end;
    query->result->eh_frame = eh_frame;
    return 1;
}

int _dl_find_object(void *pc, struct dl_find_object *result)
{
    struct query query = { pc, result };
    return dl_iterate_phdr(visit, &query) ? 0 : -1;
}
