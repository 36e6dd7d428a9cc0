/**
 * An alert as a web hook of Discord takes it: at most 2,000 characters, nobody mentioned whatever it says, no previews of links
 * (https://docs.discord.com/developers/resources/webhook#execute-webhook). A backslash makes punctuation plain.
 */
import { textOf, unlinked, type AlertText, type Raised } from "./lines.ts"

const mostContent = 2_000
/** `SUPPRESS_EMBEDS` (https://docs.discord.com/developers/resources/message#message-object-message-flags). */
const suppressEmbeds = 4

export function discordBody(raised: Raised, ledger: string): object {
  return discordShape(textOf(raised, ledger))
}

export function discordShape({ title, lines, footer }: AlertText): object {
  const end = `\n${escaped(footer)}`
  const content = cut(`**${escaped(title)}**\n${lines.map(escaped).join("\n")}`, mostContent - end.length) + end
  return { content, allowed_mentions: { parse: [] }, flags: suppressEmbeds }
}

function escaped(text: string): string {
  return unlinked(text).replace(/[\\`*_~|<>#[\]()@:/-]/g, "\\$&")
}

/** A backslash that is left alone at the end makes the ellipsis plain, which it is. */
function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, "")}…`
}
