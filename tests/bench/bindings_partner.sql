-- SPDX-License-Identifier: Apache-2.0
-- A fixture, not a way to provision: the other side of bindings_primary.sql, at the partner. psql variables: first,
-- count, primary_id (system id), realm and mask (of the primary), inbound (own inbound domain).
BEGIN;
SET LOCAL session_replication_role = replica; -- no foreign key is looked up a million times
SELECT id AS partner_id FROM partner WHERE system_id = :'primary_id' \gset
SELECT coalesce(max(id), 0) - :first + 1 AS shift FROM binding \gset
UPDATE id_counter SET next_id = next_id + :count WHERE name = 'implicit_set'
    RETURNING next_id - :count - :first AS set_shift \gset
CREATE TEMPORARY TABLE made ON COMMIT DROP AS
    SELECT i + :shift AS id, i + :set_shift AS set_id, md5('bench-' || i)::uuid AS uuid,
           to_char(i, 'FM000000000000000') AS number
    FROM generate_series(:first::bigint, :first::bigint + :count - 1) AS i;

INSERT INTO implicit_set (id) SELECT set_id FROM made;
INSERT INTO binding (id, binding_uuid, partner_id, database_realm, primary_impi, primary_impi_key, inbound_impi, set_id,
                     mc_user_id, state, created_by)
    SELECT id, uuid, :partner_id, :'realm', number || '@' || :'mask', number || '@' || :'mask',
           number || '@' || :'inbound', set_id, 'sip:' || number || '@mc.' || :'realm', 'active', 'bench' FROM made;
INSERT INTO binding_impu (binding_id, position, inbound_impu, primary_impu, primary_impu_key)
    SELECT id, 1, 'sip:' || number || '@' || :'inbound', 'sip:' || number || '@' || :'mask',
           'sip:' || number || '@' || :'mask' FROM made;
INSERT INTO identity (impi, kind, ref) SELECT number || '@' || :'inbound', 'inbound', id FROM made;
INSERT INTO public_identity (impu, kind, set_id, is_default)
    SELECT 'sip:' || number || '@' || :'inbound', 'inbound', set_id, true FROM made;
SELECT setval(pg_get_serial_sequence('binding', 'id'), max(id)) FROM binding;
COMMIT;
VACUUM ANALYZE;
CHECKPOINT;
