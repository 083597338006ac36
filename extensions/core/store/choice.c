/* SPDX-License-Identifier: Apache-2.0 */
/* CR 10.1.X.1 steps 2 and 3: reads what the database says of a user and of partners, and lets
 * policy/migration.c decide. Read only. The caller's thread; blocks on the database. */
#include "store/choice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- words and lines ---- */

/* The next piece of a text between separators; false at its end. */
static bool next_piece(struct mcx_span *rest, char separator, struct mcx_span *piece)
{
    const uint8_t *end;

    if (rest->len == 0)
        return false;
    end = memchr(rest->octets, separator, rest->len);
    *piece = mcx_span(rest->octets, end ? (size_t)(end - rest->octets) : rest->len);
    *rest =
        mcx_span(rest->octets + piece->len + (end ? 1 : 0), rest->len - piece->len - (end ? 1 : 0));
    return true;
}

/* Names of services as bits; none: all. */
static unsigned services_of(struct mcx_span names)
{
    struct mcx_span name;
    unsigned services = 0;

    if (names.len == 0)
        return MCX_ALL_SERVICES;
    while (next_piece(&names, ' ', &name)) {
        enum mcx_service service = mcx_service_named(name);

        services |= service < MCX_SERVICES ? 1U << service : 0;
    }
    return services;
}

static void add_services(struct mcx_params *params, const struct mcx_service_ids *ids,
                         bool with_ids)
{
    struct mcx_span names[MCX_SERVICES], texts[MCX_SERVICES];
    size_t count = 0;

    for (size_t i = 0; i < MCX_SERVICES; i++) {
        if (!ids->has[i])
            continue;
        names[count] = mcx_span_of(mcx_service_rows[i].name);
        texts[count++] = mcx_span_str(&ids->id[i]);
    }
    mcx_params_texts(params, names, count);
    if (with_ids)
        mcx_params_texts(params, texts, count);
}

/* ---- the user, step 2 ---- */

static enum mcx_rule rule(const struct mcx_rows *rows, int column)
{
    if (mcx_cell_is_null(rows, 0, column))
        return MCX_UNSAID;
    return mcx_cell_bool(rows, 0, column) ? MCX_YES : MCX_NO;
}

static enum mcx_err read_user(struct mcx_session *session, const struct mcx_migration_ask *ask,
                              struct mcx_rows *rows, struct mcx_user_facts *user)
{
    MCX_PARAMS params = {0};
    enum mcx_err err;

    add_services(&params, &ask->services, true);
    mcx_params_str(&params, &ask->mc_user_id);
    mcx_params_str(&params, &ask->device);
    err = mcx_session_run(session, MCX_STMT_MIGRATION_USER, &params, rows);
    *user = (struct mcx_user_facts){.is_known = false};
    if (err != MCX_OK || mcx_rows_count(rows) == 0)
        return err;
    user->is_known = true;
    user->may_migrate = rule(rows, 1);
    user->mask = rule(rows, 2);
    user->a_group_allows = mcx_cell_bool(rows, 0, 3);
    user->a_group_denies = mcx_cell_bool(rows, 0, 4);
    user->a_group_masks = mcx_cell_bool(rows, 0, 5);
    user->a_group_unmasks = mcx_cell_bool(rows, 0, 6);
    user->a_service_masks = mcx_cell_bool(rows, 0, 7);
    for (size_t row = 0; row < mcx_rows_count(rows) && row < MCX_DEVICES_MAX; row++) {
        if (mcx_cell_is_null(rows, row, 9))
            break;
        user->device[user->device_count++] =
            (struct mcx_device_facts){.label = mcx_cell_span(rows, row, 9),
                                      .services = services_of(mcx_cell_span(rows, row, 10)),
                                      .has_impus = mcx_cell_span(rows, row, 14).len > 0};
    }
    return MCX_OK;
}

/* All service ids of the user, the first of each service, as far as the device is for it. */
static enum mcx_err take_services(struct mcx_span lines, unsigned device_services,
                                  struct mcx_service_ids *out)
{
    struct mcx_span line, name;
    enum mcx_err err = MCX_OK;

    while (err == MCX_OK && next_piece(&lines, '\n', &line)) {
        enum mcx_service service;

        if (!next_piece(&line, ' ', &name))
            continue;
        service = mcx_service_named(name);
        if (service == MCX_SERVICES || out->has[service] || !(device_services & 1U << service))
            continue;
        err = mcx_str_set(&out->id[service], line);
        out->has[service] = err == MCX_OK;
    }
    return err;
}

static enum mcx_err take_device(const struct mcx_rows *rows, size_t row,
                                const struct mcx_migration_ask *ask, unsigned services,
                                struct mcx_migration_choice *choice)
{
    struct mcx_span impus = mcx_cell_span(rows, row, 14), impu;
    enum mcx_err err = mcx_cell_str(rows, row, 0, &choice->mc_user_id);

    if (err == MCX_OK)
        err = mcx_cell_str(rows, row, 11, &choice->own.impi);
    if (err == MCX_OK)
        err = mcx_cell_str(rows, row, 12, &choice->database_realm);
    if (err == MCX_OK)
        err = mcx_cell_str(rows, row, 13, &choice->database_host);
    choice->own.impu_count = 0;
    while (err == MCX_OK && choice->own.impu_count < MCX_PUBLIC_MAX &&
           next_piece(&impus, '\n', &impu))
        err = mcx_str_set(&choice->own.impu[choice->own.impu_count++], impu);
    choice->services = ask->services;
    if (err == MCX_OK && mcx_services_asked(ask) == 0)
        err = take_services(mcx_cell_span(rows, row, 8), services, &choice->services);
    return err == MCX_OK ? MCX_OK : MCX_DB_ERROR; /* a row that no tool of ours writes */
}

/* ---- partners, step 3 ---- */

static size_t read_numbers(const char *text, double *out, size_t max)
{
    size_t count = 0;
    char *end = NULL;

    for (; count < max; count++, text = end) {
        out[count] = strtod(text, &end);
        if (end == text)
            break;
    }
    return count;
}

static void read_shape(const char *text, struct mcx_area *area)
{
    double number[2 * MCX_POLYGON_MAX];
    size_t count = text[0] ? read_numbers(text + 1, number, sizeof number / sizeof number[0]) : 0;

    if (text[0] == 'B' && count == 4) {
        area->has_box = true;
        area->box = (struct mcx_box){number[0], number[1], number[2], number[3]};
    } else if (text[0] == 'C' && count == 3) {
        area->has_circle = true;
        area->center = (struct mcx_point){number[0], number[1]};
        area->radius_m = number[2];
    } else if (text[0] == 'P') {
        for (area->corner_count = 0; area->corner_count < count / 2; area->corner_count++)
            area->corner[area->corner_count] = (struct mcx_point){
                number[2 * area->corner_count], number[2 * area->corner_count + 1]};
    }
}

static void cover(const struct mcx_rows *rows, size_t row, const struct mcx_location *location,
                  struct mcx_candidate *candidate)
{
    struct mcx_area area = {.plmn = mcx_cell_span(rows, row, 11),
                            .eci_prefix = mcx_cell_span(rows, row, 12)};

    if (mcx_cell_is_null(rows, row, 10))
        return;
    read_shape(mcx_cell_text(rows, row, 13), &area);
    mcx_candidate_cover(candidate, mcx_area_judge(&area, location), mcx_cell_i64(rows, row, 10));
}

static void take_candidate(const struct mcx_rows *rows, size_t row, struct mcx_candidate *out)
{
    *out = (struct mcx_candidate){
        .partner_id = mcx_cell_i64(rows, row, 0),
        .partner = mcx_cell_span(rows, row, 1),
        .realm = mcx_cell_span(rows, row, 2),
        .agreement = (enum mcx_agreement_state)mcx_cell_i64(rows, row, 3),
        .agreement_id = mcx_cell_i64(rows, row, 4),
        .priority = mcx_cell_i64(rows, row, 5),
        .mask = mcx_cell_bool(rows, row, 6),
        .expires_s = mcx_cell_is_null(rows, row, 7) ? MCX_NEVER : mcx_cell_i64(rows, row, 7),
        .services = services_of(mcx_cell_span(rows, row, 8)),
        .coverage = mcx_cell_bool(rows, row, 9) ? MCX_COVERAGE_OUT : MCX_COVERAGE_NONE};
}

static void add_location(struct mcx_params *params, const struct mcx_migration_ask *ask,
                         char latitude[32], char longitude[32])
{
    const struct mcx_location *location = &ask->location;
    bool is_given = ask->has_location;
    char forms[3][7], eci[16];
    struct mcx_span plmns[3], cells[MCX_ECI_HEX];
    size_t count = is_given ? mcx_plmn_forms(location, forms) : 0;
    size_t digits = is_given && location->has_plmn && location->has_eci ? MCX_ECI_HEX : 0;

    for (size_t i = 0; i < count; i++)
        plmns[i] = mcx_span_of(forms[i]);
    snprintf(eci, sizeof eci, "%07x", (unsigned)(location->eci & 0x0fffffffU));
    for (size_t i = 0; i < digits; i++)
        cells[i] = mcx_span(eci, i + 1);
    latitude[0] = longitude[0] = '\0';
    if (is_given && location->has_point) {
        snprintf(latitude, 32, "%.15g", location->latitude);
        snprintf(longitude, 32, "%.15g", location->longitude);
    }
    mcx_params_texts(params, plmns, count);
    mcx_params_texts(params, cells, digits);
    mcx_params_text(params, latitude);
    mcx_params_text(params, longitude);
}

static enum mcx_err read_candidates(struct mcx_session *session, enum mcx_stmt stmt,
                                    const struct mcx_migration_ask *ask,
                                    const struct mcx_migration_choice *choice,
                                    struct mcx_rows *rows, struct mcx_candidate *candidates,
                                    size_t *count)
{
    MCX_PARAMS params = {0};
    char latitude[32], longitude[32];
    enum mcx_err err;

    *count = 0;
    mcx_params_str(&params, &choice->mc_user_id);
    add_services(&params, &ask->services, false);
    mcx_params_str(&params, &ask->partner);
    add_location(&params, ask, latitude, longitude);
    err = mcx_session_run(session, stmt, &params, rows);
    for (size_t row = 0; err == MCX_OK && row < mcx_rows_count(rows); row++) {
        if (*count == 0 || candidates[*count - 1].partner_id != mcx_cell_i64(rows, row, 0)) {
            if (*count == MCX_CANDIDATES_MAX)
                break;
            take_candidate(rows, row, &candidates[(*count)++]);
        }
        if (ask->has_location)
            cover(rows, row, &ask->location, &candidates[*count - 1]);
    }
    return err;
}

/* What the choice says of the partner, beside what policy wrote. */
static enum mcx_err take_partner(const struct mcx_candidate *chosen,
                                 const struct mcx_migration_ask *ask,
                                 const struct mcx_user_facts *user,
                                 struct mcx_migration_choice *choice)
{

    choice->mask = mcx_must_mask(user, chosen->mask);
    for (size_t i = 0; i < MCX_SERVICES && mcx_services_asked(ask) == 0; i++)
        choice->services.has[i] = choice->services.has[i] && chosen->services & 1U << i;
    if (mcx_str_set(&choice->partner, chosen->partner) != MCX_OK ||
        mcx_str_set(&choice->partner_realm, chosen->realm) != MCX_OK)
        return MCX_DB_ERROR;
    return MCX_OK;
}

/* ---- the decision ---- */

static void explain(const struct mcx_migration_ask *ask, const struct mcx_candidate *candidates,
                    size_t count, const struct mcx_candidate *chosen,
                    struct mcx_explanation *explanation)
{
    for (size_t i = 0; i < count; i++) {
        struct mcx_explained *row = &explanation->partner[i];

        *row = (struct mcx_explained){.is_chosen = &candidates[i] == chosen,
                                      .why = mcx_candidate_why(ask, &candidates[i], chosen),
                                      .agreement_id = candidates[i].agreement_id,
                                      .priority = candidates[i].priority,
                                      .area_priority = candidates[i].area_priority,
                                      .is_covered = candidates[i].coverage == MCX_COVERAGE_IN};
        if (mcx_str_set(&row->partner, candidates[i].partner) == MCX_OK)
            explanation->count = i + 1;
    }
}

static enum mcx_err choose_partner(struct mcx_session *session, enum mcx_stmt stmt,
                                   const struct mcx_migration_ask *ask,
                                   const struct mcx_user_facts *user,
                                   struct mcx_migration_choice *choice,
                                   struct mcx_explanation *explanation)
{
    struct mcx_candidate candidates[MCX_CANDIDATES_MAX];
    size_t count, chosen = 0;
    MCX_ROWS rows = {0};
    enum mcx_err err = read_candidates(session, stmt, ask, choice, &rows, candidates, &count);

    if (err != MCX_OK)
        return err;
    mcx_migration_select(ask, candidates, count, choice, &chosen);
    if (explanation)
        explain(ask, candidates, count, choice->verdict == MCX_MIGRATE ? &candidates[chosen] : NULL,
                explanation);
    return choice->verdict == MCX_MIGRATE ? take_partner(&candidates[chosen], ask, user, choice)
                                          : MCX_OK;
}

enum mcx_err mcx_store_migration_explain(struct mcx_session *session,
                                         const struct mcx_migration_ask *ask,
                                         struct mcx_migration_choice *choice,
                                         struct mcx_explanation *explanation)
{
    struct mcx_user_facts user;
    size_t device = 0;
    MCX_ROWS rows = {0};
    enum mcx_err err = read_user(session, ask, &rows, &user);

    *choice = (struct mcx_migration_choice){.reason = ""};
    if (explanation)
        explanation->count = 0;
    if (err != MCX_OK)
        return err;
    mcx_migration_admit(ask, &user, choice, &device);
    if (choice->verdict != MCX_MIGRATE)
        return MCX_OK;
    err = take_device(&rows, device, ask, user.device[device].services, choice);
    if (err != MCX_OK)
        return err;
    if (!explanation) {
        err = choose_partner(session, MCX_STMT_MIGRATION_CANDIDATES, ask, &user, choice, NULL);
        if (err != MCX_OK || choice->verdict == MCX_MIGRATE)
            return err;
    }
    return choose_partner(session, MCX_STMT_MIGRATION_EXPLAIN, ask, &user, choice, explanation);
}

enum mcx_err mcx_store_migration_choose(struct mcx_session *session,
                                        const struct mcx_migration_ask *ask,
                                        struct mcx_migration_choice *choice)
{
    return mcx_store_migration_explain(session, ask, choice, NULL);
}
