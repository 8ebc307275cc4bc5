import { badValue } from './config-error.ts'
import type { Parsed } from './schema.ts'

/** Domains of the APIs without a certificate, and the other way round. */
export function refuseDomains({ apiDomain, webSocketDomain, apiCertificateArn, websocket }: Parsed): void {
  if (webSocketDomain !== undefined && websocket === 'off')
    throw badValue('webSocketDomain', webSocketDomain, 'websocket is off; leave it out')
  if (webSocketDomain !== undefined && webSocketDomain === apiDomain)
    throw badValue('webSocketDomain', webSocketDomain, 'the REST API has that domain; name another')
  for (const [key, value] of Object.entries({ apiDomain, webSocketDomain }))
    if (value !== undefined && apiCertificateArn === undefined)
      throw badValue(key, value, 'apiCertificateArn is not set: name its certificate')
  if (apiCertificateArn !== undefined && apiDomain === undefined && webSocketDomain === undefined)
    throw badValue(
      'apiCertificateArn',
      apiCertificateArn,
      'neither apiDomain nor webSocketDomain is set; set one, or leave it out',
    )
}
