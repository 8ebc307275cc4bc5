import { randomInt } from 'node:crypto'
import * as z from 'zod'
import { ResourceError } from '../../errors.ts'
import {
  because,
  cfnBoolean,
  cfnNumber,
  inert,
  physicalName,
  resourceType,
} from '../../template/resource-type.ts'
import type { ResourceContext } from '../../template/resource-type.ts'
import type { SecretsManager } from './secret-store.ts'

const generate = z.strictObject({
  PasswordLength: cfnNumber.default(32),
  ExcludeCharacters: z.string().default(''),
  ExcludeLowercase: cfnBoolean.default(false),
  ExcludeUppercase: cfnBoolean.default(false),
  ExcludeNumbers: cfnBoolean.default(false),
  ExcludePunctuation: cfnBoolean.default(false),
  IncludeSpace: cfnBoolean.default(false),
  RequireEachIncludedType: cfnBoolean.default(true),
  SecretStringTemplate: z.string().optional(),
  GenerateStringKey: z.string().optional(),
})

type Generate = z.output<typeof generate>

/** A generated value is generated once; what a template adds to it follows the template at each start. */
export const secret = resourceType({
  properties: z.strictObject({
    Name: z.string().optional(),
    Description: z.string().optional(),
    SecretString: z.string().optional(),
    GenerateSecretString: generate.optional(),
    KmsKeyId: inert(because.encryption),
    Tags: inert(because.naming),
    ReplicaRegions: inert('there is one region'),
  }),
  create: (properties, context: ResourceContext<SecretsManager>) => {
    const { SecretString, GenerateSecretString, Description } = properties
    const valueFrom = (previous: string | undefined): string =>
      SecretString ?? generatedValue(GenerateSecretString ?? generate.parse({}), previous)
    const name = properties.Name ?? physicalName(context, 512)
    const { arn } = context.api.ensure(name, valueFrom, { description: Description })
    return { ref: arn, attributes: { Id: arn } }
  },
})

const jsonObject = z.record(z.string(), z.unknown())

function generatedValue(options: Generate, previous: string | undefined): string {
  const { SecretStringTemplate: template, GenerateStringKey: key } = options
  if (template === undefined || key === undefined) return previous ?? password(options)
  const kept = previous === undefined ? undefined : jsonObject.parse(JSON.parse(previous))[key]
  return JSON.stringify({ ...jsonObject.parse(JSON.parse(template)), [key]: kept ?? password(options) })
}

function password(options: Generate): string {
  const sets = [
    options.ExcludeLowercase ? '' : 'abcdefghijklmnopqrstuvwxyz',
    options.ExcludeUppercase ? '' : 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
    options.ExcludeNumbers ? '' : '0123456789',
    options.ExcludePunctuation ? '' : '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
    options.IncludeSpace ? ' ' : '',
  ]
    .map((set) => set.split('').filter((character) => !options.ExcludeCharacters.includes(character)))
    .filter((set) => set.length > 0)
  const all = sets.flat()
  if (all.length === 0)
    throw new ResourceError('GenerateSecretString excludes every character: allow at least one set.')
  const required = options.RequireEachIncludedType ? sets : []
  const length = Math.max(0, options.PasswordLength - required.length)
  const characters = [...required, ...Array.from({ length }, () => all)].map(pick)
  return shuffled(characters).join('')
}

function pick(set: readonly string[]): string {
  return set[randomInt(set.length)] ?? ''
}

function shuffled(items: readonly string[]): readonly string[] {
  const keyed = items.map((item) => ({ item, at: randomInt(2 ** 47) }))
  return keyed.toSorted((left, right) => left.at - right.at).map(({ item }) => item)
}
