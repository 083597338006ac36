/* SPDX-License-Identifier: Apache-2.0 */
/* Per-thread OpenSSL contexts behind a pthread key. Any thread; the first call of a thread
 * allocates. */
#include "aka/contexts.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static int has_key;

static void end_of_thread(void *value)
{
    struct mcx_aka_contexts *contexts = value;

    EVP_CIPHER_CTX_free(contexts->ecb); /* wipes the key schedules */
    EVP_CIPHER_CTX_free(contexts->encrypt);
    EVP_CIPHER_CTX_free(contexts->decrypt);
    EVP_CIPHER_free(contexts->aes128);
    EVP_CIPHER_free(contexts->gcm256);
    free(contexts);
}

static void make_key(void)
{
    has_key = pthread_key_create(&key, end_of_thread) == 0;
}

/* When libmcx.so is unloaded no thread may run end_of_thread any more: its code is gone. */
__attribute__((destructor)) static void forget_key(void)
{
    if (has_key)
        (void)pthread_key_delete(key);
    has_key = 0;
}

static struct mcx_aka_contexts *make_contexts(void)
{
    struct mcx_aka_contexts *made = calloc(1, sizeof *made);

    if (!made)
        return NULL;
    made->aes128 = EVP_CIPHER_fetch(NULL, "AES-128-ECB", NULL);
    made->gcm256 = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
    made->ecb = EVP_CIPHER_CTX_new();
    made->encrypt = EVP_CIPHER_CTX_new();
    made->decrypt = EVP_CIPHER_CTX_new();
    if (made->aes128 && made->gcm256 && made->ecb && made->encrypt && made->decrypt &&
        EVP_EncryptInit_ex2(made->ecb, made->aes128, NULL, NULL, NULL) == 1 &&
        EVP_CIPHER_CTX_set_padding(made->ecb, 0) == 1 &&
        EVP_EncryptInit_ex2(made->encrypt, made->gcm256, NULL, NULL, NULL) == 1 &&
        EVP_DecryptInit_ex2(made->decrypt, made->gcm256, NULL, NULL, NULL) == 1 &&
        pthread_setspecific(key, made) == 0)
        return made;
    end_of_thread(made);
    return NULL;
}

struct mcx_aka_contexts *mcx_aka_contexts(void)
{
    struct mcx_aka_contexts *mine = NULL;

    (void)pthread_once(&once, make_key);
    if (has_key) {
        mine = pthread_getspecific(key);
        if (!mine)
            mine = make_contexts();
    }
    if (!mine) {
        fputs("ev=no_cipher reason=openssl_has_no_aes_or_no_memory action=abort\n", stderr);
        abort();
    }
    return mine;
}
