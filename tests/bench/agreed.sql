-- SPDX-License-Identifier: Apache-2.0
-- A fixture: every user may go to that partner from PLMN 00101, and every user of it may come. psql variables: partner
-- (system id), document (what our visitors get).
INSERT INTO agreement (partner_id, direction)
    SELECT id, d FROM partner, unnest(ARRAY['outbound', 'inbound']) AS d WHERE system_id = :'partner';
INSERT INTO service_area (partner_id, plmn) SELECT id, '00101' FROM partner WHERE system_id = :'partner';
INSERT INTO ue_document (partner_id, name, document)
    SELECT id, 'bench', convert_to(:'document', 'UTF8') FROM partner WHERE system_id = :'partner';
ANALYZE;
