"""Merchants' texts: what they can say, what they cannot reach, and how they come back."""

import re
import time
from typing import Any

import pytest

from orderwerk.core import sql
from orderwerk.core.errors import BadInput
from orderwerk.emails import letters
from orderwerk.emails.commands.reset_templates import ResetTemplateItem, reset_templates
from orderwerk.emails.commands.set_automations import AutomationItem, set_automations
from orderwerk.emails.commands.upsert_templates import TemplateItem, check_text, upsert_templates
from orderwerk.emails.own_texts import stored_texts, text_for
from orderwerk.emails.sample import SAMPLE
from orderwerk.emails.templating import render, subject_line
from orderwerk.emails.text_queries import template_versions
from orderwerk.emails.texts import LANGUAGES, default_text
from orderwerk.emails.triggers import TRIGGERS
from orderwerk.flows.preview_emails import PreviewItem, preview_templates
from tests import build


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", TRIGGERS)
def test_every_default_text_can_be_filled_in(key: str, language: str) -> None:
    text = default_text(key, language)

    check_text(text.subject, text.body, TRIGGERS[key])


@pytest.mark.parametrize("nothing", ["", None])
@pytest.mark.parametrize(
    "condition",
    ["x.y", "x.y != ''", "x.y != nil", "x.y != blank", "x.y != empty", "'' != x.y", "x.y and true"],
)
def test_what_is_not_there_is_left_out_however_a_text_asks(
    condition: str, nothing: str | None
) -> None:
    body = f"{{% if {condition} %}}there{{% else %}}not{{% endif %}}[{{{{ x.y }}}}]{{{{ x.y | default: '-' }}}}"

    assert render(body, {"x": {"y": nothing}}) == "not[]-"
    assert render(body, {"x": {"y": "a"}}) == "there[a]a"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_parcel_that_nobody_traces_has_no_line_about_it(language: str) -> None:
    parcel = SAMPLE["shipment"] | {"tracking_code": "", "tracking_url": ""}

    body = render(default_text("shipment.shipped", language).body, SAMPLE | {"shipment": parcel})

    assert "]()" not in body
    assert not [line for line in body.splitlines() if line.endswith(": ")]


@pytest.mark.parametrize(
    "body",
    [
        "{{ settings.SECRET_KEY }}",
        "{{ order.__class__ }}",
        "{{ order.number.__class__.__mro__ }}",
        "{% include 'x' %}",
        "{% render 'x' %}",
        "{% extends 'x' %}",
        "{% load static %}",
        "{% for i in (1..1000000000) %}x{% endfor %}",
        "{% for a in (1..400) %}{% for b in (1..400) %}x{% endfor %}{% endfor %}",
        "{% assign s = 'aaaaaaaaaaaaaaaaaaaa' %}{% for i in (1..60) %}{% assign s = s | append: s %}{% endfor %}{{ s }}",
        "{% if true %}" * 40 + "x" + "{% endif %}" * 40,
        "{{ order.nothing }}",
        "{{ order.number",
        "{% for x in order.lines %}",
        "{{ order.number | no_such_filter }}",
        "{{ (1..1000000000) | join: ',' }}",
        "{% assign all = (1..100000000) | reverse %}",
        "{{ 'xxxxxxxxxx' " + "| base64_encode" * 80 + " | size }}",
        "{{ '1234567890' "
        + "| split: '' | join: '12345678901234567890123456789012345678901234567890'" * 8
        + " | size }}",
        "{{ 'xxxxxxxxxxxxxxxxxxxx' "
        + "| replace: 'x', 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'" * 6
        + " | size }}",
        "{% assign x = 'xxxxxxxxxxxxxxxxxxxx' "
        + "| replace: 'x', sub: 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'" * 6
        + " %}",
        "{% assign some = (1..5000) | uniq | size %}",
        "{{ 99999999999999999999 " + "| times: 99999999999999999999" * 400 + " }}",
        "{{ '99999999999999999999' | date: '%Y' }}",
        "{{ '99999999999999999' | date: '%Y' }}",
        "{{ 'now' | date: '" + "%250Y" * 3000 + "' | size }}",
        "{% assign x = 'xxxxxxxxxxxxxxxxxxxx' "
        + "| append: 'yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy'" * 40
        + " %}{{ x | replace: 'y', order | replace: 'e', order | size }}",
        "{{ (1..5000) | join: order | size }}",
        "{{ '1e400' | round }}",
        "{{ 'nan' | floor }}",
        "{{ '1,a' | split: ',' | sort: 'x' | sum }}",
    ],
)
def test_a_text_that_reaches_out_or_never_ends_is_refused_quickly(body: str) -> None:
    started = time.monotonic()

    with pytest.raises(BadInput, match="cannot be filled in") as refused:
        check_text("Subject", body, TRIGGERS["order.received"])

    assert (refused.value.code, refused.value.pointer) == ("invalid_template", "/body")
    # A template that is not stopped goes on for ever.
    assert time.monotonic() - started < 60


def test_what_lies_in_a_thing_is_paid_for_where_a_filter_writes_it_out() -> None:
    with pytest.raises(BadInput):
        render("{{ (1..1000) | join: order | size }}", {"order": {"lines": [{"name": "x" * 5000}]}})


def test_a_text_makes_no_signs_that_no_text_may_have() -> None:
    assert render("{{ '%00a%07%E2%80%AEb' | url_decode }}", {}) == "ab"


def test_what_customers_write_is_data_and_nothing_else() -> None:
    assert render("{{ x }}", {"x": "{{ y }} {% include 'z' %}"}) == "{{ y }} {% include 'z' %}"
    assert subject_line("Hello\r\nBcc: all@example.com") == "Hello Bcc: all@example.com"


def test_a_letter_has_no_markup_but_ours() -> None:
    page = letters.html(
        "Dear <script>x</script> & co,\n\n- one\n- two\n\n[Follow](https://example.com/a?b=1&c=2)\n\n"
        "See https://example.com/x\"onclick=1 and [no](javascript:alert(1))",
        shop="A <b> shop @@content@@",
    )  # fmt: skip

    assert "<script" not in page
    assert "Dear &lt;script&gt;x&lt;/script&gt; &amp; co," in page
    assert '<li style="margin:0 0 4px">one</li>' in page
    assert 'href="https://example.com/a?b=1&amp;c=2"' in page
    assert 'href="https://example.com/x"' in page
    assert 'href="javascript' not in page
    assert "A &lt;b&gt; shop @@content@@" in page
    assert (
        letters.plain("[Follow](https://example.com)\n\n\n\nx")
        == "Follow: https://example.com\n\nx\n"
    )


def item(world: build.World, **changes: Any) -> TemplateItem:
    values = {
        "shop": world.shop, "trigger": "order.received", "language": "nl", "subject": "Dank {{ order.number }}",
        "body": "Dag {{ customer.name }}",
    }  # fmt: skip
    return TemplateItem(**{**values, **changes})  # type: ignore[arg-type]


@pytest.mark.django_db
def test_a_shop_has_its_own_text_with_versions_and_can_go_back() -> None:
    world, other = build.world(), build.world()
    first = upsert_templates([item(world)], actor=build.TESTER)[0].require()
    second = upsert_templates([item(world, subject="Bedankt")], actor=build.TESTER)[0].require()
    again = upsert_templates([item(world, subject="Bedankt")], actor=build.TESTER)[0].require()
    stale = upsert_templates([item(world, subject="Laat", version=1)], actor=build.TESTER)[0]

    own = stored_texts([world.shop_id, other.shop_id])
    assert [o.data["version"] for o in (first, second, again)] == [1, 2, 2]
    assert stale.error is not None
    assert stale.error.code == "stale_version"
    assert text_for(own, world.shop_id, "order.received", "nl").subject == "Bedankt"
    assert text_for(own, other.shop_id, "order.received", "nl") == default_text(
        "order.received", "nl"
    )

    reset = ResetTemplateItem(shop=world.shop, trigger="order.received", language="nl")
    reset_templates([reset], actor=build.TESTER)[0].require()
    twice = reset_templates([reset], actor=build.TESTER)[0]

    own = stored_texts([world.shop_id])
    assert text_for(own, world.shop_id, "order.received", "nl") == default_text(
        "order.received", "nl"
    )
    assert twice.error is not None
    assert twice.error.code == "no_own_text"
    versions = template_versions(first.id)  # type: ignore[arg-type]
    assert [(v.version, v.is_custom) for v in versions] == [(3, False), (2, True), (1, True)]
    assert sql.fetch("select count(*) from core_event where kind = 'email_template.changed'")[0][0] == 3  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"shop": "nowhere"}, "unknown_shop"),
        ({"trigger": "order.nothing"}, "unknown_trigger"),
        ({"language": "xx"}, "unknown_language"),
        ({"body": "{{ shipment.number }}"}, "invalid_template"),
    ],
)
def test_a_wrong_text_changes_nothing(changes: dict[str, str], code: str) -> None:
    world = build.world()

    good, bad = upsert_templates([item(world), item(world, **changes)], actor=build.TESTER)

    assert good.ok
    assert bad.error is not None
    assert bad.error.code == code
    assert sql.fetch("select count(*) from emails_template")[0][0] == 1


@pytest.mark.django_db
def test_a_switch_has_a_history_and_names_what_it_cannot_switch() -> None:
    world = build.world()

    def switch(trigger: str, *, is_on: bool) -> Any:
        wanted = AutomationItem(shop=world.shop, trigger=trigger, is_on=is_on)
        return set_automations([wanted], actor=build.TESTER)[0]

    assert switch("order.received", is_on=True).ok
    assert switch("order.received", is_on=False).ok
    assert switch("shipment.partly_shipped", is_on=False).error.code == "no_switch"
    events = sql.fetch(
        "select payload->>'is_on' from core_event where kind = 'email_automation.set'"
    )
    assert events == [("false",)]


@pytest.mark.django_db
def test_a_preview_shows_real_data_and_sends_nothing() -> None:
    world = build.world()
    order = world.place(customer={"name": "Ada Example", "email": "ada@example.com"})
    asked = PreviewItem(
        shop=world.shop, trigger="order.received", language="nl", order_id=order, body="Dag {{ customer.name }}!"
    )  # fmt: skip
    wrong = PreviewItem(shop=world.shop, trigger="order.received", language="nl", body="{{ nope }}")
    sample = PreviewItem(shop=world.shop, trigger="shipment.shipped", language="de")
    waits = PreviewItem(
        shop=world.shop, trigger="order.received", language="nl", order_id=world.place(("nothing", 1)), body="{{ order.number }}"
    )  # fmt: skip

    shown, refused, made_up, plain = preview_templates([asked, wrong, sample, waits], actor=build.TESTER)  # fmt: skip

    assert shown.data["text"] == "Dag Ada Example!\n"
    assert "Dag Ada Example!" in shown.data["html"]
    assert refused.error is not None
    assert refused.error.code == "invalid_template"
    assert plain.ok
    assert "3SABC123" in made_up.data["text"]
    assert sql.fetch("select count(*) from emails_email")[0][0] == 0


def test_a_letter_loads_nothing_from_elsewhere() -> None:
    written = letters.html("Hello", shop="Test Winkel", foot="Test Winkel B.V.")

    # The name of the language that it is written in is no address that anybody loads.
    assert set(re.findall(r"https?://[^\s\"'<>)]+", written)) == {"http://www.w3.org/1999/xhtml"}
