"""An answer before it is HTTP: a body or a stream of chunks, a code, and warnings."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec

__all__ = ("NO_PAGE", "Reply")


class Reply(msgspec.Struct):
    """One answer.

    Attributes:
        body: The whole body; unused when ``stream`` is set.
        stream: Chunks, sent as they come; a watch or a followed log.
        warnings: For the Warning header, one a line.
        retry_after: Seconds for the Retry-After header, 0 for none.
        bare: Whether it is a document that does not end with a newline, as objects do.
        etag: For the ETag header, quotes included.
        compressible: Whether a big body may go out in gzip.
        closes: Whether the connection ends with it.
    """

    body: bytes = b""
    code: int = 200
    content_type: str = "application/json"
    stream: AsyncIterator[bytes] | None = None
    warnings: list[str] = []  # msgspec copies the default
    retry_after: int = 0
    bare: bool = False
    etag: str = ""
    compressible: bool = False
    closes: bool = False


NO_PAGE = Reply(b"404 page not found\n", code=404, content_type="text/plain; charset=utf-8")
"""What Go's server answers for a path nobody handles."""
