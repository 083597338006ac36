/* SPDX-License-Identifier: Apache-2.0 */
/* CR 10.1.X.1 steps 2 to 4: authorisation, device, partner, masking. Sentences for the user name
 * nothing that he did not say himself. Pure; any thread. */
#include "policy/migration.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"

unsigned mcx_services_asked(const struct mcx_migration_ask *ask)
{
    unsigned services = 0;

    for (unsigned i = 0; i < MCX_SERVICES; i++)
        services |= ask->services.has[i] ? 1U << i : 0;
    return services;
}

bool mcx_may_migrate(const struct mcx_user_facts *user)
{
    switch (user->may_migrate) {
    case MCX_YES:
        return true;
    case MCX_NO:
        return false;
    case MCX_UNSAID:
        break;
    }
    return user->a_group_allows && !user->a_group_denies;
}

bool mcx_must_mask(const struct mcx_user_facts *user, bool agreement_masks)
{
    switch (user->mask) {
    case MCX_YES:
        return true;
    case MCX_NO:
        return false;
    case MCX_UNSAID:
        break;
    }
    if (user->a_group_masks || user->a_group_unmasks)
        return user->a_group_masks;
    return user->a_service_masks || agreement_masks;
}

static void refuse(struct mcx_migration_choice *choice, enum mcx_migration_verdict verdict,
                   const char *reason, const char *detail)
{
    choice->verdict = verdict;
    choice->reason = reason;
    snprintf(choice->detail, sizeof choice->detail, "%s", detail);
}

/* ---- step 2 ---- */

static void no_device(const struct mcx_migration_ask *ask, const struct mcx_user_facts *user,
                      bool lacks_impus, struct mcx_migration_choice *choice)
{
    if (lacks_impus)
        refuse(choice, MCX_MIGRATE_NO_DEVICE, "device_without_impu",
               "Your device has no public identity here. Ask your administrator.");
    else if (user->device_count > 0)
        refuse(choice, MCX_MIGRATE_NO_DEVICE, "device_for_other_services",
               "The device is not for all of these services. Name another device or fewer "
               "services.");
    else if (ask->device.len > 0)
        refuse(choice, MCX_MIGRATE_NO_DEVICE, "unknown_device",
               "You have no device of that name. Leave the device out to see the names.");
    else
        refuse(choice, MCX_MIGRATE_NO_DEVICE, "no_device",
               "No device of yours is known here. Ask your administrator.");
}

static void choose_device(const struct mcx_migration_ask *ask, const struct mcx_user_facts *user,
                          struct mcx_migration_choice *choice, size_t *device)
{
    unsigned asked = mcx_services_asked(ask);
    bool lacks_impus = false;

    choice->label_count = 0;
    for (size_t i = 0; i < user->device_count && i < MCX_DEVICES_MAX; i++) {
        if ((user->device[i].services & asked) != asked)
            continue;
        if (!user->device[i].has_impus) {
            lacks_impus = true;
            continue;
        }
        if (mcx_str_set(&choice->label[choice->label_count], user->device[i].label) != MCX_OK)
            continue;
        if (choice->label_count++ == 0)
            *device = i;
    }
    if (choice->label_count == 0) {
        no_device(ask, user, lacks_impus, choice);
        return;
    }
    if (choice->label_count > 1) {
        refuse(choice, MCX_MIGRATE_SEVERAL_DEVICES, "several_devices",
               "You have several devices. Name one of them as the device.");
        return;
    }
    choice->device = choice->label[0];
    choice->label_count = 0;
    choice->verdict = MCX_MIGRATE;
    choice->reason = "authorized";
}

void mcx_migration_admit(const struct mcx_migration_ask *ask, const struct mcx_user_facts *user,
                         struct mcx_migration_choice *choice, size_t *device)
{
    choice->detail[0] = '\0';
    choice->label_count = 0;
    choice->is_ordered = !ask->has_location && !ask->is_resumed;
    if (!user->is_known)
        refuse(choice, MCX_MIGRATE_NO_USER, "unknown_user",
               "These MC service ids are not those of one user of this system.");
    else if (!choice->is_ordered && !mcx_may_migrate(user))
        refuse(choice, MCX_MIGRATE_NOT_AUTHORIZED,
               user->may_migrate == MCX_UNSAID && user->a_group_denies ? "group_denies"
                                                                       : "not_authorized",
               "You are not authorised to migrate to other systems. Ask your administrator.");
    else
        choose_device(ask, user, choice, device);
}

/* ---- step 3 ---- */

void mcx_candidate_cover(struct mcx_candidate *candidate, enum mcx_area_verdict verdict,
                         int64_t priority)
{
    switch (verdict) {
    case MCX_AREA_IN:
        if (candidate->coverage != MCX_COVERAGE_IN || priority < candidate->area_priority)
            candidate->area_priority = priority;
        candidate->coverage = MCX_COVERAGE_IN;
        break;
    case MCX_AREA_UNKNOWN:
        if (candidate->coverage != MCX_COVERAGE_IN)
            candidate->coverage = MCX_COVERAGE_UNKNOWN;
        break;
    case MCX_AREA_OUT:
        if (candidate->coverage == MCX_COVERAGE_NONE)
            candidate->coverage = MCX_COVERAGE_OUT;
        break;
    }
}

static int compare_text(struct mcx_span a, struct mcx_span b)
{
    int order = memcmp(a.octets, b.octets, a.len < b.len ? a.len : b.len);

    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static bool goes_before(const struct mcx_candidate *a, const struct mcx_candidate *b)
{
    if (a->area_priority != b->area_priority)
        return a->area_priority < b->area_priority;
    if (a->priority != b->priority)
        return a->priority < b->priority;
    return compare_text(a->partner, b->partner) < 0;
}

static bool is_asked(const struct mcx_migration_ask *ask, const struct mcx_candidate *candidate)
{
    return ask->partner.len > 0 && mcx_span_equal(candidate->partner, mcx_span_str(&ask->partner));
}

static void no_partner(const struct mcx_migration_ask *ask, const struct mcx_candidate *candidates,
                       size_t count, struct mcx_migration_choice *choice)
{
    bool has_agreement = false, is_unknown = false;
    const char *first =
        ask->partner.len > 0 ? "The partner system asked for is not available to you, and " : "";
    const char *reason = "no_agreement", *rest = "there is no partner system for you at present.";

    for (size_t i = 0; i < count; i++) {
        has_agreement |= candidates[i].agreement == MCX_AGREEMENT_VALID;
        is_unknown |= candidates[i].agreement == MCX_AGREEMENT_VALID &&
                      candidates[i].coverage == MCX_COVERAGE_UNKNOWN;
    }
    if (!ask->has_location) {
        reason = "no_agreement_with_partner";
        rest = "without a location no other can be chosen.";
    } else if (is_unknown) {
        reason = "location_not_enough";
        rest = "the location given is not enough to choose one: give PLMN, cell and coordinates.";
    } else if (has_agreement) {
        reason = "outside_service_areas";
        rest = "no partner system for you serves this location.";
    }
    choice->verdict = MCX_MIGRATE_NO_PARTNER;
    choice->reason = reason;
    snprintf(choice->detail, sizeof choice->detail, "%s%s", first, rest);
    if (choice->detail[0] >= 'a' && choice->detail[0] <= 'z')
        choice->detail[0] = (char)(choice->detail[0] - 'a' + 'A');
}

void mcx_migration_select(const struct mcx_migration_ask *ask,
                          const struct mcx_candidate *candidates, size_t count,
                          struct mcx_migration_choice *choice, size_t *chosen)
{
    const struct mcx_candidate *best = NULL;

    for (size_t i = 0; i < count; i++) {
        const struct mcx_candidate *candidate = &candidates[i];

        if (candidate->agreement != MCX_AGREEMENT_VALID)
            continue;
        if (is_asked(ask, candidate)) {
            best = candidate;
            break;
        }
        if (ask->has_location && candidate->coverage == MCX_COVERAGE_IN &&
            (!best || goes_before(candidate, best)))
            best = candidate;
    }
    if (!best) {
        no_partner(ask, candidates, count, choice);
        return;
    }
    *chosen = (size_t)(best - candidates);
    choice->verdict = MCX_MIGRATE;
    choice->is_requested = is_asked(ask, best);
    choice->reason = choice->is_requested ? "requested" : "by_location";
    choice->partner_id = best->partner_id;
    choice->agreement_id = best->agreement_id;
    choice->expires_s = best->expires_s;
    if (ask->until_s != MCX_NEVER &&
        (choice->expires_s == MCX_NEVER || ask->until_s < choice->expires_s))
        choice->expires_s = ask->until_s;
}

const char *mcx_candidate_why(const struct mcx_migration_ask *ask,
                              const struct mcx_candidate *candidate,
                              const struct mcx_candidate *chosen)
{
    switch (candidate->agreement) {
    case MCX_AGREEMENT_NONE:
        return "no agreement for this user";
    case MCX_AGREEMENT_EXPIRED:
        return "its agreement for this user is over";
    case MCX_AGREEMENT_NOT_YET:
        return "its agreement for this user is not valid yet";
    case MCX_AGREEMENT_OTHER_SERVICES:
        return "its agreement for this user is not for all of these services";
    case MCX_AGREEMENT_VALID:
        break;
    }
    if (is_asked(ask, candidate))
        return "asked for, with an agreement for this user";
    if (candidate == chosen)
        return "serves this location, with an agreement for this user";
    if (chosen && is_asked(ask, chosen))
        return "another was asked for";
    if (!ask->has_location)
        return "no location to judge by";
    switch (candidate->coverage) {
    case MCX_COVERAGE_NONE:
        return "has no service areas";
    case MCX_COVERAGE_OUT:
        return "serves other places";
    case MCX_COVERAGE_UNKNOWN:
        return "its service areas are judged by what the location does not tell";
    case MCX_COVERAGE_IN:
        break;
    }
    if (!chosen || candidate->area_priority != chosen->area_priority)
        return "another's service area has precedence";
    if (candidate->priority != chosen->priority)
        return "another's agreement has precedence";
    return "another's system id comes first";
}
