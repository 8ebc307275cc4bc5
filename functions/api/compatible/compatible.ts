import type { z } from '@hono/zod-openapi'
import type { Context } from 'hono'

import type { Arrival } from '../http/api-gateway.ts'
import { respondWith } from '../http/etag.ts'
import { type Failure, failureOf, type Reported } from '../http/failure.ts'
import { type BadParameter, BadRequestError, statusOf } from '../http/problem.ts'
import { parse, valuesOf } from '../http/read-parameters.ts'

/** A path of another vendor's API, which answers in that vendor's shapes what this API knows. */
export type Compatible = {
  /** With path parameters in braces. */
  readonly path: string
  readonly serve: (context: Context, sources: Reported) => Promise<Response>
}

/** A path that the vendor has, with all that changes its answer. */
export type CompatibleEndpoint<Shape extends z.ZodRawShape> = {
  readonly path: string
  /** Those in the path and those in the query, by name. */
  readonly parameters: z.ZodObject<Shape>
  /** @throws RefusedError where the vendor has an error of its own */
  readonly read: (parameters: z.output<z.ZodObject<Shape>>, call: Call) => Promise<unknown>
}

/** Whom a request may ask, and how it has come. */
export type Call = Omit<Reported, 'logError'> & {
  readonly arrival: Arrival
}

/** How a vendor writes answers. */
export type Vendor = {
  /** What may be in the query of every path, and changes no answer. */
  readonly ignored: readonly string[]
  /** The body of an error. */
  readonly errorOf: (error: { readonly status: number; readonly message: string }, arrival: Arrival) => object
  /** A wrong parameter by the name that the vendor has for it. */
  readonly renamed: (parameter: BadParameter) => BadParameter
}

/** There is no such thing, as the vendor says it. */
export class NotThereError extends Error {
  override readonly name = 'NotThereError'
}

/** The answers are of who asked, and change as trades come. */
const HEADERS = {
  'cache-control': 'private, no-cache',
  vary: 'accept-encoding, authorization, apca-api-key-id, apca-api-secret-key, x-api-key',
}

/** Lets the endpoints of a vendor answer requests. */
export function endpointsOf(
  vendor: Vendor,
): <Shape extends z.ZodRawShape>(of: CompatibleEndpoint<Shape>) => Compatible {
  return ({ path, parameters, read }) => {
    const names = Object.keys(parameters.shape)
    return {
      path,
      serve: async (context, sources) => {
        const arrival = arrivalOf(context)
        try {
          const values = valuesOf(context, vendor.ignored)
          const given = parse(parameters, { values, names })
          const body = JSON.stringify(await read(given, { ...sources, arrival }))
          return respondWith(context, body, { contentType: 'application/json', headers: HEADERS })
        } catch (error) {
          if (error instanceof NotThereError)
            return refuse(vendor, { kind: 'not-found', detail: error.message }, arrival)
          const told =
            error instanceof BadRequestError
              ? new BadRequestError(error.parameters.map(vendor.renamed))
              : error
          return refuse(vendor, failureOf(told, sources.logError), arrival)
        }
      },
    }
  }
}

/** Answers a path that the vendor may have, and this API has not. */
export function noSuchPath(vendor: Vendor): (context: Context) => Response {
  return (context) => {
    const detail = `There is no ${context.req.path} here; docs/clients.md lists what there is.`
    return refuse(vendor, { kind: 'not-found', detail }, arrivalOf(context))
  }
}

function arrivalOf(context: Context): Arrival {
  const { requestId = '', base = '' }: Partial<Arrival> = context.env ?? {}
  return { requestId, base }
}

function refuse({ errorOf }: Vendor, { kind, detail, headers }: Failure, arrival: Arrival): Response {
  const status = statusOf(kind)
  const body = errorOf({ status, message: detail }, arrival)
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
  })
}
