"""Prints the sessions of exchanges, as exchange_calendars has them: JSON by name."""

import json
import sys

import exchange_calendars
import pandas

FIRST, LAST = sys.argv[1], sys.argv[2]
# exchange_calendars knows Bombay's exchange alone, whose holidays are those of the National Stock Exchange.
NAMES = {"XNYS": "XNYS", "XNAS": "XNAS", "CMES": "CMES", "XLON": "XLON", "XETR": "XETR", "XNSE": "XBOM"}


def sessions_of(name):
    known = exchange_calendars.get_calendar(name).bound_max()
    last = min(pandas.Timestamp(LAST), known) if known is not None else pandas.Timestamp(LAST)
    calendar = exchange_calendars.get_calendar(name, start=FIRST, end=last)
    zone = str(calendar.tz)
    rows = []
    for day, row in calendar.schedule.iterrows():
        assert pandas.isna(row["break_start"])
        minutes = [
            int((row[edge].tz_convert(zone).tz_localize(None) - day).total_seconds() // 60) for edge in ("open", "close")
        ]
        rows.append([str(day.date()), *minutes, int(row["open"].timestamp()), int(row["close"].timestamp())])
    return {"timeZone": zone, "last": str(last.date()), "sessions": rows}


print(json.dumps({own: sessions_of(theirs) for own, theirs in NAMES.items()}))
