import { question } from '../../state/dialogs.ts'
import { switchFlag, system } from '../../state/system.ts'
import { visibleText } from '../../values/visible-text.ts'
import { Panel } from '../shell/panel.tsx'
import { isOperator } from './role.ts'

type Flag = { readonly name: string; readonly value: string; readonly about: string }

/** Switches of the running pipeline. */
export function Flags() {
  const polled = system.state.value
  return (
    <Panel
      title="Flags"
      note={isOperator.value ? undefined : 'only operators may switch them'}
      polled={polled}
      class="flags-panel"
    >
      <ul class="flags">
        {(polled.answer?.flags ?? []).map((flag) => (
          <li key={flag.name}>
            <button
              type="button"
              role="switch"
              class="switch"
              aria-checked={flag.value === 'on'}
              aria-label={`Flag ${flag.name}`}
              disabled={!isOperator.value}
              onClick={() => ask(flag)}
            >
              {flag.value}
            </button>
            <div>
              <strong>{flag.name}</strong>
              <p class="muted">{visibleText(flag.about)}</p>
            </div>
          </li>
        ))}
      </ul>
    </Panel>
  )
}

function ask({ name, value, about }: Flag): void {
  const next = value === 'on' ? 'off' : 'on'
  question.value = {
    title: `Turn ${name} ${next}`,
    text: about,
    action: `Turn ${next}`,
    isDanger: next === 'off',
    run: () => switchFlag(name, next),
    done: `The flag ${name} is ${next}.`,
  }
}
