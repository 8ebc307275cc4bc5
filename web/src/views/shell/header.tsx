import { zones } from '../../state/abilities.ts'
import { isHelpShown } from '../../state/dialogs.ts'
import { go, place } from '../../state/place.ts'
import { notify } from '../../state/notices.ts'
import { pageConfig } from '../../state/page-config.ts'
import { session, signOutHere } from '../../state/session.ts'
import { isDark, switchTheme } from '../../state/theme.ts'
import { type View, writePlace } from '../../state/url-state.ts'
import { messageOf } from '../../api/request.ts'
import { zoneName } from '../../values/format-time.ts'
import { DataStatus, LinkStatus } from './status.tsx'

const NAMES: readonly (readonly [View, string])[] = [
  ['watchlist', 'Watchlist'],
  ['chart', 'Chart'],
  ['market', 'Market'],
  ['system', 'System'],
  ['api', 'API'],
]

export function Header() {
  return (
    <header class="header">
      <h1 class="brand">
        TickStock<span class="stage">{session.value?.stage ?? ''}</span>
      </h1>
      <Navigation />
      <div class="statuses">
        <DataStatus />
        <LinkStatus />
      </div>
      <ZoneChoice />
      <div class="tools">
        <button type="button" class="tool" onClick={switchTheme} title="Dark or light (d)">
          {isDark.value ? 'Light' : 'Dark'}
        </button>
        <button type="button" class="tool" title="Keys (?)" aria-label="Help" onClick={showHelp}>
          ?
        </button>
        <button type="button" class="tool" onClick={() => void leave()} title={signedInAs()}>
          Sign out
        </button>
      </div>
    </header>
  )
}

function Navigation() {
  return (
    <nav class="views" aria-label="Views">
      {NAMES.map(([name, label]) => (
        <a
          key={name}
          class={`view is-${name}`}
          href={writePlace({ ...place.value, view: name })}
          aria-current={place.value.view === name ? 'page' : undefined}
        >
          {label}
        </a>
      ))}
    </nav>
  )
}

/** Whose clock and days. */
function ZoneChoice() {
  return (
    <label class="zone">
      <span class="unseen">Clock and days of</span>
      <select
        value={place.value.zone}
        title="Clock and days of"
        onChange={({ currentTarget }) => {
          const zone = zones.value.find((one) => one === currentTarget.value)
          if (zone !== undefined) go({ zone })
        }}
      >
        {zones.value.map((zone) => (
          <option key={zone} value={zone}>
            {zoneName(zone)}
          </option>
        ))}
      </select>
    </label>
  )
}

function showHelp(): void {
  isHelpShown.value = true
}

function signedInAs(): string {
  const role = session.value?.role
  return role === undefined ? 'End this session' : `End this session (${role})`
}

async function leave(): Promise<void> {
  try {
    if (pageConfig().signIn === 'oidc') await (await import('../../state/oidc.ts')).signOutAtIssuer()
    else await signOutHere()
  } catch (error) {
    notify('error', `Signing out failed. ${messageOf(error)}`)
  }
}
