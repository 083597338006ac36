-- SPDX-License-Identifier: Apache-2.0
-- readable_from: 4
-- Identities loaded beforehand, for domains whose generator is 'pool' (CR 10.1.X.1 steps 5 and 10); and what the outbox
-- needs to be in use: a task is found by its kind, its payload is an object, its outcome is kept for who waits for it.
ALTER TABLE own_domain ADD COLUMN generator text NOT NULL DEFAULT 'random' CHECK (generator IN ('random', 'pool'));

ALTER TABLE task ALTER COLUMN payload TYPE json USING payload::json;
ALTER TABLE task ADD CONSTRAINT task_payload_object CHECK (json_typeof(payload) = 'object');
ALTER TABLE task ADD COLUMN outcome text;           -- JSON; NULL: nobody waits for one
DROP INDEX task_due;
CREATE INDEX task_due ON task (kind, not_before) WHERE done_at IS NULL;
