/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of an issuer that can be replaced under way: whoever checks a token looks at the file, one
 * thread at a time, and swaps the set. Blocks on the file. Lock order: watch, lock. */
#include "http/keyfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/metrics.h"

enum { FILE_MAX_OCTETS = 262144 };

static void free_text(uint8_t **text)
{
    free(*text);
}

static enum mcx_err load(int fd, struct mcx_jwks **out, const char **why)
{
    __attribute__((cleanup(free_text))) uint8_t *text = malloc(FILE_MAX_OCTETS + 1);
    ssize_t len;

    if (!text) {
        *why = mcx_err_text(MCX_NO_MEMORY);
        return MCX_NO_MEMORY;
    }
    len = mcx_file_read(fd, text, FILE_MAX_OCTETS + 1);
    if (len < 0 || len > FILE_MAX_OCTETS) {
        *why = len < 0 ? strerror(errno) : "it is larger than 256 KiB";
        return MCX_INVALID;
    }
    return mcx_jwks_load(mcx_span(text, (size_t)len), out, why);
}

static int open_regular(const char *path, struct stat *status, const char **why)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0 || fstat(fd, status) != 0) {
        *why = strerror(errno);
        mcx_file_close(&fd);
        return -1;
    }
    if (S_ISREG(status->st_mode))
        return fd;
    *why = "it is not a regular file";
    mcx_file_close(&fd);
    return -1;
}

enum mcx_err mcx_keyfile_open(struct mcx_keyfile *file, const char *path, const char **why)
{
    struct mcx_keyfile fresh = {.path = path,
                                .lock = PTHREAD_RWLOCK_INITIALIZER,
                                .watch = {.busy = PTHREAD_MUTEX_INITIALIZER}};
    __attribute__((cleanup(mcx_file_close))) const int fd = open_regular(path, &fresh.seen, why);
    enum mcx_err err = fd < 0 ? MCX_INVALID : load(fd, &fresh.set, why);

    mcx_file_watch_start(&fresh.watch);
    if (err == MCX_OK)
        *file = fresh;
    return err;
}

void mcx_keyfile_close(struct mcx_keyfile *file)
{
    mcx_jwks_free(&file->set);
}

static void swap(struct mcx_keyfile *file, struct mcx_jwks *fresh)
{
    struct mcx_jwks *old;

    pthread_rwlock_wrlock(&file->lock);
    old = file->set;
    file->set = fresh;
    pthread_rwlock_unlock(&file->lock);
    mcx_jwks_free(&old);
}

/* With the watch. A file that is no good, or not there, is spoken of once. */
static void look(struct mcx_keyfile *file)
{
    struct stat status = {0};
    const char *why = NULL;
    __attribute__((cleanup(mcx_file_close))) const int fd = open_regular(file->path, &status, &why);
    struct mcx_jwks *fresh = NULL;

    if (fd < 0)
        memset(&status, 0, sizeof status);
    if (mcx_file_is_same(&status, &file->seen))
        return;
    file->seen = status;
    if (fd >= 0 && load(fd, &fresh, &why) == MCX_OK) {
        mcx_log(MCX_LOG_INFO, "ev=jwks_loaded file=%s keys=%zu", MCX_SAFE(mcx_span_of(file->path)),
                mcx_jwks_count(fresh));
        swap(file, fresh);
        return;
    }
    mcx_metric_inc(MCX_M_JWKS_REFUSED);
    mcx_log(MCX_LOG_ERROR,
            "ev=jwks_refused file=%s reason=\"%s\" remedy=\"the keys loaded before stay in use: "
            "put a right file in its place\"",
            MCX_SAFE(mcx_span_of(file->path)), why);
}

void mcx_keyfile_refresh(struct mcx_keyfile *file)
{
    if (mcx_file_watch_begin(&file->watch)) {
        look(file);
        mcx_file_watch_end(&file->watch);
    }
}

enum mcx_err mcx_keyfile_verify(struct mcx_keyfile *file, struct mcx_span kid, enum mcx_jws_alg alg,
                                struct mcx_span compact)
{
    enum mcx_err err;

    pthread_rwlock_rdlock(&file->lock);
    err = mcx_jwks_verify(file->set, kid, alg, compact);
    pthread_rwlock_unlock(&file->lock);
    return err;
}
