"""The local copy of one partition's values, in RocksDB; a cache of the changelog, rebuilt from it at will.

RocksDB keeps no log of its own here: the changelog is the log. Values and offset lie in one memtable, which is written
out whole and in order, so a crash leaves an earlier state with its offset.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from rocksdict import WriteBatch, WriteOptions

from services.profile.ports import Size


class RocksStore:
    """Over the database that Faust's own store has opened for the partition, which writes without a log from now on.

    A write of Faust's own with a log would outlive the values before it, and its offset would hide that they are gone.
    """

    def __init__(self, database: Any, offset_key: bytes) -> None:
        self._database, self._offset_key = database, offset_key
        without_log: Any = WriteOptions()  # whose stub calls a property a method
        without_log.disable_wal = True
        database.set_write_options(without_log)

    @property
    def offset(self) -> int | None:
        """The changelog offset of the last write; None of a store that is new."""
        raw = self._database.get(self._offset_key)
        return None if raw is None else int(raw)

    def get(self, key: bytes) -> bytes | None:
        """The value of a key."""
        value: bytes | None = self._database.get(key)
        return value

    def write(self, values: Mapping[bytes, bytes | None], offset: int) -> None:
        """Put values (None deletes) and the offset, atomically."""
        batch = WriteBatch(raw_mode=True)
        for key, value in values.items():
            if value is None:
                batch.delete(key)
            else:
                batch.put(key, value)
        batch.put(self._offset_key, str(offset).encode())
        self._database.write(batch)

    def items(self) -> Iterator[tuple[bytes, bytes]]:
        """Every key and value but the offset's, in the order of the keys' bytes."""
        for key, value in self._database.items():
            if key != self._offset_key:
                yield key, value

    @property
    def size(self) -> Size:
        """Of the store's own count: values that were written again are counted for a while, those of tables not."""
        properties = self._database.property_int_value
        keys = properties("rocksdb.estimate-num-keys") or 0
        held = [properties(f"rocksdb.{name}") or 0 for name in ("live-sst-files-size", "cur-size-all-mem-tables")]
        return Size(keys, sum(held))

    def flush(self) -> None:
        """Write what is in memory to the disk."""
        self._database.flush()
