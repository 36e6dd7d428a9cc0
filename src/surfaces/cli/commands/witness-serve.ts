/** sovereign-ledger witness serve */
import { resolve } from "node:path"
import { randomBytes } from "node:crypto"
import { systemClock } from "../../../base/clock.ts"
import { Fault } from "../../../base/fault.ts"
import { onStopSignal } from "../../../base/stop-signals.ts"
import { createWitnessKey, readWitnessKey, type WitnessKey } from "../../../vault/witness-key.ts"
import { WatchedLogs } from "../../../witness/watched-logs.ts"
import { addressText, isLoopback, type Address } from "../../http/address.ts"
import { WitnessServer } from "../../http/witness-server.ts"
import { parseAddress } from "../addresses.ts"
import { countWords } from "../../render/words.ts"
import type { CommandRow, Flags, OptionRow } from "../command.ts"

const defaultAddress = "127.0.0.1:7380"

export const stateOption: OptionRow = { flags: "--state <directory>", words: "directory of the witness; needs no ledger and holds none (required)" }

export function logsOf(flags: Flags): WatchedLogs {
  const directory = flags["state"] as string | undefined
  if (directory === undefined) throw new Fault("cli.usage", { problem: "Say where the witness keeps what it has seen: --state DIR." })
  return new WatchedLogs(resolve(directory))
}

export const witnessServe: CommandRow = {
  path: "witness serve",
  summary: "Be a witness: cosign checkpoints of other logs, never two histories of one",
  reportsFaults: true,
  options: [
    stateOption,
    {
      flags: "--listen <host:port>",
      words: `where to listen (default ${defaultAddress}); port 0 takes a free one`,
      parse: (text) => parseAddress(text, defaultAddress),
    },
    { flags: "--key <file>", words: "file with the key of the witness (default witness.key in its directory); made on the first start, mode 0600" },
    { flags: "--name <name>", words: "name of a new key, best a host and path you own, such as example.org/witness", parse: parseName },
    { flags: "--allow-network", words: "listen where other machines can reach it" },
  ],
  help: `Speaks the witness protocol of C2SP (c2sp.org/tlog-witness): logs POST checkpoints to /add-checkpoint, and get a cosignature when they continue
what was cosigned before. A fork, a roll-back, an unknown log, a wrong signature and a wrong proof are refused. What is cosigned is on disk first.

The verifier key it prints is what the operators of the logs pin. Run it on another machine, or at least under another user, than the logs it watches.
It stops on SIGTERM.

Examples:
  sovereign-ledger witness serve --state /var/lib/witness --name example.org/witness
  sovereign-ledger witness serve --state /var/lib/witness --listen 10.0.0.2:7380 --allow-network`,
  run: async ({ terminal, json }, flags) => {
    const address = (flags["listen"] as Address | undefined) ?? parseAddress(defaultAddress, defaultAddress)
    if (!isLoopback(address.host) && flags["allowNetwork"] !== true) throw new Fault("witness.not-loopback", { address: addressText(address) })
    const logs = logsOf(flags)
    logs.prepare()
    const keyFile = resolve((flags["key"] as string | undefined) ?? `${logs.directory}/witness.key`)
    const { key, created } = await logs.locked(() => {
      logs.sweep()
      return openKey(keyFile, logs, flags["name"] as string | undefined)
    })
    const watched = logs.list().length
    const server = new WitnessServer({ logs, key, nowS: () => Math.floor(systemClock.nowMs() / 1000) }, { say: terminal.note })
    const url = `http://${addressText(await server.listen(address))}`
    const stopped = new Promise<void>((resolve) => {
      const forget = onStopSignal(() => (forget(), resolve()))
    })
    const body = { schemaVersion: 1, url, name: key.name, verifierKey: key.verifierKey, keyFile, keyCreated: created, logs: watched }
    const words = [
      `The witness ${key.name} listens on ${url} and knows ${countWords(watched, "log")}.`,
      `  verifier key  ${key.verifierKey}`,
      `                for the setting witnesses of the ledgers it watches: "${key.verifierKey} ${url}"`,
      `  key file      ${keyFile}${created ? "   made just now; keep a copy" : ""}`,
      "",
    ]
    await terminal.write(json ? `${JSON.stringify(body)}\n` : words.join("\n"))
    await stopped
    await server.close()
    return 0
  },
}

/** A key is made only where there is nothing yet: logs know a witness by its key. */
function openKey(file: string, logs: WatchedLogs, name: string | undefined): { readonly key: WitnessKey; readonly created: boolean } {
  const key = readWitnessKey(file)
  if (!key) {
    if (!logs.isEmpty) throw new Fault("witness.key-lost", { directory: logs.directory, file })
    return { key: createWitnessKey(file, name ?? `sovereign-ledger-witness/${randomBytes(8).toString("hex")}`), created: true }
  }
  if (name !== undefined && name !== key.name) {
    throw new Fault("cli.usage", { problem: `The key in ${file} is that of ${key.name}; a witness keeps its name. Leave --name out.` })
  }
  return { key, created: false }
}

function parseName(text: string): string {
  // c2sp.org/signed-note: a key's name has no spaces and no plus.
  if (!/^[^\s+\p{Cc}]{1,255}$/u.test(text)) throw new Fault("cli.usage", { problem: `--name takes 1 to 255 characters without spaces and +, not "${text}".` })
  return text
}
