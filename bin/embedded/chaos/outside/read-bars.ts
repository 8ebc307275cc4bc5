import * as z from 'zod'

import { observedAt } from './recorder.ts'
import type { Answer, Request, SeenBar } from './history.ts'

/** Where the REST API is, and a key for it. */
export type Api = { readonly apiUrl: string; readonly apiKey: string }

const viewSchema = z.object({
  t: z.string(),
  o: z.string(),
  h: z.string(),
  l: z.string(),
  c: z.string(),
  v: z.string(),
  n: z.int(),
  vw: z.string().nullable(),
  rev: z.int(),
  notional: z.string().nullable(),
  complete: z.boolean().nullable(),
  withdrawn: z.boolean().default(false),
})
type View = z.infer<typeof viewSchema>

const latestSchema = z.object({ bars: z.record(z.string(), viewSchema) })
const pageSchema = z.object({
  bars: z.array(viewSchema).default([]),
  revisions: z.array(viewSchema).default([]),
  next_page_token: z.string().nullable(),
})

/** As long as API Gateway waits. */
const ANSWER_MS = 29_000

/** Asks for bars, all pages of them; an answer without a status of 200 has none. */
export async function readBars(
  api: Api,
  { client, request }: Pick<Answer, 'client' | 'request'>,
): Promise<Answer> {
  const sentAt = observedAt()
  const bars: SeenBar[] = []
  const answer = (status: number): Answer => ({
    type: 'answered',
    client,
    request,
    sentAt,
    answeredAt: observedAt(),
    status,
    bars: status === 200 ? bars : [],
  })
  for (let token: string | null = ''; token !== null;) {
    const { status, body } = await get(api, `${pathOf(request)}${token && `&page_token=${token}`}`)
    if (status !== 200) return answer(status)
    const page = pageOf(request, JSON.parse(body))
    bars.push(...page.bars)
    token = page.next
  }
  return answer(200)
}

async function get(
  { apiUrl, apiKey }: Api,
  path: string,
): Promise<{ readonly status: number; readonly body: string }> {
  try {
    const signal = AbortSignal.timeout(ANSWER_MS)
    const response = await fetch(`${apiUrl}${path}`, { headers: { 'x-api-key': apiKey }, signal })
    return { status: response.status, body: await response.text() }
  } catch {
    // The runtime is away, or died while it answered.
    return { status: 0, body: '' }
  }
}

function pathOf(request: Request): string {
  if (request.kind === 'latest')
    return `/v1/bars/latest?numbers=string&symbols=${request.symbols.map(encodeURIComponent).join(',')}`
  const { symbol, start, end } = request
  const path = `/v1/bars/${encodeURIComponent(symbol)}${request.kind === 'revisions' ? '/revisions' : ''}`
  const asof = request.kind === 'asof' ? `&asof=${request.asof}` : ''
  return `${path}?numbers=string&limit=10000&start=${start}&end=${end}${asof}`
}

function pageOf(request: Request, body: unknown): { readonly bars: SeenBar[]; readonly next: string | null } {
  if (request.kind === 'latest') {
    const views = Object.entries(latestSchema.parse(body).bars)
    return { bars: views.map(([symbol, view]) => seenBar(symbol, view)), next: null }
  }
  const { bars, revisions, next_page_token } = pageSchema.parse(body)
  return { bars: [...bars, ...revisions].map((view) => seenBar(request.symbol, view)), next: next_page_token }
}

function seenBar(symbol: string, view: View): SeenBar {
  return {
    symbol,
    timestamp: view.t,
    revision: view.rev,
    open: view.o,
    high: view.h,
    low: view.l,
    close: view.c,
    volume: view.v,
    notional: view.notional,
    vwap: view.vw,
    tradeCount: view.n,
    complete: view.complete,
    withdrawn: view.withdrawn,
  }
}
