/**
 * Who somebody is on a channel, so that the usual spellings of one are the same and no two are. On channels that go by phone numbers a number is its digits after
 * a plus; everything else, there and elsewhere, is the channel's own id without what the host's spellings put around it (its docs, cli/message.md, "Target formats").
 */

/** Digits with what people put between them, perhaps with a country's trunk zero in brackets. */
const phone = /^\+?[\d\s().\-/·‐‑–]+$/
/** A WhatsApp user by number, perhaps one device of it; groups and hidden numbers are ids of their own. */
const whatsappUser = /^(\d+)(?::\d+)?@(?:s\.whatsapp\.net|c\.us)$/i
/** Before a number, whichever channel of numbers it is; `tel` as in RFC 3966. */
const services = /^(?:(?:whatsapp|signal|sms|imessage|bluebubbles|tel):\s*)+/i
/** Marks of a text's direction and the like, which contact books put around numbers. */
const invisible = /\p{Cf}/gu

const telegramNames = /^(?:(?:telegram|tg|group):\s*)+/i
/** Of a forum in a group, or of a channel's direct messages: who is in the one is in the other. */
const telegramTopic = /(?<=.)(?::(?:direct-)?topic)?:\d+$/i
/** A public name, which is the same in capitals: at least five characters (https://core.telegram.org/method/account.checkUsername). */
const telegramHandle = /^(?:(?:https?:\/\/)?t\.me\/|@)?([a-z]\w{4,31})$/i

/** Channels on which an id is one whatever kind of place it names. */
const kinds: Readonly<Record<string, RegExp>> = {
  discord: /^(?:channel|user):\s*/i,
  slack: /^(?:channel|user):\s*/i,
  mattermost: /^(?:channel|user):\s*/i,
  msteams: /^(?:conversation|user):\s*/i,
}
const discordMention = /^<@!?(\d+)>$/

/** What may stand before an id and after it, on any channel. */
const anyKinds = /^(?:[a-z][\w-]*:(?!\/\/)\s*)+(?=.)/i
const anyTopic = /(?<=.)(?::[a-z-]*topic)?:\d+$/i

export type Identities = (id: string) => string

/** @param isPhone the channel's people are phone numbers */
export function identities(name: string, isPhone: boolean): Identities {
  const channel = name.toLowerCase()
  if (isPhone) return (id) => phoneNumber(withoutName(id, channel))
  if (channel === "telegram") return telegramChat
  const kind = kinds[channel] ?? /^(?!)/
  return (id) => {
    const bare = withoutName(id, channel).replace(kind, "")
    return (channel === "discord" ? discordMention.exec(bare)?.[1] : undefined) ?? bare
  }
}

/** An identity without any kind, topic or capitals: only for questions where "perhaps the same" has to count as the same. */
export function coreOf(identity: string): string {
  return identity.toLowerCase().replace(anyKinds, "").replace(anyTopic, "")
}

function withoutName(id: string, channel: string): string {
  let bare = id.trim()
  while (bare.slice(0, channel.length + 1).toLowerCase() === `${channel}:`) bare = bare.slice(channel.length + 1).trimStart()
  return bare
}

function telegramChat(id: string): string {
  const chat = id.trim().replace(telegramNames, "").replace(telegramTopic, "")
  const handle = telegramHandle.exec(chat)?.[1]
  return handle === undefined ? chat : `@${handle.toLowerCase()}`
}

function phoneNumber(text: string): string {
  const spoken = text.normalize("NFKC").replace(invisible, "").trim().replace(services, "")
  const user = whatsappUser.exec(spoken)?.[1]
  if (user !== undefined) return `+${user}`
  if (!phone.test(spoken)) return text
  const digits = spoken.replace(/\(0\)/, "").replace(/\D/g, "").replace(/^00/, "")
  return digits === "" ? text : `+${digits}`
}
