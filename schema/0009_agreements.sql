-- SPDX-License-Identifier: Apache-2.0
-- readable_from: 4
-- Which agreement a migration was made under, and what an agreement's end finds without a look at all that its partner
-- has. Built while others read; the last table is shut until this is committed.
CREATE INDEX grant_live_agreement ON grant_ (agreement_id) WHERE ended_at IS NULL;
CREATE INDEX binding_live_agreement ON binding (agreement_id) WHERE ended_at IS NULL;
CREATE INDEX binding_live_user ON binding (mc_user_id) WHERE ended_at IS NULL;

-- As chosen in step 3. NULL: carried by hand under none, or begun by a daemon up to version 8. Then its grant says it;
-- if that is in another database, the end of any group's agreement with the partner ends it. No reference, see 0008.
ALTER TABLE migration ADD COLUMN agreement_id bigint;
CREATE INDEX migration_live_agreement ON migration (agreement_id) WHERE ended_at IS NULL;
