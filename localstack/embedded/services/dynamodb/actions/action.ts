import type * as z from 'zod'
import { invalid } from '../errors.ts'
import type { RequestTokens } from './request-tokens.ts'
import type { TableStore } from '../store/table-store.ts'

/** What every action works with. */
export type ActionContext = {
  readonly store: TableStore
  readonly arnOf: (table: string) => string
  readonly tokens: RequestTokens
}

/** One action of the API: takes a parsed JSON body, gives the answer's JSON body. */
export type Action = (context: ActionContext, body: unknown) => unknown

/** Makes an action of a schema for its input and what it does with it. What it would ignore, it refuses. */
export function action<Input extends z.ZodType>(
  input: Input,
  run: (context: ActionContext, request: z.output<Input>) => unknown,
): Action {
  return (context, body) => {
    const parsed = input.safeParse(body)
    if (parsed.success) return run(context, parsed.data)
    const issues = parsed.error.issues.map(({ path, message }) =>
      path.length === 0 ? message : `Value at '${path.join('.')}' failed to satisfy constraint: ${message}`,
    )
    throw invalid(
      `${issues.length} validation error${issues.length === 1 ? '' : 's'} detected: ${issues.join('; ')}`,
    )
  }
}
