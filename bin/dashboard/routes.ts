import type { IncomingMessage } from 'node:http'

import * as z from 'zod'

import {
  FLAG_ABOUT,
  FLAG_NAMES,
  type FlagName,
  flagSchema,
} from '../../functions/shared/runtime/flag-names.ts'
import { UsageError } from '../terminal/errors.ts'
import { type Answer, json, problem, RefusedError } from './answer.ts'
import type { Backend, ShownFlag } from './backend.ts'
import { readBody } from './body.ts'
import { discardDeadLetter, listDeadLetters, redriveDeadLetter } from './dead-letters.ts'

/** A request of somebody who is signed in. */
export type Asked = {
  readonly request: IncomingMessage
  readonly url: URL
  readonly backend: Backend
}

type Route = {
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly serve: (asked: Asked) => Answer | Promise<Answer>
}

const keySchema = z.strictObject({ key: z.string().min(1).max(1024) })
const valueSchema = z.strictObject({ value: flagSchema })
const DONE = { done: true }
const MOST_LISTED = 200

/** What the dashboard answers by itself to those who are signed in, by path. */
const ROUTES: Readonly<Record<string, Route>> = {
  '/session': {
    method: 'GET',
    serve: ({ backend: { stage, version, api } }) => json({ stage, role: 'operator', version, api: api.url }),
  },
  '/system': { method: 'GET', serve: async ({ backend }) => json(await systemOf(backend)) },
  '/actions': { method: 'GET', serve: ({ backend }) => json({ items: backend.actions.list() }) },
  '/dead-letters': {
    method: 'GET',
    serve: async ({ backend, url }) => json(await listDeadLetters(backend, limitOf(url))),
  },
  '/dead-letters/redrive': {
    method: 'POST',
    serve: async ({ request, backend }) => {
      await redriveDeadLetter(backend, (await readBody(request, keySchema)).key)
      return json(DONE)
    },
  },
  '/dead-letters/discard': {
    method: 'POST',
    serve: async ({ request, backend }) => {
      await discardDeadLetter(backend, (await readBody(request, keySchema)).key)
      return json(DONE)
    },
  },
  ...Object.fromEntries(FLAG_NAMES.map((name) => [`/flags/${name}`, flagRoute(name)])),
}

/** What answers a path; undefined when the dashboard itself does not. */
export function routeOf(path: string): Route | undefined {
  return Object.hasOwn(ROUTES, path) ? ROUTES[path] : undefined
}

/** Answers a request. */
export async function serveRoute(route: Route, asked: Asked): Promise<Answer> {
  const { method = 'GET' } = asked.request
  const isAllowed = method === route.method || (method === 'HEAD' && route.method === 'GET')
  return isAllowed ? await route.serve(asked) : wrongMethod(method, asked.url.pathname, route.method)
}

function flagRoute(name: FlagName): Route {
  return {
    method: 'PUT',
    serve: async ({ request, backend }) => {
      const { value } = await readBody(request, valueSchema)
      await backend.flags.set(name, value).catch((error: unknown) => {
        if (!(error instanceof UsageError)) throw error
        throw new RefusedError(
          problem(404, 'no-flag', { title: 'There is no such flag', detail: error.message }),
        )
      })
      backend.actions.record(`flag ${name} ${value}`)
      return json(DONE)
    },
  }
}

const NO_COST = { usd: 0, note: 'Cost so far: none. It all runs on this machine, and AWS charges nothing.' }

async function systemOf({ flags, figures }: Backend): Promise<Record<string, unknown>> {
  const shown: ShownFlag[] = [...(await flags.list())].map(([name, value]) => ({
    name,
    value,
    about: FLAG_ABOUT[name],
  }))
  return { now: Date.now(), ...figures(), flags: shown, costSoFar: NO_COST }
}

function limitOf(url: URL): number {
  const text = url.searchParams.get('limit') ?? '50'
  const limit = Number(text)
  if (/^\d{1,4}$/.test(text) && limit >= 1 && limit <= MOST_LISTED) return limit
  throw new RefusedError(
    problem(400, 'bad-parameter', {
      title: 'A parameter is wrong',
      detail: `limit is ${JSON.stringify(text.slice(0, 100))}; allowed: a whole number from 1 to ${MOST_LISTED}`,
    }),
  )
}

/** The answer to a method that a path does not have. */
export function wrongMethod(method: string, path: string, allowed: string): Answer {
  return problem(405, 'method-not-allowed', {
    title: 'The method is wrong',
    detail: `${method} ${path} is not possible; use ${allowed}`,
    headers: { allow: allowed },
  })
}
