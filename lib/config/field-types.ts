import * as z from 'zod'

const TAGS = 'allowed are texts by name, as {"cost-center":"1234"} in cdk.json or cost-center=1234,owner=desk'

/** A whole number; on the command line (`-c key=value`) it comes as text. */
export function wholeNumber({ min, max }: { readonly min: number; readonly max: number }) {
  const allowed = `allowed is a whole number from ${min} to ${max}`
  return z
    .union([z.number(), z.string().regex(/^\d+$/).transform(Number)], allowed)
    .pipe(z.int(allowed).min(min, allowed).max(max, allowed))
}

/** A list in `cdk.json`, or a text with commas between its items, which it becomes. */
export function listOf(item: RegExp, allowed: string) {
  return z
    .union([z.string().transform((text) => text.split(',')), z.array(z.string(), allowed)], allowed)
    .transform((all) => all.map((each) => each.trim()))
    .refine((all) => all.length > 0 && all.every((each) => item.test(each)), allowed)
    .transform((all) => all.join(','))
}

export function subnetIds(least: number) {
  return listOf(
    /^subnet-([0-9a-f]{8}|[0-9a-f]{17})$/,
    `allowed are ids of ${least} subnets or more, with commas between them, as subnet-0123456789abcdef0`,
  )
}

export function regionName() {
  return z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'allowed is the name of a region, as eu-central-1')
}

export function domain() {
  return z
    .string()
    .regex(/^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/, 'allowed is a domain, as desk.example.com')
}

export function secretArn() {
  return z
    .string()
    .regex(
      /^arn:aws[\w-]*:secretsmanager:[\w-]+:\d{12}:secret:[\w/+=.@!-]+-[A-Za-z0-9]{6}$/,
      'allowed is the whole ARN of a secret, with the six characters at its end',
    )
}

/** Tags as an object, or as `key=value` with commas between them. */
export function textOrTags() {
  return z.union(
    [
      z.record(z.string(), z.string()),
      z
        .string()
        .regex(/^[^=,]+=[^,]*(,[^=,]+=[^,]*)*$/, TAGS)
        .transform((text) =>
          Object.fromEntries(
            text
              .split(',')
              .map((each) => [
                each.slice(0, each.indexOf('=')).trim(),
                each.slice(each.indexOf('=') + 1).trim(),
              ]),
          ),
        ),
    ],
    TAGS,
  )
}

/** Text, or an object of texts in `cdk.json`, which becomes its JSON. */
export function textOrObject() {
  const allowed = 'allowed are a text, and an object of texts by name'
  return z.union(
    [z.string(), z.record(z.string(), z.string()).transform((given) => JSON.stringify(given))],
    allowed,
  )
}

export function onOff() {
  return z.enum(['on', 'off'])
}
