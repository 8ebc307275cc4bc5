-- Exact sums and completeness of bars. New columns come last, and in the same order in both tables: the trigger that
-- keeps replaced bars copies rows as they are. The bar-writer of the release before, which runs until it is replaced,
-- names its columns and leaves these two null.

-- A statement of a reader takes 15 s at the most; whoever waits for a lock stands in front of the writers.
SET LOCAL lock_timeout = '30s';

ALTER TABLE ohlcv_1min ADD COLUMN notional numeric, ADD COLUMN complete boolean;
ALTER TABLE bar_revisions ADD COLUMN notional numeric, ADD COLUMN complete boolean;

COMMENT ON COLUMN ohlcv_1min.notional IS
  'Exact sum of price times volume over the trades of the minute; null in a row of a release that did not write it';
COMMENT ON COLUMN ohlcv_1min.complete IS
  'Whether every trade of the venue is in the bar: true, false, or null where the ids of the venue do not tell';
COMMENT ON COLUMN bar_revisions.notional IS 'As in ohlcv_1min';
COMMENT ON COLUMN bar_revisions.complete IS 'As in ohlcv_1min';

-- Prices may be zero or negative, and a minute may have no trade that counts. Rows that satisfied the old constraints
-- satisfy these: NOT VALID saves reading them all while the table is locked.
ALTER TABLE ohlcv_1min
  DROP CONSTRAINT ohlcv_1min_prices,
  DROP CONSTRAINT ohlcv_1min_trade_count;
ALTER TABLE ohlcv_1min
  ADD CONSTRAINT ohlcv_1min_prices CHECK (low <= least(open, close) AND high >= greatest(open, close)) NOT VALID,
  ADD CONSTRAINT ohlcv_1min_trade_count CHECK (trade_count >= 0) NOT VALID;

-- The bar-writer of the release before revises a row that this one has written, and leaves what it does not know: the
-- sum of other trades.
CREATE FUNCTION forget_outdated_notional() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.notional := NULL;
  NEW.complete := NULL;
  RETURN NEW;
END
$$;

CREATE TRIGGER forget_outdated_notional BEFORE UPDATE ON ohlcv_1min
FOR EACH ROW
WHEN (NEW.notional = OLD.notional AND (NEW.volume, NEW.vwap) IS DISTINCT FROM (OLD.volume, OLD.vwap))
EXECUTE FUNCTION forget_outdated_notional();
