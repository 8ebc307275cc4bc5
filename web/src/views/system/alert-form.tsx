import { useSignal } from '@preact/signals'

import { addRule } from '../../state/alerts.ts'
import { question } from '../../state/dialogs.ts'
import { visibleText } from '../../values/visible-text.ts'
import { isOperator } from './role.ts'

/** Adds a rule; the server says what is wrong with it. */
export function AlertForm() {
  const condition = useSignal('')
  const symbols = useSignal('')
  const to = useSignal('')
  const fields = [
    ['Condition', condition, 'rsi_14 crosses above 70'],
    ['Symbols (all if empty)', symbols, 'AAPL,MSFT'],
    ['Webhook, or topic', to, 'https://example.com/alerts'],
  ] as const
  const ask = (event: Event): void => {
    event.preventDefault()
    const names = symbols.value.trim() === '' ? '*' : symbols.value.split(',').map((name) => name.trim())
    const body = { condition: condition.value.trim(), symbols: names, to: to.value.trim() }
    const about = names === '*' ? 'all symbols' : names.join(', ')
    question.value = {
      title: 'Add a rule',
      text: `Send ${visibleText(body.to)} a message when ${visibleText(body.condition)} for ${visibleText(about)}.`,
      action: 'Add',
      run: () => addRule(body),
      done: body.to === 'topic' ? 'The rule is added.' : 'The rule is added. Its secret is shown once.',
    }
  }
  return (
    <form class="job-form" onSubmit={ask}>
      {fields.map(([name, value, placeholder]) => (
        <label key={name}>
          {name}{' '}
          <input
            type="text"
            placeholder={placeholder}
            spellcheck={false}
            autocomplete="off"
            value={value.value}
            onInput={({ currentTarget }) => (value.value = currentTarget.value)}
          />
        </label>
      ))}
      <button
        type="submit"
        class="small"
        disabled={!isOperator.value || condition.value.trim() === '' || to.value.trim() === ''}
      >
        Add rule
      </button>
    </form>
  )
}
