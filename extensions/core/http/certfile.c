/* SPDX-License-Identifier: Apache-2.0 */
/* Whoever shakes hands looks at the files, one thread at a time, and swaps the pair. Blocks on the
 * files. What was read of the key is wiped; GnuTLS keeps it. Lock order: watch, lock. */
#include "http/certfile.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/x509.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/secret.h"

enum { PEM_MAX = 65536, CHAIN_MAX = 16, KEY_ID_MAX = 64 };

struct pair {
    gnutls_x509_crt_t chain[CHAIN_MAX];
    unsigned count;
    gnutls_x509_privkey_t key;
};

struct files {
    const struct mcx_conf *conf; /* borrowed, and so are its paths */
    const char *cert, *key;
};

static struct {
    struct files path;
    pthread_rwlock_t lock; /* guards pair */
    struct pair pair;
    struct mcx_file_watch watch; /* guards seen */
    struct stat seen[2];
} current = {.lock = PTHREAD_RWLOCK_INITIALIZER, .watch = {.busy = PTHREAD_MUTEX_INITIALIZER}};

static void free_pair(struct pair *pair)
{
    for (unsigned i = 0; i < pair->count; i++)
        gnutls_x509_crt_deinit(pair->chain[i]);
    if (pair->key)
        gnutls_x509_privkey_deinit(pair->key);
    *pair = (struct pair){.count = 0};
}

static void wipe_text(char **text)
{
    if (*text)
        mcx_wipe(*text, strlen(*text));
    free(*text);
}

/* ---- reading ---- */

/* A file that a setting names, to be read. */
struct source {
    const struct mcx_conf *conf;
    const char *setting, *path;
    bool is_secret; /* others must not be able to read it */
};

/* OK, or CONF with *problem. */
static enum mcx_err judge(const struct source *source, int fd, struct mcx_conf_problem *problem)
{
    struct stat status;

    if (source->path[0] == '\0')
        return mcx_conf_blame(source->conf, problem, source->setting,
                              "is required with cms.https_port; name a PEM file");
    if (fd < 0 || fstat(fd, &status) != 0)
        return mcx_conf_blame(source->conf, problem, source->setting,
                              "%s: %s; name a PEM file that the daemon's user can read",
                              source->path, strerror(errno));
    if (!S_ISREG(status.st_mode) || status.st_size > PEM_MAX)
        return mcx_conf_blame(source->conf, problem, source->setting,
                              "%s: is no PEM file; name one", source->path);
    if (source->is_secret && (status.st_mode & (S_IWGRP | S_IRWXO)))
        return mcx_conf_blame(source->conf, problem, source->setting,
                              "%s: mode %04o lets others at it; run: chmod 0640 %s", source->path,
                              (unsigned)status.st_mode & 07777, source->path);
    return MCX_OK;
}

static enum mcx_err read_pem(const struct source *source, char **out,
                             struct mcx_conf_problem *problem)
{
    __attribute__((cleanup(mcx_file_close))) const int fd =
        open(source->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    enum mcx_err err = judge(source, fd, problem);
    ssize_t len = 0;

    if (err != MCX_OK)
        return err;
    *out = calloc(1, PEM_MAX + 1);
    if (*out)
        len = mcx_file_read(fd, *out, PEM_MAX);
    if (!*out || len < 0)
        return mcx_conf_blame(source->conf, problem, source->setting,
                              "%s: %s; name a PEM file that can be read", source->path,
                              strerror(errno));
    return MCX_OK;
}

static bool is_of(gnutls_x509_privkey_t key, gnutls_x509_crt_t leaf)
{
    uint8_t of_key[KEY_ID_MAX], of_leaf[KEY_ID_MAX];
    size_t key_len = sizeof of_key, leaf_len = sizeof of_leaf;

    return gnutls_x509_privkey_get_key_id(key, GNUTLS_KEYID_USE_SHA256, of_key, &key_len) == 0 &&
           gnutls_x509_crt_get_key_id(leaf, GNUTLS_KEYID_USE_SHA256, of_leaf, &leaf_len) == 0 &&
           key_len == leaf_len && memcmp(of_key, of_leaf, key_len) == 0;
}

static enum mcx_err parse(const struct files *path, char *cert, char *key, struct pair *out,
                          struct mcx_conf_problem *problem)
{
    const gnutls_datum_t cert_text = {(uint8_t *)cert, (unsigned)strlen(cert)};
    const gnutls_datum_t key_text = {(uint8_t *)key, (unsigned)strlen(key)};
    unsigned count = CHAIN_MAX;

    if (gnutls_x509_crt_list_import(out->chain, &count, &cert_text, GNUTLS_X509_FMT_PEM,
                                    GNUTLS_X509_CRT_LIST_IMPORT_FAIL_IF_EXCEED) <= 0)
        return mcx_conf_blame(path->conf, problem, "cms.https_cert",
                              "%s: holds no certificate in PEM; put the certificate there, then "
                              "its chain, %d in all at most",
                              path->cert, CHAIN_MAX);
    out->count = count;
    if (gnutls_x509_privkey_init(&out->key) != 0 ||
        gnutls_x509_privkey_import2(out->key, &key_text, GNUTLS_X509_FMT_PEM, NULL, 0) != 0)
        return mcx_conf_blame(path->conf, problem, "cms.https_key",
                              "%s: holds no private key in PEM without a password; put the key "
                              "that belongs to %s there",
                              path->key, path->cert);
    if (!is_of(out->key, out->chain[0]))
        return mcx_conf_blame(path->conf, problem, "cms.https_key",
                              "%s: does not belong to the first certificate of %s; put the key "
                              "that belongs to it there",
                              path->key, path->cert);
    return MCX_OK;
}

static enum mcx_err load(const struct files *path, struct pair *out,
                         struct mcx_conf_problem *problem)
{
    __attribute__((cleanup(wipe_text))) char *cert = NULL, *key = NULL;
    const struct source of_cert = {path->conf, "cms.https_cert", path->cert, false};
    const struct source of_key = {path->conf, "cms.https_key", path->key, true};
    enum mcx_err err = read_pem(&of_cert, &cert, problem);

    if (err == MCX_OK)
        err = read_pem(&of_key, &key, problem);
    *out = (struct pair){.count = 0};
    if (err == MCX_OK)
        err = parse(path, cert, key, out, problem);
    if (err != MCX_OK)
        free_pair(out);
    return err;
}

/* ---- changes ---- */

/* A file that is not there is all zeros. */
static void look_at(const struct files *path, struct stat seen[2])
{
    if (stat(path->cert, &seen[0]) != 0)
        memset(&seen[0], 0, sizeof seen[0]);
    if (stat(path->key, &seen[1]) != 0)
        memset(&seen[1], 0, sizeof seen[1]);
}

/* With the watch. A pair that is no good is spoken of once. */
static void look(void)
{
    struct stat now[2];
    struct mcx_conf_problem problem = {""};
    struct pair fresh, old;

    look_at(&current.path, now);
    if (mcx_file_is_same(&now[0], &current.seen[0]) && mcx_file_is_same(&now[1], &current.seen[1]))
        return;
    memcpy(current.seen, now, sizeof current.seen);
    if (load(&current.path, &fresh, &problem) != MCX_OK) {
        mcx_metric_inc(MCX_M_HTTPS_CERT_REFUSED);
        mcx_log(MCX_LOG_ERROR,
                "ev=https_certificate_refused reason=\"%s\" remedy=\"the certificate read before "
                "stays in use: put a right pair in its place\"",
                problem.text);
        return;
    }
    pthread_rwlock_wrlock(&current.lock);
    old = current.pair;
    current.pair = fresh;
    pthread_rwlock_unlock(&current.lock);
    free_pair(&old);
    mcx_log(MCX_LOG_INFO, "ev=https_certificate_loaded file=%s certificates=%u",
            MCX_SAFE(mcx_span_of(current.path.cert)), fresh.count);
}

static void refresh(void)
{
    if (mcx_file_watch_begin(&current.watch)) {
        look();
        mcx_file_watch_end(&current.watch);
    }
}

enum mcx_err mcx_certfile_open(const struct mcx_conf *conf, struct mcx_conf_problem *problem)
{
    mcx_certfile_close();
    current.path = (struct files){conf, conf->cms_https_cert, conf->cms_https_key};
    look_at(&current.path, current.seen);
    mcx_file_watch_start(&current.watch);
    return load(&current.path, &current.pair, problem);
}

void mcx_certfile_close(void)
{
    free_pair(&current.pair);
}

/* ---- handshakes ---- */

/* With lock held. */
static int copy(gnutls_pcert_st *chain, unsigned *count, gnutls_privkey_t *key)
{
    *count = current.pair.count;
    if (gnutls_pcert_import_x509_list(chain, current.pair.chain, count, 0) != 0)
        return -1;
    if (gnutls_privkey_init(key) == 0) {
        if (gnutls_privkey_import_x509(*key, current.pair.key, GNUTLS_PRIVKEY_IMPORT_COPY) == 0)
            return 0;
        gnutls_privkey_deinit(*key);
    }
    for (unsigned i = 0; i < *count; i++)
        gnutls_pcert_deinit(&chain[i]);
    return -1;
}

int mcx_certfile_retrieve(gnutls_session_t session, const struct gnutls_cert_retr_st *info,
                          gnutls_pcert_st **chain, unsigned *count, gnutls_ocsp_data_st **ocsp,
                          unsigned *ocsp_count, gnutls_privkey_t *key, unsigned *flags)
{
    gnutls_pcert_st *copies = gnutls_calloc(CHAIN_MAX, sizeof *copies);
    int ret;

    if (!copies)
        return -1;
    refresh();
    pthread_rwlock_rdlock(&current.lock);
    ret = copy(copies, count, key);
    pthread_rwlock_unlock(&current.lock);
    if (ret != 0) {
        gnutls_free(copies);
        return -1;
    }
    *chain = copies;
    *ocsp = NULL;
    *ocsp_count = 0;
    *flags = GNUTLS_CERT_RETR_DEINIT_ALL;
    return 0;
}
