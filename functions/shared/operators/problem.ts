/** What API Gateway takes as the answer of a function. */
export type ProxyResult = {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

type Problems<Kind extends string> = Readonly<
  Record<Kind, { readonly status: number; readonly title: string }>
>

/** Those of every part that operators ask. */
const COMMON = {
  'not-operator': { status: 403, title: 'Only operators may do this' },
  'not-found': { status: 404, title: 'There is no such resource' },
  'method-not-allowed': { status: 405, title: 'The method is wrong' },
  internal: { status: 500, title: 'The API is at fault' },
} as const satisfies Problems<string>

/** The answer for a problem, by its kind. */
export type ProblemOf<Kind extends string = never> = (
  kind: Kind | keyof typeof COMMON,
  detail: string,
  headers?: Readonly<Record<string, string>>,
) => ProxyResult

/** Errors as RFC 9457 has them, as those of the part `api` are: a part's own, and those that all have. */
export function problemsOf<Kind extends string>(own: Problems<Kind>): ProblemOf<Kind> {
  const problems: Problems<Kind | keyof typeof COMMON> = { ...COMMON, ...own }
  return (kind, detail, headers = {}) => {
    const { status, title } = problems[kind]
    return {
      statusCode: status,
      headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...headers },
      body: JSON.stringify({ type: `urn:tickstock:${kind}`, title, status, detail }),
    }
  }
}

export function json(statusCode: number, body: unknown): ProxyResult {
  return {
    statusCode,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    body: JSON.stringify(body),
  }
}
