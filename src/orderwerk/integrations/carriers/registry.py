"""The carriers that this installation can ask for labels, by the name that accounts carry."""

from orderwerk.integrations.carriers.postnl import PostNL
from orderwerk.integrations.carriers.postnl_parcels import PostNLParcels
from orderwerk.return_requests.ports import ReturnCarriers
from orderwerk.shipments.ports import ParcelCarriers

RETURN_CARRIERS: ReturnCarriers = {"postnl": PostNL()}
PARCEL_CARRIERS: ParcelCarriers = {"postnl": PostNLParcels()}
