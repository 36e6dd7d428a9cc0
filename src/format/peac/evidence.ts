/** The interaction a record is about (InteractionEvidence 0.1 of @peac/schema): strict, and its times and outcome agree. */
import { booleanOf, countOf, objectOf } from "../../base/json.ts"
import { remembered } from "../../base/remembered.ts"
import { isTime } from "./rfc3339.ts"

type Fields = Readonly<Record<string, unknown>>
type Check = (value: unknown) => boolean

const mostIdLength = 256
/** Below somebody's domain, perhaps with a version. */
const extensionShape = /^(?:[a-z0-9-]+\.)+[a-z0-9-]+\/[a-z][a-z0-9._:-]{0,126}[a-z0-9](?:@[0-9]+(?:\.[0-9]+)*)?$/
const isExtension = remembered((text) => extensionShape.test(text))

const name = (most: number): Check => isText(1, most)
const words = (most: number): Check => isText(0, most)
const isFlag: Check = (value) => booleanOf(value) !== undefined
const isCount: Check = (value) => countOf(value) !== undefined
const isHash: Check = (value) => typeof value === "string" && /^[0-9a-f]{64}$/.test(value)

/** What each member may be; `needed` ones are there. A member that has no row cannot be there. */
type Shape = { readonly needed: readonly string[]; readonly members: ReadonlyMap<string, Check> }

const digest = shape(["alg", "value", "bytes"], { alg: oneOf("sha-256", "sha-256:trunc-64k", "sha-256:trunc-1m"), value: isHash, bytes: isCount })
const isDigest: Check = (value) => fits(value, digest)

const executor = shape(["platform"], { platform: name(64), version: words(64), plugin_id: words(128), plugin_digest: isDigest })
const tool = shape(["name"], { name: name(mostIdLength), provider: words(128), version: words(64) })
const payload = shape(["digest", "redaction"], { digest: isDigest, redaction: oneOf("hash_only", "redacted", "plaintext_allowlisted") })
const result = shape(["status"], { status: oneOf("ok", "error", "timeout", "canceled"), error_code: words(128), retryable: isFlag })
const policy = shape(["decision"], {
  decision: oneOf("allow", "deny", "constrained"),
  sandbox_enabled: isFlag,
  elevated: isFlag,
  effective_policy_digest: isDigest,
})

const evidence = shape(["interaction_id", "kind", "executor", "started_at"], {
  interaction_id: name(mostIdLength),
  kind: name(mostIdLength),
  executor: (value) => fits(value, executor),
  tool: (value) => fits(value, tool),
  resource: (value) => fits(value, shape([], { uri: words(2_048), method: words(16) })),
  input: (value) => fits(value, payload),
  output: (value) => fits(value, payload),
  started_at: isTime,
  completed_at: isTime,
  duration_ms: isCount,
  result: (value) => fits(value, result),
  policy: (value) => fits(value, policy),
  refs: (value) => fits(value, shape([], { payment_reference: words(256), related_receipt_rid: words(128) })),
  extensions: (value) => objectOf(value) === value && Object.keys(objectOf(value)).every((name) => isExtension(name)),
})

/** What is said of a member that is not as it must be. */
const faults: Readonly<Record<string, string>> = {
  interaction_id: "its interaction has no id",
  kind: "its interaction has no kind",
  executor: "its interaction does not say who executed it",
  tool: "its tool has no name, or something that a tool has not",
  input: "the digest of its input is none, or it is neither redacted nor allowed to be read",
  output: "the digest of its output is none, or it is neither redacted nor allowed to be read",
  started_at: "when its interaction began is no time of RFC 3339",
  completed_at: "when its interaction ended is no time of RFC 3339",
  result: "the result of its interaction is none",
  policy: "the policy of its interaction decided nothing, or says what a policy cannot",
}

/** What is wrong with it; undefined when nothing is. */
export function evidenceProblem(told: unknown): string | undefined {
  const fields = objectOf(told)
  if (fields !== told) return "its interaction is no object"
  const wrong = wrongMember(fields, evidence)
  if (wrong !== undefined && !evidence.members.has(wrong)) return `its interaction has ${wrong.slice(0, 80)}, which it cannot have`
  if (wrong !== undefined) return faults[wrong] ?? `the ${wrong} of its interaction is none`
  return outcomeProblem(fields)
}

function outcomeProblem({ started_at: started, completed_at: completed, output, result, extensions }: Fields): string | undefined {
  const { status, error_code: code } = objectOf(result)
  if (typeof started === "string" && typeof completed === "string" && completed !== started && Date.parse(completed) < Date.parse(started))
    return "its interaction ended before it began"
  if (output !== undefined && status === undefined) return "its interaction has an output and no result"
  const saysHow = (typeof code === "string" && code !== "") || Object.keys(objectOf(extensions)).length > 0
  return status === "error" && !saysHow ? "its interaction failed, and does not say how" : undefined
}

function shape(needed: readonly string[], members: Readonly<Record<string, Check>>): Shape {
  return { needed, members: new Map(Object.entries(members)) }
}

function fits(told: unknown, one: Shape): boolean {
  const fields = objectOf(told)
  return fields === told && wrongMember(fields, one) === undefined
}

/** The first that cannot be there, is not as it must be, or is missing. */
function wrongMember(fields: Fields, { needed, members }: Shape): string | undefined {
  for (const member of Object.keys(fields)) {
    const value = fields[member]
    if (value !== undefined && members.get(member)?.(value) !== true) return member
  }
  for (const member of needed) if (fields[member] === undefined) return member
  return undefined
}

function oneOf(...texts: readonly string[]): Check {
  return (value) => typeof value === "string" && texts.includes(value)
}

function isText(least: number, most: number): Check {
  return (value) => typeof value === "string" && value.length >= least && value.length <= most
}
