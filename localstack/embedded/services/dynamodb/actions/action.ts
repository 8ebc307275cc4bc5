import type * as z from 'zod'
import { checkedInput } from '../../../http/checked-input.ts'
import { invalid } from '../errors.ts'
import type { RequestTokens } from './request-tokens.ts'
import type { TableStore } from '../store/table-store.ts'

/** What every action works with. */
export type ActionContext = {
  readonly store: TableStore
  readonly arnOf: (table: string) => string
  readonly tokens: RequestTokens
  /** Says which requests are refused as above the throughput, and of batches which keys and statements. */
  readonly throttles: () => boolean
}

/** One action of the API: takes a parsed JSON body, gives the answer's JSON body. */
export type Action = (context: ActionContext, body: unknown) => unknown

/** Makes an action of a schema for its input and what it does with it. What it would ignore, it refuses. */
export function action<Input extends z.ZodType>(
  input: Input,
  run: (context: ActionContext, request: z.output<Input>) => unknown,
): Action {
  return (context, body) => run(context, checkedInput(input, body, invalid))
}
