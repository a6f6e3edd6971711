"""What a mutation is: one thing made wrong, and the tests that have to notice."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """A piece of source made wrong. `invariant` is its number in the list of what must never be false."""

    invariant: int
    says: str
    file: str
    before: str
    after: str
    tests: tuple[str, ...]

    @property
    def where(self) -> str:
        """Where it is, for people."""
        return self.file


@dataclass(frozen=True, slots=True)
class Schema:
    """A rule of PostgreSQL taken away: a constraint, an index or a trigger of a table, or a statement that does it."""

    invariant: int
    says: str
    rule: str
    tests: tuple[str, ...]

    @property
    def where(self) -> str:
        """Where it is, for people."""
        return self.rule if len(self.rule) < 60 else f"{self.rule[:57]}..."

    def statement(self) -> str:
        """Return the statement that takes the rule away."""
        if " " in self.rule:
            return self.rule
        table, name = self.rule.split(".")
        return _TAKE_AWAY.format(table=table, name=name)


# A name is looked for among constraints, then triggers, then indexes; one that is not there is an error.
_TAKE_AWAY = """
do $$ begin
  if exists (select 1 from pg_constraint where conname = '{name}' and conrelid = '{table}'::regclass and contype <> 't') then
    alter table {table} drop constraint {name} cascade;
  elsif exists (select 1 from pg_trigger where tgname = '{name}' and tgrelid = '{table}'::regclass) then
    drop trigger {name} on {table};
  else
    drop index {name};
  end if;
end $$
"""

Mutation = Code | Schema
