/** What a column may be of a corporate action. */
export type ActionRole = 'symbol' | 'date' | 'kind' | 'id' | 'new' | 'old' | 'ratio' | 'amount'

/**
 * Names of the columns of each role, whose spelling is that of `plainName`; the first that a row has a value in is taken. They are those of Massive
 * (https://massive.com/docs/rest/stocks/corporate-actions/splits), Alpaca
 * (https://docs.alpaca.markets/reference/corporateactions-1), yfinance and plain tables.
 */
export const ACTION_COLUMNS: Readonly<Record<ActionRole, readonly string[]>> = {
  symbol: ['symbol', 'ticker'],
  date: ['ex_date', 'ex_dividend_date', 'execution_date', 'effective_date', 'date'],
  kind: ['kind', 'type', 'action', 'corporate_action_type', 'action_type', 'adjustment_type'],
  id: ['id'],
  new: ['split_to', 'new_rate', 'new_shares'],
  old: ['split_from', 'old_rate', 'old_shares'],
  ratio: ['ratio', 'split_ratio', 'stock_splits'],
  amount: ['cash_amount', 'amount', 'dividend_amount', 'dividends', 'dividend', 'rate'],
}

/** Values of `kind` that are read, as plain names. */
export const KINDS: Readonly<Record<string, 'split' | 'dividend' | undefined>> = {
  split: 'split',
  splits: 'split',
  stocksplit: 'split',
  forwardsplit: 'split',
  forwardsplits: 'split',
  reversesplit: 'split',
  reversesplits: 'split',
  dividend: 'dividend',
  dividends: 'dividend',
  cash: 'dividend',
  cashdividend: 'dividend',
  cashdividends: 'dividend',
  cd: 'dividend',
}
