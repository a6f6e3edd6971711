"""The carriers that this installation can ask for return labels, by the name that accounts carry."""

from orderwerk.integrations.carriers.postnl import PostNL
from orderwerk.return_requests.ports import ReturnCarriers

RETURN_CARRIERS: ReturnCarriers = {"postnl": PostNL()}
