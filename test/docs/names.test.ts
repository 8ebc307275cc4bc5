import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { parseEvent } from '../../functions/migrator/events.ts'
import { FLAG_NAMES } from '../../functions/shared/runtime/flag-names.ts'
import { configSchema } from '../../lib/config/schema.ts'
import { ALERTS_ON, LOCAL_ALERTS_ON, OTHER_ISSUER, VENUES_ON } from '../support/stage-settings.ts'
import { templateOf } from '../support/template.ts'
import { textsOf } from './template-texts.ts'
import { type Cited, cited, pages, readPage, sectionOf } from './page.ts'

/** What an SRE follows on AWS. */
const onAws = pages.filter(({ file }) =>
  /\/(backup|deploy|rollback|runbook|database|upgrade)\.md$/.test(file),
)

function expectAll(things: readonly Cited[], exists: (name: string) => boolean, atLeast: number): void {
  expect(things.filter(({ name }) => !exists(name))).toEqual([])
  expect(things.length).toBeGreaterThanOrEqual(atLeast)
}

const outputsOf = (stage: string) =>
  Object.keys(
    z
      .object({ Outputs: z.record(z.string(), z.unknown()) })
      .parse(templateOf({ stage, ...LOCAL_ALERTS_ON }).toJSON()).Outputs,
  )

describe('what the pages name exists:', () => {
  it.each(['dev', 'prod'])(
    'functions, streams, tables, logs, secrets and the database of stage %s',
    (stage) => {
      const texts = textsOf(stage)
      const names = cited(
        /(?<![\w$-])((?:\/aws\/[a-z]+\/|\/)?tickstock[-/](?:\$?STAGE|prod|dev)[\w/-]*)/g,
        onAws,
      )
        // What a command there makes itself.
        .filter(({ name }) => !/-(restored|keep)?$/.test(name))
        .map(({ at, name }) => ({ at, name: name.replace(/\$?STAGE|prod|dev/, stage) }))
      expectAll(names, (name) => texts.has(name), 30)
    },
  )

  it('the tables that a loop goes over', () => {
    const texts = textsOf('prod')
    const tables = cited(/^for TABLE in (.+)$/gm).flatMap(({ at, name }) =>
      name.split(' ').map((each) => ({ at, name: each })),
    )
    expectAll(tables, (name) => texts.has(`tickstock-prod-${name}`), 2)
    const wanted = Object.values(
      templateOf({ stage: 'prod', ...VENUES_ON, ...OTHER_ISSUER, ...ALERTS_ON }).findResources(
        'AWS::DynamoDB::GlobalTable',
      ),
    ).filter((table) => JSON.stringify(table).includes('"DeletionProtectionEnabled":true'))
    expect(tables).toHaveLength(wanted.length)
  })

  it('functions and streams of stage local', () => {
    const texts = textsOf('local')
    expectAll(cited(/\btickstock-local-[a-z-]+/g), (name) => texts.has(name), 3)
  })

  it('the stacks', () => {
    expectAll(
      cited(/\bTickStock-(\$?\w+)/g),
      (name) => ['$STAGE', 'STAGE', 'prod', 'dev', 'local'].includes(name),
      5,
    )
  })

  it('outputs of the stack', () => {
    const outputs = ['dev', 'prod'].map(outputsOf)
    expectAll(cited(/\$\(output (\w+)\)/g), (name) => outputs.every((those) => those.includes(name)), 4)
  })

  it('the application and the groups of CodeDeploy, and the alias that they move', () => {
    const texts = textsOf('prod')
    const ofCommands = (option: string) => cited(new RegExp(`--${option} (\\S+)`, 'g'), onAws)
    for (const option of ['application-name', 'deployment-group-name'])
      expectAll(ofCommands(option), (name) => texts.has(name.replace('$STAGE', 'prod')), 1)
    expectAll(cited(/--name (live)\b|:(live)\b/g, onAws), () => texts.has('live'), 5)
  })

  it('keys of the config', () => {
    expectAll(cited(/-c (\w+)=/g), (key) => key in configSchema.shape || key === 'key', 20)
    expectAll(
      cited(/^ +"(?:local|dev|prod)": \{ (.+) \}/gm).flatMap(({ at, name }) =>
        [...name.matchAll(/"(\w+)":/g)].map(([, key = '']) => ({ at, name: key })),
      ),
      (key) => key in configSchema.shape,
      3,
    )
  })

  it('feature flags, and all of them', () => {
    const flags: readonly string[] = FLAG_NAMES
    expectAll(cited(/tickstock flag ([\w-]+) o(?:n|ff)/g), (name) => flags.includes(name), 3)
    const listed = [
      ...sectionOf(readPage('docs/operate.md'), 'Turn a part off').matchAll(/^\| `([\w-]+)`/gm),
    ].map(([, name = '']) => name)
    expect(listed.toSorted()).toEqual(flags.toSorted())
  })

  it('events of the migrator', () => {
    const understood = (text: string) => {
      const event = text.replace('PID', '1')
      return parseEvent(JSON.parse(event)).type !== 'custom-resource'
    }
    expectAll(cited(/\{"type":"[^}]+\}/g, onAws), understood, 5)
  })
})
