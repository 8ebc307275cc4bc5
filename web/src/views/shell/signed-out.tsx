import { hasEnded } from '../../state/session.ts'
import { Modal } from './modal.tsx'

/** Covers the page when nobody is signed in any longer. The address keeps the place. */
export function SignedOut() {
  if (!hasEnded.value) return null
  return (
    <Modal title="Signed out">
      <p>
        This session has ended. Open the address that <code>npm start</code> printed; it is new after each
        start. Then load this page again: its address keeps your place.
      </p>
      <div class="buttons">
        <button type="button" class="primary" onClick={() => location.reload()}>
          Load again
        </button>
      </div>
    </Modal>
  )
}
