import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

/** A button that opens a panel below it. Escape and a click elsewhere close it. */
export function Menu({ label, children }: { readonly label: string; readonly children: ComponentChildren }) {
  const details = useRef<HTMLDetailsElement>(null)
  useEffect(() => {
    const close = (event: Event): void => {
      const { current } = details
      if (current?.open !== true) return
      if (event instanceof KeyboardEvent) {
        if (event.key !== 'Escape') return
        event.preventDefault()
        current.querySelector('summary')?.focus()
      } else if (event.target instanceof Node && current.contains(event.target)) return
      current.open = false
    }
    // Before the keys of the page, which leave out what has been taken.
    document.addEventListener('keydown', close, true)
    document.addEventListener('pointerdown', close)
    return () => {
      document.removeEventListener('keydown', close, true)
      document.removeEventListener('pointerdown', close)
    }
  }, [])
  return (
    <details ref={details} class="menu">
      <summary>{label}</summary>
      <div class="menu-panel">{children}</div>
    </details>
  )
}
