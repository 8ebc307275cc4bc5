import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import * as z from 'zod'
import type { Clock } from '../../clock.ts'
import { messageOf, ResourceError } from '../../errors.ts'
import type { HttpRequest, HttpResponse } from '../../http/message.ts'
import type { InvocationResult } from '../lambda/invocation.ts'
import type { Created } from '../../template/resolve.ts'
import { readState, writeState } from '../../storage/state-file.ts'

const DoneSchema = z.object({
  physicalResourceId: z.string(),
  properties: z.record(z.string(), z.unknown()),
  data: z.record(z.string(), z.unknown()),
})

const ResponseSchema = z.object({
  Status: z.enum(['SUCCESS', 'FAILED']),
  Reason: z.string().optional(),
  PhysicalResourceId: z.string().optional(),
  Data: z.record(z.string(), z.unknown()).nullish(),
})

type Response = z.infer<typeof ResponseSchema>

type CustomResource = {
  readonly logicalId: string
  readonly type: string
  /** ARN of the function that does the work. */
  readonly serviceToken: string
  readonly properties: Readonly<Record<string, unknown>>
  /** URL under which functions reach `handle`. */
  readonly gateway: string
  readonly timeoutSeconds: number
}

/** CloudFormation's protocol for custom resources, with what was done remembered in a file. */
export type CustomResources = {
  /** Sends Create, or Update if the properties changed, or nothing; throws a ResourceError if it FAILED. */
  readonly ensure: (resource: CustomResource) => Promise<Created>
  /** Takes what a function puts to its ResponseURL. */
  readonly handle: (request: HttpRequest) => HttpResponse
}

/** Where functions answer, below the gateway. */
export const customResourcePath = '/_custom-resource/'

export function openCustomResources(
  file: string,
  options: {
    readonly stackId: string
    readonly clock: Clock
    readonly invoke: (functionArn: string, event: unknown) => Promise<InvocationResult>
  },
): CustomResources {
  const done = readState(file, z.record(z.string(), DoneSchema)) ?? {}
  const waiting = new Map<string, (response: Response) => void>()
  const send = async (
    resource: CustomResource,
    request: Readonly<Record<string, unknown>>,
  ): Promise<Response> => {
    const token = randomUUID()
    const { promise, resolve } = Promise.withResolvers<Response>()
    waiting.set(token, resolve)
    const cancel = options.clock.after(resource.timeoutSeconds * 1000, () =>
      resolve({ Status: 'FAILED', Reason: `no response within ${resource.timeoutSeconds} s` }),
    )
    const ResponseURL = `${resource.gateway}${customResourcePath}${token}`
    const event = { ...request, RequestId: token, ResponseURL }
    const run = async (): Promise<void> => {
      try {
        const result = await options.invoke(resource.serviceToken, event)
        if (result.type === 'error') resolve({ Status: 'FAILED', Reason: result.error.errorMessage })
      } catch (error) {
        resolve({ Status: 'FAILED', Reason: messageOf(error) })
      }
    }
    const ended = run()
    try {
      const response = await promise
      // What the function does after its answer, such as closing connections, is part of the work.
      if (response.Status === 'SUCCESS') await ended
      return response
    } finally {
      cancel()
      waiting.delete(token)
    }
  }
  return {
    ensure: async (resource) => {
      const previous = done[resource.logicalId]
      const properties = stringified(resource.properties)
      if (previous !== undefined && isDeepStrictEqual(previous.properties, properties))
        return created(previous)
      const response = await send(resource, {
        RequestType: previous === undefined ? 'Create' : 'Update',
        ServiceToken: resource.serviceToken,
        StackId: options.stackId,
        LogicalResourceId: resource.logicalId,
        ResourceType: resource.type,
        ResourceProperties: { ServiceToken: resource.serviceToken, ...properties },
        ...(previous && {
          PhysicalResourceId: previous.physicalResourceId,
          OldResourceProperties: { ServiceToken: resource.serviceToken, ...previous.properties },
        }),
      })
      if (response.Status === 'FAILED') {
        throw new ResourceError(
          `${resource.logicalId} (${resource.type}) failed: ${response.Reason ?? 'no reason given'}`,
        )
      }
      const physicalResourceId =
        response.PhysicalResourceId ?? previous?.physicalResourceId ?? resource.logicalId
      done[resource.logicalId] = { physicalResourceId, properties, data: response.Data ?? {} }
      writeState(file, done)
      return created(done[resource.logicalId])
    },
    handle: ({ method, path, body }) => {
      const settle = waiting.get(path.slice(customResourcePath.length))
      if (method !== 'PUT' || settle === undefined)
        return { status: 404, body: 'No request is waiting for this response.' }
      settle(parseResponse(body.toString()))
      return { status: 200 }
    },
  }
}

function parseResponse(body: string): Response {
  try {
    return ResponseSchema.parse(JSON.parse(body))
  } catch {
    return { Status: 'FAILED', Reason: `the function's response is malformed: ${body.slice(0, 500)}` }
  }
}

function created(one: z.infer<typeof DoneSchema> | undefined): Created {
  return {
    ref: one?.physicalResourceId ?? '',
    attributes: one?.data ?? {},
  }
}

/** CloudFormation hands numbers and booleans to custom resources as strings. */
function stringified(properties: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(properties).map(([name, value]) => [name, stringifiedValue(value)]),
  )
}

function stringifiedValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(stringifiedValue)
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (typeof value !== 'object' || value === null) return value
  return stringified(Object.fromEntries(Object.entries(value)))
}
