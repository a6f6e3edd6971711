"""The budgets of performance, P1 to P13, in one place, and whether a figure keeps them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Budget:
    """What is asked of a figure: at least so much, or at most; a ratio has no unit."""

    what: str
    limit: float
    unit: str = ""
    is_least: bool = False

    def keeps(self, figure: float) -> bool:
        """Whether a figure is within it."""
        return figure >= self.limit if self.is_least else figure <= self.limit

    @property
    def told(self) -> str:
        """The limit, for people."""
        return f"{'≥' if self.is_least else '≤'} {self.limit:g}{f' {self.unit}' if self.unit else ''}"  # fmt: skip


BUDGETS = {
    "P1": Budget("orders through HTTP, 8 clients, 2 web workers, over pgbench writing the same rows", 0.35, is_least=True),
    "P2": Budget("the same with 32 clients, grouped", 0.7, is_least=True),
    "P3": Budget("bulk intake (API of 1,000, importer) over `COPY` of the same rows", 0.4, is_least=True),
    "P4": Budget("flash sale of one article through HTTP over conditional updates in pgbench", 0.5, is_least=True),
    "P5": Budget("commands on 10,000 items over hand-written SQL for the same rows", 0.3, is_least=True),
    "P6": Budget("a page at a million orders, its database time, p95", 20, "ms"),
    "P7": Budget("the same pages, time in the server, p95, one client", 100, "ms"),
    "P8": Budget("a page or a command at a million orders over the same at 10,000", 1.5),
    "P9": Budget("`orderwerk check` of a million orders", 60, "s"),
    "P10": Budget("memory of a web worker after load, of a job worker", 180, "MB"),
    "P11": Budget("one invoice or packing slip as PDF, warm", 40, "ms"),
    "P12": Budget("from an event to the start of its job", 50, "ms"),
    "P13": Budget("different numbers of statements of one command, whatever the number of items", 1),
}  # fmt: skip


def verdict(key: str, figure: float) -> str:
    """Say whether a figure keeps its budget: `P1 met (≥ 0.35)` or `P1 MISSED (≥ 0.35)`."""
    budget = BUDGETS[key]
    return f"{key} {'met' if budget.keeps(figure) else 'MISSED'} ({budget.told})"
