/** sovereign-ledger mcp */
import { realpathSync, statSync } from "node:fs"
import { Fault } from "../../../base/fault.ts"
import { stringOf } from "../../../base/json.ts"
import { buildVersion } from "../../../version.ts"
import { openForReading } from "../../../views/ledger-access.ts"
import { runTool } from "../../agent-tools/run-tool.ts"
import { agentTools, toolNamed } from "../../agent-tools/tool-list.ts"
import type { ToolContext } from "../../agent-tools/tool.ts"
import { answerLine, type McpServer } from "../../mcp/mcp-server.ts"
import { LineSplitter } from "../../socket/lines.ts"
import type { CommandContext, CommandRow, Flags } from "../command.ts"

export const sessionVariable = "SOVEREIGN_LEDGER_SESSION"

const mostLineBytes = 1024 * 1024

export const mcp: CommandRow = {
  path: "mcp",
  summary: "A server of the Model Context Protocol on standard input and output: the record and the receipts of one session",
  options: [
    { flags: "--session <key>", words: `whose record is told of (else the variable ${sessionVariable}); there are no others for who asks` },
    { flags: "--directory <directory>", words: "where files are read and written, and nowhere else; without it none are" },
  ],
  help: `Tools: ${agentTools.map(({ name }) => name).join(", ")}, the same ones that agents of
OpenClaw have (settings "agentTools" and "receipts"). They answer ids, digests, names, times, numbers and outcomes, and no contents. A message is a line of JSON; the server ends with its input.

Examples:
  sovereign-ledger mcp --session agent:main:main --directory ./project
  echo '{"jsonrpc":"2.0","id":1,"method":"tools/list"}' | sovereign-ledger mcp --session agent:main:main`,
  run: async (context, flags) => {
    const server = serverOf(context, flags)
    const { terminal } = context
    const lines: string[] = []
    const splitter = new LineSplitter(mostLineBytes, (line) => void lines.push(line))
    for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
      const isShort = splitter.push(chunk)
      for (const line of lines.splice(0)) await answered(server, line, terminal.write)
      if (!isShort) throw new Fault("cli.usage", { problem: `A message was longer than ${mostLineBytes.toLocaleString("en")} bytes.` })
    }
    return 0
  },
}

async function answered(server: McpServer, line: string, write: (text: string) => Promise<void>): Promise<void> {
  const answer = line.trim() === "" ? undefined : answerLine(server, line)
  if (answer !== undefined) await write(`${answer}\n`)
}

function serverOf(context: CommandContext, flags: Flags): McpServer {
  const session = stringOf(flags["session"]) ?? stringOf(process.env[sessionVariable])
  if (session === undefined) throw new Fault("cli.usage", { problem: `Say whose record: --session KEY, or the variable ${sessionVariable}.` })
  const directory = directoryIn(flags)
  const { files, places, terminal, clocks } = context
  const reading: ToolContext["reading"] = (read) => {
    const access = openForReading(files, places)
    try {
      return read(access)
    } finally {
      access.close()
    }
  }
  return {
    name: "sovereign-ledger",
    version: buildVersion,
    tools: agentTools.map(({ name, title, description, parameters, writes }) => {
      const annotations = { readOnlyHint: !writes, destructiveHint: false, openWorldHint: false }
      return { name, title, description, inputSchema: parameters, annotations }
    }),
    call: (name, told) => {
      const tool = toolNamed(name)
      if (!tool) throw new Error(`the server was asked for ${name}, which is not on its list`)
      const structured = runTool(tool, told, { session, directory, nowMs: clocks.wallMs(), reading }, (words) => terminal.note(words))
      return { structured, isError: structured["status"] === "error" }
    },
  }
}

function directoryIn(flags: Flags): string | undefined {
  const named = stringOf(flags["directory"])
  if (named === undefined) return undefined
  try {
    const directory = realpathSync(named)
    if (statSync(directory).isDirectory()) return directory
  } catch (error) {
    throw new Fault("cli.usage", { problem: `--directory names ${named}, which is not there.` }, error)
  }
  throw new Fault("cli.usage", { problem: `--directory names ${named}, which is no directory.` })
}
