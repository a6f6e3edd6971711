"""What a payment can still give back."""

# In a query with the payment as p. What came in and was neither charged back nor gives its money to another refund; of what an
# exchange paid nothing while that money is contested. What was paid with a contested store credit goes back to that credit.
ROOM = (
    "(case when p.is_contested and p.provider = 'orderwerk' then 0 else p.captured_minor - p.charged_back_minor end"
    " - p.refunded_reserved_minor)"
)
# Whether what was handed on of it (gone back, become a store credit, paid an exchange) is not all there any more.
UNCOVERED = "(p.is_contested or p.captured_minor - p.charged_back_minor < p.refunded_minor)"
