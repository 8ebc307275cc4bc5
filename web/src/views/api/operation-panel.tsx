import { indentJson } from '../../reference/indent-json.ts'
import type { Operation } from '../../reference/description.ts'
import { fieldsOf, type JsonSchema, typeText } from '../../reference/json-schema.ts'
import { description, formOf } from '../../state/reference.ts'
import { Panel } from '../shell/panel.tsx'
import { Answer } from './answer.tsx'
import { Prose } from './prose.tsx'
import { RequestForm } from './request-form.tsx'

/** An operation: what it is, a form to send it, what came back, and what may come back. */
export function OperationPanel({ operation }: { readonly operation: Operation }) {
  const { summary, method, path, body, answer, statuses } = operation
  return (
    <Panel title={summary} class="operation">
      <p class="operation-path">
        <span class={`method is-${method.toLowerCase()}`}>{method}</span> <code>{path}</code>
      </p>
      <p class="about">
        <Prose text={operation.description} />
      </p>
      <RequestForm operation={operation} />
      <Answer operation={operation} outcome={formOf(operation).outcome.value} />
      {body && <Fields title="Fields of the body" schema={body.schema} />}
      {answer?.example !== undefined && (
        <details class="more">
          <summary>Example of an answer</summary>
          <pre>{indentJson(JSON.stringify(answer.example))}</pre>
        </details>
      )}
      {answer && <Fields title="Fields of the answer" schema={answer.schema} />}
      <details class="more">
        <summary>Statuses</summary>
        <dl class="statuses-list">
          {statuses.map(([status, text]) => (
            <div key={status}>
              <dt>{status}</dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
      </details>
    </Panel>
  )
}

function Fields({ title, schema }: { readonly title: string; readonly schema: JsonSchema }) {
  const components = description.value?.components ?? {}
  const fields = fieldsOf(schema, components)
  if (fields.length === 0) return null
  return (
    <details class="more">
      <summary>{title}</summary>
      <p class="muted">{typeText(schema, components)}</p>
      <ul class="fields">
        {fields.map(({ name, depth, type, isRequired, description: text }, index) => (
          <li key={index} class={`depth-${depth}`}>
            <code>{name}</code> <span class="muted">{type}</span>
            {!isRequired && <span class="muted">, may be absent</span>}
            {text !== '' && (
              <p>
                <Prose text={text} />
              </p>
            )}
          </li>
        ))}
      </ul>
    </details>
  )
}
