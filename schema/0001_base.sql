-- SPDX-License-Identifier: Apache-2.0
-- readable_from: 1
-- What every other file leans on: versions, this system's own names, key check values, and the audit trail.

-- One row per applied file. A daemon runs when its own version lies between readable_from and version of the newest
-- row, so that front-ends of N-1 and N work side by side during an upgrade (design 4). The primary key also
-- serialises two upgrades that run at the same time.
CREATE TABLE schema_version (
    version       integer PRIMARY KEY CHECK (version > 0),
    readable_from integer NOT NULL CHECK (readable_from > 0),
    file_name     text NOT NULL,
    checksum      bytea NOT NULL CHECK (octet_length(checksum) = 32),     -- SHA-256 of the file's octets
    applied_at    timestamptz NOT NULL DEFAULT now(),
    CHECK (readable_from <= version)
);

-- This MC system, exactly one row once it is set (mcxctl system set).
CREATE TABLE own_system (
    only_row      boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    system_id     text COLLATE "C" NOT NULL CHECK (system_id ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),  -- MC-System-Id, design 3
    realm         text COLLATE "C" NOT NULL CHECK (realm = lower(realm) AND realm <> ''),      -- Diameter realm
    sip_database  text COLLATE "C" CHECK (sip_database = lower(sip_database))                  -- what partners ask
);

-- Domains of identities that this system owns: of its own subscribers, and for allocation of migration identities
-- (CR 10.6.2 NOTE: the private identity leads to the SIP database).
CREATE TABLE own_domain (
    domain        text COLLATE "C" PRIMARY KEY CHECK (domain = lower(domain) AND domain <> ''),
    purpose       text NOT NULL CHECK (purpose IN ('own', 'inbound', 'outbound')),
    is_default    boolean NOT NULL DEFAULT false
);
CREATE UNIQUE INDEX own_domain_one_default ON own_domain (purpose) WHERE is_default;

-- Numbers for subscribers and implicit sets, taken by UPDATE ... RETURNING inside the transaction that uses them:
-- whole blocks for bulk loads, and no reliance on sequences (design 10).
CREATE TABLE id_counter (
    name          text PRIMARY KEY,
    next_id       bigint NOT NULL CHECK (next_id > 0)
);
INSERT INTO id_counter VALUES ('subscriber', 1), ('implicit_set', 1);

-- Key check values: HMAC of a constant, never a key. Tells a wrong key file at start (design 5).
CREATE TABLE key_check (
    key_id        bigint PRIMARY KEY CHECK (key_id BETWEEN 0 AND 4294967295),
    check_value   bytea NOT NULL CHECK (octet_length(check_value) = 8),
    registered_at timestamptz NOT NULL DEFAULT now(),
    retired_at    timestamptz                       -- no credential is wrapped with it any more
);

-- Who did what, when and why; every vector that leaves the system (design 7). Chained per writer: hash covers the
-- previous hash and all columns. A chain's first row continues from the newest row of any writer.
CREATE TABLE audit (
    writer        uuid NOT NULL,                    -- one database session
    seq           bigint NOT NULL CHECK (seq > 0),  -- 1, 2, 3 ... without gaps per writer
    at            timestamptz NOT NULL,
    kind          text NOT NULL,                    -- vectors, grant_provisioned, seq_set, ...
    actor         text NOT NULL,                    -- mcxctl/<OS user>@<host>, hss/<host>/<pid>
    payload       text NOT NULL,                    -- JSON object
    prev          bytea NOT NULL CHECK (octet_length(prev) = 32),
    hash          bytea NOT NULL CHECK (octet_length(hash) = 32),
    PRIMARY KEY (writer, seq)
);
CREATE INDEX audit_at ON audit (at);

CREATE FUNCTION audit_hash(prev bytea, writer uuid, seq bigint, at timestamptz, kind text, actor text, payload text)
    RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN sha256(prev || convert_to(concat_ws(chr(10), writer, seq, extract(epoch FROM at), kind, actor, payload),
                                     'UTF8'));
