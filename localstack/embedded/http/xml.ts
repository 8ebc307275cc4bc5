/** An XML document as S3 sends it, around its root element. */
export function xml(root: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root}`
}

/** An element with text, which is escaped, or with child elements that are already XML. */
export function element(name: string, content: string | number | boolean | readonly string[]): string {
  return `<${name}>${typeof content === 'object' ? content.join('') : escape(String(content))}</${name}>`
}

function escape(text: string): string {
  return text.replaceAll(/[&<>"\p{Cc}]/gu, (found) => `&#${found.codePointAt(0)};`)
}

/** The texts of all elements called `name`, entities resolved; for the small documents that clients send. */
export function texts(document: string, name: string): readonly string[] {
  return [...document.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, text = '']) =>
    unescape(text),
  )
}

const entities = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
])

/** The character with that number, or the text itself if there is none. */
function character(code: number, whole: string): string {
  return code <= 0x10ffff ? String.fromCodePoint(code) : whole
}

function unescape(text: string): string {
  return text.replaceAll(
    /&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi,
    (whole, hex?: string, decimal?: string, name?: string) => {
      if (hex !== undefined) return character(Number.parseInt(hex, 16), whole)
      if (decimal !== undefined) return character(Number(decimal), whole)
      return entities.get(name ?? '') ?? whole
    },
  )
}
