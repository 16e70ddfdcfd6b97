"""What a DMN file holds, as it is written: decisions, what they need, and the boxes that say how they are made."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Literal:
    """An expression of FEEL."""

    text: str
    type: str = ""


@dataclass(frozen=True)
class Entry:
    """A named part of a context; the last one without a name is what the context gives."""

    name: str
    box: "Box"
    type: str = ""


@dataclass(frozen=True)
class Entries:
    """A boxed context: later entries see the earlier ones."""

    entries: tuple[Entry, ...]
    type: str = ""


@dataclass(frozen=True)
class Listed:
    """A boxed list."""

    items: tuple["Box", ...]
    type: str = ""


@dataclass(frozen=True)
class Relation:
    """A boxed relation: a list of contexts that have the same names."""

    columns: tuple[str, ...]
    rows: tuple[tuple["Box", ...], ...]
    type: str = ""


@dataclass(frozen=True)
class Call:
    """A boxed invocation: which function, and what each of its parameters is given."""

    callee: "Box"
    bindings: tuple[Entry, ...]
    type: str = ""


@dataclass(frozen=True)
class Definition:
    """A boxed function. Only FEEL is run; other kinds are refused when called."""

    parameters: tuple[Entry, ...]
    body: "Box"
    kind: str = "FEEL"
    type: str = ""


@dataclass(frozen=True)
class Choice:
    """A boxed conditional."""

    condition: "Box"
    then: "Box"
    other: "Box"
    type: str = ""


@dataclass(frozen=True)
class Loop:
    """A boxed iterator: for, some or every item of a list."""

    kind: str
    variable: str
    source: "Box"
    body: "Box"
    type: str = ""


@dataclass(frozen=True)
class Filter:
    """A boxed filter."""

    source: "Box"
    condition: "Box"
    type: str = ""


@dataclass(frozen=True)
class Nothing:
    """No logic at all: null."""

    type: str = ""


@dataclass(frozen=True)
class Input:
    """A column that is asked."""

    label: str
    expression: str
    # The values that may occur, as written; empty: any.
    allowed: str
    type: str = ""


@dataclass(frozen=True)
class Output:
    """A column that is answered."""

    name: str
    # The values that may occur, the most important first; empty: any.
    allowed: str
    default: str
    type: str = ""
    label: str = ""


@dataclass(frozen=True)
class Row:
    """One rule."""

    id: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    # Why the row answers what it answers, for people.
    reason: str
    # What is switched off judges nobody and keeps its place.
    is_on: bool = True
    # A note among those who write the table.
    comment: str = ""


@dataclass(frozen=True)
class Table:
    """A decision table."""

    hit_policy: str
    aggregation: str
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rows: tuple[Row, ...]
    type: str = ""

    @property
    def live(self) -> dict[int, Row]:
        """The rows that judge, by their number from 1."""
        return {number: row for number, row in enumerate(self.rows, 1) if row.is_on}


Box = (
    Literal | Entries | Listed | Relation | Call | Definition | Choice | Loop | Filter | Nothing | Table
)  # fmt: skip


@dataclass(frozen=True)
class Needs:
    """What a decision or a function is made from: references to inputs, decisions and functions."""

    inputs: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()
    knowledge: tuple[str, ...] = ()


@dataclass(frozen=True)
class Decision:
    """What is decided, by a table, by an expression or by any other box."""

    id: str
    name: str
    box: Box
    needs: Needs = Needs()
    type: str = ""

    @property
    def requires(self) -> tuple[str, ...]:
        """The ids of the decisions it needs."""
        return self.needs.decisions

    @property
    def table(self) -> Table | None:
        """The decision table, if it is one."""
        return self.box if isinstance(self.box, Table) else None

    @property
    def expression(self) -> str:
        """The expression, if it is one."""
        return self.box.text if isinstance(self.box, Literal) else ""


@dataclass(frozen=True)
class InputData:
    """What is given from outside."""

    id: str
    name: str
    type: str = ""


@dataclass(frozen=True)
class Knowledge:
    """A function that decisions share: a business knowledge model."""

    id: str
    name: str
    definition: Definition
    needs: Needs = Needs()
    type: str = ""


@dataclass(frozen=True)
class Service:
    """A decision service: some decisions as a function of its inputs."""

    id: str
    name: str
    outputs: tuple[str, ...]
    inputs: tuple[str, ...]
    given: tuple[str, ...]
    type: str = ""


@dataclass(frozen=True)
class Item:
    """A type that the file defines."""

    name: str
    type: str = ""
    is_list: bool = False
    parts: tuple["Item", ...] = ()
    # What the values pass, and what a whole list passes; unary tests as written.
    allowed: str = ""
    constraint: str = ""
    # Of a function: what it takes and gives.
    takes: tuple[str, ...] | None = None
    gives: str = ""


@dataclass(frozen=True)
class Import:
    """Another file under a name; its elements are known by its namespace."""

    name: str
    namespace: str


@dataclass(frozen=True)
class Drawn:
    """All elements of one file."""

    namespace: str
    name: str = ""
    inputs: tuple[InputData, ...] = ()
    decisions: tuple[Decision, ...] = ()
    knowledge: tuple[Knowledge, ...] = ()
    services: tuple[Service, ...] = ()
    items: tuple[Item, ...] = ()
    imports: tuple[Import, ...] = ()
    # Every name that stands in the file.
    names: frozenset[str] = field(default_factory=frozenset)
