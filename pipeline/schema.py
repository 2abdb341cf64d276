"""The published data contract: reads ``schemas/*.toml`` (nobody else does) and derives everything from it.

``tables()`` gives each table's columns; ``Table.arrow()`` its Arrow schema with descriptions as field metadata.
``python -m pipeline.schema`` rewrites the two generated files, ``pipeline/records.py`` and ``schemas/README.md``;
a test checks that both are current. To add a column, add it to its TOML file and run that command.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.errors import ConfigurationError

if TYPE_CHECKING:
    import pyarrow as pa

SCHEMA_VERSION = "0.1"
"""Version of the contract: the first number changes when a reader could break, the second when columns are added."""

_PYTHON = {
    "string": "str",
    "int32": "int",
    "int64": "int",
    "float64": "float",
    "bool": "bool",
    "timestamp": "datetime",
    "date": "date",
}


def _beside(name: str) -> Path:
    """The folder ``name``: inside the package in a wheel, beside it in a checkout."""
    here = Path(__file__).resolve().parent
    return here / name if (here / name).is_dir() else here.parent / name


SCHEMAS = _beside("schemas")
DAGS = _beside("dags")


@dataclass(frozen=True)
class Column:
    """One column, or one field of a struct, as declared."""

    name: str
    type: str
    description: str
    nullable: bool = True
    values: dict[str, str] | str | None = None
    """A closed list (value → its sentence) or the name of a vocabulary, see `vocabulary`."""
    fill_rate: float | None = None
    """Share of rows expected to be filled; judged from 200 rows on, and never critical."""
    min: float | None = None
    max: float | None = None
    min_length: int | None = None
    pattern: str | None = None
    example: str | None = None

    @property
    def item(self) -> str | None:
        """Type of a list's items, None for a scalar."""
        return self.type[5:-1] if self.type.startswith("list<") else None

    @property
    def allowed(self) -> frozenset[str] | None:
        """Every value the column may have, None when it is open."""
        if self.values is None:
            return None
        return vocabulary(self.values) if isinstance(self.values, str) else frozenset(self.values)


@dataclass(frozen=True)
class Table:
    """One table of the contract."""

    name: str
    description: str
    key: tuple[str, ...]
    columns: dict[str, Column]
    structs: dict[str, dict[str, Column]] = field(default_factory=dict)
    order: int = 0
    grouped: bool = False
    """Whether it is computed over batches, one file a day, and has no `batch_id`."""

    def arrow(self) -> pa.Schema:
        """The table's Arrow schema; descriptions stand in the field metadata under ``description``."""
        return _arrow(self.name)

    def arrow_type(self, type_: str) -> pa.DataType:
        """Arrow type of a declared type. Raises ConfigurationError for one that is not known."""
        import pyarrow as pa

        scalars = {
            "string": pa.string(),
            "int32": pa.int32(),
            "int64": pa.int64(),
            "float64": pa.float64(),
            "bool": pa.bool_(),
            "timestamp": pa.timestamp("us", tz="UTC"),
            "date": pa.date32(),
        }
        if type_.startswith("list<"):
            return pa.list_(self.arrow_type(type_[5:-1]))
        if type_ in self.structs:
            return pa.struct([pa.field(c.name, self.arrow_type(c.type)) for c in self.structs[type_].values()])
        if type_ not in scalars:
            raise ConfigurationError(f"schemas/{self.name}.toml: no such type: {type_}")
        return scalars[type_]


def record_name(table: str) -> str:
    """Name of the record class of a table: ``story_titles`` → ``StoryTitle``."""
    words = [w.capitalize() for w in table.split("_")]
    last = words[-1]
    for plural, singular in (("ches", "ch"), ("ies", "y"), ("s", "")):
        if last.endswith(plural):
            words[-1] = last.removesuffix(plural) + singular
            break
    return {"Storie": "Story", "Serie": "Series"}.get("".join(words), "".join(words))


@cache
def tables() -> dict[str, Table]:
    """Every table by name, in the order of the flow. Raises ConfigurationError for a file that cannot be used."""
    shared = _read(SCHEMAS / "shared.toml")["columns"]
    found = []
    for path in sorted(SCHEMAS.glob("*.toml")):
        if path.stem == "shared":
            continue
        raw = _read(path)
        declared = dict(raw["columns"])
        if not raw.get("grouped"):
            declared.setdefault("batch_id", {})
        columns = {name: _column(path, name, {**shared.get(name, {}), **spec}) for name, spec in declared.items()}
        structs = {
            s: {n: _column(path, n, spec) for n, spec in fields.items()} for s, fields in raw.get("structs", {}).items()
        }
        missing = set(raw["key"]) - set(columns)
        if missing:
            raise ConfigurationError(f"{path.name}: the key names no column: {', '.join(sorted(missing))}")
        found.append(
            Table(
                path.stem,
                raw["description"],
                tuple(raw["key"]),
                columns,
                structs,
                raw["order"],
                raw.get("grouped", False),
            )
        )
    return {t.name: t for t in sorted(found, key=lambda t: t.order)}


def table(name: str) -> Table:
    """One table. Raises ConfigurationError where the contract has none of that name."""
    try:
        return tables()[name]
    except KeyError:
        raise ConfigurationError(f"no such table: {name} (there are {', '.join(tables())})") from None


@cache
def vocabulary(name: str) -> frozenset[str]:
    """The values of a named vocabulary: ``iso-639-1``, ``iso-3166-1`` (alpha-2), ``sectors``."""
    if name == "sectors":
        return frozenset(ontology("sectors")["sectors"])
    import pycountry

    if name == "iso-639-1":
        return frozenset(x.alpha_2 for x in pycountry.languages if hasattr(x, "alpha_2"))
    if name == "iso-3166-1":
        # XK (Kosovo) is user-assigned and in general use; ISO 3166-1 has no code of its own for it.
        return frozenset(x.alpha_2 for x in pycountry.countries) | {"XK"}
    raise ConfigurationError(f"no such vocabulary: {name}")


@cache
def ontology(name: str) -> dict[str, Any]:
    """An ontology of ``schemas/ontologies``, as its TOML says it."""
    return _read(SCHEMAS / "ontologies" / f"{name}.toml")


@cache
def _arrow(name: str) -> pa.Schema:
    import pyarrow as pa

    t = table(name)
    return pa.schema(
        [
            pa.field(c.name, t.arrow_type(c.type), c.nullable, metadata={"description": c.description})
            for c in t.columns.values()
        ],
        metadata={"table": name, "description": t.description, "schema_version": SCHEMA_VERSION},
    )


def struct_name(name: str) -> str:
    """Name of the record class of a struct: ``tag_evidence`` → ``TagEvidence``."""
    return "".join(word.capitalize() for word in name.split("_"))


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"cannot read {path}: {error}") from error


def _column(path: Path, name: str, spec: dict[str, Any]) -> Column:
    try:
        return Column(name, **spec)
    except TypeError as error:
        raise ConfigurationError(f"{path.name}: column {name}: {error}") from error


def _annotation(t: Table, column: Column) -> str:
    inner = column.item or column.type
    name = struct_name(inner) if inner in t.structs else _PYTHON[inner]
    if column.item:
        return f"list[{name}]"
    return name if not column.nullable else f"{name} | None"


def _class(name: str, doc: str, fields: list[tuple[str, str, str]], table_name: str | None) -> str:
    lines = ["@dataclass(slots=True, kw_only=True)", f"class {name}:", f'    """{doc}"""', ""]
    if table_name:
        lines += [f'    TABLE: ClassVar[str] = "{table_name}"', ""]
    for attribute, annotation, description in fields:
        default = ""
        if annotation.startswith("list["):
            default = " = dataclasses.field(default_factory=list)"
        elif annotation.endswith("| None"):
            default = " = None"
        elif attribute == "batch_id":
            default = ' = ""'
        lines += [f"    {attribute}: {annotation}{default}", f'    """{description}"""']
    return "\n".join(lines)


def render_records() -> str:
    """The text of ``pipeline/records.py``."""
    parts = [
        '"""One typed record a table. Generated from ``schemas/`` by ``python -m pipeline.schema``: do not edit.\n\n'
        'A record\'s ``batch_id`` is filled when its batch is written; no step sets it.\n"""\n\n'
        "# ruff: noqa: E501\n\nfrom __future__ import annotations\n\n"
        "import dataclasses\nfrom dataclasses import dataclass\nfrom datetime import date, datetime\n"
        "from typing import ClassVar\n"
    ]
    for t in tables().values():
        for struct, columns in t.structs.items():
            fields = [(c.name, _annotation(t, c), c.description) for c in columns.values()]
            parts.append(_class(struct_name(struct), f"A struct in {t.name}.", fields, None))
        fields = [(c.name, _annotation(t, c), c.description) for c in t.columns.values()]
        parts.append(_class(record_name(t.name), t.description, fields, t.name))
    names = [record_name(t) for t in tables()]
    parts.append("Record = (\n    " + "\n    | ".join(names) + "\n)")
    return "\n\n\n".join(p.strip("\n") for p in parts) + "\n"


def render_dictionary() -> str:
    """The text of ``schemas/README.md``, the data dictionary."""
    out = [
        "# Data dictionary",
        "",
        "Generated from the TOML files beside it by `python -m pipeline.schema`: do not edit.",
        f"Contract version {SCHEMA_VERSION}. A batch table has one file a batch, "
        "`lake/<table>/day=<YYYY-MM-DD>/<batch>.parquet`; a grouped table one file a day.",
        "Timestamps are UTC, microseconds. Every view in `newsledger.duckdb` has these comments.",
    ]
    for t in tables().values():
        out += ["", f"## {t.name}", "", t.description, ""]
        out += [f"Key: `{', '.join(t.key)}`" + (" (grouped)" if t.grouped else ""), ""]
        out += ["| column | type | may be empty | meaning |", "| --- | --- | --- | --- |"]
        for c in t.columns.values():
            said = c.description
            if isinstance(c.values, str):
                said += f" ({c.values})"
            if c.example:
                said += f" Example: `{c.example}`."
            out.append(f"| {c.name} | {c.type} | {'yes' if c.nullable and not c.item else 'no'} | {said} |")
        for struct, fields in t.structs.items():
            out += ["", f"`{struct}`: " + "; ".join(f"{c.name} ({c.type}): {c.description}" for c in fields.values())]
        for c in t.columns.values():
            if isinstance(c.values, dict):
                out += ["", f"Values of `{c.name}`:", ""]
                out += [f"- `{value}`: {sentence}" for value, sentence in c.values.items()]
    return "\n".join(out) + "\n"


def generated() -> dict[Path, str]:
    """Every generated file and the text it should have."""
    return {Path(__file__).with_name("records.py"): render_records(), SCHEMAS / "README.md": render_dictionary()}


if __name__ == "__main__":
    for path, text in generated().items():
        path.write_text(text, "utf-8")
        print("wrote", path.name)
