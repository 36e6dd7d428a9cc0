/**
 * `sovereign-ledger erase --session X --yes` of the built package beside a running writer, for sessions of many entries, and the writer's part of it alone, asked
 * over its socket; beside it the same command without `--yes`, which only says what would go. A reader that was open before has to find the contents erased.
 */
import { contentOf } from "../src/views/event-list.ts"
import { openForReading, type LedgerAccess } from "../src/views/ledger-access.ts"
import { socketPath } from "../src/surfaces/socket/socket-path.ts"
import { askWriter } from "../src/surfaces/socket/writer-link.ts"
import { copyHome, removeHome, type LedgerHome } from "./ledger-home.ts"
import { toolCall } from "./payload.ts"
import { nextTurn } from "./plugin-host.ts"
import { besideCommand, builtPackage, startWriterProcess } from "./processes.ts"
import { atMost, median, shown, spread, type BenchRow } from "./samples.ts"
import type { BuiltStore } from "./store.ts"

const limitSeconds = 2

export async function erasure(store: BuiltStore, say: (words: string) => void): Promise<BenchRow[]> {
  const home = copyHome(store.home, "erasure")
  const { files, keyFile, secrets } = home
  const { cliPath } = await builtPackage()
  const places = ["--data-dir", files.directory, "--key-file", keyFile, "--head-note", files.headNote]
  const writer = await startWriterProcess(home)
  const reader = openForReading(files, secrets)
  const times: Times = { shown: [], command: [], writer: [] }
  const counts: number[] = []
  try {
    // The four sessions of the store, a call and its result of each after the other.
    for (let i = 0; i < 4; i++) {
      const session = String(toolCall(i * 2).ctx["sessionKey"])
      const command = [process.execPath, "--no-warnings", cliPath, "erase", "--session", session, "--json", ...places]
      const told = await besideCommand(command)
      times.shown.push(told.wallMs)
      counts.push((JSON.parse(told.stdout) as { readonly entries: number }).entries)
      expectContent(reader, 1 + i * 2, "open")
      if (i % 2 === 0) times.command.push((await besideCommand([...command, "--yes"])).wallMs)
      else times.writer.push(await askedMs(home, session))
      await nextTurn()
      expectContent(reader, 1 + i * 2, "erased")
    }
  } finally {
    reader.close()
    await writer.stop()
    removeHome(home)
  }
  say(`erase, s (least | median | most): ${spread(times.command.map((timeMs) => timeMs / 1_000))}`)
  return [
    atMost(`erase a session of ${Math.min(...counts)} entries beside a writer: the slowest`, Math.max(...times.command) / 1_000, "s", limitSeconds),
    shown("  the same without --yes", median(times.shown) / 1_000, "s"),
    shown("  the writer's part alone", median(times.writer), "ms"),
  ]
}

type Times = { readonly shown: number[]; readonly command: number[]; readonly writer: number[] }

function expectContent(access: LedgerAccess, sequence: number, state: "open" | "erased"): void {
  const entry = access.reader.entry(sequence)
  const found = entry && contentOf(access, entry).state
  if (found !== state) throw new Error(`the content of #${sequence} is ${found}, not ${state}`)
}

async function askedMs({ files }: LedgerHome, session: string): Promise<number> {
  const from = performance.now()
  await askWriter({ socketPath: socketPath(files.directory), role: "cli" }, "erase", 60_000, { who: { by: "session", value: session } })
  return performance.now() - from
}
