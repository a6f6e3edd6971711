"""Finds jobs whose worker was killed and gives them back to the queue; jobs are repeatable by design."""

from orderwerk.core import sql

_STALE_SECONDS = 30
_MOST_ATTEMPTS = 25

# A dead worker's heartbeat stands still; a pruned worker leaves worker_id null. Jobs carry no locks here,
# so a returned job blocks nobody, and the effect table keeps a second run from acting twice.
_RESCUE = """
with stalled as (
  select j.id, j.attempts from procrastinate_jobs j
  left join procrastinate_workers w on w.id = j.worker_id
  where j.status = 'doing' and (w.id is null or w.last_heartbeat < now() - make_interval(secs => %s))
  for update of j skip locked
)
update procrastinate_jobs j
set status = (case when stalled.attempts >= %s then 'failed' else 'todo' end)::procrastinate_job_status,
    attempts = stalled.attempts + 1, worker_id = null, scheduled_at = now()
from stalled where j.id = stalled.id
"""


def sweep_once(stale_seconds: int = _STALE_SECONDS) -> int:
    """Return jobs of dead workers to the queue; says how many. Gives up after 25 attempts, visibly."""
    return sql.execute(_RESCUE, (stale_seconds, _MOST_ATTEMPTS))
