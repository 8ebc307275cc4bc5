import { confirm, question } from '../../state/dialogs.ts'
import { Modal } from './modal.tsx'

/** Asks once more. */
export function ConfirmDialog() {
  const asked = question.value
  if (asked === undefined) return null
  const close = (): void => {
    question.value = undefined
  }
  return (
    <Modal title={asked.title} onClose={close}>
      <p class="asked">{asked.text}</p>
      <p class="muted">This is recorded with the time and who did it.</p>
      <div class="buttons">
        <button type="button" onClick={close}>
          Cancel
        </button>
        <button
          type="button"
          class={asked.isDanger ? 'danger' : 'primary'}
          onClick={() => void confirm(asked)}
        >
          {asked.action}
        </button>
      </div>
    </Modal>
  )
}
