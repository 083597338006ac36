-- SPDX-License-Identifier: Apache-2.0
-- readable_from: 4
-- Who may migrate and where to (CR 10.1.X.1 steps 2, 3 and 8), the documents of step 12, and the PDN access credentials
-- that are filled into them. The tables of 0003 that this file completes were unused before.

-- ---- users ----
-- May the user migrate (step 2)? Its own word if it has one; else its groups': one that says no outweighs any that says
-- yes; else no. Is it masked (step 4)? Its own word; else its groups': one that says yes outweighs any that says no; else
-- yes if the policy of a service asked for or the agreement says so.
ALTER TABLE mc_user ALTER COLUMN may_migrate DROP DEFAULT;
ALTER TABLE mc_user ALTER COLUMN may_migrate DROP NOT NULL;               -- NULL: the groups decide

-- MCPTT ID, MCVideo ID, MCData ID (TS 23.280 8.1.2 to 8.1.4); a service's ids are each one user's only.
CREATE TABLE mc_service_id (
    service       text COLLATE "C" NOT NULL CHECK (service IN ('mcptt', 'mcvideo', 'mcdata')),
    service_id    text COLLATE "C" NOT NULL CHECK (service_id <> '' AND octet_length(service_id) <= 255),
    mc_user_id    text NOT NULL REFERENCES mc_user,
    PRIMARY KEY (service, service_id)
);
CREATE INDEX mc_service_id_user ON mc_service_id (mc_user_id);

CREATE TABLE mc_group (
    name          text COLLATE "C" PRIMARY KEY CHECK (name ~ '^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$'),
    may_migrate   boolean,                          -- NULL: says nothing
    mask          boolean
);

CREATE TABLE mc_group_member (
    mc_user_id    text NOT NULL REFERENCES mc_user,
    group_name    text COLLATE "C" NOT NULL REFERENCES mc_group,
    PRIMARY KEY (mc_user_id, group_name)
);
CREATE INDEX mc_group_member_group ON mc_group_member (group_name);

-- Policy of a service (CR 10.1.X.1 step 4: "per service configuration"). No row: none.
CREATE TABLE mc_service_policy (
    service       text COLLATE "C" PRIMARY KEY CHECK (service IN ('mcptt', 'mcvideo', 'mcdata')),
    mask          boolean NOT NULL
);

-- ---- devices ----
-- mc_device.services holds names of services; empty: it is for all of them. Its IMPUs are those named here, else those
-- that this database knows of the IMPI (impi_impu). They must be named if another SIP database of the system serves it.
ALTER TABLE mc_device ADD CHECK (services <@ ARRAY['mcptt', 'mcvideo', 'mcdata']);
ALTER TABLE mc_device ADD CHECK (label <> '' AND octet_length(label) <= 64);
ALTER TABLE mc_device ADD CHECK (sip_database_realm IS NOT NULL OR sip_database_host IS NULL);
CREATE TABLE mc_device_impu (
    mc_user_id    text NOT NULL,
    label         text NOT NULL,
    position      smallint NOT NULL CHECK (position BETWEEN 1 AND 8),     -- 1*8{Public-Identity}, design 3
    impu          text COLLATE "C" NOT NULL,
    PRIMARY KEY (mc_user_id, label, position),
    UNIQUE (mc_user_id, label, impu),
    FOREIGN KEY (mc_user_id, label) REFERENCES mc_device
);

-- ---- agreements ----
-- Of several that fit a user and a partner the nearest to the user counts: one of the user before one of a group or of a
-- domain before one of everybody; then the lower priority, then the older. Ended ones stay, explained.
ALTER TABLE agreement ADD COLUMN valid_from timestamptz NOT NULL DEFAULT '-infinity';
ALTER TABLE agreement ADD COLUMN group_name text COLLATE "C" REFERENCES mc_group;          -- outbound: of our groups
ALTER TABLE agreement ADD COLUMN user_domain text COLLATE "C"                              -- inbound: of the MC-User-Id
    CHECK (user_domain = lower(user_domain) AND user_domain <> '');
ALTER TABLE agreement ADD COLUMN service_ids text[] COLLATE "C"    -- inbound: MC-Service-Ids, '@domain' for a whole one
    CHECK (cardinality(service_ids) > 0);
ALTER TABLE agreement ADD COLUMN max_bindings integer CHECK (max_bindings >= 0);           -- inbound: of that partner
ALTER TABLE agreement ADD COLUMN added_at timestamptz NOT NULL DEFAULT now();
ALTER TABLE agreement ADD COLUMN ended_at timestamptz;
ALTER TABLE agreement ADD COLUMN ended_by text;
ALTER TABLE agreement ADD COLUMN reason text;
ALTER TABLE agreement ADD CHECK (services <@ ARRAY['mcptt', 'mcvideo', 'mcdata'] AND cardinality(services) > 0);
ALTER TABLE agreement ADD CHECK (num_nonnulls(mc_user_id, group_name, user_domain) <= 1);
ALTER TABLE agreement ADD CHECK (direction = 'inbound' OR num_nonnulls(user_domain, service_ids, max_bindings,
                                                                       service_profile_id) = 0);
ALTER TABLE agreement ADD CHECK (direction = 'outbound' OR (group_name IS NULL AND NOT mask));
ALTER TABLE agreement ADD CHECK (num_nonnulls(ended_at, ended_by, reason) IN (0, 3));
DROP INDEX agreement_partner;
CREATE INDEX agreement_partner ON agreement (partner_id, direction) WHERE ended_at IS NULL;
CREATE INDEX agreement_user ON agreement (mc_user_id, direction) WHERE ended_at IS NULL AND mc_user_id IS NOT NULL;
CREATE INDEX agreement_group ON agreement (group_name) WHERE ended_at IS NULL AND group_name IS NOT NULL;
CREATE INDEX agreement_of_many ON agreement (direction, partner_id) WHERE ended_at IS NULL AND mc_user_id IS NULL;
-- Live bindings of a partner, counted up to the cap.
CREATE INDEX binding_live ON binding (partner_id, expires_at) WHERE state IN ('reserved', 'active');

-- ---- service areas ----
-- All that a row says must hold; the rows of a partner are alternatives. The box is the row's own, or that of its polygon
-- or circle, computed by mcxctl: it finds what may fit by an index, the exact shape is for policy/area.c. West of it may be
-- the larger: it goes over the antimeridian. ecgi_prefix: the first hex digits of the E-UTRAN Cell Identity in that PLMN.
ALTER TABLE service_area ADD COLUMN polygon double precision[]            -- latitude, longitude by turns
    CHECK (cardinality(polygon) BETWEEN 6 AND 512 AND cardinality(polygon) % 2 = 0);
ALTER TABLE service_area ADD COLUMN center_latitude double precision CHECK (center_latitude BETWEEN -90 AND 90);
ALTER TABLE service_area ADD COLUMN center_longitude double precision CHECK (center_longitude BETWEEN -180 AND 180);
ALTER TABLE service_area ADD COLUMN radius_m double precision CHECK (radius_m > 0 AND radius_m <= 20037509);
ALTER TABLE service_area ADD COLUMN name text NOT NULL DEFAULT '';
ALTER TABLE service_area ADD CHECK (num_nonnulls(south, north, west, east) IN (0, 4));
ALTER TABLE service_area ADD CHECK (south <= north);
ALTER TABLE service_area ADD CHECK (num_nonnulls(center_latitude, center_longitude, radius_m) IN (0, 3));
ALTER TABLE service_area ADD CHECK (num_nonnulls(polygon, radius_m) <= 1);
ALTER TABLE service_area ADD CHECK (num_nonnulls(polygon, radius_m) = 0 OR south IS NOT NULL);
ALTER TABLE service_area ADD CHECK (ecgi_prefix IS NULL OR (plmn IS NOT NULL AND octet_length(ecgi_prefix) BETWEEN 1
                                                            AND 7));
DROP INDEX service_area_partner;
CREATE INDEX service_area_network ON service_area (partner_id, plmn, ecgi_prefix);

-- ---- documents ----
-- inbound: what this system gives to users of that partner (NULL: of every partner), step 12. outbound: the copy of what
-- that partner gives, for our users (NOTE 3). The newest valid version of a service counts; older ones stay.
ALTER TABLE ue_document DROP CONSTRAINT ue_document_partner_id_name_key;
ALTER TABLE ue_document ADD COLUMN direction text COLLATE "C" NOT NULL DEFAULT 'inbound'
    CHECK (direction IN ('inbound', 'outbound'));
ALTER TABLE ue_document ADD COLUMN service text COLLATE "C" NOT NULL DEFAULT 'mcptt'
    CHECK (service IN ('mcptt', 'mcvideo', 'mcdata'));
ALTER TABLE ue_document ADD COLUMN version bigint NOT NULL DEFAULT 1 CHECK (version > 0);
ALTER TABLE ue_document ADD COLUMN valid_from timestamptz NOT NULL DEFAULT '-infinity';
ALTER TABLE ue_document ADD COLUMN valid_until timestamptz NOT NULL DEFAULT 'infinity';
ALTER TABLE ue_document ADD COLUMN loaded_at timestamptz NOT NULL DEFAULT now();
ALTER TABLE ue_document ADD COLUMN loaded_by text NOT NULL DEFAULT '';
ALTER TABLE ue_document ADD COLUMN withdrawn_at timestamptz;              -- no longer given out
ALTER TABLE ue_document ADD CHECK (direction = 'inbound' OR partner_id IS NOT NULL);
ALTER TABLE ue_document ADD CHECK (valid_from < valid_until);
ALTER TABLE ue_document ADD UNIQUE NULLS NOT DISTINCT (partner_id, direction, service, version);

-- PDN access credentials (Annex A.6: PAP or CHAP), one binding's at a time. Wrapped as aka/wrap.h says, field ACCESS,
-- context the row's id as text; inside: length of the user name (2 octets), user name, password.
CREATE TABLE pdn_credential (
    id            bigint PRIMARY KEY,               -- from id_counter
    partner_id    bigint REFERENCES partner,        -- for users of that partner; NULL: of any
    pdn           text COLLATE "C" NOT NULL CHECK (pdn ~ '^[a-z0-9][a-z0-9.-]{0,62}$'),
    key_id        bigint NOT NULL,                  -- key_check.key_id; also inside the wrapped octets
    wrapped       bytea NOT NULL CHECK (octet_length(wrapped) BETWEEN 35 AND 600),
    fingerprint   bytea NOT NULL CHECK (octet_length(fingerprint) = 32),  -- of pdn and user name: none twice
    holder_partner_id bigint,                       -- the primary whose binding has it, and which
    binding_uuid  uuid,
    allocated_at  timestamptz,
    loaded_at     timestamptz NOT NULL DEFAULT now(),
    UNIQUE (pdn, fingerprint),
    CHECK (num_nonnulls(holder_partner_id, binding_uuid, allocated_at) IN (0, 3))
) WITH (fillfactor = 80);
CREATE INDEX pdn_credential_free ON pdn_credential (pdn, partner_id, id) WHERE binding_uuid IS NULL;
CREATE UNIQUE INDEX pdn_credential_held ON pdn_credential (binding_uuid, holder_partner_id, pdn)
    WHERE binding_uuid IS NOT NULL;
CREATE INDEX pdn_credential_key ON pdn_credential (key_id, id);
INSERT INTO id_counter VALUES ('pdn_credential', 1);

-- ---- what the hot statements say more than once ----
-- May the box hold the place? Generous at the edges: the exact shape decides later.
CREATE FUNCTION box_may_hold(south double precision, north double precision, west double precision,
                             east double precision, latitude double precision, longitude double precision)
    RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN latitude BETWEEN south - 1e-6 AND north + 1e-6
           AND (abs(latitude) > 89.999999
                OR CASE WHEN west <= east
                        THEN longitude BETWEEN west - 1e-6 AND east + 1e-6
                             OR (abs(longitude) > 179.999999 AND -longitude BETWEEN west - 1e-6 AND east + 1e-6)
                        ELSE longitude >= west - 1e-6 OR longitude <= east + 1e-6 END);

-- The shape as store/choice.c reads it: a letter and numbers.
CREATE FUNCTION area_shape(area service_area) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
    RETURN CASE WHEN (area).polygon IS NOT NULL THEN 'P ' || array_to_string((area).polygon, ' ')
                WHEN (area).radius_m IS NOT NULL
                THEN concat_ws(' ', 'C', (area).center_latitude, (area).center_longitude, (area).radius_m)
                WHEN (area).south IS NOT NULL
                THEN concat_ws(' ', 'B', (area).south, (area).north, (area).west, (area).east) END;

-- When a migration that begins now ends by this agreement, as Unix time; NULL: never.
CREATE FUNCTION agreement_end(agreement agreement) RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
    RETURN CASE WHEN isfinite(least((agreement).expires_at, now() + (agreement).max_duration))
                THEN floor(extract(epoch FROM least((agreement).expires_at, now() + (agreement).max_duration)))::bigint END;

-- Is this user (NULL: not known) one of those that the agreement names?
CREATE FUNCTION agreement_names(agreement agreement, mc_user text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
    RETURN ((agreement).mc_user_id IS NULL OR (agreement).mc_user_id IS NOT DISTINCT FROM mc_user)
           AND ((agreement).group_name IS NULL
                OR EXISTS (SELECT FROM mc_group_member m WHERE m.mc_user_id = mc_user
                           AND m.group_name = (agreement).group_name))
           AND ((agreement).user_domain IS NULL
                OR (agreement).user_domain IS NOT DISTINCT FROM lower(substring(mc_user FROM '@([^@;:?>]+)[^@]*$')));

CREATE FUNCTION agreement_in_force(agreement agreement, mc_user text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (agreement).ended_at IS NULL AND (agreement).valid_from <= now() AND (agreement).expires_at > now()
           AND agreement_names(agreement, mc_user);
