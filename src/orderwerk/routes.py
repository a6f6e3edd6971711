"""THE table of late reactions: event kind → jobs that react, on one page.

A job named here runs at least once, after the commit, with `event_ids`: it reads the present, checks the
status under lock and does nothing when there is nothing left to do. `config` installs the table at start.
"""

from collections.abc import Mapping

ROUTES: Mapping[str, tuple[str, ...]] = {}
