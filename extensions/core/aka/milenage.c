/* SPDX-License-Identifier: Apache-2.0 */
/* Milenage, TS 35.206 4.1 and Annex 3: two AES calls per run, one block and then five at once. Any
 * thread; does not block. */
#include "aka/milenage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aka/contexts.h"

#define BLOCK 16

static void must(int ok)
{
    if (ok == 1)
        return;
    fputs("ev=aes_failed action=abort\n", stderr);
    abort();
}

static EVP_CIPHER_CTX *keyed(const struct mcx_key128 *k)
{
    EVP_CIPHER_CTX *ecb = mcx_aka_contexts()->ecb;

    must(EVP_EncryptInit_ex2(ecb, NULL, k->octets, NULL, NULL));
    return ecb;
}

static void encrypt(EVP_CIPHER_CTX *ecb, uint8_t *blocks, int len)
{
    int out_len = 0;

    must(EVP_EncryptUpdate(ecb, blocks, &out_len, blocks, len));
    must(out_len == len);
}

static void xor_block(uint8_t *out, const uint8_t *a, const uint8_t *b)
{
    for (size_t i = 0; i < BLOCK; i++)
        out[i] = a[i] ^ b[i];
}

/* Rotation left by whole octets: all r of 4.1 are multiples of 8 bits. */
static void rotate(uint8_t *out, const uint8_t *in, size_t octets)
{
    memcpy(out, in + octets, BLOCK - octets);
    memcpy(out + BLOCK - octets, in, octets);
}

void mcx_milenage_opc(const struct mcx_key128 *k, const struct mcx_key128 *op,
                      struct mcx_key128 *opc)
{
    uint8_t block[BLOCK];

    memcpy(block, op->octets, BLOCK);
    encrypt(keyed(k), block, BLOCK);
    xor_block(opc->octets, block, op->octets);
    mcx_wipe(block, sizeof block);
}

void mcx_milenage_out_wipe(struct mcx_milenage_out *out)
{
    mcx_wipe(out, sizeof *out);
}

/* IN1 = SQN || AMF || SQN || AMF. */
static void make_in1(uint8_t in1[BLOCK], const uint8_t sqn[6], const uint8_t amf[2])
{
    memcpy(in1, sqn, 6);
    memcpy(in1 + 6, amf, 2);
    memcpy(in1 + 8, in1, 8);
}

void mcx_milenage(const struct mcx_key128 *k, const struct mcx_key128 *opc, const uint8_t rand[16],
                  const uint8_t sqn[6], const uint8_t amf[2], struct mcx_milenage_out *out)
{
    /* r2 to r5 of 4.1 in octets, and c2 to c5, which differ from zero in the last octet only. */
    static const struct {
        uint8_t r, c;
    } rows[] = {{0, 1}, {4, 2}, {8, 4}, {12, 8}};
    EVP_CIPHER_CTX *ecb = keyed(k);
    uint8_t temp[BLOCK], block[BLOCK], outs[5 * BLOCK];

    xor_block(temp, rand, opc->octets);
    encrypt(ecb, temp, BLOCK);

    make_in1(block, sqn, amf);
    xor_block(block, block, opc->octets);
    rotate(outs, block, 8); /* r1 = 64 bits, c1 = 0 */
    xor_block(outs, outs, temp);
    xor_block(block, temp, opc->octets);
    for (size_t i = 0; i < 4; i++) {
        uint8_t *in = outs + (i + 1) * BLOCK;

        rotate(in, block, rows[i].r);
        in[BLOCK - 1] ^= rows[i].c;
    }
    encrypt(ecb, outs, sizeof outs);
    for (size_t i = 0; i < 5; i++)
        xor_block(outs + i * BLOCK, outs + i * BLOCK, opc->octets);

    memcpy(out->mac_a, outs, 8);
    memcpy(out->mac_s, outs + 8, 8);
    memcpy(out->ak, outs + BLOCK, 6);
    memcpy(out->res, outs + BLOCK + 8, 8);
    memcpy(out->ck.octets, outs + 2 * BLOCK, 16);
    memcpy(out->ik.octets, outs + 3 * BLOCK, 16);
    memcpy(out->ak_star, outs + 4 * BLOCK, 6);
    mcx_wipe(temp, sizeof temp);
    mcx_wipe(block, sizeof block);
    mcx_wipe(outs, sizeof outs);
}
