import * as z from 'zod'

/** A rule in the table. Its condition is kept as it was given. */
const storedSchema = z.object({
  id: z.string(),
  name: z.string(),
  condition: z.string(),
  symbols: z.union([z.literal('*'), z.array(z.string())]),
  /** Where its messages go: the URL of a webhook, or `topic`. */
  to: z.string(),
  /** Signs its deliveries to a webhook; null of those to the topic. */
  secret: z.nullable(z.string()),
  /** Minutes after which a bar is too old for it. */
  maxAgeMinutes: z.int(),
  /** Unix milliseconds. */
  createdAt: z.number(),
  createdBy: z.string(),
})
export const ruleSchema = z.preprocess(withTarget, storedSchema)
export type Rule = Readonly<z.infer<typeof storedSchema>>

/** Rules were stored with the `url` of a webhook before there were topics. */
function withTarget(item: unknown): unknown {
  return typeof item === 'object' && item !== null && 'url' in item && !('to' in item)
    ? { ...item, to: item.url }
    : item
}

/** A rule as operators see it. */
export const ruleViewSchema = z.object({
  id: z.string(),
  name: z.string(),
  condition: z.string(),
  symbols: z.union([z.literal('*'), z.array(z.string())]),
  to: z.string(),
  max_age_minutes: z.int(),
  created_at: z.string(),
  created_by: z.string(),
})
export type RuleView = z.infer<typeof ruleViewSchema>

export const ruleListSchema = z.object({ rules: z.array(ruleViewSchema) })
/** The answer to whoever has added it: nobody sees the secret again, which a rule for the topic has none of. */
export const newRuleSchema = ruleViewSchema.extend({ secret: z.nullable(z.string()) })

export function viewOfRule(rule: Rule): RuleView {
  return {
    id: rule.id,
    name: rule.name,
    condition: rule.condition,
    symbols: rule.symbols,
    to: rule.to,
    max_age_minutes: rule.maxAgeMinutes,
    created_at: new Date(rule.createdAt).toISOString(),
    created_by: rule.createdBy,
  }
}
