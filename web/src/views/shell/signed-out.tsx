import { pageConfig } from '../../state/page-config.ts'
import { hasEnded } from '../../state/session.ts'
import { Modal } from './modal.tsx'

/** Covers the page when nobody is signed in any longer. The address keeps the place. */
export function SignedOut() {
  if (!hasEnded.value) return null
  return pageConfig().signIn === 'oidc' ? <SignInAgain /> : <NewAddress />
}

function SignInAgain() {
  return (
    <Modal title="Signed out">
      <p>Your sign-in has ended, or did not succeed. Sign in again: this page keeps its place.</p>
      <div class="buttons">
        <button type="button" class="primary" onClick={() => void signInAgain()}>
          Sign in
        </button>
      </div>
    </Modal>
  )
}

async function signInAgain(): Promise<void> {
  const oidc = await import('../../state/oidc.ts')
  await oidc.signInAgain()
}

function NewAddress() {
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
