import { createHash } from 'node:crypto'

import { html, raw } from 'hono/html'

import * as z from 'zod'

import type { describeApi } from './open-api.ts'

const STYLE = `:root{color-scheme:light dark;--line:light-dark(#ddd,#333c47);--back:light-dark(#f4f4f4,#19202a)}
body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;background:light-dark(#fff,#0b0f14);color:light-dark(#222,#e3e9f0)}
a{color:light-dark(#1a5fb4,#6cb2ff)}
code,pre{font:13px/1.5 ui-monospace,monospace;background:var(--back);border-radius:4px;padding:.1em .3em}pre{padding:.8em;overflow:auto;max-height:30em}
table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid var(--line);padding:.3em .6em;text-align:left;vertical-align:top}td{overflow-wrap:anywhere}
h2{margin-top:2.5rem;border-top:2px solid currentcolor;padding-top:.5rem}`

/** What the page may load: its own style. */
export const DOCS_POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`

type Document = ReturnType<typeof describeApi>
type Operation = NonNullable<NonNullable<Document['paths']>[string]['get']>

/** The OpenAPI document as an HTML page; it loads nothing from other hosts. */
export function docsPage(document: Document) {
  const { info, paths = {} } = document
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>${info.title} API</title>
        ${raw(`<style>${STYLE}</style>`)}
      </head>
      <body>
        <h1>${info.title} API</h1>
        <p>${info.description}</p>
        <p>
          Every request carries its key: <code>curl -H "x-api-key: $KEY" ...</code>. For programs:
          <a href="v1/openapi.json">openapi.json</a>. To try requests out, open the view API of the dashboard,
          which people sign in to.
        </p>
        ${Object.entries(paths).map(([path, item]) =>
          METHODS.map((method) => {
            const described = item[method]
            return described === undefined ? '' : operation(method, path, described)
          }),
        )}
      </body>
    </html>`
}

const METHODS = ['get', 'post', 'delete'] as const

function operation(
  method: (typeof METHODS)[number],
  path: string,
  { summary, description, parameters = [], responses = {} }: Operation,
) {
  return html`<h2 id="${method === 'get' ? '' : `${method} `}${path}">${summary}</h2>
    <pre>${method.toUpperCase()} ${path}</pre>
    <p>${description}</p>
    ${parameters.length > 0 ? table(parameters.map(parameter), ['parameter', 'in', 'what', 'type', 'example']) : ''}
    ${table(
      Object.entries(responses).map(([status, response]) => [status, textOf(response, 'description')]),
      ['status', 'when'],
    )}
    ${example(responses)}`
}

/** What the API answers to the example; the parameters of that are in the table. */
function example(responses: Operation['responses'] = {}) {
  const done = answerSchema.safeParse(responses['200'] ?? responses['202'])
  const text = JSON.stringify(done.data?.content['application/json'].example, undefined, 2)
  return text === undefined
    ? ''
    : html`<details>
        <summary>Example of an answer</summary>
        <pre tabindex="0">${text}</pre>
      </details>`
}

const answerSchema = z.object({
  content: z.object({ 'application/json': z.object({ example: z.unknown() }) }),
})

function parameter(value: NonNullable<Operation['parameters']>[number]): string[] {
  if (!('name' in value)) return []
  const { schema, required, example: given } = value
  return [
    `${value.name}${required === true ? ' *' : ''}`,
    value.in,
    textOf(schema, 'description'),
    factsOf(schema ?? {}),
    given === undefined ? '' : String(given),
  ]
}

/** Type and limits of a parameter; what it is has a column of its own. */
function factsOf(schema: object): string {
  return Object.entries(schema)
    .filter(([name]) => name !== 'description' && name !== 'example')
    .map(([name, fact]) => (name === 'type' ? String(fact) : `${name} ${JSON.stringify(fact)}`))
    .join(', ')
}

function textOf(value: unknown, name: string): string {
  if (typeof value !== 'object' || value === null) return ''
  const text: unknown = Object.entries(value).find(([key]) => key === name)?.[1]
  return typeof text === 'string' ? text : ''
}

function table(rows: readonly (readonly string[])[], heads: readonly string[]) {
  return html`<table>
    <tr>
      ${heads.map((head) => html`<th>${head}</th>`)}
    </tr>
    ${rows.map(
      (cells) =>
        html`<tr>
          ${cells.map((cell) => html`<td>${cell}</td>`)}
        </tr>`,
    )}
  </table>`
}
