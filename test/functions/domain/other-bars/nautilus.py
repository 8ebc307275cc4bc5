"""Bars of nautilus_trader, as CSV, of the trades in a CSV file: time in ns, price, size, side (1, -1 or 0).

make-nautilus-bars.ts installs nautilus_trader, writes the trades and runs this.
"""

import csv
import sys

from nautilus_trader.data import aggregation
from nautilus_trader.model.currencies import USD
from nautilus_trader.model.data import BarSpecification, BarType, TradeTick
from nautilus_trader.model.enums import AggregationSource, AggressorSide, BarAggregation, PriceType
from nautilus_trader.model.identifiers import InstrumentId, Symbol, TradeId, Venue
from nautilus_trader.model.instruments import CurrencyPair
from nautilus_trader.model.objects import Currency, Price, Quantity

INSTRUMENT = InstrumentId(Symbol("GC"), Venue("COMEX"))
PRICE_DECIMALS = 1
SIZE_DECIMALS = 0
KINDS = {
    "tick": (BarAggregation.TICK, aggregation.TickBarAggregator),
    "volume": (BarAggregation.VOLUME, aggregation.VolumeBarAggregator),
    "imbalance:tick": (BarAggregation.TICK_IMBALANCE, aggregation.TickImbalanceBarAggregator),
    "imbalance:volume": (BarAggregation.VOLUME_IMBALANCE, aggregation.VolumeImbalanceBarAggregator),
    "renko": (BarAggregation.RENKO, aggregation.RenkoBarAggregator),
}
SIDES = {"1": AggressorSide.BUYER, "-1": AggressorSide.SELLER, "0": AggressorSide.NO_AGGRESSOR}


def instrument():
    return CurrencyPair(
        instrument_id=INSTRUMENT,
        raw_symbol=Symbol("GC"),
        base_currency=Currency.from_str("XAU"),
        quote_currency=USD,
        price_precision=PRICE_DECIMALS,
        size_precision=SIZE_DECIMALS,
        price_increment=Price(10**-PRICE_DECIMALS, PRICE_DECIMALS),
        size_increment=Quantity(10**-SIZE_DECIMALS, SIZE_DECIMALS),
        ts_event=0,
        ts_init=0,
    )


def trades(path):
    with open(path, newline="") as file:
        for number, (time, price, size, side) in enumerate(csv.reader(file)):
            yield TradeTick(
                INSTRUMENT,
                Price.from_str(price),
                Quantity.from_str(size),
                SIDES[side],
                TradeId(str(number)),
                int(time),
                int(time),
            )


def main():
    path, *kinds = sys.argv[1:]
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(["kind", "time", "open", "high", "low", "close", "volume"])
    for kind in kinds:
        name, step = kind.rsplit(":", 1)
        aggregation_of, aggregator_of = KINDS[name]
        bar_type = BarType(
            INSTRUMENT,
            BarSpecification(int(step), aggregation_of, PriceType.LAST),
            AggregationSource.INTERNAL,
        )
        bars = []
        aggregator = aggregator_of(instrument(), bar_type, bars.append)
        for trade in trades(path):
            aggregator.handle_trade_tick(trade)
        for bar in bars:
            out.writerow([kind, bar.ts_event, bar.open, bar.high, bar.low, bar.close, bar.volume])


if __name__ == "__main__":
    main()
