import { randomUUID } from 'node:crypto'
import * as z from 'zod'
import { ResourceError } from '../../errors.ts'
import { parseSchedule } from './schedule-expression.ts'
import {
  arnOf,
  because,
  inert,
  inertProperties,
  physicalName,
  resourceType,
} from '../../template/resource-type.ts'
import type { ResourceContext } from '../../template/resource-type.ts'
import type { Lambda } from '../lambda/lambda.ts'
import type { Scheduler } from './scheduler.ts'

/** What rules are created with. */
export type RuleResources = Pick<Lambda, 'asynchronous' | 'functions'> & {
  readonly scheduler: Scheduler
  /** Milliseconds after the minute at which a rule fires. */
  readonly offsetOf: (rule: string) => number
}

/** A schedule that invokes functions; rules on event patterns are not supported. */
export const eventsRule = resourceType({
  properties: z.strictObject({
    Name: z.string().optional(),
    ScheduleExpression: z.string(),
    State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
    Targets: z
      .array(
        z.strictObject({
          Arn: z.string(),
          Id: z.string(),
          Input: z.string().optional(),
          RetryPolicy: inert('delivery of an event cannot fail here'),
        }),
      )
      .default([]),
    ...inertProperties(because.naming, 'Description', 'Tags'),
  }),
  create: (properties, context: ResourceContext<RuleResources>) => {
    const { asynchronous, functions, scheduler, offsetOf } = context.api
    const name = properties.Name ?? physicalName(context, 64)
    const arn = arnOf(context, 'events', `rule/${name}`)
    const schedule = parseSchedule(properties.ScheduleExpression)
    for (const { Arn, Input } of properties.Targets) {
      const target = functions.find(Arn)
      if (target === undefined) throw new ResourceError(`Target ${Arn} is not a function of this stack.`)
      const input: unknown = Input === undefined ? undefined : JSON.parse(Input)
      if (properties.State === 'DISABLED') continue
      const due = (time: number): void => {
        const caller = { service: 'events.amazonaws.com', sourceArn: arn }
        asynchronous.send(target, input ?? scheduledEvent(time, arn, context), caller)
      }
      scheduler.add(schedule, due, offsetOf(name))
    }
    return { ref: name, attributes: { Arn: arn } }
  },
})

function scheduledEvent(firedAt: number, arn: string, { accountId, region }: ResourceContext) {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: accountId,
    time: new Date(firedAt).toISOString().replace(/\.\d{3}/, ''),
    region,
    resources: [arn],
    detail: {},
  }
}
