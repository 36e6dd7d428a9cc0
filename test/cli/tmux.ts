/** A real terminal for a command: what stands on it, what is typed, and another size. One server a terminal, so that none of a developer's is touched. */
import { execFile } from "node:child_process"
import { randomBytes } from "node:crypto"
import { promisify } from "node:util"
import type { Ending } from "../ledger-fixture.ts"

const run = promisify(execFile)

export type TmuxOptions = {
  readonly directory: string
  readonly environment: Readonly<Record<string, string>>
  readonly columns?: number
  readonly rows?: number
}

export type Tmux = {
  /** The lines that are seen now, without the blanks at their ends. */
  readonly screen: () => Promise<string>
  /** Keys as tmux calls them: `Enter`, `Left`, or a text. */
  readonly press: (...keys: readonly string[]) => Promise<void>
  readonly resize: (columns: number, rows: number) => Promise<void>
  /** Waits for the screen to show it, and answers the screen. */
  readonly shows: (pattern: RegExp, withinMs?: number) => Promise<string>
}

const lookEveryMs = 100

/** Runs a command by a shell; its exit status stands on the screen as `exit 0` when it has ended. */
export async function startTmux(t: Ending, command: string, { directory, environment, columns = 100, rows = 40 }: TmuxOptions): Promise<Tmux> {
  const server = `sl-${randomBytes(6).toString("hex")}`
  const tmux = (...words: readonly string[]) =>
    run("tmux", ["-L", server, "-f", "/dev/null", ...words], { cwd: directory, env: { ...environment, TERM: "xterm-256color" } })
  await tmux("new-session", "-d", "-x", String(columns), "-y", String(rows), `${command}; echo exit $?; exec sleep 600`)
  t.after(() => void tmux("kill-server").catch(() => {}))
  const screen = async () => (await tmux("capture-pane", "-p")).stdout.replace(/ +$/gm, "")
  return {
    screen,
    press: async (...keys) => void (await tmux("send-keys", ...keys)),
    resize: async (width, height) => void (await tmux("resize-window", "-x", String(width), "-y", String(height))),
    shows: async (pattern, withinMs = 60_000) => {
      for (const untilMs = Date.now() + withinMs; ;) {
        const seen = await screen()
        if (pattern.test(seen)) return seen
        if (Date.now() > untilMs) throw new Error(`the terminal does not show ${pattern}:\n${seen}`)
        await new Promise((resolve) => setTimeout(resolve, lookEveryMs))
      }
    },
  }
}

/** Words of a command for a shell. */
export function shellWords(words: readonly string[]): string {
  return words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ")
}
