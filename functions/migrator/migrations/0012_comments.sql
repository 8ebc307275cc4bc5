-- What \d+ shows. A comment locks out nobody who reads or writes rows.

COMMENT ON TABLE ohlcv_1min IS
  '1-minute bars, the newest revision of each, a partition per UTC day: filter by timestamp, and WHERE NOT withdrawn';
COMMENT ON COLUMN ohlcv_1min.symbol IS 'As the venue or the feed names it; AAPL and aapl are two';
COMMENT ON COLUMN ohlcv_1min.timestamp IS 'Start of the minute';
COMMENT ON COLUMN ohlcv_1min.open IS 'Price of the first trade that counts for it, exact';
COMMENT ON COLUMN ohlcv_1min.high IS 'Highest price, exact';
COMMENT ON COLUMN ohlcv_1min.low IS 'Lowest price, exact';
COMMENT ON COLUMN ohlcv_1min.close IS 'Price of the last trade that counts for it, exact';
COMMENT ON COLUMN ohlcv_1min.volume IS 'Exact sum of the volumes of its trades';
COMMENT ON COLUMN ohlcv_1min.vwap IS
  'Volume-weighted average price, notional divided by volume, rounded half up to 8 decimals; null when the volume is 0';
COMMENT ON COLUMN ohlcv_1min.trade_count IS 'Trades in it';
COMMENT ON COLUMN ohlcv_1min.revision IS
  '1 at first, 1 more with each correction; 0 of an imported bar. A lower one never replaces a higher one';
COMMENT ON COLUMN ohlcv_1min.closed_at IS
  'When it closed: the time of the trade, the end of the minute or the flush that closed this revision';
COMMENT ON COLUMN ohlcv_1min.written_at IS 'When this revision was written; readers see it within a minute of it';

COMMENT ON TABLE bar_revisions IS
  'Revisions of bars that a higher one has replaced, as they were; the newest is in ohlcv_1min';
COMMENT ON COLUMN bar_revisions.symbol IS 'As in ohlcv_1min';
COMMENT ON COLUMN bar_revisions.timestamp IS 'As in ohlcv_1min';
COMMENT ON COLUMN bar_revisions.open IS 'As in ohlcv_1min';
COMMENT ON COLUMN bar_revisions.high IS 'As in ohlcv_1min';
COMMENT ON COLUMN bar_revisions.low IS 'As in ohlcv_1min';
COMMENT ON COLUMN bar_revisions.close IS 'As in ohlcv_1min';
COMMENT ON COLUMN bar_revisions.volume IS 'As in ohlcv_1min';
COMMENT ON COLUMN bar_revisions.vwap IS 'As in ohlcv_1min';
COMMENT ON COLUMN bar_revisions.trade_count IS 'As in ohlcv_1min';
COMMENT ON COLUMN bar_revisions.revision IS 'The revision that was replaced';
COMMENT ON COLUMN bar_revisions.closed_at IS 'As in ohlcv_1min';
COMMENT ON COLUMN bar_revisions.written_at IS 'When this revision was written, not when it was replaced';

COMMENT ON TABLE intraday_patterns IS
  'Candlestick patterns, a partition per UTC day: filter by timestamp, and WHERE NOT withdrawn';
COMMENT ON COLUMN intraday_patterns.symbol IS 'As in ohlcv_1min';
COMMENT ON COLUMN intraday_patterns.pattern_type IS 'Such as doji or engulfing; docs/patterns.md lists them';
COMMENT ON COLUMN intraday_patterns.confidence IS 'From 0 to 1: by how far the conditions of the pattern were met';
COMMENT ON COLUMN intraday_patterns.detection_timestamp IS 'When it was detected';
COMMENT ON COLUMN intraday_patterns.timestamp IS 'Start of the bar that completed it';
COMMENT ON COLUMN intraday_patterns.timeframe IS 'Of its bars: 1Min';
COMMENT ON COLUMN intraday_patterns.revision IS 'Grows when a correction of its bars changes it';
COMMENT ON COLUMN intraday_patterns.direction IS 'bullish, bearish or neutral';
COMMENT ON COLUMN intraday_patterns.strength IS '80 or 100, as TA-Lib has it';
COMMENT ON COLUMN intraday_patterns.pattern_data IS 'What the detector saw: its candles, and by how far each condition was met';
COMMENT ON COLUMN intraday_patterns.written_at IS 'When this revision was written';
COMMENT ON COLUMN intraday_patterns.withdrawn IS 'A correction of its bars has removed it';

COMMENT ON TABLE indicator_values IS
  'Indicators, all of a minute in one row, a partition per UTC day; intraday_indicators has a row for each';
COMMENT ON COLUMN indicator_values.symbol IS 'As in ohlcv_1min';
COMMENT ON COLUMN indicator_values.timestamp IS 'Start of the minute whose bar they follow';
COMMENT ON COLUMN indicator_values.timeframe IS 'Of their bars: 1Min';
COMMENT ON COLUMN indicator_values.revision IS 'Grows when a correction of a bar changes them';
COMMENT ON COLUMN indicator_values.indicators IS
  'Values by name, absent or null while there are too few bars; empty where the bar was withdrawn';
COMMENT ON COLUMN indicator_values.calculation_timestamp IS 'When they were calculated';
COMMENT ON COLUMN indicator_values.written_at IS 'When this revision was written';

COMMENT ON VIEW intraday_indicators IS
  'Indicators, one a row: filter by timestamp, symbol and indicator_name';
COMMENT ON COLUMN intraday_indicators.symbol IS 'As in ohlcv_1min';
COMMENT ON COLUMN intraday_indicators.indicator_name IS 'Such as sma_20 or rsi_14; docs/indicators.md lists them';
COMMENT ON COLUMN intraday_indicators.value IS 'Null while there are too few bars';
COMMENT ON COLUMN intraday_indicators.timestamp IS 'Start of the minute whose bar it follows';
COMMENT ON COLUMN intraday_indicators.calculation_timestamp IS 'When it was calculated';
COMMENT ON COLUMN intraday_indicators.timeframe IS 'Of its bars: 1Min';
COMMENT ON COLUMN intraday_indicators.revision IS 'Grows when a correction of a bar changes it';

COMMENT ON TABLE symbols IS 'All symbols that have bars';
COMMENT ON COLUMN symbols.symbol IS 'As in ohlcv_1min';
COMMENT ON COLUMN symbols.first_day IS 'UTC day of its first bar, a withdrawn one included';
COMMENT ON COLUMN symbols.last_day IS 'UTC day of its last bar, a withdrawn one included';
