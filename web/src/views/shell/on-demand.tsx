import { signal } from '@preact/signals'
import type { ComponentType } from 'preact'
import { useEffect } from 'preact/hooks'

/** A view whose code is loaded when it is shown first. */
export function onDemand(load: () => Promise<ComponentType>): ComponentType {
  const loaded = signal<{ readonly View: ComponentType } | undefined>(undefined)
  const hasFailed = signal(false)
  const attempt = async (): Promise<void> => {
    try {
      loaded.value = { View: await load() }
    } catch {
      // What is thrown says no more than that a file is not there.
      hasFailed.value = true
    }
  }
  return function OnDemand() {
    useEffect(() => {
      hasFailed.value = false
      if (loaded.value === undefined) void attempt()
    }, [])
    if (loaded.value !== undefined) return <loaded.value.View />
    return (
      <p class="empty" role="status">
        {hasFailed.value
          ? 'This view could not be loaded: load the page again, which may have been replaced by a newer one.'
          : 'Loading …'}
      </p>
    )
  }
}
