/* SPDX-License-Identifier: Apache-2.0 */
/* A fresh folder per test with mcx.conf and what it names, and loading it. */
#ifndef MCX_CONF_FILES_H
#define MCX_CONF_FILES_H

#include <sys/stat.h>

#include "base/conf.h"
#include "unit.h"

#define MINIMAL "database = { conninfo = \"dbname=mcx\"; };\n"

/* Fixture: makes the folder, with a readable ca.pem; removes all again. */
void conf_files_set_up(void);
void conf_files_tear_down(void);

const char *conf_files_path(const char *name); /* static buffer */
void conf_files_write(const char *name, const char *text, mode_t mode);

/* Writes mcx.conf, loads it, expects success; the caller frees. */
struct mcx_conf *conf_files_load(const char *text);

/* Writes and loads mcx.conf, expects CONF and a problem that starts with "<folder>/mcx.conf" and
 * then `starts`, and holds `holds`. */
void conf_files_refuse(const char *text, const char *starts, const char *holds);

#endif
