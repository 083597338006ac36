/* SPDX-License-Identifier: Apache-2.0 */
/* Asks for grants and bindings. */
#include "asks.h"

#include <ctype.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct mcx_str str(const char *before, const char *name, const char *after)
{
    struct mcx_str out = {0};
    char text[256];

    snprintf(text, sizeof text, "%s%s%s", before, name, after);
    ck_ok(mcx_str_set(&out, mcx_span_of(text)));
    return out;
}

/* As long as the test, which is a process of its own. */
static void *keep(void *made)
{
    static void *kept[4096];
    static atomic_size_t count;
    size_t at = atomic_fetch_add(&count, 1);

    ck_assert_uint_lt(at, sizeof kept / sizeof kept[0]);
    kept[at] = made;
    return made;
}

static char *mc_user(const char *name)
{
    return keep(strdup(str("sip:", name, "@mc.example").octets));
}

struct mcx_binding_ask migration_out(const char *id, const char *name, bool mask)
{
    return (struct mcx_binding_ask){.direction = MCX_OUTBOUND,
                                    .binding_id = id,
                                    .system = "partner",
                                    .mc_user_id = mc_user(name),
                                    .source = {.impi = str("", name, "@primary.example"),
                                               .impu_count = 1,
                                               .impu = {str("sip:", name, "@primary.example")}},
                                    .mask = mask};
}

struct mcx_binding_ask migration_in(const char *id, const char *name)
{
    struct mcx_identities *received = keep(calloc(1, sizeof *received));
    char *capital = strdup(name);
    struct mcx_binding_ask ask = {.direction = MCX_INBOUND,
                                  .binding_id = id,
                                  .system = "partner",
                                  .mc_user_id = mc_user(name),
                                  .received = received,
                                  .database_realm = "partner.example"};

    capital[0] = (char)toupper((unsigned char)capital[0]);
    received->impi = str("", capital, "@Partner.Example");
    received->impu_count = 1;
    received->impu[0] = str("sip:", capital, "@Partner.Example;user=phone");
    ask.source.impi = str("", capital, "@partner.example");
    ask.source.impu_count = 1;
    ask.source.impu[0] = str("sip:", capital, "@partner.example");
    free(capital);
    return ask;
}

void migration_add_impu(struct mcx_binding_ask *ask, const char *impu)
{
    ask->source.impu[ask->source.impu_count++] = str("", impu, "");
    if (ask->received) {
        struct mcx_identities *received = keep(malloc(sizeof *received));

        *received = *ask->received;
        received->impu[received->impu_count++] = str("", impu, "");
        ask->received = received;
    }
}

struct mcx_binding_outcome migration_make(struct mcx_session *session,
                                          const struct mcx_binding_ask *ask)
{
    struct mcx_binding_outcome out;
    enum mcx_err err = mcx_store_binding_make(session, ask, &out);

    ck_assert_msg(err == MCX_OK, "%s: %s %s", mcx_err_label(err), mcx_session_sqlstate(session),
                  mcx_session_server_text(session));
    return out;
}
