"""What stores hold as Parquet, for DuckDB, pandas, Polars and Spark.

Written by the package pyarrow (``pip install 'fixgate[parquet]'``), imported in this module only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from fixgate.errors import EngineUnavailable, StoreError
from fixgate.report.export import Row
from fixgate.report.files import new_file

if TYPE_CHECKING:
    from pyarrow import RecordBatch, Schema

__all__ = ["write_parquet"]

# A row group is in memory until it is written, and is what a reader may skip as a whole. Arrow's
# own default is 1 Mi rows; ours is bounded in bytes too, for messages of a mebibyte.
_GROUP_ROWS = 1 << 16
_GROUP_BYTES = 1 << 24


def write_parquet(rows: Iterable[Row], path: Path) -> int:
    """Write a new Parquet file, one row for each of ``rows``, and return how many.

    The columns are the attributes of `Row`, ``at_ns`` being a timestamp in nanoseconds, UTC. The
    file appears whole or not at all, and only its owner can read it.

    Args:
        rows: What to write.
        path: The file; must not exist.

    Raises:
        EngineUnavailable: The package pyarrow is not installed.
        StoreError: The file exists, or cannot be written.
    """
    try:
        from pyarrow import ArrowException
        from pyarrow.parquet import ParquetWriter
    except ImportError as error:
        raise EngineUnavailable(
            "Parquet needs the package 'pyarrow': pip install 'fixgate[parquet]'"
        ) from error
    schema = _schema()
    # Messages hardly ever are equal: a dictionary of them would be work for nothing.
    words = ["session", "direction", "msg_type"]
    count = 0
    with new_file(path) as partial:
        try:
            with ParquetWriter(partial, schema, compression="zstd", use_dictionary=words) as file:
                for group in _groups(rows):
                    file.write_batch(_batch(group, schema))
                    count += len(group)
        except (ArrowException, OverflowError) as error:
            raise StoreError(str(path), f"cannot write: {error}") from error
    return count


def _schema() -> Schema:
    import pyarrow as pa

    word = pa.dictionary(pa.int32(), pa.string())
    return pa.schema(
        (
            pa.field("session", word, nullable=False),
            pa.field("generation", pa.int32(), nullable=False),
            pa.field("direction", word, nullable=False),
            pa.field("seq_num", pa.uint64()),
            pa.field("at_ns", pa.timestamp("ns", "UTC"), nullable=False),
            pa.field("msg_type", word),
            pa.field("raw", pa.binary()),
        )
    )


def _batch(group: Iterable[Row], schema: Schema) -> RecordBatch:
    import pyarrow as pa

    arrays = [pa.array([getattr(row, f.name) for row in group], f.type) for f in schema]
    return pa.record_batch(arrays, schema=schema)


def _groups(rows: Iterable[Row]) -> Iterator[list[Row]]:
    group: list[Row] = []
    size = 0
    for row in rows:
        group.append(row)
        size += len(row.raw or b"")
        if len(group) == _GROUP_ROWS or size >= _GROUP_BYTES:
            yield group
            group, size = [], 0
    if group:
        yield group
