import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { installPythonPackage } from '../support/python-package.ts'
import { runApp } from '../../bin/embedded/run-app.ts'
import {
  ALERTS_ON,
  BACKUP_REGION,
  BRIDGE_ON,
  OTHER_ISSUER,
  OWN_DATABASE,
  OWN_KEY,
  REGULATED,
  VENUES_ON,
} from '../support/stage-settings.ts'

const CFN_LINT = {
  version: '1.58.0',
  home: fileURLToPath(new URL('../../.cfn-lint', import.meta.url)),
}
/** Every stage as it is, and with all that is optional. */
const OPTIONAL = {
  alarmEmail: 'sre@example.com',
  databaseProxy: 'on',
  tradingHours: 'America/New_York 09:30-16:00',
  streamMode: 'on-demand',
  syntheticFeed: 'on',
  access: 'people',
  latency: 'lowest',
  ...ALERTS_ON,
}
const VARIANTS = {
  local: { stage: 'local' },
  dev: { stage: 'dev' },
  prod: { stage: 'prod' },
  'dev-all-on': { stage: 'dev', ...OPTIONAL, canary: 'on' },
  'prod-all-on': { stage: 'prod', ...OPTIONAL, ...VENUES_ON },
  'dev-bridge': { stage: 'dev', ...BRIDGE_ON, bridgeCopies: '2' },
  'dev-venues-twice': { stage: 'dev', venues: 'kraken', venueCopies: '2' },
  'dev-backup-region': { stage: 'dev', ...BACKUP_REGION },
  'dev-database-access': { stage: 'dev', databaseAccess: 'iam' },
  'dev-other-issuer': { stage: 'dev', ...OTHER_ISSUER },
  'prod-regulated': {
    stage: 'prod',
    ...OPTIONAL,
    ...REGULATED,
    bridgeDomain: BRIDGE_ON.bridgeDomain,
    ...VENUES_ON,
    ...OTHER_ISSUER,
    ...BACKUP_REGION,
    tags: 'cost-center=1234,owner=desk',
    permissionsBoundary: 'arn:aws:iam::123456789012:policy/boundary',
    codeSigningConfigArn:
      'arn:aws:lambda:eu-central-1:123456789012:code-signing-config:csc-0123456789abcdef0',
  },
  'dev-own-parts': {
    stage: 'dev',
    prefix: 'desk',
    ...OWN_DATABASE,
    encryptionKey: OWN_KEY,
    databaseSecurityGroup: 'sg-0123456789abcdef0',
    egress: 'pl-6ea54007,10.20.0.0/16',
    venues: 'kraken',
    venueSubnets: 'subnet-0123456789abcdef2',
  },
}

/** Lets cfn-lint judge the templates of every stage, those of backup regions too; gives its exit code. */
async function lintTemplates(): Promise<number> {
  const python = await installPythonPackage('cfn-lint', CFN_LINT)
  const folder = mkdtempSync(join(tmpdir(), 'tickstock-templates-'))
  try {
    const templates: string[] = []
    for (const [name, context] of Object.entries(VARIANTS)) {
      // The code of the functions is not in the templates.
      await runApp(join(folder, name), { region: 'eu-central-1', ...context, 'aws:cdk:bundling-stacks': [] })
      const files = readdirSync(join(folder, name)).filter((file) => file.endsWith('.template.json'))
      templates.push(...files.map((file) => join(folder, name, file)))
    }
    // W3005: the CDK names dependencies that a reference implies already.
    const options = [
      '--regions',
      'eu-central-1',
      BACKUP_REGION.backupRegion,
      '--ignore-checks',
      'W3005',
      '--',
    ]
    const { status } = spawnSync(join(dirname(python), 'cfn-lint'), [...options, ...templates], {
      stdio: 'inherit',
    })
    if (status === 0) process.stdout.write(`cfn-lint: ${templates.length} templates, nothing found\n`)
    return status ?? 1
  } finally {
    rmSync(folder, { recursive: true })
  }
}

process.exitCode = await lintTemplates()
