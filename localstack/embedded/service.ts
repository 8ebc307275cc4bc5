import type * as z from 'zod'
import type { Access, Enforcement } from './access.ts'
import type { Clock } from './clock.ts'
import { EmbeddedRuntimeError } from './errors.ts'
import type { AnswerOptions } from './http/answer.ts'
import type { Upgrade } from './http/http.ts'
import type { HttpHandler, HttpRequest, HttpResponse } from './http/message.ts'
import type { FunctionLogLine } from './log-line.ts'
import type { Strict } from './strictness.ts'
import type { Created } from './template/resolve.ts'
import type { ResourceContext, ResourceType } from './template/resource-type.ts'

/** Which worker gets a batch of a shard: the one that had the shard before, or each time another, as on Lambda. */
export type Affinity = 'shard' | 'none'

/** Whose wall clock functions and streams have: that of the machine, or each function one that can be set, and the streams one. */
export type Clocks = 'machine' | 'own'

/** An event source mapping by what it joins. */
export type NamedMapping = { readonly functionName: string; readonly streamName: string }

/** Least milliseconds between two batches that a mapping takes from a shard. */
export type PollEvery = (mapping: NamedMapping) => number

/** Where functions run from: a copy in the data folder, or the assembly itself. */
export type CodePlace = 'copy' | 'assembly'

/** One run of a stack, as every service sees it. */
export type StackContext = {
  readonly stackName: string
  readonly accountId: string
  readonly region: string
  /** Folder where everything is kept. */
  readonly data: string
  /** Folders with the code of functions, by the object key of their asset. */
  readonly assets: ReadonlyMap<string, string>
  readonly code: CodePlace
  readonly clock: Clock
  readonly affinity: Affinity
  readonly clocks: Clocks
  /** @default 4 */
  readonly workersForShards?: number
  readonly pollEveryMs: PollEvery
  readonly isMapped: (mapping: NamedMapping) => boolean
  readonly isWarm: (functionName: string) => boolean
  readonly onLog: (line: FunctionLogLine) => void
  /** Added to the environment of every function, over what the template says. */
  readonly functionEnvironment: Readonly<Record<string, string>>
  /** Undefined: every function may do everything. */
  readonly enforcement?: Enforcement
  /** Undefined: the runtime is as quick as the machine. */
  readonly strict?: Strict
}

/** How the gateway recognises the requests to a service, and what answers them. */
export type Endpoint = AnswerOptions & {
  readonly handle: HttpHandler
  /** The service's name in signatures, and in the list of what is served. */
  readonly signedAs?: string
  /** The part of the header `X-Amz-Target` before its dot. */
  readonly target?: string
  /** Whether it takes a path, whatever the headers say. Of two services that do, the later in the list takes it. */
  readonly takesPath?: (path: string) => boolean
  /** Takes the requests that name no service. */
  readonly takesUnnamed?: true
  /** Whether web pages may use a path that it takes: those of the gateway's own origin, and of `RuntimeOptions.origins`. */
  readonly isForPages?: (path: string) => boolean
  /** Answered with 503 until every resource is created, and from when the runtime stops. */
  readonly afterStart?: true
  readonly upgrade?: Upgrade
  /** Without it, a function whose permissions are enforced cannot use the service. */
  readonly access?: EndpointAccess
}

/** What a request needs by IAM, and how the service's protocol says that it is not allowed. */
export type EndpointAccess = {
  /** None for a request that the service refuses anyway, or that needs none. */
  readonly needed: (request: HttpRequest) => readonly Access[]
  readonly deny: (message: string) => HttpResponse
}

/** Answers a signed request in place of its endpoint; undefined lets it through. */
export type Guard = (
  request: HttpRequest,
  asked: { readonly accessKey: string; readonly endpoint: Pick<Endpoint, 'access'> },
) => Promise<HttpResponse | undefined>

/** Data that nothing could make again: a start that finds it lost fails. */
export type DurableData = {
  /** Its name in the inventory of the data folder, such as `streams`. */
  readonly inventory: string
  /** One of them in an error message, such as `stream`. */
  readonly noun: string
  readonly resourceTypes: readonly string[]
  /** The file without which all are lost, below the data folder. */
  readonly file: string
  /** What is reported as damaged when one is lost, below the data folder. */
  readonly path: string
}

/** A service in a running stack. */
type Running = {
  readonly endpoint?: Endpoint
  readonly guard?: Guard
  /** Variables that lead clients to the service, given the gateway's URL. */
  readonly environment?: (gateway: string) => Readonly<Record<string, string>>
  /** The value of a dynamic reference, `{{resolve:...}}`; undefined if it is another service's. */
  readonly resolveReference?: (reference: string) => string | undefined
  /** Replaces the service's URLs in a text of the template by those of this machine. */
  readonly localUrls?: (text: string, gateway: string) => string
  /** Members of the answer of `/_health`. */
  readonly health?: () => Readonly<Record<string, unknown>>
  /** Whether a resource of `durableData` is there, by its physical id. */
  readonly has?: (physicalId: string) => boolean | Promise<boolean>
  /** Called when every resource is created. */
  readonly start?: () => void | Promise<void>
  /** Finishes what is in flight, while the gateway still answers. The later in the list stops first. */
  readonly stop?: () => void | Promise<void>
  /** Closes files and servers, when nothing runs any more. */
  readonly close?: () => void | Promise<void>
}

/** @typeParam Api what the service's resource types and other services call */
type OpenService<Api> = Running & { readonly api: Api }

export type ServiceDefinition<Api> = {
  readonly name: string
  /** By the type's name in templates; `Custom::*` stands for all with that prefix. */
  readonly resourceTypes: Readonly<Record<string, ResourceType<Api>>>
  readonly durableData?: DurableData
  readonly open: (context: StackContext) => OpenService<Api> | Promise<OpenService<Api>>
}

/** A service that is running, whatever its API. */
export type RunningService = Running & {
  readonly definition: Service
  /** Creates a resource of one of the service's types. */
  readonly create: (
    type: string,
    properties: unknown,
    context: Omit<ResourceContext, 'api'>,
  ) => Promise<Created>
}

/** What the runtime knows of a service. */
export type Service = {
  readonly name: string
  readonly resourceTypes: Readonly<Record<string, { readonly properties: z.ZodType }>>
  readonly durableData?: DurableData
  readonly open: (context: StackContext) => Promise<RunningService>
}

/** A service that others can depend on. */
export type ServiceWithApi<Api> = Service & {
  /** Its API in a running stack. Throws if the service is not open there. */
  readonly of: (context: StackContext) => Api
}

/**
 * Makes a service of its definition: a folder below services/ exports it, and services/index.ts lists it. A service
 * that calls another one does so by `other.of(context)`, and comes later in the list.
 */
export function defineService<Api>(definition: ServiceDefinition<Api>): ServiceWithApi<Api> {
  const apis = new WeakMap<StackContext, { readonly api: Api }>()
  const service: ServiceWithApi<Api> = {
    ...definition,
    of: (context) => {
      const opened = apis.get(context)
      if (opened !== undefined) return opened.api
      throw new EmbeddedRuntimeError(
        `The service ${definition.name} is not open: in services/index.ts, put it before those that use it.`,
      )
    },
    open: async (context) => {
      const { api, ...running } = await definition.open(context)
      apis.set(context, { api })
      return {
        ...running,
        definition: service,
        create: async (type, properties, resource) => {
          const resourceType = definition.resourceTypes[type]
          if (resourceType === undefined)
            throw new EmbeddedRuntimeError(`The service ${definition.name} has no resource type ${type}.`)
          return await resourceType.create(properties, { ...resource, api })
        },
      }
    },
  }
  return service
}
