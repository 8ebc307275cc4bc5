import { cpSync, globSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { AssetHashType, DockerImage } from 'aws-cdk-lib'
import { Code } from 'aws-cdk-lib/aws-lambda'
import { type BuildOptions, buildSync, type OutputFile } from 'esbuild'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const FUNCTIONS = join(ROOT, 'functions')

/**
 * The handler of a part with all that it imports.
 *
 * @param part its folder below `functions/`
 * @param besides folders of the part that its code reads when it runs
 */
export function bundledCode(part: string, besides: readonly string[] = []): Code {
  // The CDK takes equal sources for equal assets: the source is the part's own folder.
  const source = join(FUNCTIONS, part)
  return Code.fromAsset(source, {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      image: DockerImage.fromRegistry('unused'),
      local: {
        tryBundle: (output) => {
          for (const { path, contents } of bundle(part)) writeFileSync(join(output, basename(path)), contents)
          for (const folder of besides)
            cpSync(join(source, folder), join(output, folder), { recursive: true })
          return true
        },
      },
    },
  })
}

let bundles: Map<string, OutputFile[]> | undefined

/** All parts are bundled at once, since nearly all that they import is the same. */
function bundle(part: string): readonly OutputFile[] {
  bundles ??= Map.groupBy(build(), ({ path }) => basename(dirname(path)))
  const files = bundles.get(part)
  if (files === undefined) throw new Error(`functions/${part} has no handler.ts`)
  return files
}

/** Parts with code that few invocations run: it is loaded from files of its own. */
const SPLIT = ['api']

function build(): OutputFile[] {
  const parts = globSync('functions/*/handler.ts', { cwd: ROOT }).map((file) => basename(dirname(file)))
  const together = parts.filter((part) => !SPLIT.includes(part)).map(handlerOf)
  return [
    ...bundleTo('', { entryPoints: together, outbase: FUNCTIONS, entryNames: '[dir]/index' }),
    ...SPLIT.flatMap((part) =>
      bundleTo(part, { entryPoints: [{ in: handlerOf(part), out: 'index' }], splitting: true }),
    ),
  ]
}

function handlerOf(part: string): string {
  return join('functions', part, 'handler.ts')
}

/** Bundles for a folder below that of all bundles. Nothing is written there: source maps name the sources from there. */
function bundleTo(folder: string, options: BuildOptions): OutputFile[] {
  return buildSync({
    ...SETTINGS,
    ...options,
    outdir: join(ROOT, 'cdk.out', 'bundles', folder),
    outExtension: { '.js': '.mjs' },
    sourcemap: true,
    write: false,
    alias: { 'node:http': join(ROOT, 'lib', 'node-http.cjs') },
  }).outputFiles
}

/** Writes a program with all that it imports as one file, for Node.js alone. */
export function bundleProgram(entry: string, file: string): void {
  buildSync({ ...SETTINGS, entryPoints: [entry], outfile: file, sourcemap: 'inline' })
}

const SETTINGS: BuildOptions = {
  absWorkingDir: ROOT,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  sourcesContent: false,
  // Halves the source to load at a cold start and to keep in memory; keeps names, and lines short enough for a log.
  minifyWhitespace: true,
  minifySyntax: true,
  lineLimit: 500,
  // The SDK is bundled, so that the tested version runs.
  external: ['pg-native'],
  mainFields: ['module', 'main'],
  banner: {
    // Packages in CommonJS inside the bundle require Node's own modules.
    js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
  },
}
