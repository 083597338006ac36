-- SPDX-License-Identifier: Apache-2.0
-- readable_from: 4
-- Who may migrate and where to (CR 10.1.X.1 steps 2, 3 and 8), and the documents of step 12.
ALTER TABLE agreement ADD COLUMN valid_from timestamptz NOT NULL DEFAULT '-infinity';
