"""The carriers' labels of parcels."""

from orderwerk.checks.invariant import Invariant

_CALL = "Do not touch the row; look at the order's events, then call support with this finding."

INVARIANTS = (
    Invariant(
        "shipping-label-effect",
        "A label is ready exactly when its last call to the carrier succeeded, and under way while that has no end.",
        """
        select l.shop_id, 'label', l.id, case e.status when 'succeeded' then 'made' when 'failed' then 'failed' else 'ordered' end, l.status
        from shipments_label l left join core_effect e on e.id = l.effect_id
        where e.id is null or e.kind <> 'shipping_label' or e.business_key <> format('%s/%s', l.id, l.attempts)
          or (l.status <> 'void' and (l.status = 'made') <> (e.status = 'succeeded'))
          or (l.status <> 'void' and (l.status = 'failed') <> (e.status = 'failed'))
          or (l.status = 'void' and (e.status not in ('succeeded', 'failed') or (l.made_at is not null) <> (e.status = 'succeeded')))
          or (e.status = 'succeeded' and e.provider_reference is distinct from l.barcode)
        """,
        _CALL,
    ),
    Invariant(
        "shipping-label-parcel",
        "A label that is not given up sticks on a package of a shipment that goes by itself, and is that package's tracking code.",
        """
        select l.shop_id, 'label', l.id, 'a package of its own, with code ' || l.barcode, format('%s, code %s', s.status, g.tracking_code)
        from shipments_label l join shipments_shipment s on s.id = l.shipment_id
        left join shipments_package g on g.id = l.package_id and g.shipment_id = l.shipment_id
        left join shipments_shipment b on b.id = s.combined_into_id and b.status <> 'cancelled'
        where l.status <> 'void' and (g.id is null or g.position <> l.position or s.status = 'cancelled' or b.id is not null
          or (l.status = 'made' and g.tracking_code <> l.barcode))
        """,
        "Take the label off the parcel, if it is on one; look at the shipment's events, then call support with this finding.",
    ),
    Invariant(
        "shipping-label-barcode",
        "No two labels have one barcode, whatever way their parcels go.",
        """
        select x.shop_id, 'label', x.id, 'a barcode of its own', x.barcode from (
          select shop_id, id, barcode, count(*) over (partition by barcode) as n from (
            select shop_id, id, barcode from shipments_label where barcode <> ''
            union all select shop_id, id, barcode from return_requests_label where barcode <> '') each
        ) x where x.n > 1
        """,
        "Look at which parcels carry it; the carrier delivers one of them to the other's address.",
    ),
)
