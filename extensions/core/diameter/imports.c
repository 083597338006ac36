/* SPDX-License-Identifier: Apache-2.0 */
/* A library's dynamic section leads to its JUMP_SLOT relocations: each names a symbol and the place
 * of the pointer that calls of it go by. A library that is bound at start (Debian's are) has them
 * within RELRO, read-only since then, so that its pages are opened for the moment. */
#define _GNU_SOURCE /* dl_iterate_phdr */
#include "diameter/imports.h"

#include <elf.h>
#include <link.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#if __ELF_NATIVE_CLASS == 64
#define SYMBOL_OF(info) ELF64_R_SYM(info)
#else
#define SYMBOL_OF(info) ELF32_R_SYM(info)
#endif

struct search {
    const char *library;
    const struct mcx_import *imports;
    size_t count, replaced;
};

/* What one library says about itself. */
struct table {
    ElfW(Addr) base, relro;
    size_t relro_size, slots_size;
    const ElfW(Rela) * slots;
    const ElfW(Sym) * symbols;
    const char *names;
};

/* Some loaders leave the offsets of a dynamic section as the file has them. */
static ElfW(Addr) address(const struct table *table, ElfW(Addr) said)
{
    return said < table->base ? table->base + said : said;
}

static void read_dynamic(struct table *table, const ElfW(Dyn) * entry)
{
    ElfW(Xword) kind = 0;

    for (; entry->d_tag != DT_NULL; entry++)
        if (entry->d_tag == DT_JMPREL)
            table->slots = (const ElfW(Rela) *)address(table, entry->d_un.d_ptr);
        else if (entry->d_tag == DT_PLTRELSZ)
            table->slots_size = entry->d_un.d_val;
        else if (entry->d_tag == DT_PLTREL)
            kind = entry->d_un.d_val;
        else if (entry->d_tag == DT_SYMTAB)
            table->symbols = (const ElfW(Sym) *)address(table, entry->d_un.d_ptr);
        else if (entry->d_tag == DT_STRTAB)
            table->names = (const char *)address(table, entry->d_un.d_ptr);
    if (kind != DT_RELA || !table->slots || !table->symbols || !table->names)
        table->slots_size = 0;
}

static struct table read_table(const struct dl_phdr_info *info)
{
    struct table table = {.base = info->dlpi_addr};

    for (size_t i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];

        if (part->p_type == PT_GNU_RELRO) {
            const size_t page = (size_t)sysconf(_SC_PAGESIZE);
            const ElfW(Addr) end = (table.base + part->p_vaddr + part->p_memsz) & ~(page - 1);

            table.relro = (table.base + part->p_vaddr) & ~(page - 1);
            table.relro_size = end - table.relro;
        } else if (part->p_type == PT_DYNAMIC) {
            read_dynamic(&table, (const ElfW(Dyn) *)(table.base + part->p_vaddr));
        }
    }
    return table;
}

static size_t replace(const struct table *table, const struct search *search)
{
    size_t replaced = 0;

    for (size_t i = 0; i < table->slots_size / sizeof *table->slots; i++) {
        const ElfW(Sym) *symbol = &table->symbols[SYMBOL_OF(table->slots[i].r_info)];

        for (size_t k = 0; k < search->count; k++)
            if (strcmp(table->names + symbol->st_name, search->imports[k].symbol) == 0) {
                *(uintptr_t *)(table->base + table->slots[i].r_offset) = search->imports[k].with;
                replaced++;
            }
    }
    return replaced;
}

static int visit(struct dl_phdr_info *info, size_t size, void *arg)
{
    struct search *search = arg;
    const char *slash = strrchr(info->dlpi_name, '/');
    const char *name = slash ? slash + 1 : info->dlpi_name;
    struct table table = {0};

    (void)size;
    if (strncmp(name, search->library, strlen(search->library)) != 0)
        return 0;
    table = read_table(info);
    if (table.relro_size &&
        mprotect((void *)table.relro, table.relro_size, PROT_READ | PROT_WRITE) != 0)
        return 1;
    search->replaced = replace(&table, search);
    if (table.relro_size)
        (void)mprotect((void *)table.relro, table.relro_size, PROT_READ);
    return 1;
}

size_t mcx_imports_replace(const char *library, const struct mcx_import *imports, size_t count)
{
    struct search search = {library, imports, count, 0};

    (void)dl_iterate_phdr(visit, &search);
    return search.replaced;
}
