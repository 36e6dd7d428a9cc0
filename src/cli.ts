#!/usr/bin/env node
/** The bin. Checks the Node version before anything is imported: an old one would die of a syntax or link error instead of a sentence. */
const needed = [24, 16] as const
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number)

if (major < needed[0] || (major === needed[0] && minor < needed[1])) {
  process.stderr.write(
    `Sovereign Ledger needs Node ${needed.join(".")} or newer; this is ${process.versions.node}.\n` +
      "Install a newer Node, or run the command through the one OpenClaw uses: openclaw ledger ...\n",
  )
  process.exitCode = 2
} else {
  const { main } = await import("./main.ts")
  const through = process.env["SOVEREIGN_LEDGER_NAME"]
  await main(process.argv.slice(2), through ?? "sovereign-ledger")
}

export {}
