import { badValue } from './config-error.ts'
import type { Parsed } from './schema.ts'

/** Domains without a certificate, two times the same, or of what is not there, and the other way round. */
export function refuseDomains(config: Parsed): void {
  const { apiDomain, webSocketDomain, bridgeDomain, bridgeCopies, apiCertificateArn, websocket } = config
  const domains = Object.entries({ apiDomain, webSocketDomain, bridgeDomain })
  for (const [key, value] of Object.entries({ webSocketDomain, bridgeDomain }))
    if (value !== undefined && websocket === 'off')
      throw badValue(key, value, 'websocket is off; leave it out')
  for (const [place, [key, value]] of domains.entries()) {
    const same = domains.slice(0, place).find(([, before]) => before === value && value !== undefined)
    if (same !== undefined) throw badValue(key, value, `${OWNERS[same[0]]} has that domain; name another`)
    if (value !== undefined && apiCertificateArn === undefined)
      throw badValue(key, value, 'apiCertificateArn is not set: name its certificate')
  }
  if (apiCertificateArn !== undefined && domains.every(([, value]) => value === undefined))
    throw badValue(
      'apiCertificateArn',
      apiCertificateArn,
      'none of apiDomain, webSocketDomain and bridgeDomain is set; set one, or leave it out',
    )
  if (bridgeDomain === undefined && bridgeCopies > 1)
    throw badValue('bridgeCopies', bridgeCopies, 'bridgeDomain is not set: name the domain, or leave it out')
}

const OWNERS: Readonly<Record<string, string>> = {
  apiDomain: 'the REST API',
  webSocketDomain: 'the WebSocket API',
}
