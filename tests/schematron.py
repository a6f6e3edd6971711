"""Schematron (queryBinding xslt2) made into an XSLT program that Saxon runs: patterns, rules, lets, asserts, reports, functions.

report = run(compile_rules(text), xml)     # which asserts failed, and which rules looked at anything

Of a pattern the first rule whose context fits a node is the one that looks at it; every pattern looks at every node anew. Phases only
choose among patterns; all of them run. What this does not know (abstract patterns, extends, lets with content) it refuses rather than
leave out.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from lxml import etree
from saxonche import PySaxonProcessor

_SCH = "{http://purl.oclc.org/dsdl/schematron}"
_XSL_NS = "http://www.w3.org/1999/XSL/Transform"
_XSL = f"{{{_XSL_NS}}}"
_NOT_KNOWN = ("extends", "include", "param", "diagnostics")
# More rules than any pattern has; the first of them is taken before the second.
_FIRST = 10_000


@dataclass(frozen=True, slots=True)
class Failure:
    """An assert that does not hold, or a report that does."""

    id: str
    flag: str
    at: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a run found; `fired` is how often a rule looked at a node."""

    failures: list[Failure]
    fired: int

    @property
    def fatal(self) -> list[str]:
        """The rules that a document must not break and does."""
        return sorted({f.id for f in self.failures if f.flag != "warning"})


@cache
def processor() -> PySaxonProcessor:
    """Saxon, once for all tests."""
    return PySaxonProcessor(license=False)


@cache
def compile_rules(text: bytes) -> Any:
    """Compile a schema; the same text twice is compiled once."""
    return processor().new_xslt30_processor().compile_stylesheet(stylesheet_text=stylesheet(text))


def run(program: Any, xml: bytes) -> Report:
    """Look at one document."""
    node = processor().parse_xml(xml_text=xml.decode())
    root = etree.fromstring(program.transform_to_string(xdm_node=node).encode())
    failures = [Failure(x.get("id", ""), x.get("flag", "fatal"), x.get("at", "")) for x in root.iter("failed")]  # fmt: skip
    return Report(failures, len(root.findall("fired")))


def stylesheet(text: bytes) -> str:
    """Return the XSLT program of a schema."""
    schema = etree.fromstring(text)
    for name in _NOT_KNOWN:
        assert schema.find(f".//{_SCH}{name}") is None, f"{name} is not known here"
    assert not schema.xpath("//*[@abstract = 'true' or @is-a]"), "abstract patterns are not known here"  # fmt: skip
    names = {ns.get("prefix"): ns.get("uri") for ns in schema.iter(f"{_SCH}ns")}
    spaces = {"xs": "http://www.w3.org/2001/XMLSchema", **names}
    program = etree.Element(f"{_XSL}stylesheet", nsmap={"xsl": _XSL_NS, **spaces}, version="3.0")
    etree.SubElement(program, f"{_XSL}output", method="xml", encoding="UTF-8")
    patterns = schema.findall(f"{_SCH}pattern")
    # Seen by the contexts of rules too, so they stand outside; a name twice would be two things.
    lets = [*schema.findall(f"{_SCH}let"), *(x for p in patterns for x in p.findall(f"{_SCH}let"))]
    assert len({x.get("name") for x in lets}) == len(lets), "two lets of one name"
    for let in lets:
        _let(program, let)
    for function in schema.findall(f"{_XSL}function"):
        program.append(function)
    start = etree.SubElement(program, f"{_XSL}template", match="/")
    report = etree.SubElement(start, "report")
    for number, pattern in enumerate(patterns):
        mode = f"p{number}"
        etree.SubElement(program, f"{_XSL}mode", name=mode)
        etree.SubElement(report, f"{_XSL}apply-templates", select=".", mode=mode)
        _pattern(program, pattern, mode)
    return etree.tostring(program, encoding="unicode")


def _pattern(program: Any, pattern: Any, mode: str) -> None:
    walk = etree.SubElement(program, f"{_XSL}template", match="/ | * | @* | text() | comment() | processing-instruction()", mode=mode, priority="0")  # fmt: skip
    _go_on(walk, mode)
    for n, rule in enumerate(pattern.findall(f"{_SCH}rule")):
        template = etree.SubElement(
            program, f"{_XSL}template", match=rule.get("context"), mode=mode, priority=str(_FIRST - n)
        )  # fmt: skip
        etree.SubElement(template, "fired")
        for part in rule:
            if part.tag == f"{_SCH}let":
                _let(template, part)
            elif part.tag in (f"{_SCH}assert", f"{_SCH}report"):
                _test(template, part)
            else:
                assert not isinstance(part.tag, str), f"{part.tag} is not known here"
        _go_on(template, mode)


def _let(parent: Any, let: Any) -> None:
    assert let.get("value") is not None, "a let without a value is not known here"
    etree.SubElement(parent, f"{_XSL}variable", name=let.get("name"), select=let.get("value"))


def _test(template: Any, part: Any) -> None:
    test = part.get("test")
    wrong = f"not({test})" if part.tag == f"{_SCH}assert" else test
    when = etree.SubElement(template, f"{_XSL}if", test=wrong)
    found = etree.SubElement(when, "failed", id=part.get("id") or "", flag=part.get("flag") or "fatal")  # fmt: skip
    at = etree.SubElement(found, f"{_XSL}attribute", name="at")
    etree.SubElement(at, f"{_XSL}value-of", select="path()")


def _go_on(template: Any, mode: str) -> None:
    etree.SubElement(template, f"{_XSL}apply-templates", select="@* | node()", mode=mode)
