import { effect, signal } from '@preact/signals'

const KEY = 'tickstock.theme'

type Theme = 'system' | 'light' | 'dark'

const dark = matchMedia('(prefers-color-scheme: dark)')

const theme = signal<Theme>(kept())
/** Whether the page is dark now. */
export const isDark = signal(false)

/** Applies the theme to the page, and follows the system where it decides. */
export function startTheme(): void {
  const apply = (): void => {
    isDark.value = theme.value === 'dark' || (theme.value === 'system' && dark.matches)
    document.documentElement.dataset['theme'] = isDark.value ? 'dark' : 'light'
  }
  dark.addEventListener('change', apply)
  effect(() => {
    localStorage.setItem(KEY, theme.value)
    apply()
  })
}

/** Switches between dark and light. */
export function switchTheme(): void {
  theme.value = isDark.value ? 'light' : 'dark'
}

/** The value that a custom property of the style sheet has now. */
export function colorOf(name: string): string {
  const probe = document.createElement('span')
  probe.style.color = `var(--${name})`
  document.body.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}

function kept(): Theme {
  const text = localStorage.getItem(KEY)
  return text === 'light' || text === 'dark' ? text : 'system'
}
