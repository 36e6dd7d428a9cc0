/**
 * What of a host's text may stand in facts, which nobody can erase: ids that can name nobody, names from configuration, words from a vocabulary.
 * Everything else stands in for itself by a pseudonym, or stays in the content.
 */
import { fewDigits, isPlainPart, sessionPart, withoutUuids } from "../format/plain-part.ts"
import type { MapContext } from "./hook-row.ts"
import { secretsIn } from "./redaction/scan-text.ts"

const nameShape = /^[A-Za-z0-9@][A-Za-z0-9_.:/+@-]{0,127}$/
const number = /^[\d+._-]{5,}$/
const path = /\/(?:home|users|root|var|tmp|mnt|opt|srv|etc)\/|\.\.|^file:|\/\//i
const address = /[\w.+-]@[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}/i
const wordShape = /^[A-Za-z][A-Za-z0-9_.-]{0,47}$/

/** An id as it may stand in facts: itself when it can name nobody, else its pseudonym. */
export function reference(text: string, context: Pick<MapContext, "pseudonym">): string {
  return namesNobody(text) ? text : context.pseudonym(text)
}

/** A name from the operator's configuration or the host's catalogue (tool, model, provider, agent, channel): itself, or its pseudonym when it looks like anything else. */
export function name(text: string, context: Pick<MapContext, "pseudonym">): string {
  const plain = nameShape.test(text) && !number.test(text) && !path.test(text) && !address.test(text) && !sessionPart.test(text)
  return plain && !holdsSecret(text) ? text : context.pseudonym(text)
}

/** A word of the host's own vocabulary; undefined when it looks like anything else. */
export function word(value: unknown): string | undefined {
  return typeof value === "string" && wordShape.test(value) && fewDigits(value) && !holdsSecret(value) ? value : undefined
}

function namesNobody(text: string): boolean {
  return isPlainPart(text) && !holdsSecret(withoutUuids(text))
}

/** The shortest that any finder takes for a secret. */
const shortestSecret = 12

/** Ids and names are chosen by models and clients too, who may put a key where an id belongs. */
function holdsSecret(text: string): boolean {
  return text.length >= shortestSecret && secretsIn(text).length > 0
}
