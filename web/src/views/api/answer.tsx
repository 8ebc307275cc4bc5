import * as z from 'zod/mini'

import type { PlainAnswer } from '../../api/request.ts'
import { indentJson } from '../../reference/indent-json.ts'
import type { Operation } from '../../reference/description.ts'
import { formOf, type Outcome } from '../../state/reference.ts'
import { amountText } from '../../values/price-text.ts'
import { visibleText } from '../../values/visible-text.ts'
import { CopyButton } from './copy-button.tsx'

/** So much of a body is shown; a page of bars has megabytes. */
const MOST_SHOWN = 60_000

/** What the last request of an operation came to. */
export function Answer({
  operation,
  outcome,
}: {
  readonly operation: Operation
  readonly outcome: Outcome | undefined
}) {
  return (
    <section class="answer" aria-label="Answer">
      {outcome?.type === 'sending' && (
        <p class="muted" role="status">
          Sending …
        </p>
      )}
      {outcome?.type === 'failed' && (
        <p class="fault" role="alert">
          {outcome.reason}
        </p>
      )}
      {outcome?.type === 'answered' && <Answered operation={operation} answer={outcome.answer} />}
    </section>
  )
}

function Answered({ operation, answer }: { readonly operation: Operation; readonly answer: PlainAnswer }) {
  const { status, milliseconds, headers, text } = answer
  const type = headers.find(([name]) => name === 'content-type')?.[1] ?? ''
  const isJson = type.includes('json')
  const shown = visibleText(isJson ? indentJson(text) : text)
  const token = nextTokenOf(operation, text)
  return (
    <>
      <div class="answer-head">
        <p role="status">
          <span class={`tag is-${status < 400 ? 'good' : 'bad'}`}>{status}</span>{' '}
          <span class="muted">
            {meaningOf(operation, status)}; {Math.round(milliseconds)} ms, {amountText(text.length)}{' '}
            characters
          </span>
        </p>
        <CopyButton text={text} />
      </div>
      {shown.length > MOST_SHOWN && (
        <p class="muted">The first {amountText(MOST_SHOWN)} characters are shown; Copy copies all.</p>
      )}
      <div class="answer-body" tabIndex={0} role="region" aria-label="Body of the answer">
        <pre>{shown.slice(0, MOST_SHOWN)}</pre>
      </div>
      {token !== undefined && (
        <button type="button" class="small" onClick={() => fillToken(operation, token)}>
          Fill in the token of the next page
        </button>
      )}
      <details class="more">
        <summary>Headers</summary>
        <dl class="headers-list">
          {headers.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{visibleText(value)}</dd>
            </div>
          ))}
        </dl>
      </details>
    </>
  )
}

function meaningOf({ statuses }: Operation, status: number): string {
  return statuses.find(([one]) => one === String(status))?.[1] ?? 'Not among its statuses'
}

const pageSchema = z.object({ next_page_token: z.string() })

function nextTokenOf({ parameters }: Operation, text: string): string | undefined {
  if (!parameters.some(({ name }) => name === 'page_token')) return undefined
  try {
    return pageSchema.safeParse(JSON.parse(text)).data?.next_page_token
  } catch {
    return undefined
  }
}

function fillToken(operation: Operation, token: string): void {
  const { filled } = formOf(operation)
  filled.value = { ...filled.value, parameters: { ...filled.value.parameters, page_token: token } }
}
