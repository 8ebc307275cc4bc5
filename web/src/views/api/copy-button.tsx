import { notify } from '../../state/notices.ts'

/** Copies a text. */
export function CopyButton({ text }: { readonly text: string }) {
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text)
      notify('info', 'Copied.')
    } catch {
      notify('warning', 'The browser does not let the page copy: select the text instead.')
    }
  }
  return (
    <button type="button" class="small" onClick={() => void copy()}>
      Copy
    </button>
  )
}
