"""Which shipments `h` (of orders `o`) a list shows by how far their labels are."""

from datetime import timedelta
from typing import Any

from orderwerk.core import clock, ids
from orderwerk.shipments.labels import BARE_PACKAGE, LABELLED_ELSEWHERE

# What left without a label is looked for among what was opened and left of late: further back nobody prints one any more.
OPENED_WITHIN = timedelta(days=60)
LEFT_WITHIN = timedelta(days=7)

# What waits to leave, or left of late, without the label that its carrier would make. Of what left, only what goes by itself since
# the carrier is connected, and has no code that somebody typed: that one's label was made elsewhere.
_UNLABELLED = f"""
h.id in (
  select x.id from shipments_shipment x where x.status = 'announced'
    and exists (select from shipments_package g where g.shipment_id = x.id
      and not exists (select from shipments_label l where l.package_id = g.id))
  union all
  select s.id from shipments_shipment s where s.status = 'shipped' and s.id >= %s and s.shipped_at >= %s
    and not exists (select from shipments_shipment b where b.id = s.combined_into_id and b.status <> 'cancelled')
    and {BARE_PACKAGE} and not {LABELLED_ELSEWHERE})
and (h.status = 'announced' or o.collect_location_id is null)
and exists (select from shipments_carrier_account a where a.carrier = h.carrier and a.is_active
  and (h.status = 'announced' or a.created_at <= h.shipped_at))
"""
_LABELLED = "h.id in (select l.shipment_id from shipments_label l where l.status = %s)"


def unlabelled() -> tuple[str, Any, Any]:
    """Return the condition, with its values, that a package has no label and its carrier would make one."""
    now = clock.now()
    return _UNLABELLED, ids.first_of(now - OPENED_WITHIN), now - LEFT_WITHIN


def labelled(status: str) -> tuple[str, str]:
    """Return the condition, with its value, that one of the labels is so far."""
    return _LABELLED, status
