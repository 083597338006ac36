# SPDX-License-Identifier: Apache-2.0
"""Releases that wait in the outbox, and the ended migrations that they are of, as rows."""

import uuid

_TASK = ("INSERT INTO task (id, kind, payload, attempts) VALUES ('{}', '{}', json_build_object('binding_uuid', '{}',"
         " 'primary', 'primary', 'cause', 'revoked', {}), {})")
_ENDED = ("INSERT INTO migration (binding_uuid, mc_user_id, device, own_impi, partner_id, is_requested, is_masked, state,"
          " database_realm, own_impus, service_ids, asked_expires_at, expires_at, created_by, ended_at, ended_by, cause,"
          " reason) SELECT '{0}', 'u', 'd', 'i@x', id, true, false, 'ended', 'r', '{{}}', '{{}}', now() - interval '{1}',"
          " now() - interval '{1}', 't', now(), 't', 'revoked', 'test' FROM partner WHERE system_id = '{2}'")
_OUTCOME = "SELECT done_at IS NOT NULL, outcome::json ->> 'problem' FROM task WHERE id = '{}'"
OPEN, DONE = ("f", ""), ("t", "given-up")


def ended(lab, partner, past):
    """A migration to that partner whose time was over so long ago; its binding id."""
    binding = str(uuid.uuid4())
    lab.cluster.sql("primary", _ENDED.format(binding, past, partner))
    return binding


def release(lab, kind, binding, attempts, **to):
    """A task of that kind, tried so often; its id."""
    task = str(uuid.uuid4())
    words = ", ".join(f"'{name}', '{value}'" for name, value in to.items())
    lab.cluster.sql("primary", _TASK.format(task, kind, binding, words, attempts))
    return task


def outcome(lab, task):
    """OPEN or DONE."""
    return lab.cluster.sql("primary", _OUTCOME.format(task))[0]
