-- SPDX-License-Identifier: Apache-2.0
-- readable_from: 4
-- Identities loaded beforehand, for domains whose generator is 'pool' (CR 10.1.X.1 steps 5 and 10).
ALTER TABLE own_domain ADD COLUMN generator text NOT NULL DEFAULT 'random' CHECK (generator IN ('random', 'pool'));
