import * as z from 'zod'

import { isSymbol } from '../domain/trade.ts'

/** Actions of one call, and symbols whose others are removed. */
export const MAX_ACTIONS = 5000

const DIGITS = 40
/** A whole number, from 1 on. */
const shares = z.string().regex(new RegExp(`^[1-9]\\d{0,${DIGITS - 1}}$`), 'a whole number from 1 on')
const key = {
  symbol: z.string().refine(isSymbol, 'not a symbol'),
  ex_date: z.iso.date(),
}

/**
 * What is known of a symbol's actions of a kind on a day. A split that changes nothing (1 for 1) or a dividend of 0 says that
 * there is none.
 */
const corporateActionSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('split'), ...key, new_shares: shares, old_shares: shares }),
  z.strictObject({
    kind: z.literal('dividend'),
    ...key,
    amount: z.string().regex(/^\d{1,15}(\.\d{1,18})?$/, 'a decimal of 0 or more'),
  }),
])

export type CorporateAction = z.infer<typeof corporateActionSchema>

/** What imports corporate actions: `{"type":"corporate-actions","actions":[...],"whole":["AAPL"]}`. */
export const corporateActionsSchema = z.strictObject({
  type: z.literal('corporate-actions'),
  /** One of a symbol, kind and day at the most. */
  actions: z.array(corporateActionSchema).max(MAX_ACTIONS),
  /** Symbols of which these are all actions. */
  whole: z.array(key.symbol).max(MAX_ACTIONS),
})

export type CorporateActionsEvent = z.input<typeof corporateActionsSchema>

/** What became of them. */
export const writtenActionsSchema = z.object({
  added: z.int(),
  changed: z.int(),
  removed: z.int(),
  /** Known as they are, or removed before. */
  unchanged: z.int(),
})

export type WrittenActions = z.infer<typeof writtenActionsSchema>

/** Whether it says that there is no such action. */
export function isNone(action: CorporateAction): boolean {
  return action.kind === 'split' ? action.new_shares === action.old_shares : Number(action.amount) === 0
}
