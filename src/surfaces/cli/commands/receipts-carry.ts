/** sovereign-ledger receipts carry */
import { assert, Fault } from "../../../base/fault.ts"
import { carrierLimits, carrierOf, placedIn, transports, type Carrier, type Transport } from "../../../format/peac/carrier.ts"
import { receiptNamed, recordOf } from "../../../views/receipts.ts"
import type { CommandRow, Flags } from "../command.ts"
import { reading } from "./events.ts"

export const receiptsCarry: CommandRow = {
  path: "receipts carry",
  summary: "A receipt as it travels beside what it is about: in a message of MCP or A2A, or in HTTP headers",
  argument: { name: "<receipt>", words: "its number, or its id (jti)" },
  options: [
    { flags: "--as <transport>", words: `what carries it: ${transports.join(", ")}`, parse: parseTransport },
    { flags: "--url <url>", words: "where it can be had, too: an https address" },
    { flags: "--reference", words: "leave the receipt out, and carry what refers to it (mcp, a2a)" },
  ],
  help: `Prints what is merged into the message (_meta of MCP, metadata of A2A), or the headers. A carrier has at most ${carrierLimits.mcp} bytes in messages and ${carrierLimits.http} in headers.
Whoever gets it checks it with receipts verify, which reads messages and headers as well as records, and fetches nothing.

Examples:
  sovereign-ledger receipts carry 42 --as mcp
  sovereign-ledger receipts carry 42 --as http --url https://agents.example.com/receipts/42.jws
  sovereign-ledger receipts carry 42 --as a2a | sovereign-ledger receipts verify - --keys jwks.json`,
  run: (context, flags, wanted = "") =>
    reading(context, async (access) => {
      const { terminal, json, nowMs } = context
      const transport = flags["as"] as Transport | undefined
      if (transport === undefined) throw new Fault("cli.usage", { problem: `Say what carries it with --as: ${transports.join(", ")}.` })
      const jws = recordOf(access, receiptNamed(access, wanted))
      assert(jws !== undefined, "what stands in the list is on record")
      const carrier = carried(jws, transport, flags)
      const placed = placedIn(carrier, transport)
      const body = { schemaVersion: 1, generatedAt: new Date(nowMs).toISOString(), transport, carrier, placed }
      const headers = () => Object.entries(placed).map(([name, value]) => `${name}: ${String(value)}\n`)
      const text = transport === "http" ? headers().join("") : `${JSON.stringify(placed, null, 2)}\n`
      await terminal.write(json ? `${JSON.stringify(body)}\n` : text)
      return 0
    }),
}

function carried(jws: string, transport: Transport, flags: Flags): Carrier {
  const made = carrierOf(jws, flags["url"] as string | undefined, transport, flags["reference"] === true)
  if ("problem" in made) throw new Fault("cli.usage", { problem: `It cannot be carried: ${made.problem}.` })
  return made.value
}

function parseTransport(text: string): Transport {
  const transport = transports.find((one) => one === text)
  if (!transport) throw new Fault("cli.usage", { problem: `There is no transport "${text}"; there are ${transports.join(", ")}.` })
  return transport
}
