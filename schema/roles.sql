-- SPDX-License-Identifier: Apache-2.0
-- Privileges, said again after every upgrade. mcxctl sets mcx.daemon_role and mcx.read_role for the transaction. The
-- owner of the tables is whoever runs the upgrade. Roles belong to the cluster and may serve several databases, so they
-- are made only if they do not exist, and never changed.
DO $$
DECLARE
    daemon text := current_setting('mcx.daemon_role');
    reader text := current_setting('mcx.read_role');
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[daemon, reader] LOOP
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = name) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I LOGIN', name);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL;                               -- another database's upgrade was faster
            END;
        END IF;
        EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA public FROM %I', name);
        EXECUTE format('REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM %I', name);
        EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', name);
    END LOOP;
    REVOKE CREATE ON SCHEMA public FROM PUBLIC;
    EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());

    -- The daemon: reads what a MAR needs, advances SEQ and counters, appends to the audit trail. No DDL, no DELETE.
    EXECUTE format('GRANT SELECT ON schema_version, own_system, key_check, identity, public_identity, impi_impu,'
                   ' credential, sqn, partner, partner_realm, partner_host, grant_, grant_impu, grant_usage,'
                   ' partner_usage, binding, binding_impu, own_domain, partner_domain, agreement, implicit_set,'
                   ' pool_identity TO %I', daemon);
    -- Grants and bindings of a MIR. UPDATE of one column of partner is what holding its row for a moment asks for.
    EXECUTE format('GRANT INSERT ON grant_, grant_impu, grant_usage, binding, binding_impu, implicit_set, identity,'
                   ' public_identity TO %I', daemon);
    EXECUTE format('GRANT UPDATE (state, expires_at, mc_user_id, binding_uuid, is_pooled, agreement_id, ended_at, ended_by,'
                   ' cause, reason) ON grant_ TO %I', daemon);
    EXECUTE format('GRANT UPDATE (state, expires_at, mc_user_id, binding_uuid, is_pooled, database_realm, database_host,'
                   ' agreement_id, ended_at, ended_by, cause, reason) ON binding TO %I', daemon);
    EXECUTE format('GRANT UPDATE (ref) ON identity TO %I', daemon);
    EXECUTE format('GRANT UPDATE (set_id, is_default) ON public_identity TO %I', daemon);
    EXECUTE format('GRANT UPDATE (free_at) ON pool_identity TO %I', daemon);
    EXECUTE format('GRANT UPDATE (ca_note) ON partner TO %I', daemon);
    EXECUTE format('GRANT USAGE ON SEQUENCE binding_id_seq TO %I', daemon);
    EXECUTE format('GRANT UPDATE (seq) ON sqn TO %I', daemon);
    EXECUTE format('GRANT UPDATE (minute, vectors, resyncs) ON grant_usage TO %I', daemon);
    EXECUTE format('GRANT UPDATE (minute, vectors) ON partner_usage TO %I', daemon);
    EXECUTE format('GRANT UPDATE (state, ended_at, ended_by, cause, reason) ON binding TO %I', daemon);  -- RTR
    EXECUTE format('GRANT SELECT (writer, seq, at, hash), INSERT ON audit TO %I', daemon);
    -- The configuration management server: rules, agreements, areas, documents; credentials for the PDNs, given to a
    -- binding and taken back; what it asked of partners; its tasks.
    EXECUTE format('GRANT SELECT ON mc_user, mc_service_id, mc_group, mc_group_member, mc_service_policy, mc_device,'
                   ' mc_device_impu, agreement, service_area, partner_domain, ue_document, pdn_credential TO %I', daemon);
    EXECUTE format('GRANT UPDATE (binding_uuid, holder_partner_id, allocated_at) ON pdn_credential TO %I', daemon);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE (device, is_requested, is_ordered, state, database_realm, database_host, own_impus,'
                   ' services, service_ids, agreement_id, asked_expires_at, asked_impi, asked_impus, inbound_impi, inbound_impus,'
                   ' expires_at, document, ended_at, ended_by, cause, reason) ON migration TO %I', daemon);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE (owner, not_before, attempts, done_at, outcome) ON task TO %I',
                   daemon);

    -- The reader: everything but wrapped keys, and documents, which may hold credentials.
    EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA public TO %I', reader);
    EXECUTE format('REVOKE ALL ON credential FROM %I', reader);
    EXECUTE format('GRANT SELECT (subscriber_id, impi, algorithm, key_id, amf, is_barred) ON credential TO %I', reader);
    EXECUTE format('REVOKE ALL ON pdn_credential, migration, ue_document FROM %I', reader);
    EXECUTE format('GRANT SELECT (id, partner_id, pdn, key_id, holder_partner_id, binding_uuid, allocated_at, loaded_at)'
                   ' ON pdn_credential TO %I', reader);
    EXECUTE format('GRANT SELECT (binding_uuid, mc_user_id, device, own_impi, partner_id, is_requested, is_masked, state,'
                   ' database_realm, database_host, own_impus, services, service_ids, agreement_id, asked_expires_at, asked_impi,'
                   ' asked_impus, inbound_impi, inbound_impus, expires_at, created_at, created_by, ended_at, ended_by, cause, reason)'
                   ' ON migration TO %I', reader);
    EXECUTE format('GRANT SELECT (id, partner_id, name, direction, service, version, valid_from, valid_until, loaded_at,'
                   ' loaded_by, withdrawn_at) ON ue_document TO %I', reader);
END
$$;
