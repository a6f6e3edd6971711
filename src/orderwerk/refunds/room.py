"""What a payment can still give back."""

# In a query with the payment as p. What came in and was neither charged back nor gives its money to another refund; of what an
# exchange paid nothing while that money is contested. What was paid with a contested store credit goes back to that credit.
ROOM = (
    "(case when p.is_contested and p.provider = 'orderwerk' then 0 else p.captured_minor - p.charged_back_minor end"
    " - p.refunded_reserved_minor)"
)
