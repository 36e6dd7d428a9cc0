/** sovereign-ledger gate arm | disarm */
import type { CommandRow, Flags } from "../command.ts"
import { credentialOption, give } from "../ledger-order.ts"
import { wholeNumber } from "../numbers.ts"

const recipient = { name: "<recipient>", words: "channel and id, such as telegram:4242; the id alone where one channel is watched" }

export const gateArm: CommandRow = {
  path: "gate arm",
  summary: "Let some messages leave to a protected recipient",
  argument: recipient,
  options: [
    { flags: "--uses <n>", words: "how many messages (default 1)", parse: wholeNumber("--uses", 1, 1_000) },
    { flags: "--seconds <n>", words: "for how long (default 120, at most a day)", parse: wholeNumber("--seconds", 1, 86_400) },
    { flags: "--reason <text>", words: "why; it stands on record" },
    credentialOption,
  ],
  help: `It takes the place of what was armed there. Needs the operator's credential once there is one, and is refused below an agent's own commands.

Example:
  sovereign-ledger gate arm telegram:4242 --uses 2 --reason "she asked by phone"`,
  run: (context, flags, to = "") => {
    const seconds = flags["seconds"] as number | undefined
    const asked = {
      ...reasonIn(flags),
      ...(flags["uses"] === undefined ? {} : { uses: flags["uses"] }),
      ...(seconds === undefined ? {} : { forMs: seconds * 1_000 }),
    }
    return give(context, flags, { do: "gate-arm", to, ...asked }, ({ events }) => `${to}: ${armedWords(events)}`)
  },
}

export const gateDisarm: CommandRow = {
  path: "gate disarm",
  summary: "Let nothing more leave to a protected recipient until somebody asks again",
  argument: recipient,
  options: [{ flags: "--reason <text>", words: "why; it stands on record" }],
  help: `Free for everybody. A late answer to what was asked before does not leave either.

Example:
  sovereign-ledger gate disarm telegram:4242`,
  run: (context, flags, to = "") =>
    give(context, flags, { do: "gate-disarm", to, ...reasonIn(flags) }, () => `${to}: nothing leaves until somebody asks again.`),
}

function reasonIn(flags: Flags): object {
  return flags["reason"] === undefined ? {} : { reason: String(flags["reason"]) }
}

function armedWords(events: readonly { readonly facts: object }[]): string {
  const { uses, expiresAtMs } = (events[0]?.facts ?? {}) as { uses?: number; expiresAtMs?: number }
  return `${uses} may leave until ${new Date(expiresAtMs ?? 0).toISOString()}.`
}
