/**
 * A pattern is a line of words that must follow one another, each within so many words of the one before:
 *
 *   curl|wget ~2-40 PIPE sh|bash       one of two words, then a pipe 2 to 40 words on, then one of two words at once
 *   ignor* ~4 instruction*             words that begin so
 *
 * A sign counts as a word and has a name in capitals. There is nothing in it that could be tried in more than one way, so a text is read once.
 */

export type Step = { readonly atoms: readonly string[]; readonly least: number; readonly most: number }

/** Names of signs. */
export const signs: Readonly<Record<string, string>> = {
  PIPE: "|",
  GT: ">",
  LT: "<",
  AMP: "&",
  SEMI: ";",
  LP: "(",
  RP: ")",
  LBRACKET: "[",
  RBRACKET: "]",
  LBRACE: "{",
  RBRACE: "}",
  DOLLAR: "$",
  EQ: "=",
  TICK: "`",
  SLASH: "/",
  COLON: ":",
  STAR: "*",
  DOT: ".",
  MINUS: "-",
  PLUS: "+",
  BANG: "!",
  TILDE: "~",
  QUESTION: "?",
  COMMA: ",",
}
/** What is no sign: the end of a line, and of the text. */
export const ends = ["NL", "EOF"] as const

/** @param groups names for many words, written `@name`. */
export function parsePattern(pattern: string, groups: Readonly<Record<string, string>>): readonly Step[] {
  const steps: Step[] = []
  let [least, most] = [1, 1]
  for (const term of pattern.trim().split(/ +/)) {
    const gap = /^~(?:(\d+)-)?(\d+)$/.exec(term)
    if (gap) {
      least = Number(gap[1] ?? 1)
      most = Number(gap[2])
      continue
    }
    steps.push({ atoms: atomsOf(term, groups), least, most })
    least = most = 1
  }
  return steps
}

function atomsOf(term: string, groups: Readonly<Record<string, string>>): readonly string[] {
  return term.split("|").flatMap((word) => {
    if (!word.startsWith("@")) return [word]
    const group = groups[word.slice(1)]
    if (group === undefined) throw new Error(`a pattern names no group ${word}`)
    return atomsOf(group, groups)
  })
}
