import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { type App, Stack } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { onTestFinished } from 'vitest'

import { backupNamesOf } from '../../lib/backup-names.ts'
import { BackupStack } from '../../lib/backup-stack.ts'
import type { Config } from '../../lib/config/config.ts'
import { readConfig } from '../../lib/config/read-config.ts'
import { createApp } from '../../lib/create-app.ts'
import { RdsDatabase } from '../../lib/rds-database.ts'
import { TickStockStack } from '../../lib/tickstock-stack.ts'
import { TEMPLATES } from './temporary-folder.ts'

type Context = Readonly<Record<string, string>>

/** By what differs from the default; all files of tests that run in this process share them. */
const templates = new Map<string, Template>()

/** An app for one test, which removes its assembly at the end; nothing is bundled. */
export function temporaryApp(): App {
  const outdir = assemblyFolder()
  onTestFinished(() => rmSync(outdir, { recursive: true, force: true }))
  return appIn(outdir)
}

/** The stack of a stage, for one test that may change it. */
export function stackOf(context: Context): TickStockStack {
  return stackIn(temporaryApp(), context)
}

/** What CloudFormation would be given for a stage. Shared: no test may change it. */
export function templateOf(context: Context): Template {
  const key = JSON.stringify(Object.entries(context).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  const template = templates.get(key) ?? stored(key) ?? store(key, synthesize(context))
  templates.set(key, template)
  return template
}

/** The bridge of a stage: a stack within its stack. */
export function bridgeTemplateOf(context: Context): Template {
  return synthesize(context, ({ bridge }) => {
    if (bridge === undefined) throw new Error(`${JSON.stringify(context)} has no bridgeDomain`)
    return bridge
  })
}

/** The stack of a stage in its backup region, for one test that may change it. */
export function backupStackOf(context: Context): BackupStack {
  const config = configOf(context)
  const names = backupNamesOf(config)
  if (names === undefined) throw new Error(`${JSON.stringify(context)} has no backupRegion`)
  return new BackupStack(temporaryApp(), 'Backup', { config, names })
}

/** The database of a stage alone, with its network. */
export function databaseTemplateOf(context: Context): Template {
  const stack = new Stack(temporaryApp(), 'Database')
  new RdsDatabase(stack, 'Database', configOf(context))
  return Template.fromStack(stack)
}

function fileOf(key: string): string {
  return join(tmpdir(), TEMPLATES, `${createHash('sha256').update(key).digest('hex')}.json`)
}

function stored(key: string): Template | undefined {
  const file = fileOf(key)
  return existsSync(file) ? Template.fromString(readFileSync(file, 'utf8')) : undefined
}

/** Only in a folder of this very run of tests: another's may be of other source. */
function store(key: string, template: Template): Template {
  const file = fileOf(key)
  if (existsSync(dirname(file))) {
    const draft = `${file}.${process.pid}`
    writeFileSync(draft, JSON.stringify(template.toJSON()))
    renameSync(draft, file)
  }
  return template
}

function synthesize(context: Context, partOf: (stack: TickStockStack) => Stack = (stack) => stack): Template {
  const outdir = assemblyFolder()
  try {
    return Template.fromStack(partOf(stackIn(appIn(outdir), context)))
  } finally {
    rmSync(outdir, { recursive: true, force: true })
  }
}

function assemblyFolder(): string {
  return mkdtempSync(join(tmpdir(), 'tickstock-template-'))
}

/** Nothing is bundled: what is tested on it is not in the functions' code. */
function appIn(outdir: string): App {
  return createApp({ 'aws:cdk:bundling-stacks': [] }, { outdir })
}

function stackIn(app: App, context: Context): TickStockStack {
  const config = configOf(context)
  return new TickStockStack(app, `TickStock-${config.stage}`, { config })
}

function configOf(context: Context): Config {
  const given: Context = { region: 'eu-central-1', ...context }
  return readConfig((key) => given[key])
}
