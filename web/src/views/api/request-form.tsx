import { buildRequest, type BuiltRequest, curlOf, type Filled } from '../../reference/build-request.ts'
import type { Operation } from '../../reference/description.ts'
import { question } from '../../state/dialogs.ts'
import { apiAddress, fillExample, formOf, send, typedKey } from '../../state/reference.ts'
import { isOperator } from '../system/role.ts'
import { CopyButton } from './copy-button.tsx'
import { ParameterField } from './parameter-field.tsx'

/** The form of an operation, and the command that sends the same. */
export function RequestForm({ operation }: { readonly operation: Operation }) {
  const { filled, outcome } = formOf(operation)
  const built = buildRequest(operation, filled.value)
  const mayNot = operation.method !== 'GET' && !isOperator.value && typedKey.value === ''
  const change = (next: Partial<Filled>): void => {
    filled.value = { ...filled.value, ...next }
  }
  const submit = (event: Event): void => {
    event.preventDefault()
    if (built.type === 'request') ask(operation, built.request)
  }
  const command = built.type === 'request' ? curlOf(built.request, apiAddress()) : undefined
  return (
    <form class="request-form" aria-label={`Request: ${operation.summary}`} onSubmit={submit}>
      {operation.parameters.map((parameter) => (
        <ParameterField
          key={parameter.name}
          parameter={parameter}
          value={filled.value.parameters[parameter.name] ?? ''}
          onChange={(value) =>
            change({ parameters: { ...filled.value.parameters, [parameter.name]: value } })
          }
        />
      ))}
      {operation.body && <BodyField filled={filled.value} onChange={(body) => change({ body })} />}
      {operation.offersCsv && <FormatField filled={filled.value} onChange={(accept) => change({ accept })} />}
      {built.type === 'incomplete' && (
        <p class="fault" role="status">
          Not ready to send: {built.faults.join('; ')}.
        </p>
      )}
      {mayNot && <p class="fault">Only operators, and keys of operators, may send it.</p>}
      <div class="buttons">
        <button
          type="submit"
          class="primary"
          disabled={command === undefined || mayNot || outcome.value?.type === 'sending'}
        >
          Send
        </button>
        <button type="button" onClick={() => fillExample(operation)}>
          Fill in the example
        </button>
      </div>
      {command !== undefined && (
        <div class="command">
          <pre>{command}</pre>
          <CopyButton text={command} />
        </div>
      )}
    </form>
  )
}

/** What changes something is asked once more. */
function ask(operation: Operation, request: BuiltRequest): void {
  const { method, path, body } = request
  if (method === 'GET') return void send(operation, request)
  question.value = {
    title: operation.summary,
    text: `${method} ${path}${body === undefined ? '' : ` with ${body}`}`,
    action: 'Send',
    isDanger: method === 'DELETE',
    run: () => send(operation, request),
    done: `${method} ${path}: sent. Its answer is below the form.`,
  }
}

function BodyField({
  filled,
  onChange,
}: {
  readonly filled: Filled
  readonly onChange: (body: string) => void
}) {
  return (
    <label class="field">
      <span class="field-name">
        body <span class="muted">JSON</span>
      </span>
      <textarea
        rows={7}
        spellcheck={false}
        value={filled.body}
        onInput={({ currentTarget }) => onChange(currentTarget.value)}
      />
    </label>
  )
}

function FormatField({
  filled,
  onChange,
}: {
  readonly filled: Filled
  readonly onChange: (accept: Filled['accept']) => void
}) {
  return (
    <label class="field">
      <span class="field-name">Answer as</span>
      <select
        value={filled.accept}
        onChange={({ currentTarget }) =>
          onChange(currentTarget.value === 'text/csv' ? 'text/csv' : 'application/json')
        }
      >
        <option value="application/json">JSON</option>
        <option value="text/csv">CSV</option>
      </select>
    </label>
  )
}
