-- What a bar said before it was corrected. A statement that replaces rows of ohlcv_1min keeps what they held, in the
-- same transaction, whoever wrote it. A batch that replaces nothing pays for an empty scan.

CREATE TABLE bar_revisions (
  LIKE ohlcv_1min,
  PRIMARY KEY (symbol, timestamp, revision)
) PARTITION BY RANGE (timestamp);
CREATE TABLE bar_revisions_default PARTITION OF bar_revisions DEFAULT;

CREATE FUNCTION keep_replaced_bars() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO bar_revisions SELECT * FROM replaced ON CONFLICT DO NOTHING;
  RETURN NULL;
END
$$;

CREATE TRIGGER keep_replaced_bars AFTER UPDATE ON ohlcv_1min
REFERENCING OLD TABLE AS replaced
FOR EACH STATEMENT EXECUTE FUNCTION keep_replaced_bars();

-- The UTC days on which a symbol's first and last bars are: readers find both without looking into every partition.
CREATE TABLE symbols (
  symbol text PRIMARY KEY,
  first_day date NOT NULL,
  last_day date NOT NULL
);

INSERT INTO symbols
SELECT symbol, min((timestamp AT TIME ZONE 'UTC')::date), max((timestamp AT TIME ZONE 'UTC')::date)
FROM ohlcv_1min GROUP BY symbol;

-- Writes on a symbol's first bar of a day; for every other bar it reads one row. (ON CONFLICT with a condition would
-- lock, and so write, the row each time.)
CREATE FUNCTION note_symbols() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO symbols AS known
  SELECT added.symbol, added.first_day, added.last_day
  FROM (
    SELECT symbol, min((timestamp AT TIME ZONE 'UTC')::date) AS first_day, max((timestamp AT TIME ZONE 'UTC')::date) AS last_day
    FROM inserted GROUP BY symbol
  ) AS added
  LEFT JOIN symbols AS already USING (symbol)
  WHERE already.symbol IS NULL OR added.first_day < already.first_day OR added.last_day > already.last_day
  ORDER BY added.symbol
  ON CONFLICT (symbol) DO UPDATE SET
    first_day = least(known.first_day, excluded.first_day),
    last_day = greatest(known.last_day, excluded.last_day);
  RETURN NULL;
END
$$;

CREATE TRIGGER note_symbols AFTER INSERT ON ohlcv_1min
REFERENCING NEW TABLE AS inserted
FOR EACH STATEMENT EXECUTE FUNCTION note_symbols();

-- After partitions were dropped: `oldest` is the first day that is left.
CREATE PROCEDURE trim_symbols(retention integer) LANGUAGE plpgsql AS $$
DECLARE
  oldest date := (now() AT TIME ZONE 'UTC')::date - retention;
BEGIN
  DELETE FROM symbols WHERE last_day < oldest;
  UPDATE symbols SET first_day = coalesce(
    (SELECT min(timestamp AT TIME ZONE 'UTC')::date FROM ohlcv_1min AS bar WHERE bar.symbol = symbols.symbol),
    last_day
  ) WHERE first_day < oldest;
END
$$;

-- Patterns are read newest first, of all symbols at once.
CREATE INDEX intraday_patterns_by_time ON intraday_patterns (timestamp DESC, symbol, pattern_type, timeframe);
