import { defineService } from '../../service.ts'
import { lambda } from '../lambda/index.ts'
import { eventsRule } from './rule.ts'
import type { RuleResources } from './rule.ts'
import { createScheduler } from './scheduler.ts'

/** The schedules of EventBridge. */
export const events = defineService<RuleResources>({
  name: 'events',
  resourceTypes: { 'AWS::Events::Rule': eventsRule },
  open: (context) => {
    const { asynchronous, functions } = lambda.of(context)
    const scheduler = createScheduler(context.clock)
    return {
      api: { asynchronous, functions, scheduler, offsetOf: context.strict?.scheduleOffsetMs ?? (() => 0) },
      start: scheduler.start,
      stop: scheduler.stop,
    }
  },
})
