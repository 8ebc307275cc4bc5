-- Bars that were imported as a venue gives them, for minutes without trades. They have the revision 0, so that any bar that
-- is made of trades replaces them, and none of them replaces a bar. The column comes last in both tables, as the trigger
-- that keeps replaced bars copies rows as they are. The bar-writer of the release before names its columns and leaves this
-- one null; a bar of it replaces an imported one, which the trigger below notes.

SET LOCAL lock_timeout = '30s';

ALTER TABLE ohlcv_1min ADD COLUMN source text;
ALTER TABLE bar_revisions ADD COLUMN source text;

COMMENT ON COLUMN ohlcv_1min.source IS
  'Whose bar it is, where it was imported and not made of trades: its revision is 0, and trade_count 0 where it does not say';
COMMENT ON COLUMN bar_revisions.source IS 'As in ohlcv_1min';

-- Rows that satisfied the old constraint satisfy this one: NOT VALID saves reading them all while the table is locked.
ALTER TABLE ohlcv_1min DROP CONSTRAINT ohlcv_1min_revision;
ALTER TABLE ohlcv_1min
  ADD CONSTRAINT ohlcv_1min_revision CHECK (revision >= 1 OR (revision = 0 AND source IS NOT NULL)) NOT VALID;

CREATE FUNCTION forget_replaced_source() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.source := NULL;
  RETURN NEW;
END
$$;

CREATE TRIGGER forget_replaced_source BEFORE UPDATE ON ohlcv_1min
FOR EACH ROW
WHEN (NEW.source IS NOT NULL AND NEW.revision > 0)
EXECUTE FUNCTION forget_replaced_source();
