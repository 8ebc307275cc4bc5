import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { App } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { afterAll } from 'vitest'

import { readConfig } from '../../lib/config.ts'
import { createApp } from '../../lib/create-app.ts'
import { TickStockStack } from '../../lib/tickstock-stack.ts'

// Of the file of tests that imports this.
const folder = mkdtempSync(join(tmpdir(), 'tickstock-template-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** An app whose assembly is gone after the tests; nothing is bundled. */
export function temporaryApp(): App {
  return createApp({ 'aws:cdk:bundling-stacks': [] }, { outdir: mkdtempSync(join(folder, 'assembly-')) })
}

/** The stack of a stage. Nothing is bundled: what is tested on it does not stand in the functions' code. */
export function stackOf(context: Readonly<Record<string, string>>): TickStockStack {
  const given: Readonly<Record<string, string>> = { region: 'eu-central-1', ...context }
  return new TickStockStack(temporaryApp(), `TickStock-${given['stage']}`, {
    config: readConfig((key) => given[key]),
  })
}

/** What CloudFormation would be given for a stage. */
export function templateOf(context: Readonly<Record<string, string>>): Template {
  return Template.fromStack(stackOf(context))
}
