import type { User, UserManager } from 'oidc-client-ts'

import { sendTokens } from '../api/request.ts'
import type { OidcConfig } from './page-config.ts'
import { endSession, session } from './session.ts'

let manager: UserManager | undefined
let signOutUrl: string | undefined

/**
 * Signs in at the issuer (authorization code with PKCE), or goes there. Tokens are kept in memory only, so that a page which
 * is loaded again asks the issuer again; it knows who is signed in, and comes back at once.
 *
 * @returns whether somebody is signed in; if not, the browser is on its way to the issuer
 */
export async function beginSession(config: OidcConfig): Promise<boolean> {
  signOutUrl = config.signOutUrl
  manager = await createManager(config)
  const parameters = new URLSearchParams(location.search)
  if (!parameters.has('state')) {
    await signInAgain()
    return false
  }
  const user = await manager.signinRedirectCallback().finally(leaveAnswer)
  history.replaceState(null, '', `/${user.url_state ?? ''}`)
  use(user, config)
  return true
}

/** Goes to the issuer, and comes back to this place. */
export async function signInAgain(): Promise<void> {
  await manager?.signinRedirect({ url_state: location.hash })
}

/** Ends the session here and at the issuer. */
export async function signOutAtIssuer(): Promise<void> {
  sendTokens(() => undefined)
  const ended = manager?.removeUser()
  if (signOutUrl === undefined) await manager?.signoutRedirect()
  else {
    await ended
    location.assign(signOutUrl)
  }
}

async function createManager({ issuer, clientId, scope }: OidcConfig): Promise<UserManager> {
  const oidc = await import('oidc-client-ts')
  const here = `${location.origin}/`
  const created = new oidc.UserManager({
    authority: issuer,
    client_id: clientId,
    redirect_uri: here,
    post_logout_redirect_uri: here,
    scope,
    userStore: new oidc.WebStorageStateStore({ store: new oidc.InMemoryWebStorage() }),
    // What must outlive the way to the issuer and back: no token, and worthless without the code.
    stateStore: new oidc.WebStorageStateStore({ store: sessionStorage }),
    automaticSilentRenew: false,
  })
  return created
}

/** The issuer's answer must not be sent again, nor stay in the address. */
function leaveAnswer(): void {
  history.replaceState(null, '', `/${location.hash}`)
}

/** Sends this user's token from now on, and gets another before it expires, where the issuer gave a means. */
function use(user: User, config: OidcConfig): void {
  let current = user
  sendTokens(() => current.id_token)
  session.value = { stage: config.stage, role: roleOf(user, config), version: '' }
  manager?.events.addAccessTokenExpired(endSession)
  manager?.events.addAccessTokenExpiring(() => {
    if (current.refresh_token !== undefined) void manager?.signinSilent().catch(() => {})
  })
  manager?.events.addUserLoaded((renewed) => {
    current = renewed
  })
}

/** The server decides; this only says what the page offers. */
function roleOf({ profile }: User, { groupsClaim }: OidcConfig): string {
  const groups = [profile[groupsClaim]].flat()
  return groups.includes('operator') ? 'operator' : 'viewer'
}
