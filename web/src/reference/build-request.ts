import type { Method, Operation } from './description.ts'

/** What a reader has filled in; an empty text is not sent. */
export type Filled = {
  readonly parameters: Readonly<Record<string, string>>
  readonly body: string
  readonly accept: 'application/json' | 'text/csv'
}

/** A request that can be sent. */
export type BuiltRequest = {
  readonly method: Method
  /** With the query. */
  readonly path: string
  readonly accept: Filled['accept']
  readonly body: string | undefined
}

/** The request, or each reason why there is none. */
export type Built =
  | { readonly type: 'request'; readonly request: BuiltRequest }
  | { readonly type: 'incomplete'; readonly faults: readonly string[] }

/** Makes the request of an operation. What values may be is for the API to say: it names each that is wrong. */
export function buildRequest(operation: Operation, { parameters, body, accept }: Filled): Built {
  const valueOf = (name: string): string => parameters[name] ?? ''
  const faults = operation.parameters
    .filter(({ name, isRequired }) => isRequired && valueOf(name) === '')
    .map(({ name }) => `${name} is needed`)
  const fault = operation.body === undefined ? undefined : faultOf(body)
  if (fault !== undefined) faults.push(fault)
  if (faults.length > 0) return { type: 'incomplete', faults }
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(valueOf(name)))
  const query = operation.parameters
    .filter(({ name, place }) => place === 'query' && valueOf(name) !== '')
    .map(({ name }) => `${name}=${queryText(valueOf(name))}`)
    .join('&')
  return {
    type: 'request',
    request: {
      method: operation.method,
      path: query === '' ? path : `${path}?${query}`,
      accept: operation.offersCsv ? accept : 'application/json',
      body: operation.body === undefined ? undefined : body,
    },
  }
}

/** As people write it: a comma, a colon and a slash have no meaning in a query. */
function queryText(value: string): string {
  return encodeURIComponent(value).replaceAll('%2C', ',').replaceAll('%3A', ':').replaceAll('%2F', '/')
}

function faultOf(body: string): string | undefined {
  try {
    JSON.parse(body)
    return undefined
  } catch (error) {
    return `the body is not JSON: ${error instanceof Error ? error.message : String(error)}`
  }
}

/**
 * The command that sends a request from a shell, with a placeholder for the key.
 *
 * @param base the address of the API, without a slash at its end
 */
export function curlOf({ method, path, accept, body }: BuiltRequest, base: string): string {
  const parts = [
    'curl',
    ...(method === 'GET' ? [] : [`-X ${method}`]),
    '-H "x-api-key: $KEY"',
    ...(accept === 'text/csv' ? ["-H 'accept: text/csv'"] : []),
    ...(body === undefined ? [] : ["-H 'content-type: application/json'", `-d ${quoted(body)}`]),
    quoted(`${base}${path}`),
  ]
  return parts.join(' ')
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}
