/* SPDX-License-Identifier: Apache-2.0 */
/* libfdcore's calls of GnuTLS go through here. Who writes to a session stands in a list while it
 * does; whoever wants to write to the same one stands behind it, and waits. One call of a writer
 * takes no longer than freeDiameter lets a peer block it (1 s). Threads may be cancelled in here,
 * as freeDiameter does. */
#include "diameter/tls_shield.h"

#include <gnutls/gnutls.h>
#include <pthread.h>

#include "base/clock.h"
#include "diameter/imports.h"

enum { BLOCKED_MAX_MS = 1000 };

struct writer {
    gnutls_session_t session;
    struct writer *next;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t left = PTHREAD_COND_INITIALIZER;
static struct writer *writers; /* in the order in which they came */
static uint64_t records_limit; /* with one key of ours */

/* Of a receiving thread, while it takes a peer's new key; is_asked: and the peer wants one of us.
 */
static _Thread_local struct writer updater;
static _Thread_local bool is_updating, is_asked;

/* Where it stands, or would stand: the end. */
static struct writer **place(const struct writer *me)
{
    struct writer **at = &writers;

    while (*at && *at != me)
        at = &(*at)->next;
    return at;
}

static bool is_first(const struct writer *me)
{
    const struct writer *writer = writers;

    while (writer->session != me->session)
        writer = writer->next;
    return writer == me;
}

static void withdraw(void *me)
{
    struct writer **at = place(me);

    *at = (*at)->next;
    pthread_cond_broadcast(&left);
    pthread_mutex_unlock(&lock);
}

static void leave(void *me)
{
    pthread_mutex_lock(&lock);
    withdraw(me);
}

static void enter(struct writer *me, gnutls_session_t session)
{
    *me = (struct writer){.session = session};
    pthread_mutex_lock(&lock);
    *place(me) = me;
    pthread_cleanup_push(withdraw, me);
    while (!is_first(me))
        pthread_cond_wait(&left, &lock);
    pthread_cleanup_pop(0);
    pthread_mutex_unlock(&lock);
}

/* What is only sent in part is sent to its end before anything else is, or not at all: as long as
 * freeDiameter would try, which then gives up. */
static ssize_t send_whole(gnutls_session_t session, const void *octets, size_t len)
{
    ssize_t ret = gnutls_record_send(session, octets, len);

    if (ret == GNUTLS_E_AGAIN || ret == GNUTLS_E_INTERRUPTED) {
        const int64_t until = mcx_clock_mono_ms() + BLOCKED_MAX_MS;

        while ((ret == GNUTLS_E_AGAIN || ret == GNUTLS_E_INTERRUPTED) &&
               mcx_clock_mono_ms() < until)
            ret = gnutls_record_send(session, octets, len);
    }
    return ret;
}

static ssize_t send_alone(gnutls_session_t session, const void *octets, size_t len)
{
    struct writer me;
    ssize_t ret = 0;

    enter(&me, session);
    pthread_cleanup_push(leave, &me);
    ret = send_whole(session, octets, len);
    pthread_cleanup_pop(1);
    return ret;
}

/* freeDiameter asks for SHUT_RDWR when nothing is left to be read, and a writer must not wait for a
 * peer. */
static int say_bye_alone(gnutls_session_t session, gnutls_close_request_t how)
{
    struct writer me;
    int ret = 0;

    (void)how;
    enter(&me, session);
    pthread_cleanup_push(leave, &me);
    ret = gnutls_bye(session, GNUTLS_SHUT_WR);
    pthread_cleanup_pop(1);
    return ret;
}

/* Before a KeyUpdate of TLS 1.3 is taken: GnuTLS then moves reading and writing keys to a new
 * place, and frees those of two updates ago, in use or not. It would answer by a key of our own
 * with the next send, beside this thread, which reads by the old place until its next message and
 * is then lost; so it does not hear that it is asked. Sent ones come by as well. */
static int begin_update(gnutls_session_t session, unsigned type, unsigned when, unsigned incoming,
                        const gnutls_datum_t *message)
{
    (void)type;
    (void)when;
    if (!incoming)
        return 0;
    if (!is_updating)
        enter(&updater, session);
    is_updating = true;
    if (message->size == 1 && message->data[0] == 1) {
        message->data[0] = 0;
        is_asked = true;
    }
    return 0;
}

static bool is_worn(gnutls_session_t session)
{
    unsigned char number[8] = {0};
    uint64_t sent = 0;

    if (gnutls_protocol_get_version(session) != GNUTLS_TLS1_3 ||
        gnutls_record_get_state(session, 0, NULL, NULL, NULL, number) != 0)
        return false;
    for (size_t i = 0; i < sizeof number; i++)
        sent = sent << 8 | number[i];
    return sent >= records_limit;
}

/* GnuTLS would renew our key as it would answer, in the thread that sends. */
static void renew(gnutls_session_t session)
{
    if (!is_updating)
        enter(&updater, session);
    pthread_cleanup_push(leave, &updater);
    if (is_asked || is_worn(session))
        (void)gnutls_session_key_update(session, 0);
    pthread_cleanup_pop(1);
    is_updating = is_asked = false;
}

static ssize_t receive(gnutls_session_t session, void *octets, size_t size)
{
    const ssize_t ret = gnutls_record_recv(session, octets, size);

    if (is_updating || is_worn(session))
        renew(session);
    return ret == GNUTLS_E_REHANDSHAKE ? GNUTLS_E_UNSAFE_RENEGOTIATION_DENIED : ret;
}

static int begin(gnutls_session_t *session, unsigned flags)
{
    return gnutls_init(session, flags | GNUTLS_NO_AUTO_REKEY);
}

static int shake_hands(gnutls_session_t session)
{
    gnutls_handshake_set_hook_function(session, GNUTLS_HANDSHAKE_KEY_UPDATE, GNUTLS_HOOK_PRE,
                                       begin_update);
    return gnutls_handshake(session);
}

bool mcx_tls_shield_start(uint64_t records_max)
{
    const struct mcx_import imports[] = {
        {"gnutls_record_send", (uintptr_t)send_alone}, {"gnutls_bye", (uintptr_t)say_bye_alone},
        {"gnutls_record_recv", (uintptr_t)receive},    {"gnutls_init", (uintptr_t)begin},
        {"gnutls_handshake", (uintptr_t)shake_hands},
    };
    const size_t count = sizeof imports / sizeof *imports;

    records_limit = records_max;
    return mcx_imports_replace("libfdcore.so", imports, count) == count;
}
