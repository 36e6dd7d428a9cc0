/** The commands that verifications over HTTP are, by the bodies of their requests. */
import { Fault } from "../../base/fault.ts"

/** A command, and its standard input. */
export type Verification = { readonly argv: readonly string[]; readonly input?: string }

/** By path, what the body of a request asks to be checked. */
export const verifications: ReadonlyMap<string, (body: string) => Verification | Fault> = new Map([
  ["verify", (body) => rangeIn(body)],
  ["smt/verify-proof", (body) => (parsed(body) ? { argv: ["smt", "verify", "-", "--json"], input: body } : wrong("The body is no JSON object."))],
])

/** `{from, to}`, each a sequence number, inclusive; neither is all there is. */
function rangeIn(body: string): Verification | Fault {
  const told = body.trim() === "" ? {} : parsed(body)
  if (!told) return wrong("The body is no JSON object.")
  const argv = ["verify", "--json"]
  for (const [name, value] of Object.entries(told)) {
    if (name !== "from" && name !== "to") return wrong(`There is no "${name.slice(0, 80)}" here; there are from and to.`)
    if (value === null) continue
    if (!Number.isSafeInteger(value) || Number(value) < 0) return wrong(`${name} is a sequence number.`)
    argv.push(`--${name}`, String(value))
  }
  return { argv }
}

function parsed(text: string): object | undefined {
  try {
    const told: unknown = JSON.parse(text)
    return typeof told === "object" && told !== null && !Array.isArray(told) ? told : undefined
  } catch {
    return undefined
  }
}

function wrong(problem: string): Fault {
  return new Fault("cli.usage", { problem, command: "sovereign-ledger verify" })
}
