import { useSignal } from '@preact/signals'

import { question } from '../../state/dialogs.ts'
import { submitJob } from '../../state/jobs.ts'
import { visibleText } from '../../values/visible-text.ts'
import { isOperator } from './role.ts'

/** Submits a rebuild; the server says what is wrong with it. */
export function JobForm() {
  const symbols = useSignal('')
  const from = useSignal('')
  const to = useSignal('')
  const isReplacing = useSignal(false)
  const isReady = symbols.value.trim() !== '' && from.value !== ''
  const ask = (event: Event): void => {
    event.preventDefault()
    const names = symbols.value.split(',').map((name) => name.trim())
    const until = to.value === '' ? 'now' : `${to.value}, 00:00 UTC`
    const body = {
      symbols: names,
      from: from.value,
      ...(to.value !== '' && { to: to.value }),
      replace: isReplacing.value,
    }
    question.value = {
      title: 'Submit a job',
      text: `Rebuild the bars of ${visibleText(names.join(', '))} from ${from.value}, 00:00 UTC, to ${until}${isReplacing.value ? ', also where bars have more trades than the archive' : ''}.`,
      action: 'Rebuild',
      run: () => submitJob(body),
      done: 'The job is submitted.',
    }
  }
  return (
    <form class="job-form" onSubmit={ask}>
      <label>
        Symbols{' '}
        <input
          type="text"
          placeholder="AAPL,MSFT"
          spellcheck={false}
          autocomplete="off"
          value={symbols.value}
          onInput={({ currentTarget }) => (symbols.value = currentTarget.value)}
        />
      </label>
      <label>
        From{' '}
        <input
          type="date"
          value={from.value}
          onInput={({ currentTarget }) => (from.value = currentTarget.value)}
        />
      </label>
      <label>
        To (without the day){' '}
        <input
          type="date"
          value={to.value}
          onInput={({ currentTarget }) => (to.value = currentTarget.value)}
        />
      </label>
      <label>
        <input
          type="checkbox"
          checked={isReplacing.value}
          onInput={({ currentTarget }) => (isReplacing.value = currentTarget.checked)}
        />{' '}
        Replace bars that have more trades
      </label>
      <button type="submit" class="small" disabled={!isOperator.value || !isReady}>
        Rebuild
      </button>
    </form>
  )
}
