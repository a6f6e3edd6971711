"""Sets carriers up, or changes them, by code."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec

from orderwerk.core import fields, ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.changes import differences
from orderwerk.core.errors import BadInput, Conflict, Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import STILL, Subject, retrying, unit_of_work
from orderwerk.shipments.carriers import MANUAL
from orderwerk.shipments.events import CARRIER_SAVED
from orderwerk.shipments.tracking_links import check_template

MOST_SERVICES = 100


class CarrierService(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A service of a carrier: its code, as shipments carry it, and what people call it."""

    code: fields.Code
    name: fields.Name


class CarrierItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A carrier for all shops; fields left out keep their value.

    `tracking_link`: where a parcel is followed, with `{code}` and where wanted `{postal_code}` and `{country}`. `services`:
    those that may be chosen; none: any text. `version`: of the carrier that was looked at (0: it was not there).
    """

    code: fields.Code
    name: fields.Name
    tracking_link: Annotated[str, msgspec.Meta(max_length=500)] | msgspec.UnsetType = msgspec.UNSET
    services: (
        Annotated[list[CarrierService], msgspec.Meta(max_length=MOST_SERVICES)] | msgspec.UnsetType
    ) = msgspec.UNSET
    is_active: bool | msgspec.UnsetType = msgspec.UNSET
    version: int | None = None


_DATA = ("name", "tracking_link", "services", "is_active")
_COLUMNS = "id uuid, code text, name text, tracking_link text, services jsonb, is_active boolean, version int"
_OVERWRITE = f"on conflict (code) do update set {', '.join(f'{c} = excluded.{c}' for c in (*_DATA, 'version'))} returning id"
_DEFAULTS: dict[str, Any] = {"tracking_link": "", "services": [], "is_active": True}


def upsert_carriers(items: Sequence[CarrierItem], *, actor: Actor) -> list[Outcome]:
    """Set carriers up or change them; shipments that have one keep it, also when it is switched off.

    Refuses with BadInput a link that is no https address with the code in it, two services of one code and the name of what
    goes by hand; with Conflict a `version` that is not the present one; with NotAllowed who is limited to shops or locations.
    """
    actor.ensure_everything()
    return retrying(lambda: _upsert(items, actor))


def _upsert(items: Sequence[CarrierItem], actor: Actor) -> list[Outcome]:
    outcomes: list[Outcome] = []
    with unit_of_work(actor) as unit:
        codes = sorted({item.code for item in items})
        unit.lock_settings([("carrier", code) for code in codes])
        known = _known(codes)
        written: dict[str, dict[str, Any]] = {}
        for item in items:
            old = known.get(item.code)
            try:
                _check(item, old)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            row = dict(old) if old else {"id": ids.new_id(), "code": item.code, "version": 0, **_DEFAULTS}  # fmt: skip
            row.update(
                {
                    name: msgspec.to_builtins(getattr(item, name))
                    for name in _DATA
                    if getattr(item, name) is not msgspec.UNSET
                }
            )
            change = differences(old or {}, {name: row[name] for name in _DATA})
            if change:
                row["version"] += 1
                data = {"code": item.code, "changes": change}
                unit.record(
                    CARRIER_SAVED, Subject("carrier", row["id"], row["version"]), STILL, data
                )
                known[item.code] = written[item.code] = row
            outcomes.append(Outcome.done(row["id"], code=item.code, created=old is None))
        sql.insert_rows("shipments_carrier", _COLUMNS, list(written.values()), tail=_OVERWRITE)
    return outcomes


def _check(item: CarrierItem, old: Mapping[str, Any] | None) -> None:
    if item.code == MANUAL:
        raise BadInput(
            "manual is what goes by hand; give the carrier another code.",
            code="reserved_carrier",
            pointer="/code",
        )
    version = old["version"] if old else 0
    if item.version == 0 and old:
        raise Conflict(
            f"There is a carrier {item.code} already.", code="carrier_exists", pointer="/code"
        )
    if item.version not in {None, version}:
        raise Conflict(
            f"Somebody changed carrier {item.code} meanwhile: it is at version {version} now. Look at it again first.",
            code="stale_carrier",
            pointer="/version",
        )
    if isinstance(item.tracking_link, str):
        check_template(item.tracking_link)
    seen: set[str] = set()
    for index, service in enumerate(item.services or ()):
        if service.code in seen:
            raise BadInput(
                f"Two services have the code {service.code}.",
                code="duplicate_service",
                pointer=f"/services/{index}/code",
            )
        seen.add(service.code)


def _known(codes: Sequence[str]) -> dict[str, dict[str, Any]]:
    names = ("id", "code", "version", *_DATA)
    rows = sql.fetch(
        f"select {', '.join(names)} from shipments_carrier where code = any(%s) order by code for no key update",
        (list(codes),),
    )
    known = {row[1]: dict(zip(names, row, strict=True)) for row in rows}
    for row in known.values():
        row["services"] = sql.from_json(row["services"])
    return known
