import { ALL, NOT_LAST, NOTHING, PRICES, VOLUME, type SaleCondition } from './updates.ts'

/**
 * Sale conditions of tapes A and B.
 *
 * Source: CTA, "CTS Pillar Multicast Output Binary Specification", field Sale Condition, columns "Consolidated", read
 * as dxFeed ("Sale conditions", NYSE CTS) and Alpaca ("How are bars aggregated?") restate them. The plan's notes 2
 * (Z, P, 4: last only when it is the only qualifying one) and 3 (L) are decided in docs/sale-conditions.md. `8` is
 * reserved and absent; `N`, reserved by now, has the rule that it had.
 */
export const CTA: readonly SaleCondition<string>[] = [
  [' ', 'Regular sale', ALL],
  ['@', 'Regular sale', ALL],
  ['4', 'Derivatively priced', NOT_LAST],
  ['5', 'Market center reopening trade', ALL],
  ['6', 'Market center closing trade', ALL],
  ['7', 'Qualified contingent trade', VOLUME],
  ['9', 'Corrected consolidated close', PRICES],
  ['B', 'Average price trade', VOLUME],
  ['C', 'Cash trade', VOLUME],
  ['E', 'Automatic execution', ALL],
  ['F', 'Intermarket sweep order', ALL],
  ['H', 'Price variation trade', VOLUME],
  ['I', 'Odd lot trade', VOLUME],
  ['K', 'Rule 127 (NYSE), rule 155 (NYSE American)', ALL],
  ['L', 'Sold last', ALL],
  ['M', 'Market center official close', NOTHING],
  ['N', 'Next day trade', VOLUME],
  ['O', 'Market center opening trade', ALL],
  ['P', 'Prior reference price', NOT_LAST],
  ['Q', 'Market center official open', NOTHING],
  ['R', 'Seller', VOLUME],
  ['T', 'Extended hours trade', VOLUME],
  ['U', 'Extended hours, sold out of sequence', VOLUME],
  ['V', 'Contingent trade', VOLUME],
  ['X', 'Cross or periodic auction trade', ALL],
  ['Z', 'Sold out of sequence', NOT_LAST],
]
