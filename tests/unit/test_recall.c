/* SPDX-License-Identifier: Apache-2.0 */
/* Every row of the decision on a primary's RTR or PPR: design 7, TS 29.228 6.1.3 and 6.2.2. */
#include <check.h>
#include <stdlib.h>

#include "policy/recall.h"
#include "unit.h"

START_TEST(test_what_ends_a_binding_and_what_does_not)
{
    static const struct {
        enum mcx_recall_command command;
        enum mcx_dereg_reason reason;
        size_t impus;
        bool is_live, has_an_impu;
        enum mcx_recall_do want;
    } rows[] = {
        {MCX_RTR, MCX_DEREG_PERMANENT_TERMINATION, 0, true, true, MCX_RECALL_END},
        {MCX_RTR, MCX_DEREG_PERMANENT_TERMINATION, 1, true, true, MCX_RECALL_END},
        {MCX_RTR, MCX_DEREG_PERMANENT_TERMINATION, 1, true, false, MCX_RECALL_UNKNOWN},
        {MCX_RTR, MCX_DEREG_PERMANENT_TERMINATION, 0, false, false, MCX_RECALL_UNKNOWN},
        {MCX_RTR, MCX_DEREG_NEW_SERVER_ASSIGNED, 1, true, true, MCX_RECALL_IGNORE},
        {MCX_RTR, MCX_DEREG_NEW_SERVER_ASSIGNED, 0, true, true, MCX_RECALL_END},
        {MCX_RTR, MCX_DEREG_SERVER_CHANGE, 2, true, true, MCX_RECALL_IGNORE},
        {MCX_RTR, MCX_DEREG_SERVER_CHANGE, 0, true, true, MCX_RECALL_END},
        {MCX_RTR, MCX_DEREG_SERVER_CHANGE, 2, true, false, MCX_RECALL_UNKNOWN},
        {MCX_RTR, MCX_DEREG_REMOVE_SCSCF, 1, true, true, MCX_RECALL_IGNORE},
        {MCX_RTR, MCX_DEREG_REMOVE_SCSCF, 0, true, true, MCX_RECALL_END},
        {MCX_PPR, MCX_DEREG_PERMANENT_TERMINATION, 0, true, true, MCX_RECALL_IGNORE},
        {MCX_PPR, MCX_DEREG_PERMANENT_TERMINATION, 0, false, false, MCX_RECALL_UNKNOWN},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mcx_recall_ask ask = {
            .command = rows[i].command, .reason = rows[i].reason, .impu_count = rows[i].impus};
        struct mcx_recall_facts facts = {.is_live = rows[i].is_live,
                                         .has_an_impu = rows[i].has_an_impu};

        ck_assert_msg(mcx_recall_plan(&ask, &facts) == rows[i].want, "row %zu", i);
    }
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("recall");

    tcase_add_test(tests, test_what_ends_a_binding_and_what_does_not);
    return unit_run(tests);
}
