-- SPDX-License-Identifier: Apache-2.0
-- readable_from: 4
-- What a MIR does (CR 10.1.X.1 steps 5, 6, 10 and 11), one function a side: a request runs the few short statements that
-- it needs, instead of starting one long statement for every case. The SQL functions that hot statements use are such
-- that the planner puts their bodies in place: no subquery inside, no weaker promise than the body keeps.

CREATE OR REPLACE FUNCTION audit_hash(prev bytea, writer uuid, seq bigint, at timestamptz, kind text, actor text,
                                      payload text) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE
    RETURN sha256(prev || convert_to(concat_ws(chr(10), writer, seq, extract(epoch FROM at), kind, actor, payload),
                                     'UTF8'));

-- Appends to the chain of this writer; a new chain goes on from the newest row of any.
CREATE FUNCTION audit_append(in_writer uuid, in_actor text, in_kind text, in_payload text) RETURNS void
    LANGUAGE plpgsql AS $$
DECLARE
    last_seq bigint;
    last_hash bytea;
BEGIN
    SELECT a.seq, a.hash INTO last_seq, last_hash FROM audit a WHERE a.writer = in_writer ORDER BY a.seq DESC LIMIT 1;
    IF last_seq IS NULL THEN
        SELECT a.hash INTO last_hash FROM audit a ORDER BY a.at DESC LIMIT 1;
        last_seq := 0;
        last_hash := coalesce(last_hash, decode(repeat('00', 32), 'hex'));
    END IF;
    INSERT INTO audit (writer, seq, at, kind, actor, payload, prev, hash)
    VALUES (in_writer, last_seq + 1, now(), in_kind, in_actor, in_payload, last_hash,
            audit_hash(last_hash, in_writer, last_seq + 1, now(), in_kind, in_actor, in_payload));
END
$$;

-- Rows of audit that were taken out because of their age and that later ones follow (mcxctl audit cut).
CREATE TABLE audit_cut (
    hash          bytea PRIMARY KEY CHECK (octet_length(hash) = 32),
    writer        uuid NOT NULL,
    seq           bigint NOT NULL
);

-- ---- indices ----
-- A live row has no end: 'ended_at IS NULL' says the same as its state, but in words that the planner does not take for
-- it. So a row that is asked for by its full key and its state is found by the unique index of live rows, also by a plan
-- that was made when the tables were empty and one index as good as another.
-- Built while others read; the old ones go at the end of this file, since that shuts their tables until it is committed.
CREATE INDEX grant_live_expiry ON grant_ (expires_at) WHERE ended_at IS NULL;
CREATE INDEX grant_live_user ON grant_ (mc_user_id) WHERE ended_at IS NULL;
CREATE INDEX binding_live_expiry ON binding (expires_at) WHERE ended_at IS NULL;
CREATE INDEX binding_live_partner ON binding (partner_id, expires_at) WHERE ended_at IS NULL;
CREATE INDEX migration_live_user ON migration (mc_user_id) WHERE ended_at IS NULL;
CREATE INDEX migration_live_expiry ON migration (expires_at) WHERE ended_at IS NULL;

-- What has ended keeps no document; versions up to 7 left it there. Before anything shuts a table.
UPDATE migration SET document = NULL WHERE ended_at IS NOT NULL AND document IS NOT NULL;

-- ---- agreements ----

-- Those of 0006 with two arguments stay until no program of version 7 is left; nothing else reads them.

-- Is this user (NULL: not known), a member of these groups and of this domain, one of those that the agreement names?
CREATE FUNCTION agreement_names(agreement agreement, mc_user text, groups text[], domain text) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN ((agreement).mc_user_id IS NULL OR (agreement).mc_user_id IS NOT DISTINCT FROM mc_user)
           AND ((agreement).group_name IS NULL OR (agreement).group_name = ANY (groups))
           AND ((agreement).user_domain IS NULL OR (agreement).user_domain IS NOT DISTINCT FROM domain);

CREATE FUNCTION agreement_in_force(agreement agreement) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (agreement).ended_at IS NULL AND (agreement).valid_from <= now() AND (agreement).expires_at > now();

-- When what begins now ends by it, to the second.
CREATE FUNCTION agreement_until(agreement agreement) RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
    RETURN date_trunc('second', least((agreement).expires_at, now() + (agreement).max_duration));

-- Which one it was made under; NULL: none, or before version 8. No reference: it would lock a row that all share.
ALTER TABLE grant_ ADD COLUMN agreement_id bigint;
ALTER TABLE binding ADD COLUMN agreement_id bigint;

-- The '@domain' of an MC id, in lower case; NULL: it has none.
CREATE FUNCTION mc_id_domain(id text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN lower(substring(id FROM '(@[^@;:?>]+)[^@]*$'));

-- What the agreement in force that is nearest to the user says: until when, and with which profile. In two pieces, each
-- found by an index: those of this user, and those of many. inbound: as step 8 judges it, so one by service ids only if
-- all that are asked for (NULL: not known) are among them; in_domain: of the user. outbound: as step 3 does, so for all
-- in_services (NULL: not known).
CREATE FUNCTION agreement_nearest(in_direction text, in_partner bigint, in_mc_user text, in_domain text,
                                  in_service_ids text[], in_services text[])
    RETURNS TABLE (until timestamptz, service_profile_id bigint, id bigint, cap integer) LANGUAGE sql STABLE AS $$
    SELECT least((x.a).expires_at, now() + (x.a).max_duration), (x.a).service_profile_id, (x.a).id,
           (x.a).max_bindings FROM (
        SELECT a, 0 AS distance FROM agreement a
        WHERE a.mc_user_id = in_mc_user AND a.direction = in_direction AND a.ended_at IS NULL
          AND a.partner_id = in_partner
        UNION ALL
        SELECT a, CASE WHEN a.group_name IS NULL AND a.user_domain IS NULL THEN 2 ELSE 1 END FROM agreement a
        WHERE a.mc_user_id IS NULL AND a.direction = in_direction AND a.ended_at IS NULL
          AND a.partner_id = in_partner) x
    WHERE (x.a).valid_from <= now() AND (x.a).expires_at > now()
      AND ((x.a).group_name IS NULL
           OR (x.a).group_name IN (SELECT m.group_name FROM mc_group_member m WHERE m.mc_user_id = in_mc_user))
      AND ((x.a).user_domain IS NULL OR (x.a).user_domain = in_domain)
      AND ((x.a).services IS NULL OR in_services IS NULL OR (x.a).services @> in_services)
      AND ((x.a).service_ids IS NULL
           OR (cardinality(in_service_ids) > 0 AND NOT EXISTS (
               SELECT FROM unnest(in_service_ids) v
               WHERE NOT (v = ANY ((x.a).service_ids)
                          OR coalesce(mc_id_domain(v) = ANY ((x.a).service_ids), false)))))
    ORDER BY x.distance, (x.a).priority, (x.a).id LIMIT 1
$$;

-- To the second; of what was asked, what is allowed at most (0: neither) and the agreement the earliest.
CREATE FUNCTION binding_until(asked_s bigint, most_s bigint, agreed timestamptz) RETURNS timestamptz
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN date_trunc('second', least(CASE WHEN asked_s > 0 THEN to_timestamp(asked_s) END,
                                      CASE WHEN most_s > 0 THEN now() + most_s * interval '1 s' END,
                                      agreed, 'infinity'));

-- ---- migrations ----

-- By O&M: the operator's word stands for step 2, also when somebody else goes on with it.
ALTER TABLE migration ADD COLUMN is_ordered boolean NOT NULL DEFAULT false;
UPDATE migration m SET is_ordered = true FROM partner p, task t
WHERE m.ended_at IS NULL AND p.id = m.partner_id AND t.kind = 'migrate'
  AND t.payload ->> 'mc_user_id' = m.mc_user_id AND t.payload ->> 'partner' = p.system_id
  AND coalesce(t.payload ->> 'device', '') IN ('', m.device) AND (t.done_at IS NULL OR t.done_at >= m.created_at);

-- ---- pools ----

-- So many free ones, locked; others skip them. Fewer, if there are no more.
CREATE FUNCTION pool_take(in_domain text, in_public boolean, in_count bigint) RETURNS text[] LANGUAGE sql AS $$
    SELECT ARRAY(SELECT q.identity FROM pool_identity q
                 WHERE q.domain = in_domain AND q.is_public = in_public AND q.free_at <= now()
                 ORDER BY q.free_at LIMIT in_count FOR NO KEY UPDATE SKIP LOCKED)
$$;

-- An IMPI and as many IMPUs as there are local parts, of that domain (NULL: the default one for the purpose), as its
-- generator says; impi NULL: there is no such domain, or its pool has not enough.
CREATE FUNCTION identities_take(in_domain text, in_purpose text, in_local text, in_locals text[],
                                OUT impi text, OUT impus text[], OUT pooled boolean) LANGUAGE plpgsql AS $$
DECLARE
    chosen text;
BEGIN
    SELECT d.domain, d.generator = 'pool' INTO chosen, pooled FROM own_domain d
    WHERE d.domain = coalesce(in_domain, (SELECT o.domain FROM own_domain o
                                          WHERE o.purpose = in_purpose AND o.is_default));
    IF pooled THEN
        impi := (pool_take(chosen, false, 1))[1];
        impus := pool_take(chosen, true, cardinality(in_locals));
        IF cardinality(impus) < cardinality(in_locals) THEN
            impi := NULL;
        END IF;
    ELSE
        impi := in_local || '@' || chosen;
        impus := ARRAY(SELECT 'sip:' || l || '@' || chosen FROM unnest(in_locals) l);
    END IF;
END
$$;

-- ---- the primary's side ----

-- New, repeat, or why neither; 'again': a race was lost. in_until, in_max_s: see binding_until; in_local, in_locals: fresh
-- local parts for an IMPI and its IMPUs. KEY SHARE: whoever removes the partner, ends an agreement with it, bars the subscriber
-- or deletes the user comes before or after; what he changes is read when the lock is there, by a statement of its own.
-- What our configuration management server asks for must still be wanted; another's rows are elsewhere. NOT IN where a row is found by its
-- number: IN would offer the planner the indices of live rows, and on empty tables it takes them.
CREATE FUNCTION mir_outbound(
    in_id uuid, in_partner text, in_mc_user text, in_impi text, in_impus text[], in_mask boolean, in_until bigint,
    in_max_s bigint, in_local text, in_locals text[], in_actor text, in_writer uuid,
    OUT verdict text, OUT live_id bigint, OUT detail text, OUT given_impi text, OUT given_impus text[],
    OUT until_s bigint, OUT id uuid, OUT realm text) LANGUAGE plpgsql AS $$
DECLARE
    partner_nr bigint;
    mask_domain text;
    agreed timestamptz;
    agreed_id bigint;
    until timestamptz;
    subscriber bigint;
    barred boolean;
    refusal text;
    wanted record;
    live record;
    pooled boolean := false;
    ends timestamptz;
BEGIN
    SELECT p.id, p.outbound_domain INTO partner_nr, mask_domain FROM partner p
    WHERE p.system_id = in_partner AND p.state = 'active' FOR KEY SHARE;
    IF partner_nr IS NULL THEN
        verdict := 'no_agreement';
        RETURN;
    END IF;
    SELECT i.ref INTO subscriber FROM identity i
    WHERE i.impi = in_impi AND i.kind = 'own' AND i.retired_at IS NULL FOR KEY SHARE;
    SELECT c.is_barred,
           (SELECT u FROM unnest(in_impus) u
            WHERE NOT EXISTS (SELECT FROM impi_impu m WHERE m.impi = in_impi AND m.impu = u) LIMIT 1)
    INTO barred, detail FROM credential c WHERE c.subscriber_id = subscriber;
    IF barred IS NULL OR detail IS NOT NULL THEN
        verdict := 'unknown_user';
        RETURN;
    END IF;
    IF barred THEN
        verdict := 'barred';
        RETURN;
    END IF;
    SELECT m.state, m.services, EXISTS (SELECT FROM mc_user u WHERE u.mc_user_id = m.mc_user_id) AS has_user
    INTO wanted FROM migration m WHERE m.binding_uuid = in_id;
    SELECT a.until, a.id INTO agreed, agreed_id
    FROM agreement_nearest('outbound', partner_nr, in_mc_user, NULL, NULL, wanted.services) a;
    refusal := CASE WHEN wanted.state = 'ended' THEN 'used_id'
                    WHEN wanted.state IS NOT NULL AND (agreed IS NULL OR NOT wanted.has_user)
                    THEN 'no_agreement' END;
    IF refusal IS NOT NULL THEN
        verdict := refusal;
        RETURN;
    END IF;
    until := binding_until(in_until, in_max_s, agreed);
    IF until <= now() THEN
        verdict := 'past';
        RETURN;
    END IF;
    SELECT g.id AS nr, g.expires_at, g.mc_user_id, g.is_masked, g.binding_uuid INTO live FROM grant_ g
    WHERE g.own_impi = in_impi AND g.partner_id = partner_nr AND g.state IN ('reserved', 'active');
    live_id := live.nr;
    id := live.binding_uuid;
    IF in_id IS NOT NULL AND EXISTS (
        SELECT FROM grant_ o WHERE o.binding_uuid = in_id AND o.id IS DISTINCT FROM live_id
        AND (o.state NOT IN ('ending', 'ended') OR o.cause IN ('released', 'revoked'))) THEN
        verdict := 'used_id';
    ELSIF live_id IS NULL THEN
        verdict := 'new';
    ELSIF live.expires_at <= now() THEN
        verdict := 'expired';
    ELSIF live.mc_user_id <> in_mc_user THEN
        verdict := 'other_user';
        detail := live.mc_user_id;
    ELSIF live.is_masked <> in_mask THEN
        verdict := 'replace';
    ELSE
        verdict := 'repeat';
        given_impus := ARRAY(SELECT k.asked_impu FROM unnest(in_impus) WITH ORDINALITY AS u (impu, n)
                             JOIN grant_impu k ON k.grant_id = live_id AND k.own_impu = u.impu ORDER BY u.n);
        IF cardinality(given_impus) < cardinality(in_impus) THEN
            verdict := 'more';
        END IF;
    END IF;

    IF verdict = 'repeat' THEN
        UPDATE grant_ g SET expires_at = greatest(g.expires_at, until + interval '60 s'),
            mc_user_id = coalesce(g.mc_user_id, in_mc_user), binding_uuid = coalesce(in_id, g.binding_uuid),
            agreement_id = coalesce(agreed_id, g.agreement_id)
        WHERE g.id = live_id AND g.state NOT IN ('ending', 'ended')
        RETURNING g.asked_impi, g.binding_uuid, g.expires_at INTO given_impi, id, ends;
    ELSIF verdict = 'new' THEN
        given_impi := in_impi;
        given_impus := in_impus;
        IF in_mask THEN
            SELECT t.impi, t.impus, t.pooled INTO given_impi, given_impus, pooled
            FROM identities_take(mask_domain, 'outbound', in_local, in_locals) t;
            IF given_impi IS NULL THEN
                verdict := 'exhausted';
                RETURN;
            END IF;
        END IF;
        INSERT INTO grant_ AS g (binding_uuid, partner_id, subscriber_id, own_impi, is_masked, is_pooled, asked_impi,
                                 mc_user_id, state, expires_at, created_by, agreement_id)
        VALUES (coalesce(in_id, gen_random_uuid()), partner_nr, subscriber, in_impi, in_mask, pooled, given_impi,
                in_mc_user, 'active', until + interval '60 s', in_actor, agreed_id)
        ON CONFLICT (own_impi, partner_id) WHERE state IN ('reserved', 'active') DO NOTHING
        RETURNING g.id, g.binding_uuid, g.expires_at INTO live_id, id, ends;
    ELSE
        RETURN;
    END IF;
    IF ends IS NULL THEN
        verdict := 'again';
        RETURN;
    END IF;
    IF verdict = 'new' THEN
        INSERT INTO grant_impu (grant_id, position, own_impu, asked_impu)
        SELECT live_id, n, own, asked FROM unnest(in_impus, given_impus) WITH ORDINALITY AS u (own, asked, n);
        INSERT INTO grant_usage (grant_id) VALUES (live_id);
        IF pooled THEN
            UPDATE identity i SET ref = live_id WHERE i.impi = given_impi;
            UPDATE pool_identity q SET free_at = 'infinity' WHERE q.identity = ANY (given_impi || given_impus);
        ELSIF in_mask THEN
            INSERT INTO identity (impi, kind, ref) VALUES (given_impi, 'outbound', live_id);
            INSERT INTO public_identity (impu, kind) SELECT u, 'outbound' FROM unnest(given_impus) u;
        END IF;
    END IF;
    ends := ends - interval '60 s';
    until_s := CASE WHEN isfinite(ends) THEN extract(epoch FROM ends) END;
    PERFORM audit_append(in_writer, in_actor, 'grant_provisioned', json_build_object(
        'id', id, 'partner', in_partner, 'impi', in_impi, 'given_impi', given_impi, 'expires', ends,
        'repeated', verdict = 'repeat')::text);
END
$$;

-- ---- the partner's side ----

-- The same. in_impi, in_impus canonical; in_received_impi, in_received_impus octet for octet; in_domains of all of them;
-- in_realm (NULL: the main one) and in_host (or NULL) of the primary's SIP database. All of it must be that partner's own,
-- and nothing of ours: no chains (design 4). in_must_agree: an agreement for the user must be in force; in_service_ids: MC-Service-Ids. Who comes under
-- a cap waits for whoever does, too, and counts what is then there. The implicit set of a binding made here has its number, negative: no counter
-- that all would wait for.
CREATE FUNCTION mir_inbound(
    in_id uuid, in_partner text, in_mc_user text, in_impi text, in_impus text[], in_received_impi text,
    in_received_impus text[], in_domains text[], in_realm text, in_host text, in_until bigint, in_max_s bigint,
    in_local text, in_locals text[], in_actor text, in_writer uuid, in_must_agree boolean, in_service_ids text[],
    OUT verdict text, OUT live_id bigint, OUT detail text, OUT given_impi text, OUT given_impus text[],
    OUT until_s bigint, OUT id uuid, OUT realm text) LANGUAGE plpgsql AS $$
DECLARE
    partner_nr bigint;
    own_domain_name text;
    profile bigint;
    agreed_profile bigint;
    agreed_id bigint;
    cap integer;
    agreed timestamptz;
    until timestamptz;
    live record;
    pooled boolean := false;
    ends timestamptz;
    is_made boolean;
BEGIN
    SELECT p.id, p.inbound_domain, p.service_profile_id INTO partner_nr, own_domain_name, profile FROM partner p
    WHERE p.system_id = in_partner AND p.state = 'active' FOR KEY SHARE;
    verdict := 'no_agreement';
    IF partner_nr IS NULL THEN
        RETURN;
    END IF;
    realm := coalesce(in_realm, (SELECT r.realm FROM partner_realm r WHERE r.partner_id = partner_nr AND r.is_main));
    IF NOT EXISTS (SELECT FROM partner_realm r WHERE r.realm = mir_inbound.realm AND r.partner_id = partner_nr) THEN
        detail := 'realm ' || realm;
        RETURN;
    END IF;
    IF in_host IS NOT NULL AND NOT EXISTS (SELECT FROM partner_host h WHERE h.partner_id = partner_nr
                                           AND h.host = in_host AND h.role IN ('sip_database', 'slf')) THEN
        detail := 'host ' || in_host;
        RETURN;
    END IF;
    detail := (SELECT 'domain ' || v FROM unnest(in_domains) v WHERE NOT EXISTS (
                   SELECT FROM partner_domain o WHERE o.domain = v AND o.partner_id = partner_nr) LIMIT 1);
    IF detail IS NOT NULL THEN
        RETURN;
    END IF;
    detail := coalesce((SELECT in_impi || ' is an identity of this system (' || i.kind || ')' FROM identity i
                        WHERE i.impi = in_impi),
                       (SELECT p.impu || ' is an identity of this system (' || p.kind || ')' FROM public_identity p
                        WHERE p.impu = ANY (in_impus) LIMIT 1));
    IF detail IS NOT NULL THEN
        verdict := 'unknown_user';
        RETURN;
    END IF;
    SELECT a.until, a.service_profile_id, a.id, CASE WHEN in_must_agree THEN a.cap END
    INTO agreed, agreed_profile, agreed_id, cap
    FROM agreement_nearest('inbound', partner_nr, in_mc_user,
                           coalesce(substr(mc_id_domain(in_mc_user), 2), in_domains[1]), in_service_ids, NULL) a;
    IF in_must_agree AND agreed IS NULL THEN
        verdict := 'no_agreement';
        RETURN;
    END IF;
    until := binding_until(in_until, in_max_s, agreed);
    IF until <= now() THEN
        verdict := 'past';
        RETURN;
    END IF;
    SELECT b.id AS nr, b.expires_at, b.mc_user_id, b.binding_uuid INTO live FROM binding b
    WHERE b.partner_id = partner_nr AND b.primary_impi_key = in_impi AND b.state IN ('reserved', 'active');
    live_id := live.nr;
    id := live.binding_uuid;
    IF in_id IS NOT NULL AND EXISTS (
        SELECT FROM binding o WHERE o.binding_uuid = in_id AND o.partner_id = partner_nr
        AND o.id IS DISTINCT FROM live_id
        AND (o.state NOT IN ('ending', 'ended') OR o.cause IN ('released', 'revoked'))) THEN
        verdict := 'used_id';
    ELSIF live_id IS NULL THEN
        verdict := 'new';
    ELSIF live.expires_at <= now() THEN
        verdict := 'expired';
    ELSIF live.mc_user_id <> in_mc_user THEN
        verdict := 'other_user';
        detail := live.mc_user_id;
    ELSE
        verdict := 'repeat';
        given_impus := ARRAY(SELECT k.inbound_impu FROM unnest(in_impus) WITH ORDINALITY AS u (impu, n)
                             JOIN binding_impu k ON k.binding_id = live_id AND k.primary_impu_key = u.impu
                             ORDER BY u.n);
        IF cardinality(given_impus) < cardinality(in_impus) THEN
            verdict := 'more';
        END IF;
    END IF;

    IF verdict = 'repeat' THEN
        UPDATE binding b SET expires_at = greatest(b.expires_at, until),
            mc_user_id = coalesce(b.mc_user_id, in_mc_user), binding_uuid = coalesce(in_id, b.binding_uuid),
            database_realm = mir_inbound.realm, database_host = in_host,
            agreement_id = coalesce(agreed_id, b.agreement_id)
        WHERE b.id = live_id AND b.state NOT IN ('ending', 'ended')
        RETURNING b.inbound_impi, b.binding_uuid, b.expires_at, true INTO given_impi, id, ends, is_made;
    ELSIF verdict = 'new' THEN
        IF cap IS NOT NULL THEN
            PERFORM FROM partner p WHERE p.id = partner_nr FOR NO KEY UPDATE;
            verdict := CASE
                WHEN EXISTS (SELECT FROM binding b WHERE b.partner_id = partner_nr AND b.primary_impi_key = in_impi
                             AND b.state IN ('reserved', 'active')) THEN 'again'
                WHEN (SELECT count(*) FROM (SELECT FROM binding b WHERE b.partner_id = partner_nr AND b.ended_at IS NULL
                                            AND b.expires_at > now() LIMIT cap) l) >= cap THEN 'full'
                ELSE 'new' END;
            IF verdict <> 'new' THEN
                RETURN;
            END IF;
        END IF;
        SELECT t.impi, t.impus, t.pooled INTO given_impi, given_impus, pooled
        FROM identities_take(own_domain_name, 'inbound', in_local, in_locals) t;
        IF given_impi IS NULL THEN
            verdict := 'exhausted';
            RETURN;
        END IF;
        live_id := nextval('binding_id_seq');
        profile := coalesce(agreed_profile, profile);
        INSERT INTO binding AS b (id, binding_uuid, partner_id, database_realm, database_host, primary_impi,
                                  primary_impi_key, inbound_impi, is_pooled, mc_user_id, service_profile_id, set_id,
                                  state, expires_at, created_by, agreement_id)
        VALUES (live_id, coalesce(in_id, gen_random_uuid()), partner_nr, realm, in_host, in_received_impi, in_impi,
                given_impi, pooled, in_mc_user, profile, -live_id, 'active', until, in_actor, agreed_id)
        ON CONFLICT (partner_id, primary_impi_key) WHERE state IN ('reserved', 'active') DO NOTHING
        RETURNING b.binding_uuid, b.expires_at, true INTO id, ends, is_made;
    ELSE
        RETURN;
    END IF;
    IF is_made IS NULL THEN
        verdict := 'again';
        RETURN;
    END IF;
    IF verdict = 'new' THEN
        INSERT INTO binding_impu (binding_id, position, inbound_impu, primary_impu, primary_impu_key)
        SELECT live_id, n, ours, received, theirs
        FROM unnest(given_impus, in_received_impus, in_impus) WITH ORDINALITY AS u (ours, received, theirs, n);
        INSERT INTO implicit_set (id, service_profile_id) VALUES (-live_id, profile);
        IF pooled THEN
            UPDATE identity i SET ref = live_id WHERE i.impi = given_impi;
            UPDATE public_identity p SET set_id = -live_id, is_default = u.n = 1
            FROM unnest(given_impus) WITH ORDINALITY AS u (impu, n) WHERE p.impu = u.impu;
            UPDATE pool_identity q SET free_at = 'infinity' WHERE q.identity = ANY (given_impi || given_impus);
        ELSE
            INSERT INTO identity (impi, kind, ref) VALUES (given_impi, 'inbound', live_id);
            INSERT INTO public_identity (impu, kind, set_id, is_default)
            SELECT u.impu, 'inbound', -live_id, u.n = 1 FROM unnest(given_impus) WITH ORDINALITY AS u (impu, n);
        END IF;
    END IF;
    until_s := CASE WHEN isfinite(ends) THEN extract(epoch FROM ends) END;
    PERFORM audit_append(in_writer, in_actor, 'binding_provisioned', json_build_object(
        'id', id, 'partner', in_partner, 'impi', in_impi, 'given_impi', given_impi, 'expires', ends,
        'repeated', verdict = 'repeat')::text);
END
$$;

-- ---- what the indices of live rows replace: last, see above ----
DROP INDEX grant_expiry, binding_expiry, binding_live, migration_user, migration_expiry;
