"""Prints the regular or extended sessions of exchanges, as pandas_market_calendars has them."""

import json
import sys

import pandas
import pandas_market_calendars

FIRST, LAST, KIND = sys.argv[1:4]
NAMES = {"XNYS": "NYSE", "XNAS": "NASDAQ", "CMES": "CME_Equity", "XLON": "LSE", "XETR": "XETR", "XNSE": "NSE"}


def sessions_of(own, theirs):
    calendar = pandas_market_calendars.get_calendar(theirs)
    has_extended = KIND == "extended" and own in ("XNYS", "XNAS")
    edges = ("pre", "post") if has_extended else ("market_open", "market_close")
    schedule = calendar.schedule(FIRST, LAST, start=edges[0], end=edges[1])
    zone = str(calendar.tz)
    rows = []
    for day, row in schedule.iterrows():
        minutes = [
            int((row[edge].tz_convert(zone).tz_localize(None) - day).total_seconds() // 60)
            for edge in ("market_open", "market_close")
        ]
        rows.append([str(day.date()), *minutes, int(row[edges[0]].timestamp()), int(row[edges[1]].timestamp())])
    return {"timeZone": zone, "last": str(pandas.Timestamp(LAST).date()), "sessions": rows}


print(json.dumps({own: sessions_of(own, theirs) for own, theirs in NAMES.items()}))
