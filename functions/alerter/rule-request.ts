import * as z from 'zod'

import { type Condition, ConditionError, indicatorsOf, parseCondition } from '../domain/alerts/condition.ts'
import { isSymbol } from '../domain/trade.ts'
import { AlertRefusal } from './refusal.ts'
import { refuseTarget, type TargetLimits } from './target.ts'

const MAX_RULE_SYMBOLS = 100

/** What a rule is added with. */
export const ruleRequestSchema = z.strictObject({
  name: z
    .string('a text')
    .regex(/^[^\p{C}]{1,100}$/u, '1 to 100 printable characters')
    .optional(),
  condition: z.string('a text as "rsi_14 crosses above 70"'),
  symbols: z
    .union(
      [
        z.literal('*'),
        z
          .array(z.string().refine(isSymbol))
          .min(1)
          .max(MAX_RULE_SYMBOLS)
          .transform((symbols) => [...new Set(symbols)].toSorted()),
      ],
      `"*" for all, or a list of 1 to ${MAX_RULE_SYMBOLS} symbols`,
    )
    .default('*'),
  to: z
    .string('a URL as https://example.com/alerts, or topic')
    .max(2000, 'a URL of up to 2000 characters, or topic'),
  /** A bar that is older fires nothing, so that a rebuild or an import of years does not. */
  max_age_minutes: z
    .int('a whole number from 1 to 10080')
    .min(1, 'a whole number from 1 to 10080')
    .max(10_080, 'a whole number from 1 to 10080')
    .default(1440),
})

export type RuleRequest = z.infer<typeof ruleRequestSchema>

/** What a deployment computes, and where its messages may go. */
export type RuleLimits = TargetLimits & {
  readonly indicators: readonly string[]
  readonly patterns: readonly string[]
}

/**
 * Reads what a rule is added with.
 *
 * @throws AlertRefusal naming the field, its value, and what is allowed
 */
export function readRuleRequest(body: unknown, limits: RuleLimits): RuleRequest {
  const parsed = ruleRequestSchema.safeParse(body)
  if (!parsed.success) throw new AlertRefusal('bad-rule', faultsOf(parsed.error))
  const request = parsed.data
  const condition = conditionOf(request.condition)
  refuseUnknown(condition, limits)
  if (condition.type === 'silent' && request.symbols === '*')
    throw new AlertRefusal(
      'bad-rule',
      'symbols is "*"; a rule for silence names its symbols, since those that never trade are not known',
    )
  refuseTarget(request.to, limits)
  return request
}

function conditionOf(text: string): Condition {
  try {
    return parseCondition(text)
  } catch (error) {
    if (error instanceof ConditionError) throw new AlertRefusal('bad-rule', `condition: ${error.message}`)
    throw error
  }
}

function refuseUnknown(condition: Condition, { indicators, patterns }: RuleLimits): void {
  const unknown = indicatorsOf(condition).find((name) => !indicators.includes(name))
  if (unknown !== undefined)
    throw new AlertRefusal(
      'bad-rule',
      `condition: this deployment computes no ${unknown}; it computes ${indicators.join(', ')}, and a bar has open, high, low, close, volume, trade_count`,
    )
  if (condition.type !== 'pattern' || condition.pattern === undefined) return
  if (!patterns.includes(condition.pattern))
    throw new AlertRefusal(
      'bad-rule',
      `condition: this deployment does not search for ${condition.pattern}, only for ${patterns.join(', ')}`,
    )
}

function faultsOf({ issues }: z.ZodError): string {
  return issues
    .slice(0, 5)
    .map((issue) => {
      if (issue.code === 'unrecognized_keys')
        return `there is no field ${issue.keys.join(', ')}; allowed: ${Object.keys(ruleRequestSchema.shape).join(', ')}`
      const where = issue.path.map(String).join('.') || 'the body'
      return `${where} is wrong or missing; allowed: ${issue.path.length === 0 ? 'a JSON object' : issue.message}`
    })
    .join('; ')
}
