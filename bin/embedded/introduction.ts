import type { Deployment } from './deployment.ts'

/** What `npm start` prints once it is up: where everything is, and how to look at it. */
export function introduction(
  { runtime, readOnlyUrl, ticksStream, api, webSocketUrl }: Deployment,
  {
    data,
    dataOption,
    dashboard,
    symbols,
    isSynthetic,
  }: {
    /** Path of the data folder. */
    readonly data: string
    /** What a command needs to find this deployment: ` --data FOLDER`, or nothing for the default folder. */
    readonly dataOption: string
    /** Where the dashboard is. */
    readonly dashboard: string
    readonly symbols: readonly string[]
    /** Whether the market is made up. */
    readonly isSynthetic: boolean
  },
): readonly string[] {
  return [
    '',
    `Dashboard  ${dashboard}   (an address that signs in once: npx tickstock dashboard${dataOption})`,
    `Postgres   ${readOnlyUrl}   (read only)`,
    `API        curl -H 'x-api-key: ${api.key}' '${api.url}/v1/bars/latest?symbols=${symbols[0]}'   (${api.url}/docs)`,
    ...(webSocketUrl === undefined
      ? []
      : [
          `WebSocket  npx tickstock watch${dataOption} --symbols ${symbols.slice(0, 2).join(',')}`,
          `clients    of Alpaca and Massive: REST at the address of the API, streams at ${api.url.replace(/^http/, 'ws')}/v2/iex and /stocks (docs/clients.md)`,
        ]),
    `commands   npx tickstock metrics${dataOption}, verify, quality, bars, feed, import, export, rebuild, jobs, alerts, flush, flag, dead-letters, keys`,
    `AWS        export AWS_ENDPOINT_URL=${runtime.endpoint} AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test`,
    `stream     ${ticksStream}`,
    ...(isSynthetic ? ['market     synthetic; a real one: npm start -- --fresh --venue kraken'] : []),
    `data       ${data}   (logs of the functions: functions.log)`,
    'stop       Ctrl-C',
    '',
  ]
}
