/* SPDX-License-Identifier: Apache-2.0 */
/* keys = ( { id = 1; file = "kek-1.key"; } ): the key-encryption keys, read from their files at
 * start. What was read is wiped on every way out. May block on the files. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/conf_private.h"
#include "base/file.h"
#include "base/secret.h"

#define KEY_DIGITS 64               /* of a key of 32 octets */
#define READ_MAX   (KEY_DIGITS + 2) /* a newline, and one octet too many to see */

static void wipe_digits(uint8_t (*digits)[READ_MAX])
{
    mcx_wipe(digits, sizeof *digits);
}

/* label: "keys[0].file". */
static enum mcx_err read_key_file(struct mcx_conf_reader *reader, const config_setting_t *where,
                                  const char *label, const char *path, uint8_t key[32])
{
    __attribute__((cleanup(wipe_digits))) uint8_t digits[READ_MAX];
    __attribute__((cleanup(mcx_file_close))) const int fd =
        open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat status;
    ssize_t len;

    if (fd < 0)
        return mcx_conf_say(reader, where,
                            "%s: %s: cannot be opened: %s; name the key's file, readable by this "
                            "user (a first key is made by mcxctl key create)",
                            label, path, strerror(errno));
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
        return mcx_conf_say(reader, where, "%s: %s: is not a regular file; name the key's file",
                            label, path);
    if (status.st_mode & (S_IWGRP | S_IRWXO))
        return mcx_conf_say(reader, where,
                            "%s: %s: mode %04o lets others at it; run: chmod 0640 %s", label, path,
                            (unsigned)status.st_mode & 07777, path);
    len = mcx_file_read(fd, digits, sizeof digits);
    if (len < 0)
        return mcx_conf_say(reader, where, "%s: %s: cannot be read: %s; name the key's file", label,
                            path, strerror(errno));
    if (len == KEY_DIGITS + 1 && digits[KEY_DIGITS] == '\n')
        len = KEY_DIGITS;
    if (mcx_hex_decode(mcx_span(digits, (size_t)len), key, 32) != MCX_OK)
        return mcx_conf_say(reader, where,
                            "%s: %s: must hold 64 hexadecimal digits and nothing else; put the "
                            "key's file back (a first key is made by mcxctl key create)",
                            label, path);
    return MCX_OK;
}

static enum mcx_err read_key(struct mcx_conf_reader *reader, const config_setting_t *list,
                             unsigned index)
{
    struct mcx_conf_key *key = &reader->conf->key[index];
    const config_setting_t *group, *file;
    char label[MCX_LABEL_SIZE], member[MCX_LABEL_SIZE + 8];
    char *path;
    const char *name;
    int64_t id;
    enum mcx_err err;

    snprintf(label, sizeof label, "keys[%u]", index);
    err = mcx_conf_group(reader, list, "keys", index, label, &group);
    if (err != MCX_OK)
        return err;
    snprintf(member, sizeof member, "%s.id", label);
    err =
        mcx_conf_number(reader, config_setting_get_member(group, "id"), member, 1, INT32_MAX, &id);
    if (err != MCX_OK)
        return err;
    for (unsigned i = 0; i < index; i++)
        if (reader->conf->key[i].id == (uint32_t)id)
            return mcx_conf_say(reader, group,
                                "%s.id = %lld: is the id of keys[%u] too; give each "
                                "key its own",
                                label, (long long)id, i);
    file = config_setting_get_member(group, "file");
    snprintf(member, sizeof member, "%s.file", label);
    err = mcx_conf_text(reader, file, member, &name);
    if (err != MCX_OK)
        return err;
    path = mcx_conf_file_name(reader, name);
    if (!path)
        return mcx_conf_no_memory(reader);
    key->id = (uint32_t)id;
    if (mcx_str_set(&key->file_name, mcx_span_of(path)) != MCX_OK)
        err = mcx_conf_say(reader, file,
                           "%s: the path is longer than 255 octets; name a shorter one", member);
    else
        err = read_key_file(reader, file, member, path, key->key);
    free(path);
    return err;
}

enum mcx_err mcx_conf_read_keys(struct mcx_conf_reader *reader, const config_setting_t *root)
{
    const config_setting_t *list = config_setting_get_member(root, "keys");
    size_t count;
    enum mcx_err err = mcx_conf_elements(reader, list, "keys", MCX_KEYS_MAX, &count);

    if (err != MCX_OK)
        return err;
    for (size_t i = 0; i < count; i++) {
        err = read_key(reader, list, (unsigned)i);
        if (err != MCX_OK)
            return err;
    }
    reader->conf->key_count = count;
    return MCX_OK;
}
