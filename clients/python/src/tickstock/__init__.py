"""Read bars, indicators and patterns of TickStock: as objects, as pandas, polars or Arrow, and live."""

from __future__ import annotations

import json
import os
import time
from asyncio import sleep
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from urllib.parse import quote

import httpx

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

__all__ = [
    "AsyncClient",
    "AsyncRows",
    "Bar",
    "Client",
    "Indicator",
    "Match",
    "Pattern",
    "Rows",
    "Symbol",
    "TickStockError",
]

Time = str | date | datetime
Names = str | Iterable[str]
Row = TypeVar("Row")

_ATTEMPTS = 4
_LONGEST_WAIT = 30.0


class TickStockError(Exception):
    """The API refused a request; the text is what it says is wrong, and what to do."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        self.title = str(problem.get("title", ""))
        self.detail = str(problem.get("detail", ""))
        #: Each wrong parameter, its value and what is allowed.
        self.errors: list[dict[str, Any]] = list(problem.get("errors", []))
        super().__init__(f"{status} {self.title}: {self.detail}")


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar, labelled by its start; prices and volumes are exact."""

    symbol: str
    t: datetime
    o: Decimal
    h: Decimal
    l: Decimal  # noqa: E741
    c: Decimal
    v: Decimal
    n: int
    vw: Decimal | None
    rev: int
    notional: Decimal | None
    complete: bool | None
    source: str | None


@dataclass(frozen=True, slots=True)
class Indicator:
    """The value of an indicator in a bar; None while it has too few bars."""

    symbol: str
    t: datetime
    name: str
    value: Decimal | None
    rev: int
    #: None where the answer has computed the value.
    calculated_at: datetime | None


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern, with the start of the bar that completed it."""

    symbol: str
    type: str
    t: datetime
    timeframe: str
    confidence: Decimal
    direction: str | None
    strength: int | None
    rev: int
    #: None where the answer has found the pattern.
    detected_at: datetime | None
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Match:
    """A symbol for whose newest bar a screen holds, with the numbers and patterns that it names."""

    symbol: str
    t: datetime
    values: dict[str, Decimal]
    patterns: list[str]


@dataclass(frozen=True, slots=True)
class Symbol:
    """A symbol, with the starts of its first and last bars."""

    symbol: str
    first: datetime
    last: datetime


_TIMES = {"t", "calculated_at", "detected_at", "first", "last"}
_DECIMALS = {"o", "h", "l", "c", "v", "vw", "notional", "value", "confidence"}


def _cell(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in _TIMES:
        return datetime.fromisoformat(value.replace("Z", "+00:00"))
    return Decimal(value) if name in _DECIMALS else value


@dataclass(frozen=True)
class _Query(Generic[Row]):
    path: str
    parameters: Mapping[str, str]
    make: Callable[..., Row]
    #: How rows are to have their decimals, where they have any.
    numbers: Mapping[str, str]

    def rows(self, body: bytes) -> Iterator[Row]:
        for line in body.splitlines():
            # A later version may add fields.
            known = self.make.__dataclass_fields__  # type: ignore[attr-defined]
            found = json.loads(line, parse_float=Decimal)
            yield self.make(**{name: _cell(name, found.get(name)) for name in known})

    def page(self, file: str, token: str | None, **more: str) -> dict[str, str]:
        return {
            **self.parameters,
            "limit": "all",
            "format": file,
            **({"page_token": token} if token else {}),
            **more,
        }


def _text(value: object) -> str:
    if isinstance(value, datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=timezone.utc)
        return aware.isoformat()
    if isinstance(value, str):
        return value
    return ",".join(value) if isinstance(value, Iterable) else str(value)


def _query(make: Callable[..., Row], path: str, **parameters: object) -> _Query[Row]:
    given = {name: _text(value) for name, value in parameters.items() if value is not None}
    return _Query(path, given, make, {} if make is Symbol else {"numbers": "string"})


def _bars(symbols: Names, **parameters: object) -> _Query[Bar]:
    return _query(Bar, "/v1/bars", symbols=symbols, **parameters)


def _indicators(symbol: str, **parameters: object) -> _Query[Indicator]:
    return _query(Indicator, f"/v1/indicators/{quote(symbol, safe='')}", **parameters)


def _patterns(**parameters: object) -> _Query[Pattern]:
    return _query(Pattern, "/v1/patterns", **parameters)


def _symbols() -> _Query[Symbol]:
    return _query(Symbol, "/v1/symbols")


def _screen(where: str, **parameters: object) -> dict[str, str]:
    given = {name: _text(value) for name, value in parameters.items() if value is not None}
    return {"where": where, **given, "format": "json", "numbers": "string"}


def _matches(body: bytes) -> list[Match]:
    return [
        Match(
            symbol=match["symbol"],
            t=_cell("t", match["t"]),
            values={name: Decimal(value) for name, value in match["values"].items()},
            patterns=match["patterns"],
        )
        for match in json.loads(body)["matches"]
    ]


def _latest(symbols: Names, adjustment: str) -> dict[str, str]:
    given = {"symbols": _text(symbols), "adjustment": adjustment}
    return {**given, "format": "ndjson", "numbers": "string"}


def _wait_for(response: httpx.Response, attempt: int) -> float | None:
    """Seconds after which to ask again; None where the answer is an answer, or an error to raise."""
    if response.is_success:
        return None
    after = response.headers.get("retry-after")
    if response.status_code in (429, 503) and after is not None and attempt < _ATTEMPTS:
        return min(float(after) * attempt, _LONGEST_WAIT)
    try:
        problem = response.json()
    except ValueError:
        problem = {}
    raise TickStockError(
        response.status_code,
        problem if isinstance(problem, dict) else {"detail": str(problem)},
    )


def _options(url: str | None, key: str | None, timeout: float) -> dict[str, Any]:
    base = url or os.environ.get("TICKSTOCK_URL")
    secret = key or os.environ.get("TICKSTOCK_KEY")
    if not base or not secret:
        missing = "url" if not base else "key"
        raise ValueError(
            f"{missing} is missing: give it to the client, or set TICKSTOCK_{missing.upper()}; npm start prints both"
        )
    return {
        "base_url": base.rstrip("/"),
        "headers": {"x-api-key": secret, "accept": "*/*"},
        "timeout": timeout,
    }


def _arrow(pages: list[bytes], exact: bool) -> pyarrow.Table:
    import pyarrow
    import pyarrow.ipc

    table = pyarrow.concat_tables([pyarrow.ipc.open_stream(page).read_all() for page in pages])
    if exact:
        return table
    fields = [
        field.with_type(pyarrow.float64()) if pyarrow.types.is_decimal(field.type) else field
        for field in table.schema
    ]
    return table.cast(pyarrow.schema(fields))


def _pandas(pages: list[bytes], exact: bool) -> pandas.DataFrame:
    frame: pandas.DataFrame = _arrow(pages, exact).to_pandas()
    return frame


def _polars(pages: list[bytes], exact: bool) -> polars.DataFrame:
    import polars

    frame = polars.concat([polars.read_ipc_stream(page) for page in pages])
    return frame if exact else frame.with_columns(polars.col(polars.Decimal).cast(polars.Float64))


class Rows(Generic[Row]):
    """The rows of a request, read page by page when they are asked for, each time anew."""

    def __init__(self, client: Client, query: _Query[Row]) -> None:
        self._client = client
        self._query = query

    def __iter__(self) -> Iterator[Row]:
        for page in self._pages("ndjson", **self._query.numbers):
            yield from self._query.rows(page)

    def to_arrow(self, *, exact: bool = True) -> pyarrow.Table:
        """A table of pyarrow: decimal128(38, 18), or float64 with exact=False."""
        return _arrow(list(self._pages("arrow")), exact)

    def to_pandas(self, *, exact: bool = False) -> pandas.DataFrame:
        """A DataFrame: float64, or decimal.Decimal with exact=True."""
        return _pandas(list(self._pages("arrow")), exact)

    def to_polars(self, *, exact: bool = False) -> polars.DataFrame:
        """A DataFrame: Float64, or Decimal(38, 18) with exact=True."""
        return _polars(list(self._pages("arrow")), exact)

    def _pages(self, file: str, **more: str) -> Iterator[bytes]:
        token: str | None = None
        while True:
            response = self._client._get(self._query.path, self._query.page(file, token, **more))
            yield response.content
            token = response.headers.get("x-next-page-token")
            if not token:
                return


class Client:
    """Reads from TickStock. The address and the key are those that `npm start` prints, or the stack's outputs."""

    def __init__(
        self, url: str | None = None, key: str | None = None, *, timeout: float = 30.0
    ) -> None:
        self._http = httpx.Client(**_options(url, key, timeout))

    def bars(
        self,
        symbols: Names,
        *,
        start: Time | None = None,
        end: Time | None = None,
        timeframe: str | None = None,
        **more: object,
    ) -> Rows[Bar]:
        """Bars of one or several symbols; `more` are other parameters of /v1/bars, such as tz, adjustment and sort."""
        given = {"start": start, "end": end, "timeframe": timeframe, **more}
        return Rows(self, _bars(symbols, **given))

    def latest(self, symbols: Names, *, adjustment: str = "raw") -> dict[str, Bar]:
        """The newest 1-minute bar of each symbol that has any."""
        body = self._get("/v1/bars/latest", _latest(symbols, adjustment)).content
        return {bar.symbol: bar for bar in _bars(symbols).rows(body)}

    def indicators(
        self,
        symbol: str,
        *,
        names: Names | None = None,
        start: Time | None = None,
        end: Time | None = None,
        **more: object,
    ) -> Rows[Indicator]:
        """Indicators of a symbol, a row per bar and name; with form="wide", frames have a column per name.

        `more` are other parameters of /v1/indicators, such as timeframe, tz, session and sort.
        """
        given = {"names": names, "start": start, "end": end, **more}
        return Rows(self, _indicators(symbol, **given))

    def patterns(
        self,
        symbols: Names | None = None,
        *,
        start: Time | None = None,
        end: Time | None = None,
        **more: object,
    ) -> Rows[Pattern]:
        """Detected patterns, newest first; `more` are types, min_confidence, timeframe, tz, session and sort."""
        return Rows(self, _patterns(symbols=symbols, start=start, end=end, **more))

    def screen(
        self, where: str, *, symbols: Names | None = None, order: str | None = None, **more: object
    ) -> list[Match]:
        """Symbols for whose newest bar a condition holds; `more` are timeframe, tz, session, text, at, sort and limit."""
        return _matches(self._get("/v1/screen", _screen(where, symbols=symbols, order=order, **more)).content)

    def symbols(self) -> Rows[Symbol]:
        """All symbols that have bars."""
        return Rows(self, _symbols())

    def _get(self, path: str, parameters: Mapping[str, str]) -> httpx.Response:
        attempt = 1
        while True:
            response = self._http.get(path, params=dict(parameters))
            wait = _wait_for(response, attempt)
            if wait is None:
                return response
            time.sleep(wait)
            attempt += 1

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncRows(Generic[Row]):
    """As Rows, for `async for` and `await`."""

    def __init__(self, client: AsyncClient, query: _Query[Row]) -> None:
        self._client = client
        self._query = query

    async def __aiter__(self) -> AsyncIterator[Row]:
        async for page in self._pages("ndjson", **self._query.numbers):
            for row in self._query.rows(page):
                yield row

    async def to_arrow(self, *, exact: bool = True) -> pyarrow.Table:
        return _arrow([page async for page in self._pages("arrow")], exact)

    async def to_pandas(self, *, exact: bool = False) -> pandas.DataFrame:
        return _pandas([page async for page in self._pages("arrow")], exact)

    async def to_polars(self, *, exact: bool = False) -> polars.DataFrame:
        return _polars([page async for page in self._pages("arrow")], exact)

    async def _pages(self, file: str, **more: str) -> AsyncIterator[bytes]:
        token: str | None = None
        while True:
            response = await self._client._get(
                self._query.path, self._query.page(file, token, **more)
            )
            yield response.content
            token = response.headers.get("x-next-page-token")
            if not token:
                return


class AsyncClient:
    """As Client, for asyncio; and live records."""

    def __init__(
        self, url: str | None = None, key: str | None = None, *, timeout: float = 30.0
    ) -> None:
        options = _options(url, key, timeout)
        self._key: str = options["headers"]["x-api-key"]
        self._http = httpx.AsyncClient(**options)

    def bars(
        self,
        symbols: Names,
        *,
        start: Time | None = None,
        end: Time | None = None,
        timeframe: str | None = None,
        **more: object,
    ) -> AsyncRows[Bar]:
        given = {"start": start, "end": end, "timeframe": timeframe, **more}
        return AsyncRows(self, _bars(symbols, **given))

    async def latest(self, symbols: Names, *, adjustment: str = "raw") -> dict[str, Bar]:
        body = (await self._get("/v1/bars/latest", _latest(symbols, adjustment))).content
        return {bar.symbol: bar for bar in _bars(symbols).rows(body)}

    def indicators(
        self,
        symbol: str,
        *,
        names: Names | None = None,
        start: Time | None = None,
        end: Time | None = None,
        **more: object,
    ) -> AsyncRows[Indicator]:
        given = {"names": names, "start": start, "end": end, **more}
        return AsyncRows(self, _indicators(symbol, **given))

    def patterns(
        self,
        symbols: Names | None = None,
        *,
        start: Time | None = None,
        end: Time | None = None,
        **more: object,
    ) -> AsyncRows[Pattern]:
        return AsyncRows(self, _patterns(symbols=symbols, start=start, end=end, **more))

    async def screen(
        self, where: str, *, symbols: Names | None = None, order: str | None = None, **more: object
    ) -> list[Match]:
        """Symbols for whose newest bar a condition holds; `more` are timeframe, tz, session, text, at, sort and limit."""
        response = await self._get("/v1/screen", _screen(where, symbols=symbols, order=order, **more))
        return _matches(response.content)

    def symbols(self) -> AsyncRows[Symbol]:
        return AsyncRows(self, _symbols())

    async def live(
        self, url: str, symbols: Names, *, types: Names | None = None
    ) -> AsyncIterator[dict[str, Any]]:
        """Records as they occur, from the address of the WebSocket; ends when its connection does. Needs websockets."""
        from websockets.asyncio.client import connect

        wanted: dict[str, Any] = {"action": "subscribe", "symbols": _text(symbols).split(",")}
        if types is not None:
            wanted["types"] = _text(types).split(",")
        async with connect(url, additional_headers={"x-api-key": self._key}) as socket:
            await socket.send(json.dumps(wanted))
            async for message in socket:
                found = json.loads(message)
                if isinstance(found, list):
                    for record in found:
                        yield record
                elif found.get("type") == "error":
                    raise TickStockError(400, {"title": "WebSocket", "detail": found["error"]})

    async def _get(self, path: str, parameters: Mapping[str, str]) -> httpx.Response:
        attempt = 1
        while True:
            response = await self._http.get(path, params=dict(parameters))
            wait = _wait_for(response, attempt)
            if wait is None:
                return response
            await sleep(wait)
            attempt += 1

    async def close(self) -> None:
        await self._http.aclose()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
