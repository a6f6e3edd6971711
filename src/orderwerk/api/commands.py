"""THE table of commands: what can be posted, by whom, and which command does it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from orderwerk.allocations.commands.set_channels import ChannelStockItem, set_channel_stocks
from orderwerk.allocations.commands.set_rules import RoutingItem, set_routing_rules
from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.core.outcome import Outcome
from orderwerk.emails.commands.report_bounces import BounceItem, report_bounces
from orderwerk.emails.commands.resend import ResendItem, resend_emails
from orderwerk.emails.commands.reset_templates import ResetTemplateItem, reset_templates
from orderwerk.emails.commands.set_automations import AutomationItem, set_automations
from orderwerk.emails.commands.upsert_templates import TemplateItem, upsert_templates
from orderwerk.flows.adjust_stock import AdjustItem, adjust_stock_levels
from orderwerk.flows.allocate_orders import AllocateItem, allocate_orders
from orderwerk.flows.cancel_orders import CancelItem, cancel_orders
from orderwerk.flows.cancel_pick_lists import CancelPickListItem, cancel_pick_lists
from orderwerk.flows.cancel_shipments import CancelShipmentItem, cancel_shipments
from orderwerk.flows.close_transfers import close_expected
from orderwerk.flows.collect_shipments import CollectShipmentItem, collect_shipments
from orderwerk.flows.complete_pick_lists import CompleteItem, complete_pick_lists
from orderwerk.flows.consolidate_orders import ConsolidateItem, consolidate_orders
from orderwerk.flows.count_stock import CountItem, count_stock_levels
from orderwerk.flows.decide_cancel_requests import (
    AcceptCancelRequestItem,
    RejectCancelRequestItem,
    accept_cancel_requests,
    reject_cancel_requests,
)
from orderwerk.flows.decide_claims import DecideClaimItem, decide_claims
from orderwerk.flows.decide_substitutions import (
    SubstitutionItem,
    accept_substitutions,
    decline_substitutions,
    withdraw_substitutions,
)
from orderwerk.flows.erase_orders import EraseItem, erase_orders
from orderwerk.flows.keep_returns import KeepItem, keep_returns
from orderwerk.flows.merge_shipments import MergeShipmentsItem, merge_shipments
from orderwerk.flows.move_allocations import MoveAllocationItem, move_allocations
from orderwerk.flows.move_shipments import MoveShipmentItem, move_shipments
from orderwerk.flows.pack_shipments import PackItem, pack_shipments
from orderwerk.flows.pick_lines import PickItem, pick_lines
from orderwerk.flows.place_orders import place_orders
from orderwerk.flows.preview_emails import PreviewItem, preview_templates
from orderwerk.flows.propose_substitutions import ProposeSubstitutionItem, propose_substitutions
from orderwerk.flows.ready_shipments import ReadyShipmentItem, ready_shipments
from orderwerk.flows.receive_goods import receive_goods
from orderwerk.flows.receive_repairs import ReceiveRepairItem, receive_repairs
from orderwerk.flows.record_payments import PaymentItem, record_payments
from orderwerk.flows.record_scans import ScanItem, record_scans
from orderwerk.flows.record_stock_scans import StockScanItem, record_stock_scans
from orderwerk.flows.reject_shipments import RejectShipmentItem, reject_shipments
from orderwerk.flows.release_allocations import ReleaseAllocationItem, release_allocations
from orderwerk.flows.release_orders import ReleaseOrderItem, release_orders
from orderwerk.flows.release_pick_lists import ReleasePickListItem, release_pick_lists
from orderwerk.flows.repair_stock import RepairItem, repair_stock_levels
from orderwerk.flows.send_emails import SendEmailItem, scopes_to_send, send_emails
from orderwerk.flows.send_test_emails import TrialItem, send_test_emails
from orderwerk.flows.set_lots import LotItem, set_lots
from orderwerk.flows.set_up_locations import LocationItem, set_up_locations
from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
from orderwerk.flows.split_shipments import SplitShipmentItem, split_shipments
from orderwerk.flows.withdraw import WithdrawalItem, state_withdrawals
from orderwerk.invoices.commands.credit import CreditItem, credit_invoices
from orderwerk.memos.commands.create import MemoItem, create_memos
from orderwerk.memos.commands.pin import PinItem, pin_memos
from orderwerk.orders.commands.hand_over import HandOverItem, hand_over_holds
from orderwerk.orders.commands.hold import HoldItem, hold_orders
from orderwerk.orders.commands.set_hold_rules import HoldRulesItem, set_hold_rules
from orderwerk.orders.commands.update import UpdateItem, update_orders
from orderwerk.orders.document import OrderDocument
from orderwerk.payments.commands.check_accounts import CheckAccountItem, check_payment_accounts
from orderwerk.payments.commands.retry_captures import RetryCaptureItem, retry_captures
from orderwerk.payments.commands.set_accounts import AccountItem, set_payment_accounts
from orderwerk.picklists.commands.assign import AssignItem, assign_pick_lists
from orderwerk.picklists.commands.create import (
    CreatePickListItem,
    create_pick_lists,
    propose_pick_lists,
)
from orderwerk.picklists.commands.pause import (
    PauseItem,
    ResumeItem,
    pause_pick_lists,
    resume_pick_lists,
)
from orderwerk.picklists.commands.prioritise import PrioritiseItem, prioritise_pick_lists
from orderwerk.picklists.commands.snooze import (
    SnoozeItem,
    WakeItem,
    snooze_pick_lists,
    wake_pick_lists,
)
from orderwerk.refunds.commands.approve import ApproveRefundItem, approve_refunds
from orderwerk.refunds.commands.create import CreateRefundItem, create_refunds
from orderwerk.refunds.commands.create_batches import BankTransferItem, create_transfer_batches
from orderwerk.refunds.commands.redirect import RedirectRefundItem, redirect_refunds
from orderwerk.refunds.commands.reject import RejectRefundItem, reject_refunds
from orderwerk.refunds.commands.resolve_differences import (
    ResolveDifferenceItem,
    resolve_differences,
)
from orderwerk.refunds.commands.retry import RetryRefundItem, retry_refunds
from orderwerk.refunds.commands.set_accounts import RefundAccountItem, set_refund_accounts
from orderwerk.refunds.commands.settle import SettleRefundItem, settle_refunds
from orderwerk.refunds.commands.stop_credits import StopCreditItem, stop_store_credits
from orderwerk.return_requests.commands.add_photos import PhotosItem, add_photos
from orderwerk.return_requests.commands.box import BoxItem, box_return_requests
from orderwerk.return_requests.commands.create import ReturnRequestItem, create_return_requests
from orderwerk.return_requests.commands.decide import (
    ApproveRequestItem,
    CancelRequestItem,
    RejectRequestItem,
    approve_return_requests,
    cancel_return_requests,
    reject_return_requests,
)
from orderwerk.return_requests.commands.order_labels import OrderLabelItem, order_return_labels
from orderwerk.return_requests.commands.set_carriers import ReturnCarrierItem, set_return_carriers
from orderwerk.return_requests.commands.set_policies import PolicyItem, set_return_policies
from orderwerk.return_requests.commands.upsert_reasons import ReasonItem, upsert_return_reasons
from orderwerk.returns.commands.add_claim_photos import ClaimPhotosItem, add_claim_photos
from orderwerk.returns.commands.book_findings import FindingItem, book_findings
from orderwerk.returns.commands.create import ReturnItem, create_returns
from orderwerk.returns.commands.create_claims import ClaimItem, create_claims
from orderwerk.returns.commands.inspect import InspectItem, inspect_returns
from orderwerk.shipments.commands.announce import AnnounceItem, announce_shipments
from orderwerk.shipments.commands.close_exceptions import (
    CloseExceptionItem,
    close_delivery_exceptions,
)
from orderwerk.shipments.commands.combine import (
    CombineShipmentsItem,
    SeparateShipmentItem,
    combine_shipments,
    separate_shipments,
)
from orderwerk.shipments.commands.note_scans import WrongScanItem, note_wrong_scans
from orderwerk.shipments.commands.order_labels import (
    OrderShippingLabelsItem,
    order_shipping_labels,
)
from orderwerk.shipments.commands.record_serials import RecordSerialsItem, record_serials
from orderwerk.shipments.commands.set_box_sizes import BoxSizesItem, set_box_sizes
from orderwerk.shipments.commands.set_carrier_accounts import (
    CarrierAccountItem,
    set_carrier_accounts,
)
from orderwerk.shipments.commands.set_shipping_rules import (
    ShippingRulesItem,
    set_shipping_rules,
)
from orderwerk.shipments.commands.track import TrackItem, track_shipments
from orderwerk.shipments.commands.update import UpdateShipmentItem, update_shipments
from orderwerk.shipments.commands.upsert_carriers import CarrierItem, upsert_carriers
from orderwerk.shipments.commands.void_labels import VoidShippingLabelItem, void_shipping_labels
from orderwerk.shops.commands.set_logos import LogoItem, set_logos
from orderwerk.shops.commands.upsert import ShopItem, upsert_shops
from orderwerk.stock.commands.close_inbounds import CloseInboundItem
from orderwerk.stock.commands.receive import ReceiveItem
from orderwerk.stock.commands.relocate import RelocateItem, relocate_stock
from orderwerk.stock.commands.request_due_counts import DueCountItem, request_due_counts
from orderwerk.stock.commands.send_transfers import SendItem, send_transfers
from orderwerk.stock.commands.set_bins import BinItem, set_bins
from orderwerk.stock.commands.set_count_plans import CountPlanItem, set_count_plans
from orderwerk.stock.commands.transfer import TransferItem, transfer_stock_levels
from orderwerk.stock.commands.upsert_inbounds import InboundItem, upsert_inbounds
from orderwerk.stock.commands.upsert_postal_places import PostalPlaceItem, upsert_postal_places


@dataclass(frozen=True, slots=True)
class Command:
    """One `POST /api/v1/<plural>/<verb>`: the item it takes, the scopes of which one is enough, and who does it."""

    plural: str
    verb: str
    item: type[Any]
    run: Callable[..., Sequence[Outcome]]
    scopes: tuple[str, ...]
    needs_key: bool = False
    # Each item has a key of its own, under which it is answered the same again; the call may be several transactions.
    keeps_each: bool = False
    # What else is needed for one item, because of what it shows; all of it.
    also: Callable[[Any], frozenset[str]] = lambda item: frozenset()  # noqa: ARG005


_ORDERS, _STOCK, _SHIPPING = ("orders:write",), ("stock:write",), ("shipping:write",)
_BILLING, _SETTINGS = ("billing:write",), ("settings:write",)
_REFUNDS = ("refunds:write",)
_RETURNS = ("returns:write",)
# Claims belong to an order as much as to the warehouse.
_CLAIMS = ("orders:write", "stock:write")

COMMANDS = (
    Command("orders", "create", OrderDocument, place_orders, _ORDERS),
    Command("orders", "update", UpdateItem, update_orders, _ORDERS),
    Command("orders", "cancel", CancelItem, cancel_orders, _ORDERS),
    Command("orders", "hold", HoldItem, hold_orders, _ORDERS),
    Command("orders", "hand-over", HandOverItem, hand_over_holds, _ORDERS),
    Command("orders", "release", ReleaseOrderItem, release_orders, _ORDERS),
    Command("hold-rules", "upsert", HoldRulesItem, set_hold_rules, _SETTINGS),
    Command("orders", "erase", EraseItem, erase_orders, _SETTINGS, needs_key=True),
    Command("cancel-requests", "accept", AcceptCancelRequestItem, accept_cancel_requests, _SHIPPING),
    Command("cancel-requests", "reject", RejectCancelRequestItem, reject_cancel_requests, _SHIPPING),
    Command("substitutions", "propose", ProposeSubstitutionItem, propose_substitutions, _ORDERS),
    Command("substitutions", "accept", SubstitutionItem, accept_substitutions, _ORDERS),
    Command("substitutions", "decline", SubstitutionItem, decline_substitutions, _ORDERS),
    Command("substitutions", "withdraw", SubstitutionItem, withdraw_substitutions, _ORDERS),
    Command("payments", "record", PaymentItem, record_payments, _BILLING),
    Command("captures", "retry", RetryCaptureItem, retry_captures, _BILLING, needs_key=True),
    Command("payment-accounts", "upsert", AccountItem, set_payment_accounts, _SETTINGS),
    Command("payment-accounts", "check", CheckAccountItem, check_payment_accounts, _SETTINGS),
    Command("products", "upsert", ProductItem, upsert_products, _STOCK),
    Command("stock-locations", "upsert", LocationItem, set_up_locations, _SETTINGS),
    Command("bins", "upsert", BinItem, set_bins, _SETTINGS),
    Command("stock-levels", "count", CountItem, count_stock_levels, _STOCK),
    Command("stock-levels", "adjust", AdjustItem, adjust_stock_levels, _STOCK, needs_key=True),
    Command("stock-levels", "transfer", TransferItem, transfer_stock_levels, _STOCK, needs_key=True),
    Command("stock-levels", "relocate", RelocateItem, relocate_stock, _STOCK, needs_key=True),
    Command("stock-levels", "scan", StockScanItem, record_stock_scans, _STOCK, keeps_each=True),
    Command("stock-levels", "receive", ReceiveItem, receive_goods, _STOCK, needs_key=True),
    Command("stock-levels", "repair", RepairItem, repair_stock_levels, _STOCK),
    Command("channel-stocks", "upsert", ChannelStockItem, set_channel_stocks, _STOCK),
    Command("count-plans", "upsert", CountPlanItem, set_count_plans, _SETTINGS),
    Command("count-plans", "request", DueCountItem, request_due_counts, _STOCK),
    Command("lots", "update", LotItem, set_lots, _STOCK),
    Command("inbounds", "upsert", InboundItem, upsert_inbounds, _STOCK),
    Command("inbounds", "send", SendItem, send_transfers, _STOCK, needs_key=True),
    Command("inbounds", "close", CloseInboundItem, close_expected, _STOCK, needs_key=True),
    Command("allocations", "allocate", AllocateItem, allocate_orders, _CLAIMS),
    Command("allocations", "release", ReleaseAllocationItem, release_allocations, _CLAIMS),
    Command("allocations", "move", MoveAllocationItem, move_allocations, _CLAIMS),
    Command("allocations", "consolidate", ConsolidateItem, consolidate_orders, _CLAIMS, needs_key=True),
    Command("routing-rules", "upsert", RoutingItem, set_routing_rules, _SETTINGS),
    Command("pick-lists", "create", CreatePickListItem, create_pick_lists, _SHIPPING),
    Command("pick-lists", "propose", CreatePickListItem, propose_pick_lists, _SHIPPING),
    Command("pick-lists", "assign", AssignItem, assign_pick_lists, _SHIPPING),
    Command("pick-lists", "pick", PickItem, pick_lines, _SHIPPING),
    Command("pick-lists", "scan", ScanItem, record_scans, _SHIPPING),
    Command("pick-lists", "complete", CompleteItem, complete_pick_lists, _SHIPPING),
    Command("pick-lists", "prioritise", PrioritiseItem, prioritise_pick_lists, _SHIPPING),
    Command("pick-lists", "pause", PauseItem, pause_pick_lists, _SHIPPING),
    Command("pick-lists", "resume", ResumeItem, resume_pick_lists, _SHIPPING),
    Command("pick-lists", "snooze", SnoozeItem, snooze_pick_lists, _SHIPPING),
    Command("pick-lists", "wake", WakeItem, wake_pick_lists, _SHIPPING),
    Command("pick-lists", "release", ReleasePickListItem, release_pick_lists, _SHIPPING),
    Command("pick-lists", "cancel", CancelPickListItem, cancel_pick_lists, _SHIPPING),
    Command("shipments", "update", UpdateShipmentItem, update_shipments, _SHIPPING),
    Command("shipments", "announce", AnnounceItem, announce_shipments, _SHIPPING),
    Command("shipments", "order-labels", OrderShippingLabelsItem, order_shipping_labels, _SHIPPING),
    Command("shipping-labels", "void", VoidShippingLabelItem, void_shipping_labels, _SHIPPING),
    Command("shipments", "ship", ShipItem, ship_shipments, _SHIPPING),
    Command("shipments", "ready", ReadyShipmentItem, ready_shipments, _SHIPPING),
    Command("shipments", "collect", CollectShipmentItem, collect_shipments, _SHIPPING),
    Command("shipments", "record-serials", RecordSerialsItem, record_serials, _SHIPPING),
    Command("shipments", "pack", PackItem, pack_shipments, _SHIPPING),
    Command("shipments", "note-scans", WrongScanItem, note_wrong_scans, _SHIPPING, needs_key=True),
    Command("shipments", "cancel", CancelShipmentItem, cancel_shipments, _SHIPPING),
    Command("shipments", "reject", RejectShipmentItem, reject_shipments, _SHIPPING),
    Command("shipments", "split", SplitShipmentItem, split_shipments, _SHIPPING),
    Command("shipments", "merge", MergeShipmentsItem, merge_shipments, _SHIPPING),
    Command("shipments", "move", MoveShipmentItem, move_shipments, _SHIPPING),
    Command("shipments", "combine", CombineShipmentsItem, combine_shipments, _SHIPPING),
    Command("shipments", "separate", SeparateShipmentItem, separate_shipments, _SHIPPING),
    Command("shipments", "track", TrackItem, track_shipments, _SHIPPING),
    Command("delivery-exceptions", "close", CloseExceptionItem, close_delivery_exceptions, ("orders:write", "shipping:write")),
    Command("postal-places", "upsert", PostalPlaceItem, upsert_postal_places, _SETTINGS),
    Command("carriers", "upsert", CarrierItem, upsert_carriers, _SETTINGS),
    Command("carrier-accounts", "upsert", CarrierAccountItem, set_carrier_accounts, _SETTINGS),
    Command("box-sizes", "upsert", BoxSizesItem, set_box_sizes, _SETTINGS),
    Command("shipping-rules", "upsert", ShippingRulesItem, set_shipping_rules, _SETTINGS),
    Command("invoices", "credit", CreditItem, credit_invoices, _BILLING, needs_key=True),
    Command("refunds", "create", CreateRefundItem, create_refunds, _REFUNDS, needs_key=True),
    Command("refunds", "approve", ApproveRefundItem, approve_refunds, _REFUNDS, needs_key=True),
    Command("refunds", "reject", RejectRefundItem, reject_refunds, _REFUNDS, needs_key=True),
    Command("refunds", "retry", RetryRefundItem, retry_refunds, _REFUNDS, needs_key=True),
    Command("refunds", "redirect", RedirectRefundItem, redirect_refunds, _REFUNDS, needs_key=True),
    Command("store-credits", "stop", StopCreditItem, stop_store_credits, _REFUNDS, needs_key=True),
    Command("refunds", "settle", SettleRefundItem, settle_refunds, _REFUNDS, needs_key=True),
    Command("refunds", "set-account", RefundAccountItem, set_refund_accounts, _REFUNDS, needs_key=True),
    Command("transfer-batches", "create", BankTransferItem, create_transfer_batches, _REFUNDS, needs_key=True),
    Command("differences", "resolve", ResolveDifferenceItem, resolve_differences, _REFUNDS, needs_key=True),
    Command("return-reasons", "upsert", ReasonItem, upsert_return_reasons, _SETTINGS),
    Command("return-policies", "upsert", PolicyItem, set_return_policies, _SETTINGS),
    Command("return-requests", "create", ReturnRequestItem, create_return_requests, _RETURNS),
    Command("return-requests", "approve", ApproveRequestItem, approve_return_requests, _RETURNS),
    Command("return-requests", "reject", RejectRequestItem, reject_return_requests, _RETURNS),
    Command("return-requests", "cancel", CancelRequestItem, cancel_return_requests, _RETURNS),
    Command("return-requests", "keep", KeepItem, keep_returns, _RETURNS, needs_key=True),
    Command("return-requests", "box", BoxItem, box_return_requests, _RETURNS),
    Command("return-requests", "add-photos", PhotosItem, add_photos, _RETURNS, needs_key=True),
    Command("return-requests", "receive-repair", ReceiveRepairItem, receive_repairs, _RETURNS, needs_key=True),
    Command("return-requests", "order-label", OrderLabelItem, order_return_labels, _RETURNS),
    Command("withdrawals", "create", WithdrawalItem, state_withdrawals, _RETURNS),
    Command("return-carriers", "upsert", ReturnCarrierItem, set_return_carriers, _SETTINGS),
    Command("returns", "create", ReturnItem, create_returns, _RETURNS, needs_key=True),
    Command("returns", "book-findings", FindingItem, book_findings, ("stock:write",), needs_key=True),
    Command("returns", "inspect", InspectItem, inspect_returns, _RETURNS, needs_key=True),
    Command("claims", "create", ClaimItem, create_claims, _RETURNS, needs_key=True),
    Command("claims", "add-photos", ClaimPhotosItem, add_claim_photos, _RETURNS, needs_key=True),
    Command("claims", "decide", DecideClaimItem, decide_claims, _RETURNS, needs_key=True),
    Command("memos", "create", MemoItem, create_memos, _ORDERS),
    Command("memos", "pin", PinItem, pin_memos, _ORDERS),
    Command("emails", "send", SendEmailItem, send_emails, _ORDERS, also=scopes_to_send),
    Command("emails", "bounced", BounceItem, report_bounces, _ORDERS),
    Command("emails", "resend", ResendItem, resend_emails, _ORDERS),
    Command("email-templates", "upsert", TemplateItem, upsert_templates, _SETTINGS),
    Command("email-templates", "reset", ResetTemplateItem, reset_templates, _SETTINGS),
    Command("email-templates", "preview", PreviewItem, preview_templates, _SETTINGS),
    Command("email-templates", "test", TrialItem, send_test_emails, _SETTINGS, needs_key=True),
    Command("email-automations", "set", AutomationItem, set_automations, _SETTINGS),
    Command("shops", "set-logo", LogoItem, set_logos, _SETTINGS),
    Command("shops", "upsert", ShopItem, upsert_shops, _SETTINGS),
)  # fmt: skip
