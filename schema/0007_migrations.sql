-- SPDX-License-Identifier: Apache-2.0
-- readable_from: 4
-- What the configuration management server of the primary has asked of partners and got (CR 10.1.X.1 steps 4 to 13). One
-- live row per own IMPI and partner; never deleted, always explained.
CREATE TABLE migration (
    binding_uuid  uuid PRIMARY KEY,                 -- Migration-Binding-Id, minted here
    mc_user_id    text NOT NULL,
    device        text NOT NULL,                    -- label of mc_device
    own_impi      text COLLATE "C" NOT NULL,
    partner_id    bigint NOT NULL REFERENCES partner,
    is_requested  boolean NOT NULL,
    is_masked     boolean NOT NULL,
    state         text COLLATE "C" NOT NULL CHECK (state IN ('asking', 'active', 'ended')),
    database_realm text COLLATE "C" NOT NULL,       -- of the user's SIP database
    database_host  text COLLATE "C",
    own_impus     text[] COLLATE "C" NOT NULL,
    services      text[] COLLATE "C" NOT NULL DEFAULT '{}', -- as asked: mcptt, mcvideo, mcdata
    service_ids   text[] NOT NULL,                  -- MC-Service-Id of each of them
    asked_expires_at timestamptz NOT NULL DEFAULT 'infinity',
    asked_impi    text COLLATE "C",                 -- what step 6 gave: own or outbound; NULL: not yet
    asked_impus   text[] COLLATE "C",
    inbound_impi  text COLLATE "C",                 -- what step 12 gave; NULL: not yet
    inbound_impus text[] COLLATE "C",
    expires_at    timestamptz NOT NULL DEFAULT 'infinity',
    document      bytea,                            -- wrapped: it may hold credentials; NULL: the copy configured
    created_at    timestamptz NOT NULL DEFAULT now(),
    created_by    text NOT NULL,
    ended_at      timestamptz,
    ended_by      text,
    cause         text CHECK (cause IN ('released', 'revoked', 'expired', 'replaced', 'refused')),
    reason        text,
    CHECK (cardinality(services) = cardinality(service_ids)),
    CHECK ((state = 'active') <= (num_nonnulls(asked_impi, asked_impus, inbound_impi, inbound_impus) = 4)),
    CHECK ((state = 'ended') = (num_nonnulls(ended_at, ended_by, cause, reason) = 4))
);
CREATE UNIQUE INDEX migration_one_live ON migration (own_impi, partner_id) WHERE state IN ('asking', 'active');
CREATE INDEX migration_user ON migration (mc_user_id) WHERE state IN ('asking', 'active');
CREATE INDEX migration_expiry ON migration (expires_at) WHERE state IN ('asking', 'active');
