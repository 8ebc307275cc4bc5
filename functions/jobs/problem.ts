/** What API Gateway takes as the answer of a function. */
export type ProxyResult = {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Errors as RFC 9457 has them, as those of the part `api` are. */
const TITLES = {
  'bad-job': { status: 400, title: 'The job cannot be taken' },
  'not-operator': { status: 403, title: 'Only operators may do this' },
  'not-found': { status: 404, title: 'There is no such resource' },
  'no-job': { status: 404, title: 'There is no such job' },
  'method-not-allowed': { status: 405, title: 'The method is wrong' },
  'job-ended': { status: 409, title: 'The job has ended' },
  'job-done': { status: 409, title: 'The job is done' },
  'too-many-jobs': { status: 429, title: 'Too many jobs are open' },
  internal: { status: 500, title: 'The API is at fault' },
} as const

/** The answer for a problem. */
export function problem(
  kind: keyof typeof TITLES,
  detail: string,
  headers: Readonly<Record<string, string>> = {},
): ProxyResult {
  const { status, title } = TITLES[kind]
  return {
    statusCode: status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...headers },
    body: JSON.stringify({ type: `urn:tickstock:${kind}`, title, status, detail }),
  }
}
