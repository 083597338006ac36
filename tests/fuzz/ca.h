/* SPDX-License-Identifier: Apache-2.0 */
/* The certificate of a CA that signs nothing: its key was thrown away. */
#ifndef MCX_FUZZ_CA_H
#define MCX_FUZZ_CA_H

static const char ca_pem[] = "-----BEGIN CERTIFICATE-----\n"
                             "MIIBjDCCATGgAwIBAgIUPuGJfnLvdDthVvLcZkkFvkARFZswCgYIKoZIzj0EAwIw\n"
                             "GjEYMBYGA1UEAwwPY2EudGVzdC5leGFtcGxlMCAXDTI2MTEyMzE0Mzk1OFoYDzIx\n"
                             "MjYxMDMwMTQzOTU4WjAaMRgwFgYDVQQDDA9jYS50ZXN0LmV4YW1wbGUwWTATBgcq\n"
                             "hkjOPQIBBggqhkjOPQMBBwNCAAS1yN89MtRwyAhTB4VyxuPtRMJx/di/2XFmM716\n"
                             "QQBPJNMuQZySmOZ2QlWAZi0csTYEwZnVUlVKDCQfhXUO8V0Uo1MwUTAdBgNVHQ4E\n"
                             "FgQUkict9AW4gaRBwCMQ67tbjd/58fAwHwYDVR0jBBgwFoAUkict9AW4gaRBwCMQ\n"
                             "67tbjd/58fAwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEA76s7\n"
                             "gF+Ig9QN44DY/zlxWJGTOojcXhSIsv74Az+v7oMCIQCfAV3naUrgn6SfEpHbny+T\n"
                             "vNWizV9OtNx+S2tZ3g6B1g==\n"
                             "-----END CERTIFICATE-----\n";

#endif
