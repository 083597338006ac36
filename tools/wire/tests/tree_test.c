/* SPDX-License-Identifier: Apache-2.0 */
/* The tree: sound messages come back octet for octet, and bent ones say what they were told to say.
 */
#include <stdlib.h>
#include <string.h>

#include "wire/tree.h"
#include "wire_test.h"

static void build(struct wire_buf *out)
{
    struct wire_header header = {.flags = 0xc0, .command = 303, .application = WIRE_APP_CX};
    size_t mark = wire_msg_begin(out, &header);
    wire_msg_put_text(out, WIRE_SESSION_ID, "a;1;2");
    size_t group = wire_msg_group_begin(out, WIRE_SIP_AUTH_DATA_ITEM);
    wire_msg_put_text(out, WIRE_SIP_AUTHENTICATION_SCHEME, "x");
    wire_msg_group_end(out, group);
    wire_msg_put_text(out, WIRE_SERVER_NAME, "sip:a.example");
    wire_msg_end(out, mark);
}

START_TEST(test_sound_message_comes_back_unchanged)
{
    struct wire_buf message = {0}, again = {0};
    struct wire_tree tree;
    build(&message);
    ck_assert(wire_tree_parse(wire_buf_span(&message), &tree));
    ck_assert_uint_eq(tree.root.count, 3);
    ck_assert(tree.root.children[1].is_group);
    wire_tree_encode(&tree, &again);
    ck_assert_uint_eq(again.len, message.len);
    ck_assert_mem_eq(again.octets, message.octets, message.len);
    wire_tree_free(&tree);
    wire_buf_free(&message);
    wire_buf_free(&again);
}
END_TEST

START_TEST(test_length_lie_is_written_and_nothing_else_moves)
{
    struct wire_buf message = {0}, bent = {0};
    struct wire_tree tree;
    build(&message);
    ck_assert(wire_tree_parse(wire_buf_span(&message), &tree));
    tree.root.children[0].length_lie = 9999;
    wire_tree_encode(&tree, &bent);
    ck_assert_uint_eq(bent.len, message.len);
    ck_assert_uint_eq(wire_get_u24(bent.octets + WIRE_HEADER_LEN + 5), 9999);
    ck_assert_str_eq(wire_msg_fault(wire_buf_span(&bent)), "an AVP exceeds its bounds");
    wire_tree_free(&tree);
    wire_buf_free(&message);
    wire_buf_free(&bent);
}
END_TEST

START_TEST(test_copy_and_remove_keep_order)
{
    struct wire_buf message = {0}, bent = {0};
    struct wire_tree tree;
    struct wire_avp avp;
    build(&message);
    ck_assert(wire_tree_parse(wire_buf_span(&message), &tree));
    struct wire_node *fresh = wire_tree_insert(&tree.root, 2);
    wire_tree_copy(&tree.root.children[1], fresh);
    wire_tree_remove(&tree.root, 0);
    wire_tree_encode(&tree, &bent);
    struct mcx_span avps = wire_msg_avps(wire_buf_span(&bent));
    ck_assert_ptr_null(wire_msg_fault(wire_buf_span(&bent)));
    ck_assert(!wire_msg_find(avps, WIRE_SESSION_ID, 0, &avp));
    ck_assert(wire_msg_find(avps, WIRE_SIP_AUTH_DATA_ITEM, 1, &avp));
    ck_assert(wire_msg_find(avp.body, WIRE_SIP_AUTHENTICATION_SCHEME, 0, &avp));
    ck_assert(wire_msg_find(avps, WIRE_SERVER_NAME, 0, &avp));
    wire_tree_free(&tree);
    wire_buf_free(&message);
    wire_buf_free(&bent);
}
END_TEST

START_TEST(test_broken_group_stays_octets)
{
    struct wire_buf message = {0}, again = {0};
    struct wire_tree tree;
    struct wire_header header = {.flags = 0x40, .command = 303};
    size_t mark = wire_msg_begin(&message, &header);
    wire_msg_put(&message, WIRE_FAILED_AVP, "\0\0\0\1\0\0\0\77", 8);
    wire_msg_end(&message, mark);
    ck_assert(wire_tree_parse(wire_buf_span(&message), &tree));
    ck_assert(!tree.root.children[0].is_group);
    wire_tree_encode(&tree, &again);
    ck_assert_mem_eq(again.octets, message.octets, message.len);
    wire_tree_free(&tree);
    wire_buf_free(&message);
    wire_buf_free(&again);
}
END_TEST

START_TEST(test_mutated_messages_parse_or_are_refused)
{
    struct wire_buf message = {0};
    build(&message);
    srandom(815);
    unsigned parsed = 0;
    for (unsigned round = 0; round < 20000; round++) {
        struct wire_buf out = {0};
        struct wire_tree tree;
        uint8_t *copy = wire_alloc(message.len);
        memcpy(copy, message.octets, message.len);
        for (unsigned flips = (unsigned)random() % 4; flips; flips--)
            copy[WIRE_HEADER_LEN + (size_t)random() % (message.len - WIRE_HEADER_LEN)] =
                (uint8_t)random();
        if (wire_tree_parse(mcx_span(copy, message.len), &tree)) {
            parsed++;
            wire_tree_encode(&tree, &out);
            ck_assert_uint_eq(out.len, message.len);
        }
        wire_tree_free(&tree);
        wire_buf_free(&out);
        free(copy);
    }
    ck_assert_uint_gt(parsed, 1000);
    ck_assert_uint_lt(parsed, 20000);
    wire_buf_free(&message);
}
END_TEST

Suite *tree_suite(void)
{
    Suite *suite = suite_create("tree");
    TCase *tcase = tcase_create("tree");
    tcase_add_test(tcase, test_sound_message_comes_back_unchanged);
    tcase_add_test(tcase, test_length_lie_is_written_and_nothing_else_moves);
    tcase_add_test(tcase, test_copy_and_remove_keep_order);
    tcase_add_test(tcase, test_broken_group_stays_octets);
    tcase_add_test(tcase, test_mutated_messages_parse_or_are_refused);
    suite_add_tcase(suite, tcase);
    return suite;
}
