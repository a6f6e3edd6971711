"""Rules that the program keeps, each made wrong once."""

from lab.mutations.mutation import Code

_RACES = "tests/races/test_races.py"
# Random histories beside a plain model: what they compare, they have to find wrong here as well.
_HISTORIES = ("tests/histories/test_life.py",)

IN_CODE: tuple[Code, ...] = (
    Code(
        2, "a shipment is undone although its pieces have come back", "flows/cancel_shipments.py",
        "if shipment.id in came_back or any(n < 0 for n in rest.values()):", "if shipment.id in came_back:",
        ("tests/returns/test_claims.py",),
    ),
    Code(
        3, "what is undone counts as shipped once more", "orders/counters.py",
        "shipped = l.shipped + d.shipped", "shipped = l.shipped + abs(d.shipped)", (_RACES,),
    ),
    Code(
        4, "a shipped piece is counted twice", "orders/counters.py",
        "shipped = l.shipped + d.shipped", "shipped = l.shipped + 2 * d.shipped",
        ("tests/flows/test_never.py",),
    ),
    Code(
        4, "of several pieces that come back one is counted", "orders/counters.py",
        "set returned = l.returned + d.n from delta", "set returned = l.returned + least(d.n, 1) from delta", _HISTORIES,
    ),
    Code(
        14, "stock that a cancellation lets go of stays claimed", "stock/movements.py",
        "set allocated = l.allocated + t.delta", "set allocated = l.allocated + greatest(t.delta, 0)", _HISTORIES,
    ),
    Code(
        26, "the cents of a part of a line are lost", "invoices/rules.py",
        "return base * (before + more) // quantity - base * before // quantity", "return base // quantity * more", _HISTORIES,
    ),
    Code(
        14, "stock that is let go of stays claimed", "stock/movements.py",
        "set allocated = l.allocated + t.delta", "set allocated = l.allocated + greatest(t.delta, 0)",
        ("tests/flows/test_never.py",),
    ),
    Code(
        16, "stock that others have claimed is promised again", "stock/movements.py",
        "return self.on_hand - self.allocated - self.blocked", "return self.on_hand - self.blocked",
        ("tests/flows/test_never.py", _RACES),
    ),
    Code(
        17, "every currency has cents", "core/money.py",
        "return _OF_ISO.get(currency, int(get_currency_precision(currency)))", "return 2", ("tests/core/test_money.py",),
    ),
    Code(
        18, "the cents that a division leaves over are lost", "core/money.py",
        "for index in by_remainder[: amount - sum(parts)]:", "for index in by_remainder[:0]:",
        ("tests/core/test_money.py",),
    ),
    Code(
        20, "what was credited before is forgotten when the next credit is paid back", "invoices/rules.py",
        "received - max(0, owed_after) - refundable_before", "received - max(0, owed_after)",
        ("tests/invoices/test_issue.py",),
    ),
    Code(
        21, "more is credited than is left of an invoice", "invoices/rules.py",
        "if amount > left:", "if amount < 0:", ("tests/invoices/test_rules.py",),
    ),
    Code(
        22, "a credit is paid back twice", "refunds/commands/create.py",
        "credit.left -= amount", "credit.left -= 0", ("tests/refunds/test_refunds.py",),
    ),
    Code(
        26, "each piece is rounded by itself, so that all together are not the line", "invoices/rules.py",
        "return base * (before + more) // quantity - base * before // quantity", "return base // quantity * more",
        ("tests/invoices/test_credit.py",),
    ),
    Code(
        28, "a number is left out", "core/numbering.py",
        "set last_number = s.last_number + w.n,", "set last_number = s.last_number + w.n + 1,",
        ("tests/invoices/test_issue.py",),
    ),
    Code(
        29, "a document is dated before the one with the number before", "core/numbering.py",
        "last_date = greatest(s.last_date, w.day)", "last_date = w.day", ("tests/invoices/test_issue.py",),
    ),
    Code(
        34, "the chain of documents is not carried on", "core/numbering.py",
        "set last_hash = t.hash from", "set last_hash = s.last_hash from", ("tests/invoices/test_issue.py",),
    ),
    Code(
        37, "a call whose end nobody knows is made again without looking", "payments/errands.py",
        "if row.may_be_there:", "if row.attempt > 1:", ("tests/providers/test_sending.py", "tests/races/test_provider_races.py"),
    ),
    Code(
        38, "two workers make one call each", "core/effects.py",
        "\"where id = %s and status = 'intended' returning id\",\n            (clock.now(), effect_id),",
        "\"where id = %s returning id\",\n            (clock.now(), effect_id),",
        ("tests/races/test_provider_races.py", "tests/emails/test_sending.py"),
    ),
    Code(
        39, "a message that may have gone out is sent again", "emails/sending.py",
        "    smtplib.SMTPDataError,\n)", "    smtplib.SMTPDataError,\n    smtplib.SMTPServerDisconnected,\n)",
        ("tests/emails/test_sending.py",),
    ),
    Code(
        40, "anybody may say that something happened at a provider", "payments/hooks.py",
        "return account_id if is_ours else None", "return account_id", ("tests/providers/test_accounts.py",),
    ),
    Code(
        42, "another request under a used key is taken for the first", "core/idempotency.py",
        "if bytes(sha256) != request.sha256:", "if bytes(sha256) == b\"\":", ("tests/api/test_idempotency.py",),
    ),
    Code(
        44, "the work of a killed worker is left lying", "core/sweeper.py",
        "where j.status = 'doing' and (w.id is null or", "where j.status = 'doing' and (w.id is null and",
        ("tests/core/test_jobs.py",),
    ),
    Code(
        45, "a transaction stays open across a call to the outside", "core/http.py",
        "ensure(not connection.in_atomic_block,", "ensure(True,", ("tests/core/test_uow.py",),
    ),
    Code(
        47, "people of one shop see the orders of another", "orders/visibility.py",
        "if actor.shop_ids is not None:", "if actor.shop_ids is not None and actor.kind == \"user\":",
        ("tests/api/test_access.py",),
    ),
    Code(
        48, "who asked for a refund approves it", "refunds/commands/approve.py",
        "if refund.four_eyes and actor.id is not None and actor.id == refund.author_id:", "if refund.four_eyes and actor.id is None:",
        ("tests/refunds/test_refunds.py", "tests/refunds/test_refusals.py"),
    ),
    Code(
        49, "what was found in a box is still told of after its order is erased", "flows/erase_orders.py",
        'sql.execute("select erase_findings(%s)", (list(going),))', "pass", ("tests/flows/test_erasing.py", "tests/returns/test_findings.py"),
    ),
    Code(
        50, "a secret is stored as it is", "payments/commands/set_accounts.py",
        'row["secret"] = crypto.encrypt(item.key, settings.SECRET_KEY)', 'row["secret"] = "enc1:" + item.key',
        ("tests/providers/test_accounts.py",),
    ),
    Code(
        51, "days are counted in another zone than the shop's", "return_requests/rules.py",
        "moment.astimezone(ZoneInfo(policy.timezone)).date()", "moment.date()", ("tests/returns/test_refusals.py",),
    ),
    Code(
        52, "text that turns around what people read", "core/text.py",
        r"\u202a-\u202e", "", ("tests/core/test_decode.py",),
    ),
)  # fmt: skip
