import { html, raw } from 'hono/html'

import type { describeApi } from './open-api.ts'

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}
code,pre{font:13px/1.5 ui-monospace,monospace;background:#f4f4f4;border-radius:4px;padding:.1em .3em}pre{padding:.8em;overflow:auto}
table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #ddd;padding:.3em .6em;text-align:left;vertical-align:top}td{overflow-wrap:anywhere}
h2{margin-top:2.5rem;border-top:2px solid #222;padding-top:.5rem}`

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
        <style>
          ${raw(STYLE)}
        </style>
      </head>
      <body>
        <h1>${info.title} API</h1>
        <p>${info.description}</p>
        <p>
          Every request carries its key: <code>curl -H "x-api-key: $API_KEY" ...</code>. For programs:
          <a href="v1/openapi.json">openapi.json</a>.
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
    ${parameters.length > 0 ? table(parameters.map(parameter), ['parameter', 'in', 'what', 'type']) : ''}
    ${table(
      Object.entries(responses).map(([status, response]) => [status, textOf(response, 'description')]),
      ['status', 'when'],
    )}`
}

function parameter(value: NonNullable<Operation['parameters']>[number]): string[] {
  if (!('name' in value)) return []
  const { schema, required } = value
  const facts = JSON.stringify(schema ?? {})
  return [`${value.name}${required === true ? ' *' : ''}`, value.in, textOf(schema, 'description'), facts]
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
