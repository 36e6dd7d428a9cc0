/** Where a server listens, as flags have it. */
import { Fault } from "../../base/fault.ts"
import type { Address } from "../http/address.ts"

export function parseAddress(text: string, example: string): Address {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]/]+)):(\d{1,5})$/.exec(text)
  const host = match?.[1] ?? match?.[2]
  const port = Number(match?.[3])
  if (host === undefined || port > 65_535) {
    const v6 = example.replace(/^[^:]*/, "[::1]")
    throw new Fault("cli.usage", { problem: `--listen takes HOST:PORT, such as ${example} or ${v6}, not "${text}".` })
  }
  return { host, port }
}
