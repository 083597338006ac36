/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of MCX S-DB and MCX S-S, which are ours: CR 10.1.X.1 steps 4 to 12. Data, and the
 * numbers put into it. */
#include "mcx_rows.h"

const struct mcx_numbers mcx_numbers_default = {
    .vendor = 32473, /* for documentation, RFC 5612 */
    .sdb = 4294967040,
    .ss = 4294967041,
};

/* Stand for the numbers until they are known. */
#define VENDOR 1
#define S_DB   2
#define S_S    3

static const struct mcx_dict_vendor vendor_template[] = {
    {VENDOR, "MCX"},
    {0, NULL},
};

static const struct mcx_dict_application application_template[] = {
    {S_DB, VENDOR, "MCX S-DB", "CR 10.1.X.1 steps 4, 6, 9, 11"},
    {S_S, VENDOR, "MCX S-S", "CR 10.1.X.1 steps 7, 12"},
    {0, 0, NULL, NULL},
};

static const struct mcx_dict_avp avp_template[] = {
    {1, VENDOR, "MC-User-Id", MCX_UTF8, MCX_VM, "TS 23.280 8.1.2"},
    {2, VENDOR, "MC-Service-Id", MCX_UTF8, MCX_VM, "TS 23.280 8.1.3"},
    {3, VENDOR, "MC-System-Id", MCX_UTF8, MCX_VM, "CR 10.1.X.1"},
    {4, VENDOR, "Migration-Direction", MCX_ENUMERATED, MCX_VM, "CR 10.1.X.1 steps 4, 9"},
    {5, VENDOR, "Primary-SIP-Database", MCX_GROUPED, MCX_VM, "CR 10.1.X.1 step 7"},
    {6, VENDOR, "SIP-Database-Realm", MCX_IDENTITY, MCX_VM, "CR 10.1.X.1 step 7"},
    {7, VENDOR, "SIP-Database-Host", MCX_IDENTITY, MCX_VM, "CR 10.1.X.1 step 7"},
    {8, VENDOR, "Migration-Private-Identity", MCX_UTF8, MCX_VM, "CR 10.1.X.1 steps 5, 10"},
    {9, VENDOR, "Migration-Public-Identity", MCX_UTF8, MCX_VM, "CR 10.1.X.1 steps 5, 10"},
    {10, VENDOR, "UE-Initial-Configuration", MCX_OCTETS, MCX_VM, "CR 10.1.X.1 step 12"},
    {11, VENDOR, "Migration-Binding-Id", MCX_UTF8, MCX_VM, "CR 10.1.X.1 step 10"},
    {12, VENDOR, "Migration-Expiry", MCX_TIME, MCX_VM, "CR 10.1.X.1"},
    {13, VENDOR, "Release-Cause", MCX_ENUMERATED, MCX_VM, "CR 10.1.X.1"},
    {14, VENDOR, "Masking", MCX_ENUMERATED, MCX_VM, "CR 10.1.X.1 step 4"},
    {0, 0, NULL, MCX_OCTETS, MCX_M, NULL},
};

static const struct mcx_dict_value value_template[] = {
    {VENDOR, "Migration-Direction", 0, "OUTBOUND", "CR 10.1.X.1 step 4"},
    {VENDOR, "Migration-Direction", 1, "INBOUND", "CR 10.1.X.1 step 9"},
    {VENDOR, "Release-Cause", 0, "ENDED_BY_USER", "CR 10.1.X.1"},
    {VENDOR, "Release-Cause", 1, "REVOKED", "CR 10.1.X.1"},
    {VENDOR, "Release-Cause", 2, "EXPIRED", "CR 10.1.X.1"},
    {VENDOR, "Release-Cause", 3, "REPLACED", "CR 10.1.X.1"},
    {VENDOR, "Masking", 0, "NONE", "CR 10.1.X.1 step 4"},
    {VENDOR, "Masking", 1, "MASK", "CR 10.1.X.1 step 4"},
    {0, NULL, 0, NULL, NULL},
};

/* The MRR travels in both applications; freeDiameter holds one entry per code (trap D1). */
static const struct mcx_dict_command command_template[] = {
    {16777180, S_DB, "MCX/Migration-Identity-Request", "MCX/Migration-Identity-Answer",
     "CR 10.1.X.1 steps 4, 6, 9, 11"},
    {16777181, S_S, "MCX/Partner-Access-Request", "MCX/Partner-Access-Answer",
     "CR 10.1.X.1 steps 7, 12"},
    {16777182, S_S, "MCX/Migration-Release-Request", "MCX/Migration-Release-Answer", "CR 10.1.X.1"},
    {0, 0, NULL, NULL, NULL},
};

#define COUNT(rows) (sizeof(rows) / sizeof(rows)[0])

static struct mcx_dict_vendor vendors[COUNT(vendor_template)];
static struct mcx_dict_application applications[COUNT(application_template)];
static struct mcx_dict_avp avps[COUNT(avp_template)];
static struct mcx_dict_value values[COUNT(value_template)];
static struct mcx_dict_command commands[COUNT(command_template)];

static const struct mcx_dictionary numbered = {vendors, applications, avps, values, commands};

static uint32_t application_of(const struct mcx_numbers *numbers, application_id_t template)
{
    return template == S_DB ? numbers->sdb : numbers->ss;
}

const struct mcx_dictionary *mcx_rows_numbered(const struct mcx_numbers *numbers)
{
    memcpy(vendors, vendor_template, sizeof vendors);
    memcpy(applications, application_template, sizeof applications);
    memcpy(avps, avp_template, sizeof avps);
    memcpy(values, value_template, sizeof values);
    memcpy(commands, command_template, sizeof commands);
    for (struct mcx_dict_vendor *row = vendors; row->name; row++)
        row->id = numbers->vendor;
    for (struct mcx_dict_application *row = applications; row->name; row++) {
        row->id = application_of(numbers, row->id);
        row->vendor = numbers->vendor;
    }
    for (struct mcx_dict_avp *row = avps; row->name; row++)
        row->vendor = numbers->vendor;
    for (struct mcx_dict_value *row = values; row->name; row++)
        row->vendor = numbers->vendor;
    for (struct mcx_dict_command *row = commands; row->request; row++)
        row->application = application_of(numbers, row->application);
    return &numbered;
}
