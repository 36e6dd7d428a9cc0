/**
 * An alert as an incoming web hook of Slack takes it: `text` for notifications, and blocks of plain text, in which nothing is formatting
 * (https://docs.slack.dev/messaging/formatting-message-text, https://docs.slack.dev/reference/block-kit/blocks). `&`, `<` and `>` are its control characters.
 */
import { short } from "../words.ts"
import { textOf, unlinked, type AlertText, type Raised } from "./lines.ts"

/** Slack's own bounds, for texts as they are sent. */
const mostText = 3_000
const mostHeader = 150

export function slackBody(raised: Raised, ledger: string): object {
  return slackShape(textOf(raised, ledger))
}

export function slackShape({ title, lines, footer }: AlertText) {
  return {
    text: escaped(`${title}: ${lines[0] ?? ""}`, mostText),
    blocks: [
      { type: "header", text: plainText(title, mostHeader) },
      { type: "section", text: plainText(lines.join("\n"), mostText) },
      { type: "context", elements: [plainText(footer, mostText)] },
    ],
    unfurl_links: false,
    unfurl_media: false,
  }
}

function plainText(text: string, most: number): object {
  return { type: "plain_text", text: escaped(text, most), emoji: false }
}

/** Cut by what is sent, and never within an escape. */
function escaped(text: string, most: number): string {
  const whole = unlinked(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
  return whole.length <= most
    ? whole
    : `${short(whole, most)
        .slice(0, -1)
        .replace(/&[a-z]*$/, "")}…`
}
