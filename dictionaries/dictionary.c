/* SPDX-License-Identifier: Apache-2.0 */
/* The engine: rows into freeDiameter's dictionary. Searches before it adds, because a second
 * definition with other flags is refused (trap D3). Configuration thread; does not block. */
#include "dictionary.h"

static const enum dict_avp_basetype base_of[] = {
    [MCX_OCTETS] = AVP_TYPE_OCTETSTRING,    [MCX_UTF8] = AVP_TYPE_OCTETSTRING,
    [MCX_UNSIGNED32] = AVP_TYPE_UNSIGNED32, [MCX_UNSIGNED64] = AVP_TYPE_UNSIGNED64,
    [MCX_ENUMERATED] = AVP_TYPE_INTEGER32,  [MCX_GROUPED] = AVP_TYPE_GROUPED,
    [MCX_IDENTITY] = AVP_TYPE_OCTETSTRING,  [MCX_URI] = AVP_TYPE_OCTETSTRING,
    [MCX_ADDRESS] = AVP_TYPE_OCTETSTRING,   [MCX_TIME] = AVP_TYPE_OCTETSTRING,
};

/* Derived types that freeDiameter's base dictionary has (RFC 6733 4.3.1). */
static char *const derived_name[] = {
    [MCX_UTF8] = "UTF8String", [MCX_IDENTITY] = "DiameterIdentity",
    [MCX_URI] = "DiameterURI", [MCX_ADDRESS] = "Address",
    [MCX_TIME] = "Time",
};

static const struct {
    uint8_t mask, value;
} flags_of[] = {
    [MCX_VM] = {AVP_FLAG_VENDOR | AVP_FLAG_MANDATORY, AVP_FLAG_VENDOR | AVP_FLAG_MANDATORY},
    [MCX_V] = {AVP_FLAG_VENDOR | AVP_FLAG_MANDATORY, AVP_FLAG_VENDOR},
    [MCX_V_ANY_M] = {AVP_FLAG_VENDOR, AVP_FLAG_VENDOR},
    [MCX_M] = {AVP_FLAG_VENDOR | AVP_FLAG_MANDATORY, AVP_FLAG_MANDATORY},
    [MCX_ANY_M] = {AVP_FLAG_VENDOR, 0},
};

static struct dictionary *dictionary(void)
{
    return fd_g_config->cnf_dict;
}

static struct dict_object *search(enum dict_object_type type, int criterion, const void *what)
{
    struct dict_object *found = NULL;
    if (fd_dict_search(dictionary(), type, criterion, what, &found, 0) != 0)
        return NULL;
    return found;
}

static int load_vendor(const struct mcx_dict_vendor *row)
{
    struct dict_vendor_data data = {.vendor_id = row->id, .vendor_name = row->name};
    if (search(DICT_VENDOR, VENDOR_BY_ID, &row->id) != NULL)
        return 0;
    return fd_dict_new(dictionary(), DICT_VENDOR, &data, NULL, NULL);
}

static int load_application(const struct mcx_dict_application *row)
{
    struct dict_application_data data = {.application_id = row->id, .application_name = row->name};
    if (search(DICT_APPLICATION, APPLICATION_BY_ID, &row->id) != NULL)
        return 0;
    return fd_dict_new(dictionary(), DICT_APPLICATION, &data,
                       search(DICT_VENDOR, VENDOR_BY_ID, &row->vendor), NULL);
}

static struct dict_object *find_avp(avp_code_t code, vendor_id_t vendor)
{
    struct dict_avp_request_ex what = {.avp_vendor = {.vendor_id = vendor},
                                       .avp_data = {.avp_code = code}};
    if (vendor == 0)
        return search(DICT_AVP, AVP_BY_CODE, &code);
    return search(DICT_AVP, AVP_BY_STRUCT, &what);
}

static void enumerated_name(char *out, size_t size, vendor_id_t vendor, const char *avp)
{
    struct dict_vendor_data data = {0};
    struct dict_object *object = vendor != 0 ? search(DICT_VENDOR, VENDOR_BY_ID, &vendor) : NULL;
    if (object != NULL && fd_dict_getval(object, &data) == 0)
        snprintf(out, size, "%s/Enumerated(%s)", data.vendor_name, avp);
    else
        snprintf(out, size, "Enumerated(%s)", avp);
}

/* The type object of this row; *out NULL for plain base types. */
static int type_of(const struct mcx_dict_avp *row, struct dict_object **out)
{
    char name[128];
    struct dict_type_data data = {.type_base = AVP_TYPE_INTEGER32, .type_name = name};
    *out = NULL;
    if (row->type == MCX_ENUMERATED) {
        enumerated_name(name, sizeof(name), row->vendor, row->name);
        *out = search(DICT_TYPE, TYPE_BY_NAME, name);
        return *out != NULL ? 0 : fd_dict_new(dictionary(), DICT_TYPE, &data, NULL, out);
    }
    if (row->type >= sizeof(derived_name) / sizeof(derived_name[0]) ||
        derived_name[row->type] == NULL)
        return 0;
    *out = search(DICT_TYPE, TYPE_BY_NAME, derived_name[row->type]);
    return *out != NULL ? 0 : ENOENT;
}

/* Somebody else's dictionary came first. */
static int compare_avp(const struct mcx_dict_avp *row, struct dict_object *there)
{
    struct dict_avp_data data;
    int ret = fd_dict_getval(there, &data);
    if (ret != 0)
        return ret;
    if (data.avp_basetype != base_of[row->type] || strcmp(data.avp_name, row->name) != 0) {
        LOG_E("dictionary: AVP %u of vendor %u (%s, %s) is already defined as '%s' with another "
              "format: load only one of "
              "the two dictionaries",
              row->code, row->vendor, row->name, row->clause, data.avp_name);
        return EEXIST;
    }
    if (data.avp_flag_mask != flags_of[row->flags].mask ||
        data.avp_flag_val != flags_of[row->flags].value)
        LOG_N("dictionary: keeping the flags that another dictionary gave to AVP %u of vendor %u "
              "(%s, %s)",
              row->code, row->vendor, row->name, row->clause);
    return 0;
}

static int load_avp(const struct mcx_dict_avp *row)
{
    struct dict_object *type = NULL;
    struct dict_object *there = find_avp(row->code, row->vendor);
    struct dict_avp_data data = {
        .avp_code = row->code,
        .avp_vendor = row->vendor,
        .avp_name = row->name,
        .avp_flag_mask = flags_of[row->flags].mask,
        .avp_flag_val = flags_of[row->flags].value,
        .avp_basetype = base_of[row->type],
    };
    if (there != NULL)
        return compare_avp(row, there);
    int ret = type_of(row, &type);
    if (ret != 0)
        return ret;
    return fd_dict_new(dictionary(), DICT_AVP, &data, type, NULL);
}

static int load_value(const struct mcx_dict_value *row)
{
    char name[128];
    struct dict_enumval_data data = {.enum_name = row->name, .enum_value = {.i32 = row->value}};
    struct dict_enumval_request what = {0};
    enumerated_name(name, sizeof(name), row->vendor, row->avp);
    what.type_obj = search(DICT_TYPE, TYPE_BY_NAME, name);
    if (what.type_obj == NULL) {
        LOG_D("dictionary: type %s is somebody else's, %s not added", name, row->name);
        return 0;
    }
    what.search.enum_value.i32 = row->value;
    if (search(DICT_ENUMVAL, ENUMVAL_BY_STRUCT, &what) != NULL)
        return 0;
    return fd_dict_new(dictionary(), DICT_ENUMVAL, &data, what.type_obj, NULL);
}

/* What every request must carry whatever its application (RFC 6733 3.2, TS 29.229 6.1); the rest is
 * judged by the application, which answers better: with the identities asked for (trap D1). */
static const struct {
    char *avp;
    enum rule_position position;
} request_rules[] = {
    {"Session-Id", RULE_FIXED_HEAD},       {"Vendor-Specific-Application-Id", RULE_REQUIRED},
    {"Auth-Session-State", RULE_REQUIRED}, {"Origin-Host", RULE_REQUIRED},
    {"Origin-Realm", RULE_REQUIRED},       {"Destination-Realm", RULE_REQUIRED},
};

static int load_request_rules(struct dict_object *command)
{
    for (size_t i = 0; i < sizeof(request_rules) / sizeof(request_rules[0]); i++) {
        struct dict_rule_data rule = {
            .rule_position = request_rules[i].position, .rule_min = 1, .rule_max = 1};
        rule.rule_avp = search(DICT_AVP, AVP_BY_NAME, request_rules[i].avp);
        rule.rule_order = rule.rule_position == RULE_FIXED_HEAD ? 1 : 0;
        int ret = fd_dict_new(dictionary(), DICT_RULE, &rule, command, NULL);
        if (ret != 0)
            return ret;
    }
    return 0;
}

/* Answers have no rules and no fixed P bit: freeDiameter drops an answer that breaks one without
 * telling anybody (trap D4); our code judges them. */
static int load_command(const struct mcx_dict_command *row)
{
    struct dict_object *application =
        search(DICT_APPLICATION, APPLICATION_BY_ID, &row->application);
    struct dict_object *request = NULL;
    struct dict_cmd_data data = {
        .cmd_code = row->code,
        .cmd_name = row->request,
        .cmd_flag_mask = CMD_FLAG_REQUEST | CMD_FLAG_PROXIABLE | CMD_FLAG_ERROR,
        .cmd_flag_val = CMD_FLAG_REQUEST | CMD_FLAG_PROXIABLE,
    };
    if (application == NULL)
        return ENOENT;
    int ret = fd_dict_new(dictionary(), DICT_COMMAND, &data, application, &request);
    if (ret == 0)
        ret = load_request_rules(request);
    if (ret != 0)
        return ret;
    data.cmd_name = row->answer;
    data.cmd_flag_mask = CMD_FLAG_REQUEST;
    data.cmd_flag_val = CMD_FLAG_PROXIABLE;
    return fd_dict_new(dictionary(), DICT_COMMAND, &data, application, NULL);
}

static int said(int ret, const char *what, const char *name)
{
    if (ret != 0)
        LOG_E("dictionary: %s %s cannot be added: %s", what, name, strerror(ret));
    return ret;
}

int mcx_dictionary_load(const struct mcx_dictionary *rows)
{
    int ret = 0;
    for (const struct mcx_dict_vendor *row = rows->vendors; ret == 0 && row->name != NULL; row++)
        ret = said(load_vendor(row), "vendor", row->name);
    for (const struct mcx_dict_application *row = rows->applications; ret == 0 && row->name != NULL;
         row++)
        ret = said(load_application(row), "application", row->name);
    for (const struct mcx_dict_avp *row = rows->avps; ret == 0 && row->name != NULL; row++)
        ret = said(load_avp(row), "AVP", row->name);
    for (const struct mcx_dict_value *row = rows->values; ret == 0 && row->name != NULL; row++)
        ret = said(load_value(row), "value", row->name);
    for (const struct mcx_dict_command *row = rows->commands; ret == 0 && row->request != NULL;
         row++)
        ret = said(load_command(row), "command", row->request);
    return ret;
}
