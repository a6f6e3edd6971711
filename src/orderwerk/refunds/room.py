"""What a payment can still give back, and what of it may go when its payer's bank has taken some of it back."""

# In a query with the payment as p. What came in and was not charged back; of what an exchange paid nothing while that money is
# contested. What was paid with a contested store credit goes back to that credit.
_THERE = "(case when p.is_contested and p.provider = 'orderwerk' then 0 else p.captured_minor - p.charged_back_minor end)"
# What of it no refund wants yet.
ROOM = f"({_THERE} - p.refunded_reserved_minor)"
# Whether what was handed on of it (gone back, become a store credit, paid an exchange) is not all there any more, once what was handed
# over has gone back too, a day or two later: goods have to be stopped before that.
UNCOVERED_SOON = """(p.is_contested or p.captured_minor - p.charged_back_minor < p.refunded_minor + (
  select coalesce(sum(h.amount_minor), 0) from refunds_refund h where h.payment_id = p.id and h.status = 'submitted'))"""
# With one of its refunds as r: what is there for that one beside those that were handed over. Those that only wait take nothing from it,
# so the oldest that fits goes; of transfers that a person was to make, and no file for the bank has yet, the older come first.
LEFT = f"""({_THERE} - (select coalesce(sum(h.amount_minor), 0) from refunds_refund h
  where h.payment_id = p.id and h.id <> r.id and (h.status = 'submitted' or h.status = 'succeeded'
    and not exists (select 1 from refunds_reversal x where x.refund_id = h.id))
    and not (r.status = 'submitted' and h.status = 'submitted' and h.via = 'manual' and h.batch_id is null and h.id > r.id)))::bigint"""
# Where all that is wanted is there, so is this one: nothing is summed up.
FITS = f"({ROOM} >= 0 or {LEFT} >= r.amount_minor)"
