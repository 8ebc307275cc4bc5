import type { KinesisClient } from '@aws-sdk/client-kinesis'
import * as z from 'zod'

const answered = z.object({ headers: z.object({ date: z.string().transform(Date.parse).pipe(z.number()) }) })

/** Tells what each answer says of the clock of the service: Unix milliseconds, of a whole second that it has reached. */
export function onServerDate(client: KinesisClient, take: (date: number) => void): void {
  client.middlewareStack.add(
    (next) => async (given) => {
      const result = await next(given)
      const { data } = answered.safeParse(result.response)
      if (data !== undefined) take(data.headers.date)
      return result
    },
    { step: 'deserialize', name: 'onServerDate', override: true },
  )
}
