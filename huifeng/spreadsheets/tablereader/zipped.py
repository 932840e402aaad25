"""The parts of a zip, unpacked in small pieces and counted, whatever the zip says about itself."""

import struct
import zlib
from collections.abc import Iterator
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from .limits import MAX_DIRECTORY, MAX_PARTS, MAX_RATIO, MAX_UNPACKED, RATIO_COUNTS_FROM
from .refusals import Unreadable

_PACKED_PIECE = 2**16
_PIECE = 2**18
_END = 22  # bytes of the record that ends every zip without a comment
_ENCRYPTED = 1


def parts_of(content: bytes) -> list[ZipInfo]:
    """The parts, checked as far as the zip's own figures go. Raises Unreadable."""
    _check_directory(content)
    try:
        with ZipFile(BytesIO(content)) as archive:
            parts = archive.infolist()
    except (BadZipFile, NotImplementedError, ValueError, OSError) as broken:
        raise Unreadable("zip_bomb" if "Overlapped" in str(broken) else "damaged") from broken
    if len(parts) > MAX_PARTS:
        raise Unreadable("zip_bomb")
    if any(part.flag_bits & _ENCRYPTED for part in parts):
        raise Unreadable("encrypted")
    if any(part.compress_type not in (ZIP_STORED, ZIP_DEFLATED) for part in parts):
        raise Unreadable("damaged")
    packed = sum(part.compress_size for part in parts)
    if packed > len(content) or unpacked_size(parts) > MAX_UNPACKED or any(map(_swells, parts)):
        raise Unreadable("zip_bomb")
    return parts


def unpacked_size(parts: list[ZipInfo]) -> int:
    """Bytes of all parts, as declared; `unpacked` holds them to it."""
    return sum(part.file_size for part in parts)


def unpacked(content: bytes, part: ZipInfo) -> Iterator[bytes]:
    """The bytes of a part in pieces of at most 256 KB. Raises Unreadable at the first byte too many.

    zipfile's own reader stops silently at the declared size; calamine does not, so what lies beyond must be seen.
    """
    count = 0
    for piece in _pieces(_packed(content, part), part.compress_type):
        count += len(piece)
        if count > part.file_size:
            raise Unreadable("zip_bomb")
        yield piece
    if count != part.file_size:
        raise Unreadable("damaged")


def _check_directory(content: bytes) -> None:
    """Refuse a list of parts that would itself fill the memory, and zips that two readers may read differently."""
    if content[-_END : -_END + 4] != b"PK\x05\x06":  # cut off, or something hangs behind it
        raise Unreadable("damaged")
    if content[-42:-38] == b"PK\x06\x07":  # Zip64: Apache POI and EasyExcel always write it
        count, size = struct.unpack("<QQ", content[-66:-50])
    else:
        count, size = struct.unpack("<HI", content[-12:-6])
    if count > MAX_PARTS or size > MAX_DIRECTORY:
        raise Unreadable("zip_bomb")


def _swells(part: ZipInfo) -> bool:
    return part.file_size > RATIO_COUNTS_FROM and part.file_size > MAX_RATIO * part.compress_size


def _packed(content: bytes, part: ZipInfo) -> memoryview:
    """The packed bytes: behind the part's own header, whose name and extra field may differ in length."""
    head = content[part.header_offset : part.header_offset + 30]
    if len(head) < 30 or not head.startswith(b"PK\x03\x04"):
        raise Unreadable("damaged")
    start = part.header_offset + 30 + sum(struct.unpack("<HH", head[26:30]))
    packed = memoryview(content)[start : start + part.compress_size]
    if len(packed) < part.compress_size:
        raise Unreadable("damaged")
    return packed


def _pieces(packed: memoryview, method: int) -> Iterator[bytes]:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    for start in range(0, len(packed), _PACKED_PIECE):
        block = bytes(packed[start : start + _PACKED_PIECE])
        if method == ZIP_STORED:
            yield block
            continue
        while block and not inflater.eof:
            try:
                piece = inflater.decompress(block, _PIECE)
            except zlib.error as broken:
                raise Unreadable("damaged") from broken
            block = inflater.unconsumed_tail
            if piece:
                yield piece
    while method == ZIP_DEFLATED and not inflater.eof:  # what the inflater still holds back
        piece = inflater.decompress(b"", _PIECE)
        if not piece:
            raise Unreadable("damaged")
        yield piece
