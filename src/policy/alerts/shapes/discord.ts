/**
 * An alert as a web hook of Discord takes it: at most 2,000 characters, nobody mentioned whatever it says, no previews of links
 * (https://docs.discord.com/developers/resources/webhook#execute-webhook). A backslash makes punctuation plain.
 */
import { textOf, unlinked, type Raised } from "./lines.ts"

const mostContent = 2_000
/** `SUPPRESS_EMBEDS` (https://docs.discord.com/developers/resources/message#message-object-message-flags). */
const suppressEmbeds = 4

export function discordBody(raised: Raised, ledger: string): object {
  const { title, lines, footer } = textOf(raised, ledger)
  const end = `\n${escaped(footer)}`
  const content = cut(`**${escaped(title)}**\n${lines.map(escaped).join("\n")}`, mostContent - end.length) + end
  return { content, allowed_mentions: { parse: [] }, flags: suppressEmbeds }
}

function escaped(text: string): string {
  return unlinked(text).replace(/[\\`*_~|<>#[\]()@:/-]/g, "\\$&")
}

/** Never within an escape: a backslash alone would escape what comes after it. */
function cut(text: string, most: number): string {
  if (text.length <= most) return text
  const head = text.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, "")
  const slashes = /\\*$/.exec(head)?.[0].length ?? 0
  return `${slashes % 2 === 1 ? head.slice(0, -1) : head}…`
}
