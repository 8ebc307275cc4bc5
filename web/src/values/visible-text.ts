/** Characters that show nothing, or change how those beside them are shown: controls, marks of direction, joiners. */
const INVISIBLE = /[^\P{C}\n\t]|[\u2028\u2029]/gu

/** Text from outside, with what cannot be seen written as an escape: a payload shows what it holds and nothing else. */
export function visibleText(text: string): string {
  return text.replaceAll(INVISIBLE, (character) => {
    const code = character.codePointAt(0) ?? 0
    return code > 0xff_ff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`
  })
}
