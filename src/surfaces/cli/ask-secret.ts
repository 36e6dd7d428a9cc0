/** A secret that a person types and nobody sees. */
import { createInterface } from "node:readline/promises"
import { Writable } from "node:stream"

/** Whether somebody sits there who could be asked. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY
}

export async function askSecret(question: string): Promise<string> {
  const unseen = new Writable({ write: (_part, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: unseen, terminal: true, historySize: 0 })
  process.stderr.write(`${question}: `) // by now the terminal shows nothing of what is typed
  lines.once("SIGINT", () => {
    lines.close()
    process.stderr.write("\n")
    process.exit(130)
  })
  const typed = await lines.question("")
  lines.close()
  process.stderr.write("\n")
  return typed
}
