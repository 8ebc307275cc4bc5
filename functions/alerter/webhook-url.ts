import { BlockList, isIP } from 'node:net'

import { AlertRefusal } from './refusal.ts'

/** Addresses that are no hosts of the public internet, by the registries of IANA. */
const NOT_PUBLIC = new BlockList()
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  // Where clouds have the metadata of a machine, credentials among it.
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const)
  NOT_PUBLIC.addSubnet(network, prefix, 'ipv4')

/** All of IPv6 that is assigned to hosts; some of it leads to addresses of IPv4. */
const GLOBAL = new BlockList()
GLOBAL.addSubnet('2000::', 3, 'ipv6')
const NOT_GLOBAL = new BlockList()
for (const [network, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  NOT_GLOBAL.addSubnet(network, prefix, 'ipv6')

/** Whether an IP address is one of the public internet. */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !NOT_PUBLIC.check(address, 'ipv4')
    case 6:
      return GLOBAL.check(address, 'ipv6') && !NOT_GLOBAL.check(address, 'ipv6')
    default:
      return false
  }
}

/** The host of a URL as it is looked up, without the brackets of IPv6. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1')
}

/**
 * Refuses a URL to which no webhook may go. A name is checked again when it is looked up.
 *
 * @throws AlertRefusal saying what is allowed
 */
export function refuseUrl(text: string, privateAddresses: 'allowed' | 'refused'): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const bad = (allowed: string) =>
    new AlertRefusal('bad-rule', `to is ${JSON.stringify(text.slice(0, 200))}; allowed: ${allowed}`)
  if (url === undefined) throw bad('a URL as https://example.com/alerts, or topic')
  if (url.username !== '' || url.password !== '')
    throw bad('a URL without user name and password: deliveries are signed')
  if (privateAddresses === 'allowed') {
    if (url.protocol !== 'https:' && url.protocol !== 'http:') throw bad('a URL of https or http')
    return url
  }
  if (url.protocol !== 'https:') throw bad('a URL of https')
  const host = hostOf(url)
  if (isIP(host) !== 0 && !isPublicAddress(host))
    throw bad('a public address; the setting alertPrivateAddresses allows others')
  return url
}
