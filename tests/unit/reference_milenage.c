/* SPDX-License-Identifier: Apache-2.0 */
/* AES-128 by FIPS 197 in GF(2^8) arithmetic, and Milenage by TS 35.206 4.1 with rotation bit by
 * bit. One thread or many; touches nothing. */
#include "reference_milenage.h"

#include <string.h>

static uint8_t times(uint8_t a, uint8_t b)
{
    uint8_t product = 0;

    for (; b; b >>= 1) {
        if (b & 1)
            product ^= a;
        a = (uint8_t)(a << 1 ^ (a & 0x80 ? 0x1b : 0)); /* FIPS 197 4.2 */
    }
    return product;
}

/* FIPS 197 5.1.1: inverse (x to the 254th), then the affine map. */
static uint8_t compute_substitute(uint8_t x)
{
    uint8_t inverse = 1, out = 0x63;

    for (int i = 0; i < 254; i++)
        inverse = times(inverse, x);
    for (int shift = 0; shift < 5; shift++)
        out ^= (uint8_t)(inverse << shift | inverse >> (8 - shift));
    return out;
}

static uint8_t substitute(uint8_t x)
{
    static uint8_t table[256];

    if (table[0] == 0)
        for (int i = 255; i >= 0; i--)
            table[i] = compute_substitute((uint8_t)i);
    return table[x];
}

static void expand(const uint8_t k[16], uint8_t words[44][4])
{
    uint8_t round = 1;

    memcpy(words, k, 16);
    for (int i = 4; i < 44; i++) {
        uint8_t word[4];

        memcpy(word, words[i - 1], 4);
        if (i % 4 == 0) {
            const uint8_t first = word[0];

            word[0] = substitute(word[1]) ^ round;
            word[1] = substitute(word[2]);
            word[2] = substitute(word[3]);
            word[3] = substitute(first);
            round = times(round, 2);
        }
        for (int j = 0; j < 4; j++)
            words[i][j] = words[i - 4][j] ^ word[j];
    }
}

static void mix_columns(uint8_t state[16])
{
    for (int column = 0; column < 16; column += 4) {
        uint8_t in[4];

        memcpy(in, state + column, 4);
        for (int row = 0; row < 4; row++)
            state[column + row] = (uint8_t)(times(in[row], 2) ^ times(in[(row + 1) % 4], 3) ^
                                            in[(row + 2) % 4] ^ in[(row + 3) % 4]);
    }
}

static void aes(const uint8_t k[16], const uint8_t in[16], uint8_t out[16])
{
    uint8_t words[44][4], state[16], shifted[16];

    expand(k, words);
    for (int i = 0; i < 16; i++)
        state[i] = in[i] ^ words[i / 4][i % 4];
    for (int round = 1; round <= 10; round++) {
        for (int i = 0; i < 16; i++)
            shifted[i] = substitute(state[(i + 4 * (i % 4)) % 16]);
        memcpy(state, shifted, 16);
        if (round < 10)
            mix_columns(state);
        for (int i = 0; i < 16; i++)
            state[i] ^= words[4 * round + i / 4][i % 4];
    }
    memcpy(out, state, 16);
}

static void exclusive_or(uint8_t out[16], const uint8_t a[16], const uint8_t b[16])
{
    for (int i = 0; i < 16; i++)
        out[i] = a[i] ^ b[i];
}

static void rotate_left(uint8_t out[16], const uint8_t in[16], int bits)
{
    uint8_t turned[16] = {0};

    for (int to = 0; to < 128; to++) {
        const int from = (to + bits) % 128;
        const int bit = in[from / 8] >> (7 - from % 8) & 1;

        turned[to / 8] |= (uint8_t)(bit << (7 - to % 8));
    }
    memcpy(out, turned, 16);
}

void reference_opc(const uint8_t k[16], const uint8_t op[16], uint8_t opc[16])
{
    uint8_t block[16];

    aes(k, op, block);
    exclusive_or(opc, block, op);
}

/* OUT = E(TEMP' xor c) xor OPc, where TEMP' is already rotated. */
static void finish(const uint8_t k[16], const uint8_t opc[16], const uint8_t in[16], uint8_t c,
                   uint8_t out[16])
{
    uint8_t block[16];

    memcpy(block, in, 16);
    block[15] ^= c;
    aes(k, block, block);
    exclusive_or(out, block, opc);
}

void reference_milenage(const uint8_t k[16], const uint8_t opc[16], const uint8_t rand[16],
                        const uint8_t sqn[6], const uint8_t amf[2], struct mcx_milenage_out *out)
{
    uint8_t temp[16], block[16], in1[16], result[16];

    exclusive_or(block, rand, opc);
    aes(k, block, temp);

    for (int i = 0; i < 16; i++)
        in1[i] = i % 8 < 6 ? sqn[i % 8] : amf[i % 8 - 6];
    exclusive_or(block, in1, opc);
    rotate_left(block, block, 64);
    exclusive_or(block, block, temp);
    finish(k, opc, block, 0, result);
    memcpy(out->mac_a, result, 8);
    memcpy(out->mac_s, result + 8, 8);

    exclusive_or(temp, temp, opc);
    finish(k, opc, temp, 1, result); /* r2 = 0 */
    memcpy(out->ak, result, 6);
    memcpy(out->res, result + 8, 8);
    rotate_left(block, temp, 32);
    finish(k, opc, block, 2, out->ck.octets);
    rotate_left(block, temp, 64);
    finish(k, opc, block, 4, out->ik.octets);
    rotate_left(block, temp, 96);
    finish(k, opc, block, 8, result);
    memcpy(out->ak_star, result, 6);
}
