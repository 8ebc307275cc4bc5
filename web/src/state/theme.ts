import { effect, signal } from '@preact/signals'

const KEY = 'tickstock.theme'

type Theme = 'system' | 'light' | 'dark'

const dark = matchMedia('(prefers-color-scheme: dark)')

const theme = signal<Theme>(kept())
/** Whether the page is dark now. */
export const isDark = signal(false)
/** Pixels of the screen in one of the page: pictures are drawn again when a reader zooms. */
export const pixelRatio = signal(devicePixelRatio)

/** By name: to read one, the browser has to apply all styles that wait. */
const colors = new Map<string, string>()

/** Applies the theme to the page, and follows the system where it decides. */
export function startTheme(): void {
  const apply = (): void => {
    const isDarkNow = theme.value === 'dark' || (theme.value === 'system' && dark.matches)
    document.documentElement.dataset['theme'] = isDarkNow ? 'dark' : 'light'
    // Who draws again reads the colors of the style sheet.
    colors.clear()
    isDark.value = isDarkNow
  }
  dark.addEventListener('change', apply)
  window.addEventListener('resize', () => {
    pixelRatio.value = devicePixelRatio
  })
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
  const known = colors.get(name)
  if (known !== undefined) return known
  const probe = document.createElement('span')
  probe.style.color = `var(--${name})`
  document.body.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  colors.set(name, color)
  return color
}

function kept(): Theme {
  const text = localStorage.getItem(KEY)
  return text === 'light' || text === 'dark' ? text : 'system'
}
