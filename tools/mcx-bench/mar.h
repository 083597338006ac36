/* SPDX-License-Identifier: Apache-2.0 */
/* The MAR of one connection, built once, and the users that it goes round. Appending one costs a
 * copy and a few patched octets. */
#ifndef BENCH_MAR_H
#define BENCH_MAR_H

#include "options.h"
#include "wire/buf.h"

/* Who is asked for: numbered users, or lines of a file, each prebuilt as two AVPs. Read-only once
 * loaded. */
struct mar_users {
    uint64_t first, count;
    const char *realm;
    struct wire_buf blobs; /* of the file */
    size_t *offsets;       /* count + 1; NULL: numbered */
};
/* false: reason. */
bool mar_users_load(struct mar_users *users, const struct bench_options *options, char *reason,
                    size_t size);
void mar_users_free(struct mar_users *users);

struct mar {
    struct wire_buf head, tail; /* before and after User-Name and Public-Identity */
    struct wire_buf user;       /* of a numbered user */
    size_t session_at, impi_at, impu_at;
    uint32_t session, end_to_end; /* of the next one */
};
void mar_init(struct mar *mar, const struct bench_options *options, const struct mar_users *users,
              const char *host);
void mar_append(struct mar *mar, const struct mar_users *users, uint64_t user, uint32_t hop_by_hop,
                struct wire_buf *out);
void mar_free(struct mar *mar);

#endif
