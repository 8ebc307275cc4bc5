-- One partition per UTC day. 70 symbols make 100,000 rows a day, 10,000 symbols up to 14 million: a day is
-- the largest unit that is still quick to move, vacuum and drop, and makes retention exact to the day.
-- The default partition takes every bar whose day has no partition (a replay of 2013), since the writer
-- may do no DDL; maintenance moves such rows into a partition of their own.

CREATE TABLE ohlcv_1min (
  symbol text NOT NULL,
  -- The start of the minute.
  timestamp timestamptz NOT NULL,
  open numeric NOT NULL,
  high numeric NOT NULL,
  low numeric NOT NULL,
  close numeric NOT NULL,
  volume numeric NOT NULL,
  -- Null when the volume is 0.
  vwap numeric,
  trade_count bigint NOT NULL,
  revision integer NOT NULL,
  -- The tick, the end of the minute or the flush that closed the bar.
  closed_at timestamptz NOT NULL,
  written_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (symbol, timestamp),
  CONSTRAINT ohlcv_1min_prices CHECK (low >= 0 AND low <= least(open, close) AND high >= greatest(open, close)),
  CONSTRAINT ohlcv_1min_volume CHECK (volume >= 0),
  CONSTRAINT ohlcv_1min_trade_count CHECK (trade_count >= 1),
  CONSTRAINT ohlcv_1min_revision CHECK (revision >= 1)
) PARTITION BY RANGE (timestamp);
CREATE TABLE ohlcv_1min_default PARTITION OF ohlcv_1min DEFAULT;

CREATE TABLE intraday_patterns (
  symbol text NOT NULL,
  pattern_type text NOT NULL,
  confidence numeric NOT NULL CHECK (confidence BETWEEN 0 AND 1),
  detection_timestamp timestamptz NOT NULL,
  -- The minute of the bar that completed the pattern.
  timestamp timestamptz NOT NULL,
  timeframe text NOT NULL,
  revision integer NOT NULL CHECK (revision >= 1),
  direction text,
  strength text,
  pattern_data jsonb NOT NULL DEFAULT '{}',
  written_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (symbol, timestamp, timeframe, pattern_type)
) PARTITION BY RANGE (timestamp);
CREATE TABLE intraday_patterns_default PARTITION OF intraday_patterns DEFAULT;

-- All indicators of a minute in one row: {"rsi_14": 61.20512345, "sma_20": null, ...}.
CREATE TABLE indicator_values (
  symbol text NOT NULL,
  timestamp timestamptz NOT NULL,
  timeframe text NOT NULL,
  revision integer NOT NULL CHECK (revision >= 1),
  indicators jsonb NOT NULL CHECK (jsonb_typeof(indicators) = 'object'),
  calculation_timestamp timestamptz NOT NULL,
  written_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (symbol, timestamp, timeframe)
) PARTITION BY RANGE (timestamp);
CREATE TABLE indicator_values_default PARTITION OF indicator_values DEFAULT;

CREATE VIEW intraday_indicators WITH (security_invoker = true) AS
SELECT
  stored.symbol,
  entry.key AS indicator_name,
  entry.value::numeric AS value,
  stored.timestamp,
  stored.calculation_timestamp,
  stored.timeframe,
  stored.revision
FROM indicator_values AS stored
CROSS JOIN LATERAL jsonb_each_text(stored.indicators) AS entry;
-- Default privileges take a view for a table; this one only shows.
REVOKE INSERT, UPDATE, DELETE ON intraday_indicators FROM app_readwrite;
