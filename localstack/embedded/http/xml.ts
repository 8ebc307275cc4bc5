/** An XML document as S3 sends it, around its root element. */
export const xml = (root: string): string => `<?xml version="1.0" encoding="UTF-8"?>\n${root}`

/** An element with text, which is escaped, or with child elements that are already XML. */
export const element = (name: string, content: string | number | boolean | readonly string[]): string =>
  `<${name}>${typeof content === 'object' ? content.join('') : escape(String(content))}</${name}>`

const escape = (text: string): string =>
  text.replaceAll(/[&<>"\p{Cc}]/gu, (character) => `&#${character.codePointAt(0)};`)

/** The texts of all elements called `name`, entities resolved; for the small documents that clients send. */
export const texts = (document: string, name: string): readonly string[] =>
  [...document.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, text = '']) => unescape(text))

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

const unescape = (text: string): string =>
  text.replaceAll(
    /&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi,
    (whole, hex?: string, decimal?: string, name?: string) => {
      if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16))
      if (decimal !== undefined) return String.fromCodePoint(Number(decimal))
      return entities[name ?? ''] ?? whole
    },
  )
