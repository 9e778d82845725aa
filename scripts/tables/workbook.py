"""Write an Excel workbook, a batch of rows at a time.

xlsxwriter and openpyxl take 4 to 15 µs for each cell, and so two minutes for a million comments.
Here, Arrow joins the cells of a whole batch to XML. All texts are text cells, so no spreadsheet
rounds them or takes them for formulas. Nothing in the file depends on the clock.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from typing import IO
from xml.sax.saxutils import quoteattr
from zipfile import ZIP_DEFLATED, ZipFile

import pyarrow as pa
import pyarrow.compute as pc

from scripts.tables.contents import change_where, has_any

MAX_ROWS = 1_048_576  # of a sheet, including its heading
MAX_CHARS = 32_767  # of a cell, in units of UTF-16
MAX_SHEET_BYTES = 2_000_000_000  # of a file in a zip archive that all programs read
EXACT_NUMBERS = 10**15  # Excel rounds to 15 digits

# Characters that XML can't contain, and texts that Excel would decode to such characters.
_ESCAPED = re.compile("[\0-\b\v\f\x0e-\x1f\ufffe\uffff]|_x[0-9A-Fa-f]{4}_")
_MAY_BE_ESCAPED = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x{fffe}\x{ffff}]|_x[0-9A-Fa-f]{4}_"
_SIGNS_OF_ESCAPED = [bytes([code]) for code in range(32)] + [b"_x", b"\xef\xbf"]
_TEXT, _BOLD = 1, 2  # formats in `_STYLES`
_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_SHEET = (
    f'{_DECLARATION}<worksheet {_MAIN}><sheetViews><sheetView workbookViewId="0">'
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    "</sheetView></sheetViews><sheetData>"
)
_FONT = '<sz val="11"/><name val="Calibri"/>'
_STYLES = (
    f'<styleSheet {_MAIN}><fonts count="2"><font>{_FONT}</font><font><b/>{_FONT}</font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="3"><xf xfId="0"/><xf numFmtId="49" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="49" fontId="1" xfId="0" applyNumberFormat="1" applyFont="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
)


class Sheet:
    """A sheet that grows. `cut_texts` and `cut_rows` count what did not fit into Excel's limits."""

    def __init__(self, file: IO[bytes], schema: pa.Schema) -> None:
        self._file = file
        self._bytes = 0
        self._rows = 1
        self.cut_texts = 0
        self.cut_rows = 0
        heading = "".join(_text_cell(_xml(name), _BOLD) for name in schema.names)
        file.write(f"{_SHEET}<row>{heading}</row>".encode())

    def write(self, batch: pa.RecordBatch) -> None:
        """Add rows, up to Excel's limit."""
        fits = batch.slice(0, 0 if self.cut_rows else MAX_ROWS - self._rows)
        if fits.num_rows:
            cells = (part for column in fits.columns for part in self._cells(column))
            content = _memory(_joined("<row>", *cells, "</row>"))
            if self._bytes + len(content) <= MAX_SHEET_BYTES:
                self._file.write(content)
                self._bytes += len(content)
                self._rows += fits.num_rows
            else:
                fits = batch.slice(0, 0)
        self.cut_rows += batch.num_rows - fits.num_rows

    def close(self) -> None:
        self._file.write(b"</sheetData></worksheet>")

    def _cells(self, column: pa.Array) -> list[pa.Array | str]:
        """The parts of each cell's XML; an empty cell for null."""
        if column.type == pa.string():
            parts = _text_cells(self._shortened(column))
        else:
            parts = ["<c><v>", column.cast(pa.string()), "</v></c>"]
            if column.type == pa.int64():
                is_long = pc.greater_equal(pc.abs(column), EXACT_NUMBERS)
                if pc.any(is_long, min_count=0).as_py():
                    texts = _joined(*_text_cells(column.cast(pa.string())))
                    parts = [pc.if_else(is_long, texts, _joined(*parts))]
        return [pc.fill_null(_joined(*parts), "<c/>")] if column.null_count else parts

    def _shortened(self, texts: pa.Array) -> pa.Array:
        is_long = pc.fill_null(pc.greater(pc.utf8_length(texts), MAX_CHARS // 2), False)
        if not pc.any(is_long, min_count=0).as_py():
            return texts
        shortened = []
        for text in texts.filter(is_long).to_pylist():
            units = text.encode("utf-16-le")
            shortened.append(units[: 2 * MAX_CHARS].decode("utf-16-le", "ignore"))
            self.cut_texts += len(units) > 2 * MAX_CHARS
        return pc.replace_with_mask(texts, is_long, pa.array(shortened, pa.string()))


class Workbook:
    """Writes one sheet after the other into an open file, then `close`."""

    def __init__(self, file: IO[bytes]) -> None:
        self._zip = ZipFile(file, "w", ZIP_DEFLATED, compresslevel=1)
        self._names: list[str] = []

    @contextmanager
    def sheet(self, name: str, schema: pa.Schema) -> Iterator[Sheet]:
        """A new sheet. The end of the `with` block completes it."""
        self._names.append(name)
        # A plain name, in place of a ZipInfo, gets the date 1980-01-01.
        with self._zip.open(f"xl/worksheets/sheet{len(self._names)}.xml", "w") as file:
            sheet = Sheet(file, schema)
            yield sheet
            sheet.close()

    def close(self) -> None:
        """Write the files that name the sheets. The sheet that was written last comes first."""
        numbers = range(1, len(self._names) + 1)
        sheets = "".join(
            f'<sheet name={quoteattr(self._names[n - 1])} sheetId="{n}" r:id="rId{n}"/>'
            for n in (numbers[-1], *numbers[:-1])
        )
        links = "".join(
            f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet" '
            f'Target="worksheets/sheet{n}.xml"/>'
            for n in numbers
        )
        format = "application/vnd.openxmlformats-officedocument.spreadsheetml"
        parts = {"workbook": "sheet.main", "styles": "styles"}
        parts |= {f"worksheets/sheet{n}": "worksheet" for n in numbers}
        types = "".join(
            f'<Override PartName="/xl/{part}.xml" ContentType="{format}.{type}+xml"/>'
            for part, type in parts.items()
        )
        for name, content in {
            "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
            '<Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Default Extension="xml" ContentType="application/xml"/>{types}</Types>',
            "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship '
            f'Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'<workbook {_MAIN} xmlns:r="{_OFFICE}"><sheets>{sheets}</sheets>'
            "</workbook>",
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
            f'{links}<Relationship Id="styles" Type="{_OFFICE}/styles" Target="styles.xml"/>'
            "</Relationships>",
            "xl/styles.xml": _STYLES,
        }.items():
            with self._zip.open(name, "w") as file:
                file.write(f"{_DECLARATION}{content}".encode())
        self._zip.close()


def _text_cells(texts: pa.Array) -> list[pa.Array | str]:
    start, end = _text_cell("\0", _TEXT).split("\0")
    return [start, _escaped(texts), end]


def _text_cell(xml: str, style: int) -> str:
    return f'<c s="{style}" t="inlineStr"><is><t xml:space="preserve">{xml}</t></is></c>'


def _escaped(texts: pa.Array) -> pa.Array:
    with_numbers = change_where(
        texts, _MAY_BE_ESCAPED, lambda text: _ESCAPED.sub(_number, text), *_SIGNS_OF_ESCAPED
    )
    # XML parsers read a bare CR as a line feed.
    for sign, escaped in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\r", "&#13;")):
        if has_any(texts, sign.encode()):
            with_numbers = pc.replace_substring(with_numbers, sign, escaped)
    return with_numbers


def _number(found: re.Match[str]) -> str:
    text = found[0]
    return f"_x{ord(text):04X}_" if len(text) == 1 else f"_x005F{text}"


def _xml(text: str) -> str:
    return str(_escaped(pa.array([text]))[0])


def _joined(*parts: pa.Array | str) -> pa.Array:
    """The texts of each row, joined. A row with a null is null."""
    merged: list[pa.Array | str] = []
    for is_constant, some in groupby(parts, lambda part: isinstance(part, str)):
        if is_constant:
            merged.append("".join(some))
        else:
            merged.extend(some)
    return pc.binary_join_element_wise(*merged, "")


def _memory(texts: pa.Array) -> bytes:
    """All texts of a new array without nulls, joined."""
    size = pc.sum(pc.binary_length(texts)).as_py()
    return bytes(texts.buffers()[2].slice(0, size))
