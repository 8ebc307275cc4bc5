import type { Firing } from './firing.ts'
import type { Rule } from './rule.ts'

/** What is sent to the target of a rule. */
export type Message = {
  /** The same at each attempt. */
  readonly id: string
  readonly type: 'alert.fired' | 'alert.test'
  /** JSON. */
  readonly body: string
  readonly rule: Pick<Rule, 'id' | 'name'>
  /** Undefined of a test. */
  readonly symbol: string | undefined
}

/** What an attempt to deliver came to; `refused` is not tried again. */
export type Attempt =
  /** What the receiver said. */
  | { readonly type: 'delivered'; readonly detail: string }
  | { readonly type: 'failed' | 'refused'; readonly reason: string }

/** Sends a message once to where a rule says; never rejects. */
export type Send = (rule: Pick<Rule, 'to' | 'secret'>, message: Message) => Promise<Attempt>

export function messageOf(rule: Rule, { id, body, symbol }: Firing): Message {
  return { id, type: 'alert.fired', body, rule, symbol }
}
