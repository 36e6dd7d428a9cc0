/** Which parts of an event id may stand in it as the host gave them (docs/spec/journal.md): those that, by their form, can name nobody. */

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi
const partShape = /^[A-Za-z0-9_.:#-]{1,96}$/
/** Digits with at most one separator between them: telephone numbers are written in groups. */
const digitRun = /\d(?:[._:#-]?\d)*/g
const mostDigits = 6
/** Parts of session keys: what stands behind them is a person, a group or a name somebody chose. */
export const sessionPart = /(?:^|[:#])(?:agent|direct|dm|group|channel|room|peer|thread|topic|chat|user|contact)(?:$|[:#])/i
const pseudonym = /^~[A-Za-z0-9_-]{19}$/

export function isPlainPart(text: string): boolean {
  if (!partShape.test(text)) return false
  const rest = withoutUuids(text)
  return fewDigits(rest) && !sessionPart.test(rest)
}

export function withoutUuids(text: string): string {
  return text.replace(uuid, "x")
}

export function fewDigits(text: string): boolean {
  return (text.match(digitRun) ?? []).every((run) => run.replace(/\D/g, "").length <= mostDigits)
}

export function isPseudonym(text: string): boolean {
  return pseudonym.test(text)
}

/** The type in an event id, and what stands behind it. */
export function partsOfId(id: string): { readonly type: string; readonly parts: readonly string[] } {
  const colon = id.indexOf(":")
  return colon < 0 ? { type: id, parts: [] } : { type: id.slice(0, colon), parts: id.slice(colon + 1).split("/") }
}

/** Of a call of a tool: whether an entry can have this id. One with a part that must be a pseudonym, and is none, is under no root whatever happened. */
export function canBeRecorded(id: string): boolean {
  const { type, parts } = partsOfId(id)
  return !type.startsWith("tool.") || (parts.length <= 2 && parts.every((part) => isPseudonym(part) || isPlainPart(part)))
}
