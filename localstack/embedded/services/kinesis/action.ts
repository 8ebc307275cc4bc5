import type * as z from 'zod'
import { checkedInput } from '../../http/checked-input.ts'
import { KinesisError } from './errors.ts'
import type { StreamStore } from './stream-store.ts'

/** What every action works with. */
export type ActionContext = {
  readonly store: StreamStore
  /** Says which entries of a PutRecords are refused with ProvisionedThroughputExceededException. */
  readonly throttle: (entry: { readonly partitionKey: string; readonly data: Uint8Array }) => boolean
}

/** One action of the API: takes a parsed JSON body, returns the answer's JSON body. */
export type Action = (context: ActionContext, body: unknown) => unknown

/** Makes an action of a schema for its input and what it does with it. */
export function action<Input extends z.ZodType>(
  input: Input,
  run: (context: ActionContext, request: z.output<Input>) => unknown,
): Action {
  const refuse = (message: string) => new KinesisError('ValidationException', message)
  return (context, body) => run(context, checkedInput(input, body, refuse))
}

/** The name of the stream that a request means. */
export function addressed(request: {
  readonly StreamName?: string | undefined
  readonly StreamARN?: string | undefined
}): string {
  const byArn = request.StreamARN?.slice(request.StreamARN.indexOf('/') + 1)
  const name = request.StreamName ?? byArn
  if (name === undefined || (byArn !== undefined && byArn !== name)) {
    throw new KinesisError(
      'InvalidArgumentException',
      `Either StreamARN or StreamName must name one stream; got ${String(request.StreamName)} and ` +
        `${String(request.StreamARN)}.`,
    )
  }
  return name
}
