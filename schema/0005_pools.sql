-- SPDX-License-Identifier: Apache-2.0
-- readable_from: 4
-- Identities loaded beforehand, for domains whose generator is 'pool' (CR 10.1.X.1 steps 5 and 10); what expiry needs to
-- be cheap; and what the outbox needs to be in use.
ALTER TABLE own_domain ADD COLUMN generator text NOT NULL DEFAULT 'random' CHECK (generator IN ('random', 'pool'));

-- Each has its row in identity or public_identity from the day it is loaded, so that it is nobody else's. What a binding
-- has is free_at infinity; when the binding has ended, free_at becomes that moment plus the quarantine (design 4).
CREATE TABLE pool_identity (
    identity      text COLLATE "C" PRIMARY KEY,     -- IMPI or IMPU, canonical
    domain        text COLLATE "C" NOT NULL REFERENCES own_domain,
    is_public     boolean NOT NULL,
    free_at       timestamptz NOT NULL DEFAULT '-infinity'
) WITH (fillfactor = 80);
CREATE INDEX pool_identity_free ON pool_identity (domain, is_public, free_at) WHERE free_at < 'infinity';

-- Grants and bindings that hold identities of a pool. Cleared when they have gone into quarantine.
ALTER TABLE grant_ ADD COLUMN is_pooled boolean NOT NULL DEFAULT false;
ALTER TABLE binding ADD COLUMN is_pooled boolean NOT NULL DEFAULT false;
CREATE INDEX grant_to_release ON grant_ (ended_at) WHERE is_pooled AND state = 'ended';
CREATE INDEX binding_to_release ON binding (ended_at) WHERE is_pooled AND state = 'ended';

-- An identity of a pool is several bindings' one after the other, and never two's at once. At any moment identity.ref and
-- public_identity.set_id say whose it is.
ALTER TABLE binding DROP CONSTRAINT binding_inbound_impi_key;
CREATE UNIQUE INDEX binding_one_inbound ON binding (inbound_impi) WHERE state IN ('reserved', 'active', 'ending');
CREATE INDEX binding_inbound ON binding (inbound_impi);
ALTER TABLE binding_impu DROP CONSTRAINT binding_impu_inbound_impu_key;

-- What has expired is found without looking at what has not.
CREATE INDEX grant_expiry ON grant_ (expires_at) WHERE state IN ('reserved', 'active');
CREATE INDEX binding_expiry ON binding (expires_at) WHERE state IN ('reserved', 'active');

-- A task is found by its kind, its payload is an object, its outcome is kept for whoever waits for it.
ALTER TABLE task ALTER COLUMN payload TYPE json USING payload::json;
ALTER TABLE task ADD CONSTRAINT task_payload_object CHECK (json_typeof(payload) = 'object');
ALTER TABLE task ADD COLUMN outcome text;           -- JSON; NULL: nobody waits for one
DROP INDEX task_due;
CREATE INDEX task_due ON task (kind, not_before) WHERE done_at IS NULL;
