-- A bar that has lost all of its trades stays as a row, marked: its revision still wins over lower ones, and readers leave
-- it out. The column comes last in both tables, as the trigger that keeps replaced bars copies rows as they are. The
-- bar-writer of the release before names its columns and leaves this one false.

SET LOCAL lock_timeout = '30s';

ALTER TABLE ohlcv_1min ADD COLUMN withdrawn boolean NOT NULL DEFAULT false;
ALTER TABLE bar_revisions ADD COLUMN withdrawn boolean NOT NULL DEFAULT false;

COMMENT ON COLUMN ohlcv_1min.withdrawn IS
  'All trades of the bar were cancelled: there is no bar; the prices are those of the revision before';
COMMENT ON COLUMN bar_revisions.withdrawn IS 'As in ohlcv_1min';

-- The bar-writer of the release before brings a bar back without naming the column. This one never marks a bar with trades.
CREATE FUNCTION return_withdrawn_bar() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.withdrawn := false;
  RETURN NEW;
END
$$;

CREATE TRIGGER return_withdrawn_bar BEFORE UPDATE ON ohlcv_1min
FOR EACH ROW
WHEN (NEW.withdrawn AND NEW.trade_count > 0)
EXECUTE FUNCTION return_withdrawn_bar();
