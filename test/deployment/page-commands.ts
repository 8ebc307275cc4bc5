import { readdirSync, readFileSync } from 'node:fs'

const FOLDER = new URL('../../docs/', import.meta.url)

/** Commands that version 1 of the AWS command line, which is on PyPI, does not have, and those that wait. */
const NOT_TO_RUN = /^aws (logs tail|ec2-instance-connect ssh|\w+ wait)\b/
/** What only version 2 knows. */
const OF_VERSION_2 = / --cli-binary-format \S+/g

/**
 * Every command for the AWS command line in docs/, each alone: in blocks and between backticks, with something in the place
 * of what the reader puts there.
 */
export function pageCommands(): string[] {
  const texts = readdirSync(FOLDER)
    .filter((name) => name.endsWith('.md'))
    .map((name) => readFileSync(new URL(name, FOLDER), 'utf8'))
  const commands = texts.flatMap((text) => {
    const blocks = [...text.matchAll(/^```\n(.*?)^```/gms)].map(([, block = '']) => block)
    const prose = text.replaceAll(/^```\n.*?^```/gms, '')
    const inline = [...prose.matchAll(/`(aws [a-z][a-z0-9-]* [a-z][^`]* --[^`]*)`/g)].map(
      ([, command = '']) => command,
    )
    return [...blocks.flatMap(ofBlock), ...inline.map((command) => command.replaceAll(/\s*\n/g, ' '))]
  })
  return commands.filter((command) => !NOT_TO_RUN.test(command)).map(filledIn)
}

function ofBlock(block: string): string[] {
  const text = block.replaceAll(/\\\n\s*/g, ' ').replaceAll(/^do /gm, '')
  const inner = [...text.matchAll(/\$\((aws [^()]*)\)/g)].map(([, command = '']) => command)
  const outer = text.replaceAll(/\$\(aws [^()]*\)/g, 'x').split('\n')
  return [...inner, ...outer]
    .filter((line) => line.startsWith('aws '))
    .map((line) => line.replace(/; done$/, ''))
}

function filledIn(command: string): string {
  return command
    .replaceAll(OF_VERSION_2, '')
    .replaceAll(/\$?STAGE\b/g, 'drill')
    .replaceAll(/\$\(output \w+\)|\$\w+/g, 'x')
    .replaceAll(/--uuid \w+/g, '--uuid 00000000-0000-0000-0000-000000000000')
    .replaceAll(/\bARN\b/g, 'arn:aws:lambda:us-east-1:000000000000:function:x')
}
