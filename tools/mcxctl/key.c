/* SPDX-License-Identifier: Apache-2.0 */
/* mcxctl key: key-encryption keys. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/random.h"
#include "ctl.h"
#include "store/keys.h"

static int create(struct ctl *ctl)
{
    uint8_t key[32];
    char text[2 * sizeof key + 2];
    int file = open(ctl->arg[0], O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool is_good;

    if (file < 0) {
        fprintf(stderr, "mcxctl: %s: %s\n", ctl->arg[0], strerror(errno));
        return CTL_REFUSED;
    }
    mcx_random(key, sizeof key);
    mcx_hex_encode(mcx_span(key, sizeof key), text);
    text[2 * sizeof key] = '\n';
    is_good =
        write(file, text, 2 * sizeof key + 1) == (ssize_t)(2 * sizeof key + 1) && fsync(file) == 0;
    mcx_wipe(key, sizeof key);
    mcx_wipe(text, sizeof text);
    if (close(file) != 0 || !is_good) {
        fprintf(stderr, "mcxctl: %s: cannot be written\n", ctl->arg[0]);
        return CTL_REFUSED;
    }
    return CTL_OK;
}

static int register_keys(struct ctl *ctl)
{
    struct mcx_keyring ring;
    struct mcx_conf_problem problem;
    int status = ctl_conf(ctl);
    enum mcx_err err;

    if (status == CTL_OK)
        status = ctl_connect(ctl);
    if (status != CTL_OK)
        return status;
    mcx_keyring_from(ctl->conf, &ring);
    err = mcx_store_keys_register(ctl->session, &ring, &problem);
    mcx_wipe(&ring, sizeof ring);
    return err == MCX_OK ? CTL_OK : ctl_refused(err, &problem);
}

static int rotate(struct ctl *ctl)
{
    struct mcx_keyring ring;
    struct mcx_rotation done;
    struct mcx_conf_problem problem;
    char wrapped[24], failed[24];
    int status = ctl_conf(ctl);
    enum mcx_err err;

    if (status == CTL_OK)
        status = ctl_connect(ctl);
    if (status != CTL_OK)
        return status;
    mcx_keyring_from(ctl->conf, &ring);
    err = mcx_store_keys_rotate(ctl->session, &ring, &done, &problem);
    mcx_wipe(&ring, sizeof ring);
    snprintf(wrapped, sizeof wrapped, "%" PRIu64, done.wrapped);
    snprintf(failed, sizeof failed, "%" PRIu64, done.failed);
    ctl_say(ctl, "wrapped", wrapped, "failed", failed, NULL);
    if (err != MCX_OK)
        return ctl_refused(err, &problem);
    if (done.failed > 0)
        fprintf(stderr, "mcxctl: some rows open with no loaded key: load the key that they were "
                        "wrapped with, and run "
                        "it again\n");
    return done.failed > 0 ? CTL_REFUSED : CTL_OK;
}

static int list(struct ctl *ctl)
{
    return ctl_show(ctl, MCX_STMT_KEY_LIST, NULL);
}

const struct ctl_command ctl_key[] = {
    {"key", "create", "FILE", 1, 1,
     "Writes a new key of 64 hex digits, mode 0600; never over a file.", ctl_no_options, create},
    {"key", "register", "", 0, 0,
     "Stores check values of the keys of mcx.conf, so that a wrong file is found at start.",
     ctl_no_options, register_keys},
    {"key", "rotate", "", 0, 0,
     "Encrypts all credentials with the first key of mcx.conf; may be interrupted and repeated.\v"
     "1. mcxctl key create. 2. Add it as the second of keys in every front-end's mcx.conf, restart "
     "them. 3. Put it "
     "first, restart. 4. Run this. 5. Take the old key out.",
     ctl_no_options, rotate},
    {"key", "list", "", 0, 0, "Lists known keys and how many credentials each encrypts.",
     ctl_no_options, list},
    {0}};
