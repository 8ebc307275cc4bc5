import * as z from 'zod'
import type { HttpHandler } from '../../http/message.ts'
import { jsonService, operation, ServiceError } from '../../http/json-service.ts'
import { LogLines } from './log-lines.ts'

/** What the functions print, by log group, as CloudWatch Logs would give it; only the newest lines, in memory. */
export type LogStore = {
  readonly handle: HttpHandler
  readonly append: (logGroup: string, message: string) => void
}

/** Lines kept of each log group. */
const kept = 10_000

/** How many events a page holds at the most. */
const pageSize = 10_000

/** Opens an empty store. `arnPrefix`: `arn:aws:logs:region:account:log-group:`. */
export function openLogStore({
  arnPrefix,
  now,
}: {
  readonly arnPrefix: string
  readonly now: () => number
}): LogStore {
  const groups = new Map<string, LogLines>()
  let lastId = 0
  const linesOf = (name: string): LogLines => {
    const lines = groups.get(name)
    if (lines !== undefined) return lines
    throw new ServiceError('ResourceNotFoundException', `The log group ${name} has no events here.`)
  }
  return {
    append: (logGroup, message) => {
      const lines = groups.get(logGroup) ?? new LogLines(kept)
      groups.set(logGroup, lines)
      lines.append({ id: ++lastId, timestamp: now(), message })
    },
    handle: jsonService('CloudWatch Logs', {
      DescribeLogGroups: operation(DescribeSchema, ({ logGroupNamePrefix = '' }) => ({
        logGroups: [...groups.keys()]
          .filter((name) => name.startsWith(logGroupNamePrefix))
          .toSorted()
          .map((name) => ({ logGroupName: name, arn: `${arnPrefix}${name}:*` })),
      })),
      FilterLogEvents: operation(FilterSchema, (input) => {
        const { startTime = 0, endTime = Infinity, nextToken = '0', limit = pageSize } = input
        const term = termOf(input.filterPattern)
        const found = linesOf(input.logGroupName)
          .find({ afterId: Number(nextToken), from: startTime, before: endTime })
          .filter(({ message }) => message.includes(term))
        const page = found.slice(0, limit)
        return {
          events: page.map(({ id, ...event }) => ({
            ...event,
            eventId: String(id),
            ingestionTime: event.timestamp,
            logStreamName: 'embedded',
          })),
          ...(found.length > page.length && { nextToken: String(page.at(-1)?.id) }),
        }
      }),
    }),
  }
}

/** CloudWatch's pattern for lines with one term in quotes. */
function termOf(pattern: string | undefined): string {
  if (pattern === undefined || pattern === '') return ''
  const term = /^"(?<term>[^"]*)"$/.exec(pattern)?.groups?.['term']
  if (term !== undefined) return term
  throw new ServiceError('InvalidParameterException', `${pattern} is not supported here; give one "term".`)
}

const DescribeSchema = z.strictObject({
  logGroupNamePrefix: z.string().optional(),
  limit: z.number().optional(),
})

const FilterSchema = z.strictObject({
  logGroupName: z.string(),
  filterPattern: z.string().optional(),
  /** Unix milliseconds. */
  startTime: z.number().optional(),
  endTime: z.number().optional(),
  nextToken: z.string().optional(),
  limit: z.int().min(1).max(pageSize).optional(),
})
