/**
 * Whether a text that stands where a secret belongs is one, or only speaks of one: a placeholder, a type, a label, code that fetches it.
 * The name in front of it has been read already; these are the doubts that are left.
 */
import { nouns, ordinaryWords } from "./name-words.ts"
import { markBegin, secretName, type SecretName } from "./field-name.ts"

const ownNouns = new Set(nouns.flatMap((noun) => noun.words))

/** What is looked at of a long value: its beginning tells. */
const mostLooked = 160

const placeholder =
  /^(?:\[redacted|[*]{1,9}redacted|\[[*.]{1,20}\]|[\w:-]{0,12}(?:\.{3}|…)$|<[^<>]{0,80}>$|\$\{|\$\(|\$env:|\$[A-Z_]\w*$|\$[a-z_]+$|\{\{|%[A-Za-z_]\w*%$|[*•.xX…_-]+$|your[-_ ]|my[-_ ]?(?:password|token|secret|key)$|(?:env|vault|op|file|keychain|secretref|ref|ssm|sm|arn)[:+]|process\.env|os\.(?:environ|getenv)|import\.meta|ENV\[|getenv|__\w{1,60}__$|secrets?\.|<?redacted|insert[-_ ]|replace[-_ ]|enter[-_ ]|paste[-_ ]|…)/i
const codeCall = /^(?:await |new |async |function\b|\(|\[|\{|[A-Za-z_$][\w$.?]{0,80}(?:\(|\[|\?\.)|`\$)/
const dottedName = /^[A-Za-z_$][\w$]{0,60}(?:\.[A-Za-z_$][\w$]{0,60}){1,12}$/
const pathShape = /^(?:~|\.{1,2}|[A-Za-z]:)?[\\/][\w.@~-]{1,60}(?:[\\/][\w.@~-]{1,60}){1,20}$/
const webAddress = /^(?:https?|wss?|file):\/\/[^\s@]{1,200}$/
const dateShape = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d[\d:.]{0,16}(?:Z|[+-]\d\d:?\d\d)?)?$/
const numbered = /^[A-Za-z]+[-_.]?\d{1,3}$/
const versioned = /^v?\d+(?:\.\d+){1,3}(?:[-+][a-z0-9.]{1,20})?$/i

/** A stand-in that tells nobody anything, our own marks among them. */
export function isPlaceholder(text: string): boolean {
  const looked = text.length > mostLooked ? text.slice(0, mostLooked) : text
  return placeholder.test(looked) || looked.includes("${") || looked.includes(markBegin)
}

/** Digits and letters mixed as no word of people's mixes them. */
export function looksRandom(text: string): boolean {
  const looked = text.length > mostLooked ? text.slice(0, mostLooked) : text
  if (looked.length < 8 || numbered.test(looked) || dateShape.test(looked) || versioned.test(looked)) return false
  let digits = 0
  let upper = 0
  let lower = 0
  let marks = 0
  let turns = 0
  let before = 0
  for (let i = 0; i < looked.length; i++) {
    const unit = looked.charCodeAt(i)
    const kind = unit >= 48 && unit <= 57 ? 1 : unit >= 65 && unit <= 90 ? 2 : unit >= 97 && unit <= 122 ? 3 : 4
    if (unit <= 32) return false
    if (kind === 1) digits++
    else if (kind === 2) upper++
    else if (kind === 3) lower++
    else if (!"-_./:,".includes(looked.charAt(i))) marks++
    if (kind !== before && before !== 0) turns++
    before = kind
  }
  if (digits + upper + lower < looked.length / 2) return false
  if (digits >= 2 && upper + lower >= 2) return turns >= 3 || looked.length >= 16
  if (digits >= 1 && upper >= 1 && lower >= 1) return turns >= 4 || looked.length >= 20
  if (upper >= 2 && lower >= 2) return turns * 20 >= looked.length * 9 && looked.length >= 16
  return marks >= 2 && upper + lower + digits >= 4 && digits >= 1
}

/** Whether the whole text of a field, or what stands between quotes, is the secret that its name promises. */
export function isSecretText(text: string, name: SecretName): boolean {
  const value = (text.length > mostLooked ? text.slice(0, mostLooked) : text).trim()
  if (value === "" || isPlaceholder(value) || ordinaryWords.has(value.toLowerCase())) return false
  if (!name.sure || (name.plural && name.kind === "token")) return randomPart(value, name)
  if (/^[^A-Za-z\d]*$/.test(value) && /[。？！，、…؟।]/.test(value)) return false
  if (name.kind === "authorization" && /^[a-z_-]{1,16}$/.test(value)) return false
  if (name.kind === "cookie") return value.includes("=") || looksRandom(value)
  if (/^\d+$/.test(value)) return name.numeric || value.length > 9
  if (!/\d/.test(value) && value.length < 40 && isName(value)) return false
  const isPhrase = /\s/.test(value)
  if (isPhrase && (name.kind === "authorization" || isLabel(value))) return randomPart(value, { ...name, kind: "token" })
  if (isPhrase || name.kind === "password") return true
  if (pathShape.test(value) && !looksRandom(value.replaceAll("/", ""))) return false
  return !webAddress.test(value)
}

/**
 * What else may stand where a value without quotes was found: anything (`text`), nothing but a value for the rest of the line (`line`), an argument
 * (`flag`), nothing but a value (`env`).
 */
export type Place = "text" | "line" | "flag" | "env"

const letters = /^[\p{L}_'’-]+$/u
const letter = /\p{L}/u
const mark = /[\d!@#%^&*+?~$]/

/** Whether a value without quotes is a secret. */
export function isBareSecret(text: string, name: SecretName, place: Place): boolean {
  const value = text.length > mostLooked ? text.slice(0, mostLooked) : text
  if (value.length < 3 || isPlaceholder(value) || ordinaryWords.has(value.toLowerCase())) return false
  const isCode = codeCall.test(value) || (dottedName.test(value) && !value.split(".").some((part) => part.length >= 12 && looksRandom(part)))
  if (place !== "env" && (isCode || constant.test(value))) return false
  if (place === "text" && (isName(value) || typeName.test(value))) return false
  if (/^[\d.,%]+$/.test(value)) return name.numeric && name.sure && value.length >= 4 && /^\d+$/.test(value)
  if ((pathShape.test(value) && !looksRandom(value.replaceAll("/", ""))) || webAddress.test(value)) return false
  if (looksRandom(value)) return true
  if (!name.sure || name.plural || isName(value)) return false
  if (name.kind === "password") {
    if (isMixed(value)) return value.length >= 5
    return place === "env" || (place !== "text" && letters.test(value) && !camel.test(value))
  }
  return (place === "env" && value.length >= 6 && name.kind !== "authorization") || (place !== "text" && value.length >= 6 && /\d/.test(value))
}

/** A letter, and something that is none. */
function isMixed(value: string): boolean {
  return mark.test(value) && letter.test(value)
}

function randomPart(value: string, name: SecretName): boolean {
  if (name.kind === "password") return isMixed(value) && value.length >= 6 && !/\s/.test(value)
  return value.split(/\s+/, 16).some((part) => looksRandom(part) && !dottedName.test(part) && !pathShape.test(part) && !webAddress.test(part))
}

/** `Uint8Array`, `Int32`: types with a number in them. */
const typeName = /^[A-Z][a-z]{2,}\d{1,3}(?:[A-Z][a-z]+)*$/
const camel = /[a-z][A-Z]/
const constant = /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/
const compound = /^(?:[A-Za-z]+(?:[-_.][A-Za-z]+)+|[A-Za-z]?[a-z]+(?:[A-Z][a-z\d]+)+)$/

/** The text is itself the name of a secret, as in lists of fields and in labels; `supersecret` is a bad password, not a name. */
function isName(text: string): boolean {
  return constant.test(text) || ((ownNouns.has(text.toLowerCase()) || compound.test(text)) && secretName(text) !== undefined)
}

const labelStart =
  /^(?:enter|your|the|must|please|at least|confirm|forgot|wrong|invalid|incorrect|choose|repeat|this|too|use|change|set|reset|new|old|current)\b/i

/** Words for people about a secret: what a form says beside its field. */
function isLabel(text: string): boolean {
  const words = text.split(/[\s:.,()]+/, 24)
  return labelStart.test(text) || words.some((word, i) => secretName(word) !== undefined || secretName(`${words[i - 1] ?? ""}-${word}`) !== undefined)
}
