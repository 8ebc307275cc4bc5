import { ALL, NOT_LAST, NOTHING, PRICES, VOLUME, type SaleCondition } from './updates.ts'

/**
 * Sale conditions of tape C.
 *
 * Source: UTP plan, "UTP Data Feed Services Specification", Sale Condition Matrix, "Consolidated Processing
 * Guidelines", read as dxFeed ("Sale conditions", Nasdaq UTDF) and Alpaca ("How are bars aggregated?") restate them.
 * The plan's notes 1 (G, P, Z, 4: last only when it is the first or only one of the day) and 2 (L) are decided in
 * docs/sale-conditions.md. `E` and `8` are placeholders without a rule and absent; `N`, reserved by now, has the rule
 * that it had.
 */
export const UTP: readonly SaleCondition<string>[] = [
  [' ', 'Regular sale', ALL],
  ['@', 'Regular sale', ALL],
  ['1', 'Stopped stock', ALL],
  ['4', 'Derivatively priced', NOT_LAST],
  ['5', 'Reopening prints', ALL],
  ['6', 'Closing prints', ALL],
  ['7', 'Qualified contingent trade', VOLUME],
  ['9', 'Corrected consolidated close', PRICES],
  ['A', 'Acquisition', ALL],
  ['B', 'Bunched trade', ALL],
  ['C', 'Cash sale', VOLUME],
  ['D', 'Distribution', ALL],
  ['F', 'Intermarket sweep', ALL],
  ['G', 'Bunched sold trade', NOT_LAST],
  ['H', 'Price variation trade', VOLUME],
  ['I', 'Odd lot trade', VOLUME],
  ['K', 'Rule 155 trade (AMEX)', ALL],
  ['L', 'Sold last', ALL],
  ['M', 'Market center official close', NOTHING],
  ['N', 'Next day', VOLUME],
  ['O', 'Opening prints', ALL],
  ['P', 'Prior reference price', NOT_LAST],
  ['Q', 'Market center official open', NOTHING],
  ['R', 'Seller', VOLUME],
  ['S', 'Split trade', ALL],
  ['T', 'Form T, extended hours', VOLUME],
  ['U', 'Extended hours, sold out of sequence', VOLUME],
  ['V', 'Contingent trade', VOLUME],
  ['W', 'Average price trade', VOLUME],
  ['X', 'Cross or periodic auction trade', ALL],
  ['Y', 'Yellow flag regular trade', ALL],
  ['Z', 'Sold out of sequence', NOT_LAST],
]
