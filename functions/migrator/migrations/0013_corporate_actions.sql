-- Splits and cash dividends, as users import them: by them the API adjusts bars where it is asked to. Nothing of the
-- release before reads or writes the table.

CREATE TABLE corporate_actions (
  symbol text NOT NULL,
  ex_date date NOT NULL,
  kind text NOT NULL CONSTRAINT corporate_actions_kind CHECK (kind IN ('split', 'dividend')),
  new_shares numeric,
  old_shares numeric,
  amount numeric,
  written_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (symbol, ex_date, kind),
  CONSTRAINT corporate_actions_split CHECK (
    CASE WHEN kind = 'split' THEN new_shares > 0 AND old_shares > 0 AND new_shares <> old_shares
      AND new_shares = trunc(new_shares) AND old_shares = trunc(old_shares) AND amount IS NULL
    ELSE new_shares IS NULL AND old_shares IS NULL END IS TRUE
  ),
  CONSTRAINT corporate_actions_dividend CHECK (kind <> 'dividend' OR (amount > 0) IS TRUE)
);

COMMENT ON TABLE corporate_actions IS
  'Splits and cash dividends as they were imported; the API adjusts bars by them, stored bars stay as they were traded';
COMMENT ON COLUMN corporate_actions.symbol IS 'As in ohlcv_1min';
COMMENT ON COLUMN corporate_actions.ex_date IS
  'The first day on which it is traded after the split or without the dividend, by the clocks of its exchange';
COMMENT ON COLUMN corporate_actions.kind IS 'split or dividend; several of a kind on one day are one row';
COMMENT ON COLUMN corporate_actions.new_shares IS
  'Of a split: so many shares replace old_shares, whole numbers in lowest terms: 4 and 1, or 21 and 20';
COMMENT ON COLUMN corporate_actions.old_shares IS 'Of a split: so many shares are replaced by new_shares';
COMMENT ON COLUMN corporate_actions.amount IS 'Of a dividend: cash for a share, in the currency of the prices';
COMMENT ON COLUMN corporate_actions.written_at IS 'When it was imported, or corrected';
