import { readFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import * as z from 'zod'
import { AssemblyError, codeOf, messageOf } from '../errors.ts'

const ManifestSchema = z.object({
  artifacts: z
    .record(
      z.string(),
      z.object({
        type: z.string(),
        displayName: z.string().optional(),
        dependencies: z.array(z.string()).optional(),
        properties: z
          .object({
            templateFile: z.string().optional(),
            stackName: z.string().optional(),
            file: z.string().optional(),
            directoryName: z.string().optional(),
          })
          .optional(),
      }),
    )
    .default({}),
})

const AssetsSchema = z.object({
  files: z
    .record(
      z.string(),
      z.object({
        source: z.object({ path: z.string().optional() }),
        destinations: z.record(z.string(), z.object({ objectKey: z.string() })),
      }),
    )
    .default({}),
})

const names = z.union([z.string().transform((name) => [name]), z.array(z.string())])

const ResourceSchema = z.strictObject({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  DependsOn: names.default([]),
  Condition: z.string().optional(),
  DeletionPolicy: z.string().optional(),
  UpdateReplacePolicy: z.string().optional(),
  Metadata: z.unknown().optional(),
})

const numberLike = z.coerce.number()

const ParameterSchema = z.strictObject({
  Type: z.string(),
  Default: z.union([z.string(), z.number()]).optional(),
  AllowedValues: z.array(z.union([z.string(), z.number()])).optional(),
  AllowedPattern: z.string().optional(),
  MinLength: numberLike.optional(),
  MaxLength: numberLike.optional(),
  MinValue: numberLike.optional(),
  MaxValue: numberLike.optional(),
  ConstraintDescription: z.string().optional(),
  Description: z.string().optional(),
  NoEcho: z.unknown().optional(),
})

const TemplateSchema = z.strictObject({
  AWSTemplateFormatVersion: z.string().optional(),
  Description: z.string().optional(),
  Metadata: z.unknown().optional(),
  Parameters: z.record(z.string(), ParameterSchema).default({}),
  Rules: z.unknown().optional(),
  Mappings: z.record(z.string(), z.record(z.string(), z.record(z.string(), z.unknown()))).default({}),
  Conditions: z.record(z.string(), z.unknown()).default({}),
  Resources: z.record(z.string(), ResourceSchema),
  Outputs: z
    .record(z.string(), z.object({ Value: z.unknown().optional(), Condition: z.string().optional() }))
    .default({}),
})

/** A CloudFormation template as CDK writes it, its values not yet resolved. */
export type Template = z.infer<typeof TemplateSchema>

export type TemplateParameter = z.infer<typeof ParameterSchema>

/** One resource of a template. */
export type TemplateResource = z.infer<typeof ResourceSchema>

/** One stack of a cloud assembly, ready to be run. */
export type Assembly = {
  readonly stackName: string
  readonly template: Template
  /** Asset folders (or files) by the object key under which `cdk deploy` would upload them. */
  readonly assets: ReadonlyMap<string, string>
}

type Manifest = z.infer<typeof ManifestSchema>

/**
 * Reads one stack of the cloud assembly that `cdk synth` wrote into `folder`; `stack` is its name or id,
 * by default the only one. Throws an AssemblyError that says what is missing or ambiguous.
 */
export function readAssembly(folder: string, stack?: string): Assembly {
  const root = resolve(folder)
  const manifest = readManifest(root)
  const { id, artifact } = pickStack(manifest, root, stack)
  const templateFile = artifact.properties?.templateFile
  if (templateFile === undefined) throw new AssemblyError(`Stack ${id} in ${root} has no template file.`)
  return {
    stackName: artifact.properties?.stackName ?? id,
    template: readJson(join(root, templateFile), TemplateSchema),
    assets: readAssets(root, manifest, artifact.dependencies ?? []),
  }
}

function readManifest(root: string): Manifest {
  try {
    return readJson(join(root, 'manifest.json'), ManifestSchema)
  } catch (error) {
    if (error instanceof AssemblyError && error.cause !== undefined && codeOf(error.cause) === 'ENOENT') {
      throw new AssemblyError(
        `${root} is not a cloud assembly: it has no manifest.json. Run "cdk synth" first, or give its output folder.`,
        { cause: error.cause },
      )
    }
    throw error
  }
}

function pickStack(manifest: Manifest, root: string, wanted: string | undefined) {
  const stacks = Object.entries(manifest.artifacts)
    .filter(([, artifact]) => artifact.type === 'aws:cloudformation:stack')
    .map(([id, artifact]) => ({ id, artifact }))
  const known = stacks.map(({ id }) => id).join(', ')
  if (wanted !== undefined) {
    const found = stacks.find(({ id, artifact }) =>
      [id, artifact.displayName, artifact.properties?.stackName].includes(wanted),
    )
    if (found === undefined)
      throw new AssemblyError(`No stack ${wanted} in ${root}; it has: ${known || 'none'}.`)
    return found
  }
  const [only, ...others] = stacks
  if (only === undefined) throw new AssemblyError(`No stack in ${root}.${nestedHint(manifest)}`)
  if (others.length > 0) {
    throw new AssemblyError(`${root} has several stacks: ${known}. Choose one with the option stack.`)
  }
  return only
}

function nestedHint(manifest: Manifest): string {
  const stages = Object.values(manifest.artifacts)
    .filter((artifact) => artifact.type === 'cdk:cloud-assembly')
    .map((artifact) => artifact.properties?.directoryName ?? '?')
  return stages.length === 0
    ? ''
    : ` It has stages in folders of their own; give one of: ${stages.join(', ')}.`
}

function readAssets(root: string, manifest: Manifest, dependencies: readonly string[]) {
  const assets = new Map<string, string>()
  for (const id of dependencies) {
    const artifact = manifest.artifacts[id]
    if (artifact?.type !== 'cdk:asset-manifest' || artifact.properties?.file === undefined) continue
    const { files } = readJson(join(root, artifact.properties.file), AssetsSchema)
    for (const { source, destinations } of Object.values(files)) {
      if (source.path === undefined) continue
      for (const { objectKey } of Object.values(destinations)) assets.set(objectKey, join(root, source.path))
    }
  }
  return assets
}

function readJson<Schema extends z.ZodType>(file: string, schema: Schema): z.output<Schema> {
  let content: unknown
  try {
    content = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new AssemblyError(`Cannot read ${file}: ${messageOf(error)}`, { cause: error })
  }
  const parsed = schema.safeParse(content)
  if (!parsed.success) {
    throw new AssemblyError(
      `${basename(file)} is not what cdk synth writes: ${z.prettifyError(parsed.error)}`,
    )
  }
  return parsed.data
}
