/* SPDX-License-Identifier: Apache-2.0 */
/* Canonical tel URIs (RFC 3966): the number without visual separators. A global number stands for
 * itself; a local one is only unique with its phone-context, which stays, all else is dropped.
 * Pure; any thread. */
#include <string.h>

#include "base/host.h"
#include "identity/identity_private.h"

#define VISUAL_SEPARATORS "-.()" /* RFC 3966 3 */

static enum mcx_err put_digits(struct mcx_span digits, const char *also,
                               struct mcx_identity_text *text)
{
    size_t count = 0;

    for (size_t i = 0; i < digits.len; i++) {
        uint8_t digit = mcx_identity_lower(digits.octets[i]);

        if (mcx_identity_is_one_of(digit, VISUAL_SEPARATORS))
            continue;
        if (!(digit >= '0' && digit <= '9') && !mcx_identity_is_one_of(digit, also))
            return MCX_INVALID;
        mcx_identity_put_octet(text, digit);
        count++;
    }
    return count > 0 ? MCX_OK : MCX_INVALID;
}

static enum mcx_err put_global(struct mcx_span number, struct mcx_identity_text *text)
{
    mcx_identity_put_octet(text, '+');
    return put_digits(mcx_span(number.octets + 1, number.len - 1), "", text);
}

/* A descriptor is a domain name or a global number prefix. */
static enum mcx_err put_context(struct mcx_span context, struct mcx_identity_text *text)
{
    struct mcx_str lower;

    mcx_identity_put(text, mcx_span_of(";phone-context="));
    if (context.len > 0 && context.octets[0] == '+')
        return put_global(context, text);
    if (context.len > 0 && context.octets[context.len - 1] == '.')
        context.len--;
    if (mcx_host_lower(context, &lower) != MCX_OK)
        return MCX_INVALID;
    mcx_identity_put(text, mcx_span_str(&lower));
    return MCX_OK;
}

static bool parameter_is_sound(struct mcx_span parameter)
{
    if (parameter.len == 0)
        return false;
    for (size_t i = 0; i < parameter.len; i++) {
        uint8_t octet = parameter.octets[i];

        if (octet == '%') {
            int high = i + 2 < parameter.len ? mcx_identity_hex(parameter.octets[i + 1]) : -1;
            int low = i + 2 < parameter.len ? mcx_identity_hex(parameter.octets[i + 2]) : -1;
            int value = high * 16 + low;

            if (high < 0 || low < 0 || value < 0x20 || value == 0x7f || value == '!')
                return false;
        } else if (!mcx_identity_is_alnum(octet) &&
                   !mcx_identity_is_one_of(octet, "-_.~*'()[]/:&+$="))
            return false;
    }
    return true;
}

/* Checks all parameters; *context is the value of phone-context, len 0 if there is none. */
static enum mcx_err read_parameters(struct mcx_span rest, struct mcx_span *context)
{
    static const char name[] = "phone-context=";
    struct mcx_span parameter;
    bool is_last = false;

    *context = mcx_span(NULL, 0);
    while (!is_last) {
        if (!mcx_identity_cut(&rest, ';', &parameter)) {
            parameter = rest;
            is_last = true;
        }
        if (!parameter_is_sound(parameter))
            return MCX_INVALID;
        if (parameter.len < sizeof name - 1 ||
            !mcx_span_equal_nocase(mcx_span(parameter.octets, sizeof name - 1), mcx_span_of(name)))
            continue;
        if (context->octets)
            return MCX_INVALID; /* twice */
        *context = mcx_span(parameter.octets + sizeof name - 1, parameter.len - (sizeof name - 1));
    }
    return MCX_OK;
}

enum mcx_err mcx_identity_tel(struct mcx_span rest, struct mcx_identity_text *text)
{
    struct mcx_span number, context = {NULL, 0};
    enum mcx_err err = MCX_OK;

    if (mcx_identity_cut(&rest, ';', &number))
        err = read_parameters(rest, &context);
    else
        number = rest;
    if (err != MCX_OK)
        return err;
    if (number.len > 0 && number.octets[0] == '+')
        return put_global(number, text);
    err = put_digits(number, "abcdef*#", text);
    return err == MCX_OK ? put_context(context, text) : err;
}
