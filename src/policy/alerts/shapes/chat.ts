/** An alert for a chat of the host's, whose channel may read Markdown or HTML into it: what either means something by gives its place to what looks the same. */
import { short } from "../words.ts"
import { textOf, unlinked, type Raised } from "./lines.ts"

const mostCharacters = 1_500
const lookAlikes: Readonly<Record<string, string>> = {
  ...{ "*": "∗", "`": "ʹ", "~": "∼", "|": "∣", "[": "⁅", "]": "⁆", "<": "‹", ">": "›", "\\": "∖", "#": "♯", "&": "＆" },
}

export function chatText(raised: Raised, ledger: string): string {
  const { title, lines, footer } = textOf(raised, ledger)
  return short([title, ...lines, footer].map(bare).join("\n"), mostCharacters)
}

/** An underscore within a word is one; around it, it would be emphasis. */
function bare(text: string): string {
  return unlinked(text)
    .replace(/[*`~|[\]<>\\#&]/g, (letter) => lookAlikes[letter] ?? "")
    .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, "ˍ")
}
