"""Migrations that a running installation survives: what adds goes before the new version starts, what takes away after the old one is gone.

A migration that takes something away is named `NNNN_after_…` and does nothing else; all others leave what the version
before needs to read and write, and hold no lock for as long as a big table is read.
"""

import re
from collections.abc import Sequence
from typing import Any

import pytest
from django.contrib.postgres.operations import (
    AddConstraintNotValid,
    AddIndexConcurrently,
    ValidateConstraint,
)
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.models.fields import NOT_PROVIDED

# Where an installation can have stopped before the rules were kept; a new room begins at 0.
BEFORE_THE_RULES = {
    "accounts": 1, "allocations": 8, "catalog": 10, "core": 5, "emails": 7, "invoices": 3, "memos": 5, "orders": 14, "payments": 13, "picklists": 7, "portal": 1, "refunds": 10, "return_requests": 4, "returns": 2, "shipments": 12, "shops": 6, "stock": 18,
}  # fmt: skip
_TAKES_AWAY = (
    migrations.RemoveField,
    migrations.DeleteModel,
    migrations.RenameField,
    migrations.RenameModel,
    migrations.AlterModelTable,
)
_TAKING_SQL = re.compile(r"\bdrop\s+(table|column)\b|\brename\s+(column|to)\b", re.IGNORECASE)


def dangers(name: str, operations: Sequence[Any], *, atomic: bool = True) -> list[str]:
    """Say what of a migration would hurt an installation that runs; nothing for a good one."""
    if not atomic:
        return _half_done(operations)
    made = {o.name.lower() for o in operations if isinstance(o, migrations.CreateModel)}
    is_after = re.match(r"\d{4}_after_", name) is not None
    found = []
    checks = [o for o in operations if isinstance(o, ValidateConstraint)]
    if checks and len(checks) < len(operations):
        found.append("ValidateConstraint reads the whole table: in a migration of its own, so that no lock is held meanwhile")  # fmt: skip
    for operation in operations:
        if _takes_away(operation) != is_after:
            what = operation.describe()
            found.append(f"{what}: only what takes away stands in NNNN_after_ migrations, and nothing else does")  # fmt: skip
        if getattr(operation, "model_name", "").lower() not in made:
            found += _blocks(operation)
    return found


def _half_done(operations: Sequence[Any]) -> list[str]:
    """Say what would keep a migration without a transaction from running again after it was stopped in the middle."""
    said = [getattr(operation, "sql", operation) for operation in operations]
    for made in operations:
        if isinstance(made, AddIndexConcurrently):
            drop = f"drop index concurrently if exists {made.index.name}"
            if said == ["set lock_timeout = 0", drop, made, "set lock_timeout = 2000"]:
                return []
    return ["atomic = False: set lock_timeout = 0, drop index concurrently if exists, AddIndexConcurrently of it, set lock_timeout = 2000"]  # fmt: skip


def _takes_away(operation: Any) -> bool:
    if isinstance(operation, migrations.RunSQL):
        return bool(_TAKING_SQL.search(str(operation.sql)))
    return isinstance(operation, _TAKES_AWAY)


def _blocks(operation: Any) -> list[str]:
    if isinstance(operation, migrations.AddField):
        field = operation.field
        if not field.null and not field.many_to_many and field.db_default is NOT_PROVIDED:
            return [f"{operation.name}: the version before cannot write without it; give it a db_default"]  # fmt: skip
    if isinstance(operation, migrations.AddIndex) and not isinstance(operation, AddIndexConcurrently):  # fmt: skip
        return [f"{operation.index.name}: nobody can write while it is built; AddIndexConcurrently"]
    if isinstance(operation, migrations.AddConstraint) and not isinstance(operation, AddConstraintNotValid):  # fmt: skip
        return [f"{operation.constraint.name}: nobody can write while all rows are looked at; AddConstraintNotValid, then ValidateConstraint"]  # fmt: skip
    return []


def test_migrations_since_the_rules_hurt_no_running_installation() -> None:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    ours = {
        key: migration
        for key, migration in loader.disk_migrations.items()
        if type(migration).__module__.startswith("orderwerk.")
    }
    new = {k: m for k, m in ours.items() if int(k[1][:4]) > BEFORE_THE_RULES.get(k[0], 0)}

    assert set(BEFORE_THE_RULES) <= {app for app, _ in ours}
    assert {
        k: found for k, m in new.items() if (found := dangers(k[1], m.operations, atomic=m.atomic))
    } == {}


_NEW_TABLE = migrations.CreateModel("Parcel", [("id", models.BigAutoField(primary_key=True))])
_CHECK = models.CheckConstraint(condition=models.Q(weight__gte=0), name="weight_counts")


@pytest.mark.parametrize(
    ("name", "operations"),
    [
        ("0002_more", [migrations.RemoveField("parcel", "weight")]),
        ("0002_more", [migrations.RenameField("parcel", "weight", "grams")]),
        ("0002_more", [migrations.DeleteModel("parcel")]),
        ("0002_more", [migrations.RunSQL("alter table parcel drop column weight")]),
        ("0002_after_more", [migrations.AddField("parcel", "weight", models.IntegerField(null=True))]),
        ("0002_more", [migrations.AddField("parcel", "weight", models.IntegerField(default=0))]),
        ("0002_more", [migrations.AddIndex("parcel", models.Index(fields=["weight"], name="by_weight"))]),
        ("0002_more", [migrations.AddConstraint("parcel", _CHECK)]),
        ("0002_more", [AddConstraintNotValid("parcel", _CHECK), ValidateConstraint("parcel", "weight_counts")]),
    ],
)  # fmt: skip
def test_what_hurts_is_found(name: str, operations: list[Any]) -> None:
    assert len(dangers(name, operations)) == 1


@pytest.mark.parametrize(
    ("name", "operations"),
    [
        ("0002_after_all", [migrations.RemoveField("parcel", "weight"), migrations.RunSQL("drop table parcel")]),
        ("0002_more", [migrations.AddField("parcel", "weight", models.IntegerField(null=True))]),
        ("0002_more", [migrations.AddField("parcel", "weight", models.IntegerField(db_default=0))]),
        ("0002_more", [AddConstraintNotValid("parcel", _CHECK)]),
        ("0002_more", [ValidateConstraint("parcel", "weight_counts")]),
        ("0002_more", [_NEW_TABLE, migrations.AddConstraint("parcel", _CHECK)]),
    ],
)  # fmt: skip
def test_what_does_not_hurt_is_let_through(name: str, operations: list[Any]) -> None:
    assert dangers(name, operations) == []


_INDEX = AddIndexConcurrently("parcel", models.Index(fields=["weight"], name="by_weight"))
_GONE = migrations.RunSQL("drop index concurrently if exists by_weight")
_WAITS = migrations.RunSQL("set lock_timeout = 0")
_AGAIN = migrations.RunSQL("set lock_timeout = 2000")


@pytest.mark.parametrize(
    ("operations", "good"),
    [
        ([_WAITS, _GONE, _INDEX, _AGAIN], True),
        ([_GONE, _INDEX], False),
        ([_INDEX], False),
        ([migrations.AddField("parcel", "weight", models.IntegerField(null=True)), _INDEX], False),
        (
            [_WAITS, migrations.RunSQL("drop index concurrently if exists other"), _INDEX, _AGAIN],
            False,
        ),
        ([_WAITS, _GONE, _INDEX, _INDEX, _AGAIN], False),
    ],
)
def test_a_migration_without_a_transaction_can_be_run_again(
    operations: list[Any], good: bool
) -> None:
    assert (dangers("0002_more", operations, atomic=False) == []) is good
