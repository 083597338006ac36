-- SPDX-License-Identifier: Apache-2.0
-- A fixture, not a way to provision: live, masked migrations of users who do not exist, at the primary. psql variables:
-- first, count, partner (system id), realm, mask (outbound domain), inbound (the partner's inbound domain).
BEGIN;
SET LOCAL session_replication_role = replica; -- no foreign key is looked up a million times
SELECT id AS partner_id FROM partner WHERE system_id = :'partner' \gset
SELECT coalesce(max(id), 0) - :first + 1 AS shift FROM grant_ \gset
CREATE TEMPORARY TABLE made ON COMMIT DROP AS
    SELECT i + :shift AS id, md5('bench-' || i)::uuid AS uuid, to_char(i, 'FM000000000000000') AS number
    FROM generate_series(:first::bigint, :first::bigint + :count - 1) AS i;

INSERT INTO grant_ (id, binding_uuid, partner_id, subscriber_id, own_impi, is_masked, asked_impi, mc_user_id, state,
                    created_by)
    SELECT id, uuid, :partner_id, id, number || '@' || :'realm', true, number || '@' || :'mask',
           'sip:' || number || '@mc.' || :'realm', 'active', 'bench' FROM made;
INSERT INTO grant_impu (grant_id, position, own_impu, asked_impu)
    SELECT id, 1, 'sip:' || number || '@' || :'realm', 'sip:' || number || '@' || :'mask' FROM made;
INSERT INTO grant_usage (grant_id) SELECT id FROM made;
INSERT INTO identity (impi, kind, ref) SELECT number || '@' || :'mask', 'outbound', id FROM made;
INSERT INTO public_identity (impu, kind) SELECT 'sip:' || number || '@' || :'mask', 'outbound' FROM made;
INSERT INTO migration (binding_uuid, mc_user_id, device, own_impi, partner_id, is_requested, is_masked, state,
                       database_realm, own_impus, services, service_ids, asked_impi, asked_impus, inbound_impi, inbound_impus,
                       created_by)
    SELECT uuid, 'sip:' || number || '@mc.' || :'realm', 'handset', number || '@' || :'realm', :partner_id, true, true,
           'active', :'realm', ARRAY['sip:' || number || '@' || :'realm'], ARRAY['mcptt'],
           ARRAY['sip:' || number || '@mc.' || :'realm'],
           number || '@' || :'mask', ARRAY['sip:' || number || '@' || :'mask'],
           number || '@' || :'inbound', ARRAY['sip:' || number || '@' || :'inbound'], 'bench' FROM made;
SELECT setval(pg_get_serial_sequence('grant_', 'id'), max(id)) FROM grant_;
COMMIT;
VACUUM ANALYZE;
CHECKPOINT;
