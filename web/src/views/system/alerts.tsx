import { computed } from '@preact/signals'
import type { ComponentChildren } from 'preact'

import type { AlertRule, Firing } from '../../api/system-schemas.ts'
import { firings, newSecret, removeRule, rules, testRule } from '../../state/alerts.ts'
import { question } from '../../state/dialogs.ts'
import { system } from '../../state/system.ts'
import { amountText } from '../../values/price-text.ts'
import { visibleText } from '../../values/visible-text.ts'
import { Panel } from '../shell/panel.tsx'
import { AlertForm } from './alert-form.tsx'

/** Whether the deployment has the part: it is one of those that may be behind a stream. */
export const hasAlerts = computed(
  () => system.state.value.answer?.lag.some(({ part }) => part === 'alerter') === true,
)

/** Rules that send messages, and what has fired. */
export function Alerts() {
  const polled = rules.state.value
  const all = polled.answer?.rules ?? []
  const fired = firings.state.value.answer?.firings ?? []
  const added = newSecret.value
  return (
    <Panel title="Alerts" note="rules that send messages" polled={polled} class="alerts">
      <AlertForm />
      {added !== undefined && (
        <p role="status">
          Secret of {added.id}, shown once: <code>{added.secret}</code>{' '}
          <button type="button" class="small" onClick={() => (newSecret.value = undefined)}>
            Hide
          </button>
        </p>
      )}
      {polled.answer !== undefined && all.length === 0 && <p class="empty">No rules.</p>}
      {all.length > 0 && (
        <Table label="List of rules" heads={['Rule', 'Condition', 'Symbols', 'Webhook', '']}>
          {all.map((rule) => (
            <RuleRow key={rule.id} rule={rule} />
          ))}
        </Table>
      )}
      {fired.length > 0 && (
        <Table
          label="List of firings"
          heads={['Minute', 'Symbol', 'Condition', 'Revision', 'Delivery', 'Attempts', 'Last error']}
        >
          {fired.map((firing) => (
            <FiringRow key={firing.id} firing={firing} />
          ))}
        </Table>
      )}
    </Panel>
  )
}

type TableProps = {
  readonly label: string
  readonly heads: readonly string[]
  readonly children: ComponentChildren
}

function Table({ label, heads, children }: TableProps) {
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label={label}>
      <table>
        <thead>
          <tr>
            {heads.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  )
}

function RuleRow({ rule: { id, condition, symbols, to } }: { readonly rule: AlertRule }) {
  return (
    <tr>
      <th scope="row">{id}</th>
      <td>{visibleText(condition)}</td>
      <td class="wide">{typeof symbols === 'string' ? 'all' : visibleText(symbols.join(', '))}</td>
      <td class="wide">{visibleText(to)}</td>
      <td>
        <button type="button" class="small" onClick={() => askTest(id)}>
          Test
        </button>{' '}
        <button type="button" class="small" onClick={() => askRemove(id, condition)}>
          Remove
        </button>
      </td>
    </tr>
  )
}

function FiringRow({ firing }: { readonly firing: Firing }) {
  const { timestamp, symbol, condition, revision, delivery, attempts, last_error: error } = firing
  return (
    <tr>
      <th scope="row">{timestamp.slice(0, 16).replace('T', ' ')}</th>
      <td>{visibleText(symbol)}</td>
      <td>{visibleText(condition)}</td>
      <td class="number">{amountText(revision)}</td>
      <td class={delivery === 'failed' ? 'is-bad' : ''}>{delivery}</td>
      <td class="number">{amountText(attempts)}</td>
      <td class="wide">{visibleText(error ?? '')}</td>
    </tr>
  )
}

function askTest(id: string): void {
  question.value = {
    title: 'Test a rule',
    text: `Send the receiver of ${id} a message of the type alert.test.`,
    action: 'Send',
    run: () => testRule(id),
    done: 'The receiver has taken the message.',
  }
}

function askRemove(id: string, condition: string): void {
  question.value = {
    title: 'Remove a rule',
    text: `Remove ${id}: ${visibleText(condition)}. What of it is not delivered yet is not sent.`,
    action: 'Remove',
    isDanger: true,
    run: () => removeRule(id),
    done: `${id} is removed.`,
  }
}
