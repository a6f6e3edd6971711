"""`orderwerk export documents FOLDER`: the invoices of a period as files, as an accountant or an archive wants them."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

import click
from rich.progress import track

from orderwerk.cli.session import connected
from orderwerk.cli.tables import CannotWrite, write_table
from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.invoices.documents import documents_at_hand

_ACTOR = Actor.system("export")
_DAY = click.DateTime(["%Y-%m-%d"])
_FOLDER = click.Path(file_okay=False, writable=True, path_type=Path)
_AT_ONCE = 100
_MISSING = "missing.csv"
_CHOSEN = """
select i.id from invoices_invoice i join shops_shop s on s.id = i.shop_id
where (%s::text is null or s.code = %s) and (%s::text is null or i.kind = %s)
and (%s::date is null or i.issue_date >= %s) and (%s::date is null or i.issue_date < %s) order by i.issued_at, i.id
"""


@click.command("documents")
@click.argument("folder", type=_FOLDER)
@click.option("--format", "kind", type=click.Choice(["pdf", "ubl"]), default="pdf", show_default=True)  # fmt: skip
@click.option("--shop", help="Only invoices of this shop (its code).")
@click.option("--kind", "sort", type=click.Choice(["debit", "credit"]), help="Only invoices of this kind.")  # fmt: skip
@click.option("--issued-after", type=_DAY, help="Only invoices issued on or after this day.")
@click.option("--issued-before", type=_DAY, help="Only invoices issued before this day.")
def export_documents(
    *,
    folder: Path,
    kind: str,
    shop: str | None,
    sort: str | None,
    issued_after: datetime | None,
    issued_before: datetime | None,
) -> None:
    """Write invoices and credit invoices to FOLDER, one file each, named by number.

    What is there already is not written again: documents never change, so an export that was stopped is simply started again. What has
    no document of that format is named with the reason in missing.csv; exit status 1 then.
    """
    after, before = (day and day.date().isoformat() for day in (issued_after, issued_before))
    with connected():
        if shop is not None and not sql.fetch("select 1 from shops_shop where code = %s", (shop,)):
            raise CannotWrite(f"There is no shop {shop}.")
        rows = sql.fetch(_CHOSEN, (shop, shop, sort, sort, after, after, before, before))
        written, missing = write_documents(folder, [row[0] for row in rows], kind)
    click.echo(f"{written:,} documents: {folder}")
    if missing:
        raise CannotWrite(f"{missing:,} have no such document; missing.csv says which and why.")


def write_documents(folder: Path, keys: Sequence[UUID], kind: str) -> tuple[int, int]:
    """Write the documents of these invoices as files, and missing.csv; returns how many there are, and how many not."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _MISSING).unlink(missing_ok=True)
    missing: list[tuple[str, str, str]] = []
    for batch in track(list(_batches(keys)), "Documents", transient=True):
        found, refused = documents_at_hand(batch, kind, actor=_ACTOR)
        for document in found:
            _keep(folder / document.name.replace("/", "-"), document.content)
        missing += [(number, why.code, why.message) for number, why in refused.items()]
    if missing:
        write_table(folder / _MISSING, ["number", "code", "reason"], missing)
    return len(keys) - len(missing), len(missing)


def _batches(keys: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    for start in range(0, len(keys), _AT_ONCE):
        yield keys[start : start + _AT_ONCE]


def _keep(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; one with the same content is left alone."""
    if path.exists() and path.read_bytes() == content:
        return
    draft = path.with_name(f".{path.name}.part")
    draft.write_bytes(content)
    draft.replace(path)
