"""The English sentences in the source of Slotport that a person may meet on a page, with samples of what differs.

A sentence is every text with a blank in it, in the places that have them. What reaches no page is named here.
"""

import ast
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import slotport

ROOT = Path(slotport.__file__).parent
#: packages and modules whose texts are looked at
SPEAKING = (
    *("core", "formats", "actions", "transports", "packers", "images", "api/page", "api/body.py", "api/external.py"),
    *("depot.py", "errors.py", "mail.py", "oidc.py"),
    *(f"storage/{name}.py" for name in ("accounts", "exports", "guard", "people", "reach", "store", "timeslots")),
)
#: whose texts no page shows
UNSEEN = frozenset(
    {
        *("core/asset_kinds.py", "core/languages.py", "core/export_fields.py"),  # tables
        *("formats/windows_zones.py", "formats/zones.py", "formats/csv_columns.py"),
        *("formats/objects_xml.py", "formats/objects_csv.py", "formats/objects_json.py"),  # what is written
        *("actions/backup_archive.py", "actions/backup_restore.py", "actions/backups.py"),  # commands
        *("core/clashes.py", "api/page/refusals.py"),  # said by its code; a fault of the catalogue
        "actions/due_exports.py",  # mails, and the log
    }
)
#: given to these, a text is for the log, a pattern, SQL or a header
QUIET = frozenset({"debug", "info", "warning", "error", "exception", "compile", "text", "sub", "split", "setdefault"})
SAMPLE = "7"  #: stands for every value
_SQL = re.compile(r"\b(SELECT|UPDATE|PRAGMA|JOIN|SET|IS|IN|NOT|FROM|ORDER BY|AND)\b|^[a-z_.]+ = |_at, |_at - ")
_HEADER = re.compile(r"(text/|attachment;|sandbox;|default-src|private,|public,|Accept-Encoding,|HX-Request,|Bearer )")


def sentences() -> dict[str, str]:
    """Every sentence, sample values in it, with the place that it stands at."""
    found: dict[str, str] = {}
    for name in SPEAKING:
        path = ROOT / name
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            where = file.relative_to(ROOT).as_posix()
            if where not in UNSEEN:
                for line, text in _in(ast.parse(file.read_text(encoding="utf-8"))):
                    found.setdefault(text, f"{where}:{line}")
    return found


def _in(module: ast.Module) -> Iterator[tuple[int, str]]:
    skipped = set(_not_said(module))
    for node in ast.walk(module):
        if id(node) not in skipped and isinstance(node, ast.Constant | ast.JoinedStr | ast.BinOp):
            skipped |= {id(part) for part in ast.walk(node)}
            yield from ((node.lineno, text) for text in _texts(node) if _is_sentence(text))


def _texts(node: ast.expr) -> list[str]:
    """What an expression may be; a value that is not written there is the sample."""
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.JoinedStr(values=parts):
            return ["".join(chosen) for chosen in product(*map(_texts, parts))]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return [begin + end for begin, end in product(_texts(left), _texts(right))]
        case ast.FormattedValue(value=ast.IfExp(body=one, orelse=other)):
            return [*_texts(one), *_texts(other)]
    return [SAMPLE]


def _is_sentence(text: str) -> bool:
    """Whether it may be one: no XML, no SQL, no header and no mail."""
    if " " not in text.strip() or "<" in text[:10] or "\n" in text or re.search("[a-z]{2}", text) is None:
        return False
    return _SQL.search(text) is None and _HEADER.match(text) is None


def _not_said(module: ast.Module) -> Iterator[int]:
    """The nodes of docstrings, and of what is for the log, a pattern, SQL or a header."""
    for node in ast.walk(module):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            if ast.get_docstring(node) is not None:
                yield from map(id, ast.walk(node.body[0]))
        elif isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in QUIET:
            yield from (id(part) for given in [node.func, *node.args] for part in ast.walk(given))
