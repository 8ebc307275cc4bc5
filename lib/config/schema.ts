import * as z from 'zod'

import { deploymentSettings } from './settings/deployment.ts'
import { processingSettings } from './settings/processing.ts'
import { streamsSettings } from './settings/streams.ts'
import { storageSettings } from './settings/storage.ts'
import { networkSettings } from './settings/network.ts'
import { protectionSettings } from './settings/protection.ts'
import { databaseSettings } from './settings/database.ts'
import { accessSettings } from './settings/access.ts'
import { alertsSettings } from './settings/alerts.ts'
import { apiSettings } from './settings/api.ts'
import { operationSettings } from './settings/operation.ts'
import { feedsSettings } from './settings/feeds.ts'

/**
 * Everything that may differ between deployments, read from CDK context: lasting settings from the section of the stage in
 * `cdk.json`, settings of one deployment from `-c key=value`. Each key has its unit and its default where it stands, in
 * `settings/`; defaults that differ between stages are in `STAGE_DEFAULTS`.
 */
export const configSchema = z.strictObject({
  ...deploymentSettings,
  ...processingSettings,
  ...streamsSettings,
  ...storageSettings,
  ...networkSettings,
  ...protectionSettings,
  ...databaseSettings,
  ...accessSettings,
  ...apiSettings,
  ...alertsSettings,
  ...operationSettings,
  ...feedsSettings,
})

/** What the schema gives: each setting by itself is right, and all have a value where there is a default. */
export type Parsed = z.output<typeof configSchema>
/** What the user has set, without the defaults. */
export type Given = Readonly<Record<string, unknown>>
