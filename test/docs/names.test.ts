import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { parseEvent } from '../../functions/migrator/events.ts'
import { FLAG_NAMES } from '../../functions/shared/runtime/flag-names.ts'
import { configSchema } from '../../lib/config-schema.ts'
import { templateOf } from '../support/template.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const pages = ['README.md', ...readdirSync(`${ROOT}docs`).filter((name) => name.endsWith('.md'))].map(
  (name) => {
    const file = name === 'README.md' ? name : `docs/${name}`
    return { file, text: readFileSync(ROOT + file, 'utf8') }
  },
)
/** What an SRE follows on AWS. */
const onAws = pages.filter(({ file }) => /\/(deploy|rollback|runbook|database)\.md$/.test(file))

/** Everything that differs between deployments is there in one of these. */
const ALL_ON = { syntheticFeed: 'on', alarmEmail: 'sre@example.com', session: 'always', databaseProxy: 'on' }

/** All texts in the template of a stage: names of its resources are among them. */
function textsOf(stage: string): ReadonlySet<string> {
  const texts = new Set<string>()
  const visit = (value: unknown): void => {
    if (typeof value === 'string') texts.add(value)
    else if (typeof value === 'object' && value !== null) for (const each of Object.values(value)) visit(each)
  }
  const { Resources } = z
    .object({ Resources: z.record(z.string(), z.object({ Properties: z.unknown() })) })
    .parse(templateOf({ stage, ...ALL_ON }).toJSON())
  for (const { Properties } of Object.values(Resources)) visit(Properties)
  return texts
}

/** Matches of all pages, with where they stand. */
function found(pattern: RegExp, among: typeof pages = pages): { readonly at: string; readonly is: string }[] {
  return among.flatMap(({ file, text }) =>
    [...text.matchAll(pattern)].map((match) => {
      const line = text.slice(0, match.index).split('\n').length
      return { at: `${file}:${line}`, is: match[1] ?? match[0] }
    }),
  )
}

function expectAll(
  things: ReturnType<typeof found>,
  exists: (name: string) => boolean,
  atLeast: number,
): void {
  expect(things.filter(({ is }) => !exists(is))).toEqual([])
  expect(things.length).toBeGreaterThanOrEqual(atLeast)
}

const outputsOf = (stage: string) =>
  Object.keys(
    z.object({ Outputs: z.record(z.string(), z.unknown()) }).parse(templateOf({ stage }).toJSON()).Outputs,
  )

describe('what the pages name exists:', () => {
  it.each(['dev', 'prod'])(
    'functions, streams, tables, logs, secrets and the database of stage %s',
    (stage) => {
      const texts = textsOf(stage)
      const names = found(
        /(?<![\w$-])((?:\/aws\/[a-z]+\/|\/)?tickstock[-/](?:\$?STAGE|prod|dev)[\w/-]*)/g,
        onAws,
      )
        // What a command there makes itself.
        .filter(({ is }) => !is.endsWith('-restored') && !is.endsWith('-'))
        .map(({ at, is }) => ({ at, is: is.replace(/\$?STAGE|prod|dev/, stage) }))
      expectAll(names, (name) => texts.has(name), 30)
    },
  )

  it('the tables that a loop goes over', () => {
    const texts = textsOf('prod')
    const tables = found(/^for TABLE in (.+)$/gm).flatMap(({ at, is }) =>
      is.split(' ').map((name) => ({ at, is: name })),
    )
    expectAll(tables, (name) => texts.has(`tickstock-prod-${name}`), 2)
    const wanted = Object.values(
      templateOf({ stage: 'prod' }).findResources('AWS::DynamoDB::GlobalTable'),
    ).filter((table) => JSON.stringify(table).includes('"DeletionProtectionEnabled":true'))
    expect(tables).toHaveLength(wanted.length)
  })

  it('functions and streams of stage local', () => {
    const texts = textsOf('local')
    expectAll(found(/\btickstock-local-[a-z-]+/g), (name) => texts.has(name), 3)
  })

  it('the stacks', () => {
    expectAll(
      found(/\bTickStock-(\$?\w+)/g),
      (name) => ['$STAGE', 'STAGE', 'prod', 'dev', 'local'].includes(name),
      5,
    )
  })

  it('outputs of the stack', () => {
    const outputs = ['dev', 'prod'].map(outputsOf)
    expectAll(found(/\$\(output (\w+)\)/g), (name) => outputs.every((those) => those.includes(name)), 4)
  })

  it('the application and the groups of CodeDeploy, and the alias that they move', () => {
    const texts = textsOf('prod')
    const ofCommands = (option: string) => found(new RegExp(`--${option} (\\S+)`, 'g'), onAws)
    for (const option of ['application-name', 'deployment-group-name'])
      expectAll(ofCommands(option), (name) => texts.has(name.replace('$STAGE', 'prod')), 1)
    expectAll(found(/--name (live)\b|:(live)\b/g, onAws), () => texts.has('live'), 5)
  })

  it('keys of the config', () => {
    expectAll(found(/-c (\w+)=/g), (key) => key in configSchema.shape || key === 'key', 20)
    expectAll(
      found(/^ +"(?:local|dev|prod)": \{ (.+) \}/gm).flatMap(({ at, is }) =>
        [...is.matchAll(/"(\w+)":/g)].map(([, key = '']) => ({ at, is: key })),
      ),
      (key) => key in configSchema.shape,
      3,
    )
  })

  it('feature flags, and all of them', () => {
    const flags: readonly string[] = FLAG_NAMES
    expectAll(found(/npm run flag -- ([\w-]+)/g), (name) => flags.includes(name), 3)
    const listed = found(/^\| `([\w-]+)` +\| (?:Ticks|A tick|Bars|Nothing|No)/gm).map(({ is }) => is)
    expect(listed.filter((name) => flags.includes(name)).toSorted()).toEqual(flags.toSorted())
  })

  it('events of the migrator', () => {
    const understood = (text: string) => {
      const event = text.replace('PID', '1')
      return parseEvent(JSON.parse(event)).type !== 'custom-resource'
    }
    expectAll(found(/\{"type":"[^}]+\}/g, onAws), understood, 5)
  })

  it('scripts of package.json', () => {
    const { scripts } = z
      .object({ scripts: z.record(z.string(), z.string()) })
      .parse(JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')))
    expectAll(found(/\bnpm run ([\w:-]+)/g), (name) => name in scripts, 30)
  })

  it('files and folders', () => {
    const paths = found(/(?<![\w./-])((?:bin|lib|functions|feed|localstack|test|bench|docs)\/[\w./-]+\w)/g)
    expectAll(paths, (path) => existsSync(ROOT + path) || path.includes('NNNN'), 30)
  })

  it('sections that links lead to', () => {
    const sections = new Map(
      pages.map(({ file, text }) => [
        file,
        [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
          title
            .toLowerCase()
            .replaceAll(/[^\w -]/g, '')
            .replaceAll(' ', '-'),
        ),
      ]),
    )
    const isThere = (link: string): boolean => {
      const [file = '', section = ''] = link.split('#')
      return sections.get(file)?.includes(section) ?? false
    }
    expectAll(found(/\((docs\/\w+\.md#[\w-]+)\)/g), isThere, 1)
  })
})
