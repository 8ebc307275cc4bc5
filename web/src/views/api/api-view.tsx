import '../../style/api.css'

import { useEffect } from 'preact/hooks'

import type { Operation } from '../../reference/description.ts'
import { go, place } from '../../state/place.ts'
import { description, descriptionFault, followDescription, typedKey } from '../../state/reference.ts'
import { session } from '../../state/session.ts'
import { writePlace } from '../../state/url-state.ts'
import { Panel } from '../shell/panel.tsx'
import { OperationPanel } from './operation-panel.tsx'

/** The REST API: what it answers, to try out. */
export function ApiView() {
  useEffect(followDescription, [])
  const operations = description.value?.operations ?? []
  const shown = operations.find(({ id }) => id === place.value.operation) ?? operations[0]
  if (shown === undefined)
    return (
      <p class="empty" role="status">
        {descriptionFault.value ?? 'Reading …'}
      </p>
    )
  return (
    <div class="api">
      <Panel title="REST API" class="api-about">
        <p class="muted">{description.value?.about}</p>
        <Sender />
        <p class="muted">
          For programs: <a href="/v1/openapi.json">openapi.json</a> (OpenAPI 3.1).
        </p>
      </Panel>
      <Operations operations={operations} shown={shown} />
      <OperationPanel key={shown.id} operation={shown} />
    </div>
  )
}

/** As whom requests are sent. */
function Sender() {
  return (
    <div class="sender">
      <label>
        API key{' '}
        <input
          type="password"
          autocomplete="off"
          spellcheck={false}
          aria-describedby="sender-note"
          value={typedKey.value}
          onInput={({ currentTarget }) => (typedKey.value = currentTarget.value.trim())}
        />
      </label>
      <span id="sender-note" class="muted">
        {typedKey.value === ''
          ? `Requests are sent as who is signed in (${session.value?.role ?? 'nobody'}). With a key they are sent as that program.`
          : 'Requests are sent with this key. It is kept in the memory of this page only.'}
      </span>
    </div>
  )
}

type OperationsProps = { readonly operations: readonly Operation[]; readonly shown: Operation }

/** All operations by their tag; a choice where there is no room for a list. */
function Operations({ operations, shown }: OperationsProps) {
  const byTag = [...Map.groupBy(operations, ({ tag }) => tag)]
  return (
    <>
      <nav class="operations panel" aria-label="Operations">
        {byTag.map(([tag, tagged]) => (
          <div key={tag}>
            <h2>{tag}</h2>
            <ul>
              {tagged.map(({ id, method, path, summary }) => (
                <li key={id}>
                  <a
                    href={writePlace({ ...place.value, operation: id })}
                    title={`${method} ${path}`}
                    aria-current={id === shown.id ? 'true' : undefined}
                  >
                    <span class={`method is-${method.toLowerCase()}`}>{method}</span> {summary}
                  </a>
                </li>
              ))}
            </ul>
          </div>
        ))}
      </nav>
      <label class="operation-choice">
        Operation{' '}
        <select value={shown.id} onChange={({ currentTarget }) => go({ operation: currentTarget.value })}>
          {byTag.map(([tag, tagged]) => (
            <optgroup key={tag} label={tag}>
              {tagged.map(({ id, method, summary }) => (
                <option key={id} value={id}>
                  {method} {summary}
                </option>
              ))}
            </optgroup>
          ))}
        </select>
      </label>
    </>
  )
}
