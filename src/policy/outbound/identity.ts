/**
 * Who somebody is on a channel, so that the usual spellings of one are the same and no two are. On channels that go by phone numbers a number is its digits after
 * a plus; everything else, there and elsewhere, is the channel's own id without the channel's name in front of it.
 */

/** Digits with what people put between them, perhaps with a country's trunk zero in brackets. */
const phone = /^\+?[\d\s().\-/·‐‑–]+$/
/** A WhatsApp user by number, perhaps one device of it; groups and hidden numbers are ids of their own. */
const whatsappUser = /^(\d+)(?::\d+)?@(?:s\.whatsapp\.net|c\.us)$/i

/** Of a forum in a group: who is in the one is in the other. */
const topic = /:topic:\d+$/

export type Identities = (id: string) => string

/** @param isPhone the channel's people are phone numbers */
export function identities(channel: string, isPhone: boolean): Identities {
  const prefix = `${channel.toLowerCase()}:`
  return (id) => {
    const trimmed = id.trim()
    const bare = trimmed.toLowerCase().startsWith(prefix) ? trimmed.slice(prefix.length).trim() : trimmed
    return isPhone ? phoneNumber(bare) : bare.replace(topic, "")
  }
}

function phoneNumber(text: string): string {
  const user = whatsappUser.exec(text)?.[1]
  if (user !== undefined) return `+${user}`
  if (!phone.test(text)) return text
  const digits = text.replace(/\(0\)/, "").replace(/\D/g, "").replace(/^00/, "")
  return digits === "" ? text : `+${digits}`
}
